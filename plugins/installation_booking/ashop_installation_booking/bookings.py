"""The one booking of each order: its table, and what is found there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.storage import Reader
from ashop_core.tables import Index, Migration, Table, integer, text

JOB = "installation_calendar"

BOOKINGS = Table(
    name="installation_bookings",
    columns=(
        integer("order_id", references="orders.id"),
        # the change that booked, moved or cancelled it: what calendars call its sequence
        integer("seq"),
        text("starts_at"),
        text("state"),
        text("changed_at"),
    ),
    key=("order_id",),
    checks=("state IN ('booked', 'cancelled', 'completed')",),
    indexes=(Index(name="installation_bookings_upcoming", columns=("state", "starts_at", "order_id")),),
)

MIGRATIONS = (Migration(name="m001_bookings", create=(BOOKINGS,)),)


class State(StrEnum):
    """What has become of a booking."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """The booking of an order; `seq` is the change of the order that last altered it."""

    order_id: int
    seq: int
    starts_at: datetime
    state: State
    changed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A booked installation with what a fitter needs to find it."""

    starts_at: datetime
    order: str
    customer: str
    phone: str
    street: str
    postal_code: str
    city: str


def booking_of(reader: Reader, order_id: int) -> Booking | None:
    """Return the booking of an order, if it ever had one."""
    row = reader.row("SELECT * FROM installation_bookings WHERE order_id = :id", {"id": order_id})
    if row is None:
        return None
    return Booking(
        order_id=row["order_id"],
        seq=row["seq"],
        starts_at=from_iso(row["starts_at"]),
        state=State(row["state"]),
        changed_at=from_iso(row["changed_at"]),
    )


_VISITS = """
SELECT b.starts_at, o.reference, o.number, o.customer_name, o.customer_phone, o.street, o.postal_code, o.city
FROM installation_bookings AS b JOIN orders AS o ON o.id = b.order_id
WHERE b.state = 'booked' AND b.starts_at >= :since AND b.starts_at < :until
ORDER BY b.starts_at, b.order_id
"""


def visits(reader: Reader, since: datetime, until: datetime) -> Iterable[Visit]:
    """Return the booked installations that begin in a period, soonest first."""
    rows = reader.rows(_VISITS, {"since": to_iso(since), "until": to_iso(until)})
    return [_visit_of(row) for row in rows]


def _visit_of(row: Any) -> Visit:
    return Visit(
        starts_at=from_iso(row["starts_at"]),
        order=row["reference"] if row["number"] is None else str(row["number"]),
        customer=row["customer_name"],
        phone=row["customer_phone"],
        street=row["street"],
        postal_code=row["postal_code"],
        city=row["city"],
    )
