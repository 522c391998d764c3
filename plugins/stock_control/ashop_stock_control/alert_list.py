"""Warnings as staff read them: those that are open, and those that were, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.paging import check_limit, every_row, no_cursor, read_id
from ashop_stock_control.alerts import AlertKind
from ashop_stock_control.history import order_name

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.items import ReadHandle

_ALERTS = (
    "SELECT a.*, o.number, o.reference, i.name, i.status, i.on_hand - i.held AS now FROM stock_alerts AS a "
    "JOIN stock_items AS i ON i.sku = a.sku LEFT JOIN orders AS o ON o.id = a.order_id "
)
_END = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A warning. `balance` is what opened it and `now` the item's balance by now; `order` took the goods, if one did."""

    id: int
    sku: str
    name: str
    kind: AlertKind
    balance: int
    now: int
    opened_at: datetime
    closed_at: datetime | None
    order: str | None


@dataclass(frozen=True, kw_only=True)
class AlertPage:
    """A page of warnings, the newest first; `next` is the cursor of the page after it."""

    rows: tuple[Alert, ...]
    next: str | None


def alerts(shop: Shop, *, closed: bool = False, cursor: str | None = None, limit: int = 50) -> AlertPage:
    """Return a page of the open warnings, with `closed` of those that are closed too."""
    check_limit(limit)
    with shop.database.read() as reader:
        return _page(reader, _before(cursor), limit, closed)


def every_alert(shop: Shop, *, closed: bool = False) -> Iterator[Alert]:
    """Return every open warning, with `closed` those that are closed too, reading a page at a time."""
    return every_row(partial(alerts, shop, closed=closed))


def open_alerts(reader: ReadHandle, sku: str) -> tuple[Alert, ...]:
    """Return the open warnings of one item: at most one of each kind."""
    sql = f"{_ALERTS} WHERE a.sku = :sku AND a.closed_at IS NULL ORDER BY a.id DESC"
    return tuple(_alert(row) for row in reader.rows(sql, {"sku": sku}))


def _page(reader: ReadHandle, before: int, limit: int, closed: bool) -> AlertPage:
    only = "" if closed else "a.closed_at IS NULL AND "
    sql = f"{_ALERTS} WHERE {only}a.id < :before ORDER BY a.id DESC LIMIT :most"
    found = reader.rows(sql, {"before": before, "most": limit + 1})
    rows = tuple(_alert(row) for row in found[:limit])
    return AlertPage(rows=rows, next=str(rows[-1].id) if len(found) > limit else None)


def _before(cursor: str | None) -> int:
    try:
        return _END if cursor is None else read_id(cursor)
    except ValueError:
        assert cursor is not None
        raise no_cursor(cursor) from None


def _alert(row: Any) -> Alert:
    return Alert(
        id=row["id"],
        sku=row["sku"],
        name=row["name"],
        kind=AlertKind(row["kind"]),
        balance=row["balance"],
        now=row["now"],
        opened_at=from_iso(row["opened_at"]),
        closed_at=None if row["closed_at"] is None else from_iso(row["closed_at"]),
        order=order_name(row),
    )
