"""What the changes of orders do to the stock: decided by their moves alone, never by the names of statuses.

For each SKU an order's moves are one sum, and the SKUs come in sorted order, so that rows are locked in the
same order everywhere. Goods leaving `free` need a stock status that can be bought, and enough of them for the item's
policy or a custom rule's consent; nothing else is ever refused, and an order that is paid or imported not even
that: it is taken and flagged.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.errors import PluginError, Problem
from ashop_core.models import Effect, Place, Stage
from ashop_core.models import Kind as ChangeKind
from ashop_core.texts import joined
from ashop_stock_control import checkout_holds
from ashop_stock_control.asking import NO_OPINION, Answer, Rules
from ashop_stock_control.demand import (
    demands,
    kept_of,
    must_be_taken,
    names_of,
    not_available,
    said_by,
    shortage,
    told_alike,
    unknown_items,
)
from ashop_stock_control.effects import effects_of, fault_effect, new_item_effect, taken_anyway_effect
from ashop_stock_control.items import StockItem, create_untracked, find_item, find_items
from ashop_stock_control.judging import Judge
from ashop_stock_control.ledger import Guard, Moved, move, movement, record_steps
from ashop_stock_control.planning import Retaken, plan, write_down
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.takes import Row, Takes, sums

if TYPE_CHECKING:
    from ashop_core.models import Change, Order
    from ashop_core.transaction import ChangeTransaction

PAID_SHORT = "paid_short"
UNTRACKED = "untracked"


def carry_out(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Move the stock as the change moves the goods; return what was done, or why it cannot be."""
    work = _Work(tx, order, change)
    if change.kind is ChangeKind.IMPORTED:
        work.add_unknown()
    if change.kind is ChangeKind.DETAILS and any(line.held for line in order.lines):
        work.ask_of_another_buyer()
    retaken = work.retake()
    if change.moves or retaken:
        work.let_others_lapse()
        work.ask_rules()
        for sku, rows in sorted(plan(change, work.takes, retaken).items()):
            work.move(sku, rows)
        write_down(tx, work.written)
        if order.flags and not any(line.held for line in order.lines):
            work.lower_flags()
    work.begin_holds()
    return [*work.told, *work.faults()]


class _Work:
    """A change of an order on its way through the stock: what it wants, the ledger's rows, and what to tell."""

    def __init__(self, tx: ChangeTransaction, order: Order, change: Change) -> None:
        self.tx = tx
        self.order = order
        self.change = change
        self.settings = tx.settings.for_plugin(StockSettings)
        self.judge = Judge(self.settings, tx.plugins, faults=[] if must_be_taken(order, change) else None)
        self.told: list[Effect | Problem] = []
        self._at = to_iso(change.at)
        self._wanted = demands(change.moves)
        self._answers: dict[str, Answer] = {}
        self.written: list[tuple[Row, dict[str, Any]]] = []

    # ── What is asked for ────────────────────────────────────────────────────────────────────────

    @cached_property
    def takes(self) -> Takes:
        """What the order has taken by now; read only where something goes on from it."""
        if any(m.source is not Place.FREE for m in self.change.moves) or self.change.undoes is not None:
            return Takes.read(self.tx, self.order.id)
        return Takes(self.order.id)

    def retake(self) -> list[Retaken]:
        """Return what a checkout says it holds though its time ran out: lines, SKUs, pieces, to be taken anew."""
        kept = kept_of(self.order, self.change)
        held = any(kept.values()) or any(move.source is Place.HELD for move in self.change.moves)
        if not (held and self._moves_on and self._is_checkout(self.change.from_status)):
            return []
        run_out = checkout_holds.end(self.tx, self.judge, self.order.id, self._at)
        found = [
            (line.position, line.sku, kept[line.position])
            for line in self.order.lines
            if line.sku in run_out and kept[line.position]
        ]
        for _, sku, quantity in found:
            self._wanted[sku] = self._wanted.get(sku, 0) + quantity
        return found

    def begin_holds(self) -> None:
        """Hold what a checkout has taken for a while, counted from now on."""
        held = {line.sku for line in self.order.lines if line.held}
        if held and self._moves_on and self.order.moves_stock and self._is_checkout(self.change.to_status):
            until = self.change.at + timedelta(minutes=self.settings.hold_minutes)
            checkout_holds.begin(self.tx, self.order.id, held, until)

    @property
    def _moves_on(self) -> bool:
        return self.change.enters or bool(self.change.moves)

    def _is_checkout(self, status: str | None) -> bool:
        return status is not None and self.tx.flows.status(status).stage is Stage.CHECKOUT

    def let_others_lapse(self) -> None:
        """Free what other checkouts hold of the items and did not pay in time."""
        if self._wanted and checkout_holds.are_used(self.tx.flows):
            checkout_holds.let_go(self.tx, self.judge, self._wanted, self._at)

    def ask_rules(self) -> None:
        """Ask the shop's custom rules about what is taken, each item's row locked."""
        if not self._wanted:
            return
        try:
            rules = Rules.of(self.tx.plugins, self.settings)
            self._answers = self._answers_of(rules) if rules else {}
        except PluginError as fault:
            if not must_be_taken(self.order, self.change):
                raise
            # The customer has paid: a rule that does not work is as good as one that refuses, and staff are told.
            said = Answer((Problem("rule_failed", fault.text),))
            self._answers = dict.fromkeys(self._wanted, said)

    def _answers_of(self, rules: Rules) -> dict[str, Answer]:
        self.tx.lock("stock_items", [{"sku": sku} for sku in sorted(self._wanted)])
        items = find_items(self.tx, self._wanted)
        for sku in sorted(unknown_items(self._names, set(self._wanted) - set(items), self.settings)):
            items[sku] = self._add(sku)
        return rules.answers(
            self.tx, self.order, items, self._wanted, actor=self.change.actor, now=self.change.at
        )

    def ask_of_another_buyer(self) -> None:
        """Ask the rules anew of what a checkout holds on to: whoever it is held for may be another than before.

        A rule that looks at no earlier purchases does not mind who it is, and has been asked.
        """
        rules = Rules.of(self.tx.plugins, self.settings)
        kept = checkout_holds.kept(self.tx, self.order.id, self._at) if rules and rules.windows else {}
        if not rules or not kept:
            return
        self.tx.lock("stock_items", [{"sku": sku} for sku in sorted(kept)])
        items = {
            sku: checkout_holds.without(self.judge, item, kept[sku])
            for sku, item in find_items(self.tx, kept).items()
        }
        answers = rules.answers(self.tx, self.order, items, kept, actor=self.change.actor, now=self.change.at)
        for sku, answer in answers.items():
            self.told += told_alike(self._names.get(sku, sku), answer.refusals)

    # ── What is done ─────────────────────────────────────────────────────────────────────────────

    def faults(self) -> list[Effect]:
        """Tell of the rules that failed to give a stock status, each once."""
        faults = {fault.text: fault for fault in self.judge.faults or ()}
        return [fault_effect(fault) for fault in faults.values()]

    def move(self, sku: str, rows: list[Row]) -> None:
        """Move one SKU's sum, or tell why it cannot be."""
        d_on_hand, d_held = sums(rows)
        moved = self._allowed(sku, d_on_hand, d_held)
        if moved is None and self._frees(sku):
            self.ask_rules()
            moved = self._allowed(sku, d_on_hand, d_held)
        if moved is None and self._goes_on(sku, self._refusals(sku)):
            moved = self._move(sku, d_on_hand, d_held, None)
        if moved is None or not moved.item.tracked:
            return
        written = [self._movement(row) for row in rows]
        record_steps(written[-1], moved)
        self.written += zip(rows, written, strict=True)
        self.told += effects_of(moved, d_on_hand, self.settings)

    def _refusals(self, sku: str) -> tuple[Problem, ...]:
        return self._answers.get(sku, NO_OPINION).refusals

    def _allowed(self, sku: str, d_on_hand: int, d_held: int) -> Moved | None:
        """Move a SKU unless a rule, its status or its policy refuses."""
        if self._refusals(sku):
            return None
        return self._move(sku, d_on_hand, d_held, self._guard(sku))

    def _move(self, sku: str, d_on_hand: int, d_held: int, guard: Guard | None) -> Moved | None:
        return move(
            self.tx, self.judge, sku, d_on_hand, d_held, at=self._at, order_id=self.order.id, guard=guard
        )

    def _frees(self, sku: str) -> bool:
        """Let holds lapse that were begun before the shop left off holding; tell whether there were any."""
        used = checkout_holds.are_used(self.tx.flows)
        return not used and checkout_holds.let_go(self.tx, self.judge, [sku], self._at) > 0

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
        demand = self._wanted.get(sku, 0)
        if not must_be_taken(self.order, self.change):
            name = self._names.get(sku, sku)
            self.told += told_alike(name, refusals) or (not_available(name, item, demand, self.settings),)
            return False
        if self.order.paid or self.order.authorised:
            self.tx.flag(PAID_SHORT, on=self.change.places or any(line.held for line in self.order.lines))
        why = [said_by(refusal) for refusal in refusals] or [shortage(item, demand, self.settings)]
        self.told.append(taken_anyway_effect(item, joined(why, "; ")))
        return True

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

    def _add(self, sku: str) -> StockItem:
        """Accept a SKU that is not in the stock: an item without a balance, and the order flagged."""
        status = self.settings.default_status
        item = create_untracked(self.tx, sku, self._names.get(sku, sku), status)
        self.tx.flag(UNTRACKED)
        self.told.append(new_item_effect(item))
        return item

    def lower_flags(self) -> None:
        """Take the marks away once nothing is held any more: sent, cancelled or returned, it is settled."""
        for code in (PAID_SHORT, UNTRACKED):
            if code in self.order.flags:
                self.tx.flag(code, on=False)
