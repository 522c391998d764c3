"""One order of a file after the other: bought at its own time, reviewed and sent a while later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from ashop_core.errors import Refused
from ashop_core.models import Customer, NewParcel, NewPayment, Order, PaymentKind
from ashop_demo.buying import ensure_sold_out
from ashop_demo.hours import Hours
from ashop_demo.names import LANDLINES
from ashop_demo.parcels import parcel_number
from ashop_demo.people import mail_name
from ashop_demo.replay.shelves import Shelves
from ashop_demo.stage import Script
from ashop_order_import.reading import Grouped

if TYPE_CHECKING:
    from ashop_core.shop import Shop

CARD, INVOICE, POST = "card", "invoice", "post"
BY_CARD = 0.7
STAFF, PROVIDER = "Desk", "Card"


@dataclass
class Desk:
    """The order desk of a replay. `refused` counts the orders that could not be placed.

    With `messages` a customer whom the file gives no address gets one that leads nowhere, so that mail is
    written; otherwise only a telephone that gets no SMS, since an order needs some way to reach somebody.
    """

    shop: Shop
    hours: Hours
    shelves: Shelves
    dice: Random
    messages: bool
    refused: int = 0

    def story(self, grouped: Grouped) -> Script:
        """Buy what an order of the file says, and send it; where something is sold out it ends there."""
        try:
            order = self._buy(grouped, CARD if self.dice.random() < BY_CARD else INVOICE)
        except Refused as refusal:
            ensure_sold_out(refusal)
            self.refused += 1
            self.shelves.missed(grouped.lines)
            return
        yield self._later(0.2, 4)
        self.shop.change_status(order, "reviewed", actor=STAFF)
        if order.payment_method == INVOICE:
            self.shop.approve(order, actor=STAFF)
        yield self._later(1, 8)
        parcel = NewParcel(number=parcel_number(self.dice))
        self.shop.change_status(order, "shipped", parcel=parcel, actor=STAFF)

    def _buy(self, grouped: Grouped, payment: str) -> Order:
        """Take an order through the whole checkout. Raises Refused where a stock rule is against it."""
        shop = self.shop
        order = shop.start_order(
            grouped.lines,
            checkout_key=f"{grouped.source}:{grouped.external_id}",
            delivery=POST,
            payment_method=payment,
            language=grouped.language,
        )
        order = shop.give_details(order, customer=self._reachable(grouped.customer)).order
        if payment == CARD and order.total:
            order = shop.await_payment(order).order
            paid = NewPayment(kind=PaymentKind.PAID, amount=order.total, reference=grouped.external_id)
            order = shop.add_payment(order, paid, actor=PROVIDER).order
        return shop.place(order).order

    def _reachable(self, customer: Customer) -> Customer:
        if customer.email or customer.phone:
            return customer
        if self.messages:
            return replace(customer, email=f"{mail_name(customer.name) or 'nobody'}@example.com")
        return replace(customer, phone=LANDLINES[0])

    def _later(self, least: float, most: float) -> datetime:
        return self.hours.later(self.shop.clock(), self.dice.uniform(least, most))
