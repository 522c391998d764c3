"""One order of a file, played: through the checkout at its own time, reviewed and sent a while later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from ashop_order_import.reading import Grouped

from ashop_core.errors import Refused
from ashop_core.models import Customer, NewParcel, NewPayment, Order, PaymentKind
from ashop_demo.buying import ensure_sold_out
from ashop_demo.hours import Hours
from ashop_demo.parcels import parcel_number
from ashop_demo.people import mail_name
from ashop_demo.stage import Script

if TYPE_CHECKING:
    from ashop_core.shop import Shop

CARD, INVOICE = "card", "invoice"
BY_CARD = 0.7
STAFF = "personal"
SENT_BY = "post"


def story_of(
    shop: Shop, hours: Hours, grouped: Grouped, dice: Random, sold_out: Callable[[Grouped], None]
) -> Script:
    """Buy what the file's order says, and send it. A refusal because something is sold out ends it there."""
    try:
        order = _buy(shop, grouped, CARD if dice.random() < BY_CARD else INVOICE)
    except Refused as refusal:
        ensure_sold_out(refusal)
        sold_out(grouped)
        return
    yield hours.later(shop.clock(), dice.uniform(0.2, 4))
    shop.change_status(order, "reviewed", actor=STAFF)
    if order.payment_method == INVOICE:
        shop.approve(order, actor=STAFF)
    yield hours.later(shop.clock(), dice.uniform(1, 8))
    parcel = NewParcel(number=parcel_number(dice))
    shop.change_status(order, "shipped", parcel=parcel, actor=STAFF)


def _buy(shop: Shop, grouped: Grouped, payment: str) -> Order:
    """Take the order through the whole checkout. Raises Refused where a rule is against it."""
    order = shop.start_order(
        grouped.lines,
        checkout_key=f"{grouped.source}:{grouped.external_id}",
        delivery=SENT_BY,
        payment_method=payment,
        language=grouped.language,
    )
    order = shop.give_details(order, customer=reachable(grouped.customer)).order
    if payment == CARD and order.total:
        order = shop.await_payment(order).order
        paid = NewPayment(kind=PaymentKind.PAID, amount=order.total, reference=grouped.external_id)
        order = shop.add_payment(order, paid, actor="kortbetalning").order
    return shop.place(order).order


def reachable(customer: Customer) -> Customer:
    """Return the customer with a mail address; a file that has none gets one that leads nowhere."""
    if customer.email or customer.phone:
        return customer
    return replace(customer, email=f"{mail_name(customer.name) or 'kund'}@example.com")
