"""Pages of ever longer lists: SQLite's own steps for each, and the time beside the bare statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter_ns

from ashop_core import OrderFilter, Shop
from ashop_core.models import Stage
from ashop_core.queries import Page
from ashop_core.testing import write_shop
from benchmarks import filling

TURNS = 30
Query = Callable[[Shop, str], Page]

QUERIES: dict[str, Query] = {
    "page 1": lambda shop, middle: shop.orders(),
    "a page deep down": lambda shop, middle: shop.orders(cursor=middle),
    "one status, page 1": lambda shop, middle: shop.orders(OrderFilter(statuses=("reviewed",))),
    "one status, deep down": lambda shop, middle: shop.orders(
        OrderFilter(statuses=("reviewed",)), cursor=middle
    ),
    "a stage, page 1": lambda shop, middle: shop.orders(OrderFilter(stage=Stage.OPEN)),
    "two statuses, deep down": lambda shop, middle: shop.orders(
        OrderFilter(statuses=("received", "shipped")), cursor=middle
    ),
    "checkouts": lambda shop, middle: shop.abandoned(),
}
BY_OFFSET = "SELECT * FROM orders ORDER BY listed_at DESC, id DESC LIMIT 50 OFFSET :half"
"""How a page is read where nobody thought of large shops: what the measurement must be able to find."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One page of a list of so many orders: SQLite's steps, its plan, and median µs of the shop and of bare SQL."""

    query: str
    orders: int
    rows: int
    steps: int
    plan: str
    shop_us: float
    bare_us: float


def measure(folder: Path, sizes: tuple[int, ...]) -> Iterator[Measured]:
    """Let a shop grow to each size in turn and yield what each query takes there."""
    file = write_shop(folder) / "shop.db"
    with Shop.open(folder, synchronous="OFF"):
        pass
    for last, size in zip((0, *sizes), sizes, strict=False):
        filling.add_orders(file, last + 1, size)
        middle = _cursor(file, size // 2)
        with Shop.open(folder, synchronous="OFF") as shop, closing(_read_only(file)) as bare:
            for name, query in QUERIES.items():
                yield _measure(name, query, shop, bare, middle, size)


def _measure(
    name: str, query: Query, shop: Shop, bare: sqlite3.Connection, middle: str, size: int
) -> Measured:
    seen: list[str] = []
    with _watched(shop, seen) as steps:
        page = query(shop, middle)
    (sql,) = [s for s in seen if s.startswith("SELECT")]
    plan = "; ".join(row[3] for row in bare.execute(f"EXPLAIN QUERY PLAN {sql}"))
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(_time(lambda: query(shop, middle)))
        theirs.append(_time(lambda: bare.execute(sql).fetchall()))
    return Measured(
        query=name,
        orders=size,
        rows=len(page.rows),
        steps=steps(),
        plan=plan,
        shop_us=median(ours) / 1000,
        bare_us=median(theirs) / 1000,
    )


@contextmanager
def _watched(shop: Shop, seen: list[str]) -> Iterator[Callable[[], int]]:
    """Note every statement of the shop's reading connection, and count its steps."""
    with shop.database.read() as reader:
        connection = reader._connection  # type: ignore[attr-defined]
    counted = count()
    taken = [0]
    connection.set_trace_callback(seen.append)
    connection.set_progress_handler(lambda: taken.__setitem__(0, next(counted)), 1)
    try:
        yield lambda: taken[0]
    finally:
        connection.set_trace_callback(None)
        connection.set_progress_handler(None, 1)


def _time(run: Callable[[], object]) -> int:
    begun = perf_counter_ns()
    run()
    return perf_counter_ns() - begun


def _cursor(file: Path, order: int) -> str:
    with closing(_read_only(file)) as connection:
        row = connection.execute("SELECT listed_at, id FROM orders WHERE id = ?", (order,)).fetchone()
    return f"{row[0]}/{row[1]}"


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def growth(found: list[Measured], query: str, small: int, large: int) -> float:
    """Return how many times the steps a page takes in the larger shop."""
    steps = {m.orders: m.steps for m in found if m.query == query}
    return steps[large] / steps[small]


def steps_by_offset(shop: Shop, orders: int) -> int:
    """Return the steps of the same page deep down, read by counting rows."""
    with _watched(shop, []) as steps, shop.database.read() as reader:
        reader.rows(BY_OFFSET, {"half": orders // 2})
    return steps()
