"""How balances went: daily closings by the shop's days, from the ledger, and the picture that the list draws of them."""

import csv
import io
import json
import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from ashop_core.clock import from_iso, local
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import stock, trend
from ashop_stock_control.cli import item_telling

STOCKHOLM = "Europe/Stockholm"


@pytest.fixture
def shop(make_shop):
    return make_shop("stock_control")


def days(shop, sku="LAMPA"):
    return stock.items(shop, trends=True).days[sku]


def test_each_day_has_what_was_left_at_its_end(shop, clock):
    clock.advance(days=-40)
    stock.add_item(shop, "LAMPA", balance=10)
    clock.advance(days=38)  # the day before yesterday
    stock.adjust(shop, "LAMPA", -3)
    stock.adjust(shop, "LAMPA", +1)
    clock.advance(days=2)
    place_order(shop, some_lines("LAMPA", quantity=2))

    assert days(shop) == (*[10] * 27, 8, 8, 6)


def test_before_its_first_balance_an_item_had_none(shop, clock):
    clock.advance(days=-20)
    stock.add_item(shop, "LAMPA")
    stock.edit_item(shop, "LAMPA", stock.Edits(margin=0))
    clock.advance(days=18)
    stock.count(shop, "LAMPA", 0)
    clock.advance(days=2)

    assert days(shop) == (*[None] * 27, 0, 0, 0)


def test_an_item_that_nobody_counts_has_no_days(shop):
    stock.add_item(shop, "KURS")

    page = stock.items(shop, trends=True)

    assert (dict(page.days), page.first_day) == ({}, date(2026, 10, 25))


def test_a_day_is_the_shops_and_not_utcs(shop, clock):
    clock.now = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)  # 23:59 in Stockholm
    stock.add_item(shop, "LAMPA", balance=5)
    clock.now = datetime(2026, 11, 22, 23, 1, tzinfo=UTC)  # 00:01 the day after
    stock.adjust(shop, "LAMPA", -2)
    clock.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert days(shop)[-2:] == (5, 3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("zone", [STOCKHOLM, "Asia/Kathmandu", "America/St_Johns"])
def test_the_days_are_what_the_whole_ledger_says(make_shop, clock, seed, zone):
    shop = make_shop("stock_control")
    rng = random.Random(seed)
    end = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)  # the clocks were set back within the 30 days
    clock.now = end - timedelta(days=50)
    for sku in ("A", "B", "C"):
        stock.add_item(shop, sku, balance=rng.randrange(20) if sku != "C" else None)
    while clock.now < end - timedelta(hours=30):
        clock.advance(minutes=rng.randrange(1, 60 * 30))
        stock.receive(shop, rng.choice(["A", "B"]), rng.randrange(1, 4))
    stock.count(shop, "C", 4)
    clock.now = end

    with shop.database.read() as reader:
        items = [stock.item(shop, sku) for sku in ("A", "B", "C")]
        found = trend.trend(reader, items, end, zone)

    for item in items:
        rows = [row for row in stock.every_movement(shop, item.sku) if row.kind is not stock.Kind.EDIT]
        for day, balance in zip(found.days, found.balances[item.sku], strict=True):
            before = [row for row in rows if local(row.at, zone).date() <= day]
            assert balance == (before[0].balance if before else None), (item.sku, day)
    assert found.days[-1] == end.astimezone(ZoneInfo(zone)).date()


def test_rows_far_back_are_not_read(shop, clock, monkeypatch):
    clock.advance(days=-60)
    stock.add_item(shop, "LAMPA", balance=0)
    for _ in range(40):
        stock.receive(shop, "LAMPA", 1)
    clock.advance(days=60)
    stock.adjust(shop, "LAMPA", -1)
    monkeypatch.setattr(trend, "_NEAR", 1)

    with shop.database.read() as reader:
        first = trend._first(reader, "2026-11-01")

    last = stock.history(shop, "LAMPA", limit=1).rows[0].id
    assert first == last - 1
    assert days(shop) == (*[40] * 29, 39)


def test_what_an_import_dates_back_does_not_hide_what_came_before_it(shop, clock, monkeypatch):
    monkeypatch.setattr(trend, "_NEAR", 1)
    clock.advance(days=-5)
    stock.add_item(shop, "LAMPA", balance=50)
    for _ in range(8):
        stock.adjust(shop, "LAMPA", -1)
    clock.advance(days=5)
    with shop.database.write() as tx:  # as an import of old orders that moves stock writes its rows
        order = {
            "sku": "LAMPA",
            "kind": "adjust",
            "d_on_hand": 0,
            "d_held": 0,
            "at": "2024-01-01T00:00:00.000000Z",
        }
        for n in range(30):
            tx.insert(
                "stock_movements", {**order, "seq": 1, "cause": f"old:{n}", "actor": "import", "note": ""}
            )

    assert days(shop)[-7:] == (0, *[42] * 6), "the days before are as the ledger dates them"


def test_machines_get_the_numbers(shop, ashop, clock):
    clock.advance(days=-1)
    stock.add_item(shop, "LAMPA", balance=4)
    clock.advance(days=1)
    stock.adjust(shop, "LAMPA", -1)

    [row] = json.loads(ashop("stock", "list", "--json").stdout)
    [cells] = csv.DictReader(io.StringIO(ashop("stock", "list", "--csv", "--all").stdout))

    assert row["days"] == [*[None] * 28, 4, 3]
    assert cells["days"].split()[-2:] == ["4", "3"]


@pytest.mark.parametrize(
    ("balances", "expected"),
    [
        ((5,) * 30, "█" * 15),
        ((None,) * 28 + (8, 8), " " * 14 + "█"),
        ((8, 8) + (0,) * 28, "█" + "▁" * 14),
        ((8,) * 15 + (0,) + (8,) * 14, "█" * 7 + "▁" + "█" * 7),
        ((-3,) * 30, "▁" * 15),
        ((1000,) * 28 + (1, 1), "█" * 14 + "▂"),
        ((), ""),
    ],
)
def test_the_picture_shows_what_was_left_and_every_day_without(balances, expected):
    assert item_telling.spark(balances) == expected


def test_where_blocks_cannot_be_shown_there_is_no_picture(shop, ashop, monkeypatch):
    stock.add_item(shop, "LAMPA", balance=4)
    assert "█" in ashop("stock", "list").stdout

    monkeypatch.setattr(item_telling, "is_drawable", lambda: False)

    assert "30 dagar" not in ashop("stock", "list").stdout


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", True), ("latin-1", False), ("ascii", False), ("hm", False)]
)
def test_the_encoding_of_the_output_decides(monkeypatch, encoding, expected):
    monkeypatch.setattr("sys.stdout", SimpleNamespace(encoding=encoding))

    assert item_telling.is_drawable() is expected


def test_a_page_is_asked_about_in_two_statements_and_a_few_look_ups(shop):
    for n in range(40):
        stock.add_item(shop, f"A{n:02}", balance=n)
    asked = []

    with shop.database.read() as reader:
        page = stock.items(shop)

        class Counting:
            def rows(self, sql, params):
                asked.append(sql)
                return reader.rows(sql, params)

            def row(self, sql, params=()):
                asked.append(sql)
                return reader.row(sql, params or {})

        found = trend.trend(
            cast(Any, Counting()), page.rows, from_iso("2026-11-23T12:00:00.000000Z"), STOCKHOLM
        )

    assert len(found.balances) == 40
    assert len([sql for sql in asked if "IN (" in sql and "SUM" in sql]) == 1
    assert len(asked) <= 4
