"""What stands on the shelves: filled before the doors open, and filled up when a lorry comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from ashop_demo.hours import Hours
from ashop_demo.products import EVERYTHING, Product
from ashop_demo.stage import Script
from ashop_stock_control.stock import ItemFilter, NewItem, StockItem, import_items, items, receive

if TYPE_CHECKING:
    from ashop_core.shop import Shop

STOREKEEPER = "Nadja"
LORRY_DAYS = (1, 3)  # Tuesday and Thursday
RUNNING_LOW = 3
REFILLS = {product.sku: product.refill for product in EVERYTHING}


def fill_the_shelves(shop: Shop) -> None:
    """Put every product in the stock; what is not kept there is a Beställningsvara without a balance."""
    import_items(shop, map(_new_item, EVERYTHING), actor=STOREKEEPER, note="Öppningslager")


def lorries(shop: Shop, hours: Hours, seed: int) -> Script:
    """Receive goods that are running low, two mornings a week."""
    dice = Random(f"{seed}/lorries")
    number = dice.randrange(30000, 50000)
    while True:
        yield _next_lorry(shop.clock(), hours, dice)
        number += dice.randint(3, 90)
        for low in items(shop, ItemFilter(at_most=RUNNING_LOW), limit=len(EVERYTHING)).rows:
            quantity = _refill(low)
            if quantity:
                receive(
                    shop, low.sku, quantity, actor=STOREKEEPER, note=f"Följesedel {number}",
                    key=f"{number}-{low.sku}",
                )  # fmt: skip


def _refill(low: StockItem) -> int:
    """Return how many come in: what is owed and some more, or none of what does not come in again."""
    refill = REFILLS.get(low.sku, 0)
    return refill + max(0, -(low.balance or 0)) if refill else 0


def _new_item(product: Product) -> NewItem:
    if product.on_hand is None:
        return NewItem(sku=product.sku, name=product.name, status="on_order")
    return NewItem(sku=product.sku, name=product.name, balance=product.on_hand)


def _next_lorry(at: datetime, hours: Hours, dice: Random) -> datetime:
    """Return the next morning on which a lorry comes."""
    for days in range(1, 8):
        day = at + timedelta(days=days)
        if day.astimezone(hours.zone).weekday() in LORRY_DAYS:
            break
    return hours.at(day, 7, dice.randint(10, 50), 0)
