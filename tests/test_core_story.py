"""The story of an order: everything that happened to it, in the order it did, with nothing left out."""

from __future__ import annotations

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.errors import NotFound
from ashop_core.models import Delivery, FollowUp, Kind, NewPayment, PaymentKind
from ashop_core.testing import FixedClock, MakeShop, some_customer, some_lines
from tests.lives import approve, deliver_all, led, part, pay, posting, to

FAULTY = """
from ashop_core import hookimpl

@hookimpl
def ashop_after_change(shop, order, change):
    if change.note == "fel":
        raise RuntimeError("nej")
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(
        make_shop,
        "stock_control",
        "installation_booking",
        "local:faulty",
        files={"plugins/faulty.py": FAULTY},
    )


def refused(shop, order, status):
    with pytest.raises(Refused):
        shop.change_status(order, status)


def told(event):
    """Return an event in a word or two."""
    if event.entry is not None:
        return event.entry.kind.value
    if event.sending is not None:
        return f"{event.sending.kind} {event.sending.message.template or event.sending.message.channel}"
    if event.refusal is not None:
        return f"refused {event.refusal.to_status}"
    assert event.failure is not None
    return f"fault {event.failure.plugin}"


def test_a_long_life_is_told_whole_and_in_order(shop, clock: FixedClock):
    def step(change, *args, **given):
        clock.advance(minutes=1)
        return change(*args, **given)

    order = step(shop.start_order, some_lines("LAMPA", "BORD", quantity=3), checkout_key="k", delivery="post",
                 payment_method="invoice")  # fmt: skip
    step(shop.give_details, order, customer=some_customer())
    clock.advance(days=2)
    step(shop.abandon_stale)
    step(shop.follow_up, order, FollowUp.CONTACTED, note="ringde")
    step(shop.give_details, order, customer=some_customer(city="Lund"))
    step(shop.place, order)
    step(deliver_all, shop)
    step(refused, shop, order, "shipped")
    step(shop.amend, order, AmendRequest(lines=(LineEdit(position=1, quantity=2),)))
    step(shop.change_status, order, "reviewed")
    step(shop.undo, order)
    step(shop.change_status, order, "reviewed")
    step(refused, shop, order, "shipped")
    step(shop.add_note, order, "fel")
    step(shop.approve, order)
    step(part(1), shop, order)
    step(shop.add_payment, order, NewPayment(kind=PaymentKind.PAID, amount=100))
    step(shop.change_status, order, "shipped")
    step(deliver_all, shop)
    step(shop.take_back, order, ReturnRequest(restocked={1: 1}, refund=50))
    step(shop.change_status, order, "returned")

    seen, events = shop.story(order)

    assert seen == shop.order(order)
    assert [told(event) for event in events] == [
        "created", "details", "status", "follow_up", "details", "placed", "message received", "refused shipped",
        "lines", "status", "undo", "status", "refused shipped", "note", "fault local:faulty", "approval", "status",
        "payment", "status", "message shipped", "message shipped", "return", "status",
    ]  # fmt: skip
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert [event.entry.seq for event in events if event.entry] == list(range(1, seen.version + 1))
    paid = {told(event): event.payment.amount for event in events if event.payment}
    assert paid == {"payment": 100, "return": 50}


def test_each_event_is_one_thing(shop):
    order = led(shop, to("reviewed"), approve, pay(), to("shipped"))
    deliver_all(shop)

    for event in shop.story(order)[1]:
        parts = [event.entry, event.sending, event.refusal, event.failure]
        assert sum(part is not None for part in parts) == 1


def test_what_plugins_did_stands_with_the_change(shop):
    order = led(shop, to("reviewed"), approve, to("delivery_booked"), delivery="installation")

    effects = [e for event in shop.story(order)[1] if event.entry for e in event.entry.effects]

    assert {plugin for plugin, _ in effects} == {"stock_control", "installation_booking"}


def test_in_one_instant_a_change_comes_before_what_it_caused(shop):
    """The clock stands still here, as it does between a change and a message that leaves at once."""
    order = led(shop)
    deliver_all(shop)

    words = [told(event) for event in shop.story(order)[1]]

    assert words == ["created", "details", "placed", "message received"]


def test_a_message_stands_where_it_left_or_where_it_was_asked_for(shop, clock):
    order = led(shop)
    asked = clock.now
    clock.advance(minutes=5)
    (waiting,) = [event for event in shop.story(order)[1] if event.sending]
    assert (waiting.at, waiting.sending.message.delivery) == (asked, Delivery.WAITING)

    deliver_all(shop)

    (sent,) = [event for event in shop.story(order)[1] if event.sending]
    assert (sent.at, sent.sending.message.delivery) == (clock.now, Delivery.SENT)


def test_a_stopped_message_is_told_of_too(shop, clock):
    order = led(shop, to("reviewed"), approve, to("shipped"))
    clock.advance(minutes=1)
    shop.undo(order)

    stopped = [
        e for e in shop.story(order)[1] if e.sending and e.sending.message.delivery is Delivery.SUPPRESSED
    ]

    assert {(e.at, e.sending.message.error) for e in stopped} == {(clock.now, "undone")}
    assert len(stopped) == 2


def test_a_refusal_again_and_again_is_one_event(shop, clock):
    order = led(shop)
    first = clock.now
    for _ in range(3):
        refused(shop, order, "shipped")
        clock.advance(minutes=1)

    (event,) = [event for event in shop.story(order)[1] if event.refusal]

    assert (event.at, event.refusal.times) == (first, 3)


def test_nothing_is_told_of_another_order(shop):
    order, other = led(shop), led(shop, to("reviewed"))
    refused(shop, other, "received")

    assert [told(event) for event in shop.story(order)[1]] == [
        "created",
        "details",
        "placed",
        "message received",
    ]
    with pytest.raises(NotFound):
        shop.story("K-222222")


def test_of_a_forgotten_checkout_only_the_outline_is_told(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k")
    shop.give_details(order, customer=some_customer())
    shop.add_note(order, "fel")
    refused(shop, order, "shipped")
    shop.anonymise(order)

    _, events = shop.story(order)

    assert [told(e) for e in events] == ["created", "details", "note", "anonymised", "fault local:faulty"]
    assert {e.entry.note for e in events if e.entry} == {""}
    assert events[-1].failure.error == ""
    assert [e.entry.kind for e in events if e.entry][-1] is Kind.ANONYMISED
