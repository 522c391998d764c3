"""How balances went: what each item had left at the end of each of the last days, read back from the ledger.

The ledger has no index by time, since every placement would pay for it. Its rows come in the order of time, so the
first row of the period is found by halving, and each item's rows are read from there on by the index they have.
Only what an import moved stands under the time that its order has: those rows are stepped over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ashop_core.clock import local, to_iso
from ashop_stock_control.items import select_by_sku

if TYPE_CHECKING:
    from ashop_stock_control.items import ReadHandle, StockItem

DAYS = 30
_SLACK = timedelta(hours=1)
"""How far the clocks of those who write may be apart: rows may stand that much out of their order."""
_NEAR = 256
_BEFORE = -1
"""What stands for every day before the first."""

_AT = (
    "SELECT id, at FROM stock_movements WHERE id >= :middle AND (seq IS NULL OR seq > 1) ORDER BY id LIMIT 1"
)
_LAST = "SELECT COALESCE(MAX(id), 0) AS id FROM stock_movements"
_MOVED = (
    "SELECT sku, {day} AS day, CAST(SUM(d_on_hand - d_held) AS BIGINT) AS moved FROM stock_movements "
    "WHERE id >= :first AND kind NOT IN ('status', 'edit') AND {{these}} GROUP BY sku, day"
)
_OLDER = (
    "SELECT i.sku FROM stock_items AS i WHERE i.tracked = 1 AND {these} AND EXISTS (SELECT 1 FROM stock_movements "
    "AS m WHERE m.sku = i.sku AND m.id < :first AND m.kind NOT IN ('status', 'edit'))"
)


@dataclass(frozen=True, slots=True)
class Trend:
    """The days, and each item's closing balance on each by its SKU; None before it had one. The last is today's so far."""

    days: tuple[date, ...]
    balances: Mapping[str, tuple[int | None, ...]]


def trend(reader: ReadHandle, items: Sequence[StockItem], now: datetime, timezone: str) -> Trend:
    """Return how the balances of some items went by the days of the shop's time zone; the items as `reader` has them."""
    today = local(now, timezone).date()
    days = tuple(today - timedelta(days=n) for n in reversed(range(DAYS)))
    begins = [_midnight(day, timezone) for day in days]
    tracked = {item.sku: item.on_hand - item.held for item in items if item.tracked}
    params = {"first": _first(reader, to_iso(begins[0] - _SLACK))}
    bounds = {f"day_{n}": to_iso(begin) for n, begin in enumerate(begins)}
    # the newest day first: most rows that are read are of the last days
    cases = "".join(f" WHEN at >= :day_{n} THEN {n}" for n in reversed(range(DAYS)))
    sql = _MOVED.format(day=f"CASE{cases} ELSE {_BEFORE} END")
    moved: dict[str, dict[int, int]] = {}
    for row in select_by_sku(reader, sql, tracked, params={**params, **bounds}):
        moved.setdefault(row["sku"], {})[row["day"]] = row["moved"]
    older = {row["sku"] for row in select_by_sku(reader, _OLDER, tracked, column="i.sku", params=params)}
    return Trend(
        days,
        {sku: _closing(balance, moved.get(sku, {}), known=sku in older) for sku, balance in tracked.items()},
    )


def _closing(balance: int, moved: Mapping[int, int], *, known: bool) -> tuple[int | None, ...]:
    """Return the balances from the last one back; `known`: the item had one before the first day."""
    found: list[int | None] = []
    begun = 0 if known else min(moved, default=DAYS)
    for day in reversed(range(DAYS)):
        found.append(balance if day >= begun else None)
        balance -= moved.get(day, 0)
    return tuple(reversed(found))


def _first(reader: ReadHandle, since: str) -> int:
    """Return a row's number such that no row before it was written since then: a few more than needed is no harm."""
    low = 0
    last = reader.row(_LAST)
    high: int = last["id"] + 1 if last else 1
    while high - low > _NEAR:
        middle = (low + high) // 2
        row = reader.row(_AT, {"middle": middle})
        if row is None or row["at"] >= since:
            high = middle
        else:
            low = row["id"]
    return low


def _midnight(day: date, timezone: str) -> datetime:
    """Return when a day of the shop begins; where the clocks skip midnight, at the hour they go to."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
