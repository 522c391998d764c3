"""What an SMS template may use: plain values in the customer's language, from MessageContext and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import local
from ashop_core.money import format_money

if TYPE_CHECKING:
    from ashop_core.customer import CustomerGoods, MessageContext

_TIME = {"sv": "EEEE d MMMM 'kl.' HH:mm", "en": "EEEE d MMMM 'at' HH:mm"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}


def language_of(context: MessageContext) -> str:
    """Return the language to write in: Swedish, or English for everybody else."""
    return "sv" if context.language == "sv" else "en"


def variables(context: MessageContext) -> dict[str, Any]:
    """Return every value that a template may use, by name; the README lists them.

    What is not there is empty, so that a template can ask with ``{% if %}``.
    """
    language, order = language_of(context), context.order

    def money(amount: int) -> str:
        return format_money(amount, order.currency, language)

    return {
        "language": language,
        "shop_name": one_line(context.shop_name),
        "number": str(order.number),
        "name": one_line(order.name),
        "status": one_line(context.status.to(language)),
        "delivery": one_line(order.delivery.to(language)),
        "total": money(order.total),
        "paid": money(order.paid) if order.paid else "",
        "refunded": money(order.refunded) if order.refunded else "",
        "left_to_pay": money(order.left_to_pay) if order.left_to_pay else "",
        "payment_due": _day(order.payment_due, language) if order.payment_due else "",
        "booked": _booked(context, language),
        "deadline": _day(order.deadline, language) if order.deadline else "",
        "parcels": _parcels(context),
        "parcel": _this_parcel(context, language),
        "in_parcel": _goods(context.parcel.contents if context.parcel else ()),
        "to_come": _goods(order.to_come),
        "words": one_line(context.words),
        "fields": {code: one_line(value) for code, value in context.fields.items()},
    }


def one_line(text: str) -> str:
    """Return words that somebody typed as one line."""
    return " ".join(filter(None, map(str.strip, text.splitlines())))


def _parcels(context: MessageContext) -> list[str]:
    """Return the parcel numbers; the one that this message is about is always among them."""
    numbers = [p.number for p in context.order.parcels] + [context.fields.get("parcel_number")]
    return list(dict.fromkeys(one_line(number) for number in numbers if number))


def _this_parcel(context: MessageContext, language: str) -> dict[str, str]:
    """Return the parcel that this change reported; all of it is empty where there is none."""
    parcel = context.parcel
    number = (parcel.number if parcel else None) or context.fields.get("parcel_number", "")
    carrier = parcel.carrier.to(language) if parcel and parcel.carrier else ""
    url = (parcel.url if parcel else None) or ""
    return {"number": one_line(number), "carrier": one_line(carrier), "url": url}


def _goods(goods: Iterable[CustomerGoods]) -> list[dict[str, Any]]:
    return [{"name": one_line(g.name), "sku": one_line(g.sku), "quantity": g.quantity} for g in goods]


def _day(day: date, language: str) -> str:
    from babel.dates import format_date

    return format_date(day, "d MMMM", locale=_LOCALE[language])


def _booked(context: MessageContext, language: str) -> str:
    """Return the booked time in the shop's zone; what is no instant is shown as it was written."""
    from babel.dates import format_datetime

    value = context.fields.get("booked_time", "")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return one_line(value)
    if moment.tzinfo is None:
        return one_line(value)
    # Given local time without a zone, Babel prints it as it stands; with one it would turn it into UTC.
    wall_clock = local(moment, context.timezone).replace(tzinfo=None)
    return format_datetime(wall_clock, _TIME[language], locale=_LOCALE[language])
