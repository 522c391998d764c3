"""The stock as people and programs work with it: the public face of this plugin.

Every function that writes makes one transaction: the item, the ledger and what the rules say of it stand or
fall together. `actor` is who did it; `dry_run` does everything and keeps nothing. Quantities are whole
pieces. Raises InvalidInput and NotFound with the value and the remedy, and then nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ashop_core import paging
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_stock_control.alert_list import Alert, AlertPage, alerts, every_alert, open_alerts
from ashop_stock_control.by_hand import Clerk, StockOutcome, writing
from ashop_stock_control.checks import MOST_COUNTED, MOST_MOVED, check_number
from ashop_stock_control.editing import KEEP, Edits, check_edits, edit
from ashop_stock_control.explaining import Explanation, explain
from ashop_stock_control.files.cells import ReadOptions
from ashop_stock_control.files.exporting import export_rows
from ashop_stock_control.files.importing import FileReport, ImportOptions, import_file
from ashop_stock_control.history import HistoryPage, Movement, every_movement, history
from ashop_stock_control.importing import ImportReport, import_items, put_new
from ashop_stock_control.item_list import ItemFilter, ItemPage, list_items
from ashop_stock_control.items import StockItem, find_item, load_item, lock_item
from ashop_stock_control.ledger import Kind
from ashop_stock_control.new_items import Mode, NewItem, check_item
from ashop_stock_control.policies import Policy
from ashop_stock_control.reevaluating import Preview, Reevaluated, Turn
from ashop_stock_control.rule_editing import (
    PlannedRules,
    RuleList,
    Trial,
    apply_rules,
    change_rules,
    plan_removal,
    plan_rule,
    rules_preview,
    shop_rules,
    try_rule,
    unknown_to_stock,
)
from ashop_stock_control.rule_trial import Firings
from ashop_stock_control.second_look import still_short
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.trend import trend

if TYPE_CHECKING:
    from ashop_core.shop import Shop

STAFF = "staff"
EVERYTHING = ItemFilter()

__all__ = [
    "KEEP",
    "Alert",
    "AlertPage",
    "Edits",
    "Explanation",
    "FileReport",
    "Firings",
    "HistoryPage",
    "ImportOptions",
    "ImportReport",
    "ItemFilter",
    "ItemPage",
    "Kind",
    "Mode",
    "Movement",
    "NewItem",
    "PlannedRules",
    "Preview",
    "ReadOptions",
    "Reevaluated",
    "RuleList",
    "StockItem",
    "StockOutcome",
    "Trial",
    "Turn",
    "add_item",
    "adjust",
    "alerts",
    "apply_rules",
    "change_rules",
    "count",
    "edit_item",
    "every_alert",
    "every_item",
    "every_movement",
    "every_page",
    "explain",
    "export_rows",
    "history",
    "import_file",
    "import_items",
    "item",
    "items",
    "plan_removal",
    "plan_rule",
    "receive",
    "rules_preview",
    "set_status",
    "shop_rules",
    "still_short",
    "try_rule",
    "unknown_to_stock",
    "warnings",
]


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


def item(shop: Shop, sku: str) -> StockItem:
    """Return an item as it stands."""
    with shop.database.read() as reader:
        return load_item(reader, sku)


def warnings(shop: Shop, sku: str) -> tuple[Alert, ...]:
    """Return the open warnings of an item: at most one of each kind."""
    with shop.database.read() as reader:
        return open_alerts(reader, load_item(reader, sku).sku)


def items(
    shop: Shop,
    wanted: ItemFilter = EVERYTHING,
    *,
    cursor: str | None = None,
    limit: int = 50,
    trends: bool = False,
) -> ItemPage:
    """Return a page of items in the order of their SKUs, with `trends` also how their balances went."""
    settings = shop.settings.for_plugin(StockSettings)
    if wanted.status is not None:
        settings.find_status(wanted.status)
    with shop.database.read() as reader:
        page = list_items(reader, settings, wanted, cursor, limit)
        if not trends:
            return page
        went = trend(reader, page.rows, shop.clock(), shop.settings.shop.timezone)
    return replace(page, days=went.balances, first_day=went.days[0])


def every_item(shop: Shop, wanted: ItemFilter = EVERYTHING) -> Iterator[StockItem]:
    """Return every item of a filter in the order of their SKUs, reading a page at a time."""
    return paging.every_row(partial(items, shop, wanted))


def every_page(shop: Shop, wanted: ItemFilter = EVERYTHING, *, trends: bool = False) -> Iterator[ItemPage]:
    """Return the pages of a filter's items, the largest there are."""
    return paging.every_page(partial(items, shop, wanted, trends=trends))


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def add_item(
    shop: Shop,
    sku: str,
    name: str = "",
    *,
    balance: int | None = None,
    status: str | None = None,
    group: str | None = None,
    policy: Policy | None = None,
    margin: int | None = None,
    low: int | None = None,
    actor: str = STAFF,
    note: str = "",
    dry_run: bool = False,
) -> StockOutcome:
    """Add an item, tracked if a balance is given. Without a `status` it gets the default one, rules asked.

    Without a policy, a margin or a low of its own its group's or the shop's apply.
    """
    settings = shop.settings.for_plugin(StockSettings)
    new = NewItem(
        sku=sku, name=name, balance=balance, status=status, group=group, policy=policy, margin=margin, low=low
    )
    new = check_item(new, settings)
    with writing(shop, actor, note, dry_run) as clerk:
        if find_item(clerk.tx, new.sku) is not None:
            raise InvalidInput(
                Text(
                    "Artikeln {sku} finns redan. Ändra den med `ashop stock edit` eller `ashop stock receive`.",
                    "The item {sku} exists already. Change it with `ashop stock edit` or `ashop stock receive`.",
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

    With a `key`, such as a delivery note's number, it happens once for the item however often it is asked for.
    """
    check_number(quantity, 1, MOST_MOVED)
    with writing(shop, actor, note, dry_run) as clerk:
        found = lock_item(clerk.tx, sku)
        cause = None if key is None else f"receive:{key}:{found.sku}"
        if key is not None and _received(clerk, key, found, quantity):
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
    shop: Shop,
    sku: str,
    status: str,
    actor: str = STAFF,
    note: str = "",
    *,
    pin: bool = False,
    dry_run: bool = False,
) -> StockOutcome:
    """Give an item a stock status by hand; it stands until the balance crosses a rule's threshold.

    With `pin` it stands until somebody changes it or takes the pin away (`edit_item`).
    """
    shop.settings.for_plugin(StockSettings).find_status(status)
    with writing(shop, actor, note, dry_run) as clerk:
        given = clerk.give_status(lock_item(clerk.tx, sku), status)
        if not pin:
            return given
        pinned = edit(clerk, given.item, Edits(pinned=True))
        return StockOutcome(item=pinned.item, effects=given.effects + pinned.effects)


def edit_item(
    shop: Shop, sku: str, edits: Edits, actor: str = STAFF, note: str = "", *, dry_run: bool = False
) -> StockOutcome:
    """Change an item's name, group, terms or pin: ``edit_item(shop, "LAMPA", Edits(margin=2, policy=None))``.

    A changed margin is to the rules as if the balance had changed. Where a pin is taken away, plugins and rules are
    asked at once, whoever set the stock status.
    """
    edits = check_edits(edits)
    with writing(shop, actor, note, dry_run) as clerk:
        return edit(clerk, lock_item(clerk.tx, sku), edits)


def _received(clerk: Clerk, key: str, found: StockItem, quantity: int) -> bool:
    """Tell whether these goods were received already. Raises InvalidInput where it was another number of them."""
    cause = {"cause": f"receive:{key}:{found.sku}"}
    row = clerk.tx.row("SELECT sku, d_on_hand FROM stock_movements WHERE cause = :cause", cause)
    if row is None:
        return False
    if (row["sku"], row["d_on_hand"]) != (found.sku, quantity):
        raise InvalidInput(
            Text(
                "Nyckeln {key} är redan använd för {n} st {sku}. Välj en ny nyckel.",
                "The key {key} was used for {n} pcs of {sku}. Choose a new key.",
            ).fill(key=key, n=row["d_on_hand"], sku=row["sku"])
        )
    return True
