"""Messages and jobs of all orders, newest first: what was sent, what waits, what was given up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ashop_core.clock import from_iso
from ashop_core.errors import NotFound
from ashop_core.models import Delivery, Message
from ashop_core.outbox import message_of
from ashop_core.storage import Reader
from ashop_core.texts import Text

UNSENT = (Delivery.WAITING, Delivery.CLAIMED)


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """A row of the outbox: a message, or a job (`kind`), with the name of its order if it has one."""

    kind: str
    order: str | None
    message: Message


_SELECT = (
    "SELECT x.*, o.number AS order_number, o.reference AS order_reference "
    "FROM outbox AS x LEFT JOIN orders AS o ON o.id = x.order_id"
)


def list_messages(
    reader: Reader,
    *,
    deliveries: Collection[Delivery] = (),
    order_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[MessageRow]:
    """Return messages and jobs, newest first: how they stand, of one order, older than the id `before`."""
    conditions, params = ["1 = 1"], dict[str, Any](most=limit)
    if deliveries:
        conditions.append(f"x.id IN (SELECT id FROM outbox WHERE {_stands(deliveries)})")  # noqa: S608
    for name, sql, value in (("order_id", "x.order_id =", order_id), ("before", "x.id <", before)):
        if value is not None:
            conditions.append(f"{sql} :{name}")
            params[name] = value
    where = " AND ".join(conditions)
    return [
        _row(row) for row in reader.rows(f"{_SELECT} WHERE {where} ORDER BY x.id DESC LIMIT :most", params)
    ]


def find_message(reader: Reader, id_: int) -> MessageRow:
    """Return one message or job by its id. Raises NotFound."""
    row = reader.row(f"{_SELECT} WHERE x.id = :id", {"id": id_})
    if row is None:
        raise NotFound(
            Text(
                "Det finns inget meddelande {id}. Se `ashop message list`.",
                "There is no message {id}. See `ashop message list`.",
            ).fill(id=id_)
        )
    return _row(row)


def count_messages(reader: Reader, deliveries: Collection[Delivery]) -> tuple[int, datetime | None]:
    """Return how many messages and jobs stand in one of these ways, and when the oldest was asked for."""
    sql = f"SELECT COUNT(*) AS n, MIN(created_at) AS oldest FROM outbox WHERE {_stands(deliveries)}"  # noqa: S608
    row = reader.row(sql, {})
    return (row["n"], from_iso(row["oldest"])) if row is not None and row["n"] else (0, None)


def _stands(deliveries: Collection[Delivery]) -> str:
    """Return the condition that a row of the outbox stands in one of these ways.

    The values are written out, not bound: an index over a part of a table is used only where the statement
    itself asks for that part, in the index's own words.
    """
    values = [f"'{delivery.value}'" for delivery in deliveries]
    return f"delivery = {values[0]}" if len(values) == 1 else f"delivery IN ({', '.join(values)})"


def _row(row: Any) -> MessageRow:
    name = row["order_number"] or row["order_reference"]
    return MessageRow(kind=row["kind"], order=None if name is None else str(name), message=message_of(row))
