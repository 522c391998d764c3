"""Approval: given where the payment method calls for it, withdrawn only before anything has left."""

from __future__ import annotations

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import ReturnRequest
from ashop_core.models import Kind
from ashop_core.testing import FixedClock, MakeShop, place_order, some_lines
from tests.lives import PLUGINS, approve, codes, led, part, snapshot, sound, stocked, to

APPROVED = (to("reviewed"), approve)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


EARLY = {
    "received": ("post", (approve,)),
    "reviewed": ("post", APPROVED),
    "ready": ("pickup", (*APPROVED, to("ready_for_pickup"))),
    "booked": ("installation", (*APPROVED, to("delivery_booked"))),
}


@pytest.mark.parametrize(("flow", "before"), EARLY.values(), ids=EARLY)
def test_it_can_be_withdrawn_while_everything_is_here(shop, flow, before):
    order = led(shop, *before, delivery=flow)
    assert order.approved_at is not None

    outcome = shop.approve(order, withdraw=True, note="kreditkontrollen sa nej")

    assert (outcome.order.approved_at, outcome.order.approved_by) == (None, None)
    entry = shop.history(order)[-1]
    assert (entry.kind, entry.approved, entry.note) == (Kind.APPROVAL, False, "kreditkontrollen sa nej")
    sound(shop)


LATE = {
    "a part has left": ("post", (*APPROVED, part())),
    "shipped": ("post", (*APPROVED, to("shipped"))),
    "picked up": ("pickup", (*APPROVED, to("ready_for_pickup"), to("picked_up"))),
    "installed": ("installation", (*APPROVED, to("delivery_booked"), to("installed"))),
    "back again": ("post", (*APPROVED, to("shipped"), to("returned"))),
    "a part back again": (
        "post", (*APPROVED, part(), lambda s, o: s.take_back(o, ReturnRequest(restocked={1: 1})).order),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("flow", "before"), LATE.values(), ids=LATE)
def test_it_stands_once_anything_has_left(shop, flow, before):
    order = led(shop, *before, delivery=flow)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.approve(order, withdraw=True)

    assert codes(refusal) == ["has_left"]
    assert snapshot(shop, order) == was


def test_withdrawn_it_is_demanded_again(shop):
    order = led(shop, *APPROVED)
    shop.approve(order, withdraw=True)

    with pytest.raises(Refused) as refusal:
        to("shipped")(shop, order)
    assert codes(refusal) == ["not_approved"]

    approve(shop, order)
    assert to("shipped")(shop, order).status == "shipped"


def test_neither_is_done_twice(shop):
    order = led(shop)

    assert shop.approve(order, withdraw=True).unchanged
    approve(shop, order)
    assert shop.approve(order).unchanged
    assert shop.approve(order, withdraw=True).change is not None
    assert shop.approve(order, withdraw=True).unchanged


def test_who_approved_and_when_comes_back_with_an_undo(shop, clock: FixedClock):
    """Not the latest approval of the history, but the one that stood: an undone one never was."""
    order = led(shop)
    shop.approve(order, actor="Bo")
    shop.undo(order)
    clock.advance(minutes=1)
    at = clock.now
    shop.approve(order, actor="Åsa")
    clock.advance(minutes=1)
    shop.approve(order, withdraw=True, actor="Ulla")

    order = shop.undo(order).order

    assert (order.approved_by, order.approved_at) == ("Åsa", at)


def test_an_undo_of_the_approval_is_no_way_round_the_guard(shop):
    order = led(shop, *APPROVED, to("shipped"))

    shop.undo(order)  # the shipping
    with pytest.raises(Refused) as refusal:
        shop.undo(order)  # not the approval before it

    assert codes(refusal) == ["not_undoable"]


def test_a_payment_method_that_needs_none_gets_none(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="card")

    with pytest.raises(Refused) as refusal:
        shop.approve(order)

    assert codes(refusal) == ["not_open", "needs_no_approval"]


def test_only_an_open_order_is_approved(shop):
    order = led(shop, to("cancelled"))

    with pytest.raises(Refused) as refusal:
        shop.approve(order)

    assert codes(refusal) == ["not_open"]


def test_it_counts_for_the_order_it_was_given_to(shop):
    order = place_order(shop)
    approve(shop, order)

    assert shop.order(place_order(shop)).approved_at is None


def test_one_that_was_undone_does_not_come_back_with_the_undo_of_the_next(shop):
    order = led(shop)
    shop.approve(order, actor="Bo")
    shop.undo(order)
    shop.approve(order, actor="Åsa")

    order = shop.undo(order).order

    assert (order.approved_by, order.approved_at) == (None, None)
