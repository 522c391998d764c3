"""Lanes: channels, and domains of theirs, that are down, so that nothing of them is tried for a while.

One that fails keeps no other waiting: whoever meets the failure parks the lane for every worker there is, what stands
in it stays queued without an attempt, and after the pause the first of them finds out whether it works again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from ashop_core.clock import from_iso, to_iso
from ashop_core.kept_words import bare, said
from ashop_core.storage import Reader, Writer
from ashop_core.texts import NOTHING, Text

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_REST = timedelta(days=2)
"""No lane is let rest for so long, whatever a receiver asks for: what says so was written by a clock that was wrong."""
FORGOTTEN = timedelta(days=1)
"""A lane that nobody has tried for so long after its pause has nothing left to send."""

_WAITED_FOR = """
SELECT l.* FROM lanes AS l WHERE EXISTS (
    SELECT 1 FROM outbox AS o
    WHERE o.delivery IN ('waiting', 'claimed') AND o.kind = 'message' AND (o.lane = l.code OR o.code || '/' = l.code)
) ORDER BY l.since, l.code
"""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A channel or domain that is down: since when, when it is tried again, how often it failed, what it said.

    `said` is for people what `words` are for programs.
    """

    code: str
    since: datetime
    resume_at: datetime
    failures: int
    words: str
    said: Text = NOTHING

    @property
    def channel(self) -> str:
        """The code of the channel."""
        return self.code.partition("/")[0]

    @property
    def domain(self) -> str:
        """The domain that is down, empty where it is the whole channel."""
        return self.code.partition("/")[2]


def park(tx: Writer, code: str, now: datetime, why: str, asked: timedelta = timedelta()) -> datetime:
    """Let nothing of the lane be tried for a while, `asked` at least; return until when."""
    row = tx.row("SELECT failures, resume_at FROM lanes WHERE code = :code", {"code": code})
    # Of several workers that meet the same failure at once the first one counts it.
    failures = 1 if row is None else row["failures"] + (row["resume_at"] <= to_iso(now))
    until = now + max(growing_pause(failures, FIRST_PAUSE, LONGEST_PAUSE), asked)
    tx.execute("DELETE FROM lanes WHERE resume_at < :past", {"past": to_iso(now - FORGOTTEN)})
    tx.execute(
        "INSERT INTO lanes (code, since, resume_at, failures, why) VALUES (:code, :now, :until, :failures, :why) "
        "ON CONFLICT (code) DO UPDATE SET resume_at = :until, failures = :failures, why = :why",
        {"code": code, "now": to_iso(now), "until": to_iso(until), "failures": failures, "why": why},
    )
    return until


def channel_lane(channel: str) -> str:
    """Return the lane that all messages of a channel stand in."""
    return f"{channel}/"


def down_lanes(reader: Reader) -> set[str]:
    """Return the lanes that failed the last time."""
    return {row["code"] for row in reader.rows("SELECT code FROM lanes")}


def reopen(tx: Writer, codes: list[str]) -> None:
    """Let the lanes be used again: something of them has got through."""
    for code in codes:
        tx.execute("DELETE FROM lanes WHERE code = :code", {"code": code})


def lanes_of(reader: Reader) -> list[Lane]:
    """Return every lane that failed the last time it was tried and that something waits in, the longest first."""
    return [
        Lane(
            code=row["code"],
            since=from_iso(row["since"]),
            resume_at=from_iso(row["resume_at"]),
            failures=row["failures"],
            words=bare(row["why"]),
            said=said(row["why"]),
        )
        for row in reader.rows(_WAITED_FOR)
    ]


def growing_pause(failures: int, first: timedelta, most: timedelta) -> timedelta:
    """Return how long to wait after so many failures: doubling, capped, with jitter so that not all come back at once."""
    longest = min(most, first * 2 ** min(failures - 1, 20))
    return timedelta(seconds=longest.total_seconds() * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
