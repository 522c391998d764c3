"""Messages and jobs that a change causes: written with it, delivered after it, at least once each.

A row is put in by the change's own transaction under a key that can stand there only once. A worker claims rows under
a lease (`leases`). Of each it writes down that an attempt begins, for as long as its lease holds, makes the attempt
outside any transaction (`attempting`), and marks what came of it. A worker that dies after delivering and before
marking causes a second copy; both carry the same `message_id`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ashop_core.attempting import (
    LONGEST_ATTEMPT,
    Telling,
    ended_by,
    ensure_not_worn_out,
    ensure_young_enough,
    hand_over,
)
from ashop_core.channels import Channel
from ashop_core.clock import Clock
from ashop_core.kept_words import bare, kept, said
from ashop_core.lanes import channel_lane, down_lanes, park, reopen
from ashop_core.leases import Ended, LostError, Wanted, begin, claim, mark, put_back
from ashop_core.models import AttemptOutcome, Delivery, Job, Message
from ashop_core.outbox_rows import message_of
from ashop_core.storage import Database
from ashop_core.texts import NOTHING, Text

LEAST_TIME = timedelta(milliseconds=200)
"""With less than this left of a delivery that is bounded in time, nothing more is begun."""


@dataclass(frozen=True)
class JobHandler:
    """A job and the function that does it: ``run(shop, payload)``; a timed job gets an empty payload."""

    job: Job
    run: Callable[[Any, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Delivered:
    """What became of one claimed row; `said` is for people what `words` are for programs."""

    id: int
    order_id: int | None
    code: str
    recipient: str
    delivery: Delivery
    words: str
    said: Text = NOTHING


class Outbox:
    """Claims and delivers what is due. `telling` gives a message its order, and what may be said of it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Mapping[str, Channel],
        handlers: Mapping[str, JobHandler],
        telling: Callable[[Message], Telling],
    ) -> None:
        self._database = database
        self._clock = clock
        self._channels = channels
        self._handlers = handlers
        self._telling = telling

    def deliver(self, shop: object, wanted: Wanted, within: timedelta | None = None) -> list[Delivered]:
        """Claim rows that are due, deliver them, tell what became of each.

        With `within` no attempt is begun or waited for when so much time has passed; what is left then stays in the
        queue.
        """
        end = None if within is None else time.monotonic() + within.total_seconds()
        if _time_left(end) < LEAST_TIME:
            return []
        rows, down = self._claim(wanted)
        done: list[Delivered] = []
        while rows:
            left = _time_left(end)
            if left < LEAST_TIME:
                self._put_back(rows)
                break
            row = rows.pop(0)
            try:
                row, ended = self._deliver_one(shop, row, left, down)
            except LostError:
                self._put_back([row])  # of what is held; another worker's row it leaves alone
                continue
            standing = [other for other in rows if ended.lane and _stands_in(other, ended.lane)]
            self._mark(row, ended, standing, down)
            rows = [other for other in rows if other not in standing]
            done.append(_delivered(row, ended))
        return done

    def _claim(self, wanted: Wanted) -> tuple[list[Any], set[str]]:
        """Return the rows that are now ours, and the lanes that were down the last time."""
        with self._database.write() as tx:
            rows = claim(tx, self._clock(), wanted)
            return rows, down_lanes(tx) if rows else set()

    def _deliver_one(
        self, shop: object, row: Any, within: timedelta, down: set[str]
    ) -> tuple[Mapping[str, Any], Ended]:
        """Make one attempt; return the row as it was begun, and how it ended, whatever happened. Raises LostError."""
        with self._database.write() as tx:
            row = begin(tx, row, self._clock())
        try:
            delivery, words = self._attempt(shop, row, within)
        except (LostError, KeyboardInterrupt):
            raise
        except BaseException as error:  # whatever a plugin does must not stop the other rows (N10)
            return row, ended_by(row, error, self._clock(), down)
        outcome = AttemptOutcome.SENT if delivery is Delivery.SENT else AttemptOutcome.SUPPRESSED
        return row, Ended(outcome, delivery, words, row["due_at"])

    def _attempt(self, shop: object, row: Mapping[str, Any], within: timedelta) -> tuple[Delivery, str]:
        """Return what became of the row, with the receipt or the reason; raise what says that it failed."""
        ensure_not_worn_out(row)
        return self._do(shop, row) if row["kind"] == "job" else self._send(row, within)

    def _do(self, shop: object, row: Mapping[str, Any]) -> tuple[Delivery, str]:
        handler = self._handlers.get(row["code"])
        if handler is None:
            return Delivery.SUPPRESSED, "no_job"
        handler.run(shop, json.loads(row["payload"]))
        return Delivery.SENT, ""

    def _send(self, row: Mapping[str, Any], within: timedelta) -> tuple[Delivery, str]:
        channel = self._channels.get(row["code"])
        if channel is None:
            return Delivery.SUPPRESSED, "switched_off"
        telling = self._telling(message_of(row))
        why = telling.why if telling.context is None else ensure_young_enough(row, self._clock())
        if why:
            return Delivery.SUPPRESSED, why
        return Delivery.SENT, hand_over(self._database, self._clock, channel, row, telling, within)

    def _put_back(self, rows: list[Any]) -> None:
        with self._database.write() as tx:
            put_back(tx, rows)

    def _mark(self, row: Mapping[str, Any], ended: Ended, standing: list[Any], down: set[str]) -> None:
        """Write the outcome, unless another worker has taken the row over meanwhile (N11).

        Those that stand in a lane found to be down go back to the queue as they were; one that works is opened again.
        """
        now = self._clock()
        with self._database.write() as tx:
            ours = mark(tx, row, ended, now)
            if ended.lane:
                if ours:  # else it may be gone with its person, whose domain it is
                    park(tx, ended.lane, now, _without(row["recipient"], kept(ended.words)), ended.asked)
                put_back(tx, standing)
            elif ended.delivery is Delivery.SENT and row["kind"] == "message":
                working = down & {row["lane"], channel_lane(row["code"])}
                reopen(tx, sorted(working))
                down -= working


def _time_left(end: float | None) -> timedelta:
    if end is None:
        return LONGEST_ATTEMPT
    return min(LONGEST_ATTEMPT, timedelta(seconds=end - time.monotonic()))


def _stands_in(row: Any, lane: str) -> bool:
    return row["kind"] == "message" and lane in (row["lane"], channel_lane(row["code"]))


def _without(recipient: str, words: str) -> str:
    """Return words about a lane, which outlive the person whose message met it, without that person's address."""
    named = recipient.removeprefix("+")  # servers write addresses in capitals, and numbers without the plus
    return re.sub(re.escape(named), "…", words, flags=re.IGNORECASE) if named else words


def _delivered(row: Mapping[str, Any], ended: Ended) -> Delivered:
    words = kept(ended.words)
    return Delivered(
        id=row["id"], order_id=row["order_id"], code=row["code"], recipient=row["recipient"],
        delivery=ended.delivery, words=bare(words), said=said(words),
    )  # fmt: skip
