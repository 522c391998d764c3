"""What `ashop doctor` says of the stock: each fault named by item and figures, and silence when all is sound."""

import pytest

from ashop_core.doctor import examine_shop
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import health, stock


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", "Lampa", balance=5)
    return shop


def damage(shop, sql):
    with shop.database.write() as tx:
        tx.execute(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE stock_items SET on_hand = on_hand + 1",
["[S4] LAMPA: on hand 6 and held 2, but the movements make 5 and 2"]),
        (
            "UPDATE stock_items SET held = held - 1",
            [
                "[S4] LAMPA: on hand 5 and held 1, but the movements make 5 and 2",
                "[S5] LAMPA: 1 are held, but the lines of orders hold 2",
            ],
        ),
        (
            "UPDATE order_lines SET held = 1",
            [
                "[S5] LAMPA: 2 are held, but the lines of orders hold 1",
                "[S5] LAMPA: the movements hold 2 for {order} line 1, but the line holds 1",
            ],
        ),
        (
            "UPDATE stock_items SET status = 'borta'",
            ["1 items have the stock status borta, which the settings do not know and nobody can buy: "
             "put [plugins.stock_control.statuses.borta] back"],
        ),
        ("UPDATE stock_items SET status = 'sold_out'", []),
    ],
)  # fmt: skip
def test_doctor_names_item_and_figures(shop, sql, expected):
    order = place_order(shop, some_lines("LAMPA", quantity=2))

    damage(shop, sql)

    found = [p.text.en for p in health.problems(shop)]
    assert found == [words.format(order=order.reference) for words in expected]


def test_doctor_asks_the_plugin(shop):
    damage(shop, "UPDATE stock_items SET on_hand = on_hand + 1")

    assert "S4" in [finding.code for finding in examine_shop(shop)]


def test_a_sound_stock_has_nothing_to_tell(shop):
    order = place_order(shop, some_lines("LAMPA", "NYHET", quantity=2))
    shop.change_status(order, "cancelled", reason="ångrad")

    assert health.problems(shop) == []


def test_figures_are_whole_numbers(shop):
    """S9: the table itself takes nothing else."""
    from ashop_core.errors import StorageError

    for value in ("'abc'", "1.5", "9223372036854775807 + 1"):
        with pytest.raises(StorageError):
            damage(shop, f"UPDATE stock_items SET on_hand = {value}")

    with shop.database.read() as reader:
        types = reader.rows("SELECT DISTINCT typeof(on_hand) AS a, typeof(held) AS b FROM stock_items")
    assert [tuple(row) for row in types] == [("integer", "integer")]
