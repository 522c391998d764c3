"""Messages and jobs of all orders, newest first: what was sent, what waits, what was given up."""

from __future__ import annotations

from collections.abc import Iterable
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
    deliveries: Iterable[Delivery] = (),
    order_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[MessageRow]:
    """Return messages and jobs, newest first: how they stand, of one order, older than the id `before`."""
    conditions, params = ["1 = 1"], dict[str, Any](most=limit)
    wanted = {f"delivery{n}": d.value for n, d in enumerate(deliveries)}
    if wanted:
        conditions.append(f"x.delivery IN ({', '.join(':' + name for name in wanted)})")
        params |= wanted
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


def oldest_unsent(reader: Reader) -> datetime | None:
    """Return when the oldest message or job that still waits was asked for, None when nothing waits."""
    row = reader.row(
        "SELECT MIN(created_at) AS oldest FROM outbox WHERE delivery IN ('waiting', 'claimed')", {}
    )
    return None if row is None or row["oldest"] is None else from_iso(row["oldest"])


def _row(row: Any) -> MessageRow:
    name = row["order_number"] or row["order_reference"]
    return MessageRow(kind=row["kind"], order=None if name is None else str(name), message=message_of(row))
