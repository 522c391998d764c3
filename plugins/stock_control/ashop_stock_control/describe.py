"""What staff see of the stock on an order's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.clock import local
from ashop_core.models import Section
from ashop_core.texts import Text, same
from ashop_stock_control.checkout_holds import Hold, hold_of
from ashop_stock_control.effects import balance_words
from ashop_stock_control.items import StockItem, find_items
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.shop import Shop

_TITLE = Text("Lager", "Stock")
_UNKNOWN = Text("finns inte i lagret", "not in the stock")
_UNTRACKED = Text("{status}, utan lagersaldo", "{status}, without a balance")
_TRACKED = Text("{status}, saldo {balance}", "{status}, balance {balance}")
_HELD = Text("Hålls medan kunden betalar", "Held while the customer pays")


def sections(shop: Shop, order: Order) -> list[Section]:
    """Return the stock status and balance of each item of the order as they are now, and how long a checkout holds them."""
    settings = shop.settings.for_plugin(StockSettings)
    names = {line.sku: line.name for line in order.lines}
    with shop.database.read() as reader:
        found = find_items(reader, names)
        hold = hold_of(reader, order.id) if order.placed_at is None else None
    rows = [(same(f"{name} ({sku})"), words(found.get(sku), settings)) for sku, name in names.items()]
    if hold is not None:
        rows.append((_HELD, _until(shop, hold)))
    return [Section(title=_TITLE, rows=tuple(rows))] if rows else []


def _until(shop: Shop, hold: Hold) -> Text:
    until = Text("till {t}", "until {t}")
    if hold.lapsed or shop.clock() >= hold.expires_at:
        until = Text("tiden gick ut {t}", "the time ran out {t}")
    return until.fill(t=f"{local(hold.expires_at, shop.settings.shop.timezone):%Y-%m-%d %H:%M}")


def words(item: StockItem | None, settings: StockSettings) -> Text:
    """Return what staff read of an item's stock."""
    if item is None:
        return _UNKNOWN
    label = settings.label(item.status)
    if item.balance is None:
        return _UNTRACKED.fill(status=label)
    return _TRACKED.fill(status=label, balance=balance_words(item.balance))
