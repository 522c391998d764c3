"""`ashop booking list`: which installations are coming, where, and how to reach the customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.output import Column, list_options, show_list, time_column
from ashop_core.clock import local, parse_local
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_installation_booking.bookings import Visit, visits

_ONLY_A_DATE = len("2026-12-01")
_ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
_DATE = Text("DATUM", "DATE")

_COLUMNS: tuple[Column[Visit], ...] = (
    time_column("starts_at", Text("Tid", "Time"), lambda v: v.starts_at),
    Column("order", Text("Order", "Order"), lambda v: v.order),
    Column("customer", Text("Kund", "Customer"), lambda v: v.customer),
    Column("phone", Text("Telefon", "Phone"), lambda v: v.phone),
    Column("street", Text("Adress", "Address"), lambda v: v.street),
    Column("postal_code", Text("Postnr", "Postcode"), lambda v: v.postal_code),
    Column("city", Text("Ort", "City"), lambda v: v.city),
)


@command(
    epilog=Text(
        "ashop booking list --from 2026-12-01 --to 2026-12-07",
        "ashop booking list --from 2026-12-01 --to 2026-12-07",
    )
)
@option("--from", "since", metavar=_DATE, help=Text("Från och med. Annars i dag.", "From. Otherwise today."))
@option("--to", "until", metavar=_DATE, help=Text("Till och med.", "Up to and including."))
@list_options
@with_shop
def list_(shop: Shop, since: str | None, until: str | None, form: str) -> None:
    """Print the installations that are booked, soonest first."""
    zone = shop.settings.shop.timezone
    today = f"{local(shop.clock(), zone):%Y-%m-%d}"
    begin = parse_local(since or today, zone)
    end = _end(until, zone) if until else _ALWAYS
    with shop.database.read() as reader:
        found = visits(reader, begin, end)
    show_list(_COLUMNS, found, form, empty=Text("Inga installationer bokade.", "No installations booked."))


def _end(until: str, zone: str) -> datetime:
    """Return the first instant after a date, or a time as it is given."""
    instant = parse_local(until, zone)
    if len(until.strip()) > _ONLY_A_DATE:
        return instant
    # The next local midnight, which the change of clocks may put 23 or 25 hours away.
    return parse_local(f"{local(instant, zone) + timedelta(days=1):%Y-%m-%d}", zone)
