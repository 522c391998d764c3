"""The second reading: every order of a file through the shop, in the order of time, memory kept flat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

from ashop_core.shop import Shop
from ashop_demo.hours import Hours
from ashop_demo.memory import peak_memory
from ashop_demo.replay.desk import Desk
from ashop_demo.replay.in_time import by_time
from ashop_demo.replay.shelves import Shelves
from ashop_demo.replay.survey import Source, Survey
from ashop_demo.stage import Stage, StageClock, every_hour

MOST_AT_ONCE = 2000
"""So many orders may be on their way; where a file has more of them, the oldest are sent at once."""

AFTERWARDS = timedelta(days=7)
"""So long the shop goes on after the last order, until that is sent too."""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of a replay: `refused` orders, goods `received` so many times, messages by channel.

    `peak` is the largest memory of the process in bytes, if the system tells.
    """

    survey: Survey
    items: int
    refused: int
    received: int
    messages: Counter[str]
    seconds: float
    peak: int | None


def replay(
    folder: Path, source: Source, found: Survey, seed: int, advance: Callable[[int], None],
    *, messages: bool = False, synchronous: str = "OFF",
) -> Replay:  # fmt: skip
    """Play the orders of a surveyed file in the shop in `folder`."""
    clock = StageClock(found.first - timedelta(days=1))
    with Shop.open(folder, clock=clock, synchronous=synchronous) as shop:
        shelves = Shelves(shop, found.demand)
        items = shelves.fill(seed)
        hours = Hours(ZoneInfo(shop.settings.shop.timezone))
        desk = Desk(shop, hours, shelves, Random(f"{seed}/replay"), messages)
        stage = Stage(shop, clock)
        began = perf_counter()
        _play(stage, desk, source, found, advance)
        return Replay(
            survey=found,
            items=items,
            refused=desk.refused,
            received=shelves.received,
            messages=stage.delivered,
            seconds=perf_counter() - began,
            peak=peak_memory(),
        )


def _play(stage: Stage, desk: Desk, source: Source, found: Survey, advance: Callable[[int], None]) -> None:
    stage.add(stage.clock.now, desk.shelves.lorries(stage.clock.now))
    stage.add(stage.clock.now, every_hour(stage.clock.now))
    orders = source.orders()
    for grouped in orders if found.in_order else by_time(orders):
        stage.play(grouped.at)
        stage.add(grouped.at, desk.story(grouped))
        stage.play(grouped.at)
        stage.hurry(MOST_AT_ONCE)
        advance(1)
    stage.play(found.last + AFTERWARDS)
