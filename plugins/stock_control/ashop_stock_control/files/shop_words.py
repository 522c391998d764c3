"""What other shops' words for stock come to here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.texts import Text
from ashop_stock_control.checks import LONGEST_GROUP
from ashop_stock_control.new_items import Flag

if TYPE_CHECKING:
    from ashop_stock_control.files.cells import ReadOptions
    from ashop_stock_control.settings import StockSettings


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of a file that is no item, and why; None where there is nothing to tell, as of a picture's row."""

    why: Text | None = None


def flags_of(
    known: Mapping[str, tuple[bool, str]], options: ReadOptions, settings: StockSettings
) -> dict[str, Flag]:
    """Return what a shop's words for what can be bought mean, as it ships and as the options say otherwise."""
    flags = {word: Flag(buyable, settings.find_status(code).code) for word, (buyable, code) in known.items()}
    for word, meant in options.statuses.items():
        status = settings.meant(meant)
        flags[word.casefold()] = Flag(status.purchasable, status.code)
    return flags


def group_of(category: str) -> str | None:
    """Return the group that a category of another shop's stands for: a group is a single word."""
    return re.sub(r"\W+", "_", category.casefold()).strip("_")[:LONGEST_GROUP] or None
