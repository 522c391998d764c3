"""Time on the stage: scripts that sleep until their next step, woken in the order of time, under one clock."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from ashop_core.worker import work_once

if TYPE_CHECKING:
    from ashop_core.shop import Shop

Script = Generator[datetime, None, None]
"""Steps of a story: it does one thing to the shop and yields the instant at which it wants to go on."""

WORKER_PAUSE = timedelta(seconds=20)


@dataclass
class StageClock:
    """The clock of a shop on the stage; it never goes backwards."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime) -> None:
        """Move on to an instant, unless it is later than that already."""
        self.now = max(self.now, to)


@dataclass
class Stage:
    """A shop, its clock and everything that is still going to happen in it.

    The event queue holds one entry for each script that is under way, whatever the length of the scripts.
    """

    shop: Shop
    clock: StageClock
    _queue: list[tuple[datetime, int, Script]] = field(default_factory=list)
    _added: int = 0
    most: int = 0

    def add(self, at: datetime, script: Script) -> None:
        """Let a script begin at an instant."""
        self._added += 1
        heappush(self._queue, (at, self._added, script))
        self.most = max(self.most, len(self._queue))

    def play(self, until: datetime, seen: Callable[[datetime], None] = lambda at: None) -> None:
        """Play everything that happens up to and including `until`; what comes later stays unplayed.

        After each step a worker looks by, as `ashop work` does all day long: it delivers the messages that
        the step caused and runs the timed jobs that are due.
        """
        while self._queue and self._queue[0][0] <= until:
            at, number, script = heappop(self._queue)
            self.clock.move(at)
            seen(at)
            following = next(script, None)
            if following is not None:
                heappush(self._queue, (following, number, script))
            if self.clock.now + WORKER_PAUSE <= until:
                self.clock.now += WORKER_PAUSE
            work_once(self.shop)


def every_hour(at: datetime) -> Script:
    """Do nothing once an hour, so that the worker also looks by when no customer does."""
    while True:
        at += timedelta(hours=1)
        yield at
