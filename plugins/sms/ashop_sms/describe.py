"""What staff see of an SMS beside its words: how many parts it is paid as, and about what that costs."""

from __future__ import annotations

from ashop_core.money import format_money
from ashop_core.texts import NOTHING, Text
from ashop_sms.segments import length

_ONE = Text("{n} del ({encoding}, {units} tecken){price}", "{n} part ({encoding}, {units} characters){price}")
_MORE = Text(
    "{n} delar ({encoding}, {units} tecken){price}", "{n} parts ({encoding}, {units} characters){price}"
)
_PRICE = Text(", ca {amount}", ", about {amount}")


def size_and_price(body: str, part_price: int | None, currency: str) -> Text:
    """Return the size of an SMS in words, and about what it costs where the price of a part is known."""
    size = length(body)
    price = NOTHING
    if part_price is not None:
        price = _PRICE.fill(amount=money(size.parts * part_price, currency))
    words = _ONE if size.parts == 1 else _MORE
    return words.fill(n=size.parts, encoding=size.encoding, units=size.units, price=price)


def money(amount: int, currency: str) -> Text:
    """Return an amount as staff read it."""
    return Text(*(format_money(amount, currency, language) for language in ("sv", "en")))
