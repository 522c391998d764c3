"""Cancelling: what is held is released, always; of what is partly sent the rest is taken out of the order."""

from __future__ import annotations

import pytest

from ashop_core import Refused, SettingsError, Shop
from ashop_core.changes import AmendRequest, CancelRequest, ReturnRequest
from ashop_core.models import NewLine, NewPayment, PaymentKind
from ashop_core.payment_record import to_refund
from ashop_core.testing import MakeShop, place_order, some_lines
from tests.lives import (
    PLUGINS,
    approve,
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

REVIEWED = (to("reviewed"), approve)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


OPEN = {
    "received": ("post", ()),
    "reviewed": ("post", REVIEWED),
    "not collected": ("pickup", (*REVIEWED, to("ready_for_pickup"))),
    "booked": ("installation", (*REVIEWED, to("delivery_booked"))),
    "given up": ("installation", (*REVIEWED, to("delivery_booked"), to("reviewed"))),
    "paid": ("post", (pay(),)),
    "corrected": ("post", (lambda shop, o: shop.amend(o, AmendRequest(add=some_lines("BORD"))).order,)),
}


@pytest.mark.parametrize(("flow", "before"), OPEN.values(), ids=OPEN)
def test_held_goods_are_released_from_every_open_status(shop, flow, before):
    order = led(shop, *before, delivery=flow)
    assert figures(shop)["LAMPA"] == (10, 3)

    outcome = shop.cancel(order, " kunden ångrade sig ")

    assert figures(shop) == {"LAMPA": (10, 0), "BORD": (10, 0)}
    assert [line.held for line in outcome.order.lines] == [0] * len(outcome.order.lines)
    assert (outcome.order.status, outcome.change.reason) == ("cancelled", "kunden ångrade sig")
    assert to_refund(outcome.order, shop.flows.status("cancelled")) == outcome.order.paid
    sound(shop)


def test_a_second_time_nothing_changes(shop):
    order = shop.cancel(led(shop), "ångrad").order

    assert shop.cancel(order, "ångrad").unchanged
    assert shop.cancel(order, "").unchanged
    assert shop.order(order) == order


CLOSED = {
    "shipped": (*REVIEWED, to("shipped")),
    "delivered": (*REVIEWED, to("shipped"), to("delivered")),
}


@pytest.mark.parametrize("before", CLOSED.values(), ids=CLOSED)
def test_what_has_left_is_not_cancelled(shop, before):
    order = led(shop, *before)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.cancel(order, "ångrad")

    assert codes(refusal) == ["not_cancellable"]
    assert snapshot(shop, order) == was


def test_a_returned_order_stays_as_it_is(shop):
    assert shop.cancel(led(shop, *REVIEWED, to("shipped"), to("returned")), "x").unchanged


def test_a_checkout_is_abandoned_not_cancelled(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k")

    with pytest.raises(Refused) as refusal:
        shop.cancel(order, "ångrad")

    assert codes(refusal) == ["not_cancellable"]


@pytest.mark.parametrize("before", [(), (*REVIEWED, part())], ids=["whole", "rest"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_demanded(shop, before, reason):
    order = led(shop, *before)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.cancel(order, reason)

    assert codes(refusal) == ["no_reason"]
    assert snapshot(shop, order) == was


def test_a_reason_is_demanded_though_the_status_does_not(make_shop):
    shop = make_shop(toml="[statuses.cancelled]\nreason_required = false\n")

    with pytest.raises(Refused) as refusal:
        shop.cancel(place_order(shop), "")

    assert codes(refusal) == ["no_reason"]


# ── The rest of what is partly sent ──────────────────────────────────────────────────────────────


def test_the_rest_is_taken_out_and_what_was_sent_is_the_order(shop):
    order = led(shop, *REVIEWED, pay(), part(2))

    order = shop.cancel(order, "slut hos leverantören").order

    assert order.status == "shipped"
    assert [(line.position, line.quantity, line.gone, line.held) for line in order.lines] == [(1, 2, 2, 0)]
    assert (order.total, to_refund(order, shop.flows.status("shipped"))) == (20000, 40000)
    assert order.payment.value == "paid"
    assert figures(shop) == {"LAMPA": (8, 0), "BORD": (10, 0)}
    assert {e.path for e in shop.history(order)[-1].edits} == {"line.1.quantity", "line.2"}
    assert shop.customer_order(order).to_come == ()
    sound(shop)


def test_what_is_sent_can_come_back_afterwards(shop):
    order = led(shop, *REVIEWED, part(2))
    shop.cancel(order, "slut")

    order = shop.take_back(order, ReturnRequest(restocked={1: 2})).order

    assert order.status == "returned"
    assert figures(shop)["LAMPA"] == (10, 0)
    sound(shop)


def test_an_unpaid_card_order_is_not_sent_by_cancelling_its_rest(make_shop):
    """What the last status demands is demanded here too: the payment that failed meanwhile is told of."""
    shop = stocked(make_shop(*PLUGINS))
    order = led(shop, *REVIEWED, part(2))
    shop.add_payment(order, NewPayment(kind=PaymentKind.FAILED, amount=0))

    with pytest.raises(Refused) as refusal:
        shop.cancel(order, "slut")

    assert codes(refusal) == ["payment_failed"]


def test_discounts_follow_what_is_left(shop):
    goods = (
        NewLine(sku="LAMPA", name="Lampa", quantity=4, unit_price=10000, discount=2000),
        NewLine(sku="BORD", name="Bord", quantity=1, unit_price=90000),
    )
    order = place_order(shop, goods)
    shop.amend(order, AmendRequest(discount=30000))
    for step in (*REVIEWED, part(1)):
        order = step(shop, order)
    was = snapshot(shop, order)

    order = shop.cancel(order, "slut").order

    assert (order.lines[0].discount, order.discount, order.total) == (500, 9500, 0)
    sound(shop)
    shop.undo(order)
    assert snapshot(shop, order) == was


def test_the_rest_of_an_imported_order_is_cancelled_without_its_goods(shop):
    order = part(2)(shop, approve(shop, imported(shop)))

    order = shop.cancel(order, "slut").order

    assert [(line.quantity, line.gone) for line in order.lines] == [(2, 2)]
    assert figures(shop) == {"LAMPA": (10, 0), "BORD": (10, 0)}
    sound(shop)


# ── Telling the customer ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "notify", "sent"),
    [
        ((), None, ["email cancelled"]),
        ((), False, []),
        ((), True, ["email cancelled"]),
        ((*REVIEWED, part()), None, ["email shipped_correction", "sms shipped_correction"]),
        ((*REVIEWED, part()), False, []),
    ],
)
def test_the_status_or_staff_decide_whether_the_customer_is_told(make_shop, before, notify, sent):
    shop = posting(make_shop, toml='[statuses.cancelled]\nnotify = ["email"]\n')
    order = led(shop, *before)
    deliver_all(shop)
    already = len(posted(shop))

    shop.cancel(order, "ångrad", notify=notify)
    deliver_all(shop)

    assert posted(shop)[already:] == sent


def test_a_preview_says_the_same_and_keeps_nothing(shop):
    order = led(shop, *REVIEWED, part())
    was = snapshot(shop, order)

    outcome = shop.preview(order, CancelRequest(reason="slut"))

    assert (outcome.problems, outcome.order.status, outcome.order.total) == ((), "shipped", 10000)
    assert snapshot(shop, order) == was


@pytest.mark.parametrize("stock", ["held", "gone"])
def test_a_void_status_that_keeps_goods_is_no_setting(make_shop, stock):
    with pytest.raises(SettingsError, match=r"statuses\.cancelled\.stock"):
        make_shop(toml=f'[statuses.cancelled]\nstock = "{stock}"\n')


def test_a_customer_whose_rest_was_cancelled_is_not_told_that_all_was_sent(make_shop):
    shop = make_shop("email", toml="[payment.invoice]\nneeds_approval = false\n")
    order = place_order(shop, lines=some_lines("LAMPA", quantity=3), payment_method="invoice")
    to("reviewed")(shop, order)
    part()(shop, order)

    preview = shop.preview(order, CancelRequest(reason="slut"))
    shop.cancel(order, "slut")
    deliver_all(shop)

    [(_, rendered)] = preview.previews
    assert rendered.subject == f"Din beställning {order.number} är ändrad"
    assert "1 × Vara LAMPA" in rendered.body
    assert shop.messages(order)[-1].rendered == rendered
