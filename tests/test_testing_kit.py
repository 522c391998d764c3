"""The shops that tests get: each begins as a shop that was just opened, whatever was done in those before it."""

from __future__ import annotations

from pathlib import Path

from ashop_core import Shop
from ashop_core.testing import FixedClock, MakeShop, place_order, write_shop
from tests.shops import dump

RULES = "[plugins.stock_control]\nrules = []\n"


def schema(shop: Shop) -> set[tuple[str, str, str | None]]:
    with shop.database.read() as reader:
        return {
            (row["type"], row["name"], row["sql"])
            for row in reader.rows("SELECT type, name, sql FROM sqlite_master")
        }


def test_a_shop_that_begins_as_another_did_is_as_good_as_new(
    make_shop: MakeShop, tmp_path: Path, clock: FixedClock
):
    first = make_shop("stock_control", toml=RULES, folder="first")
    place_order(first)
    second = make_shop("stock_control", toml=RULES, folder="second")
    with Shop.open(write_shop(tmp_path / "new", "stock_control", toml=RULES), clock=clock) as new:
        assert schema(second) == schema(new)
        tables, expected = dump(second), dump(new)

    del tables["_sqlite_migrations"], expected["_sqlite_migrations"]  # tell when they were run
    assert tables == expected
    assert (
        place_order(second).number
        == place_order(make_shop("stock_control", toml=RULES, folder="third")).number
    )


def test_a_shop_made_twice_in_a_folder_is_the_one_that_was_there(make_shop: MakeShop):
    order = place_order(make_shop("stock_control"))

    assert make_shop("stock_control").order(order.reference).number == order.number


def test_shops_with_other_plugins_have_other_tables(make_shop: MakeShop):
    with_stock = make_shop("stock_control", folder="with")
    without = make_shop(folder="without")

    assert schema(without) < schema(with_stock)
