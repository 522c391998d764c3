"""What the tests of the stock's files share: small files with the published headers of other shops, and the tables.

The files are doubles: written here from what the vendors publish of their columns, not exported by their systems.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ashop_core.shop import Shop
from ashop_stock_control import stock

_WOO = """
    ID, Type, SKU, "GTIN, UPC, EAN, or ISBN", Name, Published, Is featured?, Visibility in catalog, Short description,
    Description, Date sale price starts, Date sale price ends, Tax status, Tax class, In stock?, Stock,
    Low stock amount, Backorders allowed?, Sold individually?, Weight (kg), Sale price, Regular price, Categories,
    Tags, Shipping class, Images, Parent, Position, Attribute 1 name, Meta: key
"""
_SHOPIFY_OLD = """
    Handle, Title, Body (HTML), Vendor, Type, Tags, Published, Option1 Name, Option1 Value, Option2 Name,
    Option2 Value, Variant SKU, Variant Grams, Variant Inventory Tracker, Variant Inventory Qty,
    Variant Inventory Policy, Variant Fulfillment Service, Variant Price, Variant Compare At Price, Variant Barcode,
    Image Src, Gift Card, Variant Image, Variant Weight Unit, Cost per item
"""
_SHOPIFY_NEW = """
    Title, URL handle, Description, Vendor, Product category, Type, Tags, Published on online store, Status, SKU,
    Barcode, Option1 name, Option1 value, Option1 Linked To, Option2 name, Option2 value, Price, Compare-at price,
    Cost per item, Inventory tracker, Inventory quantity, Continue selling when out of stock,
    Weight value (grams), Fulfillment service, Product image URL, Image position, Gift card
"""
_INVENTORY = """
    Handle, Title, Option1 Name, Option1 Value, Option2 Name, Option2 Value, SKU, HS Code, COO, Location, Bin name,
    Incoming (not editable), Unavailable (not editable), Committed (not editable), Available (not editable),
    On hand (current), On hand (new)
"""


def _names(headers: str) -> list[str]:
    words = " ".join(headers.split())
    return next(csv.reader([words], skipinitialspace=True))


WOO, SHOPIFY_OLD, SHOPIFY_NEW, INVENTORY = map(_names, (_WOO, _SHOPIFY_OLD, _SHOPIFY_NEW, _INVENTORY))


def table(headers: Sequence[str], *rows: dict[str, Any], delimiter: str = ",") -> str:
    """Return a CSV file with these headers, and in each row what is given of it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(folder: Path, content: str | bytes, name: str = "items.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def tables(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that the stock's tables hold."""
    keys = {
        "stock_items": "sku",
        "stock_movements": "id",
        "stock_alerts": "id",
        "stock_checkout_holds": "order_id",
    }
    with shop.database.read() as reader:
        return {
            name: [tuple(row) for row in reader.rows(f"SELECT * FROM {name} ORDER BY {key}")]
            for name, key in keys.items()
        }


def figures(shop: Shop) -> dict[str, int | None]:
    """Return every item's balance."""
    return {item.sku: item.balance for item in stock.every_item(shop)}


def told(report: stock.FileReport) -> list[tuple[int, str, str]]:
    """Return row number, SKU and what became of it."""
    return [(row.number, row.sku, row.what.value) for row in report.rows]


def why(report: stock.FileReport) -> dict[int, str]:
    """Return the reasons by row number, in English."""
    return {row.number: row.why.en for row in report.rows if row.why is not None}


def export(shop: Shop, format: str = "csv", items: Iterable[stock.StockItem] | None = None) -> bytes:
    """Return an export of the stock."""
    return b"".join(stock.export_rows(shop, stock.every_item(shop) if items is None else items, format))
