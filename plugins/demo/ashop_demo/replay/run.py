"""The second reading: every order of a file through the shop, in the order of time, memory kept flat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

from ashop_order_import.reading import Grouped

from ashop_core.shop import Shop
from ashop_demo.hours import Hours
from ashop_demo.memory import peak_memory
from ashop_demo.replay.in_time import by_time
from ashop_demo.replay.shelves import Shelves
from ashop_demo.replay.story import story_of
from ashop_demo.replay.survey import Source, Survey
from ashop_demo.stage import Stage, StageClock, every_hour

MOST_AT_ONCE = 2000
"""So many orders may be on their way; where a file has more of them, the oldest are sent at once."""

AFTERWARDS = timedelta(days=7)
"""So long the shop goes on after the last order, until that is sent too."""


@dataclass
class Replay:
    """What came of a replay. `refused` counts orders that were begun and could not be placed."""

    survey: Survey
    items: int = 0
    refused: int = 0
    received: int = 0
    delivered: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    peak: int | None = None


def replay(folder: Path, source: Source, found: Survey, seed: int, advance: Callable[[int], None]) -> Replay:
    """Play the orders of a surveyed file in the shop in `folder`."""
    result = Replay(found)
    clock = StageClock(found.first - timedelta(days=1))
    with Shop.open(folder, clock=clock) as shop:
        shelves = Shelves(shop, found.demand)
        result.items = shelves.fill(found, seed)
        began = perf_counter()
        _play(shop, clock, source, shelves, result, seed, advance)
        result.seconds = perf_counter() - began
    result.received, result.peak = shelves.received, peak_memory()
    return result


def _play(
    shop: Shop, clock: StageClock, source: Source, shelves: Shelves, result: Replay, seed: int,
    advance: Callable[[int], None],
) -> None:  # fmt: skip
    hours, dice = Hours(ZoneInfo(shop.settings.shop.timezone)), Random(f"{seed}/replay")
    stage = Stage(shop, clock, pause=timedelta())
    stage.add(clock.now, shelves.lorries(clock.now))
    stage.add(clock.now, every_hour(clock.now))

    def sold_out(grouped: Grouped) -> None:
        result.refused += 1
        shelves.missed(grouped.lines)

    orders = source.orders()
    for grouped in orders if result.survey.in_order else by_time(orders):
        stage.play(grouped.at)
        stage.add(grouped.at, story_of(shop, hours, grouped, dice, sold_out))
        stage.play(grouped.at)
        stage.hurry(MOST_AT_ONCE)
        advance(1)
    stage.play(result.survey.last + AFTERWARDS)
    result.delivered = stage.delivered
