"""From a message's context to the values of its template, in the recipient's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from ashop_core.clock import local
from ashop_core.customer import CustomerGoods, CustomerParcel, MessageContext, StaffView
from ashop_core.money import format_money
from ashop_core.template_fields import (
    GoodsValues,
    LineValues,
    ParcelValues,
    StaffValues,
    TemplateValues,
    VatValues,
)
from ashop_core.template_labels import LABELS

_DATE = "d MMMM y"
_DAY = "d MMMM"
_SHORT_DAY = "d MMM"
_TIME = {"sv": "EEEE d MMMM y 'kl.' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_SHORT_TIME = {"sv": "EEE d MMM 'kl.' HH:mm", "en": "EEE d MMM 'at' HH:mm"}
_PERCENT = {"sv": "0.##\N{NO-BREAK SPACE}%", "en": "0.##%"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}
_BREAKS = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def language_of(context: MessageContext) -> str:
    """Return the language to write in: Swedish, or English for everybody else."""
    return "sv" if context.language == "sv" else "en"


def template_values(context: MessageContext) -> TemplateValues:
    """Return every value that a template may use; see `template_fields` for what they mean.

    What somebody typed is one line of text without control characters, otherwise as it was typed.
    """
    language, order = language_of(context), context.order

    def money(amount: int) -> str:
        return format_money(amount, order.currency, language)

    def money_or_nothing(amount: int) -> str:
        return money(amount) if amount else ""

    shop_name, number = one_line(context.shop_name), str(order.number)
    in_parcel = _in_parcel(context)
    words = _lines(context.words)
    return TemplateValues(
        language=language,
        shop_name=shop_name,
        customer_url=_link(context.customer_url),
        number=number,
        name=one_line(order.name),
        status=one_line(context.status.to(language)),
        placed=_moment(order.placed_at, _DATE, context.timezone, language),
        delivery=one_line(order.delivery.to(language)),
        payment=one_line(order.payment_method.to(language)),
        place=_lines(order.place.to(language)) if order.place else (),
        booked=_booked(context, _TIME[language], language),
        booked_short=_booked(context, _SHORT_TIME[language], language),
        deadline=_day(order.deadline, _DAY, language),
        deadline_short=_day(order.deadline, _SHORT_DAY, language),
        address=_address(context),
        parcels=_parcels(context, language),
        parcel=_this_parcel(context, language),
        in_parcel=in_parcel,
        earlier=len(order.parcels) - (context.parcel is not None),
        is_rest=bool(in_parcel) and _in_all_parcels(context) == _in_order(context),
        to_come=_goods(order.to_come),
        words=words,
        words_short=" ".join(words),
        lines=tuple(
            LineValues(
                name=one_line(line.name),
                sku=one_line(line.sku),
                quantity=line.quantity,
                unit_price=money(line.unit_price),
                discount=money_or_nothing(line.discount),
                amount=money(line.total),
                sent=line.sent,
                returned=line.returned,
            )
            for line in order.lines
        ),
        shipping=money(order.shipping_price),
        fee=money_or_nothing(order.payment_fee),
        discount=f"\N{MINUS SIGN}{money(order.discount)}" if order.discount else "",
        total=money(order.total),
        vat=tuple(
            VatValues(rate=_percent(row.rate, language), amount=money(row.vat))
            for row in order.vat
            if row.rate is not None
        ),
        paid=money_or_nothing(order.paid),
        refunded=money_or_nothing(order.refunded),
        left_to_pay=money_or_nothing(order.left_to_pay),
        payment_due=_day(order.payment_due, _DATE, language),
        payment_due_short=_day(order.payment_due, _SHORT_DAY, language),
        fields={code: one_line(value) for code, value in context.fields.items()},
        label={name: text.fill(shop=shop_name, number=number).to(language) for name, text in LABELS.items()},
        staff=_staff(context.staff, language) if context.staff else None,
    )


def one_line(text: str) -> str:
    """Return words that somebody typed as one line, without control characters, otherwise as they are."""
    return _CONTROL.sub("", _BREAKS.sub(" ", text).strip())


def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text, without the empty ones."""
    return tuple(line for line in map(one_line, text.splitlines()) if line)


def _address(context: MessageContext) -> tuple[str, ...]:
    order = context.order
    town = f"{one_line(order.postal_code)} {one_line(order.city)}"
    return tuple(line for line in map(one_line, (order.name, order.street, town)) if line)


def _link(url: str | None) -> str:
    """Return an address that may be linked to; anything but a web address is none."""
    return url if url and url.startswith(("https://", "http://")) else ""


def _parcels(context: MessageContext, language: str) -> tuple[ParcelValues, ...]:
    """Return the parcels with a number; the one that this message is about is always among them."""
    parcels = [*(_parcel(p, language) for p in context.order.parcels), _this_parcel(context, language)]
    return tuple({p.number: p for p in reversed(parcels) if p.number}.values())[::-1]


def _this_parcel(context: MessageContext, language: str) -> ParcelValues:
    """Return the parcel that this change reported; all of it is empty where there is none."""
    if context.parcel:
        return _parcel(context.parcel, language)
    return ParcelValues(number=one_line(context.fields.get("parcel_number", "")), carrier="", url="")


def _parcel(parcel: CustomerParcel, language: str) -> ParcelValues:
    return ParcelValues(
        number=one_line(parcel.number or ""),
        carrier=one_line(parcel.carrier.to(language)) if parcel.carrier else "",
        url=_link(parcel.url),
    )


def _in_parcel(context: MessageContext) -> tuple[GoodsValues, ...]:
    """Return what is in this parcel; nothing where that is the whole order, which the table shows anyway."""
    contents = context.parcel.contents if context.parcel else ()
    part = sum(goods.quantity for goods in contents) < _in_order(context)
    return _goods(contents) if part else ()


def _in_order(context: MessageContext) -> int:
    return sum(line.quantity for line in context.order.lines)


def _in_all_parcels(context: MessageContext) -> int:
    return sum(goods.quantity for parcel in context.order.parcels for goods in parcel.contents)


def _goods(goods: Iterable[CustomerGoods]) -> tuple[GoodsValues, ...]:
    return tuple(GoodsValues(name=one_line(g.name), sku=one_line(g.sku), quantity=g.quantity) for g in goods)


def _staff(staff: StaffView, language: str) -> StaffValues:
    return StaffValues(
        name=one_line(staff.name),
        reference=one_line(staff.reference),
        status=one_line(staff.status.to(language)),
        is_new=staff.is_new,
        customer_name=one_line(staff.customer.name),
        email=one_line(staff.customer.email),
        phone=one_line(staff.customer.phone),
        actor=one_line(staff.actor),
        note=_lines(staff.note),
        flags=tuple(one_line(flag.to(language)) for flag in staff.flags),
    )


def _booked(context: MessageContext, pattern: str, language: str) -> str:
    """Return the booked time in the shop's zone; what is no instant is shown as it was written."""
    value = context.fields.get("booked_time", "")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return one_line(value)
    if moment.tzinfo is None:
        return one_line(value)
    return _moment(moment, pattern, context.timezone, language)


def _percent(rate: Decimal, language: str) -> str:
    from babel.numbers import format_percent

    return format_percent(rate / 100, _PERCENT[language], locale=_LOCALE[language])


def _day(day: date | None, pattern: str, language: str) -> str:
    from babel.dates import format_date

    return format_date(day, pattern, locale=_LOCALE[language]) if day else ""


def _moment(instant: datetime, pattern: str, timezone: str, language: str) -> str:
    from babel.dates import format_datetime

    # Given local time without a zone, Babel prints it as it stands; with one it would turn it into UTC.
    wall_clock = local(instant, timezone).replace(tzinfo=None)
    return format_datetime(wall_clock, pattern, locale=_LOCALE[language])
