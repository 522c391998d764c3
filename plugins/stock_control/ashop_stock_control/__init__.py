"""Lagerstyrning: stock items with a stock status and perhaps a balance, moved by orders and ruled by thresholds."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ashop_core import hookimpl

if TYPE_CHECKING:
    from ashop_core.errors import Problem
    from ashop_core.finding import Finding
    from ashop_core.models import Change, Effect, Order, Section
    from ashop_core.outbox import JobHandler
    from ashop_core.repairing import Repair
    from ashop_core.shop import Shop
    from ashop_core.tables import Migration
    from ashop_core.transaction import ChangeTransaction
    from ashop_stock_control.items import StockItem as StockItem
    from ashop_stock_control.verdicts import Bought as Bought
    from ashop_stock_control.verdicts import StockQuestion as StockQuestion
    from ashop_stock_control.verdicts import Verdict as Verdict
    from ashop_stock_control.verdicts import allow as allow
    from ashop_stock_control.verdicts import refuse as refuse
    from ashop_stock_control.verdicts import unavailable as unavailable


_HOMES = {
    "Settings": ("settings", "StockSettings"),
    "StockItem": ("items", "StockItem"),
    "Bought": ("verdicts", "Bought"),
    "StockQuestion": ("verdicts", "StockQuestion"),
    "Verdict": ("verdicts", "Verdict"),
    "allow": ("verdicts", "allow"),
    "refuse": ("verdicts", "refuse"),
    "unavailable": ("verdicts", "unavailable"),
}
"""What custom rules import from here: ``from ashop_stock_control import allow, refuse``."""


def __getattr__(name: str) -> Any:
    """Give a name when it is first used: `ashop --help` loads this module too, and need not wait for it."""
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(import_module(f"{__name__}.{module}"), attribute)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@hookimpl
def ashop_register_commands(cli: Any) -> None:
    """Add `ashop stock …`."""
    from ashop_stock_control.command_list import COMMANDS

    for path, target, words in COMMANDS:
        cli.add_lazy(path, target, help=words)


@hookimpl
def ashop_register_tables() -> tuple[Migration, ...]:
    """Give the tables of items and movements."""
    from ashop_stock_control.schema import MIGRATIONS

    return MIGRATIONS


@hookimpl
def ashop_register_hookspecs() -> object:
    """Give the hooks of custom stock rules."""
    from ashop_stock_control import rule_hooks

    return rule_hooks


@hookimpl
def ashop_register_jobs() -> list[JobHandler]:
    """Give the timed job that frees what checkouts held and did not pay in time."""
    from ashop_stock_control.jobs import HANDLERS

    return list(HANDLERS)


@hookimpl
def ashop_validate_change(shop: Shop, order: Order, change: Change) -> list[Problem]:
    """Refuse goods that cannot be bought, before the transaction and without its certainty."""
    from ashop_stock_control.objecting import objections

    return objections(shop, order, change)


@hookimpl
def ashop_on_change(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Move the stock as the change moves the goods, or refuse it."""
    from ashop_stock_control import orders

    return orders.carry_out(tx, order, change)


@hookimpl
def ashop_describe_order(shop: Shop, order: Order) -> list[Section]:
    """Show staff the stock of each line."""
    from ashop_stock_control.describe import sections

    return sections(shop, order)


@hookimpl
def ashop_describe_health(shop: Shop) -> list[Problem | Finding]:
    """Compare balances, ledger and order lines."""
    from ashop_stock_control.health import problems

    return problems(shop)


@hookimpl
def ashop_describe_repairs() -> list[Repair]:
    """Bring figures and movements to what orders and ledger say, by rows that compensate."""
    from ashop_stock_control.repairs import repairs

    return repairs()
