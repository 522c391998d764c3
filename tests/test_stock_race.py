"""Several processes placing orders of the same items at once: no piece lost, none sold twice, one rule fired once."""

import json
import subprocess
import sys

import pytest

from ashop_stock_control import health, stock

PROCESSES = 4
PLACEMENTS = 50

BUYER = """
import json, sys
from ashop_core.errors import Refused
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import items, ledger, objecting

seen = {}


def ask_before_the_lock(shop, order, change):
    with shop.database.read() as reader:
        seen.update(items.find_items(reader, [line.sku for line in order.lines]))
    return []


def write_what_was_seen(tx, sku, d_on_hand, d_held, guard=None):
    was = seen[sku]
    row = tx.row(
        "UPDATE stock_items SET on_hand = :on_hand, held = :held WHERE sku = :sku "
        "RETURNING *",
        {"sku": sku, "on_hand": was.on_hand + d_on_hand, "held": was.held + d_held},
    )
    return ledger.Moved(items.item_of(row), was.on_hand - was.held, was.status)


folder, placements, fault = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if fault == "read-then-write":
    objecting.objections, ledger.shift = ask_before_the_lock, write_what_was_seen
if fault == "no-guard":
    real = ledger.shift
    objecting.objections = lambda *_: []
    ledger.shift = lambda tx, sku, a, b, guard=None: real(tx, sku, a, b)

with Shop.open(folder, synchronous="OFF") as shop:
    print("ready", flush=True)
    sys.stdin.readline()
    sold = 0
    for n in range(placements):
        skus = ("LAMPA", "BORD", "BORD") if n % 2 else ("BORD", "LAMPA", "BORD")
        try:
            place_order(shop, some_lines(*skus))
            sold += 1
        except Refused:
            pass
    print(json.dumps(sold), flush=True)
"""


def race(folder, fault):
    """Let the processes start together and return how many orders were placed."""
    buyers = [
        subprocess.Popen(
            [sys.executable, "-c", BUYER, str(folder), str(PLACEMENTS), fault],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for buyer in buyers:
        assert buyer.stdout is not None
        assert buyer.stdout.readline() == "ready\n"
    for buyer in buyers:
        assert buyer.stdin is not None
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
    outputs = [buyer.communicate()[0] for buyer in buyers]
    assert [buyer.returncode for buyer in buyers] == [0] * PROCESSES
    return sum(json.loads(output) for output in outputs)


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=150)
    stock.add_item(shop, "BORD", balance=1000)
    return shop


def flips(shop, sku):
    return [m.status_after for m in stock.every_movement(shop, sku) if m.status_after]


def test_nothing_is_lost_and_the_rule_fires_once(shop):
    sold = race(shop.settings.folder, fault="none")

    lamp, table = stock.item(shop, "LAMPA"), stock.item(shop, "BORD")
    assert sold == 150
    assert (lamp.balance, lamp.held, flips(shop, "LAMPA")) == (0, 150, ["sold_out"])
    assert (table.balance, table.held, flips(shop, "BORD")) == (700, 300, [])
    assert health.problems(shop) == []


def test_the_race_shows_a_balance_computed_outside_the_lock(shop):
    """The twin of the test above: with read-then-write the ledger and the balance part."""
    race(shop.settings.folder, fault="read-then-write")

    assert {"S4"} <= {p.code for p in health.problems(shop)}


def test_the_race_shows_a_missing_guard(shop):
    """The other twin: without the guard in the statement the sold-out item goes on selling."""
    sold = race(shop.settings.folder, fault="no-guard")

    assert sold > 150
    assert stock.item(shop, "LAMPA").balance == 150 - sold
