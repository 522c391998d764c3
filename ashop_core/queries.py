"""Lists of orders: filtered, newest first, a page at a time by the key of the last row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import InvalidInput
from ashop_core.models import PaymentStatus, Stage
from ashop_core.storage import Reader
from ashop_core.texts import Text, fold

if TYPE_CHECKING:
    from ashop_core.flows import Flows

LARGEST_PAGE = 500
_COLUMNS = (
    "o.id, o.reference, o.number, o.status, o.delivery, o.payment, o.customer_name, o.customer_email, "
    "o.customer_phone, o.total, o.currency, o.listed_at, o.flags"
)


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders to list; everything given must hold. Without statuses or a stage: all that are placed.

    `text` is looked for in number, reference, name, e-mail, phone, city and parcel numbers (it reads every
    order that the rest of the filter leaves). Dates bound the time of placement: `since` inclusive, `until` not.
    """

    statuses: tuple[str, ...] = ()
    stage: Stage | None = None
    payment: PaymentStatus | None = None
    delivery: str | None = None
    flag: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


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
    """A page of a list; `next` is the cursor of the page after it, None on the last one."""

    rows: tuple[OrderRow, ...]
    next: str | None


def list_orders(
    reader: Reader, flows: Flows, wanted: OrderFilter, cursor: str | None = None, limit: int = 50
) -> Page:
    """Return a page of orders, newest first. Raises InvalidInput for a bad cursor or an unknown status."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(
            Text("högst {n} rader per sida, fick {limit}", "at most {n} rows a page, got {limit}").fill(
                n=LARGEST_PAGE, limit=limit
            )
        )
    conditions, params = _conditions(flows, wanted)
    if cursor is not None:
        conditions.append("(o.listed_at, o.id) < (:listed_at, :id)")
        params["listed_at"], params["id"] = _read_cursor(cursor)
    where = " AND ".join(conditions)
    sql = f"SELECT {_COLUMNS} FROM orders AS o WHERE {where} ORDER BY o.listed_at DESC, o.id DESC LIMIT :most"  # noqa: S608
    rows = reader.rows(sql, {**params, "most": limit + 1})
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        rows=tuple(row_of(row) for row in rows[:limit]),
        next=None if last is None else f"{last['listed_at']}/{last['id']}",
    )


def _conditions(flows: Flows, wanted: OrderFilter) -> tuple[list[str], dict[str, Any]]:
    params: dict[str, Any] = {}
    statuses = wanted.statuses
    for code in statuses:
        flows.find_status(code)
    if wanted.stage is not None:
        statuses = (*statuses, *(s.code for s in flows.statuses.values() if s.stage is wanted.stage))
    conditions = ["o.placed_at IS NOT NULL"] if not statuses else [_one_of("o.status", statuses, params)]
    for name in ("payment", "delivery"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(f"o.{name} = :{name}")
            params[name] = str(value)
    if wanted.flag is not None:
        conditions.append("o.flags <> '' AND ' ' || o.flags || ' ' LIKE :flag")
        params["flag"] = f"% {wanted.flag} %"
    for name, sign, moment in (("since", ">=", wanted.since), ("until", "<", wanted.until)):
        if moment is not None:
            conditions.append(f"o.listed_at {sign} :{name}")
            params[name] = to_iso(moment)
    if wanted.text.strip():
        conditions.append(_text_condition(wanted.text.strip(), params))
    return conditions, params


def _one_of(column: str, values: tuple[str, ...], params: dict[str, Any]) -> str:
    names = [f"one_{n}" for n in range(len(values))]
    params.update(zip(names, values, strict=True))
    return f"{column} IN ({', '.join(':' + n for n in names)})"


def _text_condition(words: str, params: dict[str, Any]) -> str:
    escaped = fold(words).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    params["text"] = f"%{escaped}%"
    parts = [
        "o.search LIKE :text ESCAPE '\\'",
        "EXISTS (SELECT 1 FROM parcels AS p WHERE p.order_id = o.id AND lower(p.number) LIKE :text ESCAPE '\\')",
    ]
    if words.isascii() and words.isdigit() and int(words) < 2**63:
        parts.append("o.number = :exact")
        params["exact"] = int(words)
    return f"({' OR '.join(parts)})"


def _read_cursor(cursor: str) -> tuple[str, int]:
    try:
        listed_at, _, order_id = cursor.rpartition("/")
        return to_iso(from_iso(listed_at)), int(order_id)
    except ValueError:
        raise InvalidInput(
            Text("”{c}” är ingen sidmarkör", "“{c}” is not a page cursor").fill(c=cursor)
        ) from None


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
