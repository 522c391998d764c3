"""What people and programs write to the stock themselves: goods received, counted, adjusted, statuses set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ashop_core.clock import from_iso, to_iso
from ashop_stock_control.checks import check_note
from ashop_stock_control.effects import effects_of, status_effect
from ashop_stock_control.judging import Judge
from ashop_stock_control.ledger import (
    Kind,
    movement,
    record_status,
    record_steps,
    set_status,
    settle,
    shift,
)
from ashop_stock_control.rules import why_words
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.tracking import Hold, begin, held_by_orders

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.models import Effect
    from ashop_core.shop import Shop
    from ashop_stock_control.items import StockItem, WriteHandle

BY_HAND = "hand"
STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class StockOutcome:
    """An item as it stands after something was done to it, and what that was. No effects: nothing changed."""

    item: StockItem
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Clerk:
    """Writes in one transaction for one person. The rows of the items must be locked, or new."""

    tx: WriteHandle
    judge: Judge
    flows: Flows
    at: str
    actor: str
    note: str

    @property
    def settings(self) -> StockSettings:
        """The settings of stock control in this shop."""
        return self.judge.settings

    def book(
        self, item: StockItem, kind: Kind, d_on_hand: int, *, status: str | None = None,
        cause: str | None = None, first: bool = False,
    ) -> StockOutcome:  # fmt: skip
        """Change what is on hand. With a `status` the item gets that one; otherwise the rules are asked.

        `first`: this is the item's first balance (`begin` was just called).
        """
        moved = shift(self.tx, item.sku, d_on_hand, 0)
        assert moved is not None, "the row was locked"
        row = movement(
            item.sku, kind, d_on_hand, 0, at=self.at, actor=self.actor, note=self.note, cause=cause
        )
        judge = self.judge if status is None else None
        settle(self.tx, self.settings, judge, moved, at=self.at, first=first)
        record_steps(row, moved)
        if first:
            row["balance_before"] = None
        if status is not None and status != item.status:
            moved.item = set_status(self.tx, moved.item, status, by_hand=True)
            record_status(row, moved.status_before, status, BY_HAND)
        elif status is not None and self.judge.due(moved.item):
            # chosen by a person, though it is the one it had: rules applied to all items leave it alone
            moved.item = set_status(self.tx, moved.item, status, by_hand=True)
        self.tx.insert("stock_movements", row)
        effects = effects_of(moved, d_on_hand, self.settings, first=first)
        if status is not None and status != item.status:
            effects.append(self._by_hand(moved.item, item.status, status))
        return StockOutcome(item=moved.item, effects=tuple(effects))

    def counted(self, outcome: StockOutcome) -> StockOutcome:
        """Write down that the item was counted now."""
        at = {"sku": outcome.item.sku, "at": self.at}
        self.tx.execute("UPDATE stock_items SET counted_at = :at WHERE sku = :sku", at)
        return replace(outcome, item=replace(outcome.item, counted_at=from_iso(self.at)))

    def begin(self, item: StockItem, holds: list[Hold] | None = None) -> StockItem:
        """Begin to count an item that is not tracked, with what open orders hold of it."""
        if holds is None:
            holds = held_by_orders(self.tx, self.flows, [item.sku]).get(item.sku, [])
        return begin(self.tx, item, holds, self.at, self.actor)

    def give_status(self, item: StockItem, status: str) -> StockOutcome:
        """Give an item another stock status; it stands until a rule fires or somebody sets another."""
        if item.status == status:
            return StockOutcome(item=item)
        changed = set_status(self.tx, item, status, by_hand=True)
        row = movement(item.sku, Kind.STATUS, 0, 0, at=self.at, actor=self.actor, note=self.note)
        record_status(row, item.status, status, BY_HAND)
        self.tx.insert("stock_movements", row)
        return StockOutcome(item=changed, effects=(self._by_hand(changed, item.status, status),))

    def _by_hand(self, item: StockItem, before: str, after: str) -> Effect:
        return status_effect(item, before, after, why_words(BY_HAND), self.settings)


class _RehearsedError(Exception):
    """Carries a dry run out of its transaction, so that it rolls back."""


@contextmanager
def writing(shop: Shop, actor: str, note: str, dry_run: bool) -> Iterator[Clerk]:
    """Open a write transaction for a clerk; a dry run is rolled back at its end.

    The actor ``staff`` is whoever works at the shop's desk, as in the history of orders.
    """
    note = check_note(note)
    try:
        with shop.database.write() as tx:
            yield Clerk(
                tx=tx,
                judge=Judge.of(shop.plugins),
                flows=shop.flows,
                at=to_iso(shop.clock()),
                actor=shop.staff if actor == STAFF else actor,
                note=note,
            )
            if dry_run:
                raise _RehearsedError
    except _RehearsedError:
        pass  # rolled back, as meant
