"""The outbox's rows as messages and attempts to read, and those that were given up put back in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ashop_core.clock import Clock, from_iso, to_iso
from ashop_core.kept_words import bare, said
from ashop_core.models import Arrival, Attempt, AttemptOutcome, Audience, Delivery, Message, Rendered
from ashop_core.storage import Database, Reader

_RELEASE = """
UPDATE outbox SET delivery = 'waiting', tries = 0, due_at = :now, error = '', done_at = NULL,
    expires_at = CASE kind WHEN 'job' THEN expires_at ELSE :until END
WHERE id = :id AND (delivery = 'dead' OR (delivery = 'suppressed' AND error = 'too_old'))
    AND arrival NOT IN ('underway', 'delivered')
"""


def message_of(row: Mapping[str, Any]) -> Message:
    """Return an outbox row as a message."""
    rendered = None
    if row["subject"] is not None:
        rendered = Rendered(
            subject=row["subject"],
            body=row["body"],
            html=row["html"],
            sender=row["sender"],
            reply_to=row["reply_to"],
        )
    return Message(
        id=row["id"],
        order_id=row["order_id"],
        seq=row["seq"],
        channel=row["code"],
        audience=Audience(row["audience"]),
        template=row["template"],
        recipient=row["recipient"],
        language=row["language"],
        only_in=row["only_in"],
        delivery=Delivery(row["delivery"]),
        attempts=row["attempts"],
        message_id=row["message_id"],
        created_at=from_iso(row["created_at"]),
        planned_at=from_iso(row["planned_at"]),
        due_at=from_iso(row["due_at"]),
        rendered=rendered,
        sent_at=_time(row["done_at"]) if row["delivery"] == Delivery.SENT else None,
        receipt=row["receipt"],
        error=bare(row["error"]),
        why=said(row["error"]),
        arrival=Arrival(row["arrival"]),
        arrival_at=_time(row["arrival_at"]),
        arrival_words=row["arrival_words"],
        resends=row["resends"],
        actor=row["actor"],
    )


def words_row(rendered: Rendered) -> dict[str, Any]:
    """Return the columns that keep what a message says."""
    return {
        "subject": rendered.subject,
        "body": rendered.body,
        "html": rendered.html,
        "sender": rendered.sender,
        "reply_to": rendered.reply_to,
    }


def messages_of(reader: Reader, order_id: int) -> list[Message]:
    """Return every message of an order, oldest first."""
    rows = reader.rows(
        "SELECT * FROM outbox WHERE order_id = :id AND kind = 'message' ORDER BY id", {"id": order_id}
    )
    return [message_of(row) for row in rows]


def attempts_of(reader: Reader, id_: int) -> list[Attempt]:
    """Return every attempt to deliver a message or to do a job, first first."""
    rows = reader.rows("SELECT * FROM outbox_attempts WHERE outbox_id = :id ORDER BY number", {"id": id_})
    return [_attempt_of(row) for row in rows]


def attempts_by_message(reader: Reader, order_id: int) -> dict[int, list[Attempt]]:
    """Return every attempt at an order's messages and jobs, first first, by their ids."""
    found: dict[int, list[Attempt]] = {}
    sql = (
        "SELECT a.* FROM outbox_attempts AS a JOIN outbox AS x ON x.id = a.outbox_id "
        "WHERE x.order_id = :id ORDER BY a.outbox_id, a.number"
    )
    for row in reader.rows(sql, {"id": order_id}):
        found.setdefault(row["outbox_id"], []).append(_attempt_of(row))
    return found


def _attempt_of(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        number=row["number"],
        started_at=from_iso(row["started_at"]),
        ended_at=_time(row["ended_at"]),
        outcome=AttemptOutcome(row["outcome"]),
        words=bare(row["words"]),
        said=said(row["words"]),
    )


def release_dead(database: Database, clock: Clock, ids: Iterable[int], keep: timedelta) -> int:
    """Put messages back in the queue, to be tried again from the start; return how many there were.

    They are those that were given up, and those that nobody tried before they were too old. What was sent, has arrived
    all the same, or was stopped for any other reason, stays as it is (N11).
    """
    now = clock()
    with database.write() as tx:
        return sum(
            tx.execute(_RELEASE, {"now": to_iso(now), "until": to_iso(now + keep), "id": id_}) for id_ in ids
        )


def _time(text: str | None) -> datetime | None:
    return from_iso(text) if text is not None else None
