"""Messages to try a channel on: what may have to be said, and a row of the outbox to say it with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from ashop_core.customer import (
    CustomerLine,
    CustomerOrder,
    CustomerParcel,
    MessageContext,
    Occasion,
    StaffView,
)
from ashop_core.models import Delivery, Message
from ashop_core.testing import some_customer
from ashop_core.texts import Text, same

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def some_message(channel: str, recipient: str) -> Message:
    """Return a message as the outbox hands it over at its first attempt."""
    return Message(
        id=1,
        order_id=1,
        seq=3,
        channel=channel,
        template="received",
        recipient=recipient,
        language="sv",
        delivery=Delivery.CLAIMED,
        attempts=1,
        message_id="0123456789abcdef01234567",
        created_at=NOW,
        due_at=NOW,
        planned_at=NOW,
    )


def message_contexts() -> Iterator[MessageContext]:
    """Yield messages to customers and staff, in both languages."""
    lines = (CustomerLine(name="Lampa", sku="LAMPA", quantity=2, unit_price=10000, total=20000),)
    order = CustomerOrder(
        number=100001, placed_at=NOW, status=Text("Mottagen", "Received"), delivery=Text("Posten", "Post"),
        currency="SEK", name="Åsa Öberg", street="Storgatan 1", postal_code="114 21", city="Stockholm", lines=lines,
        shipping_price=4900, total=24900,
    )  # fmt: skip
    base = MessageContext(
        shop_name="Villa & Värme", language="sv", timezone="Europe/Stockholm", template="received",
        status=order.status, order=order, recipient="asa@example.se",
    )  # fmt: skip
    parcel = CustomerParcel(
        number="373325380000000003", carrier=same("PostNord"), sent_at=NOW + timedelta(days=1)
    )
    shipped = replace(
        base, template="shipped", status=Text("Skickad", "Shipped"), parcel=parcel,
        fields={"parcel_number": "373325380000000003"}, order=replace(order, parcels=(parcel,)),
    )  # fmt: skip
    staff = StaffView(
        name="100001", reference="K-7F3QX2", status=Text("Mottagen", "Received"), customer=some_customer(),
        actor="anna", note="",
    )  # fmt: skip
    for context in (
        base, shipped, replace(base, staff=staff, template="staff"),
        replace(base, occasion=Occasion.REMINDER, order=replace(order, deadline=date(2026, 12, 7))),
        replace(base, template="quality_check", words="Vi ringer i morgon."),
    ):  # fmt: skip
        yield from (context, replace(context, language="en"))
