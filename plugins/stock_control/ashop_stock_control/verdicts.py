"""What a custom stock rule is asked and may answer: frozen data, so that a rule is a pure function of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.policies import Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Bought:
    """An earlier purchase of the item by the same customer: the pieces they still have or get, and when it was placed."""

    order: str
    quantity: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StockQuestion:
    """May this order have so many pieces of this item?

    `item` and its `balance` are before the pieces are taken, `terms` what applies to it. `demand` is how many more
    pieces the change takes, summed over the order's lines; `whole` how many of the item the order will have in all.
    `bought` are the same customer's earlier purchases of the item in the window that the rule asked for, this order
    not among them; customers are told apart by e-mail address and phone number. `now` is UTC.
    """

    item: StockItem
    terms: Terms
    demand: int
    order: Order
    actor: str
    now: datetime
    bought: tuple[Bought, ...] = ()

    @property
    def whole(self) -> int:
        """How many pieces of the item the order will have in all, less what came back."""
        return sum(line.quantity - line.returned for line in self.order.lines if line.sku == self.item.sku)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer; make one with `allow` or `refuse`, and return None for no opinion."""

    allowed: bool
    code: str = ""
    words: Text | None = None
    for_staff: Text | None = None


_ALLOWED = Verdict(allowed=True)


def allow() -> Verdict:
    """Let the pieces go though the item's policy would not; another rule may still refuse them."""
    return _ALLOWED


def refuse(code: str, words: Text, for_staff: Text | None = None) -> Verdict:
    """Refuse the order. The customer reads `words`: never say there how many are left; staff read `for_staff`."""
    return Verdict(allowed=False, code=code, words=words, for_staff=for_staff)
