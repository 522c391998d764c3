"""Messages and jobs of all orders, newest first: what was sent, what waits, what was given up, what came back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import NotFound
from ashop_core.models import Message
from ashop_core.outbox_rows import message_of
from ashop_core.storage import Reader
from ashop_core.texts import Text


class Standing(StrEnum):
    """What messages are asked for by. `failed` are those that did not arrive though they had been sent."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    FAILED = "failed"
    TOO_OLD = "too_old"


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """Which messages and jobs are meant; without `standings` those that stand in any way.

    `unanswered` leaves those out that somebody sent again, or that have arrived after all.
    """

    standings: Collection[Standing] = ()
    order_id: int | None = None
    channel: str | None = None
    staff: bool = False
    unanswered: bool = False


EVERY = MessageFilter()


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """A row of the outbox: a message, or a job (`kind`), with the name of its order if it has one.

    `rule` is the rule of a status that asked for it, such as ``shipped/email``; a message sent again has none.
    """

    kind: str
    order: str | None
    message: Message
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How many messages and jobs there are of something, and since when the oldest is one of them."""

    count: int = 0
    oldest: datetime | None = None


_SELECT = (
    "SELECT x.*, o.number AS order_number, o.reference AS order_reference "
    "FROM outbox AS x LEFT JOIN orders AS o ON o.id = x.order_id"
)
# Written out, not bound: an index over a part of a table is used only where the statement itself asks for that
# part, in the index's own words.
_STANDS = {
    Standing.WAITING: "delivery IN ('waiting', 'claimed')",
    Standing.SENT: "delivery = 'sent'",
    Standing.DEAD: "delivery = 'dead'",
    Standing.FAILED: "arrival = 'failed'",
    Standing.TOO_OLD: "error = 'too_old'",
}
_UNANSWERED = "NOT EXISTS (SELECT 1 FROM outbox AS r WHERE r.resends = x.id) AND x.arrival NOT IN ('underway', 'delivered')"


def list_messages(
    reader: Reader, wanted: MessageFilter = EVERY, *, before: int | None = None, limit: int = 50
) -> list[MessageRow]:
    """Return messages and jobs, newest first, older than the id `before`."""
    conditions, params = ["1 = 1"], dict[str, Any](most=limit)
    if Standing.SENT in wanted.standings:  # most are: read on from the newest, and pass over the others
        conditions.append(f"(x.{' OR x.'.join(_STANDS[s] for s in wanted.standings)})")
    elif wanted.standings:
        found = " UNION ALL ".join(f"SELECT id FROM outbox WHERE {_STANDS[s]}" for s in wanted.standings)  # noqa: S608
        conditions.append(f"x.id IN ({found})")
    if wanted.staff:
        conditions.append("x.audience = 'staff'")
    if wanted.unanswered:
        conditions.append(_UNANSWERED)
    for name, sql, value in (
        ("order_id", "x.order_id =", wanted.order_id), ("code", "x.code =", wanted.channel), ("before", "x.id <", before)
    ):  # fmt: skip
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


def message_of_token(reader: Reader, message_id: str) -> MessageRow | None:
    """Return the message whose attempts carried a token, if there is one."""
    row = reader.row(f"{_SELECT} WHERE x.message_id = :token", {"token": message_id})
    return None if row is None else _row(row)


def overdue(reader: Reader, before: datetime) -> Backlog:
    """Return what was to leave before a time and has not: what is delayed on purpose is not late."""
    sql = (
        "SELECT COUNT(*) AS n, MIN(planned_at) AS oldest FROM outbox "
        "WHERE delivery IN ('waiting', 'claimed') AND planned_at <= :before"
    )
    return _backlog(reader, sql, before=to_iso(before))


def unanswered(reader: Reader, standing: Standing) -> Backlog:
    """Return what went wrong in one way, was not sent again since and has not arrived: it is for somebody to look at."""
    since = "arrival_at" if standing is Standing.FAILED else "done_at"
    sql = (
        f"SELECT COUNT(*) AS n, MIN({since}) AS oldest FROM outbox AS x "  # noqa: S608 - constants only
        f"WHERE x.{_STANDS[standing]} AND {_UNANSWERED}"
    )
    return _backlog(reader, sql)


def _backlog(reader: Reader, sql: str, **params: Any) -> Backlog:
    row = reader.row(sql, params)
    if row is None or not row["n"]:
        return Backlog()
    return Backlog(count=row["n"], oldest=from_iso(row["oldest"]) if row["oldest"] else None)


def _row(row: Any) -> MessageRow:
    name = row["order_number"] or row["order_reference"]
    return MessageRow(
        kind=row["kind"], order=None if name is None else str(name), message=message_of(row), rule=_rule(row)
    )


def _rule(row: Any) -> str:
    """Return the rule that is part of a planned message's key: order, change, rule, recipient."""
    if row["kind"] != "message" or row["resends"] is not None:
        return ""
    parts = row["key"].split(":", 3)
    return str(parts[2]) if len(parts) == 4 else ""
