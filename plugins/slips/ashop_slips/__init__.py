"""Packing slips and pick lists for the warehouse, as one HTML file for print."""

from __future__ import annotations

from typing import Any

from ashop_core import hookimpl


@hookimpl
def ashop_register_commands(cli: Any) -> None:
    """Add `ashop order slip`."""
    from ashop_core.texts import Text

    cli.add_lazy(
        "order slip",
        "ashop_slips.commands:slip",
        help=Text("Skriv packsedlar eller en plocklista.", "Write packing slips or a pick list."),
    )
