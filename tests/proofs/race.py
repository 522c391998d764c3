"""Processes that place orders of the same two products on one file, and what must hold when they are through.

Some checkouts are begun and never placed, some are refused (by the stock before the transaction, by a plugin
inside it), and now and then the shelf is corrected, which reads the balance and then writes it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import mean, median, quantiles
from time import perf_counter_ns
from typing import Any

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.sqlite_transactions import WriteTransaction
from ashop_core.testing import write_shop
from ashop_stock_control import stock
from tests.proofs.buyers import PRODUCTS, QUANTITIES, Buyer
from tests.proofs.harness import Child, Gate, Numbers, hand_in, handed_in, put_in

ON_HAND = 1_000_000
FIRST_NUMBER = 100001
REFUSER = '''"""Refuses, inside the transaction, every order of the SKU NEKAD that gets a number."""

from ashop_core import Problem, Text, hookimpl


@hookimpl
def ashop_on_change(order, change):
    if change.places and any(line.sku == "NEKAD" for line in order.lines):
        return [Problem("refused", Text("nej", "no"))]
    return []
'''


@dataclass
class Race:
    """One race and what came of it."""

    processes: int
    turns: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    adjusted: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        """The turns of the slowest process, as a share of the mean, while all were running."""
        return min(self.turns) / mean(self.turns) if any(self.turns) else 0.0

    @property
    def p99_wait(self) -> float:
        """How many ms a turn was waited for, 99 of 100 times at most."""
        return quantiles(self.waits, n=100)[98] / 1e6

    @property
    def overtakers(self) -> float:
        """How many turns others had while one was waited for, half of the times at most."""
        return median(self.overtaken)

    @property
    def in_turn(self) -> bool:
        """Tell whether turns were taken in a queue: then a typical one lets nearly all the others in first.

        Without a queue it lets in nobody, and a few wait for ever. That shows in any window and under any load;
        how many turns the slowest process had says little where the window is short.
        """
        return self.overtakers >= (self.processes - 1) / 2


def race(folder: Path, processes: int, placements: int, fault: Callable[[], object] | None = None) -> Race:
    """Let so many processes place so many orders each, with a fault built in if one is given, and check all."""
    _make_shop(folder)
    ready, go = Gate(), Gate()
    shared = Numbers(2 * processes + 2)
    children = [
        Child(partial(_buyer, folder, number, processes, placements, shared, ready, go, fault))
        for number in range(processes)
    ]
    ready.wait(processes)
    go.give(processes)
    done = Race(processes)
    for number, child in enumerate(children):
        code = child.wait()
        if code:
            done.errors.append(f"process {number} ended with {code}")
            continue
        result = handed_in(folder, f"buyer {number}")
        done.waits += result["waits"]
        done.overtaken += result["overtaken"]
        done.errors += result["errors"]
        done.numbers += result["numbers"]
        done.adjusted += result["adjusted"]
    done.turns = shared.all()[processes : 2 * processes]
    ready.close()
    go.close()
    _check(folder, processes * placements, done)
    return done


def _make_shop(folder: Path) -> None:
    write_shop(folder, "local:refuser", "stock_control", files={"plugins/refuser.py": REFUSER})
    with Shop.open(folder) as shop:
        for sku in PRODUCTS:
            stock.add_item(shop, sku, sku.title(), balance=ON_HAND)
        stock.add_item(shop, "SLUT", "Slut", balance=0, status="sold_out")
        stock.add_item(shop, "NEKAD", "Nekad", balance=ON_HAND)


# ── One process ──────────────────────────────────────────────────────────────────────────────────


def _buyer(
    folder: Path, me: int, processes: int, placements: int, shared: Numbers, ready: Gate, go: Gate,
    fault: Callable[[], object] | None,
) -> None:  # fmt: skip
    if fault is not None:
        fault()
    waits: list[int] = []
    overtaken: list[int] = []
    _watch_turns(waits, overtaken, shared, 2 * processes)
    buyer = Buyer(Shop.open(folder), f"buyer {me}")
    ready.give()
    go.wait()
    for turn in range(placements):
        buyer.go_shopping(turn)
        shared[me] = turn + 1
        if turn + 1 == placements and _first(folder):
            # All were running until now: this is what fairness is judged by.
            for other in range(processes):
                shared[processes + other] = shared[other]
            shared[2 * processes] = 1
    buyer.shop.close()
    hand_in(folder, buyer.name, {**buyer.result, "waits": waits, "overtaken": overtaken})


def _watch_turns(waits: list[int], overtaken: list[int], shared: Numbers, over: int) -> None:
    """Note for each turn how long it was waited for, and how many turns others had meanwhile; until one is through."""
    original = WriteTransaction.__enter__

    def enter(self: WriteTransaction) -> Any:
        begun, turns = perf_counter_ns(), shared[over + 1]
        handle = original(self)
        if not shared[over]:
            waits.append(perf_counter_ns() - begun)
            overtaken.append(shared[over + 1] - turns)
        shared[over + 1] += 1  # by whoever has the turn, and nobody else
        return handle

    put_in(WriteTransaction, "__enter__", enter)


def _first(folder: Path) -> bool:
    try:
        os.close(os.open(folder / "first", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────


def _check(folder: Path, wanted: int, done: Race) -> None:
    with Shop.open(folder) as shop:
        done.wrong += [str(finding.text) for finding in examine_shop(shop) if finding.serious]
        with shop.database.read() as reader:
            numbers = [
                row["number"] for row in reader.rows("SELECT number FROM orders WHERE number IS NOT NULL")
            ]
            series = reader.row("SELECT value FROM number_series WHERE name = 'orders'")
        items = {sku: stock.item(shop, sku) for sku in PRODUCTS}
    expected = list(range(FIRST_NUMBER, FIRST_NUMBER + wanted))
    doubled = [number for number, times in Counter(done.numbers).items() if times > 1]
    lost = set(done.numbers) - set(numbers)
    for complaint, found in (
        (f"{len(done.errors)} errors, such as {done.errors[:1]}", done.errors),
        (f"numbers given twice: {doubled[:5]}", doubled),
        (f"{len(lost)} orders were confirmed and are lost", lost),
        (f"{len(numbers)} placed instead of {wanted}", len(numbers) != wanted),
        ("numbers with gaps, though nothing but a placement may spend one", sorted(numbers) != expected),
        (
            f"the series stands at {series and series['value']}",
            series is None or series["value"] != expected[-1],
        ),
    ):
        if found:
            done.wrong.append(complaint)
    for sku, item in items.items():
        on_hand = ON_HAND + (done.adjusted if sku == "LAMPA" else 0)
        if (item.on_hand, item.held) != (on_hand, wanted * QUANTITIES[sku]):
            done.wrong.append(
                f"{sku}: {item.on_hand} on hand, {item.held} held; {on_hand} and {wanted * QUANTITIES[sku]} expected"
            )
