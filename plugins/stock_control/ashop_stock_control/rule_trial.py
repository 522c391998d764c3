"""How often a rule would have fired of late: the items' movements played again, with the rule and without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_stock_control.by_hand import BY_HAND
from ashop_stock_control.items import StockItem, item_of

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.rules import Crossing, Rule
    from ashop_stock_control.settings import StockSettings

DAYS = 30
_ITEMS = 500
_ROWS = 5000

_PAGE = "SELECT * FROM stock_items WHERE sku > :after ORDER BY sku LIMIT :most"
_BETWEEN = "FROM stock_movements WHERE sku >= :first AND sku <= :last AND at >= :since"
_MOVED = f"SELECT sku, CAST(SUM(d_on_hand - d_held) AS BIGINT) AS moved {_BETWEEN} GROUP BY sku"
_FIRST_CHANGES = f"SELECT MIN(id) {_BETWEEN} AND status_before IS NOT NULL GROUP BY sku"
_STATUS_THEN = f"SELECT sku, status_before FROM stock_movements WHERE id IN ({_FIRST_CHANGES})"  # noqa: S608
_MOVEMENTS = (
    f"SELECT id, sku, order_id, seq, d_on_hand - d_held AS moved, status_after, why {_BETWEEN} "
    "AND (sku, id) > (:sku, :id) ORDER BY sku, id LIMIT :most"
)


@dataclass(kw_only=True, slots=True)
class Firings:
    """How often a rule would have fired in so many days, its way back not counted, and for how many items.

    `changes` and `changes_without` are how often rules would have changed a stock status with it and without it.
    """

    days: int
    times: int = 0
    items: int = 0
    changes: int = 0
    changes_without: int = 0


def firings(shop: Shop, rule: Rule, with_it: StockSettings, without: StockSettings) -> Firings:
    """Play what happened to the items a rule is for again, and count. `rule` is one of the settings `with_it`.

    What people and plugins made of a status they make of it in both plays; margins and groups are those of today.
    """
    since = to_iso(shop.clock() - timedelta(days=DAYS))
    found = Firings(days=DAYS)
    after = ""
    while True:
        with shop.database.read() as reader:
            page = [item_of(row) for row in reader.rows(_PAGE, {"after": after, "most": _ITEMS})]
            mine = {i.sku: i for i in page if i.tracked and not i.pinned and rule.concerns(i.sku, i.group)}
            if mine:
                _play_page(reader, mine, since, _Play(found, rule, with_it, without))
        if not page:
            return found
        after = page[-1].sku


def _play_page(reader: Reader, items: dict[str, StockItem], since: str, play: _Play) -> None:
    bounds = {"first": min(items), "last": max(items), "since": since}
    moved = {row["sku"]: row["moved"] for row in reader.rows(_MOVED, bounds)}
    status = {row["sku"]: row["status_before"] for row in reader.rows(_STATUS_THEN, bounds)}
    for sku, rows in groupby(_movements(reader, bounds), lambda row: row["sku"]):
        item = items.get(sku)
        if item is not None:
            then = replace(item, status=status.get(sku, item.status))
            play.item(then, item.on_hand - item.held - moved[sku], rows)


def _movements(reader: Reader, bounds: dict[str, str]) -> Iterator[Any]:
    last: dict[str, Any] = {"sku": "", "id": 0}
    while True:
        rows = reader.rows(_MOVEMENTS, {**bounds, **last, "most": _ROWS})
        yield from rows
        if len(rows) < _ROWS:
            return
        last = {"sku": rows[-1]["sku"], "id": rows[-1]["id"]}


@dataclass(frozen=True, slots=True)
class _Play:
    found: Firings
    rule: Rule
    with_it: StockSettings
    without: StockSettings

    def item(self, item: StockItem, balance: int, rows: Iterator[Any]) -> None:
        """Play one item's movements, from the status and balance it had."""
        with_it = without = item
        times = 0
        for _, together in groupby(rows, _happened_at_once):
            before, given = balance, None
            for row in together:
                balance += row["moved"]
                if row["why"] == BY_HAND or row["why"].startswith("plugin "):
                    given = row["status_after"]
            if given is not None:
                with_it, without = replace(with_it, status=given), replace(without, status=given)
            elif balance != before:
                fired = _fired(with_it, self.with_it, before, balance)
                times += sum(c.rule is self.rule and c.when is self.rule.when for c in fired)
                self.found.changes += bool(fired)
                with_it = _after(with_it, fired)
                fired = _fired(without, self.without, before, balance)
                self.found.changes_without += bool(fired)
                without = _after(without, fired)
        self.found.times += times
        self.found.items += times > 0


def _fired(item: StockItem, settings: StockSettings, before: int, after: int) -> list[Crossing]:
    margin = settings.terms(item).margin
    return settings.rulebook.fire(item, before - margin, after - margin)


def _after(item: StockItem, fired: list[Crossing]) -> StockItem:
    return replace(item, status=fired[-1].to) if fired else item


def _happened_at_once(row: Any) -> tuple[Any, ...]:
    """Return what rows of one change of an order have in common: the rules saw their sum."""
    return (row["order_id"], row["seq"]) if row["order_id"] is not None else (None, row["id"])
