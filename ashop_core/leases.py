"""Rows of the outbox in a worker's hands: claimed under a lease, begun, marked with what came of it, or put back.

Every statement asks for the lease again: a worker that was away for so long that another one took its rows over
changes nothing of theirs (N11).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ashop_core.clock import to_iso
from ashop_core.kept_words import kept
from ashop_core.lanes import LONGEST_REST
from ashop_core.models import AttemptOutcome, Delivery, Rendered
from ashop_core.outbox_rows import words_row
from ashop_core.storage import Writer
from ashop_core.texts import Text

LEASE = timedelta(minutes=5)

_READY = "o.due_at <= :now AND (o.delivery = 'waiting' OR (o.delivery = 'claimed' AND o.lease_until <= :now))"
_DOWN = "SELECT code FROM lanes WHERE resume_at > :now AND resume_at < :too_far"

# The condition stands outside the sub-select too: where two workers claim at once, the second one looks again.
# Nothing is claimed while the outbox is held (see `holds`), nor what stands in a lane that is down (see `lanes`).
# To one recipient, what an order was to tell earlier by the same channel goes first (N7).
_CLAIM = f"""
UPDATE outbox AS o SET delivery = 'claimed', lease = :lease, lease_until = :until
WHERE NOT EXISTS (SELECT 1 FROM holds WHERE code = 'outbox') AND {_READY} AND o.id IN (
    SELECT o.id FROM outbox AS o
    WHERE {_READY} AND %s
      AND (o.lane = '' OR (o.lane NOT IN ({_DOWN}) AND o.code || '/' NOT IN ({_DOWN})))
      AND NOT EXISTS (
        SELECT 1 FROM outbox AS e
        WHERE e.order_id = o.order_id AND e.code = o.code AND e.recipient = o.recipient
          AND e.kind = 'message' AND o.kind = 'message' AND e.delivery IN ('waiting', 'claimed')
          AND (e.planned_at < o.planned_at OR (e.planned_at = o.planned_at AND e.id < o.id))
    )
    ORDER BY o.due_at, o.id LIMIT :most
)
RETURNING *
"""  # noqa: S608 - constants only
_OURS = "WHERE id = :id AND delivery = 'claimed' AND lease = :lease"
_BEGIN = f"""
UPDATE outbox SET attempts = attempts + 1, tries = tries + 1, lease_until = :until
{_OURS} AND NOT EXISTS (SELECT 1 FROM holds WHERE code = 'outbox')
"""  # noqa: S608 - constants only
_UNSURE = """
SELECT COUNT(*) AS n FROM outbox_attempts WHERE outbox_id = :id AND outcome IN ('started', 'unsure')
"""
_KEEP_WORDS = f"""
UPDATE outbox SET subject = :subject, body = :body, html = :html, sender = :sender, reply_to = :reply_to {_OURS}
"""  # noqa: S608 - constants only
_MARK = f"""
UPDATE outbox SET delivery = :delivery, due_at = :due, done_at = :done, receipt = :receipt, error = :error,
    tries = tries - :free, lease = NULL, lease_until = NULL {_OURS}
"""  # noqa: S608 - constants only
# What an attempt came to is true whoever has the row now; but nothing is written about a person who was erased.
_TELL = """
UPDATE outbox_attempts SET ended_at = :at, outcome = :outcome,
    words = CASE (SELECT error FROM outbox WHERE id = :id) WHEN 'anonymised' THEN '' ELSE :words END
WHERE outbox_id = :id AND number = :number
"""
_PUT_BACK = f"UPDATE outbox SET delivery = 'waiting', lease = NULL, lease_until = NULL {_OURS}"  # noqa: S608


class LostError(Exception):
    """The row is not ours any more, or is held: leave it alone."""


@dataclass(frozen=True)
class Ended:
    """How an attempt ended, and what that means for the row and for those that stand in line with it."""

    outcome: AttemptOutcome
    delivery: Delivery
    words: Text | str
    due: str
    lane: str = ""
    asked: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows to claim: those of one order, of one channel, without the jobs, or all."""

    order_id: int | None = None
    channel: str | None = None
    messages_only: bool = False
    most: int = 20


def claim(tx: Writer, now: datetime, wanted: Wanted) -> list[Any]:
    """Return rows that are now ours for a while, first due first."""
    params: dict[str, Any] = {
        "now": to_iso(now), "until": to_iso(now + LEASE), "lease": secrets.token_hex(8), "most": wanted.most,
        "too_far": to_iso(now + LONGEST_REST),
    }  # fmt: skip
    # What the index over all that waits stands for; an order has another one, which is much shorter.
    which = (
        ["o.delivery IN ('waiting', 'claimed')"] if wanted.order_id is None else ["o.order_id = :order_id"]
    )
    which += ["o.kind = 'message'"] if wanted.messages_only else []
    which += ["o.code = :channel"] if wanted.channel is not None else []
    for name, value in (("order_id", wanted.order_id), ("channel", wanted.channel)):
        params |= {} if value is None else {name: value}
    return sorted(tx.rows(_CLAIM % " AND ".join(which), params), key=lambda row: (row["due_at"], row["id"]))


def begin(tx: Writer, row: Any, now: datetime) -> dict[str, Any]:
    """Write down that an attempt begins, its lease counted anew; return the row with its counts. Raises LostError.

    `unsure` among them is how many earlier attempts may have arrived, as far as anybody knows.
    """
    number, unsure = row["attempts"] + 1, 0
    if not tx.execute(_BEGIN, {"id": row["id"], "lease": row["lease"], "until": to_iso(now + LEASE)}):
        raise LostError
    if number > 1:
        found = tx.row(_UNSURE, {"id": row["id"]})
        unsure = found["n"] if found is not None else 0
    tx.insert("outbox_attempts", {"outbox_id": row["id"], "number": number, "started_at": to_iso(now)})
    return {**dict(row), "attempts": number, "tries": row["tries"] + 1, "unsure": unsure}


def keep_words(tx: Writer, row: Mapping[str, Any], rendered: Rendered) -> None:
    """Keep what a message says, for the order's page and for every later attempt. Raises LostError."""
    if not tx.execute(_KEEP_WORDS, {**words_row(rendered), "id": row["id"], "lease": row["lease"]}):
        raise LostError


def mark(tx: Writer, row: Mapping[str, Any], ended: Ended, now: datetime) -> bool:
    """Write down how an attempt ended; tell whether the row was still ours and stands as it says."""
    sent, words = ended.delivery is Delivery.SENT, kept(ended.words)
    ours = tx.execute(
        _MARK,
        {
            "delivery": ended.delivery.value,
            "due": ended.due,
            "done": None if ended.delivery is Delivery.WAITING else to_iso(now),
            "receipt": words if sent else "",
            "error": "" if sent else words,
            "free": int(ended.outcome is AttemptOutcome.UNREACHABLE),
            "id": row["id"],
            "lease": row["lease"],
        },
    )
    told = {"at": to_iso(now), "outcome": ended.outcome.value, "words": words}
    tx.execute(_TELL, {**told, "id": row["id"], "number": row["attempts"]})
    return bool(ours)


def put_back(tx: Writer, rows: Iterable[Any]) -> None:
    """Let rows that were claimed and not begun wait again, as if nothing had been."""
    for row in rows:
        tx.execute(_PUT_BACK, {"id": row["id"], "lease": row["lease"]})
