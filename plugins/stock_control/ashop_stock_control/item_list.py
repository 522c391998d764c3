"""Items a page at a time, in the order of their SKUs, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.paging import check_limit
from ashop_stock_control.items import StockItem, item_of
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ashop_stock_control.items import ReadHandle
    from ashop_stock_control.settings import StockSettings


@dataclass(frozen=True, kw_only=True)
class ItemFilter:
    """Which items to list; everything given must hold.

    `text` is looked for in SKU and name; ``group=""`` means those in no group. `low` means those at or below the
    balance at which staff are warned of them, `policy` those to which it applies wherever it is set, `uncounted_since`
    those counted by nobody since then, which a balance is kept of.
    """

    status: str | None = None
    text: str = ""
    at_most: int | None = None
    group: str | None = None
    policy: Policy | None = None
    low: bool = False
    oversold: bool = False
    pinned: bool = False
    uncounted_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ItemPage:
    """A page of items in the order of their SKUs; `next` is the cursor of the page after it.

    `days` are each item's closing balances by SKU, the last one today's, and `first_day` is the day of the first
    of them; both only where they were asked for.
    """

    rows: tuple[StockItem, ...]
    next: str | None
    days: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    first_day: date | None = None


def list_items(
    reader: ReadHandle, settings: StockSettings, wanted: ItemFilter, cursor: str | None, limit: int
) -> ItemPage:
    """Return a page of items in the order of their SKUs. Raises InvalidInput for a limit out of range."""
    check_limit(limit)
    params: dict[str, Any] = {"most": limit + 1}
    conditions = list(_conditions(wanted, settings, params))
    if cursor is not None:
        conditions.append("sku > :cursor")
        params["cursor"] = cursor
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT * FROM stock_items {where} ORDER BY sku LIMIT :most"  # noqa: S608 - own conditions
    rows = [item_of(row) for row in reader.rows(sql, params)]
    return ItemPage(rows=tuple(rows[:limit]), next=rows[limit - 1].sku if len(rows) > limit else None)


def _conditions(wanted: ItemFilter, settings: StockSettings, params: dict[str, Any]) -> Iterator[str]:
    if wanted.status is not None:
        params["status"] = wanted.status
        yield "status = :status"
    if wanted.group is not None:
        params["group"] = wanted.group
        # the index on groups holds the items that have one, and the store sees so only if it is told
        yield "item_group = :group AND item_group <> ''" if wanted.group else "item_group = ''"
    if wanted.at_most is not None:
        params["at_most"] = wanted.at_most
        yield "tracked = 1 AND on_hand - held <= :at_most"
    if wanted.low:
        lows = {code: table.low for code, table in settings.groups.items()}
        yield f"tracked = 1 AND on_hand - held <= {_own('low', settings.low, lows, params)}"
    if wanted.oversold:
        yield "tracked = 1 AND on_hand - held < 0"
    if wanted.policy is not None:
        params["wanted_oversell"] = wanted.policy.oversell
        policies = {code: _oversell(table.policy) for code, table in settings.groups.items()}
        yield f"{_own('oversell', _oversell(settings.policy), policies, params)} = :wanted_oversell"
    if wanted.pinned:
        yield "pinned = 1"
    if wanted.uncounted_since is not None:
        params["uncounted_since"] = to_iso(wanted.uncounted_since)
        yield "tracked = 1 AND (counted_at IS NULL OR counted_at < :uncounted_since)"
    words = wanted.text.strip().casefold()
    if words:
        escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        params["text"] = f"%{escaped}%"
        yield "search LIKE :text ESCAPE '\\'"


def _own(column: str, shop: int | None, groups: Mapping[str, int | None], params: dict[str, Any]) -> str:
    """Return `StockSettings.terms` of one column as SQL: the item's own, else its group's, else the shop's."""
    cases = ""
    for n, (code, value) in enumerate(groups.items()):
        if value is not None:
            params |= {f"{column}_group_{n}": code, f"{column}_{n}": value}
            cases += f" WHEN item_group = :{column}_group_{n} THEN :{column}_{n}"
    otherwise = "NULL"
    if shop is not None:
        params[f"{column}_shop"] = shop
        otherwise = f":{column}_shop"
    return (
        f"COALESCE({column}, CASE{cases} ELSE {otherwise} END)"
        if cases
        else f"COALESCE({column}, {otherwise})"
    )


def _oversell(policy: str | None) -> int | None:
    return None if policy is None else Policy.parse(policy).oversell
