"""Shopify's product CSV, in its old and its new headers: a row per variant, rows of pictures between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_stock_control.files.cells import Cells, ReadOptions
from ashop_stock_control.files.shop_words import Skipped, group_of
from ashop_stock_control.new_items import NewItem

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

CODE = "shopify"
COLUMNS = {
    "sku": ("Variant SKU", "SKU"),
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "option1": ("Option1 Value",),
    "option2": ("Option2 Value",),
    "option3": ("Option3 Value",),
    "price": ("Variant Price", "Price"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "balance": ("Variant Inventory Qty", "Inventory quantity"),
    "policy": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "group": ("Type",),
}
REQUIRED = ("sku", "handle", "balance")
OPTIONS = ("option1", "option2", "option3")

_NO_OPTION = "default title"
_OF_A_VARIANT = ("sku", "option1", "price", "balance")


class ProductRows:
    """Makes items of the rows of a product export; the rows after a product's first say only what differs."""

    def __init__(self, options: ReadOptions, settings: StockSettings) -> None:
        del settings  # Shopify's products have no stock status
        self._options = options
        self._handle = self._title = self._group = ""

    def __call__(self, cells: Cells) -> NewItem | Skipped:
        """Return what a row says, or that it is no variant. Raises AshopError for a cell that will not do."""
        if cells.text("handle") != self._handle or cells.text("title"):
            self._handle, self._title = cells.text("handle"), cells.words("title")
            self._group = cells.words("group")
        if not any(cells.text(column) for column in _OF_A_VARIANT):
            return Skipped()
        tracked = bool(cells.text("tracker")) or not cells.has("tracker")
        balance = cells.whole("balance")
        return NewItem(
            sku=cells.text("sku"),
            name=variant_name(self._title, cells),
            balance=balance if tracked else None,
            group=group_of(self._group) if self._options.groups else None,
            oversells=cells.truth("policy") if self._options.policies else None,
        )


def variant_name(title: str, cells: Cells) -> str:
    """Return what a variant is called: its product, and what sets it apart."""
    values = [cells.words(option) for option in OPTIONS]
    return " – ".join([title, *(v for v in values if v and v.casefold() != _NO_OPTION)]) if title else ""
