"""Pages of ever longer lists: SQLite's own steps for each, and the time beside the bare statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter_ns

from ashop_core import OrderFilter, Shop
from ashop_core.counts import Counts
from ashop_core.models import Stage
from ashop_core.queries import Page
from ashop_core.shop import PLACED
from ashop_core.testing import write_shop
from benchmarks import filling

TURNS = 30
Query = Callable[[Shop, str], Page | Counts]


def _page(wanted: OrderFilter = PLACED, *, deep: bool = False) -> Query:
    return lambda shop, middle: shop.orders(wanted, cursor=middle if deep else None)


REVIEWED = OrderFilter(statuses=("reviewed",))
QUERIES: dict[str, Query] = {
    "page 1": _page(),
    "a page deep down": _page(deep=True),
    "the page before it": lambda shop, middle: shop.orders(cursor=middle.replace("before", "after")),
    "one status, page 1": _page(REVIEWED),
    "one status, deep down": _page(REVIEWED, deep=True),
    "a stage, page 1": _page(OrderFilter(stage=Stage.OPEN)),
    "two statuses, deep down": _page(OrderFilter(statuses=("received", "shipped")), deep=True),
    "three days in its status": _page(OrderFilter(stage=Stage.OPEN, older=timedelta(days=3))),
    "to ship": lambda shop, middle: shop.orders(shop.where(shop.filters["to_ship"].where)),
    "a customer": _page(OrderFilter(customer="anna.bergberg5@example.se")),
    "checkouts": _page(OrderFilter(stage=Stage.CHECKOUT)),
    "search: a number": _page(OrderFilter(text="100501")),
    "search: a parcel number": _page(OrderFilter(text="0037 3500 4800 0000 0005")),
    "search: an e-mail address": _page(OrderFilter(text="anna.bergberg5@example.se")),
    "search: a phone number": _page(OrderFilter(text="070-007 91 90")),
    "search: anna": _page(OrderFilter(text="anna")),
    "search: anna, deep down": _page(OrderFilter(text="anna"), deep=True),
    "search: anna, shipped": _page(OrderFilter(text="anna", statuses=("shipped",))),
    "search: stockholm": _page(OrderFilter(text="stockholm")),
    "counts per status": lambda shop, middle: shop.counts(),
}
FEW = {
    "a customer", "search: a number", "search: a parcel number", "search: an e-mail address", "search: a phone number",
}  # fmt: skip
"""Queries that find an order or two. Finding them takes longer where there is more to look through, and yet less
than reading any full page does."""
COMMON = {"search: stockholm"}
"""A word of more than four letters that every order has: all of them are gathered first. Shown, and said in the docs."""
COUNTS = {"counts per status"}
"""What is counted up to a bound: it grows until there are so many, and no more."""
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
        found = query(shop, middle)
    # The full-text index reads its own tables by statements of its own; they come with the one that asks it.
    asked = [sql for sql in seen if sql.startswith("SELECT") and "'orders_search_" not in sql]
    plan = "; ".join(row[3] for sql in asked for row in bare.execute(f"EXPLAIN QUERY PLAN {sql}"))
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(_time(lambda: query(shop, middle)))
        theirs.append(_time(lambda: [bare.execute(sql).fetchall() for sql in asked]))
    return Measured(
        query=name,
        orders=size,
        rows=len(found.rows) if isinstance(found, Page) else len(found.statuses),
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
    return f"before/{row[0]}/{row[1]}"


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def growth(found: list[Measured], query: str, small: int, large: int) -> float:
    """Return how many times the steps a page takes in the larger shop; of few rows, a full page's in the smaller."""
    steps = {(m.query, m.orders): m.steps for m in found}
    least = steps["page 1", small] if query in FEW else steps[query, small]
    return steps[query, large] / least


def steps_by_offset(shop: Shop, orders: int) -> int:
    """Return the steps of the same page deep down, read by counting rows."""
    with _watched(shop, []) as steps, shop.database.read() as reader:
        reader.rows(BY_OFFSET, {"half": orders // 2})
    return steps()
