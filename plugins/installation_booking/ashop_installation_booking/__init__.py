"""Delivery with installation: its own statuses, a booked date and time, and a calendar file per booking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ashop_core import hookimpl
from ashop_installation_booking.settings import BookingSettings as Settings

if TYPE_CHECKING:
    from ashop_core.errors import Problem
    from ashop_core.flows import FlowParts
    from ashop_core.models import Change, Effect, Order, Section
    from ashop_core.outbox import JobHandler
    from ashop_core.shop import Shop
    from ashop_core.tables import Migration
    from ashop_core.transaction import ChangeTransaction

__all__ = ["Settings"]


@hookimpl
def ashop_register_commands(cli: Any) -> None:
    """Add `ashop booking list`."""
    from ashop_core.texts import Text

    cli.add_lazy("booking", None, help=Text("Bokade installationer.", "Booked installations."))
    cli.add_lazy(
        "booking list",
        "ashop_installation_booking.commands:list_",
        help=Text("Lista kommande installationer.", "List upcoming installations."),
    )


@hookimpl
def ashop_register_tables() -> tuple[Migration, ...]:
    """Give the table of bookings."""
    from ashop_installation_booking.bookings import MIGRATIONS

    return MIGRATIONS


@hookimpl
def ashop_register_flows() -> FlowParts:
    """Give the delivery method, its statuses and the steps between them."""
    from ashop_installation_booking.flow import PARTS

    return PARTS


@hookimpl
def ashop_register_jobs() -> tuple[JobHandler, ...]:
    """Give the job that writes calendar files."""
    from ashop_installation_booking.calendar_file import HANDLER

    return (HANDLER,)


@hookimpl
def ashop_validate_change(shop: Shop, change: Change) -> list[Problem]:
    """Refuse a booked time that has passed, is too near or too far away."""
    from ashop_installation_booking.rules import problems_with_time

    return problems_with_time(shop.settings.for_plugin(Settings), change)


@hookimpl
def ashop_on_change(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect]:
    """Keep the order's booking in step with its status."""
    from ashop_installation_booking.following import follow

    return follow(tx, order, change)


@hookimpl
def ashop_on_order_anonymised(tx: ChangeTransaction, order: Order) -> None:
    """Forget the booking of a checkout that became no order."""
    from ashop_installation_booking.following import forget

    forget(tx, order)


@hookimpl
def ashop_describe_order(shop: Shop, order: Order) -> list[Section]:
    """Show the booked time on the order page."""
    from ashop_installation_booking.describe import sections

    return sections(shop, order)
