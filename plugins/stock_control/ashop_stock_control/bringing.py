"""One transaction's share of an import: each item added, or brought to what is given for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ashop_stock_control.by_hand import Clerk
from ashop_stock_control.editing import Edits, edit, record_new
from ashop_stock_control.items import StockItem, find_items, select_by_sku, values_of
from ashop_stock_control.ledger import Kind
from ashop_stock_control.new_items import Mode, NewItem, figure_of
from ashop_stock_control.policies import OPEN, STRICT, Policy
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.tracking import Hold, held_by_orders


@dataclass(frozen=True, slots=True)
class Brought:
    """The item at this place of those given: as it was, None if it is new, and as it is now."""

    place: int
    before: StockItem | None
    after: StockItem


@dataclass
class Batch:
    """Brings the items of one transaction to what is given for them."""

    clerk: Clerk
    mode: Mode
    key: str | None
    holds: dict[str, list[Hold]] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)

    def bring(self, batch: list[NewItem], start: int) -> list[Brought]:
        """Write a batch, the first of it at the place `start` of those given."""
        clerk, skus = self.clerk, [new.sku for new in batch]
        clerk.tx.lock("stock_items", [{"sku": sku} for sku in sorted(skus)])
        known = find_items(clerk.tx, skus)
        fresh = {new.sku: blank(new, clerk.settings) for new in batch if new.sku not in known}
        clerk.tx.insert_all("stock_items", [values_of(item) for item in fresh.values()])
        items = {**known, **fresh}
        first = [new.sku for new in batch if new.has_figure and not items[new.sku].tracked]
        self.holds = held_by_orders(clerk.tx, clerk.flows, first) if first else {}
        self.counted = self._counted(skus)
        return [
            Brought(start + n, known.get(new.sku), self._bring(items[new.sku], new, fresh=new.sku in fresh))
            for n, new in enumerate(batch)
        ]

    def _bring(self, item: StockItem, new: NewItem, *, fresh: bool) -> StockItem:
        if item.sku in self.counted:
            return item
        whole = fresh or self.mode is Mode.UPDATE
        figure = figure_of(new, self.mode)
        if not fresh and whole:
            item = self._edit(item, new)
            if new.by_hand is False and (item.tracked or figure is not None):
                new = replace(
                    new, status=None
                )  # the rules gave it, and they see the balance that is given now
        elif fresh and (figure is None or has_terms(item)):
            record_new(self.clerk, item)
        if figure is None:
            return self._give_status(item, new) if whole else item
        return self._book(
            item, new, figure, whole=whole, was=self.clerk.settings.default_status if fresh else item.status
        )

    def _edit(self, item: StockItem, new: NewItem) -> StockItem:
        edits = _edits(new, item, self.clerk.settings)
        if edits is not None:
            item = edit(self.clerk, item, edits).item
        if new.counted_at is not None and (item.counted_at is None or item.counted_at < new.counted_at):
            item = self._set(item, counted_at=new.counted_at)
        return item

    def _give_status(self, item: StockItem, new: NewItem) -> StockItem:
        """Give an item, to which no figure is given, the status that it was given."""
        if new.status is not None:
            given = self.clerk.give_status(item, new.status).item
        elif new.flag is not None and not item.tracked and self._buyable(item) != new.flag.buyable:
            given = self.clerk.give_status(item, new.flag.status).item
        else:
            return item
        return given if new.by_hand in (None, given.by_hand) else self._set(given, by_hand=new.by_hand)

    def _book(self, item: StockItem, new: NewItem, figure: int, *, whole: bool, was: str) -> StockItem:
        """Bring an item's figure, and with `whole` its status, to what is given; it `was` in that status."""
        first = not item.tracked
        if first:
            item = self.clerk.begin(item, self.holds.get(item.sku, []))
        counts = self.mode is Mode.COUNT
        is_balance = not counts and new.balance is not None
        by = figure - (item.on_hand - item.held if is_balance else item.on_hand)
        status = new.status if whole else None
        if not (by or first or counts):
            return self._give_status(item, new) if whole else item
        kind, cause = (Kind.COUNT, self._cause(item.sku)) if counts else (Kind.ADJUST, None)
        outcome = self.clerk.book(item, kind, by, status=status, cause=cause, first=first)
        after = (self.clerk.counted(outcome) if counts else outcome).item
        if status is None:
            return after
        by_hand = self._chosen(item, after, was, first=first) if new.by_hand is None else new.by_hand
        return after if by_hand == after.by_hand else self._set(after, by_hand=by_hand)

    def _chosen(self, before: StockItem, after: StockItem, was: str, *, first: bool) -> bool:
        """Tell whether the status given is another than the rules would have given: then somebody chose it."""
        judged = replace(after, status=was)
        balances = (before.on_hand - before.held, after.on_hand - after.held)
        steps = self.clerk.judge.steps(judged, *balances, first=first)
        if steps:
            return after.status != steps[-1].to
        return before.by_hand or after.status != was

    def _buyable(self, item: StockItem) -> bool:
        status = self.clerk.settings.stock_statuses.get(item.status)
        return status is not None and status.purchasable

    def _set(self, item: StockItem, **changes: Any) -> StockItem:
        """Write by whom an item's status was set, or when it was counted, as it is given."""
        item = replace(item, **changes)
        self.clerk.tx.execute(
            "UPDATE stock_items SET by_hand = :by_hand, counted_at = :counted_at WHERE sku = :sku",
            values_of(item),
        )
        return item

    def _cause(self, sku: str) -> str | None:
        return None if self.key is None else f"count:{self.key}:{sku}"

    def _counted(self, skus: list[str]) -> set[str]:
        """Return those that were counted under this key already."""
        if self.mode is not Mode.COUNT or self.key is None:
            return set()
        causes = [f"count:{self.key}:{sku}" for sku in skus]
        rows = select_by_sku(
            self.clerk.tx, "SELECT sku FROM stock_movements WHERE {these}", causes, column="cause"
        )
        return {row["sku"] for row in rows}


def blank(new: NewItem, settings: StockSettings) -> StockItem:
    """Return a new item with all that is given for it but its figures."""
    status = new.status or (new.flag.status if new.flag and not new.has_figure else settings.default_status)
    item = StockItem(
        sku=new.sku,
        name=new.name or new.sku,
        status=status,
        group=new.group or "",
        policy=new.policy,
        margin=new.margin,
        low=new.low,
        pinned=bool(new.pinned),
        by_hand=_is_chosen(new, status, settings) if new.by_hand is None else new.by_hand,
        counted_at=new.counted_at,
    )
    return replace(item, policy=_policy(new, item, settings))


def _is_chosen(new: NewItem, status: str, settings: StockSettings) -> bool:
    return not new.has_figure and status != settings.default_status


def _edits(new: NewItem, item: StockItem, settings: StockSettings) -> Edits | None:
    """Return what of an item differs from what is given for it; None if nothing does."""
    given: dict[str, Any] = {
        "name": new.name or None, "group": new.group, "margin": new.margin, "low": new.low, "pinned": new.pinned,
    }  # fmt: skip
    changes = {
        name: value for name, value in given.items() if value is not None and value != getattr(item, name)
    }
    policy = _policy(new, item, settings)
    if policy != item.policy:
        changes["policy"] = policy
    return Edits(**changes) if changes else None


def _policy(new: NewItem, item: StockItem, settings: StockSettings) -> Policy | None:
    """Return the item's own policy: the one given, or one that says what another shop said and ours does not."""
    if new.policy is not None:
        return new.policy
    if new.oversells is None or new.oversells == (settings.terms(item).policy.oversell > 0):
        return item.policy
    return OPEN if new.oversells else STRICT


def has_terms(item: StockItem) -> bool:
    """Tell whether an item has a group, terms of its own, or a pinned status."""
    return bool(item.group or item.pinned) or (item.policy, item.margin, item.low) != (None, None, None)
