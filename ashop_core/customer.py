"""What a customer may see of an order: one function makes it, and everything not named here is hidden.

Built from `placed_at` and the visible statuses only: never from the time of creation, the version, the
length of the history, notes, flags or stock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ashop_core.flows import Flows
from ashop_core.models import Order, Parcel, Status
from ashop_core.texts import Text, same


@dataclass(frozen=True, kw_only=True)
class CustomerLine:
    """A line as the customer sees it; amounts are minor units incl. VAT."""

    name: str
    sku: str
    quantity: int
    unit_price: int
    total: int


@dataclass(frozen=True, kw_only=True)
class CustomerParcel:
    """A parcel as the customer sees it."""

    number: str | None
    carrier: str | None
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class CustomerOrder:
    """An order as the customer sees it."""

    number: int
    placed_at: datetime
    status: Text
    delivery: Text
    currency: str
    name: str
    street: str
    postal_code: str
    city: str
    lines: tuple[CustomerLine, ...]
    shipping_price: int
    total: int
    fields: Mapping[str, str] = field(default_factory=dict)
    parcels: tuple[CustomerParcel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MessageContext:
    """All that a template may use: the same for every channel, status and plugin.

    `fields` holds the values that this change brought (``parcel_number``, ``booked_time`` as UTC text).
    """

    shop_name: str
    language: str
    timezone: str
    template: str
    status: Text
    order: CustomerOrder
    recipient: str
    fields: Mapping[str, str] = field(default_factory=dict)


def customer_view(
    order: Order, seen: Iterable[tuple[str, Mapping[str, str]]], parcels: Iterable[Parcel], flows: Flows
) -> CustomerOrder | None:
    """Return the order as its customer may see it, or None if no customer may know of it.

    `seen` is its history, oldest first: each status with the fields given there. A hidden status after a
    visible one shows the last visible; an order that only ever had hidden statuses does not exist here.
    """
    visible, fields = list[Status](), dict[str, str]()
    for code, given in seen:
        if (status := flows.status(code)).visible:
            visible.append(status)
            fields |= given
    if order.number is None or order.placed_at is None or not visible:
        return None
    label = visible[-1].customer_label
    assert label is not None
    delivery = flows.delivery_methods.get(order.delivery)
    return CustomerOrder(
        number=order.number,
        placed_at=order.placed_at,
        status=label,
        delivery=delivery.label if delivery else same(""),
        currency=order.currency,
        name=order.customer.name,
        street=order.customer.street,
        postal_code=order.customer.postal_code,
        city=order.customer.city,
        lines=tuple(
            CustomerLine(
                name=line.name,
                sku=line.sku,
                quantity=line.quantity,
                unit_price=line.unit_price,
                total=line.total,
            )
            for line in order.lines
        ),
        shipping_price=order.shipping_price,
        total=order.total,
        fields=fields,
        parcels=tuple(CustomerParcel(number=p.number, carrier=p.carrier, sent_at=p.sent_at) for p in parcels),
    )
