"""Payments: prepayment as a method, and the money asked of a provider when the goods leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ashop_core import hookimpl

if TYPE_CHECKING:
    from ashop_core.errors import Problem
    from ashop_core.flows import FlowParts
    from ashop_core.models import Change, Effect, Order, Section
    from ashop_core.outbox import JobHandler
    from ashop_core.shop import Shop
    from ashop_core.tables import Migration
    from ashop_core.transaction import ChangeTransaction


def __getattr__(name: str) -> Any:
    """Give `Settings` when a shop opens; nothing else needs to wait for it."""
    if name == "Settings":
        from ashop_payments.settings import PaymentsSettings

        return PaymentsSettings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@hookimpl
def ashop_register_tables() -> tuple[Migration, ...]:
    """Give the table of what was asked of providers."""
    from ashop_payments.requests import MIGRATIONS

    return MIGRATIONS


@hookimpl
def ashop_register_flows() -> FlowParts:
    """Give the payment method `prepayment`."""
    from ashop_payments.methods import PARTS

    return PARTS


@hookimpl
def ashop_register_jobs() -> tuple[JobHandler, ...]:
    """Give the job that asks the providers."""
    from ashop_payments.asking import HANDLER

    return (HANDLER,)


@hookimpl
def ashop_on_change(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Ask for the money of goods that leave, let go of the rest when the order comes to nothing."""
    from ashop_payments.following import follow

    return follow(tx, order, change)


@hookimpl
def ashop_describe_order(shop: Shop, order: Order) -> list[Section]:
    """Show what was asked of the provider and what it answered."""
    from ashop_payments.describe import sections

    return sections(shop, order)


@hookimpl
def ashop_describe_health(shop: Shop) -> list[Problem]:
    """Tell of providers for payment methods that the shop does not have."""
    from ashop_payments.describe import problems

    return problems(shop)
