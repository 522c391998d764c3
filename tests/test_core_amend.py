"""Corrections: lines, sums and customer of an order whose goods have not left; money and stock follow, or nothing does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit
from ashop_core.models import Kind, NewLine, NewPayment, PaymentKind
from ashop_core.money import LARGEST
from ashop_core.testing import MakeShop, place_order, some_customer, some_lines, write_shop
from ashop_core.vat import vat_summary
from ashop_stock_control import stock
from tests.lives import PLUGINS, approve, codes, figures, imported, led, part, snapshot, sound, stocked, to


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


def edit(position: int, **given) -> AmendRequest:
    return AmendRequest(lines=(LineEdit(position=position, **given),))


def summed(name: str, value: Any) -> AmendRequest:
    return AmendRequest(**{name: value})


EVERYTHING = AmendRequest(
    lines=(
        LineEdit(position=1, quantity=5, unit_price=9000, discount=1000),
        LineEdit(position=2, quantity=1),
    ),
    add=(NewLine(sku="LAMPA", name="", quantity=2, unit_price=100, vat_rate=Decimal(6)),),
    discount=500,
    shipping_price=4900,
    payment_fee=29,
    customer=some_customer(street="Nygatan 2"),
)

# of two lines of 3 at 100.00 each: request, total afterwards, held of LAMPA and BORD
GOODS = {
    "up": (edit(1, quantity=5), 80000, 5, 3),
    "down": (edit(1, quantity=1), 40000, 1, 3),
    "away": (edit(2, quantity=0), 30000, 3, 0),
    "added": (AmendRequest(add=some_lines("BORD", quantity=2, price=500)), 61000, 3, 5),
    "price": (edit(1, unit_price=5000), 45000, 3, 3),
    "for nothing": (edit(1, unit_price=0), 30000, 3, 3),
    "line discount": (edit(1, discount=30000), 30000, 3, 3),
    "order discount": (AmendRequest(discount=60000), 0, 3, 3),
    "shipping": (AmendRequest(shipping_price=4900), 64900, 3, 3),
    "fee": (AmendRequest(payment_fee=29), 60029, 3, 3),
    "one for another": (
        AmendRequest(lines=(LineEdit(position=1, quantity=0),), add=some_lines("LAMPA", quantity=1)), 40000, 1, 3,
    ),
    "everything": (EVERYTHING, 45000 - 1000 + 10000 + 200 - 500 + 4900 + 29, 7, 1),
}  # fmt: skip
STAGES = {
    "received": ("post", ()),
    "reviewed": ("post", (to("reviewed"), approve)),
    "ready": ("pickup", (to("reviewed"), approve, to("ready_for_pickup"))),
    "booked": ("installation", (to("reviewed"), approve, to("delivery_booked"))),
}


@pytest.mark.parametrize(("flow", "before"), STAGES.values(), ids=STAGES)
@pytest.mark.parametrize(("request_", "total", "lampa", "bord"), GOODS.values(), ids=GOODS)
def test_total_and_stock_follow(shop, flow, before, request_, total, lampa, bord):
    order = led(shop, *before, delivery=flow)

    outcome = shop.amend(order, request_)

    assert outcome.order.total == total
    assert figures(shop) == {"LAMPA": (10, lampa), "BORD": (10, bord)}
    assert outcome.order == shop.order(order)
    assert sum(row.gross for row in vat_summary(outcome.order)) == total
    assert (outcome.change.kind, outcome.order.status) == (Kind.LINES, order.status)
    sound(shop)


def test_it_still_ships_afterwards(shop):
    order = led(shop, to("reviewed"), approve)
    shop.amend(order, EVERYTHING)

    to("shipped")(shop, order)

    assert figures(shop) == {"LAMPA": (3, 0), "BORD": (9, 0)}
    sound(shop)


@pytest.mark.parametrize(
    ("paid", "discount", "status"),
    [
        (0, 100, "unpaid"),
        (100, 100, "part_paid"),
        (59900, 100, "paid"),
        (60000, 100, "paid"),
        (60000, 0, "paid"),
    ],
)
def test_the_payment_is_counted_against_the_new_total(shop, paid, discount, status):
    order = led(shop)
    if paid:
        shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=paid))

    order = shop.amend(order, AmendRequest(discount=discount, payment_fee=0 if discount else 1)).order

    assert order.payment.value == (status if discount else "part_paid")


def test_what_was_authorised_for_less_is_not_enough(shop):
    order = led(shop)
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=order.total))
    assert shop.order(order).payment.value == "authorised"

    assert shop.amend(order, edit(1, quantity=4)).order.payment.value == "unpaid"
    assert shop.amend(order, edit(1, quantity=3)).order.payment.value == "authorised"


def test_a_discount_follows_the_quantity_down_but_not_up(shop):
    order = place_order(
        shop, (NewLine(sku="LAMPA", name="Lampa", quantity=3, unit_price=10000, discount=1000),)
    )

    assert shop.amend(order, edit(1, quantity=2)).order.lines[0].discount == 666
    assert shop.amend(order, edit(1, quantity=5)).order.lines[0].discount == 666
    assert shop.amend(order, edit(1, quantity=1, discount=7)).order.lines[0].discount == 7
    sound(shop)


def test_the_history_says_what_was_and_what_is(shop):
    order = led(shop)
    shop.amend(
        order, AmendRequest(lines=(LineEdit(position=1, quantity=0),), customer=some_customer(city="Lund"))
    )

    edits = {e.path: (e.before, e.after) for e in shop.history(order)[-1].edits}

    assert edits == {
        "customer.city": ("Stockholm", "Lund"),
        "line.1": (["LAMPA", "Vara LAMPA", 3, 10000, None, 0], None),
    }


def test_nothing_new_is_no_change(shop):
    order = led(shop)

    assert shop.amend(order, AmendRequest()).unchanged
    assert shop.amend(order, edit(1, quantity=3, unit_price=10000, discount=0)).unchanged
    assert shop.amend(order, AmendRequest(customer=some_customer(city=" Stockholm "), discount=0)).unchanged


REFUSED = {
    "no line left": (AmendRequest(lines=tuple(LineEdit(position=n, quantity=0) for n in (1, 2))), ["no_lines"]),
    "unknown line": (edit(9, quantity=1), ["no_such_line"]),
    "true line": (edit(True, quantity=1), ["no_such_line"]),
    "line given twice": (
        AmendRequest(lines=(LineEdit(position=1, quantity=2), LineEdit(position=1, quantity=4))), ["line_twice"],
    ),
    "taken away and changed": (
        AmendRequest(lines=(LineEdit(position=1, quantity=0), LineEdit(position=1, quantity=4))), ["line_twice"],
    ),
    **{
        f"{name} {value!r}": (edit(1, **{name: value}), ["line_value"])
        for name in ("quantity", "unit_price", "discount")
        for value in (True, False, 1.0, 0.0, "2", -1, 10**13, Decimal(1))
    },
    **{
        f"order {name} {value!r}": (summed(name, value), ["amount"])
        for name in ("discount", "shipping_price", "payment_fee")
        for value in (True, 1.5, "5", -1, 10**13, Decimal(1))
    },
    "line discount above the line": (edit(1, discount=30001), ["discount_too_large"]),
    "order discount above the total": (AmendRequest(discount=60001), ["discount_too_large"]),
    "more than can be kept": (AmendRequest(shipping_price=LARGEST), ["too_large"]),
    "an article without a SKU": (AmendRequest(add=(NewLine(sku=" ", name="x", quantity=1, unit_price=1),)), ["bad_line"]),
    "control characters": (AmendRequest(customer=some_customer(name="A\0")), ["bad_customer"]),
    "sold out": (AmendRequest(add=some_lines("SLUT")), ["not_available"]),
    "too long a note": (AmendRequest(discount=1, note="x" * 2001), ["note"]),
    "words that nobody reads": (AmendRequest(discount=1, words="hej"), ["words_unread"]),
    "all at once": (
        AmendRequest(
            lines=(LineEdit(position=1, quantity=-1), LineEdit(position=7)), discount=-1,
            add=(NewLine(sku="", name="", quantity=0, unit_price=-1),), customer=some_customer(name="\n"),
        ),
        ["line_value", "no_such_line", "bad_line", "amount", "bad_customer"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "reasons"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_whole_and_with_all_reasons(shop, request_, reasons):
    stock.add_item(shop, "SLUT", balance=0, status="sold_out")
    order = led(shop)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.amend(order, request_)

    assert codes(refusal) == reasons
    assert snapshot(shop, order) == was
    sound(shop)


CONTACT = AmendRequest(customer=some_customer(name="Bo", email="bo@example.se", phone="0709"))
ADDRESS = AmendRequest(customer=some_customer(street="Nygatan 2"))
SHIPPED = (to("reviewed"), approve, to("shipped"))


@pytest.mark.parametrize(
    "request_", [ADDRESS, edit(1, quantity=1), AmendRequest(discount=1)], ids=["address", "line", "sum"]
)
@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ((to("reviewed"), approve, part()), "has_left"),
        (SHIPPED, "has_left"),
        ((*SHIPPED, to("delivered")), "has_left"),
        ((*SHIPPED, to("returned")), "has_left"),
        ((to("cancelled"),), "order_over"),
    ],
    ids=["part", "shipped", "delivered", "returned", "cancelled"],
)
def test_later_only_the_contact_can_be_changed(shop, before, reason, request_):
    order = led(shop, *before)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.amend(order, request_)

    assert codes(refusal) == [reason]
    assert snapshot(shop, order) == was
    assert shop.amend(order, CONTACT).change.kind is Kind.DETAILS


def test_the_line_of_an_article_may_stand_twice(shop):
    order = place_order(shop, some_lines("LAMPA", "LAMPA", quantity=2))

    shop.amend(
        order, AmendRequest(lines=(LineEdit(position=1, quantity=0), LineEdit(position=2, quantity=3)))
    )

    assert figures(shop)["LAMPA"] == (10, 3)
    assert [line.held for line in shop.order(order).lines] == [3]
    sound(shop)


@pytest.mark.parametrize(("lines", "reasons"), [(4998, []), (4999, ["too_many"]), (5001, ["bad_line"])])
def test_an_order_has_no_more_lines_than_a_new_one_may(shop, lines, reasons):
    order = led(shop)
    request = AmendRequest(
        add=tuple(NewLine(sku="LAMPA", name="x", quantity=1, unit_price=1) for _ in range(lines))
    )

    assert [p.code for p in shop.preview(order, request).problems] == reasons


def test_an_imported_order_is_corrected_without_its_goods(shop):
    order = imported(shop)

    order = shop.amend(order, edit(1, quantity=5)).order
    order = shop.amend(order, edit(2, quantity=0)).order

    assert [(line.quantity, line.held) for line in order.lines] == [(5, 5)]
    assert figures(shop) == {"LAMPA": (10, 0), "BORD": (10, 0)}
    assert shop.history(order)[-1].effects == ()
    sound(shop)


def test_a_checkout_is_corrected_until_money_is_on_its_way(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="card", delivery="post")
    assert shop.amend(order, edit(1, quantity=4)).order.total == 40000
    shop.give_details(order, customer=some_customer())
    assert shop.amend(order, AmendRequest(discount=5)).order.total == 39995
    shop.await_payment(order)

    with pytest.raises(Refused) as refusal:
        shop.amend(order, AmendRequest(discount=6))

    assert codes(refusal) == ["being_paid"]
    assert shop.amend(order, ADDRESS).order.customer.street == "Nygatan 2"
    assert figures(shop)["LAMPA"] == (10, 0)
    sound(shop)


def test_goods_are_released_in_a_status_that_the_settings_know_no_more(make_shop, tmp_path, clock):
    check = '[statuses.check]\nlabel = "Kontroll"\nstage = "open"\nstock = "held"\nafter = ["received"]\n'
    shop = stocked(make_shop(*PLUGINS, toml=f'{check}before = ["reviewed"]\n'))
    order = led(shop, to("check"))
    shop.close()
    write_shop(tmp_path / "shop", *PLUGINS)
    with Shop.open(tmp_path / "shop", clock=clock) as shop:
        order = shop.amend(order, edit(1, quantity=1)).order

        assert (order.lines[0].held, figures(shop)["LAMPA"]) == (1, (10, 1))
