"""Orders that are not fully paid: a page at a time, those that are due first, and what is left in all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ashop_core.flows import Flows
from ashop_core.models import PaymentStatus, Stage
from ashop_core.paging import check_limit, no_cursor, read_id
from ashop_core.schema import OWED, OWED_ANY_DAY
from ashop_core.storage import Reader

_COLUMNS = (
    "id, reference, number, status, payment_method, payment, customer_name, customer_email, customer_phone, "
    "total, left_to_pay, currency, payment_due"
)


@dataclass(frozen=True, kw_only=True)
class UnpaidRow:
    """An order that is not fully paid. `left` is minor units, `overdue` the days since the last one to pay."""

    id: int
    reference: str
    number: int | None
    status: str
    payment_method: str
    payment: PaymentStatus
    customer_name: str
    customer_email: str
    customer_phone: str
    total: int
    left: int
    currency: str
    due: date | None
    overdue: int

    @property
    def name(self) -> str:
        """What staff call the order."""
        return self.reference if self.number is None else str(self.number)


@dataclass(frozen=True, kw_only=True)
class UnpaidPage:
    """A page of the list; `next` is the cursor of the page after it, None on the last one."""

    rows: tuple[UnpaidRow, ...]
    next: str | None


def list_unpaid(
    reader: Reader, flows: Flows, today: date, overdue: bool, cursor: str | None = None, limit: int = 50
) -> UnpaidPage:
    """Return a page of placed orders that are not fully paid: by their last day to pay, then those without one.

    Those that came to nothing are left out. Raises InvalidInput for a bad cursor or page size.
    """
    check_limit(limit)
    day, start = _read_cursor(cursor) if cursor is not None else ("", 0)
    rows: list[Any] = []
    if day != _LAST:
        rows += _due(reader, flows, today, overdue, (day, start), limit + 1)
    if len(rows) <= limit and not overdue:
        rows += _without_day(reader, flows, start if day == _LAST else 0, limit + 1 - len(rows))
    shown = tuple(_row_of(row, today) for row in rows[:limit])
    following = None
    if len(rows) > limit:
        last = shown[-1]
        following = f"{_LAST if last.due is None else last.due.isoformat()}/{last.id}"
    return UnpaidPage(rows=shown, next=following)


_LAST = "none"
"""What stands for the day in the cursor of an order that has no last day to pay."""


def unpaid_totals(reader: Reader, flows: Flows, today: date, overdue: bool) -> dict[str, int]:
    """Return what is left to pay of all those orders, by currency."""
    found: dict[str, int] = {}
    for where in (OWED,) if overdue else (OWED, OWED_ANY_DAY):
        condition, params = _alive(flows)
        if overdue:
            condition, params = (
                f"{condition} AND payment_due < :today",
                {**params, "today": today.isoformat()},
            )
        sql = (
            "SELECT currency, CAST(SUM(left_to_pay) AS BIGINT) AS left_to_pay FROM orders "  # noqa: S608 - own SQL
            f"WHERE {where} AND {condition} GROUP BY currency"
        )
        for row in reader.rows(sql, params):
            found[row["currency"]] = found.get(row["currency"], 0) + row["left_to_pay"]
    return dict(sorted(found.items()))


def _due(
    reader: Reader, flows: Flows, today: date, overdue: bool, start: tuple[str, int], most: int
) -> list[Any]:
    alive, params = _alive(flows)
    params |= {"day": start[0], "id": start[1], "most": most}
    return reader.rows(_due_sql(alive, overdue), params | ({"today": today.isoformat()} if overdue else {}))


def _due_sql(alive: str, overdue: bool) -> str:
    late = "AND payment_due < :today" if overdue else ""
    return (
        f"SELECT {_COLUMNS} FROM orders WHERE {OWED} AND {alive} {late} AND (payment_due, id) > (:day, :id) "  # noqa: S608
        "ORDER BY payment_due, id LIMIT :most"
    )


def _without_day(reader: Reader, flows: Flows, start: int, most: int) -> list[Any]:
    alive, params = _alive(flows)
    sql = (
        f"SELECT {_COLUMNS} FROM orders WHERE {OWED_ANY_DAY} AND {alive} AND id > :id ORDER BY id LIMIT :most"  # noqa: S608
    )
    return reader.rows(sql, {**params, "id": start, "most": most})


def _alive(flows: Flows) -> tuple[str, dict[str, Any]]:
    """Return the condition that an order has not come to nothing."""
    void = [s.code for s in flows.statuses.values() if s.stage is Stage.VOID]
    params = {f"void{n}": code for n, code in enumerate(void)}
    return f"status NOT IN ({', '.join(':' + name for name in params)})" if void else "1 = 1", dict(params)


def _row_of(row: Any, today: date) -> UnpaidRow:
    due = None if row["payment_due"] is None else date.fromisoformat(row["payment_due"])
    return UnpaidRow(
        id=row["id"],
        reference=row["reference"],
        number=row["number"],
        status=row["status"],
        payment_method=row["payment_method"],
        payment=PaymentStatus(row["payment"]),
        customer_name=row["customer_name"],
        customer_email=row["customer_email"],
        customer_phone=row["customer_phone"],
        total=row["total"],
        left=row["left_to_pay"],
        currency=row["currency"],
        due=due,
        overdue=0 if due is None else max(0, (today - due).days),
    )


def _read_cursor(cursor: str) -> tuple[str, int]:
    day, _, digits = cursor.rpartition("/")
    try:
        return day if day == _LAST else date.fromisoformat(day).isoformat(), read_id(digits)
    except ValueError:
        raise no_cursor(cursor) from None
