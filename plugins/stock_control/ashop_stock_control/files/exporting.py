"""Items written as files that this shop, WooCommerce and Shopify take in; a page of items in the memory at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from ashop_core.clock import to_iso
from ashop_core.csv_cells import safe_text
from ashop_stock_control.files import plain_csv, shopify, shopify_inventory, woocommerce
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.items import StockItem

LOCATION = "Shop location"
"""What Shopify calls a shop's only location until somebody names it."""

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of file: its headers, and what makes the cells of an item; `begin` is called once for each file."""

    headers: tuple[str, ...]
    begin: Callable[[StockSettings, str], Callable[[StockItem], Sequence[Cell]]]


def export_rows(
    shop: Shop, items: Iterable[StockItem], format: str, location: str = LOCATION
) -> Iterator[bytes]:
    """Yield a file of items in UTF-8, line by line; a cell that a spreadsheet would run is guarded by ``'``."""
    sheet = SHEETS[format]
    cells = sheet.begin(shop.settings.for_plugin(StockSettings), location)
    yield _line(sheet.headers)
    for item in items:
        yield _line(cells(item))


def _line(cells: Sequence[Cell]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([safe_text(c) if isinstance(c, str) else c for c in cells])
    return text.getvalue().encode()


# ── Ours ─────────────────────────────────────────────────────────────────────────────────────────


def _plain(settings: StockSettings, location: str) -> Callable[[StockItem], Sequence[Cell]]:
    del settings, location
    return lambda item: (
        item.sku, item.name, item.status, item.balance, item.on_hand if item.tracked else None,
        item.held if item.tracked else None, item.group, None if item.policy is None else str(item.policy),
        item.margin, item.low, _yes(item.pinned), _yes(item.by_hand),
        None if item.counted_at is None else to_iso(item.counted_at),
    )  # fmt: skip


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


# ── Other shops' ─────────────────────────────────────────────────────────────────────────────────


def _woo(settings: StockSettings, location: str) -> Callable[[StockItem], Sequence[Cell]]:
    """Make rows that update products by their SKU; without a type, so that a variation stays one."""
    del location

    def cells(item: StockItem) -> Sequence[Cell]:
        terms = settings.terms(item)
        oversells = terms.policy.oversell > 0
        buyable = item.status in settings.purchasable
        short = item.balance is not None and item.balance <= 0
        in_stock: Cell = "backorder" if buyable and short and oversells else int(buyable)
        return item.sku, item.name, in_stock, item.balance, item.low, int(oversells)

    return cells


def _shopify(settings: StockSettings, location: str) -> Callable[[StockItem], Sequence[Cell]]:
    del location
    handle = _handles()

    def cells(item: StockItem) -> Sequence[Cell]:
        oversells = settings.terms(item).policy.oversell > 0
        tracker = "shopify" if item.tracked else ""
        continues = "CONTINUE" if oversells else "DENY"
        return item.name, handle(item.sku), item.sku, _OPTION, _ONLY, tracker, item.balance, continues

    return cells


def _inventory(settings: StockSettings, location: str) -> Callable[[StockItem], Sequence[Cell]]:
    del settings
    handle = _handles()

    def cells(item: StockItem) -> Sequence[Cell]:
        figures: tuple[Cell, ...] = (item.held, item.balance, item.on_hand, item.on_hand)
        figures = figures if item.tracked else (_NOT_STOCKED,) * len(figures)
        return handle(item.sku), item.name, _OPTION, _ONLY, item.sku, location, *figures

    return cells


_OPTION, _ONLY = "Title", "Default Title"
"""How Shopify writes that a product has no variants."""
_NOT_STOCKED = "not stocked"


def _handles() -> Callable[[str], str]:
    """Return what makes a Shopify handle of a SKU, another one for each: rows of one handle are one product there."""
    used: set[int] = set()

    def handle(sku: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", sku.casefold()).strip("-")
        if not slug or hash(slug) in used:
            slug = f"{slug}-{sha256(sku.encode()).hexdigest()[:8]}".lstrip("-")
        used.add(hash(slug))
        return slug

    return handle


SHEETS: dict[str, Sheet] = {
    plain_csv.CODE: Sheet(
        (
            "sku", "name", "status", "balance", "on_hand", "held", "group", "policy", "margin", "low", "pinned",
            "by_hand", "counted_at",
        ),
        _plain,
    ),
    woocommerce.CODE: Sheet(
        ("SKU", "Name", "In stock?", "Stock", "Low stock amount", "Backorders allowed?"), _woo
    ),
    shopify.CODE: Sheet(
        (
            "Title", "URL handle", "SKU", "Option1 name", "Option1 value", "Inventory tracker", "Inventory quantity",
            "Continue selling when out of stock",
        ),
        _shopify,
    ),
    shopify_inventory.CODE: Sheet(
        (
            "Handle", "Title", "Option1 Name", "Option1 Value", "SKU", "Location", "Committed (not editable)",
            "Available (not editable)", "On hand (current)", "On hand (new)",
        ),
        _inventory,
    ),
}  # fmt: skip
"""The kinds of files by the codes of their formats: only columns that the other shop's own import takes."""
