"""A rule over 100,000 items: seconds, memory and how long the lock is held; and what a take costs among so many."""

from __future__ import annotations

import shutil
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from ashop_core import Shop
from ashop_core.testing import place_order, some_customer, some_lines, write_shop
from ashop_stock_control import health
from ashop_stock_control.reevaluating import preview, reevaluate
from tests.proofs.conftest import Record

pytestmark = [pytest.mark.prove, pytest.mark.timeout(600)]

MANY = 100_000
RULES = """[plugins.stock_control]
low = 2
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 4
back_at = 5
from = ["in_stock"]
to = "on_order"
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 0
from = ["on_order"]
to = "sold_out"
"""
AT = "2026-11-01T00:00:00.000000Z"


def test_a_rule_over_a_hundred_thousand_items(tmp_path: Path, record: Record) -> None:
    growth = peak(tmp_path / "more", MANY // 5) / peak(tmp_path / "few", MANY // 50)
    with filled(tmp_path / "timed", MANY) as shop:
        begun = perf_counter()
        found = preview(shop)
        previewed = perf_counter()
        with held(shop) as turns:
            done = reevaluate(shop)
        judged = perf_counter()
        again = reevaluate(shop)
        problems = health.problems(shop)

    turns.sort()
    figure = (
        f"preview {previewed - begun:.1f} s, {done.changes:,} changed in {judged - previewed:.1f} s, lock held "
        f"{median(turns) * 1000:.0f} ms ({turns[-1] * 1000:.0f} at most); memory × {growth:.2f} for ten times as many"
    )
    record("rules", f"{MANY:,} items judged anew", done.items, again.changes, figure)
    assert (found.items, found.changes, found.warnings) == (MANY, MANY // 2, 3 * MANY // 10)
    assert (done.changes, done.warnings, again.changes, again.warnings) == (MANY // 2, 3 * MANY // 10, 0, 0)
    assert problems == []
    assert growth < 1.5


def test_a_take_costs_the_same_among_a_hundred_thousand_items(tmp_path: Path, record: Record) -> None:
    steps = {}
    for items in (100, MANY):
        with filled(tmp_path / str(items), items) as shop:
            reevaluate(shop)
            place_order(shop, some_lines("SKU-0000009"))  # the first one prepares statements
            steps[items] = [steps_of_a_take(shop, f"SKU-{n:07}") for n in (19, 29, 39)]

    record(
        "rules",
        "a placed order, SQLite's steps",
        6,
        0,
        f"100 items {steps[100]}, {MANY:,} items {steps[MANY]}",
    )
    assert max(steps[MANY]) <= 1.02 * max(steps[100])


@contextmanager
def filled(folder: Path, items: int) -> Iterator[Shop]:
    """Open a shop whose items, with balances from 0 to 9, the rules have not seen yet; it is gone afterwards."""
    home = write_shop(folder, "stock_control", toml=RULES)
    with Shop.open(home, synchronous="OFF"):
        pass
    with closing(sqlite3.connect(home / "shop.db")) as file:
        rows = [(f"SKU-{n:07}", n % 10, n) for n in range(items)]
        file.executemany(
            "INSERT INTO stock_items (sku, name, status, tracked, on_hand, search) "
            "VALUES (?1, 'Vara ' || ?3, 'in_stock', 1, ?2, lower(?1))",
            rows,
        )
        file.executemany(
            "INSERT INTO stock_movements (sku, kind, d_on_hand, d_held, at, actor) "
            f"VALUES (?1, 'adjust', ?2, 0, '{AT}', 'import')",
            [row[:2] for row in rows],
        )
        file.commit()
    try:
        with Shop.open(home, synchronous="OFF") as shop:
            yield shop
    finally:
        shutil.rmtree(home)


def peak(folder: Path, items: int) -> int:
    """Return the most memory, in bytes, that a re-evaluation of so many items holds at once."""
    with filled(folder, items) as shop:
        preview(shop)  # what is imported lazily is no part of it
        tracemalloc.start()
        try:
            reevaluate(shop)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@contextmanager
def held(shop: Shop) -> Iterator[list[float]]:
    """Give a list to which the seconds of each write transaction are added."""
    turns: list[float] = []
    write = shop.database.write

    @contextmanager
    def timed() -> Iterator[Any]:
        with write() as tx:
            begun = perf_counter()
            yield tx
        turns.append(perf_counter() - begun)

    shop.database.write = timed  # type: ignore[method-assign]
    try:
        yield turns
    finally:
        del shop.database.write


def steps_of_a_take(shop: Shop, sku: str) -> int:
    """Return SQLite's own steps for the placement of an order with one line, in what it reads and what it writes."""
    order = shop.start_order(some_lines(sku), checkout_key=sku, delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer())
    with shop.database.read() as reader:
        connections = [reader._connection]  # type: ignore[attr-defined]
    with shop.database.write() as writer:
        connections.append(writer._connection)  # type: ignore[attr-defined]
    taken = count()
    for connection in connections:
        connection.set_progress_handler(lambda: next(taken) and 0, 1)
    shop.place(order)
    for connection in connections:
        connection.set_progress_handler(None, 1)
    return next(taken)
