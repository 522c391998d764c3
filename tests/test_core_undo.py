"""Undo: after it everything about the order is as it was before the change, whatever the change was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ashop_core import Conflict, Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.models import Kind, NewLine, NewParcel, NewPayment, PaymentKind
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from tests.lives import (
    LATER,
    PLUGINS,
    Step,
    approve,
    codes,
    led,
    note,
    part,
    pay,
    running,
    snapshot,
    sound,
    stocked,
    to,
)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


def amend(**given) -> Step:
    return lambda shop, order: shop.amend(order, AmendRequest(**given)).order


def bring_back(restocked=None, written_off=None) -> Step:
    request = ReturnRequest(restocked=restocked or {}, written_off=written_off or {})
    return lambda shop, order: shop.take_back(order, request).order


def parcel(**given) -> Step:
    return lambda shop, order: shop.add_parcel(order, NewParcel(**given)).order


def cancel(shop, order):
    return shop.cancel(order, "ångrad").order


def withdraw(shop, order):
    return shop.approve(order, withdraw=True).order


REVIEWED = (to("reviewed"), approve)
BOOKED = (*REVIEWED, to("delivery_booked"))
SHIPPED = (*REVIEWED, to("shipped", parcel=NewParcel(number="K 1", carrier="PostNord")))

# flow, what comes before, the change that is undone
CHANGES = {
    "reviewed": ("post", (), to("reviewed")),
    "shipped": ("post", REVIEWED, to("shipped", parcel=NewParcel(number="K 1"))),
    "shipped by field": ("post", REVIEWED, to("shipped", fields={"parcel_number": "K 1"})),
    "shipped without number": ("post", REVIEWED, to("shipped")),
    "delivered": ("post", SHIPPED, to("delivered")),
    "returned from delivered": ("post", (*SHIPPED, to("delivered")), to("returned")),
    "returned from shipped": ("post", SHIPPED, to("returned")),
    "returned after a part came back": ("post", (*SHIPPED, bring_back({1: 1}, {2: 1})), to("returned")),
    "cancelled from received": ("post", (), cancel),
    "cancelled from reviewed": ("post", REVIEWED, cancel),
    "cancelled when paid": ("post", (*REVIEWED, pay()), cancel),
    "partly shipped": ("post", REVIEWED, part()),
    "second part": ("post", (*REVIEWED, part()), parcel(number="DEL 2", contents={1: 1, 2: 3})),
    "second part, same number": ("post", (*REVIEWED, part(), part(1, "DEL 2")), parcel(number="DEL 1", contents={2: 1})),
    "last part": ("post", (*REVIEWED, part()), to("shipped", parcel=NewParcel(number="DEL 2"))),
    "rest cancelled": ("post", (*REVIEWED, part()), cancel),
    "rest cancelled, paid": ("post", (*REVIEWED, pay(), part(3)), cancel),
    "label": ("post", SHIPPED, parcel(number="K 2", contents={1: 1})),
    "return of a part": ("post", SHIPPED, bring_back({1: 1})),
    "return written off": ("post", SHIPPED, bring_back({}, {1: 1, 2: 3})),
    "return of all": ("post", SHIPPED, bring_back({1: 3, 2: 2}, {2: 1})),
    "return from partly shipped": ("post", (*REVIEWED, part(2)), bring_back({1: 1}, {1: 1})),
    "approval": ("post", (), approve),
    "withdrawal": ("post", REVIEWED, withdraw),
    "approval again": ("post", (*REVIEWED, withdraw), approve),
    "quantity up": ("post", (), amend(lines=(LineEdit(position=1, quantity=5),))),
    "quantity down": ("post", REVIEWED, amend(lines=(LineEdit(position=1, quantity=1),))),
    "line away": ("post", REVIEWED, amend(lines=(LineEdit(position=1, quantity=0),))),
    "line added": ("post", (), amend(add=(NewLine(sku="BORD", name="Bord", quantity=2, unit_price=5),))),
    "line for line": (
        "post", (), amend(lines=(LineEdit(position=2, quantity=0),), add=some_lines("LAMPA", quantity=2)),
    ),
    "prices": (
        "post", (pay(100),),
        amend(lines=(LineEdit(position=1, unit_price=7, discount=3),), discount=9, shipping_price=50, payment_fee=5),
    ),
    "paid by a discount": ("post", (pay(50000),), amend(discount=10000)),
    "address": ("post", (), amend(customer=some_customer(street="Nygatan 2", name="Bo Ek", phone="070-1"))),
    "contact when shipped": ("post", SHIPPED, amend(customer=some_customer(email="ny@example.se"))),
    "ready": ("pickup", REVIEWED, to("ready_for_pickup")),
    "ready until a day": ("pickup", REVIEWED, to("ready_for_pickup", fields={"collect_by": "2026-12-24"})),
    "deadline moved": (
        "pickup", (*REVIEWED, to("ready_for_pickup")), to("ready_for_pickup", fields={"collect_by": "2026-12-24"}),
    ),
    "picked up": ("pickup", (*REVIEWED, to("ready_for_pickup")), to("picked_up")),
    "not collected": ("pickup", (*REVIEWED, to("ready_for_pickup")), cancel),
    "booked": ("installation", REVIEWED, to("delivery_booked")),
    "booking moved": ("installation", BOOKED, to("delivery_booked", fields={"booked_time": LATER})),
    "booking given up": ("installation", BOOKED, to("reviewed")),
    "booking cancelled": ("installation", BOOKED, cancel),
    "installed": ("installation", BOOKED, to("installed")),
    "sent ahead": ("installation", BOOKED, to("shipped")),
    "installed after sent ahead": ("installation", (*BOOKED, to("shipped")), to("installed")),
    "returned after sent ahead": ("installation", (*BOOKED, to("shipped")), to("returned")),
    "returned after installed": ("installation", (*BOOKED, to("installed")), to("returned")),
    "contact when sent ahead": (
        "installation", (*BOOKED, to("shipped")), amend(customer=some_customer(email="ny@example.se")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("flow", "before", "change"), CHANGES.values(), ids=CHANGES)
def test_everything_is_as_it_was(shop, flow, before, change):
    order = led(shop, *before, delivery=flow)
    was = snapshot(shop, order)
    changed = change(shop, order)
    assert snapshot(shop, order) != was

    undone = shop.undo(order)

    assert snapshot(shop, order) == was
    assert undone.change.undoes == changed.version
    assert undone.order == shop.order(order)
    sound(shop)


@pytest.mark.parametrize(("flow", "before", "change"), CHANGES.values(), ids=CHANGES)
def test_a_note_and_a_payment_in_between_stay(shop, flow, before, change):
    order = led(shop, *before, pay(1), delivery=flow)
    was = snapshot(shop, order)
    change(shop, order)
    note(shop, order)
    pay(1, PaymentKind.REFUNDED)(shop, order)

    shop.undo(order)

    now = snapshot(shop, order)
    assert now["refunded"] == was["refunded"] + 1
    for told in (was, now):
        for key in ("refunded", "payment", "customer"):
            del told[key]
    assert now == was
    sound(shop)


@pytest.mark.parametrize(("flow", "before", "change"), CHANGES.values(), ids=CHANGES)
def test_what_was_undone_can_be_done_again(shop, flow, before, change):
    order = led(shop, *before, delivery=flow)
    change(shop, order)
    once = snapshot(shop, order)
    shop.undo(order)

    change(shop, order)

    assert snapshot(shop, order) == once
    sound(shop)


def test_an_undo_is_not_undone(shop):
    order = led(shop, to("reviewed"))
    shop.undo(order)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.undo(order)

    assert codes(refusal) == ["not_undoable"]
    assert snapshot(shop, order) == was


def checkout(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k")
    shop.give_details(order, customer=some_customer())
    return shop.order(order)


REFUSED = {
    "creation": (lambda shop: shop.start_order(some_lines("LAMPA"), checkout_key="k"), "not_undoable"),
    "details": (checkout, "in_checkout"),
    "abandoned": (lambda shop: shop.abandon(checkout(shop)).order, "in_checkout"),
    "lines of a checkout": (
        lambda shop: shop.amend(checkout(shop), AmendRequest(discount=5)).order, "in_checkout",
    ),
    "placement": (lambda shop: place_order(shop), "not_undoable"),
    "a payment after placement": (lambda shop: led(shop, pay()), "not_undoable"),
    "a return with a refund": (
        lambda shop: shop.take_back(
            led(shop, *SHIPPED, pay()), ReturnRequest(restocked={1: 1}, refund=100)
        ).order, "refunded",
    ),
    "anonymised": (lambda shop: shop.anonymise(checkout(shop)).order, "not_undoable"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_undone_says_so(shop, make, code):
    order = make(shop)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.undo(order)

    assert codes(refusal) == [code]
    assert "a record" not in str(refusal.value)
    assert snapshot(shop, order) == was


@pytest.mark.parametrize(
    ("minutes", "waited", "refused"),
    [(60, 60, None), (60, 61, "too_late"), (1, 0, None), (0, 0, "undo_off")],
)
def test_there_is_time_until_the_window_closes(make_shop, clock: FixedClock, minutes, waited, refused):
    shop = running(stocked(make_shop(*PLUGINS)), undo_minutes=minutes)
    outcome = shop.change_status(led(shop), "reviewed")
    clock.advance(minutes=waited)

    assert outcome.change is not None
    assert outcome.undo_until == (outcome.change.at + timedelta(minutes=minutes) if minutes else None)
    if refused is None:
        assert shop.undo(outcome.order).order.status == "received"
        return
    with pytest.raises(Refused) as refusal:
        shop.undo(outcome.order)
    assert codes(refusal) == [refused]


def test_a_change_by_somebody_else_meanwhile_is_not_undone(shop):
    order = led(shop, to("reviewed"))
    seen, request = shop.undo_request(order)
    approve(shop, order)
    was = snapshot(shop, order)

    with pytest.raises(Conflict):
        shop.change(seen, request, expected_version=seen.version)
    with pytest.raises(Refused) as refusal:  # whoever forgets to say which version
        shop.change(seen, request)

    assert codes(refusal) == ["changed_meanwhile"]
    assert snapshot(shop, order) == was


def test_a_preview_of_an_undo_keeps_nothing(shop):
    order = led(shop, to("reviewed"))
    was = snapshot(shop, order)
    seen, request = shop.undo_request(order)

    outcome = shop.preview(seen, request)

    assert (outcome.problems, outcome.order.status) == ((), "received")
    assert snapshot(shop, order) == was


def test_the_history_tells_of_both(shop):
    order = led(shop, to("reviewed"))

    shop.undo(order, note="fel order")

    last, undo = shop.history(order)[-2:]
    assert (undo.kind, undo.undoes, undo.from_status, undo.to_status) == (
        Kind.UNDO,
        last.seq,
        "reviewed",
        "received",
    )
    assert undo.note == "fel order"


def test_payments_that_came_meanwhile_are_counted_against_the_total_that_is_back(shop):
    order = led(shop)
    total = order.total
    shop.amend(order, AmendRequest(discount=10000))
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=total - 10000))

    order = shop.undo(order).order

    assert (order.total, order.payment.value) == (total, "part_paid")
