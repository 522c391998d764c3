"""Time on the stage: scripts that sleep until their next step, woken in the order of time, under one clock."""

from __future__ import annotations

from collections import Counter
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

    The queue holds one entry for each script that is under way. `pause` is how long a worker needs before
    it looks by after a step; `delivered` counts what it delivered, by channel or job.
    """

    shop: Shop
    clock: StageClock
    pause: timedelta = timedelta()
    delivered: Counter[str] = field(default_factory=Counter)
    _queue: list[tuple[datetime, int, Script]] = field(default_factory=list)
    _added: int = 0

    def add(self, at: datetime, script: Script) -> None:
        """Let a script begin at an instant."""
        self._added += 1
        heappush(self._queue, (at, self._added, script))

    def play(self, until: datetime, seen: Callable[[datetime], None] = lambda at: None) -> None:
        """Play everything that happens up to and including `until`; what comes later stays unplayed."""
        while self._queue and self._queue[0][0] <= until:
            self.clock.move(self._queue[0][0])
            seen(self.clock.now)
            self._step()
            if self.clock.now + self.pause <= until:
                self.clock.now += self.pause
            self._work()

    def hurry(self, most: int) -> None:
        """Play the next steps ahead of their time, until no more than so many scripts are under way."""
        while len(self._queue) > most:
            self._step()
            self._work()

    def _step(self) -> None:
        _, number, script = heappop(self._queue)
        following = next(script, None)
        if following is not None:
            heappush(self._queue, (following, number, script))

    def _work(self) -> None:
        """Do what `ashop work` does all day long: deliver what is due, run the timed jobs that are due."""
        self.delivered.update(item.code for item in work_once(self.shop).delivered)


def every_hour(at: datetime) -> Script:
    """Do nothing once an hour, so that the worker also looks by when no customer does."""
    while True:
        at += timedelta(hours=1)
        yield at
