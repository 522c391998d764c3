"""Returns: part by part until nothing is left with the customer, to the shelf or written off, money with it."""

from __future__ import annotations

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import ReturnRequest
from ashop_core.returning import everything_away
from ashop_core.testing import MakeShop
from tests.lives import (
    PLUGINS,
    approve,
    channel,
    codes,
    deliver_all,
    figures,
    imported,
    led,
    part,
    pay,
    posted,
    posting,
    snapshot,
    sound,
    stocked,
    to,
)

SHIPPED = (to("reviewed"), approve, to("shipped"))
WAYS = {
    "shipped": ("post", SHIPPED),
    "delivered": ("post", (*SHIPPED, to("delivered"))),
    "picked up": ("pickup", (to("reviewed"), approve, to("ready_for_pickup"), to("picked_up"))),
    "installed": ("installation", (to("reviewed"), approve, to("delivery_booked"), to("installed"))),
    "parts": ("post", (to("reviewed"), approve, part(), part(1, "DEL 2"), to("shipped"))),
}


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


def bring(shop, order, restocked=None, written_off=None, **given):
    request = ReturnRequest(restocked=restocked or {}, written_off=written_off or {}, **given)
    return shop.take_back(order, request).order


@pytest.mark.parametrize(("flow", "before"), WAYS.values(), ids=WAYS)
def test_part_by_part_until_all_is_back(shop, flow, before):
    order = led(shop, *before, delivery=flow)
    status = order.status

    order = bring(shop, order, {1: 1})
    assert (order.status, figures(shop)["LAMPA"]) == (status, (8, 0))
    order = bring(shop, order, {1: 1}, {1: 1, 2: 1})
    assert (order.status, figures(shop)) == (status, {"LAMPA": (9, 0), "BORD": (7, 0)})
    assert everything_away(order) == {2: 2}
    sound(shop)
    order = bring(shop, order, {2: 2})

    assert order.status == "returned"
    assert [(x.returned, x.restocked, x.written_off, x.away) for x in order.lines] == [
        (3, 2, 1, 0),
        (3, 2, 1, 0),
    ]
    assert figures(shop) == {"LAMPA": (9, 0), "BORD": (9, 0)}
    assert shop.order(order) == order
    sound(shop)


@pytest.mark.parametrize(
    ("restocked", "written_off"),
    [({1: 3, 2: 3}, {}), ({}, {1: 3, 2: 3}), ({1: 3}, {2: 3}), ({1: 1, 2: 1}, {1: 2, 2: 2})],
)
def test_all_at_once(shop, restocked, written_off):
    order = bring(shop, led(shop, *SHIPPED), restocked, written_off)

    assert order.status == "returned"
    assert figures(shop)["LAMPA"] == (7 + restocked.get(1, 0), 0)
    sound(shop)


def test_what_came_back_does_not_leave_again_with_the_next_status(shop):
    order = led(shop, *SHIPPED)
    bring(shop, order, {1: 2}, {2: 1})

    order = to("delivered")(shop, order)

    assert figures(shop) == {"LAMPA": (9, 0), "BORD": (7, 0)}
    assert everything_away(order) == {1: 1, 2: 2}
    to("returned")(shop, order)
    assert figures(shop) == {"LAMPA": (10, 0), "BORD": (9, 0)}
    sound(shop)


def test_the_status_alone_brings_everything_back_to_the_shelf(shop):
    order = to("returned")(shop, led(shop, *SHIPPED))

    assert [(line.returned, line.written_off, line.away) for line in order.lines] == [(3, 0, 0)] * 2
    assert figures(shop) == {"LAMPA": (10, 0), "BORD": (10, 0)}
    assert shop.history(order)[-1].returned.restocked == {1: 3, 2: 3}
    sound(shop)


def test_from_partly_shipped_the_rest_can_still_be_sent(shop):
    order = led(shop, to("reviewed"), approve, part(2))
    order = bring(shop, order, {1: 1}, {1: 1})
    assert (order.status, figures(shop)["LAMPA"]) == ("partly_shipped", (9, 1))

    order = to("shipped")(shop, order)

    assert figures(shop) == {"LAMPA": (8, 0), "BORD": (7, 0)}
    assert everything_away(order) == {1: 1, 2: 3}
    sound(shop)


def test_a_part_that_came_back_may_not_be_sent_as_a_part_again(shop):
    order = led(shop, to("reviewed"), approve, part(2))
    bring(shop, order, {1: 2})

    with pytest.raises(Refused) as refusal:
        part(2)(shop, order)

    assert "parcel_contents" in codes(refusal)


# ── Money ────────────────────────────────────────────────────────────────────────────────────────


def test_refunds_are_counted_and_nothing_is_asked_for_again(shop):
    order = led(shop, *SHIPPED, pay())

    order = bring(shop, order, {1: 1}, refund=10000, reference="ref 1")
    assert (order.refunded, order.payment.value) == (10000, "part_refunded")
    order = bring(shop, order, {1: 2, 2: 3}, refund=50000)

    assert (order.refunded, order.payment.value, order.status) == (60000, "refunded", "returned")
    assert [(p.kind.value, p.amount, p.reference) for p in shop.payments(order)][1:] == [
        ("refunded", 10000, "ref 1"), ("refunded", 50000, ""),
    ]  # fmt: skip
    assert shop.customer_order(order).left_to_pay == 0
    sound(shop)


REFUSED = {
    "nothing": ({}, {}, {}, ["nothing_returned"]),
    "too many": ({1: 4}, {}, {}, ["not_away"]),
    "too many together": ({1: 2}, {1: 2}, {}, ["not_away"]),
    "unknown line": ({9: 1}, {}, {}, ["no_such_line"]),
    "none of it": ({1: 0}, {}, {}, ["not_away"]),
    "below none": ({1: -1}, {1: 2}, {}, ["not_away"]),
    "true": ({1: True}, {}, {}, ["not_away"]),
    "half": ({1: 0.5}, {}, {}, ["not_away"]),
    "words": ({1: "1"}, {}, {}, ["not_away"]),
    "huge": ({1: 10**30}, {}, {}, ["not_away"]),
    "more money than came": ({1: 1}, {}, {"refund": 60001}, ["refund_too_large"]),
    "no money": ({1: 1}, {}, {"refund": 0}, ["amount"]),
    "money back for it": ({1: 1}, {}, {"refund": -1}, ["amount"]),
    "true money": ({1: 1}, {}, {"refund": True}, ["amount"]),
    "all at once": (
        {1: 4, 2: 5}, {}, {"refund": 10**9, "note": "x" * 2001}, ["not_away", "not_away", "refund_too_large", "note"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("restocked", "written_off", "given", "reasons"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_have_come_back_is_refused(shop, restocked, written_off, given, reasons):
    order = led(shop, *SHIPPED, pay())
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        bring(shop, order, restocked, written_off, **given)

    assert codes(refusal) == reasons
    assert snapshot(shop, order) == was
    sound(shop)


@pytest.mark.parametrize(
    "before", [(), (to("cancelled"),), (*SHIPPED, to("returned"))], ids=["held", "void", "back"]
)
def test_what_the_customer_does_not_have_does_not_come_back(shop, before):
    with pytest.raises(Refused) as refusal:
        bring(shop, led(shop, *before), {1: 1})

    assert codes(refusal) == ["not_away"]


def test_a_status_that_demands_a_reason_gets_one(make_shop):
    shop = stocked(make_shop(*PLUGINS, toml="[statuses.returned]\nreason_required = true\n"))
    order = led(shop, *SHIPPED)
    bring(shop, order, {1: 3})

    with pytest.raises(Refused) as refusal:
        bring(shop, order, {2: 3})

    assert codes(refusal) == ["no_reason"]
    assert bring(shop, order, {2: 3}, reason="fel färg").status == "returned"


# ── With and without stock ───────────────────────────────────────────────────────────────────────


def test_returns_are_kept_without_the_stock_plugin(make_shop):
    shop = make_shop()
    order = bring(shop, led(shop, *SHIPPED), {1: 3}, {2: 1})

    assert everything_away(order) == {2: 2}
    assert bring(shop, order, {2: 2}).status == "returned"
    sound(shop)


@pytest.mark.parametrize("moves", [False, True], ids=["silent", "moving"])
def test_an_imported_order_comes_back_too(shop, moves):
    order = imported(shop, "shipped", move_stock=moves)
    was = figures(shop)

    order = bring(shop, order, {1: 1})
    assert figures(shop)["LAMPA"][0] == was["LAMPA"][0] + moves
    order = bring(shop, order, {1: 2, 2: 1}, {2: 2})

    assert (order.status, everything_away(order)) == ("returned", {})
    assert figures(shop)["BORD"][0] == was["BORD"][0] + moves
    sound(shop)


def test_the_customer_is_told_where_the_status_says_so_or_staff(make_shop):
    shop = posting(make_shop, toml='[statuses.returned]\nnotify = ["email"]\n')
    order = led(shop, *SHIPPED)
    deliver_all(shop)
    already = len(posted(shop))

    bring(shop, order, {1: 1})
    bring(shop, order, {1: 1}, words="Tack, den har kommit.", notify=True)
    bring(shop, order, {1: 1, 2: 3})
    deliver_all(shop)

    assert posted(shop)[already:] == ["email shipped_return", "sms shipped_return", "email returned"]
    (letter,) = [r for m, r in channel(shop, "email").posted if m.template == "shipped_return"]
    assert "Tack, den har kommit." in letter.body
