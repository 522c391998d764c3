"""Warnings of a low or oversold balance: opened and closed exactly where a balance crosses, and free of cost elsewhere."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ashop_core import Shop
from ashop_core.errors import ConstraintError
from ashop_core.testing import MakeShop, place_order, some_lines
from ashop_stock_control import alerts, stock

SETTINGS = "[plugins.stock_control]\nlow = 2\nrules = []\n"


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    """A shop that warns at 2 pieces left."""
    return make_shop("stock_control", toml=SETTINGS)


def warnings(shop: Shop) -> list[tuple[str, int, bool, int | None]]:
    """Return kind, balance, whether it is open, and the order, of every warning there was."""
    with shop.database.read() as reader:
        rows = reader.rows("SELECT * FROM stock_alerts ORDER BY id")
    return [(row["kind"], row["balance"], row["closed_at"] is None, row["order_id"]) for row in rows]


@pytest.mark.parametrize(
    ("first", "opened"),
    [(3, []), (2, ["low"]), (0, ["low"]), (-1, ["low", "oversold"]), (None, [])],
)
def test_a_first_balance_opens_what_it_is_below(shop, first, opened):
    stock.add_item(shop, "LAMPA", balance=first)

    assert [kind for kind, _, _, _ in warnings(shop)] == opened


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((4, 3), []),
        ((4, 2), [("low", 2, True)]),
        ((4, 2, 3), [("low", 2, False)]),
        ((4, 1, 2), [("low", 1, True)]),
        ((4, 2, 3, 2), [("low", 2, False), ("low", 2, True)]),
        ((4, 0), [("low", 0, True)]),
        ((4, -1), [("low", -1, True), ("oversold", -1, True)]),
        ((4, -3, -1), [("low", -3, True), ("oversold", -3, True)]),
        ((4, -1, 0), [("low", -1, True), ("oversold", -1, False)]),
        ((4, -1, 9), [("low", -1, False), ("oversold", -1, False)]),
    ],
)
def test_a_warning_is_open_from_one_crossing_to_the_next(shop, path, found):
    stock.add_item(shop, "LAMPA", balance=path[0])
    for before, after in pairwise(path):
        stock.adjust(shop, "LAMPA", after - before)

    assert [(kind, balance, is_open) for kind, balance, is_open, _ in warnings(shop)] == found


def test_a_warning_names_the_order_that_opened_it(shop):
    stock.add_item(shop, "LAMPA", balance=4)

    order = place_order(shop, some_lines("LAMPA", quantity=5))
    shop.cancel(order, "ångrad")

    assert warnings(shop) == [("low", -1, False, order.id), ("oversold", -1, False, order.id)]


def test_an_item_has_one_open_warning_of_a_kind_whoever_opens_it(shop):
    stock.add_item(shop, "LAMPA", balance=2)
    item = stock.item(shop, "LAMPA")

    with shop.database.write() as tx:
        alerts.watch(tx, item, 2, 9, "2026-11-23T12:00:00.000000Z", None)

    assert len(warnings(shop)) == 1
    with pytest.raises(ConstraintError), shop.database.write() as tx:
        tx.insert("stock_alerts", {"sku": "LAMPA", "kind": "low", "balance": 1, "opened_at": "2026"})


def test_what_crosses_nothing_costs_no_statement(shop):
    stock.add_item(shop, "LAMPA", balance=9)
    asked: list[str] = []

    class Listening:
        def execute(self, sql: str, params: object) -> int:
            asked.append(sql)
            return 1

    item = stock.item(shop, "LAMPA")
    for before in (3, 9, 10**6):
        alerts.watch(Listening(), item, 2, before, "", None)  # type: ignore[arg-type]

    assert asked == []
    alerts.watch(Listening(), item, 2, -1, "", None)  # type: ignore[arg-type]
    assert len(asked) == 2
