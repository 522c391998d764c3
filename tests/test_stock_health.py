"""What `ashop doctor` says of the stock: each fault named by item and figures, and silence when all is sound."""

import pytest

from ashop_core.doctor import examine_shop
from ashop_core.models import ImportedOrder, NewPayment, PaymentKind
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import checkout_holds, health, stock


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
            ["[S4] LAMPA: on hand 5 and held 1, but the movements make 5 and 2"],
        ),
        (
            "UPDATE order_lines SET held = 1",
            [
                "[S5] LAMPA: the movements hold 2 for {order} line 1 and 0 have left the shelf, "
                "but the line holds 1 and 0 are gone"
            ],
        ),
        (
            "UPDATE stock_items SET status = 'borta'",
            ["The settings do not know the stock status borta, and nobody can buy the items that have it (1, such as "
             "LAMPA): put [plugins.stock_control.statuses.borta] back, or give them another by `ashop stock set`"],
        ),
        ("UPDATE stock_items SET status = 'sold_out', by_hand = 1", []),
    ],
)  # fmt: skip
def test_doctor_names_item_and_figures(shop, sql, expected):
    order = place_order(shop, some_lines("LAMPA", quantity=2))

    damage(shop, sql)

    found = [p.text.en for p in health.problems(shop)]
    assert found == [words.format(order=order.name) for words in expected]


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


# ── What a sound shop may look like ──────────────────────────────────────────────────────────────


def paying(shop, sku):
    order = shop.start_order(some_lines(sku), checkout_key=sku, delivery="post", payment_method="card")
    shop.give_details(order, customer=some_customer())
    return shop.await_payment(order).order


@pytest.mark.parametrize("lapsed", [False, True])
def test_goods_of_a_checkout_are_held_until_its_time_is_out(make_shop, clock, lapsed):
    shop = make_shop("stock_control", toml='[statuses.awaiting_payment]\nstock = "held"\n')
    stock.add_item(shop, "LAMPA", balance=5)
    paying(shop, "LAMPA")
    clock.advance(minutes=31 if lapsed else 29)

    checkout_holds.lapse_due(shop)

    assert stock.item(shop, "LAMPA").held == (0 if lapsed else 1)
    assert health.problems(shop) == []


def test_what_lapsed_before_the_item_was_counted_is_not_held_from_then_on(make_shop, clock):
    shop = make_shop("stock_control", toml='[statuses.awaiting_payment]\nstock = "held"\n')
    stock.add_item(shop, "LAMPA")
    order = paying(shop, "LAMPA")
    clock.advance(minutes=31)
    checkout_holds.lapse_due(shop)

    stock.count(shop, "LAMPA", 5)

    assert stock.item(shop, "LAMPA").held == 0
    assert health.problems(shop) == []
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
    shop.place(order)
    assert stock.item(shop, "LAMPA").held == 1
    assert health.problems(shop) == []


def test_goods_that_left_before_the_item_was_counted_and_come_back(shop):
    """What nobody counted when it left has no take to go back to, and is no fault."""
    order = place_order(shop, some_lines("NYHET", quantity=3))
    shop.approve(order)
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped")
    stock.count(shop, "NYHET", 5)

    shop.change_status(order, "returned")

    assert stock.item(shop, "NYHET").on_hand == 8
    assert health.problems(shop) == []


def test_orders_that_move_no_stock_hold_nothing_here(shop):
    shop.import_order(
        ImportedOrder(
            source="gammal butik", external_id="1", status="received", at=shop.clock(), lines=some_lines("LAMPA"),
            customer=some_customer(), delivery="post", payment_method="invoice", currency="SEK", language="sv",
        )
    )  # fmt: skip

    assert stock.item(shop, "LAMPA").held == 0
    assert health.problems(shop) == []


def test_a_warning_out_of_step_with_the_settings_is_worth_knowing_and_no_fault(make_shop):
    with make_shop("stock_control") as shop:
        stock.add_item(shop, "LAMPA", "Lampa", balance=5)
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nlow = 7\n")

    (finding,) = [f for f in examine_shop(shop) if f.plugin]

    assert (finding.code, finding.serious) == ("stock_warnings", False)
    assert finding.text.en.startswith("LAMPA: the balance is 5, but the warning of a low balance is missing")


def test_no_more_than_twenty_of_a_kind_are_named(shop):
    for n in range(30):
        stock.add_item(shop, f"A{n}", balance=1)
    damage(shop, "UPDATE stock_items SET on_hand = on_hand + 1")

    assert len(health.problems(shop)) == 20
