"""Undo and the stock: each row of the ledger is taken back once, by what was moved, or the undo is refused."""

from __future__ import annotations

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.errors import ConstraintError
from ashop_core.models import Change, Kind, Move, Order, Place
from ashop_core.testing import MakeShop, place_order, some_lines
from ashop_core.transaction import ChangeTransaction
from ashop_stock_control import orders, stock
from tests.lives import (
    approve,
    codes,
    figures,
    imported,
    led,
    part,
    pay,
    snapshot,
    sound,
    stocked,
    to,
)

SHIPPED = (to("reviewed"), approve, to("shipped"))
BACK = ReturnRequest(restocked={1: 2}, written_off={1: 1})


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop("stock_control"))


def rows(shop, sku):
    """Return the ledger's rows of one article that orders caused, oldest first, with the row that each refers to."""
    with shop.database.read() as reader:
        found = reader.rows(
            "SELECT * FROM stock_movements WHERE sku = :sku AND order_id IS NOT NULL ORDER BY id",
            {"sku": sku},
        )
    ids = {None: None} | {row["id"]: n for n, row in enumerate(found)}
    return [(row["kind"], row["d_on_hand"], row["d_held"], ids[row["origin"]]) for row in found]


def test_each_row_is_taken_back_by_reference(shop):
    order = led(shop, *SHIPPED)

    shop.undo(order)

    assert rows(shop, "LAMPA") == [
        ("take", 0, 3, None),
        ("ship", -3, -3, 0),
        ("undo", 3, 3, 0),
    ]


def test_goods_taken_and_sent_in_one_step_are_two_rows_to_take_back(make_shop: MakeShop):
    shop = stocked(
        make_shop(
            "stock_control", toml='[statuses.received]\nstock = "free"\n[statuses.reviewed]\nstock = "gone"\n'
        )
    )
    order = led(shop)
    was = snapshot(shop, order)
    shop.change_status(order, "reviewed")

    shop.undo(order)

    assert snapshot(shop, order) == was
    assert [(kind, a, b) for kind, a, b, _ in rows(shop, "LAMPA")] == [
        ("take", 0, 3), ("ship", -3, -3), ("undo", 3, 3), ("undo", 0, -3),
    ]  # fmt: skip
    sound(shop)


@pytest.mark.parametrize("change", [to("cancelled"), pytest.param("return", id="return")])
def test_goods_sold_to_somebody_else_do_not_come_back(shop, change):
    order = led(shop, *(SHIPPED if change == "return" else ()))
    if change == "return":
        shop.take_back(order, ReturnRequest(restocked={1: 3, 2: 3}))
    else:
        change(shop, order)
    place_order(shop, some_lines("LAMPA", quantity=10))
    assert stock.item(shop, "LAMPA").status == "sold_out"
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.undo(order)

    assert codes(refusal) == ["not_available"]
    assert "Vara LAMPA is not available in the quantity ordered" in str(refusal.value)
    assert snapshot(shop, order) == was
    sound(shop)


def test_a_row_is_taken_back_only_once(shop):
    """Whatever else fails to notice a second undo of the same change, the ledger's unique cause does."""
    order = led(shop, *SHIPPED)

    def undo(seq: int) -> None:
        change = Change(
            kind=Kind.UNDO, seq=seq, from_status="shipped", to_status="reviewed", at=shop.clock(), actor="x",
            moves=(Move(1, "LAMPA", 3, Place.GONE, Place.HELD),), undoes=order.version,
        )  # fmt: skip
        with shop.database.write() as writer:
            tx = ChangeTransaction(writer, order, change, shop.settings, shop.flows, shop.plugins)
            orders.carry_out(tx, order, change)

    undo(7)
    with pytest.raises(ConstraintError):
        undo(8)

    assert figures(shop)["LAMPA"] == (10, 3)


def test_a_mark_that_a_change_took_away_comes_back(shop):
    order = led(shop)
    shop.cancel(place_order(shop, some_lines("LAMPA", quantity=1)), "prov")
    stock.set_status(shop, "LAMPA", "sold_out")
    short = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="card", delivery="post")
    shop.give_details(short, customer=order.customer)
    pay()(shop, short)
    short = shop.place(short).order
    assert short.flags == ("paid_short",)
    was = snapshot(shop, short)
    to("reviewed")(shop, short)
    stock.set_status(shop, "LAMPA", "in_stock")

    assert shop.cancel(short, "slut").order.flags == ()
    assert shop.undo(short).order.flags == ("paid_short",)
    shop.undo_request(short)
    assert {**snapshot(shop, short), "status": "received", "customer": was["customer"]} == was
    sound(shop)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ((), to("cancelled")),
        ((to("reviewed"), approve), to("shipped")),
        ((to("reviewed"), approve), part()),
        ((), lambda s, o: s.amend(o, AmendRequest(lines=(LineEdit(position=1, quantity=5),))).order),
        ((), lambda s, o: s.amend(o, AmendRequest(lines=(LineEdit(position=1, quantity=1),))).order),
        (SHIPPED, lambda s, o: s.take_back(o, ReturnRequest(restocked={1: 2})).order),
    ],
    ids=["cancelled", "shipped", "part", "more", "fewer", "return"],
)
def test_an_item_that_is_counted_only_since_the_change(make_shop, before, change):
    """The ledger has no row of the change then, or one that says what was held when counting began."""
    shop = make_shop("stock_control")
    stock.add_item(shop, "BORD", "Bord", balance=10)
    order = led(shop, *before)
    assert not stock.item(shop, "LAMPA").tracked
    lines = shop.order(order).lines
    change(shop, order)
    stock.count(shop, "LAMPA", 20)
    sound(shop)

    shop.undo(order)

    assert shop.order(order).lines == lines
    assert figures(shop)["LAMPA"][1] == lines[0].held
    sound(shop)


def restored(shop: Shop, order: Order, change) -> None:
    was = snapshot(shop, order)
    change(shop, order)
    shop.undo(order)
    assert snapshot(shop, order) == was
    sound(shop)


IMPORTED = {
    "shipped": (("reviewed", approve), to("shipped")),
    "cancelled": (("reviewed",), to("cancelled")),
    "part": (("reviewed", approve), part()),
    "second part": (("reviewed", approve, part()), part(1, "DEL 2")),
    "last part": (("reviewed", approve, part()), to("shipped")),
    "rest cancelled": (("reviewed", approve, part()), lambda s, o: s.cancel(o, "ångrad").order),
    "returned": (("shipped",), to("returned")),
    "a part returned": (("shipped",), lambda s, o: s.take_back(o, BACK).order),
    "more": (("reviewed",), lambda s, o: s.amend(o, AmendRequest(lines=(LineEdit(position=1, quantity=5),))).order),
    "fewer": (("reviewed",), lambda s, o: s.amend(o, AmendRequest(lines=(LineEdit(position=1, quantity=1),))).order),
}  # fmt: skip


@pytest.mark.parametrize("moves", [False, True], ids=["silent", "moving"])
@pytest.mark.parametrize(("before", "change"), IMPORTED.values(), ids=IMPORTED)
def test_an_imported_order_is_put_back_too(shop, moves, before, change):
    status, *steps = before
    order = imported(shop, status, move_stock=moves)
    for step in steps:
        order = step(shop, order)
    ledger_before = rows(shop, "LAMPA")

    restored(shop, order, change)

    assert moves or rows(shop, "LAMPA") == ledger_before == []
