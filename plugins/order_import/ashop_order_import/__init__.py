"""Orders from elsewhere: Online Retail lines, Shopify's order export, Ashop's own JSON."""

from __future__ import annotations

from typing import Any

from ashop_core import hookimpl
from ashop_order_import.settings import ImportSettings as Settings

__all__ = ["Settings"]


@hookimpl
def ashop_register_commands(cli: Any) -> None:
    """Add `ashop order import`."""
    from ashop_core.texts import Text

    cli.add_lazy(
        "order import",
        "ashop_order_import.commands:import_",
        help=Text(
            "Läs in ordrar ur en fil från en annan butik.", "Take in orders from a file of another shop."
        ),
    )
