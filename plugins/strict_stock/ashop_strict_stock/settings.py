"""`[plugins.strict_stock]`: which items are sold strictly, how many to a customer, and what becomes of paid but short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, joined

if TYPE_CHECKING:
    from ashop_stock_control import StockItem

MOST_PIECES = 10**6
MOST_DAYS = 3660
MOST_HOURS = 24 * 366


class PaidShort(StrEnum):
    """What becomes of an order that is paid, and was placed though goods are missing."""

    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True, kw_only=True)
class StrictRule:
    """`[[plugins.strict_stock.rules]]`: what holds for some items; for all where neither `items` nor `groups` are named.

    Nothing is sold that is not there, less the `margin` (left out: the item's own), unless ``strict = false``. No
    customer gets more than `limit` pieces of an item, in so many `days` or, without them, for ever. `words` are what
    the customer reads of a refusal, with ``{name}`` for the item; without them the plugin's own.
    """

    items: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    strict: bool = True
    margin: int | None = None
    limit: int | None = None
    days: int | None = None
    words: Text | None = None

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise InvalidInput(joined(faults, "; "))

    def concerns(self, item: StockItem) -> bool:
        """Tell whether the rule is for an item."""
        return (
            not (self.items or self.groups)
            or item.sku in self.items
            or (item.group != "" and item.group in self.groups)
        )

    @property
    def window(self) -> timedelta | None:
        """How far back the limit looks; None where there is none."""
        if self.limit is None:
            return None
        return timedelta.max if self.days is None else timedelta(days=self.days)

    def _faults(self) -> Iterator[Text]:
        bounds = (("margin", 0, MOST_PIECES), ("limit", 1, MOST_PIECES), ("days", 1, MOST_DAYS))
        for key, least, most in bounds:
            number = getattr(self, key)
            if number is not None and not least <= number <= most:
                yield _bounds(key, least, most)
        if self.days is not None and self.limit is None:
            yield Text("days: ange också limit", "days: give a limit too")
        if not self.strict and self.margin is not None:
            yield Text("margin: gäller inte med strict = false", "margin: means nothing with strict = false")
        if not self.strict and self.limit is None:
            yield Text(
                "limit: saknas, och med strict = false gör regeln ingenting",
                "limit: is missing, and with strict = false the rule does nothing",
            )


_EVERYTHING = (StrictRule(),)


@dataclass(frozen=True, kw_only=True)
class StrictSettings:
    """`[plugins.strict_stock]`. Without `rules` every item is sold strictly; ``rules = []`` means none at all.

    A checkout that is paid is always placed, short or not. With ``paid_short = "keep"`` staff decide what becomes of
    it; with ``"cancel"`` it is cancelled after `cancel_after_hours`, if it is still short and nobody has touched it.
    """

    rules: tuple[StrictRule, ...] | None = None
    paid_short: PaidShort = PaidShort.KEEP
    cancel_after_hours: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.cancel_after_hours <= MOST_HOURS:
            raise InvalidInput(_bounds("cancel_after_hours", 0, MOST_HOURS))

    @property
    def all_rules(self) -> tuple[StrictRule, ...]:
        """The rules that apply: the shop's own, or the one for every item."""
        return _EVERYTHING if self.rules is None else self.rules

    @cached_property
    def window(self) -> timedelta | None:
        """The longest that any limit looks back; None where no rule has one."""
        return max((rule.window for rule in self.all_rules if rule.window is not None), default=None)


def _bounds(key: str, least: int, most: int) -> Text:
    return Text(f"{key}: måste vara från {least} till {most}", f"{key}: must be from {least} to {most}")
