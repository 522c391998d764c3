"""What the tests of imports share: small files in the real formats, written by the tests themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ashop_core.shop import Shop
from ashop_order_import.found import Grouped, ReadOptions, RefusedRow
from ashop_order_import.importing import ImportOptions, import_file
from ashop_order_import.reading import read_orders
from ashop_order_import.report import Report

ONLINE_RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

_SHOPIFY = """
    Name, Email, Financial Status, Paid at, Fulfillment Status, Fulfilled at, Accepts Marketing, Currency, Subtotal,
    Shipping, Taxes, Total, Discount Code, Discount Amount, Shipping Method, Created at, Lineitem quantity,
    Lineitem name, Lineitem price, Lineitem compare at price, Lineitem sku, Lineitem requires shipping,
    Lineitem taxable, Lineitem fulfillment status, Billing Name, Billing Street, Billing City, Billing Zip,
    Billing Country, Billing Phone, Shipping Name, Shipping Street, Shipping Company, Shipping City, Shipping Zip,
    Shipping Country, Shipping Phone, Notes, Note Attributes, Cancelled at, Payment Method, Payment Reference,
    Refunded Amount, Vendor, Outstanding Balance, Id, Lineitem discount, Phone
"""
SHOPIFY_OLD = [name.strip() for name in _SHOPIFY.split(",")]

SHOPIFY_NEW = [
    {
        "Lineitem sku": "Lineitem SKU",
        "Cancelled at": "Canceled at",
        "Lineitem compare at price": "Lineitem compare-at price",
        "Payment Reference": "Payment Reference (deprecated)",
    }.get(name, name)
    for name in ("Name", "Phone", *(n for n in SHOPIFY_OLD[1:] if n != "Phone"), "Payment terms")
]

_ORDER = {
    "Name": "#1001",
    "Email": "asa@example.se",
    "Financial Status": "paid",
    "Currency": "SEK",
    "Shipping": "49.00",
    "Taxes": "59.80",
    "Total": "299.00",
    "Created at": "2026-08-12 16:24:51 +0200",
    "Shipping Method": "Standard",
    "Payment Method": "shopify_payments",
    "Shipping Name": "Åsa Öberg",
    "Shipping Street": "Storgatan 1",
    "Shipping City": "Stockholm",
    "Shipping Zip": "'114 21",
    "Shipping Country": "SE",
    "Lineitem quantity": "2",
    "Lineitem name": "Lampa, blå",
    "Lineitem price": "125.00",
    "Lineitem sku": "LAMPA",
}


def retail(*rows: str) -> str:
    """Return an Online Retail file with these rows."""
    return "\n".join([ONLINE_RETAIL, *rows, ""])


def retail_row(order: str = "536365", **changed: str) -> str:
    """Return one row of Online Retail, as CSV."""
    values = {
        "sku": "22914", "name": "BLUE COAT RACK", "quantity": "3", "at": "2010-12-01 08:34:00", "price": "4.95",
        "customer": "13047.0", "country": "United Kingdom",
    } | changed  # fmt: skip
    return as_csv([[order, *values.values()]]).strip()


def shopify(*rows: Mapping[str, str], headers: Sequence[str] = SHOPIFY_OLD) -> str:
    """Return a Shopify export with these rows; old names of columns are written as `headers` has them."""
    renamed = {"Lineitem SKU": "Lineitem sku", "Canceled at": "Cancelled at"}
    cells = [[row.get(renamed.get(name, name), "") for name in headers] for row in rows]
    return as_csv([headers, *cells])


def shopify_order(**changed: str) -> dict[str, str]:
    """Return the row of an order of one line; ``Lineitem_sku="A"`` changes the column `Lineitem sku`."""
    return {**_ORDER, **{name.replace("_", " "): value for name, value in changed.items()}}


def shopify_line(name: str = "#1001", **changed: str) -> dict[str, str]:
    """Return a further row of an order, without the order's own cells."""
    cells = {
        "Name": name,
        "Lineitem quantity": "1",
        "Lineitem name": "Skärm",
        "Lineitem price": "10.00",
        "Lineitem sku": "SKÄRM",
    }
    return {**cells, **{key.replace("_", " "): value for key, value in changed.items()}}


def as_csv(rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    """Return rows as CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write(folder: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    """Write a file and return where it is."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, options: ReadOptions | None = None) -> tuple[list[Grouped], list[RefusedRow]]:
    """Return the orders and refused rows of a file; every row must be accounted for."""
    orders: list[Grouped] = []
    rows: list[RefusedRow] = []
    with read_orders(path, options) as file:
        for item in file:
            if isinstance(item, RefusedRow):
                rows.append(item)
            else:
                orders.append(item)
        assert file.rows_read == sum(len(order.rows) for order in orders) + len(rows)
    numbers = [n for order in orders for n in order.rows] + [row.number for row in rows]
    assert len(set(numbers)) == len(numbers)
    return orders, rows


def run(shop: Shop, path: Path, options: ImportOptions | None = None, **reading: Any) -> Report:
    """Import a file; every row must be accounted for."""
    how = ReadOptions(**{"currency": "SEK", **reading})
    report = import_file(shop, path, how, options or ImportOptions())
    assert report.adds_up
    return report


def codes(rows: Iterable[RefusedRow]) -> list[str]:
    """Return why rows were refused."""
    return [row.reason.code for row in rows]
