"""What a custom stock rule is asked and may answer: frozen data, so that a rule is a pure function of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.policies import Terms

NOT_AVAILABLE = "not_available"
NOT_AVAILABLE_WORDS = Text(
    "{name} finns inte i det antal som beställs", "{name} is not available in the quantity ordered"
)
"""For the customer the same whatever the balance, the stock status and the policy are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bought:
    """An earlier purchase of the item by the same customer: the pieces they still have or get, and when it was placed.

    One that a checkout still holds unpaid was bought now.
    """

    order: str
    quantity: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StockQuestion:
    """May this order have so many pieces of this item?

    `item` and its `balance` are before the pieces are taken, `terms` what applies to it. `demand` is how many more
    pieces the change takes, summed over the order's lines; `whole` how many of the item the order will have in all.
    `bought` are the same customer's earlier purchases of the item in the window that the rule asked for, this order
    not among them. Customers are told apart by e-mail address and phone number; of one who gave neither nothing is
    known. `actor` is who asks, `now` is UTC.
    """

    item: StockItem
    terms: Terms
    demand: int
    order: Order
    actor: str
    now: datetime
    bought: tuple[Bought, ...] = ()

    @property
    def name(self) -> str:
        """What the order calls the item: the name that the customer knows."""
        return next((line.name for line in self.order.lines if line.sku == self.item.sku), self.item.name)

    @property
    def whole(self) -> int:
        """How many pieces of the item the order will have in all, less what came back."""
        sku = self.item.sku
        return sum([line.quantity - line.returned for line in self.order.lines if line.sku == sku])

    def had(self, within: timedelta | None = None) -> int:
        """Return how many pieces the customer bought before, in all of the rule's window or only `within` so long."""
        if not self.bought:
            return 0
        since = None if within is None else moment_before(self.now, within)
        return sum([each.quantity for each in self.bought if since is None or each.at >= since])


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer; make one with `allow` or `refuse`, and return None for no opinion."""

    allowed: bool
    code: str = ""
    words: Text | None = None
    for_staff: Text | None = None

    def __post_init__(self) -> None:
        if self.allowed is True:
            return
        # Told here, where the rule is at work, and not where the words are read: so it is the rule that is named.
        if not self.code or not isinstance(self.code, str):
            raise TypeError(f"a refusal has a code, one word such as 'two_each', not {_short(self.code)}")
        if not _can_be_told(self.words):
            raise TypeError(f"a refusal has words in both languages, Text(sv, en), not {_short(self.words)}")
        if self.for_staff is not None and not _can_be_told(self.for_staff):
            raise TypeError(f"the words for staff are Text(sv, en), not {_short(self.for_staff)}")


def _can_be_told(words: object) -> bool:
    """Tell whether these are words in both languages; half a character, which no store keeps, raises UnicodeError."""
    both: tuple[object, ...] = (words.sv, words.en) if isinstance(words, Text) else ()
    return bool(both) and all(isinstance(each, str) and len(each.encode()) >= len(each) for each in both)


def _short(wrong: object) -> str:
    """Return what was given instead, without the customer's name in it: a whole question may have been."""
    return repr(wrong) if isinstance(wrong, str) else type(wrong).__name__


_ALLOWED = Verdict(allowed=True)


def allow() -> Verdict:
    """Let the pieces go though the item's policy would not; another rule may still refuse them."""
    return _ALLOWED


def refuse(code: str, words: Text, for_staff: Text | None = None) -> Verdict:
    """Refuse the order. The customer reads `words`: never say there how many are left; staff read `for_staff`."""
    return Verdict(allowed=False, code=code, words=words, for_staff=for_staff)


def unavailable(question: StockQuestion, for_staff: Text | None = None) -> Verdict:
    """Refuse as the policies do: in the words that the customer reads whatever the balance is."""
    return refuse(NOT_AVAILABLE, NOT_AVAILABLE_WORDS.fill(name=question.name), for_staff)


def moment_before(now: datetime, window: timedelta) -> datetime:
    """Return the instant at which a window that ends now begins; one without end (`timedelta.max`) with the first year."""
    try:
        return now - window
    except OverflowError:
        return datetime.min.replace(tzinfo=now.tzinfo)
