"""What a template may use: plain values in the customer's language, made from MessageContext and nothing else."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ashop_core.clock import local
from ashop_core.money import format_money
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.customer import CustomerGoods, CustomerParcel, MessageContext

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
    "reduced": Text("rabatt", "discount"),
    "shipping": Text("Frakt", "Shipping"),
    "fee": Text("Avgift för betalsättet", "Payment fee"),
    "discount": Text("Rabatt", "Discount"),
    "total": Text("Summa inkl. moms", "Total incl. VAT"),
    "vat": Text("varav moms", "of which VAT"),
    "left_to_pay": Text("Kvar att betala", "Left to pay"),
    "payment_due": Text("Betala senast", "Pay by"),
    "follow": Text("Följ paketet", "Follow the parcel"),
    "words": Text("Meddelande från {shop}", "A message from {shop}"),
    "questions": Text(
        "Har du frågor? Kontakta {shop} och uppge ordernummer {number}.",
        "Any questions? Contact {shop} and mention order number {number}.",
    ),
}
"""The words around every message, in both languages; templates reach them as ``label.total``."""

_DATE = "d MMMM y"
_DAY = "d MMMM"
_TIME = {"sv": "EEEE d MMMM y 'kl.' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_PERCENT = {"sv": "0.##\N{NO-BREAK SPACE}%", "en": "0.##%"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}


def language_of(context: MessageContext) -> str:
    """Return the language to write in: Swedish, or English for everybody else."""
    return "sv" if context.language == "sv" else "en"


def variables(context: MessageContext) -> dict[str, Any]:
    """Return every value that a template may use, by name; the README lists them.

    All are plain text, lists and dictionaries of plain text, and counts: nothing of the order's own objects.
    What is not there is empty, so that a template can ask with ``{% if %}``.
    """
    language, order = language_of(context), context.order

    def money(amount: int) -> str:
        return format_money(amount, order.currency, language)

    def money_or_nothing(amount: int) -> str:
        return money(amount) if amount else ""

    shop_name, number = one_line(context.shop_name), str(order.number)
    labels = {name: text.fill(shop=shop_name, number=number).to(language) for name, text in LABELS.items()}
    due, in_parcel = order.payment_due, _in_parcel(context)
    return {
        "language": language,
        "shop_name": shop_name,
        "number": number,
        "name": one_line(order.name),
        "status": one_line(context.status.to(language)),
        "placed": _moment(order.placed_at, _DATE, context.timezone, language),
        "delivery": one_line(order.delivery.to(language)),
        "booked": _booked(context, language),
        "deadline": _day(order.deadline, _DAY, language) if order.deadline else "",
        "address": _address(context),
        "parcels": _parcels(context, language),
        "parcel": _this_parcel(context, language),
        "in_parcel": in_parcel,
        "earlier": len(order.parcels) - (context.parcel is not None),
        "is_rest": bool(in_parcel) and _in_all_parcels(context) == _in_order(context),
        "to_come": [_goods(goods) for goods in order.to_come],
        "words": [line for line in map(one_line, context.words.splitlines()) if line],
        "lines": [
            {
                "name": one_line(line.name),
                "sku": one_line(line.sku),
                "quantity": line.quantity,
                "unit_price": money(line.unit_price),
                "discount": money_or_nothing(line.discount),
                "amount": money(line.total),
                "sent": line.sent,
                "returned": line.returned,
            }
            for line in order.lines
        ],
        "shipping": money(order.shipping_price),
        "fee": money_or_nothing(order.payment_fee),
        "discount": f"\N{MINUS SIGN}{money(order.discount)}" if order.discount else "",
        "total": money(order.total),
        "vat": [
            {"rate": _percent(row.rate, language), "amount": money(row.vat)}
            for row in order.vat
            if row.rate is not None
        ],
        "paid": money_or_nothing(order.paid),
        "refunded": money_or_nothing(order.refunded),
        "left_to_pay": money_or_nothing(order.left_to_pay),
        "payment_due": _day(due, _DATE, language) if due else "",
        "fields": {code: one_line(value) for code, value in context.fields.items()},
        "label": labels,
    }


def one_line(text: str) -> str:
    """Return words that somebody typed as one line, without control characters, otherwise as they are."""
    words = re.sub(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text).strip()
    return "".join(c for c in words if unicodedata.category(c) != "Cc")


def _address(context: MessageContext) -> list[str]:
    order = context.order
    town = f"{order.postal_code} {order.city}"
    return [line for line in map(one_line, (order.name, order.street, town)) if line]


def _parcels(context: MessageContext, language: str) -> list[dict[str, str]]:
    """Return the parcels with a number; the one that this message is about is always among them."""
    parcels = [*(_parcel(p, language) for p in context.order.parcels), _this_parcel(context, language)]
    return list({p["number"]: p for p in reversed(parcels) if p["number"]}.values())[::-1]


def _this_parcel(context: MessageContext, language: str) -> dict[str, str]:
    """Return the parcel that this change reported; all of it is empty where there is none."""
    if context.parcel:
        return _parcel(context.parcel, language)
    return {"number": one_line(context.fields.get("parcel_number", "")), "carrier": "", "url": ""}


def _parcel(parcel: CustomerParcel, language: str) -> dict[str, str]:
    return {
        "number": one_line(parcel.number or ""),
        "carrier": one_line(parcel.carrier.to(language)) if parcel.carrier else "",
        "url": parcel.url or "",
    }


def _in_parcel(context: MessageContext) -> list[dict[str, Any]]:
    """Return what is in this parcel; nothing where that is the whole order, which the table shows anyway."""
    contents = context.parcel.contents if context.parcel else ()
    part = sum(goods.quantity for goods in contents) < _in_order(context)
    return [_goods(goods) for goods in contents] if part else []


def _in_order(context: MessageContext) -> int:
    return sum(line.quantity for line in context.order.lines)


def _in_all_parcels(context: MessageContext) -> int:
    return sum(goods.quantity for parcel in context.order.parcels for goods in parcel.contents)


def _goods(goods: CustomerGoods) -> dict[str, Any]:
    return {"name": one_line(goods.name), "sku": one_line(goods.sku), "quantity": goods.quantity}


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


def _percent(rate: Decimal, language: str) -> str:
    from babel.numbers import format_percent

    return format_percent(rate / 100, _PERCENT[language], locale=_LOCALE[language])


def _day(day: date, pattern: str, language: str) -> str:
    from babel.dates import format_date

    return format_date(day, pattern, locale=_LOCALE[language])


def _moment(instant: datetime, pattern: str, timezone: str, language: str) -> str:
    from babel.dates import format_datetime

    # Given local time without a zone, Babel prints it as it stands; with one it would turn it into UTC.
    wall_clock = local(instant, timezone).replace(tzinfo=None)
    return format_datetime(wall_clock, pattern, locale=_LOCALE[language])
