"""The formats of files of items: what their columns are called, and what makes items of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_stock_control.files import plain_csv, shopify, shopify_inventory, woocommerce
from ashop_stock_control.files.cells import Cells, ReadOptions
from ashop_stock_control.files.shop_words import Skipped
from ashop_stock_control.files.shopify_inventory import At
from ashop_stock_control.new_items import NewItem

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

Reading = Callable[[Cells], NewItem | At | Skipped]
"""Makes of a row what it says; what it needs to remember between rows is its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format. `closed`: a column that nobody knows is a slip of the pen, and not another shop's business."""

    code: str
    label: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    rows: Callable[[ReadOptions, StockSettings], Reading]
    closed: bool = False


FORMATS = (
    Format(
        code=plain_csv.CODE,
        label="CSV",
        columns=plain_csv.COLUMNS,
        required=plain_csv.REQUIRED,
        rows=plain_csv.PlainRows,
        closed=True,
    ),
    Format(
        code=woocommerce.CODE,
        label="WooCommerce",
        columns=woocommerce.COLUMNS,
        required=woocommerce.REQUIRED,
        rows=woocommerce.WooRows,
    ),
    Format(
        code=shopify.CODE,
        label="Shopify",
        columns=shopify.COLUMNS,
        required=shopify.REQUIRED,
        rows=shopify.ProductRows,
    ),
    Format(
        code=shopify_inventory.CODE,
        label="Shopify (lager/inventory)",
        columns=shopify_inventory.COLUMNS,
        required=shopify_inventory.REQUIRED,
        rows=shopify_inventory.InventoryRows,
    ),
)
CODES = tuple(format.code for format in FORMATS)
