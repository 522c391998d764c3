"""Many items at once: added, or brought to what is given for them, some hundred in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.errors import AshopError, InvalidInput
from ashop_core.texts import Text, joined
from ashop_stock_control.bringing import Batch, Brought, blank, has_terms
from ashop_stock_control.by_hand import Clerk, StockOutcome, writing
from ashop_stock_control.editing import record_new
from ashop_stock_control.items import values_of
from ashop_stock_control.ledger import Kind
from ashop_stock_control.new_items import Mode, NewItem, check_item
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

AT_ONCE = 500
"""How many items one transaction holds, so that orders get their turn in between."""
_MOST_FAULTS = 20


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
    mode: Mode = Mode.UPDATE,
    key: str | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    told: Callable[[Brought], None] | None = None,
) -> ImportReport:
    """Bring the stock to what is given: nothing at all if one of the items is not acceptable.

    A repetition changes nothing. That goes for a count, too, if it has a `key`: what was counted under it once is
    left alone afterwards, wherever orders have moved the goods since. `progress` is told how many items each
    transaction did, `told` what became of each, in the order given.
    """
    wanted = _checked(items, shop.settings.for_plugin(StockSettings), mode)
    created = changed = 0
    for start in range(0, len(wanted), AT_ONCE):
        with writing(shop, actor, note, dry_run) as clerk:
            done = Batch(clerk, mode, key).bring(wanted[start : start + AT_ONCE], start)
        created += sum(each.before is None for each in done)
        changed += sum(each.before is not None and each.before != each.after for each in done)
        if told is not None:
            for each in done:
                told(each)
        if progress is not None:
            progress(len(done))
    return ImportReport(created=created, changed=changed, unchanged=len(wanted) - created - changed)


def _checked(items: Iterable[NewItem], settings: StockSettings, mode: Mode) -> list[NewItem]:
    wanted: dict[str, NewItem] = {}
    faults: list[Text] = []
    for n, new in enumerate(items, 1):
        try:
            item = check_item(new, settings, mode)
            if item.sku in wanted:
                raise InvalidInput(Text(f"{item.sku} står två gånger", f"{item.sku} is there twice"))
            wanted[item.sku] = item
        except AshopError as error:
            faults.append(Text(f"artikel {n}: {error.text.sv}", f"item {n}: {error.text.en}"))
    if faults:
        raise InvalidInput(joined(faults[:_MOST_FAULTS], "\n"))
    return list(wanted.values())


def put_new(clerk: Clerk, new: NewItem) -> StockOutcome:
    """Add one item that is not there yet."""
    item = blank(new, clerk.settings)
    clerk.tx.insert("stock_items", values_of(item))
    if new.balance is None or has_terms(item):
        record_new(clerk, item)
    if new.balance is None:
        return StockOutcome(item=item)
    item = clerk.begin(item)
    return clerk.book(item, Kind.ADJUST, new.balance + item.held, status=new.status, first=True)
