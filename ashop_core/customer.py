"""What a customer may see of an order: one function makes it, and everything not named here is hidden.

Built from `placed_at`, the order's content and what of its history is visible: never from the time of
creation, the version, the length of the history, notes, reasons, flags or stock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ashop_core.flows import Flows
from ashop_core.models import (
    Change,
    Customer,
    Entry,
    Kind,
    Order,
    OrderLine,
    Parcel,
    ParcelInfo,
    Stage,
    left_of,
)
from ashop_core.texts import Text, same
from ashop_core.vat import VatRow, vat_summary
from ashop_core.visible import Goods, goods_of, reached, visible


@dataclass(frozen=True, kw_only=True)
class CustomerGoods:
    """So many pieces of one article."""

    name: str
    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class CustomerLine:
    """A line as the customer sees it; amounts are minor units incl. VAT.

    `discount` is taken off in `total`. `sent` counts the pieces that have left, `returned` those of them
    that have come back.
    """

    name: str
    sku: str
    quantity: int
    unit_price: int
    total: int
    discount: int = 0
    vat_rate: Decimal | None = None
    sent: int = 0
    returned: int = 0


@dataclass(frozen=True, kw_only=True)
class CustomerParcel:
    """A parcel as the customer sees it; `url` is where it can be followed. Contents that nobody gave are empty."""

    number: str | None
    carrier: Text | None
    sent_at: datetime
    contents: tuple[CustomerGoods, ...] = ()
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerOrder:
    """An order as the customer sees it.

    The lines' totals, shipping and fee, less `discount`, are `total`; `vat` is its VAT by rate. `fields` are
    what visible statuses asked for, `to_come` is what is still to be sent or fetched. `deadline` is the last
    day that the status gives the customer, `payment_due` the last day to pay what is `left_to_pay`; both are
    days in the shop's time zone. A refund never becomes something to pay, nor does an order that is void. `place` is
    where the goods are fetched, if they are.
    """

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
    payment_fee: int = 0
    discount: int = 0
    paid: int = 0
    refunded: int = 0
    vat: tuple[VatRow, ...] = ()
    left_to_pay: int = 0
    payment_due: date | None = None
    deadline: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    parcels: tuple[CustomerParcel, ...] = ()
    to_come: tuple[CustomerGoods, ...] = ()
    payment_method: Text = field(default_factory=lambda: same(""))
    place: Text | None = None


class Occasion(StrEnum):
    """What a message is about: the status the order has come to, or something else that was done to it."""

    STATUS = "status"
    REMINDER = "reminder"
    RETURN = "return"
    CORRECTION = "correction"


@dataclass(frozen=True, kw_only=True)
class StaffView:
    """What a message to staff may tell beside what the customer may know: never part of one to a customer.

    `status` is the shop's own label, `actor` and `note` those of the change; `flags` are the marks on the order.
    `is_new`: the order was placed by that very change.
    """

    name: str
    reference: str
    status: Text
    customer: Customer
    actor: str
    note: str
    flags: tuple[Text, ...] = ()
    is_new: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageContext:
    """All that a template may use: the same for every channel, status and plugin.

    It tells of one change: what had happened by then, however late it is read; the order's content is as it
    stands. `fields` holds the values that the change brought (``parcel_number``, ``booked_time`` as UTC
    text), `words` what staff wrote to the customer with it, `parcel` the parcel that it reported;
    ``order.to_come`` is what is still to come after it. `occasion` says what it is about, where that is not
    the status. The reason of a cancellation is for staff and not here. In a message to staff, and only there, `staff`
    is set; its `status` and `order` are then told as if no status were hidden. `customer_url` is the shop's own web
    address, empty where it has none: without it, no message links to the shop.
    """

    shop_name: str
    language: str
    timezone: str
    template: str
    status: Text
    order: CustomerOrder
    recipient: str
    fields: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    parcel: CustomerParcel | None = None
    occasion: Occasion = Occasion.STATUS
    customer_url: str = ""
    staff: StaffView | None = None


_OCCASIONS = {
    Kind.REMINDER: Occasion.REMINDER,
    Kind.RETURN: Occasion.RETURN,
    Kind.LINES: Occasion.CORRECTION,
    Kind.DETAILS: Occasion.CORRECTION,
    Kind.UNDO: Occasion.CORRECTION,
}


def occasion_of(change: Change | Entry) -> Occasion:
    """Return what a message about a change is about: an undo may change the status, but tells of no new one.

    Where the rest of an order was cancelled, that is what the customer is told, not that all of it was sent.
    """
    if change.kind is Kind.STATUS and change.edits:
        return Occasion.CORRECTION
    if change.from_status != change.to_status and change.kind is not Kind.UNDO:
        return Occasion.STATUS
    return _OCCASIONS.get(change.kind, Occasion.STATUS)


def customer_view(
    order: Order, history: Iterable[Entry], parcels: Iterable[tuple[Parcel, ParcelInfo]], flows: Flows
) -> CustomerOrder | None:
    """Return the order as its customer may see it, or None if no customer may know of it.

    `history` is its changes, oldest first, as far as it is to be told; parcels of later changes are left out.
    A hidden status after a visible one shows the last visible; an order that only ever had hidden statuses
    does not exist here.
    """
    seen = visible(history, flows)
    if order.number is None or order.placed_at is None or seen is None:
        return None
    label = seen.status.customer_label
    assert label is not None
    delivery = flows.delivery_methods.get(order.delivery)
    payment = flows.payment_methods.get(order.payment_method)
    described = list(parcels)
    known = reached((parcel for parcel, _ in described), seen)
    goods = goods_of(order, seen, known)
    left_to_pay = 0 if seen.status.stage is Stage.VOID else max(0, _left(order, goods))
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
        lines=tuple(_line(line, goods) for line in order.lines),
        shipping_price=order.shipping_price,
        payment_fee=order.payment_fee,
        discount=order.discount,
        total=order.total,
        paid=order.paid,
        refunded=order.refunded,
        vat=vat_summary(order),
        left_to_pay=left_to_pay,
        payment_due=order.payment_due if left_to_pay else None,
        deadline=seen.deadline,
        fields=seen.fields,
        parcels=tuple(_parcel(order, p, info, goods) for p, info in described if p in known),
        to_come=_to_come(order, goods) if seen.status.stage is Stage.OPEN else (),
        payment_method=payment.label if payment else same(""),
        place=delivery.place if delivery else None,
    )


def _parcel(order: Order, parcel: Parcel, info: ParcelInfo, goods: Goods) -> CustomerParcel:
    """Return a parcel as the customer may see it: never the hints, which are for staff.

    Goods that left in a hidden status are, for the customer, in the parcel that first tells of them.
    """
    return CustomerParcel(
        number=parcel.number,
        carrier=info.carrier,
        sent_at=parcel.sent_at,
        contents=_goods(order, parcel.contents or goods.left_with.get(parcel.seq, {})),
        url=info.url,
    )


def _line(line: OrderLine, goods: Goods) -> CustomerLine:
    return CustomerLine(
        name=line.name,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount=line.discount,
        total=line.total,
        vat_rate=line.vat_rate,
        sent=goods.sent.get(line.position, 0),
        returned=goods.returned.get(line.position, 0),
    )


def _left(order: Order, goods: Goods) -> int:
    """Return what is left to pay, as far as the customer may know which goods came back."""
    back = sum(line.value_of(goods.returned.get(line.position, 0)) for line in order.lines)
    return left_of(order.total - back, order.paid, order.refunded)


def _to_come(order: Order, goods: Goods) -> tuple[CustomerGoods, ...]:
    left = {line.position: line.quantity - goods.sent.get(line.position, 0) for line in order.lines}
    return _goods(order, left)


def _goods(order: Order, quantities: Mapping[int, int]) -> tuple[CustomerGoods, ...]:
    """Return these quantities by line in the words of the order."""
    return tuple(
        CustomerGoods(name=line.name, sku=line.sku, quantity=quantities[line.position])
        for line in order.lines
        if quantities.get(line.position, 0) > 0
    )
