"""The stock as people and programs work with it: the public face of this plugin.

Every function that writes makes one transaction: the item, the ledger and what the rules say of it stand or
fall together. `actor` is who did it; `dry_run` does everything and keeps nothing. Quantities are whole
pieces. Raises InvalidInput and NotFound with the value and the remedy, and then nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_stock_control.by_hand import Clerk, StockOutcome, writing
from ashop_stock_control.checks import MOST_COUNTED, MOST_MOVED, check_number
from ashop_stock_control.history import HistoryPage, Movement, every_movement, history
from ashop_stock_control.importing import ImportReport, NewItem, check_item, import_items, put_new
from ashop_stock_control.items import (
    LARGEST_PAGE,
    ItemFilter,
    ItemPage,
    StockItem,
    find_item,
    list_items,
    load_item,
    lock_item,
)
from ashop_stock_control.ledger import Kind
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

STAFF = "staff"
EVERYTHING = ItemFilter()

__all__ = [
    "HistoryPage",
    "ImportReport",
    "ItemFilter",
    "ItemPage",
    "Kind",
    "Movement",
    "NewItem",
    "StockItem",
    "StockOutcome",
    "add_item",
    "adjust",
    "count",
    "every_item",
    "every_movement",
    "history",
    "import_items",
    "item",
    "items",
    "receive",
    "set_status",
]


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


def item(shop: Shop, sku: str) -> StockItem:
    """Return an item as it stands."""
    with shop.database.read() as reader:
        return load_item(reader, sku)


def items(
    shop: Shop, wanted: ItemFilter = EVERYTHING, *, cursor: str | None = None, limit: int = 50
) -> ItemPage:
    """Return a page of items in the order of their SKUs."""
    if wanted.status is not None:
        shop.settings.for_plugin(StockSettings).find_status(wanted.status)
    with shop.database.read() as reader:
        return list_items(reader, wanted, cursor, limit)


def every_item(shop: Shop, wanted: ItemFilter = EVERYTHING) -> Iterator[StockItem]:
    """Yield every item of a filter in the order of their SKUs, reading a page at a time."""
    cursor: str | None = None
    while True:
        page = items(shop, wanted, cursor=cursor, limit=LARGEST_PAGE)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def add_item(
    shop: Shop,
    sku: str,
    name: str = "",
    *,
    balance: int | None = None,
    status: str | None = None,
    actor: str = STAFF,
    note: str = "",
    dry_run: bool = False,
) -> StockOutcome:
    """Add an item, tracked if a balance is given. Without a `status` it gets the default one, rules asked."""
    settings = shop.settings.for_plugin(StockSettings)
    new = check_item(NewItem(sku=sku, name=name, balance=balance, status=status), settings)
    with writing(shop, actor, note, dry_run) as clerk:
        if find_item(clerk.tx, new.sku) is not None:
            raise InvalidInput(
                Text(
                    "Artikeln {sku} finns redan. Ändra den med `ashop stock set` eller `ashop stock receive`.",
                    "The item {sku} exists already. Change it with `ashop stock set` or `ashop stock receive`.",
                ).fill(sku=new.sku)
            )
        return put_new(clerk, new)


def receive(
    shop: Shop,
    sku: str,
    quantity: int,
    actor: str = STAFF,
    note: str = "",
    *,
    key: str | None = None,
    dry_run: bool = False,
) -> StockOutcome:
    """Put goods that came in on the shelf; an item that was not tracked is counted from here on.

    With a `key`, such as a delivery note's number, it happens once however often it is asked for.
    """
    check_number(quantity, 1, MOST_MOVED)
    with writing(shop, actor, note, dry_run) as clerk:
        found = lock_item(clerk.tx, sku)
        cause = None if key is None else f"receive:{key}"
        if cause is not None and _received(clerk, cause, found, quantity):
            return StockOutcome(item=found)
        first = not found.tracked
        if first:
            found = clerk.begin(found)
        return clerk.book(found, Kind.RECEIVE, quantity, cause=cause, first=first)


def adjust(
    shop: Shop, sku: str, by: int, actor: str = STAFF, note: str = "", *, dry_run: bool = False
) -> StockOutcome:
    """Correct what is on hand by so many pieces, up or down: broken, found, taken for the showroom."""
    check_number(by, -MOST_MOVED, MOST_MOVED)
    if by == 0:
        raise InvalidInput(
            Text("0 är ingen justering: skriv +N eller -N", "0 adjusts nothing: write +N or -N")
        )
    with writing(shop, actor, note, dry_run) as clerk:
        found = lock_item(clerk.tx, sku)
        if not found.tracked:
            raise InvalidInput(
                Text(
                    "{sku} har inget lagersaldo att justera. Räkna först: `ashop stock count {sku} N`.",
                    "{sku} has no balance to adjust. Count it first: `ashop stock count {sku} N`.",
                ).fill(sku=found.sku)
            )
        return clerk.book(found, Kind.ADJUST, by)


def count(
    shop: Shop, sku: str, on_hand: int, actor: str = STAFF, note: str = "", *, dry_run: bool = False
) -> StockOutcome:
    """Set what is on hand to what was counted on the shelf, goods held for orders included."""
    check_number(on_hand, 0, MOST_COUNTED)
    with writing(shop, actor, note, dry_run) as clerk:
        found = lock_item(clerk.tx, sku)
        first = not found.tracked
        if first:
            found = clerk.begin(found)
        return clerk.counted(clerk.book(found, Kind.COUNT, on_hand - found.on_hand, first=first))


def set_status(
    shop: Shop, sku: str, status: str, actor: str = STAFF, note: str = "", *, dry_run: bool = False
) -> StockOutcome:
    """Give an item a stock status by hand; it stands until the balance crosses a rule's threshold."""
    shop.settings.for_plugin(StockSettings).find_status(status)
    with writing(shop, actor, note, dry_run) as clerk:
        return clerk.give_status(lock_item(clerk.tx, sku), status)


def _received(clerk: Clerk, cause: str, found: StockItem, quantity: int) -> bool:
    """Tell whether these goods were received already. Raises InvalidInput where the key stands for others."""
    row = clerk.tx.row("SELECT sku, d_on_hand FROM stock_movements WHERE cause = :cause", {"cause": cause})
    if row is None:
        return False
    if (row["sku"], row["d_on_hand"]) != (found.sku, quantity):
        raise InvalidInput(
            Text(
                "Nyckeln {key} är redan använd för {n} st {sku}. Välj en ny nyckel.",
                "The key {key} was used for {n} pcs of {sku}. Choose a new key.",
            ).fill(key=cause.partition(":")[2], n=row["d_on_hand"], sku=row["sku"])
        )
    return True
