"""What a template may use: plain values in the customer's language, made from MessageContext and nothing else."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ashop_core.clock import local
from ashop_core.money import format_money
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext

LABELS: Final = {
    "order": Text("Ordernummer", "Order number"),
    "placed": Text("Beställd", "Ordered"),
    "delivery": Text("Leveranssätt", "Delivery"),
    "booked": Text("Bokad tid", "Booked time"),
    "parcel": Text("Kollinummer", "Parcel number"),
    "address": Text("Namn och adress", "Name and address"),
    "contents": Text("Din beställning", "Your order"),
    "item": Text("Vara", "Item"),
    "quantity": Text("Antal", "Quantity"),
    "unit_price": Text("Pris", "Price"),
    "amount": Text("Belopp", "Amount"),
    "each": Text("per styck", "each"),
    "shipping": Text("Frakt", "Shipping"),
    "total": Text("Summa inkl. moms", "Total incl. VAT"),
    "questions": Text(
        "Har du frågor? Kontakta {shop} och uppge ordernummer {number}.",
        "Any questions? Contact {shop} and mention order number {number}.",
    ),
}
"""The words around every message, in both languages; templates reach them as ``label.total``."""

_DAY = {"sv": "d MMMM y", "en": "d MMMM y"}
_TIME = {"sv": "EEEE d MMMM y 'kl.' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}


def language_of(context: MessageContext) -> str:
    """Return the language to write in: Swedish, or English for everybody else."""
    return "sv" if context.language == "sv" else "en"


def variables(context: MessageContext) -> dict[str, Any]:
    """Return every value that a template may use, by name; the README lists them."""
    language, order = language_of(context), context.order

    def money(amount: int) -> str:
        return format_money(amount, order.currency, language)

    shop_name, number = one_line(context.shop_name), str(order.number)
    words = {name: text.to(language) for name, text in LABELS.items()}
    words["questions"] = LABELS["questions"].fill(shop=shop_name, number=number).to(language)
    return {
        "language": language,
        "shop_name": shop_name,
        "number": number,
        "name": one_line(order.name),
        "status": one_line(context.status.to(language)),
        "placed": _moment(order.placed_at, _DAY[language], context.timezone, language),
        "delivery": one_line(order.delivery.to(language)),
        "booked": _booked(context, language),
        "address": _address(context),
        "parcels": _parcels(context),
        "lines": [
            {
                "name": one_line(line.name),
                "sku": one_line(line.sku),
                "quantity": line.quantity,
                "unit_price": money(line.unit_price),
                "amount": money(line.total),
            }
            for line in order.lines
        ],
        "shipping": money(order.shipping_price),
        "total": money(order.total),
        "fields": {code: one_line(value) for code, value in context.fields.items()},
        "label": words,
    }


def one_line(text: str) -> str:
    """Return words that somebody typed as one line, without control characters, otherwise as they are."""
    words = re.sub(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text).strip()
    return "".join(c for c in words if unicodedata.category(c) != "Cc")


def _address(context: MessageContext) -> list[str]:
    order = context.order
    town = f"{order.postal_code} {order.city}"
    return [line for line in map(one_line, (order.name, order.street, town)) if line]


def _parcels(context: MessageContext) -> list[dict[str, str]]:
    """Return the parcels with a number; the one that this message is about is always among them."""
    known = {p.number: p.carrier or "" for p in context.order.parcels if p.number}
    known.setdefault(context.fields.get("parcel_number", ""), "")
    return [{"number": one_line(number), "carrier": one_line(known[number])} for number in known if number]


def _booked(context: MessageContext, language: str) -> str:
    """Return the booked time in the shop's zone; what is no instant is shown as it was written."""
    value = context.fields.get("booked_time", "")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return one_line(value)
    if moment.tzinfo is None:
        return one_line(value)
    return _moment(moment, _TIME[language], context.timezone, language)


def _moment(instant: datetime, pattern: str, timezone: str, language: str) -> str:
    from babel.dates import format_datetime

    # Given local time without a zone, Babel prints it as it stands; with one it would turn it into UTC.
    wall_clock = local(instant, timezone).replace(tzinfo=None)
    return format_datetime(wall_clock, pattern, locale=_LOCALE[language])
