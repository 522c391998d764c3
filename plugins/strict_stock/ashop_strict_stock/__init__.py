"""Strict stock: only what is there is sold, so many to a customer, and a way on with orders that are paid but short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core import hookimpl
from ashop_strict_stock.settings import StrictSettings as Settings

if TYPE_CHECKING:
    from datetime import timedelta

    from ashop_core import Change, ChangeTransaction, Effect, Order, Shop
    from ashop_core.models import Section
    from ashop_core.outbox import JobHandler
    from ashop_core.settings import Settings as ShopSettings
    from ashop_stock_control import StockQuestion, Verdict

__all__ = ["Settings"]

requires = ("stock_control",)
switched_on_at_init = False
"""A new shop may oversell; without any setting this plugin would have it sell everything strictly."""


@hookimpl
def ashop_stock_window(settings: ShopSettings) -> timedelta | None:
    """Ask for what the customer bought before, as far back as the longest limit looks."""
    return settings.for_plugin(Settings).window


@hookimpl
def ashop_stock_check(question: StockQuestion, settings: ShopSettings) -> Verdict | None:
    """Refuse what is not there, and more than a customer may have."""
    from ashop_strict_stock.checking import judge

    return judge(settings.for_plugin(Settings).all_rules, question)


@hookimpl
def ashop_on_change(tx: ChangeTransaction, change: Change, order: Order) -> list[Effect]:
    """Ask for a second look at an order that is paid but short, where the shop wants such an order cancelled."""
    from ashop_strict_stock.cancelling import ask_for_second_look

    return ask_for_second_look(tx, order, change)


@hookimpl
def ashop_register_jobs() -> tuple[JobHandler, ...]:
    """Give the job that cancels an order which is still short."""
    from ashop_strict_stock.cancelling import HANDLER

    return (HANDLER,)


@hookimpl
def ashop_describe_order(shop: Shop, order: Order) -> list[Section]:
    """Show staff what an order lacks that is paid but short, and the two ways on."""
    from ashop_strict_stock.describe import sections

    return sections(shop, order)
