"""Made-up messages to try templates on: about orders with little in them, with much, and with what breaks careless ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from ashop_core.clock import to_iso
from ashop_core.customer import (
    CustomerGoods,
    CustomerLine,
    CustomerOrder,
    CustomerParcel,
    MessageContext,
    Occasion,
    StaffView,
)
from ashop_core.flow_models import STAFF_TEMPLATE, Audience, FieldType, PaymentMethod, Role, Status
from ashop_core.flows import Flows
from ashop_core.order_models import Customer
from ashop_core.settings import ShopSettings
from ashop_core.texts import LANGUAGES, Text, same
from ashop_core.vat import VatRow

_PLACED = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
_LAST_DAY = date(2026, 12, 7)
_VALUES = {
    FieldType.TEXT: "Portkod 1234",
    FieldType.DATE: _LAST_DAY.isoformat(),
    FieldType.DEADLINE: _LAST_DAY.isoformat(),
    FieldType.DATE_TIME: to_iso(datetime(2026, 12, 3, 9, 0, tzinfo=UTC)),
    FieldType.PARCEL_NUMBER: "00373500489530471234",
}
_LINES = (
    CustomerLine(
        name="Luftvärmepump Nordic 6,5 kW",
        sku="LVP-65",
        quantity=1,
        unit_price=1249500,
        total=1249500,
        sent=1,
    ),
    CustomerLine(
        name="Filter",
        sku="FIL-2",
        quantity=2,
        unit_price=19900,
        discount=1980,
        total=37820,
        sent=2,
        returned=1,
    ),
)
_HARD = "{{ 7 * 7 }} {% raw %} <b>&amp;</b> \N{RIGHT-TO-LEFT OVERRIDE}åäö €" + 40 * " lång" + 100 * "x"


def sample_messages(flows: Flows, shop: ShopSettings, channel: str) -> Iterator[MessageContext]:
    """Yield messages that the shop could send by a channel: for each status, occasion and language several orders."""
    used = dict.fromkeys(status.code for flow in flows.flows for status in flows.of_flow(flow))
    for told, audience in ((flows, Audience.CUSTOMER), (flows.seen_by_staff, Audience.STAFF)):
        for status in filter(lambda status: status.visible, map(told.status, used)):
            for language in LANGUAGES:
                sample = _Sample(told, shop, status, language)
                for template in _templates(status, channel, audience):
                    yield from sample.messages(template, audience)


def _templates(status: Status, channel: str, audience: Audience) -> dict[str, None]:
    """Return the templates that the rules for somebody name, and the one that serves where none is named."""
    usual = STAFF_TEMPLATE if audience is Audience.STAFF else status.template or status.code
    rules = (rule for rule in status.rules if rule.channel == channel and rule.audience is audience)
    return dict.fromkeys([usual, *(status.template_of(rule) for rule in rules)])


@dataclass(frozen=True)
class _Sample:
    """What the messages about one status in one language have in common."""

    flows: Flows
    shop: ShopSettings
    status: Status
    language: str

    def messages(self, template: str, audience: Audience) -> Iterator[MessageContext]:
        """Yield them all for one template."""
        for change in (_little, _much, _partly, _hard):
            message = change(self._message(template))
            yield replace(message, staff=self._staff(message)) if audience is Audience.STAFF else message
        if audience is Audience.CUSTOMER:
            for occasion in (Occasion.REMINDER, Occasion.RETURN, Occasion.CORRECTION):
                message = self._message(f"{template}_{occasion.value}", occasion)
                yield from (_little(message), _much(message))

    def _message(self, template: str, occasion: Occasion = Occasion.STATUS) -> MessageContext:
        fields = {field.code: _VALUES[field.type] for field in self.status.fields}
        assert self.status.customer_label is not None
        return MessageContext(
            shop_name=self.shop.name,
            customer_url=self.shop.customer_url,
            language=self.language,
            timezone=self.shop.timezone,
            template=template,
            status=self.status.customer_label,
            order=self._order(fields),
            recipient="asa@example.se",
            fields=fields,
            words="Vi har lagt med en extra skruv.\nHälsningar från lagret",
            occasion=occasion,
        )

    def _order(self, fields: Mapping[str, str]) -> CustomerOrder:
        """Return an order with all that there can be, but for parcels."""
        methods = [
            m for m in self.flows.delivery_methods.values() if self.status in self.flows.of_flow(m.flow)
        ]
        method = next((m for m in methods if m.place), methods[0])
        payments = sorted(self.flows.payment_methods.values(), key=lambda payment: -payment.fee)
        payment = payments[0] if payments else PaymentMethod(code="", label=same(""))
        total = sum(line.total for line in _LINES) + method.price + payment.fee - 10000
        dated = any(field.type is FieldType.DEADLINE for field in self.status.fields)
        assert self.status.customer_label is not None
        return CustomerOrder(
            number=self.shop.first_order_number,
            placed_at=_PLACED,
            status=self.status.customer_label,
            delivery=method.label,
            currency=self.shop.currency,
            name="Åsa Öberg",
            street="Storgatan 1",
            postal_code="114 21",
            city="Stockholm",
            lines=_LINES,
            shipping_price=method.price,
            payment_fee=payment.fee,
            discount=10000,
            total=total,
            paid=100000,
            refunded=19900,
            vat=(VatRow(rate=Decimal(25), gross=total, net=total - total // 5, vat=total // 5),),
            left_to_pay=total - 100000,
            payment_due=_LAST_DAY,
            deadline=_LAST_DAY if dated else None,
            fields=fields,
            payment_method=payment.label,
            place=method.place,
        )

    def _staff(self, message: MessageContext) -> StaffView:
        full = bool(message.fields or message.words)
        return StaffView(
            name=str(message.order.number),
            reference="K-7F3QX2",
            status=self.status.label,
            customer=Customer(
                name=message.order.name,
                email="asa@example.se" if full else "",
                phone="+46 70 123 45 67" if full else "",
            ),
            actor="eva" if full else "",
            note="Ringde och frågade om leveransen" if full else "",
            flags=(Text("betald men slut", "paid but out of stock"),) if full else (),
            is_new=self.status.role is Role.PLACED,
        )


def _little(message: MessageContext) -> MessageContext:
    """Return the message about an order of which next to nothing is known."""
    order = message.order
    bare = CustomerOrder(
        number=order.number,
        placed_at=order.placed_at,
        status=order.status,
        delivery=same(""),
        currency=order.currency,
        name="",
        street="",
        postal_code="",
        city="",
        lines=order.lines[:1],
        shipping_price=0,
        total=order.lines[0].total,
    )
    return replace(message, order=bare, fields={}, words="", customer_url="")


def _much(message: MessageContext) -> MessageContext:
    """Return the message about an order that has all of it, sent in one parcel."""
    parcel = _parcel(*_LINES)
    return replace(message, order=replace(message.order, parcels=(parcel,)), parcel=parcel)


def _partly(message: MessageContext) -> MessageContext:
    """Return the message about the first parcel of two, which has no number."""
    parcel = replace(_parcel(_LINES[0]), number=None, url=None, carrier=None)
    order = replace(message.order, parcels=(parcel,), to_come=_goods(_LINES[1]), refunded=0)
    return replace(message, order=order, parcel=parcel)


def _hard(message: MessageContext) -> MessageContext:
    """Return the message about an order whose every word is long, and looks like something else than words."""
    lines = tuple(replace(line, name=_HARD, sku=_HARD) for line in _LINES)
    parcel = replace(_parcel(*lines), number=_HARD)
    order = replace(
        message.order, name=_HARD, street=_HARD, city=_HARD, lines=lines, parcels=(parcel,), to_come=parcel.contents
    )  # fmt: skip
    return replace(message, order=order, parcel=parcel, words=f"{_HARD}\n{_HARD}")


def _parcel(*lines: CustomerLine) -> CustomerParcel:
    return CustomerParcel(
        number=_VALUES[FieldType.PARCEL_NUMBER],
        carrier=same("PostNord"),
        sent_at=_PLACED,
        contents=_goods(*lines),
        url="https://tracking.example.com/00373500489530471234",
    )


def _goods(*lines: CustomerLine) -> tuple[CustomerGoods, ...]:
    return tuple(CustomerGoods(name=line.name, sku=line.sku, quantity=line.quantity) for line in lines)
