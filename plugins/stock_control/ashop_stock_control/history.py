"""The history of an item: its movements, newest first, with the balance after each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.paging import check_limit, every_row, no_cursor, read_id
from ashop_stock_control.editing import Edited, read_edited
from ashop_stock_control.items import load_item
from ashop_stock_control.ledger import Kind

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_MOVEMENTS = (
    "SELECT m.*, o.number, o.reference, t.kind AS origin_kind FROM stock_movements AS m "
    "LEFT JOIN orders AS o ON o.id = m.order_id LEFT JOIN stock_movements AS t ON t.id = m.origin "
    "WHERE m.sku = :sku AND m.id < :before ORDER BY m.id DESC LIMIT :most"
)
_END = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """One row of the ledger. `balance` is the item's after it; `order` is what staff call the order.

    `origin` is the id of the take that the row goes on from, and `origin_kind` that row's kind. `why` is the code of
    what changed the stock status (`rules.why_words`), `edited` what a person changed of the item itself.
    """

    id: int
    kind: Kind
    d_on_hand: int
    d_held: int
    balance: int
    at: datetime
    actor: str
    note: str
    order: str | None = None
    position: int | None = None
    status_before: str | None = None
    status_after: str | None = None
    why: str = ""
    origin: int | None = None
    origin_kind: Kind | None = None
    edited: tuple[Edited, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """A page of movements, newest first; `next` is the cursor of the page after it."""

    rows: tuple[Movement, ...]
    next: str | None


def history(shop: Shop, sku: str, *, cursor: str | None = None, limit: int = 50) -> HistoryPage:
    """Return a page of an item's movements. Raises NotFound, and InvalidInput for a bad cursor or limit."""
    check_limit(limit)
    with shop.database.read() as reader:
        item = load_item(reader, sku)
        before, balance = _read_cursor(cursor) if cursor else (_END, item.on_hand - item.held)
        found = reader.rows(_MOVEMENTS, {"sku": item.sku, "before": before, "most": limit + 1})
    rows = []
    for row in found[:limit]:
        rows.append(_movement_of(row, balance))
        balance -= row["d_on_hand"] - row["d_held"]
    more = len(found) > limit
    return HistoryPage(rows=tuple(rows), next=f"{rows[-1].id}/{balance}" if more else None)


def every_movement(shop: Shop, sku: str) -> Iterator[Movement]:
    """Return every movement of an item, newest first, reading a page at a time."""
    return every_row(partial(history, shop, sku))


def _movement_of(row: Any, balance: int) -> Movement:
    return Movement(
        id=row["id"],
        kind=Kind(row["kind"]),
        d_on_hand=row["d_on_hand"],
        d_held=row["d_held"],
        balance=balance,
        at=from_iso(row["at"]),
        actor=row["actor"],
        note=row["note"],
        order=order_name(row),
        position=row["position"],
        status_before=row["status_before"],
        status_after=row["status_after"],
        why=row["why"],
        origin=row["origin"],
        origin_kind=None if row["origin_kind"] is None else Kind(row["origin_kind"]),
        edited=read_edited(row["edited"]),
    )


def order_name(row: Any) -> str | None:
    """Return what staff call the order of a row that has its `number` and `reference`; None where there is none."""
    return row["reference"] if row["number"] is None else str(row["number"])


def _read_cursor(cursor: str) -> tuple[int, int]:
    last, _, balance = cursor.partition("/")
    try:
        sign = -1 if balance.startswith("-") else 1
        return read_id(last), sign * read_id(balance.removeprefix("-"))
    except ValueError:
        raise no_cursor(cursor) from None
