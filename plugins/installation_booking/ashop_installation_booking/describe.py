"""The booking on the order page."""

from __future__ import annotations

from datetime import timedelta

from ashop_core.clock import local
from ashop_core.models import Order, Section
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_installation_booking.bookings import State, booking_of
from ashop_installation_booking.flow import BOOKED_TIME
from ashop_installation_booking.settings import BookingSettings

STATES = {
    State.BOOKED: Text("bokad", "booked"),
    State.CANCELLED: Text("avbokad", "cancelled"),
    State.COMPLETED: Text("gjord", "done"),
}


def sections(shop: Shop, order: Order) -> list[Section]:
    """Return the section with the booked time in the shop's zone; none for an order never booked."""
    if BOOKED_TIME.code not in order.fields:
        return []
    with shop.database.read() as reader:
        booking = booking_of(reader, order.id)
    if booking is None:
        return []
    settings, zone = shop.settings.for_plugin(BookingSettings), shop.settings.shop.timezone
    begins = local(booking.starts_at, zone)
    ends = local(booking.starts_at + timedelta(minutes=settings.duration_minutes), zone)
    return [
        Section(
            title=Text("Installation", "Installation"),
            rows=(
                (BOOKED_TIME.label, f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}"),
                (Text("Bokningen är", "The booking is"), STATES[booking.state]),
            ),
        )
    ]
