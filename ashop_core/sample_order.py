"""A made-up order that stands before a status, for whoever wants to see what the status would send."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ashop_core.changes import StatusRequest
from ashop_core.clock import local
from ashop_core.models import (
    Customer,
    Field,
    FieldType,
    NewParcel,
    Order,
    OrderLine,
    Place,
    Role,
    Stage,
    Status,
)

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_CUSTOMER = Customer(
    name="Åsa Öberg", email="asa@example.se", phone="+46701740605", street="Storgatan 1", postal_code="114 21",
    city="Stockholm",
)  # fmt: skip
_GOODS = (("LVP-65", "Luftvärmepump Nordic 6,5 kW", 1, 1249500), ("FIL-2", "Filter, tvåpack", 2, 19900))
_REFERENCE = "K-7F3QX2"


def made_up_order(shop: Shop, status: Status) -> Order:
    """Return an order that was never placed here, on its way to a status: paid, approved and with two lines."""
    flows, now = shop.flows, shop.clock()
    methods = [m for m in flows.delivery_methods.values() if status in flows.of_flow(m.flow)]
    method = (methods or list(flows.delivery_methods.values()))[0]
    before = _before(shop, status, method.flow)
    placed = before.stage is not Stage.CHECKOUT
    lines = tuple(_line(n, *given, before.stock) for n, given in enumerate(_GOODS, start=1))
    total = sum(line.total for line in lines) + method.price
    return Order(
        id=0,
        reference=_REFERENCE,
        version=1,
        status=before.code,
        created_at=now,
        changed_at=now,
        delivery=method.code,
        payment_method=next(iter(flows.payment_methods)),
        language=shop.settings.shop.language,
        currency=shop.settings.shop.currency,
        customer=_CUSTOMER,
        lines=lines,
        shipping_price=method.price,
        number=shop.settings.shop.first_order_number if placed else None,
        placed_at=now if placed else None,
        approved_at=now,
        paid=total,
    )


def made_up_request(shop: Shop, status: Status) -> StatusRequest:
    """Return the change that brings such an order to the status, with all that it asks for."""
    fields = {f.code: _value(shop, f) for f in status.fields if f.default_days is None}
    parcel = NewParcel(contents={1: 1}) if status.role is Role.PARTIAL else None
    return StatusRequest(to=status.code, fields=fields, parcel=parcel, reason="–", notify=True)


def _before(shop: Shop, status: Status, flow: str) -> Status:
    """Return a status that leads to this one; where there is none, this one itself."""
    sources = [s for s in shop.flows.of_flow(flow) if status.code in shop.flows.targets(flow, s.code)]
    return max(sources, key=lambda s: s.visible, default=status)


def _line(position: int, sku: str, name: str, quantity: int, price: int, stock: Place | None) -> OrderLine:
    return OrderLine(
        position=position,
        sku=sku,
        name=name,
        quantity=quantity,
        unit_price=price,
        vat_rate=Decimal(25),
        held=quantity if stock is Place.HELD else 0,
        gone=quantity if stock is Place.GONE else 0,
    )


def _value(shop: Shop, field: Field) -> str:
    """Return something that a status could be given, as staff would type it."""
    day = local(shop.clock(), shop.settings.shop.timezone).date() + timedelta(days=3)
    return {
        FieldType.TEXT: "1234",
        FieldType.DATE: day.isoformat(),
        FieldType.DEADLINE: day.isoformat(),
        FieldType.DATE_TIME: f"{day.isoformat()} 13:00",
        FieldType.PARCEL_NUMBER: "UA123456785SE",
    }[field.type]
