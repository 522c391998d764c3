"""Lists of orders: filtered, newest first, a page at a time by the key of the last row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.flows import Flows
from ashop_core.models import PaymentStatus
from ashop_core.order_filter import Moment, OrderFilter, Selection, select
from ashop_core.paging import check_limit, no_cursor, read_id
from ashop_core.schema import ORDERS
from ashop_core.storage import Match, Reader

_COLUMNS = (
    "o.id, o.reference, o.number, o.status, o.delivery, o.payment, o.customer_name, o.customer_email, "
    "o.customer_phone, o.total, o.currency, o.listed_at, o.flags"
)


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One row of a list. `listed_at` is when it was placed, or begun if it was not."""

    id: int
    reference: str
    number: int | None
    status: str
    delivery: str
    payment: PaymentStatus
    customer_name: str
    customer_email: str
    customer_phone: str
    total: int
    currency: str
    listed_at: datetime
    flags: tuple[str, ...]

    @property
    def name(self) -> str:
        """What staff call the order."""
        return self.reference if self.number is None else str(self.number)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a list. `next` and `previous` are the cursors of the older and the newer page, None at the ends.

    A cursor says where the page ended and which way to go on, so that orders that come or change meanwhile
    neither repeat a row nor hide one. Take it as it is; it may be used with another filter.
    """

    rows: tuple[OrderRow, ...]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class _Cursor:
    """Where to go on from, and whether towards older orders."""

    older: bool
    time: str
    id: int

    def __str__(self) -> str:
        return f"{'before' if self.older else 'after'}/{self.time}/{self.id}"


def list_orders(
    reader: Reader,
    flows: Flows,
    wanted: OrderFilter,
    moment: Moment,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return a page of orders, newest first. Raises InvalidInput for a bad cursor or an unknown status."""
    check_limit(limit)
    start = None if cursor is None else _read_cursor(cursor)
    selection = select(flows, wanted, moment)
    rows = _rows(reader, selection, start, limit + 1) if selection.branches else []
    more, rows = len(rows) > limit, rows[:limit]
    older = start is None or start.older
    if not older:
        rows.reverse()
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    return Page(
        rows=tuple(row_of(row) for row in rows),
        next=_cursor_at(last, older=True) if more or not older else None,
        previous=_cursor_at(first, older=False) if start is not None and (more or older) else None,
    )


def oldest_orders(
    reader: Reader, flows: Flows, wanted: OrderFilter, moment: Moment, most: int
) -> tuple[OrderRow, ...]:
    """Return the oldest orders of a filter, the oldest first."""
    selection = select(flows, wanted, moment)
    rows = _rows(reader, selection, _Cursor(False, "", 0), most) if selection.branches else []
    return tuple(row_of(row) for row in rows)


def _cursor_at(row: Any, *, older: bool) -> str | None:
    return None if row is None else str(_Cursor(older, row["listed_at"], row["id"]))


def _rows(reader: Reader, selection: Selection, start: _Cursor | None, most: int) -> list[Any]:
    matched = matching(reader, selection)
    key = f"({selection.time}, o.id)" if matched is None else matched.key
    mark = "(:mark_time, :mark_id)" if matched is None else matched.mark
    way, sign = ("DESC", "<") if start is None or start.older else ("ASC", ">")
    beyond = () if start is None else (f"{key} {sign} {mark}",)
    columns = (selection.time, "o.id") if matched is None else (matched.key,)
    if len(selection.branches) > 1:
        columns = ("listed_at", "id")  # of several branches put together, only the result's own can be named
    order = ", ".join(f"{column} {way}" for column in columns)
    sql = f"{union(_COLUMNS, selection, matched, beyond)} ORDER BY {order} LIMIT :most"
    params = {**selection.params, "most": most, **(matched.params if matched else {})}
    if start is not None:
        params |= {"mark_time": start.time, "mark_id": start.id}
    return reader.rows(sql, params)


def matching(reader: Reader, selection: Selection) -> Match | None:
    """Return how the store finds a selection's words, if it has any."""
    return reader.matching(ORDERS, "o", selection.terms) if selection.terms else None


def union(columns: str, selection: Selection, matched: Match | None, more: tuple[str, ...] = ()) -> str:
    """Return the SELECT of these columns of every order of a selection, its branches one after the other."""
    source = "orders AS o" if matched is None else matched.source
    found = () if matched is None else (matched.condition,)
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {source} WHERE "  # noqa: S608 - own columns and conditions, bound values
        + " AND ".join(c for c in (*found, branch, *selection.rest, *more) if c)
        for branch in selection.branches
    )


def _read_cursor(cursor: str) -> _Cursor:
    try:
        way, time, order_id = cursor.split("/")
        return _Cursor({"before": True, "after": False}[way], to_iso(from_iso(time)), read_id(order_id))
    except (KeyError, ValueError):
        raise no_cursor(cursor) from None


def row_of(row: Any) -> OrderRow:
    """Return a row of these columns as a row of a list."""
    return OrderRow(
        id=row["id"],
        reference=row["reference"],
        number=row["number"],
        status=row["status"],
        delivery=row["delivery"],
        payment=PaymentStatus(row["payment"]),
        customer_name=row["customer_name"],
        customer_email=row["customer_email"],
        customer_phone=row["customer_phone"],
        total=row["total"],
        currency=row["currency"],
        listed_at=from_iso(row["listed_at"]),
        flags=tuple(row["flags"].split()),
    )
