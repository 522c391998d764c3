"""What the changes of orders do to the stock: decided by their moves alone, never by the names of statuses.

For each SKU an order's moves are one sum, and the SKUs come in sorted order, so that rows are locked in the
same order everywhere. Goods leaving `free` need a stock status that can be bought, and enough of them for the item's
policy or a custom rule's consent; nothing else is ever refused, and an order that is paid or imported not even
that: it is taken and flagged.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.errors import Problem
from ashop_core.models import Effect, Place, Stage
from ashop_core.models import Kind as ChangeKind
from ashop_core.texts import Text
from ashop_stock_control import checkout_holds
from ashop_stock_control.asking import NO_OPINION, Answer, Rules
from ashop_stock_control.demand import demands, must_be_taken, names_of, not_available
from ashop_stock_control.effects import effects_of
from ashop_stock_control.items import StockItem, create_untracked, find_item, find_items
from ashop_stock_control.judging import Judge
from ashop_stock_control.ledger import Guard, Kind, move, movement, record_steps
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.takes import Row, Takes, sums
from ashop_stock_control.verdicts import StockQuestion

if TYPE_CHECKING:
    from ashop_core.models import Change, Move, Order
    from ashop_core.transaction import ChangeTransaction

PAID_SHORT = "paid_short"
UNTRACKED = "untracked"


def carry_out(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Move the stock as the change moves the goods; return what was done, or why it cannot be."""
    work = _Work(tx, order, change)
    if change.kind is ChangeKind.IMPORTED:
        work.add_unknown()
    retaken = work.retake()
    if not change.moves and not retaken:
        return work.told
    work.let_others_lapse()
    work.ask_rules()
    for sku, rows in sorted(work.plan(retaken).items()):
        work.move(sku, rows)
    work.write_down()
    if work.in_checkout and (retaken or checkout_holds.are_used(tx.flows)):
        checkout_holds.keep(tx, order, change)
    if order.flags and not any(line.held for line in order.lines):
        work.lower_flags()
    return work.told


class _Work:
    """A change of an order on its way through the stock: what it wants, the ledger's rows, and what to tell."""

    def __init__(self, tx: ChangeTransaction, order: Order, change: Change) -> None:
        self.tx = tx
        self.order = order
        self.change = change
        self.settings = tx.settings.for_plugin(StockSettings)
        self.judge = Judge(self.settings, tx.plugins)
        self.told: list[Effect | Problem] = []
        self._at = to_iso(change.at)
        self._wanted = demands(change.moves)
        self._answers: dict[str, Answer] = {}
        self._written: list[tuple[Row, dict[str, Any]]] = []

    # ── What is asked for ────────────────────────────────────────────────────────────────────────

    @cached_property
    def in_checkout(self) -> bool:
        """Whether the order is in its checkout before or after the change."""
        statuses = (self.change.from_status, self.change.to_status)
        stages = [self.tx.flows.status(code).stage for code in statuses if code is not None]
        return Stage.CHECKOUT in stages

    @cached_property
    def takes(self) -> Takes:
        """What the order has taken by now; read only where something goes on from it."""
        if any(m.source is not Place.FREE for m in self.change.moves) or self.change.undoes is not None:
            return Takes.read(self.tx, self.order.id)
        return Takes(self.order.id)

    def retake(self) -> list[tuple[int, str, int]]:
        """Return what the order says it holds though its time ran out: lines, SKUs, pieces, to be taken anew."""
        if not (self.in_checkout and self.change.enters):
            return []
        kept = {line.position: line.held for line in self.order.lines}
        for each in self.change.moves:
            kept[each.position] = (
                kept.get(each.position, 0)
                - each.quantity * (each.target is Place.HELD)
                + each.quantity * (each.target is Place.GONE and each.source is Place.HELD)
            )
        if not any(pieces > 0 for pieces in kept.values()):
            return []
        lapsed = checkout_holds.lapsed_skus(self.tx, self.order.id)
        found = [
            (line.position, line.sku, kept[line.position])
            for line in self.order.lines
            if line.sku in lapsed and kept[line.position] > 0
        ]
        for _, sku, quantity in found:
            self._wanted[sku] = self._wanted.get(sku, 0) + quantity
        return found

    def let_others_lapse(self) -> None:
        """Free what other checkouts hold of the items and did not pay in time."""
        if not self._wanted or not checkout_holds.are_used(self.tx.flows):
            return
        due = checkout_holds.due(self.tx, self._wanted, self._at)
        if due:
            self.tx.lock("stock_items", [{"sku": sku} for sku in sorted(self._wanted)])
        for order_id, sku in due:
            if order_id != self.order.id:
                checkout_holds.lapse(self.tx, self.judge, order_id, sku, self._at)

    def ask_rules(self) -> None:
        """Ask the shop's custom rules about what is taken, each item's row locked."""
        rules = Rules.of(self.tx.plugins, self.settings) if self._wanted else None
        if rules is None:
            return
        self.tx.lock("stock_items", [{"sku": sku} for sku in sorted(self._wanted)])
        items = find_items(self.tx, self._wanted)
        bought = rules.bought(self.tx, self.order, items, self.change.at)
        for sku, item in items.items():
            if item.status in self.settings.purchasable:
                question = StockQuestion(
                    item=item, terms=self.settings.terms(item), demand=self._wanted[sku], order=self.order,
                    actor=self.change.actor, now=self.change.at, bought=bought.get(sku, ()),
                )  # fmt: skip
                self._answers[sku] = rules.ask(question)

    # ── What is done ─────────────────────────────────────────────────────────────────────────────

    def plan(self, retaken: list[tuple[int, str, int]]) -> dict[str, list[Row]]:
        """Return the ledger's rows of the change by SKU, one for each cause."""
        seq, planned = self.change.seq, dict[str, dict[str, Row]]()
        rows = [self.takes.take(position, sku, quantity, seq) for position, sku, quantity in retaken]
        for each in self.change.moves:
            rows += self._rows(each)
        for row in rows:
            same = planned.setdefault(row.sku, {}).setdefault(row.cause, row)
            if same is not row:
                same.d_on_hand += row.d_on_hand
                same.d_held += row.d_held
        return {sku: list(by_cause.values()) for sku, by_cause in planned.items()}

    def _rows(self, each: Move) -> list[Row]:
        takes, seq = self.takes, self.change.seq
        if self.change.undoes is not None:
            undone = list(takes.undone(self.change.undoes, each.position, each.sku))
            if undone:
                return undone
        if each.source is not Place.FREE:
            return list(takes.onward(each, seq))
        rows = [takes.take(each.position, each.sku, each.quantity, seq)]
        if each.target is Place.GONE:
            taken = rows[0].take
            assert taken is not None, "a new take refers to itself"
            taken.held, taken.gone = 0, each.quantity
            cause = f"{self.order.id}:{seq}:{each.position}:{Kind.SHIP.value}:new"
            rows.append(Row(Kind.SHIP, each.sku, each.position, -each.quantity, -each.quantity, cause, taken))
        return rows

    def move(self, sku: str, rows: list[Row]) -> None:
        """Move one SKU's sum, or tell why it cannot be."""
        d_on_hand, d_held = sums(rows)
        guard = self._guard(sku)
        refusals = self._answers.get(sku, NO_OPINION).refusals
        moved = None if refusals else self._move(sku, d_on_hand, d_held, guard)
        if moved is None and self._goes_on(sku, refusals):
            moved = self._move(sku, d_on_hand, d_held, None)
        if moved is None or not moved.item.tracked:
            return
        written = [self._movement(row) for row in rows]
        record_steps(written[-1], moved)
        self._written += zip(rows, written, strict=True)
        self.told += effects_of(moved, d_on_hand, self.settings)

    def _move(self, sku: str, d_on_hand: int, d_held: int, guard: Guard | None) -> Any:
        return move(
            self.tx, self.judge, sku, d_on_hand, d_held, at=self._at, order_id=self.order.id, guard=guard
        )

    def _guard(self, sku: str) -> Guard | None:
        if sku not in self._wanted:
            return None
        allowed = self._answers.get(sku, NO_OPINION).allowed
        return Guard(self.settings.purchasable, None if allowed else self.settings.enough)

    def _goes_on(self, sku: str, refusals: tuple[Problem, ...]) -> bool:
        """Find out why a SKU did not move, and tell whether it is to move all the same."""
        item = find_item(self.tx, sku)
        if item is None:
            self._add(sku)
            return True
        if not must_be_taken(self.order, self.change):
            name, demand = self._names.get(sku, sku), self._wanted.get(sku, 0)
            self.told += refusals or (not_available(name, item, demand, self.settings),)
            return False
        if self.order.paid or self.order.authorised:
            self.tx.flag(PAID_SHORT)
        self.told.append(_taken_anyway(item, self.settings))
        return True

    def write_down(self) -> None:
        """Write the rows of the ledger; a take that another row refers to goes first, to have a number."""
        named = set[int]()
        for row, _ in self._written:
            if row.take is not None and row.take.id is None and not row.begins:
                named.add(id(row.take))
        several = []
        for row, values in self._written:
            if row.begins and id(row.take) in named:
                assert row.take is not None
                row.take.id = self.tx.insert("stock_movements", values)
            else:
                several.append((row, values))
        for row, values in several:
            values["origin"] = None if row.take is None or row.begins else row.take.id
        self.tx.insert_all("stock_movements", [values for _, values in several])

    def _movement(self, row: Row) -> dict[str, Any]:
        return movement(
            row.sku, row.kind, row.d_on_hand, row.d_held, at=self._at, actor=self.change.actor, cause=row.cause,
            order_id=self.order.id, position=row.position, seq=self.change.seq,
        )  # fmt: skip

    # ── Items that are not there, flags ──────────────────────────────────────────────────────────

    @cached_property
    def _names(self) -> dict[str, str]:
        return names_of(self.order)

    def add_unknown(self) -> None:
        """Accept every SKU of the order that is not in the stock."""
        known = find_items(self.tx, self._names)
        for sku in sorted(set(self._names) - set(known)):
            self._add(sku)

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

    def lower_flags(self) -> None:
        """Take the marks away once nothing is held any more: sent, cancelled or returned, it is settled."""
        for code in (PAID_SHORT, UNTRACKED):
            if code in self.order.flags:
                self.tx.flag(code, on=False)


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
