"""Many items at once: added, or brought to the name, balance and stock status that are given for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ashop_core.errors import AshopError, InvalidInput
from ashop_core.texts import Text, joined
from ashop_stock_control.by_hand import Clerk, StockOutcome, writing
from ashop_stock_control.checks import MOST_COUNTED, check_name, check_number, check_sku
from ashop_stock_control.items import StockItem, find_items, values_of
from ashop_stock_control.ledger import Kind
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.tracking import Hold, held_by_orders

if TYPE_CHECKING:
    from ashop_core.shop import Shop

AT_ONCE = 500
"""How many items one transaction holds, so that orders get their turn in between."""
_MOST_FAULTS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class NewItem:
    """An item as it is given. What is left out stays as it is, or gets the shop's default when it is new."""

    sku: str
    name: str = ""
    balance: int | None = None
    status: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """How many items were created, changed, and already as given."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


def import_items(
    shop: Shop,
    items: Iterable[NewItem],
    actor: str = "import",
    note: str = "",
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Bring the stock to what is given: nothing at all if one of the items is not acceptable.

    A repetition changes nothing. `progress` is told how many items each transaction did.
    """
    wanted = _checked(items, shop.settings.for_plugin(StockSettings))
    created = changed = 0
    for start in range(0, len(wanted), AT_ONCE):
        batch = wanted[start : start + AT_ONCE]
        with writing(shop, actor, note, dry_run) as clerk:
            new, touched = _put_all(clerk, batch)
        created, changed = created + new, changed + touched
        if progress is not None:
            progress(len(batch))
    return ImportReport(created=created, changed=changed, unchanged=len(wanted) - created - changed)


def put_new(clerk: Clerk, new: NewItem) -> StockOutcome:
    """Add one item that is not there yet."""
    item = _blank(new, clerk.settings)
    clerk.tx.insert("stock_items", values_of(item))
    return _bring(clerk, item, new, None)


def check_item(new: NewItem, settings: StockSettings) -> NewItem:
    """Return the item as it will be stored. Raises InvalidInput or NotFound."""
    if new.balance is not None:
        check_number(new.balance, -MOST_COUNTED, MOST_COUNTED)
    if new.status is not None:
        settings.find_status(new.status)
    return replace(new, sku=check_sku(new.sku), name=check_name(new.name))


def _checked(items: Iterable[NewItem], settings: StockSettings) -> list[NewItem]:
    wanted: dict[str, NewItem] = {}
    faults: list[Text] = []
    for n, new in enumerate(items, 1):
        try:
            item = check_item(new, settings)
            if item.sku in wanted:
                raise InvalidInput(Text(f"{item.sku} står två gånger", f"{item.sku} is there twice"))
            wanted[item.sku] = item
        except AshopError as error:
            faults.append(Text(f"artikel {n}: {error.text.sv}", f"item {n}: {error.text.en}"))
    if faults:
        raise InvalidInput(joined(faults[:_MOST_FAULTS], "\n"))
    return list(wanted.values())


def _put_all(clerk: Clerk, batch: list[NewItem]) -> tuple[int, int]:
    """Write a batch; return how many were created and how many of the others changed."""
    skus = [new.sku for new in batch]
    clerk.tx.lock("stock_items", [{"sku": sku} for sku in sorted(skus)])
    known = find_items(clerk.tx, skus)
    fresh = {new.sku: _blank(new, clerk.settings) for new in batch if new.sku not in known}
    clerk.tx.insert_all("stock_items", [values_of(item) for item in fresh.values()])
    items = {**known, **fresh}
    first = [new.sku for new in batch if new.balance is not None and not items[new.sku].tracked]
    holds = held_by_orders(clerk.tx, clerk.flows, first) if first else {}
    changed = 0
    for new in batch:
        outcome = _bring(clerk, items[new.sku], new, holds)
        changed += outcome.item != known.get(new.sku, outcome.item)
    return len(fresh), changed


def _blank(new: NewItem, settings: StockSettings) -> StockItem:
    return StockItem(sku=new.sku, name=new.name or new.sku, status=new.status or settings.default_status)


def _bring(clerk: Clerk, item: StockItem, new: NewItem, holds: dict[str, list[Hold]] | None) -> StockOutcome:
    """Bring an item to what is given for it."""
    if new.name and new.name != item.name:
        item = _rename(clerk, item, new.name)
    if new.balance is None or new.balance == item.balance:
        return clerk.give_status(item, new.status or item.status)
    first = not item.tracked
    if first:
        item = clerk.begin(item, None if holds is None else holds.get(item.sku, []))
    d_on_hand = new.balance - (item.on_hand - item.held)
    return clerk.book(item, Kind.ADJUST, d_on_hand, status=new.status, first=first)


def _rename(clerk: Clerk, item: StockItem, name: str) -> StockItem:
    renamed = replace(item, name=name)
    values = values_of(renamed)
    clerk.tx.execute(
        "UPDATE stock_items SET name = :name, search = :search WHERE sku = :sku",
        {"name": name, "search": values["search"], "sku": item.sku},
    )
    return renamed
