"""The history of an item: its movements, newest first, with the balance after each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_stock_control.items import LARGEST_PAGE, load_item
from ashop_stock_control.ledger import Kind

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_MOVEMENTS = (
    "SELECT m.*, o.number, o.reference FROM stock_movements AS m LEFT JOIN orders AS o ON o.id = m.order_id "
    "WHERE m.sku = :sku AND m.id < :before ORDER BY m.id DESC LIMIT :most"
)
_END = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """One row of the ledger. `balance` is the item's after it; `order` is what staff call the order."""

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


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """A page of movements, newest first; `next` is the cursor of the page after it."""

    rows: tuple[Movement, ...]
    next: str | None


def history(shop: Shop, sku: str, *, cursor: str | None = None, limit: int = 50) -> HistoryPage:
    """Return a page of an item's movements. Raises NotFound, and InvalidInput for a bad cursor or limit."""
    if not 1 <= limit <= LARGEST_PAGE:
        words = Text("antalet rader går från 1 till {most}", "the number of rows goes from 1 to {most}")
        raise InvalidInput(words.fill(most=LARGEST_PAGE))
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
    """Yield every movement of an item, newest first, reading a page at a time."""
    cursor: str | None = None
    while True:
        page = history(shop, sku, cursor=cursor, limit=LARGEST_PAGE)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


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
        order=_order_name(row),
        position=row["position"],
        status_before=row["status_before"],
        status_after=row["status_after"],
    )


def _order_name(row: Any) -> str | None:
    return row["reference"] if row["number"] is None else str(row["number"])


def _read_cursor(cursor: str) -> tuple[int, int]:
    last, _, balance = cursor.partition("/")
    try:
        return int(last), int(balance)
    except ValueError:
        raise InvalidInput(
            Text("”{c}” är ingen sidmarkör", "“{c}” is not a page cursor").fill(c=cursor)
        ) from None
