"""Stock rules ("lagerregler"): which stock status an item gets when its balance crosses a threshold.

Pure functions of a balance before and after; the balances come from the statement that moved the stock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

MOST = 10**12


class When(StrEnum):
    """Which way the balance must cross the threshold."""

    FALLS_TO = "falls_to"
    RISES_TO = "rises_to"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`[[plugins.stock_control.rules]]`: from one of these statuses to another, once for each crossing.

    It falls to 0 when it was above and no longer is, also when it goes from 2 to -1 in one purchase.
    Without `skus` the rule is for every item.
    """

    when: When
    threshold: int
    from_: tuple[str, ...]
    to: str
    skus: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if abs(self.threshold) > MOST:
            raise InvalidInput(Text("threshold: talet är för stort", "threshold: the number is too large"))
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

    @property
    def words(self) -> Text:
        """What sets it off, as staff read it."""
        if self.when is When.FALLS_TO:
            return Text(
                f"regel: saldot faller till {self.threshold}", f"rule: balance falls to {self.threshold}"
            )
        return Text(f"regel: saldot stiger till {self.threshold}", f"rule: balance rises to {self.threshold}")


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(when=When.FALLS_TO, threshold=0, from_=("in_stock",), to="sold_out"),
    Rule(when=When.RISES_TO, threshold=1, from_=("sold_out",), to="in_stock"),
)
"""What the manual says: Lagervara → Slut when the balance goes from 1 to 0, and back."""


class Rulebook:
    """The rules of a shop, sorted in the order in which a moving balance meets them.

    Thresholds met in one movement count one after another (10 → 0 passes 5 first); at the same threshold
    the rules stand as they are written, and the first that fits the status wins.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        compiled = [(r.threshold, frozenset(r.from_), frozenset(r.skus), r) for r in rules]
        self._falling = sorted((c for c in compiled if c[3].when is When.FALLS_TO), key=lambda c: -c[0])
        self._rising = sorted((c for c in compiled if c[3].when is When.RISES_TO), key=lambda c: c[0])

    def fire(self, sku: str, status: str, before: int, after: int) -> list[Rule]:
        """Return the rules that a balance going from `before` to `after` sets off, in their order.

        The last one's `to` is the item's new stock status.
        """
        fired = []
        if after < before:
            for threshold, sources, skus, rule in self._falling:
                if before > threshold >= after and status in sources and (not skus or sku in skus):
                    status = rule.to
                    fired.append(rule)
        elif after > before:
            for threshold, sources, skus, rule in self._rising:
                if before < threshold <= after and status in sources and (not skus or sku in skus):
                    status = rule.to
                    fired.append(rule)
        return fired

    def first(self, sku: str, status: str, balance: int) -> list[Rule]:
        """Return the rules that fit an item with its very first balance: as if it had fallen from plenty."""
        return self.fire(sku, status, 2 * MOST, balance)
