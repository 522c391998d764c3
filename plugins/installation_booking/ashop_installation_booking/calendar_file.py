"""A calendar file for each booking: the job `installation_calendar`, safe to run late, twice or side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.errors import TemporaryDeliveryError
from ashop_core.files import safe_name, write_atomically
from ashop_core.models import Job, Order
from ashop_core.outbox import JobHandler
from ashop_core.texts import Text
from ashop_installation_booking.bookings import JOB, Booking, State, booking_of
from ashop_installation_booking.settings import BookingSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

PRODUCT = "-//Ashop//installation_booking//EN"


def write_calendar(shop: Shop, payload: Mapping[str, Any]) -> None:
    """Bring the order's calendar file up to date with its booking.

    Looks again once it has written: a worker that stood still between reading and writing may have put an
    old time over a new one, and then writes the new one itself.
    """
    order = shop.order(payload["order"])
    written: Booking | None = None
    while (booking := _booking(shop, order)) is not None and booking != written:
        write_file(shop, order, booking)
        written = booking


def write_file(shop: Shop, order: Order, booking: Booking) -> None:
    """Write one booking to its file, unless a later change of it is there already."""
    path = calendar_path(shop, order)
    try:
        if _sequence(path) <= booking.seq:
            write_atomically(path, render(shop, order, booking))
    except OSError as error:
        words = Text("{path} kan inte skrivas: {why}", "{path} cannot be written: {why}")
        raise TemporaryDeliveryError(words.fill(path=path, why=error.strerror)) from error


def calendar_path(shop: Shop, order: Order) -> Path:
    """Return where the calendar file of an order is."""
    folder = shop.settings.path(shop.settings.for_plugin(BookingSettings).calendar)
    return folder / f"{safe_name(order.reference)}.ics"


def render(shop: Shop, order: Order, booking: Booking) -> bytes:
    """Return the booking as iCalendar: the same bytes for the same booking, times in UTC."""
    from icalendar import Calendar, Event
    from icalendar.enums import STATUS

    cancelled = booking.state is State.CANCELLED
    minutes = shop.settings.for_plugin(BookingSettings).duration_minutes
    customer = order.customer
    place = f"{customer.postal_code} {customer.city}".strip()
    event = Event.new(
        uid=f"{order.reference}@ashop",
        sequence=booking.seq,
        stamp=booking.changed_at,
        start=booking.starts_at,
        end=booking.starts_at + timedelta(minutes=minutes),
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
        summary=f"Installation {order.name} {customer.name}".strip(),
        location=", ".join(part for part in (customer.street, place) if part) or None,
        description="\n".join((customer.phone, *(f"{line.quantity} × {line.name}" for line in order.lines))),
    )
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _booking(shop: Shop, order: Order) -> Booking | None:
    with shop.database.read() as reader:
        return booking_of(reader, order.id)


def _sequence(path: Path) -> int:
    """Return the sequence of the file that is there; a missing or spoilt one counts as older than all."""
    from icalendar import Calendar

    try:
        events = Calendar.from_ical(path.read_bytes()).events
        return max((int(event.sequence) for event in events), default=-1)
    except (FileNotFoundError, ValueError):
        return -1


HANDLER = JobHandler(
    Job(code=JOB, label=Text("Kalenderfiler för installationer", "Calendar files of installations")),
    write_calendar,
)
