"""How the outbox is: what waits and for how long, what went wrong, which channels are down, whether anybody works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core.clock import local, to_iso
from ashop_core.finding import Finding, worth_knowing
from ashop_core.holds import Hold, hold_of, hold_words, waiting_in_outbox
from ashop_core.lanes import Lane, lanes_of
from ashop_core.messages import Backlog, Standing, overdue, unanswered
from ashop_core.storage import Reader
from ashop_core.texts import Text, counted

if TYPE_CHECKING:
    from ashop_core.shop import Shop

LATE = timedelta(hours=1)
"""What has stood in the queue for longer than this is told of: somebody may have forgotten to run `ashop work`."""
LONG_GONE = timedelta(minutes=10)
"""A worker whose lease ended so long ago, and whose rows nobody has taken over: nobody is working."""
REMEMBERED = timedelta(days=30)
"""For how long it is told that messages grew too old before anybody tried."""


@dataclass(frozen=True, kw_only=True)
class QueueHealth:
    """The outbox in figures, as it is `at` a time.

    `due` is what was to leave by now and has not; `late` that of it which is over an hour old. `waiting` counts the
    messages that wait by channel, `jobs` the jobs. `dead` was given up, `failed` was sent and did not arrive, and
    nobody has sent it again; `too_old` was never tried in time lately. `stopped` are rows whose worker has ended.
    """

    at: datetime
    due: Backlog
    late: Backlog
    waiting: Mapping[str, int]
    jobs: int
    dead: Backlog
    failed: Backlog
    too_old: int
    stopped: int
    lanes: tuple[Lane, ...]
    held: Hold | None

    @property
    def oldest_age(self) -> timedelta | None:
        """How long the oldest unsent one has waited beyond its time."""
        return self.at - self.due.oldest if self.due.oldest is not None else None


def queue_health(reader: Reader, now: datetime) -> QueueHealth:
    """Return the outbox in figures."""
    waiting = waiting_in_outbox(reader)
    return QueueHealth(
        at=now,
        due=overdue(reader, now),
        late=overdue(reader, now - LATE),
        waiting={w.code: w.count for w in waiting if w.kind == "message"},
        jobs=sum(w.count for w in waiting if w.kind == "job"),
        dead=unanswered(reader, Standing.DEAD),
        failed=unanswered(reader, Standing.FAILED),
        too_old=_count(
            reader, "error = 'too_old' AND delivery = 'suppressed' AND done_at > :t", now - REMEMBERED
        ),
        stopped=_count(
            reader,
            # the first part in an index's own words, so that it is used
            "delivery IN ('waiting', 'claimed') AND delivery = 'claimed' AND lease_until < :t",
            now - LONG_GONE,
        ),
        lanes=tuple(lanes_of(reader)),
        held=hold_of(reader),
    )


def _count(reader: Reader, where: str, limit: datetime) -> int:
    row = reader.row(f"SELECT COUNT(*) AS n FROM outbox WHERE {where}", {"t": to_iso(limit)})  # noqa: S608
    return int(row["n"]) if row is not None else 0


def findings_of(shop: Shop, health: QueueHealth) -> Iterator[Finding]:
    """Yield what somebody should look at, each with what to do: worth knowing, not wrong."""

    def clock(instant: datetime | None, *, seconds: bool = False) -> str:
        form = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
        return local(instant, shop.settings.shop.timezone).strftime(form) if instant is not None else ""

    if health.held is not None:
        yield Finding(code="held", text=hold_words(health.held, clock(health.held.since)), serious=False)
    for lane in health.lanes:
        channel = shop.channels.get(lane.channel)
        yield worth_knowing(
            "lane",
            "{c}{d} har inte gått att nå sedan {t} ({n}, nästa {u}): {why}",
            "{c}{d} has been out of reach since {t} ({n}, next {u}): {why}",
            c=channel.label if channel else lane.channel,
            d=Text(" till {d}", " to {d}").fill(d=lane.domain) if lane.domain else "",
            t=clock(lane.since), u=clock(lane.resume_at, seconds=True), why=lane.said,
            n=counted(lane.failures, Text("ett försök", "one attempt"), Text("{n} försök", "{n} attempts")),
        )  # fmt: skip
    numbers = {
        "queue": health.late.count, "stopped": health.stopped, "dead": health.dead.count,
        "failed": health.failed.count, "too_old": health.too_old,
    }  # fmt: skip
    for code, number in numbers.items():
        if number:
            one, more, remedy = _TOLD[code]
            text = Text("{what}: {remedy}", "{what}: {remedy}").fill(
                what=counted(number, one, more), remedy=remedy
            )
            yield Finding(code=code, text=text.fill(t=clock(health.late.oldest)), serious=False)


_TOLD = {
    "queue": (
        Text("ett meddelande eller jobb har väntat sedan {{t}}", "one message or job has waited since {{t}}"),
        Text(
            "{n} meddelanden och jobb har väntat i över en timme (äldst {{t}})",
            "{n} messages and jobs have waited for over an hour (oldest {{t}})",
        ),
        Text("kör `ashop work`", "run `ashop work`"),
    ),
    "stopped": (
        Text(
            "en rad togs ur kön av en arbetare som har stannat",
            "one row was taken from the queue by a worker that has stopped",
        ),
        Text(
            "{n} rader togs ur kön av en arbetare som har stannat",
            "{n} rows were taken from the queue by a worker that has stopped",
        ),
        Text("kör `ashop work`, så tas de om", "run `ashop work`, which takes them over"),
    ),
    "dead": (
        Text("ett meddelande eller jobb gick inte att leverera", "one message or job could not be delivered"),
        Text(
            "{n} meddelanden och jobb gick inte att leverera", "{n} messages and jobs could not be delivered"
        ),
        Text(
            "se `ashop message list --dead`, försök igen med `ashop message retry` eller skicka till rätt adress "
            "med `ashop message resend`",
            "see `ashop message list --dead`, try again with `ashop message retry` or send to the right address "
            "with `ashop message resend`",
        ),
    ),
    "failed": (
        Text("ett meddelande skickades men kom inte fram", "one message was sent but did not arrive"),
        Text("{n} meddelanden skickades men kom inte fram", "{n} messages were sent but did not arrive"),
        Text(
            "se `ashop message list --failed` och skicka till rätt adress med `ashop message resend`",
            "see `ashop message list --failed` and send to the right address with `ashop message resend`",
        ),
    ),
    "too_old": (
        Text(
            "ett meddelande blev för gammalt innan någon försökte skicka det",
            "one message grew too old before anybody tried to send it",
        ),
        Text(
            "{n} meddelanden blev för gamla innan någon försökte skicka dem",
            "{n} messages grew too old before anybody tried to send them",
        ),
        Text(
            "låt `ashop work` gå jämt, och försök igen med `ashop message retry --too-old`",
            "keep `ashop work` running, and try again with `ashop message retry --too-old`",
        ),
    ),
}
"""What is said of one and of several, and what to do, by the code of the finding."""
