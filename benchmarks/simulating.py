"""How fast `ashop stock simulate` judges a shop's orders anew, beside reading the same orders and no more.

Both passes count, the present settings and what is tried, but each order line is counted once.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from ashop_core.shop import Shop
from ashop_stock_control.rules import Rule, When
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.simulating.openings import Openings
from ashop_stock_control.simulating.replaying import Replay
from ashop_stock_control.simulating.simulation import simulate_orders
from ashop_stock_control.simulating.simulator import simulate
from ashop_stock_control.simulating.trials import Trial
from ashop_stock_control.simulating.window import Wanted, find_window
from benchmarks import filling
from benchmarks.scaling import LIMIT
from benchmarks.sides import new_shop

ORDERS = 5_000
START = 20
"""The balance that every item begins with: many orders are refused, and many statuses change."""
ROUNDS = 5
_MORE_LINES = (
    "INSERT INTO order_lines (order_id, position, sku, name, quantity, unit_price, held, gone) "
    "SELECT order_id, :position, 'FYLLNAD-' || ((order_id * :position) % 499), name, quantity, unit_price, held, gone "
    "FROM order_lines WHERE position = 1"
)
_REGULARS = "UPDATE orders SET email_key = 'regular' || (id % 500)"
_SOLD_OUT = Rule(when=When.FALLS_TO, threshold=0, from_=("in_stock",), to="sold_out", back_at=3)
TRIALS = {
    "nothing tried": Trial(),
    "strict": Trial(policy="strict"),
    "a rule and a margin": Trial(policy="strict", margin=2, no_rules=True, rule=_SOLD_OUT),
    "strict_stock": Trial(plugins=("strict_stock",)),
    "a rule with a window": Trial(plugins=("local:limit",)),
}


def measure(folder: Path | None) -> list[dict[str, Any]]:
    """Return the lines a second of processor time for each trial, and as a share of reading alone; all take turns."""
    with tempfile.TemporaryDirectory(dir=folder) as name, Shop.open(_shop(Path(name))) as shop:
        times: dict[str, list[float]] = {name: [] for name in ("reading alone", *TRIALS)}
        for _ in range(1 + ROUNDS):  # the first warms up
            times["reading alone"].append(_timed(_read, shop))
            for name, trial in TRIALS.items():
                times[name].append(_timed(_simulate, shop, trial))
        lines = simulate_orders(shop, Trial(), Wanted(orders=ORDERS), start=START).now.figures.lines
    alone = times["reading alone"][1:]
    return [
        {
            "name": name,
            "lines_per_second": lines / median(spent[1:]),
            "share": median(a / b for a, b in zip(alone, spent[1:], strict=True)),
        }
        for name, spent in times.items()
    ]


def _shop(folder: Path) -> Path:
    home = new_shop(folder / "simulated", files={"plugins/limit.py": LIMIT})
    filling.add_orders(home / "shop.db", 1, ORDERS * 20 // 19 + 20)  # one in twenty was never placed
    with closing(sqlite3.connect(home / "shop.db")) as connection, connection:
        for position in (2, 3):
            connection.execute(_MORE_LINES, {"position": position})
        connection.execute(_REGULARS)
    return home


def _timed(function: Any, *arguments: Any) -> float:
    begun = process_time()
    function(*arguments)
    return process_time() - begun


def _read(shop: Shop) -> None:
    """Read what a simulation reads, and judge nothing."""
    with shop.database.read() as reader:
        window = find_window(reader, Wanted(orders=ORDERS))
        settings = shop.settings.for_plugin(StockSettings)
        openings = Openings(reader, settings, window.at, window.first, START)
        simulate(Replay(shop, reader, window, openings, for_rules=False).events(), [])


def _simulate(shop: Shop, trial: Trial) -> None:
    simulate_orders(shop, trial, Wanted(orders=ORDERS), start=START)
