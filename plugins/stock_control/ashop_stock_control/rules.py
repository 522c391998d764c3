"""Stock rules ("lagerregler"): which stock status an item gets when its balance crosses a threshold.

Pure functions of a balance before and after; the balances come from the statement that moved the stock, less the
item's safety margin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_stock_control.items import StockItem

MOST = 10**12
PLENTY = 2 * MOST
"""More than any threshold: where a balance falls from that never was anywhere."""


class When(StrEnum):
    """Which way the balance must cross the threshold."""

    FALLS_TO = "falls_to"
    RISES_TO = "rises_to"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`[[plugins.stock_control.rules]]`: from one of these statuses to another, once for each crossing.

    It falls to 0 when it was above and no longer is, also when it goes from 2 to -1 in one purchase. With `back_at`
    it goes back, to the one status in `from`, when the balance has come that far the other way: between the two it
    stays as it is, so that a balance to and fro about the threshold does not turn it to and fro. Without `skus` and
    `groups` the rule is for every item. Of two that meet at the same threshold the higher `priority` goes first,
    then the one written first.
    """

    when: When
    threshold: int
    from_: tuple[str, ...]
    to: str
    back_at: int | None = None
    skus: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    priority: int = 0

    def __post_init__(self) -> None:
        for key in ("threshold", "back_at", "priority"):
            if abs(getattr(self, key) or 0) > MOST:
                raise InvalidInput(Text(f"{key}: talet är för stort", f"{key}: the number is too large"))
        if not self.from_:
            raise InvalidInput(
                Text("from: ange minst en lagerstatus", "from: name at least one stock status")
            )
        if self.to in self.from_:
            raise InvalidInput(
                Text(
                    "to: {code} står redan i from; regeln skulle inte göra något",
                    "to: {code} stands in from already; the rule would do nothing",
                ).fill(code=self.to)
            )
        if self.back_at is not None:
            self._check_back(self.back_at)

    def _check_back(self, back_at: int) -> None:
        if len(self.from_) != 1:
            raise InvalidInput(
                Text(
                    "back_at: from måste vara en enda lagerstatus, den som det ska gå tillbaka till",
                    "back_at: from must be one stock status alone, the one to go back to",
                )
            )
        falls = self.when is When.FALLS_TO
        side = Text("över", "above") if falls else Text("under", "below")
        if back_at <= self.threshold if falls else back_at >= self.threshold:
            raise InvalidInput(
                Text(
                    "back_at: {n} går inte, ange ett saldo {side} {t}",
                    "back_at: {n} will not do, give a balance {side} {t}",
                ).fill(n=back_at, side=side, t=self.threshold)
            )

    def concerns(self, sku: str, group: str) -> bool:
        """Tell whether the rule is for an item."""
        return not (self.skus or self.groups) or sku in self.skus or (group != "" and group in self.groups)

    def meets(self, other: Rule) -> bool:
        """Tell whether some item may be under both rules; which group a SKU is in, nobody knows here."""
        if self.skus and other.skus and not (self.groups or other.groups):
            return bool(set(self.skus) & set(other.skus))
        if self.groups and other.groups and not (self.skus or other.skus):
            return bool(set(self.groups) & set(other.groups))
        return True


@dataclass(frozen=True, slots=True)
class Crossing:
    """One way over one threshold, of a rule or of its way back; `why` is how the ledger writes it."""

    when: When
    threshold: int
    from_: frozenset[str]
    to: str
    rule: Rule = field(compare=False)

    @property
    def why(self) -> str:
        """The code that a movement keeps: ``falls_to 0``."""
        return f"{self.when.value} {self.threshold}"

    def is_met(self, before: int, after: int) -> bool:
        """Tell whether a balance going from `before` to `after` crosses the threshold."""
        if self.when is When.FALLS_TO:
            return before > self.threshold >= after
        return before < self.threshold <= after


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(when=When.FALLS_TO, threshold=0, from_=("in_stock",), to="sold_out", back_at=1),
)
"""What the manual says: Lagervara → Slut when the balance goes from 1 to 0, and back."""


class Rulebook:
    """The rules of a shop, sorted in the order in which a moving balance meets them.

    Thresholds met in one movement count one after another (10 → 0 passes 5 first); at the same threshold the higher
    priority goes first, then the rule written first, and the first that fits the status wins. All balances are
    those less the safety margin.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        crossings = [crossing for rule in rules for crossing in _crossings(rule)]
        falling = [c for c in crossings if c.when is When.FALLS_TO]
        rising = [c for c in crossings if c.when is When.RISES_TO]
        self.falling = sorted(falling, key=lambda c: (-c.threshold, -c.rule.priority))
        self.rising = sorted(rising, key=lambda c: (c.threshold, -c.rule.priority))

    def fire(self, item: StockItem, before: int, after: int) -> list[Crossing]:
        """Return what a balance going from `before` to `after` sets off, in the order it is met.

        The last one's `to` is the item's new stock status. A status that is entered where another rule would have
        taken the item on already goes on at once (`settle`): Slut → Lagervara at 1, where Lagervara is Få kvar up to 3.
        """
        fired = self._met(item, item.status, before, after)
        return fired + self._settle(item, fired[-1].to, after) if fired else fired

    def first(self, item: StockItem, balance: int) -> list[Crossing]:
        """Return what fits an item with its very first balance: as if it had fallen from plenty.

        A status that nobody set by hand also rises, where a rule says so.
        """
        return self.fire(item, PLENTY, balance) or ([] if item.by_hand else self.settle(item, balance))

    def settle(self, item: StockItem, balance: int) -> list[Crossing]:
        """Return what the rules would have set off by now, had they always been these; empty where all is as it should be.

        A fall from plenty to the balance, or else a rise to it from far below, and again until nothing is set off:
        so a second asking changes nothing, and what `fire` leaves behind is settled.
        """
        return self._settle(item, item.status, balance)

    def _settle(self, item: StockItem, status: str, balance: int) -> list[Crossing]:
        fired: list[Crossing] = []
        # The settings refuse rules that go round in a ring; the bound keeps one that slips through from hanging.
        for _ in range(len(self.falling) + len(self.rising)):
            found = self._met(item, status, PLENTY, balance) or self._met(item, status, -PLENTY, balance)
            if not found:
                break
            fired += found
            status = found[-1].to
        return fired

    def _met(self, item: StockItem, status: str, before: int, after: int) -> list[Crossing]:
        fired: list[Crossing] = []
        for crossing in self.falling if after < before else self.rising if after > before else ():
            if (
                crossing.is_met(before, after)
                and status in crossing.from_
                and crossing.rule.concerns(item.sku, item.group)
            ):
                status = crossing.to
                fired.append(crossing)
        return fired


def _crossings(rule: Rule) -> list[Crossing]:
    there = Crossing(rule.when, rule.threshold, frozenset(rule.from_), rule.to, rule)
    if rule.back_at is None:
        return [there]
    back = When.RISES_TO if rule.when is When.FALLS_TO else When.FALLS_TO
    return [there, Crossing(back, rule.back_at, frozenset({rule.to}), rule.from_[0], rule)]


def why_words(why: str) -> Text:
    """Return how staff read the `why` of a movement: a rule's crossing, a plugin's name, a hand; empty says nothing."""
    head, _, rest = why.partition(" ")
    known = {
        "falls_to": Text("regel: saldot faller till {n}", "rule: balance falls to {n}"),
        "rises_to": Text("regel: saldot stiger till {n}", "rule: balance rises to {n}"),
        "plugin": Text("insticksmodulen {n}", "the plugin {n}"),
        "hand": Text("för hand", "by hand"),
        "lapsed": Text("tiden för kassans hållning gick ut", "the checkout's hold ran out"),
        "repair": Text("rättat av ashop doctor --fix", "put right by ashop doctor --fix"),
    }
    return known[head].fill(n=rest) if head in known else Text(why, why)
