"""What staff see of the stock on an order's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.models import Section
from ashop_core.texts import Text, same
from ashop_stock_control.items import StockItem, find_items
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.shop import Shop

_TITLE = Text("Lager", "Stock")
_UNKNOWN = Text("finns inte i lagret", "not in the stock")
_UNTRACKED = Text("{status}, utan lagersaldo", "{status}, without a balance")
_TRACKED = Text("{status}, saldo {balance}", "{status}, balance {balance}")


def sections(shop: Shop, order: Order) -> list[Section]:
    """Return the stock status and balance of each item of the order, as they are now."""
    settings = shop.settings.for_plugin(StockSettings)
    names = {line.sku: line.name for line in order.lines}
    with shop.database.read() as reader:
        found = find_items(reader, names)
    rows = tuple((same(f"{name} ({sku})"), words(found.get(sku), settings)) for sku, name in names.items())
    return [Section(title=_TITLE, rows=rows)] if rows else []


def words(item: StockItem | None, settings: StockSettings) -> Text:
    """Return what staff read of an item's stock."""
    if item is None:
        return _UNKNOWN
    label = settings.label(item.status)
    if item.balance is None:
        return _UNTRACKED.fill(status=label)
    return _TRACKED.fill(status=label, balance=item.balance)
