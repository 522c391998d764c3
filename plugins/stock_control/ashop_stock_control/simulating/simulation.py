"""What the shop's last orders would have looked like under another policy, margin, rule or plugin.

Nothing is written: the database is read as of one moment, and everything else happens in memory. The same database
and the same wishes give the same answer to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ashop_core.clock import from_iso, local
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_stock_control.simulating.openings import Openings
from ashop_stock_control.simulating.replaying import Replay
from ashop_stock_control.simulating.run import Run, Way
from ashop_stock_control.simulating.simulator import simulate
from ashop_stock_control.simulating.trials import Trial, present_way, tried_way
from ashop_stock_control.simulating.window import Wanted, Window, find_window

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.items import StockItem

MOST_STARTED = 10**6
_REFUSED = (
    "SELECT COUNT(DISTINCT r.order_id) AS n FROM refusals AS r JOIN orders AS o ON o.id = r.order_id "
    "WHERE o.placed_at IS NULL AND r.first_at >= :start AND r.first_at < :until AND r.problems LIKE :by"
)


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What came of the orders from `began` to `ended`, on the shop's `days`.

    `now` is under the present settings and `tried`, where something was tried, under the trial.
    `items` are the items as they were when the first order was placed, `without` those of them that had no balance
    then. `turned_away` are the checkouts that the shop's stock refused in the same time and that never became
    orders: nobody knows what they would have met.
    """

    began: str
    ended: str
    days: tuple[str, str]
    now: Run
    tried: Run | None
    trial: Trial
    items: Mapping[str, StockItem]
    without: frozenset[str]
    start: int | None
    turned_away: int

    @property
    def shown(self) -> Run:
        """The run that the answer is about: what was tried, or the present settings alone."""
        return self.tried or self.now


def simulate_orders(
    shop: Shop, trial: Trial, wanted: Wanted, *, start: int | None = None, watched: frozenset[str] = frozenset(),
    advance: Callable[[int], None] | None = None,
) -> Simulation:  # fmt: skip
    """Judge the wanted orders anew, under the present settings and under the trial.

    With a `start`, items that had no balance when the first order was placed begin with so many pieces. Of `watched`
    items the balance of each day is kept. Raises InvalidInput, NotFound and PluginError with the remedy.
    """
    if start is not None and not 0 <= start <= MOST_STARTED:
        raise InvalidInput(
            Text(
                "börja med {n} går inte: välj från 0 till {most}", "to start with {n} will not do: choose 0 to {most}"
            ).fill(n=start, most=MOST_STARTED)
        )  # fmt: skip
    with shop.database.read() as reader:
        ways = [present_way(shop)]
        if not trial.is_empty:
            ways.append(tried_way(shop, reader, trial))
        window = find_window(reader, wanted)
        openings = Openings(reader, ways[0].settings, window.at, window.first, start)
        runs = [_run(shop, way, openings, window, watched) for way in ways]
        replay = Replay(
            shop, reader, window, openings, for_rules=any(run.asks_rules for run in runs),
            before=max(run.looks_back for run in runs), advance=advance,
        )  # fmt: skip
        ended = simulate(replay.events(), runs)
        turned_away = _turned_away(reader, window)
    return Simulation(
        began=window.at,
        ended=ended,
        days=(runs[0].day_of(window.at), runs[0].day_of(ended)),
        now=runs[0],
        tried=runs[1] if len(runs) > 1 else None,
        trial=trial,
        items=openings,
        without=frozenset(openings.without),
        start=start,
        turned_away=turned_away,
    )


def _run(shop: Shop, way: Way, openings: Openings, window: Window, watched: frozenset[str]) -> Run:
    zone = shop.settings.shop.timezone

    @lru_cache(maxsize=4096)
    def day_of_minute(minute: str) -> str:
        return local(from_iso(f"{minute}:00Z"), zone).date().isoformat()

    return Run(
        way, openings, lambda at: day_of_minute(at[:16]), window.at, watched=watched, fresh=openings.fresh
    )


def _turned_away(reader: Reader, window: Window) -> int:
    params = {"start": window.at, "until": window.until, "by": '%"stock_control"%'}
    row = reader.row(_REFUSED, params)
    return 0 if row is None else int(row["n"])
