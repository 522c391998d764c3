"""What the changes of orders do to the stock: decided by their moves alone, never by the names of statuses.

For each SKU an order's moves are one sum, and the SKUs come in sorted order, so that rows are locked in the
same order everywhere. Goods leaving `free` need a stock status that can be bought; nothing else is ever
refused, and an order that is paid or imported not even that: it is taken and flagged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.errors import Problem
from ashop_core.models import Effect, Move, Place, Role
from ashop_core.models import Kind as ChangeKind
from ashop_core.payment_record import is_covered
from ashop_core.storage import ensure_name
from ashop_core.texts import Text
from ashop_stock_control.items import create_untracked, find_item, find_items, select_by_sku
from ashop_stock_control.ledger import Kind, effects_of, move, movement, record_status
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.models import Change, Order
    from ashop_core.shop import Shop
    from ashop_core.transaction import ChangeTransaction
    from ashop_stock_control.items import StockItem

PAID_SHORT = "paid_short"
UNTRACKED = "untracked"
_NO_STATUS = "''"

_STEPS: dict[tuple[Place, Place], tuple[tuple[Kind, int, int], ...]] = {
    (Place.FREE, Place.HELD): ((Kind.TAKE, 0, 1),),
    (Place.HELD, Place.GONE): ((Kind.SHIP, -1, -1),),
    (Place.HELD, Place.FREE): ((Kind.RELEASE, 0, -1),),
    (Place.GONE, Place.FREE): ((Kind.TAKE_BACK, 1, 0),),
    (Place.FREE, Place.GONE): ((Kind.TAKE, 0, 1), (Kind.SHIP, -1, -1)),
    (Place.GONE, Place.HELD): ((Kind.UNSHIP, 1, 1),),
}
"""What each move is in the ledger: kind, and by how much a piece changes on hand and held.

An undo writes them all back: one row for each row of the change that it undoes, with that one's cause in its own.
"""


# ── Before the transaction ───────────────────────────────────────────────────────────────────────


def objections(shop: Shop, order: Order, change: Change) -> list[Problem]:
    """Return a reason for each line whose item cannot be bought now; only `carry_out` knows for certain."""
    wanted = _wanted(shop, order, change)
    if not wanted or _must_be_taken(order, change):
        return []
    sql = _closed_sql(shop.settings.for_plugin(StockSettings).purchasable)
    with shop.database.read() as reader:
        closed = [row["sku"] for row in select_by_sku(reader, sql, wanted)]
    names = _names(order) if closed else {}
    return [_sold_out(names[sku]) for sku in sorted(closed)]


@lru_cache(maxsize=64)
def _closed_sql(purchasable: tuple[str, ...]) -> str:
    codes = ", ".join(f"'{ensure_name(code)}'" for code in purchasable) or _NO_STATUS
    return f"SELECT sku FROM stock_items WHERE {{these}} AND status NOT IN ({codes})"  # noqa: S608 - names checked


def _wanted(shop: Shop, order: Order, change: Change) -> list[str]:
    """Return the SKUs that the change takes, or that a checkout will take once it is paid."""
    if change.moves:
        return [sku for sku, moves in _by_sku(change.moves).items() if _leaves_less(*_sums(moves))]
    if change.enters and order.moves_stock and _awaits_payment(shop, change):
        return [line.sku for line in order.lines if line.free]
    return []


def _awaits_payment(shop: Shop, change: Change) -> bool:
    paying = shop.flows.role_or_none(Role.PAYING)
    return paying is not None and paying.code == change.to_status


def _must_be_taken(order: Order, change: Change) -> bool:
    """Tell whether it is too late to refuse: money has come for it, or it was sold elsewhere."""
    if change.kind is ChangeKind.IMPORTED:
        return True
    return change.places and (order.paid > 0 or order.authorised > 0) and is_covered(order)


def _names(order: Order) -> dict[str, str]:
    """Return what the order calls each SKU; of several lines, the first."""
    return {line.sku: line.name for line in reversed(order.lines)}


def _sold_out(name: str) -> Problem:
    # A customer may read this: the same words whatever the balance and the stock status are.
    return Problem("sold_out", Text(f"{name} är slut", f"{name} is sold out"))


# ── Inside the transaction ───────────────────────────────────────────────────────────────────────


def carry_out(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Move the stock as the change moves the goods; return what was done, or why it cannot be."""
    if not change.moves and change.kind is not ChangeKind.IMPORTED:
        return []
    work = _Work(tx, order, change)
    if change.kind is ChangeKind.IMPORTED:
        work.add_unknown()
    for sku, moves in sorted(_by_sku(change.moves).items()):
        work.move(sku, moves)
    tx.insert_all("stock_movements", list(work.rows.values()))
    if change.moves and order.flags and not any(line.held for line in order.lines):
        work.lower_flags()
    return work.told


def _by_sku(moves: Iterable[Move]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for each in moves:
        found.setdefault(each.sku, []).append(each)
    return found


def _sums(moves: list[Move]) -> tuple[int, int]:
    """Return by how much these moves change on hand and held."""
    d_on_hand = d_held = 0
    for each in moves:
        for _, on_hand, held in _STEPS[each.source, each.target]:
            d_on_hand += on_hand * each.quantity
            d_held += held * each.quantity
    return d_on_hand, d_held


def _leaves_less(d_on_hand: int, d_held: int) -> bool:
    """Tell whether less may be sold afterwards; only that is ever refused."""
    return d_held > d_on_hand


class _Work:
    """A change of an order on its way through the stock: the ledger's rows by their cause, and what to tell."""

    def __init__(self, tx: ChangeTransaction, order: Order, change: Change) -> None:
        self.tx = tx
        self.order = order
        self.change = change
        self.settings = tx.settings.for_plugin(StockSettings)
        self.rows: dict[str, dict[str, Any]] = {}
        self.told: list[Effect | Problem] = []
        self._at = to_iso(change.at)

    def move(self, sku: str, moves: list[Move]) -> None:
        """Move one SKU's sum, or tell why it cannot be."""
        d_on_hand, d_held = _sums(moves)
        only = self.settings.purchasable if _leaves_less(d_on_hand, d_held) else None
        moved = move(self.tx, self.settings, sku, d_on_hand, d_held, only=only)
        if moved is None and self._goes_on(sku, d_held):
            moved = move(self.tx, self.settings, sku, d_on_hand, d_held)
        if moved is not None and moved.item.tracked:
            row = self._write_down(moves)
            record_status(row, moved.status_before, moved.item.status)
            self.told += effects_of(moved, d_on_hand, self.settings)

    def add_unknown(self) -> None:
        """Accept every SKU of the order that is not in the stock."""
        known = find_items(self.tx, self._names)
        for sku in sorted(set(self._names) - set(known)):
            self._add(sku)

    def lower_flags(self) -> None:
        """Take the marks away once nothing is held any more: sent, cancelled or returned, it is settled."""
        for code in (PAID_SHORT, UNTRACKED):
            if code in self.order.flags:
                self.tx.flag(code, on=False)

    @cached_property
    def _names(self) -> dict[str, str]:
        return _names(self.order)

    def _goes_on(self, sku: str, d_held: int) -> bool:
        """Find out why a SKU did not move, and tell whether it is to move all the same."""
        item = find_item(self.tx, sku)
        if item is None:
            self._add(sku)
            return True
        if not _must_be_taken(self.order, self.change):
            self.told.append(_sold_out(self._names.get(sku, sku)))
            return False
        if d_held > 0 and (self.order.paid or self.order.authorised):
            self.tx.flag(PAID_SHORT)
        self.told.append(_taken_anyway(item, self.settings))
        return True

    def _add(self, sku: str) -> None:
        """Accept a SKU that is not in the stock: an item without a balance, and the order flagged."""
        status = self.settings.default_status
        create_untracked(self.tx, sku, self._names.get(sku, sku), status)
        self.tx.flag(UNTRACKED)
        words = Text(
            f"{sku} fanns inte i lagret: upplagd utan lagersaldo",
            f"{sku} was not in the stock: added without a balance",
        )
        self.told.append(Effect(subject=f"stock:{sku}:new", before="", after=status, text=words))

    def _write_down(self, moves: list[Move]) -> dict[str, Any]:
        """Add the ledger's rows for one SKU, one for each line and kind, and return the last."""
        row = dict[str, Any]()
        for each in moves:
            for cause, kind, on_hand, held in self._steps(each):
                if cause not in self.rows:
                    self.rows[cause] = movement(
                        each.sku, kind, 0, 0, at=self._at, actor=self.change.actor, cause=cause,
                        order_id=self.order.id, position=each.position, seq=self.change.seq,
                    )  # fmt: skip
                row = self.rows[cause]
                row["d_on_hand"] += on_hand * each.quantity
                row["d_held"] += held * each.quantity
        return row

    def _steps(self, each: Move) -> Iterator[tuple[str, Kind, int, int]]:
        """Yield the steps of a move, each with the cause that it can have only once."""
        undoes, order_id = self.change.undoes, self.order.id
        if undoes is None:
            for kind, on_hand, held in _STEPS[each.source, each.target]:
                yield _cause(order_id, self.change.seq, each.position, kind), kind, on_hand, held
        else:
            for kind, on_hand, held in _STEPS[each.target, each.source]:
                yield f"undo:{_cause(order_id, undoes, each.position, kind)}", Kind.UNDO, -on_hand, -held


def _cause(order_id: int, seq: int, position: int, kind: Kind) -> str:
    return f"{order_id}:{seq}:{position}:{kind.value}"


def _taken_anyway(item: StockItem, settings: StockSettings) -> Effect:
    label = settings.label(item.status)
    return Effect(
        subject=f"stock:{item.sku}:short",
        before=item.status,
        after=item.status,
        text=Text(
            f"{item.name}: {label.sv}, men ordern kan inte nekas längre och tog den ändå",
            f"{item.name}: {label.en}, but the order can no longer be refused and took it anyway",
        ),
    )
