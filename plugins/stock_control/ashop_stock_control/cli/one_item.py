"""What the commands of `ashop stock` that are about one item have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ashop_core.cli.app import argument, option, with_shop
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.output import json_option
from ashop_core.texts import Text

F = TypeVar("F", bound=Callable[..., Any])

N = Text("N", "N")
GROUP = Text("GRUPP", "GROUP")
POLICY = Text("POLICY", "POLICY")
STATUS = Text("LAGERSTATUS", "STATUS")
"""What stands for a value in a help text, the same word in every command."""
GROUP_HELP = Text("Artikelgrupp, ett ord.", "Group of items, one word.")
POLICY_HELP = Text(
    "Artikelns egen policy: open, strict eller ”up_to(N)”.",
    "The item's own policy: open, strict or “up_to(N)”.",
)
MARGIN_HELP = Text(
    "Säkerhetsmarginal: så många hålls undan för regler och policy.",
    "Safety margin: so many are kept back from rules and policy.",
)
LOW_HELP = Text("Varna personalen när saldot är nere på N.", "Warn staff when the balance is down at N.")

sku_argument = argument("sku", metavar=Text("ARTIKEL", "SKU"))
_note = option(
    "--note", default="", help=Text("Anteckning i lagerhistoriken.", "A note in the stock's history.")
)


def item_writes(function: F) -> F:
    """Give a command what all that write one item have in common: --note, --dry-run, --json and the shop."""
    return _note(dry_run_option(json_option(with_shop(function))))
