"""What the changes of orders do to the stock: decided by their moves alone, never by the names of statuses.

For each SKU an order's moves are one sum, and the SKUs come in sorted order, so that rows are locked in the
same order everywhere. Goods leaving `free` need a stock status that can be bought; nothing else is ever
refused, and an order that is paid or imported not even that: it is taken and flagged.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.errors import Problem
from ashop_core.models import Effect, Move, Place, Role
from ashop_core.models import Kind as ChangeKind
from ashop_core.payment_record import is_covered
from ashop_core.storage import ensure_name
from ashop_core.texts import Text
from ashop_stock_control.items import create_untracked, find_item, find_items, select_by_sku
from ashop_stock_control.ledger import Kind, Moved, effects_of, move, movement, record_status
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.models import Change, Order
    from ashop_core.shop import Shop
    from ashop_core.transaction import ChangeTransaction

PAID_SHORT = "paid_short"
UNTRACKED = "untracked"

_STEPS: dict[tuple[Place, Place], tuple[tuple[Kind, int, int], ...]] = {
    (Place.FREE, Place.HELD): ((Kind.TAKE, 0, 1),),
    (Place.HELD, Place.GONE): ((Kind.SHIP, -1, -1),),
    (Place.HELD, Place.FREE): ((Kind.RELEASE, 0, -1),),
    (Place.GONE, Place.FREE): ((Kind.TAKE_BACK, 1, 0),),
    (Place.FREE, Place.GONE): ((Kind.TAKE, 0, 1), (Kind.SHIP, -1, -1)),
    (Place.GONE, Place.HELD): ((Kind.UNSHIP, 1, 1),),
}
"""What each move is in the ledger: kind, and by how much a piece changes on hand and held."""


# ── Before the transaction ───────────────────────────────────────────────────────────────────────


def objections(shop: Shop, order: Order, change: Change) -> list[Problem]:
    """Return a reason for each line whose item cannot be bought now; only `carry_out` knows for certain."""
    names = _wanted(shop, order, change)
    if not names or _must_be_taken(order, change):
        return []
    codes = ", ".join(f"'{ensure_name(c)}'" for c in shop.settings.for_plugin(StockSettings).purchasable)
    sql = f"SELECT sku FROM stock_items WHERE {{these}} AND status NOT IN ({codes or 'NULL'})"  # noqa: S608
    with shop.database.read() as reader:
        closed = [row["sku"] for row in select_by_sku(reader, sql, names)]
    return [_sold_out(names[sku]) for sku in sorted(closed)]


def _wanted(shop: Shop, order: Order, change: Change) -> dict[str, str]:
    """Return SKU and name of what the change takes, or of what a checkout will take once it is paid."""
    if change.moves:
        wanted = [m.sku for m in change.moves if m.source is Place.FREE]
    elif change.enters and order.moves_stock and _awaits_payment(shop, change):
        wanted = [line.sku for line in order.lines if line.free]
    else:
        wanted = []
    return {sku: _name(order, sku) for sku in wanted}


def _awaits_payment(shop: Shop, change: Change) -> bool:
    paying = shop.flows.role_or_none(Role.PAYING)
    return paying is not None and paying.code == change.to_status


def _must_be_taken(order: Order, change: Change) -> bool:
    """Tell whether it is too late to refuse: money has come for it, or it was sold elsewhere."""
    if change.kind is ChangeKind.IMPORTED:
        return True
    return change.places and (order.paid > 0 or order.authorised > 0) and is_covered(order)


def _name(order: Order, sku: str) -> str:
    return next((line.name for line in order.lines if line.sku == sku), sku)


def _sold_out(name: str) -> Problem:
    # A customer may read this: the same words whatever the balance and the stock status are.
    return Problem("sold_out", Text(f"{name} är slut", f"{name} is sold out"))


# ── Inside the transaction ───────────────────────────────────────────────────────────────────────


def carry_out(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Move the stock as the change moves the goods; return what was done, or why it cannot be."""
    settings = tx.settings.for_plugin(StockSettings)
    told: list[Effect | Problem] = []
    if change.kind is ChangeKind.IMPORTED:
        told += _add_unknown(tx, order, settings)
    if not change.moves:
        return told
    rows: dict[str, dict[str, Any]] = {}
    at = to_iso(change.at)
    for sku, moves in sorted(_by_sku(change.moves).items()):
        d_on_hand, d_held = _sums(moves)
        moved = _move(tx, order, change, sku, d_on_hand, d_held, told)
        if moved is not None and moved.item.tracked:
            row = _write_down(rows, order, change, moves, at)
            record_status(row, moved.status_before, moved.item.status)
            told += effects_of(moved, d_on_hand, settings)
    tx.insert_all("stock_movements", list(rows.values()))
    if order.flags and not any(line.held for line in order.lines):
        _lower_flags(tx, order)
    return told


def _by_sku(moves: Iterable[Move]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for each in moves:
        found.setdefault(each.sku, []).append(each)
    return found


def _sums(moves: list[Move]) -> tuple[int, int]:
    d_on_hand = d_held = 0
    for each in moves:
        for _, on_hand, held in _STEPS[each.source, each.target]:
            d_on_hand += on_hand * each.quantity
            d_held += held * each.quantity
    return d_on_hand, d_held


def _move(
    tx: ChangeTransaction, order: Order, change: Change, sku: str, d_on_hand: int, d_held: int,
    told: list[Effect | Problem],
) -> Moved | None:  # fmt: skip
    """Move one SKU's sum. Only a sum that leaves less to sell is guarded, and refused with a Problem."""
    settings = tx.settings.for_plugin(StockSettings)
    takes = d_held > d_on_hand
    moved = move(tx, settings, sku, d_on_hand, d_held, only=settings.purchasable if takes else None)
    if moved is not None:
        return moved
    item = find_item(tx, sku)
    if item is None:
        told.append(_add(tx, sku, _name(order, sku), settings))
    elif not _must_be_taken(order, change):
        told.append(_sold_out(_name(order, sku)))
        return None
    else:
        if d_held > 0 and (order.paid or order.authorised):
            tx.flag(PAID_SHORT)
        told.append(_taken_anyway(sku, item.name, item.status, settings))
    return move(tx, settings, sku, d_on_hand, d_held)


def _write_down(
    rows: dict[str, dict[str, Any]], order: Order, change: Change, moves: list[Move], at: str
) -> dict[str, Any]:
    """Add the ledger's rows for one SKU, one for each line and kind, and return the last."""
    row: dict[str, Any] = {}
    for each in moves:
        for kind, on_hand, held in _STEPS[each.source, each.target]:
            cause = f"{order.id}:{change.seq}:{each.position}:{kind.value}"
            if cause not in rows:
                rows[cause] = movement(
                    each.sku, kind, 0, 0, at=at, actor=change.actor, cause=cause, order_id=order.id,
                    position=each.position, seq=change.seq,
                )  # fmt: skip
            row = rows[cause]
            row["d_on_hand"] += on_hand * each.quantity
            row["d_held"] += held * each.quantity
    return row


def _lower_flags(tx: ChangeTransaction, order: Order) -> None:
    """Take the marks away once nothing is held any more: sent, cancelled or returned, it is settled."""
    for code in (PAID_SHORT, UNTRACKED):
        if code in order.flags:
            tx.flag(code, on=False)


# ── SKUs that nobody has put in the stock ────────────────────────────────────────────────────────


def _add_unknown(tx: ChangeTransaction, order: Order, settings: StockSettings) -> list[Effect]:
    known = find_items(tx, (line.sku for line in order.lines))
    names = {line.sku: line.name for line in order.lines if line.sku not in known}
    return [_add(tx, sku, names[sku], settings) for sku in sorted(names)]


def _add(tx: ChangeTransaction, sku: str, name: str, settings: StockSettings) -> Effect:
    """Accept a SKU that is not in the stock: an item without a balance, and the order flagged."""
    create_untracked(tx, sku, name, settings.default_status)
    tx.flag(UNTRACKED)
    return Effect(
        subject=f"stock:{sku}:new",
        before="",
        after=settings.default_status,
        text=Text(
            f"{sku} fanns inte i lagret: upplagd utan lagersaldo",
            f"{sku} was not in the stock: added without a balance",
        ),
    )


def _taken_anyway(sku: str, name: str, status: str, settings: StockSettings) -> Effect:
    label = settings.label(status)
    return Effect(
        subject=f"stock:{sku}:short",
        before=status,
        after=status,
        text=Text(
            f"{name}: {label.sv}, men ordern kan inte nekas längre och tog den ändå",
            f"{name}: {label.en}, but the order can no longer be refused and took it anyway",
        ),
    )
