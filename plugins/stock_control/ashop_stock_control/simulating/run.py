"""One way to keep the stock, and the orders judged in it: the stock as it would have been, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.clock import from_iso
from ashop_stock_control.asking import NO_OPINION, Answer, Rules
from ashop_stock_control.judging import Judge
from ashop_stock_control.objecting import can_be_had
from ashop_stock_control.simulating.figures import Day, ItemFigures, RunFigures
from ashop_stock_control.simulating.purchases import Purchases

if TYPE_CHECKING:
    from ashop_core.plugins import Plugins
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.settings import StockSettings
    from ashop_stock_control.simulating.events import Given, Ordered
    from ashop_stock_control.verdicts import Bought

_NO_ANSWERS: Mapping[str, Answer] = {}


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to keep the stock: settings and plugins, and what else is different about the items.

    `resettles`: other rules than the shop had, so that each item begins with the status that these would have
    given it.
    """

    settings: StockSettings
    plugins: Plugins
    change: Callable[[StockItem], StockItem] | None = None
    resettles: bool = False


class Run:
    """The orders judged in one way: the stock as it would have been, and what would have come of it.

    `openings` has every item as it was before the first event; `day_of` tells which day of the shop an instant
    is. Of the items in `watched` the balance at the end of each day is kept.
    """

    def __init__(
        self, way: Way, openings: Mapping[str, StockItem], day_of: Callable[[str], str], began: str,
        watched: frozenset[str] = frozenset(), fresh: frozenset[str] | set[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.figures = RunFigures()
        self.items: dict[str, ItemFigures] = {}
        self.balances: dict[str, dict[str, int]] = {sku: {} for sku in watched}
        self._way = way
        self._settings = way.settings
        self._judge = Judge(way.settings, way.plugins)
        self._rules = Rules.of(way.plugins, way.settings)
        windows = list(self._rules.windows.values()) if self._rules is not None else []
        self.looks_back = max(windows, default=timedelta())
        self._purchases = Purchases(self.looks_back) if windows else None
        self._openings = openings
        self._fresh = fresh
        self.day_of = day_of
        self._began = began

    @property
    def asks_rules(self) -> bool:
        """Whether custom rules are asked, which want to see whole orders; `looks_back` is how far they do."""
        return self._rules is not None

    # ── What happens ─────────────────────────────────────────────────────────────────────────────

    def take(self, ordered: Ordered, wanted: Mapping[str, int], at: str, lines: int) -> bool:
        """Let an order have all that it wants or nothing; `lines` is how many it has, 0 for one that is in already."""
        asked = [(self._item(sku), pieces) for sku, pieces in wanted.items()]
        answers = self._answers(asked, wanted, ordered, at)
        short = [
            (figures, pieces, reasons)
            for figures, pieces in asked
            if (reasons := self._against(figures.item, pieces, answers.get(figures.item.sku, NO_OPINION)))
        ]
        pieces = sum(wanted.values())
        self.figures.meet(lines, pieces)
        if lines:
            for figures, wanted_pieces in asked:
                figures.orders += 1
                figures.pieces += wanted_pieces
        if short:
            self._refuse(ordered, short, pieces, at, lines)
            return False
        self.figures.accepted += bool(lines)
        for figures, quantity in asked:
            self._move(figures, 0, quantity, at)
        return True

    def give_back(self, sku: str, pieces: int, at: str) -> None:
        """Put pieces that an order had taken up for sale again."""
        self._move(self._item(sku), 0, -pieces, at)

    def give(self, event: Given) -> None:
        """Do to an item what was done to it, whatever the terms."""
        figures = self._item(event.sku)
        was = figures.item.status
        if event.d_on_hand or event.d_held:
            self._move(figures, event.d_on_hand, event.d_held, event.at, judged=event.status is None)
        if event.status is not None and event.status != was:
            figures.change_status(event.status, event.at)
            figures.become(event.status, by_hand=True)

    def remember(self, ordered: Ordered, taken: Mapping[str, int]) -> None:
        """Keep what a customer has of an order, where a rule wants to know of it."""
        if self._purchases is not None:
            self._purchases.keep(ordered.id, ordered.name, ordered.at, ordered.buyers, taken)

    def close(self, at: str) -> None:
        """End the run: count the time that each item spent in the status it ends with."""
        for figures in self.items.values():
            figures.count_time(at)

    # ── How it is judged ─────────────────────────────────────────────────────────────────────────

    def _answers(
        self, asked: Iterable[tuple[ItemFigures, int]], wanted: Mapping[str, int], ordered: Ordered, at: str
    ) -> Mapping[str, Answer]:
        """Return what the custom rules say of the items that can be bought."""
        if self._rules is None or ordered.order is None:
            return _NO_ANSWERS
        now = from_iso(at)
        purchasable = self._settings.purchasable
        items = {f.item.sku: f.item for f, _ in asked if f.item.status in purchasable}
        bought: dict[str, tuple[Bought, ...]] = {}
        if self._purchases is not None:
            bought = self._purchases.of(items, ordered.buyers, ordered.id, now)
        return self._rules.judged(bought, ordered.order, items, wanted, actor=ordered.actor, now=now)

    def _against(self, item: StockItem, pieces: int, answer: Answer) -> tuple[str, ...]:
        """Return what speaks against an order having so many pieces; empty where it can have them."""
        if answer.refusals:
            return tuple(f"plugin {problem.plugin} {problem.code}" for problem in answer.refusals)
        if can_be_had(item, pieces, answer, self._settings):
            return ()
        if item.status not in self._settings.purchasable:
            return (f"status {item.status}",)
        return (f"policy {self._settings.terms(item).policy}",)

    def _refuse(
        self, ordered: Ordered, short: list[tuple[ItemFigures, int, tuple[str, ...]]], pieces: int, at: str, lines: int
    ) -> None:  # fmt: skip
        reasons = {reason for _, _, these in short for reason in these}
        self.figures.refuse(lines, pieces, ordered, reasons)
        if lines:
            self._day(at).refused += 1
        for figures, wanted, these in short:
            figures.refuse(wanted, these, ordered if lines else None)

    # ── What becomes of the items ────────────────────────────────────────────────────────────────

    def _item(self, sku: str) -> ItemFigures:
        figures = self.items.get(sku)
        if figures is None:
            figures = self.items[sku] = ItemFigures(self._opening(sku), self._began)
        return figures

    def _opening(self, sku: str) -> StockItem:
        item = self._openings[sku]
        if self._way.change is not None:
            item = self._way.change(item)
        balance = item.balance
        if balance is None or item.pinned:
            return item
        if sku in self._fresh:
            steps = self._judge.steps(item, balance, balance, first=True)
        else:
            steps = self._judge.due(item) if self._way.resettles and not item.by_hand else []
        return replace(item, status=steps[-1].to) if steps else item

    def _move(
        self, figures: ItemFigures, d_on_hand: int, d_held: int, at: str, *, judged: bool = True
    ) -> None:
        item = figures.item
        before = item.balance
        if before is None:
            return
        item = figures.move(d_on_hand, d_held)
        after = item.on_hand - item.held
        steps = self._judge.steps(item, before, after) if judged else ()
        if steps:
            if steps[-1].to != item.status:
                figures.change_status(steps[-1].to, at)
            figures.become(steps[-1].to, by_hand=False)
        if figures.count_balance(before, after):
            self._day(at).oversold += min(0, before) - after
        if item.sku in self.balances:
            self.balances[item.sku][self.day_of(at)] = after

    def _day(self, at: str) -> Day:
        return self.figures.days.setdefault(self.day_of(at), Day())
