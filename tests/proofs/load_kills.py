"""Four processes take orders from checkout to shipped while one after the other is killed at some moment.

Each notes in shared numbers which order and which step of it it tries, and which it was told is done. When
the dust has settled, of every order at least the confirmed steps are there and at most the tried ones.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from ashop_core import NewParcel, Order, Shop
from ashop_core.doctor import examine_shop
from ashop_core.testing import some_customer, some_lines, write_shop
from ashop_stock_control import stock
from tests.proofs.harness import KILLED, Child, Gate, Numbers

WORKERS = 4
SKUS = ("LAMPA", "LED", "SLADD")
STEPS = 6
"""Of an order: start, details, place, approve, review, ship. Its version says how many are done."""
MOST_YIELDS = 400
TRIED, DONE = 0, 1

T = TypeVar("T")


@dataclass
class Load:
    """What came of working under kills."""

    kills: int = 0
    orders: int = 0
    cut_short: int = 0
    """Kills that fell between trying a step and being told that it is done."""
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Worker:
    """A process and the steps it tried and finished, over all its orders: order n has n × STEPS and up."""

    name: str
    seen: Numbers
    steps: Gate
    child: Child


def work_under_kills(folder: Path, kills: int, seed: int) -> Load:
    """Run four workers, kill one of them so often, start another in its place, and check everything."""
    write_shop(folder, "email", "sms", "stock_control")
    with Shop.open(folder, synchronous="OFF") as shop:
        for sku in SKUS:
            stock.add_item(shop, sku, sku.title(), balance=1_000_000)
    chance, found = random.Random(seed), Load()
    working = [_start(folder, f"worker {n}") for n in range(WORKERS)]
    over: list[_Worker] = []
    for number in range(kills):
        place = chance.randrange(WORKERS)
        worker = working[place]
        _let_it_work(worker, chance)
        _end(worker, found)
        over.append(worker)
        working[place] = _start(folder, f"replacement {number}")
    for worker in working:
        _end(worker, found)
    _check(folder, [*over, *working], found)
    return found


def _start(folder: Path, name: str) -> _Worker:
    seen, steps = Numbers(2), Gate()
    return _Worker(name, seen, steps, Child(partial(_work, folder, name, seen, steps)))


def _let_it_work(worker: _Worker, chance: random.Random) -> None:
    worker.steps.forget()
    worker.steps.wait_at_most(chance.randrange(1, 2 * STEPS))
    for _ in range(chance.randrange(MOST_YIELDS)):
        os.sched_yield()


def _end(worker: _Worker, found: Load) -> None:
    outcome = worker.child.kill()
    if outcome != KILLED:
        found.wrong.append(f"{worker.name} ended with {outcome}")
    worker.steps.close()
    found.kills += 1
    found.cut_short += worker.seen[TRIED] > worker.seen[DONE]


def _work(folder: Path, name: str, seen: Numbers, steps: Gate) -> None:
    try:
        shop = Shop.open(folder, synchronous="OFF")
        while True:
            who = f"{name}: {seen[DONE] // STEPS}"
            order = _tried(seen, steps, partial(_begin, shop, who))
            for step in (
                partial(shop.give_details, order, customer=some_customer()),
                partial(shop.place, order),
                partial(shop.approve, order),
                partial(shop.change_status, order, "reviewed"),
                partial(shop.change_status, order, "shipped", parcel=NewParcel(number="0037")),
            ):
                _tried(seen, steps, step)
    finally:
        steps.give_up()  # whatever went wrong: nobody is to wait for more


def _begin(shop: Shop, key: str) -> Order:
    return shop.start_order(some_lines(*SKUS), checkout_key=key, payment_method="invoice")


def _tried(seen: Numbers, steps: Gate, step: Callable[[], T]) -> T:
    seen[TRIED] += 1
    result = step()
    seen[DONE] += 1
    steps.give()
    return result


def _check(folder: Path, workers: list[_Worker], found: Load) -> None:
    with Shop.open(folder, synchronous="OFF") as shop:
        found.wrong += [str(finding.text) for finding in examine_shop(shop) if finding.serious]
        with shop.database.read() as reader:
            rows = reader.rows("SELECT checkout_key, version, number FROM orders")
    versions = {row["checkout_key"]: row["version"] for row in rows}
    numbers = [row["number"] for row in rows if row["number"] is not None]
    found.orders = len(rows)
    for worker in workers:
        tried, done = worker.seen.all()
        for order in range(-(-tried // STEPS)):
            least, most = (min(max(n - order * STEPS, 0), STEPS) for n in (done, tried))
            version = versions.pop(f"{worker.name}: {order}", 0)
            if not least <= version <= most:
                found.wrong.append(
                    f"{worker.name}, order {order}: {version} steps, but {least} to {most} are possible"
                )
    if versions:
        found.wrong.append(f"{len(versions)} orders that nobody tried to begin")
    if sorted(numbers) != list(range(100001, 100001 + len(numbers))):
        found.wrong.append("numbers doubled, or spent on an order that was not placed")
