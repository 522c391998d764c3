"""Four weeks in Villa & Värme: the shelves are filled, customers come, the shop does its work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ashop_core.shop import Shop
from ashop_demo.cast import DAYS, plans
from ashop_demo.hours import Hours
from ashop_demo.stage import Stage, StageClock, every_hour
from ashop_demo.stocking import fill_the_shelves, lorries
from ashop_demo.story import story_of

OPENING = timedelta(days=DAYS + 1)
"""So long before the end the shop opens: a day before its first customers."""

WORKER_PAUSE = timedelta(seconds=20)


def play(
    folder: Path,
    orders: int,
    seed: int,
    end: datetime,
    advance: Callable[[int], None],
    *,
    synchronous: str = "OFF",
) -> None:
    """Play the shop in `folder` from its opening until `end`; call `advance` for each day that passes."""
    clock = StageClock(end - OPENING)
    with Shop.open(folder, clock=clock, synchronous=synchronous) as shop:
        hours = Hours(ZoneInfo(shop.settings.shop.timezone))
        fill_the_shelves(shop)
        stage = Stage(shop, clock, pause=WORKER_PAUSE)
        stage.add(clock.now, every_hour(clock.now))
        stage.add(clock.now, lorries(shop, hours, seed))
        for plan in plans(orders, seed, hours, end):
            stage.add(plan.begins, story_of(shop, hours, plan))
        stage.play(end, _day_counter(clock.now, advance))


def _day_counter(start: datetime, advance: Callable[[int], None]) -> Callable[[datetime], None]:
    days = 0

    def seen(at: datetime) -> None:
        nonlocal days
        passed = (at - start).days
        if passed > days:
            advance(passed - days)
            days = passed

    return seen
