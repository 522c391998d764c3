"""WooCommerce's product CSV, as its own exporter writes it: simple products and variations.

The exporter translates its headers; those known here are English, Swedish and German, others want ``--map``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.texts import Text
from ashop_stock_control.files.cells import Cells, ReadOptions
from ashop_stock_control.files.shop_words import Skipped, flags_of, group_of
from ashop_stock_control.new_items import Flag, NewItem

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

CODE = "woocommerce"
COLUMNS = {
    "sku": ("SKU", "Artikelnummer", "Artikelnr"),
    "name": ("Name", "Namn"),
    "type": ("Type", "Typ"),
    "in_stock": ("In stock?", "I lager?", "Finns i lager?", "Vorrätig?", "Auf Lager?"),
    "balance": ("Stock", "Lager", "Lagersaldo", "Bestand", "Lagerbestand"),
    "low": (
        "Low stock amount", "Lågt lagersaldo", "Antal vid lågt lager", "Gräns för lågt lagersaldo", "Geringe Lagermenge",
    ),
    "backorders": (
        "Backorders allowed?", "Restnoteringar tillåtna?", "Tillåt restnoteringar?", "Restorder tillåten?",
        "Lieferrückstände erlaubt?",
    ),
    "group": ("Categories", "Kategorier", "Kategorien"),
    "parent": ("Parent", "Förälder", "Överordnad", "Übergeordnetes Produkt"),
}  # fmt: skip
REQUIRED = ("sku", "balance")
FLAGS = {"1": (True, "in_stock"), "0": (False, "sold_out"), "backorder": (True, "on_order")}
"""`In stock?`: whether it can be bought, and as which stock status where ours says otherwise."""

_NOT_SOLD = {
    "variable": Text("har varianter: de säljs, inte den", "has variations: they are sold, it is not"),
    "grouped": Text("samlar andra produkter", "gathers other products"),
    "external": Text("säljs av någon annan", "is sold by somebody else"),
}
_OF_THE_PARENT = "parent"


class WooRows:
    """Makes items of the rows of a product export."""

    def __init__(self, options: ReadOptions, settings: StockSettings) -> None:
        self._flags: dict[str, Flag] = flags_of(FLAGS, options, settings)
        self._options = options

    def __call__(self, cells: Cells) -> NewItem | Skipped:
        """Return what a row says, or why it is no item. Raises AshopError for a cell that will not do."""
        kinds = (kind.strip() for kind in cells.text("type").casefold().split(","))
        for kind in kinds:
            if kind in _NOT_SOLD:
                return Skipped(_NOT_SOLD[kind])
        # A variation may draw on its parent's stock, which no item of ours can: nobody counts it here.
        shared = cells.text("balance").casefold() == _OF_THE_PARENT
        return NewItem(
            sku=cells.text("sku"),
            name=cells.words("name"),
            balance=None if shared else cells.whole("balance"),
            flag=self._flags.get(cells.text("in_stock").casefold()),
            low=cells.whole("low"),
            group=_category(cells.words("group")) if self._options.groups else None,
            oversells=cells.truth("backorders") if self._options.policies else None,
        )


def _category(words: str) -> str | None:
    """Return the last part of the first category as a group: ``lamps`` of ``Home > Lamps, Sale``."""
    return group_of(words.split(",")[0].rpartition(">")[2])
