"""What an SMS template may use: plain values in the customer's language, from MessageContext and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import local
from ashop_core.money import format_money

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext

_TIME = {"sv": "EEEE d MMMM 'kl.' HH:mm", "en": "EEEE d MMMM 'at' HH:mm"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}


def language_of(context: MessageContext) -> str:
    """Return the language to write in: Swedish, or English for everybody else."""
    return "sv" if context.language == "sv" else "en"


def variables(context: MessageContext) -> dict[str, Any]:
    """Return every value that a template may use, by name; the README lists them."""
    language, order = language_of(context), context.order
    return {
        "language": language,
        "shop_name": one_line(context.shop_name),
        "number": str(order.number),
        "name": one_line(order.name),
        "status": one_line(context.status.to(language)),
        "delivery": one_line(order.delivery.to(language)),
        "total": format_money(order.total, order.currency, language),
        "booked": _booked(context, language),
        "parcels": _parcels(context),
        "fields": {code: one_line(value) for code, value in context.fields.items()},
    }


def one_line(text: str) -> str:
    """Return words that somebody typed as one line."""
    return " ".join(text.splitlines()).strip()


def _parcels(context: MessageContext) -> list[str]:
    """Return the parcel numbers; the one that this message is about is always among them."""
    numbers = [p.number for p in context.order.parcels] + [context.fields.get("parcel_number")]
    return list(dict.fromkeys(one_line(number) for number in numbers if number))


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
