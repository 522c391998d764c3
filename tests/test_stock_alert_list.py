"""Warnings as staff read them: the open ones, the newest first, a page at a time, and when they closed."""

import json
from typing import Any, cast

import pytest

from ashop_core.errors import InvalidInput
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import alert_list, stock


@pytest.fixture
def shop(make_shop):
    return make_shop("stock_control", toml="[plugins.stock_control]\nlow = 2")


@pytest.fixture
def run(shop, ashop):
    return lambda *args, lang="en": ashop("stock", *args, lang=lang)


def kinds(page):
    return [(alert.sku, alert.kind.value) for alert in page.rows]


def test_an_order_that_oversells_opens_both_and_is_named(shop, clock):
    stock.add_item(shop, "LAMPA", "Lampa", balance=3)

    order = place_order(shop, some_lines("LAMPA", quantity=4))

    [oversold, low] = stock.alerts(shop).rows
    assert (oversold.kind.value, oversold.balance, oversold.now, oversold.order) == (
        "oversold",
        -1,
        -1,
        order.name,
    )
    assert (low.kind.value, low.opened_at, low.closed_at, low.name) == ("low", clock.now, None, "Lampa")


def test_a_warning_closes_when_goods_come_in_and_is_then_shown_on_request(shop, clock):
    stock.add_item(shop, "LAMPA", balance=2)
    clock.advance(hours=1)
    stock.receive(shop, "LAMPA", 1)

    assert stock.alerts(shop).rows == ()
    [alert] = stock.alerts(shop, closed=True).rows
    assert (alert.closed_at, alert.now) == (clock.now, 3)


def test_pages_are_the_newest_first_and_go_on_where_they_ended(shop):
    for n in range(5):
        stock.add_item(shop, f"A{n}", balance=1)
    stock.receive(shop, "A2", 9)

    first = stock.alerts(shop, limit=2)
    second = stock.alerts(shop, limit=2, cursor=first.next)

    assert kinds(first) + kinds(second) == [(f"A{n}", "low") for n in (4, 3, 1, 0)]
    assert second.next is None
    assert [a.sku for a in stock.every_alert(shop, closed=True)] == ["A4", "A3", "A2", "A1", "A0"]


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, ""])
def test_a_made_up_cursor_is_refused(shop, cursor):
    with pytest.raises(InvalidInput, match="not a page cursor"):
        stock.alerts(shop, cursor=cursor)


def test_open_warnings_are_read_by_an_index_of_the_open_ones(shop):
    asked = []

    class Spy:
        def rows(self, sql, params):
            asked.append((sql, params))
            return []

    alert_list._page(cast(Any, Spy()), 10**6, 50, closed=False)

    with shop.database.write() as tx:
        [(sql, params)] = asked
        plan = " / ".join(row[3] for row in tx._connection.execute(f"EXPLAIN QUERY PLAN {sql}", params))
    assert "stock_alerts_newest" in plan
    assert "TEMP B-TREE" not in plan


def test_the_list_is_for_people_and_machines(shop, run):
    stock.add_item(shop, "LAMPA", "Lampa", balance=2)

    assert [line.split() for line in run("alerts", lang="sv").stdout.splitlines()] == [
        ["Öppnad", "Artikel", "Namn", "Varning", "Vid", "saldo", "Saldo", "nu", "Order"],
        ["2026-11-23", "13:00", "LAMPA", "Lampa", "Lågt", "saldo", "2", "2"],
    ]
    [row] = json.loads(run("alerts", "--json").stdout)
    assert (row["kind"], row["balance"], row["closed_at"]) == ("low", 2, None)


def test_closed_ones_tell_when(shop, run, clock):
    stock.add_item(shop, "LAMPA", "Lampa", balance=2)
    clock.advance(minutes=90)
    stock.receive(shop, "LAMPA", 5)

    assert run("alerts").stdout == "No warnings.\n"
    assert run("alerts", "--closed", lang="sv").stdout.splitlines()[1].endswith("2026-11-23 14:30")


def test_an_items_page_shows_its_open_warnings(shop, run):
    stock.add_item(shop, "LAMPA", "Lampa", balance=2)

    assert "Varning            Lågt saldo sedan 2026-11-23 13:00" in run("show", "LAMPA", lang="sv").stdout
    assert [w["kind"] for w in json.loads(run("show", "LAMPA", "--json").stdout)["warnings"]] == ["low"]
