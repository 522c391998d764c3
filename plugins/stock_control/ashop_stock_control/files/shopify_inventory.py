"""Shopify's inventory CSV: a row per variant and location, with what is available there and what is on hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_stock_control.files.cells import Cells, ReadOptions
from ashop_stock_control.files.shop_words import Skipped
from ashop_stock_control.files.shopify import variant_name
from ashop_stock_control.new_items import NewItem

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

CODE = "shopify-inventory"
COLUMNS = {
    "sku": ("SKU",),
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "option1": ("Option1 Value",),
    "option2": ("Option2 Value",),
    "option3": ("Option3 Value",),
    "location": ("Location",),
    "incoming": ("Incoming (not editable)", "Incoming"),
    "unavailable": ("Unavailable (not editable)", "Unavailable"),
    "committed": ("Committed (not editable)", "Committed"),
    "balance": ("Available (not editable)", "Available"),
    "on_hand": ("On hand (current)", "On hand"),
    "on_hand_new": ("On hand (new)",),
}
REQUIRED = ("sku", "location", "on_hand")

_NOT_STOCKED = "not stocked"
_ELSEWHERE = Skipped(Text("ligger på en annan plats", "is at another location"))


@dataclass(frozen=True, slots=True)
class At:
    """What one row says: an item's figures at one location, each None where it is not stocked."""

    location: str
    item: NewItem
    on_hand_new: int | None

    def and_(self, other: At) -> At:
        """Return both rows as one: what is at several locations is one balance here."""
        new = None
        if self.on_hand_new is not None or other.on_hand_new is not None:
            new = _sum(_wanted(self), _wanted(other))
        return At(
            self.location,
            NewItem(
                sku=self.item.sku,
                name=self.item.name,
                balance=_sum(self.item.balance, other.item.balance),
                on_hand=_sum(self.item.on_hand, other.item.on_hand),
            ),
            new,
        )

    def summed(self) -> NewItem:
        """Return the item with the figures that count: what somebody wrote as new on hand goes before all else."""
        if self.on_hand_new is None:
            return self.item
        return NewItem(sku=self.item.sku, name=self.item.name, on_hand=self.on_hand_new)


class InventoryRows:
    """Makes figures at locations of the rows of an inventory export."""

    def __init__(self, options: ReadOptions, settings: StockSettings) -> None:
        del settings  # an inventory has no stock status
        self._wanted = None if options.location is None else options.location.casefold()
        self.locations: dict[str, None] = {}

    def __call__(self, cells: Cells) -> At | Skipped:
        """Return what a row says. Raises AshopError for a cell that will not do."""
        location = cells.words("location")
        self.locations.setdefault(location)
        if self._wanted is not None and location.casefold() != self._wanted:
            return _ELSEWHERE
        current, new = _figure(cells, "on_hand"), _figure(cells, "on_hand_new")
        item = NewItem(
            sku=cells.text("sku"),
            name=variant_name(cells.words("title"), cells),
            balance=_figure(cells, "balance"),
            on_hand=current,
        )
        return At(location, item, None if new == current else new)

    def ensure_found(self, wanted: str | None) -> None:
        """Raise InvalidInput where no row is of the location that was asked for, naming those there are."""
        if wanted is None or wanted.casefold() in (known.casefold() for known in self.locations):
            return
        raise InvalidInput(
            Text(
                "ingen rad gäller platsen {wanted}; filen har {known}",
                "no row is of the location {wanted}; the file has {known}",
            ).fill(wanted=wanted, known=", ".join(self._told()) or "–")
        )

    def _told(self) -> Iterator[str]:
        for n, location in enumerate(self.locations):
            if n == 20:
                yield "…"
                return
            yield location[:60]


def _figure(cells: Cells, column: str) -> int | None:
    return None if cells.text(column).casefold() == _NOT_STOCKED else cells.whole(column)


def _wanted(at: At) -> int | None:
    return at.item.on_hand if at.on_hand_new is None else at.on_hand_new


def _sum(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other
