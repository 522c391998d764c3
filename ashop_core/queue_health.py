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
from ashop_core.texts import Text

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
        stopped=_count(reader, "delivery = 'claimed' AND lease_until < :t", now - LONG_GONE),
        lanes=tuple(_down(reader, now)),
        held=hold_of(reader),
    )


def _count(reader: Reader, where: str, limit: datetime) -> int:
    row = reader.row(f"SELECT COUNT(*) AS n FROM outbox WHERE {where}", {"t": to_iso(limit)})  # noqa: S608
    return int(row["n"]) if row is not None else 0


def _down(reader: Reader, now: datetime) -> Iterator[Lane]:
    """Yield the lanes that rest, or that something waits in: of others nobody has tried whether they work again."""
    sql = (
        "SELECT 1 FROM outbox WHERE delivery IN ('waiting', 'claimed') AND kind = 'message' "
        "AND (lane = :code OR code || '/' = :code) LIMIT 1"
    )
    for lane in lanes_of(reader):
        if lane.resume_at > now or reader.row(sql, {"code": lane.code}) is not None:
            yield lane


def findings_of(shop: Shop, health: QueueHealth) -> Iterator[Finding]:
    """Yield what somebody should look at, each with what to do: worth knowing, not wrong."""

    def clock(instant: datetime | None) -> str:
        return f"{local(instant, shop.settings.shop.timezone):%Y-%m-%d %H:%M}" if instant is not None else ""

    if health.held is not None:
        yield Finding(code="held", text=hold_words(health.held, clock(health.held.since)), serious=False)
    if health.late.count:
        yield worth_knowing(
            "queue", "{n} meddelanden och jobb har väntat i över en timme (äldst {t}): kör `ashop work`",
            "{n} messages and jobs have waited for over an hour (oldest {t}): run `ashop work`",
            n=health.late.count, t=clock(health.late.oldest),
        )  # fmt: skip
    for lane in health.lanes:
        channel = shop.channels.get(lane.channel)
        label: Text | str = channel.label if channel else lane.channel
        yield worth_knowing(
            "lane", "{c}{d} har inte gått att nå sedan {t} ({n} försök, nästa {u}): {why}",
            "{c}{d} could not be reached since {t} ({n} attempts, next {u}): {why}",
            c=label, d=Text(f" till {lane.domain}", f" to {lane.domain}") if lane.domain else "",
            t=clock(lane.since), u=clock(lane.resume_at), n=lane.failures, why=lane.said,
        )  # fmt: skip
    if health.stopped:
        yield worth_knowing(
            "stopped", "{n} togs ur kön av en arbetare som har stannat: kör `ashop work`, så tas de om",
            "{n} were taken from the queue by a worker that has stopped: run `ashop work`, and they are taken over",
            n=health.stopped,
        )  # fmt: skip
    if health.dead.count:
        yield worth_knowing(
            "dead", "{n} meddelanden eller jobb gick inte att leverera: se `ashop message list --dead`, "
            "försök igen med `ashop message retry` eller skicka till rätt adress med `ashop message resend`",
            "{n} messages or jobs could not be delivered: see `ashop message list --dead`, try again with "
            "`ashop message retry` or send to the right address with `ashop message resend`", n=health.dead.count,
        )  # fmt: skip
    if health.failed.count:
        yield worth_knowing(
            "failed", "{n} meddelanden skickades men kom inte fram: se `ashop message list --failed` "
            "och skicka till rätt adress med `ashop message resend`",
            "{n} messages were sent but did not arrive: see `ashop message list --failed` "
            "and send to the right address with `ashop message resend`", n=health.failed.count,
        )  # fmt: skip
    if health.too_old:
        yield worth_knowing(
            "too_old", "{n} meddelanden blev för gamla innan någon försökte skicka dem: låt `ashop work` gå jämt. "
            "De går att försöka igen med `ashop message retry --too-old`",
            "{n} messages grew too old before anybody tried to send them: keep `ashop work` running. "
            "They can be tried again with `ashop message retry --too-old`", n=health.too_old,
        )  # fmt: skip
