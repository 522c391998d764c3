"""What must not go on before staff say so: the outbox of a restored backup, or one held by hand.

A hold is a row in the database itself, so that it travels with a backup and binds every worker there is:
the statement that claims from the outbox looks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ashop_core.clock import from_iso, to_iso
from ashop_core.storage import Reader, Writer
from ashop_core.texts import Text, same

OUTBOX: Final = "outbox"
FROM_BACKUP: Final = "backup"
"""The reason that a backup brings with it."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Something that is held: since when, and why in somebody's words (or `FROM_BACKUP`)."""

    code: str
    since: datetime
    reason: str

    @property
    def why(self) -> Text:
        """Return the reason as people read it."""
        restored = Text("återställd från säkerhetskopia", "restored from a backup")
        return restored if self.reason == FROM_BACKUP else same(self.reason)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits in the outbox of one kind and channel (for a job, its code): how many, how old."""

    kind: str
    code: str
    count: int
    oldest: datetime
    newest: datetime


def hold(tx: Writer, at: datetime, reason: str, code: str = OUTBOX) -> bool:
    """Hold it; one that is held already keeps its time and reason. Tell whether it was not held before."""
    sql = "INSERT INTO holds (code, since, reason) VALUES (:code, :since, :reason) ON CONFLICT (code) DO NOTHING"
    return bool(tx.execute(sql, {"code": code, "since": to_iso(at), "reason": reason}))


def release(tx: Writer, code: str = OUTBOX) -> bool:
    """Let it go on; tell whether it was held."""
    return bool(tx.execute("DELETE FROM holds WHERE code = :code", {"code": code}))


def suppress_waiting(tx: Writer, at: datetime) -> int:
    """Mark every waiting message as not to be sent, and return how many; jobs are work that must happen.

    One that a worker has in its hands at this moment is left to it.
    """
    return tx.execute(
        "UPDATE outbox SET delivery = 'suppressed', done_at = :now, error = 'held', "
        "lease = NULL, lease_until = NULL WHERE kind = 'message' "
        "AND (delivery = 'waiting' OR (delivery = 'claimed' AND lease_until <= :now))",
        {"now": to_iso(at)},
    )


def held_copy(now: datetime) -> Callable[[Writer], None]:
    """Return what has to be done to a copy of the database: its outbox is held, and no worker has claimed from it."""

    def finish(tx: Writer) -> None:
        hold(tx, now, FROM_BACKUP)
        tx.execute(
            "UPDATE outbox SET delivery = 'waiting', lease = NULL, lease_until = NULL WHERE delivery = 'claimed'"
        )

    return finish


def hold_of(reader: Reader, code: str = OUTBOX) -> Hold | None:
    """Return the hold, or None where nothing keeps it from going on."""
    row = reader.row("SELECT since, reason FROM holds WHERE code = :code", {"code": code})
    return Hold(code=code, since=from_iso(row["since"]), reason=row["reason"]) if row else None


def hold_words(found: Hold, since: str) -> Text:
    """Return what to tell staff of a held outbox: since when (as they read times), why, and what to do."""
    why = found.why
    reason = Text(f" ({why.sv})" if why.sv else "", f" ({why.en})" if why.en else "")
    return Text(
        "Utskicken är pausade sedan {t}{why}: inget lämnar kön. Se och släpp på dem med `ashop message release`.",
        "The outbox has been held since {t}{why}: nothing leaves it. Look and let it go with `ashop message release`.",
    ).fill(t=since, why=reason)


def waiting_in_outbox(reader: Reader) -> list[Waiting]:
    """Return what waits in the outbox, by kind and channel."""
    rows = reader.rows(
        "SELECT kind, code, COUNT(*) AS n, MIN(created_at) AS oldest, MAX(created_at) AS newest FROM outbox "
        "WHERE delivery IN ('waiting', 'claimed') GROUP BY kind, code ORDER BY kind DESC, code"
    )
    return [
        Waiting(
            kind=row["kind"],
            code=row["code"],
            count=row["n"],
            oldest=from_iso(row["oldest"]),
            newest=from_iso(row["newest"]),
        )
        for row in rows
    ]
