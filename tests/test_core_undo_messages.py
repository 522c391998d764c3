"""Undo and the messages of the change: those that have not left never do, the others are told of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ashop_core import Shop
from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.leases import LEASE
from ashop_core.models import NewParcel
from ashop_core.outbox_rows import release_dead
from ashop_core.testing import FixedClock, MakeShop
from tests.lives import approve, channel, deliver_all, led, note, part, posted, posting, running, sound, to

REVIEWED = (to("reviewed"), approve)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(make_shop)


def shipped(shop: Shop):
    """Return an order whose confirmation has been sent and which has just been shipped."""
    order = led(shop, *REVIEWED)
    deliver_all(shop)
    for code in shop.channels:
        channel(shop, code).posted.clear()
    return to("shipped")(shop, order)


def fates(shop, order):
    return [(m.channel, m.delivery.value) for m in shop.messages(order) if m.template == "shipped"]


def told(undone):
    return [e.subject for plugin, e in undone.effects if plugin == "ashop"]


def failing(shop, error):
    def fail():
        raise error

    obeying(shop, fail)


def obeying(shop, script):
    for code in shop.channels:
        channel(shop, code).script = script


def test_waiting_ones_are_stopped(shop, clock: FixedClock):
    order = shipped(shop)

    undone = shop.undo(order)
    clock.advance(days=1)
    deliver_all(shop)

    assert posted(shop) == []
    assert fates(shop, order) == [("email", "suppressed"), ("sms", "suppressed")]
    assert told(undone) == ["messages:stopped"]
    sound(shop)


def test_those_that_have_left_are_told_of(shop):
    order = shipped(shop)
    deliver_all(shop)

    undone = shop.undo(order)
    deliver_all(shop)

    assert posted(shop) == ["email shipped", "sms shipped"]
    assert fates(shop, order) == [("email", "sent"), ("sms", "sent")]
    assert told(undone) == ["messages:sent"]


def test_those_that_could_not_be_delivered_are_not_tried_again(shop, clock: FixedClock):
    order = shipped(shop)
    failing(shop, TemporaryDeliveryError("full"))
    deliver_all(shop)

    shop.undo(order)
    obeying(shop, lambda: None)
    clock.advance(days=1)
    deliver_all(shop)

    assert posted(shop) == []
    assert fates(shop, order) == [("email", "suppressed"), ("sms", "suppressed")]


def test_dead_ones_cannot_be_released_any_more(shop):
    order = shipped(shop)
    failing(shop, DeliveryError("no such address"))
    deliver_all(shop)
    ids = [m.id for m in shop.messages(order)]

    shop.undo(order)

    assert release_dead(shop.database, shop.clock, ids, timedelta(days=3)) == 0
    assert fates(shop, order) == [("email", "suppressed"), ("sms", "suppressed")]


@pytest.mark.parametrize(
    "error", [TemporaryDeliveryError("full"), TemporaryDeliveryError("busy", retry_after=60.0)]
)
def test_one_being_delivered_is_not_tried_again(shop, clock: FixedClock, error):
    """The undo falls between the claim and the answer of the first one."""
    order = shipped(shop)
    mail = channel(shop, "email")

    def undo_and_fail():
        shop.undo(order)
        raise error

    mail.script = undo_and_fail
    deliver_all(shop)
    mail.script = lambda: None
    clock.advance(days=2)
    deliver_all(shop)

    assert posted(shop) == []
    assert fates(shop, order) == [("email", "suppressed"), ("sms", "suppressed")]


def test_one_that_waits_for_its_turn_in_a_workers_hands_does_not_leave(shop, clock: FixedClock):
    """Claimed together with the first one, and its words are there from an earlier attempt."""
    order = shipped(shop)
    failing(shop, TemporaryDeliveryError("full"))
    deliver_all(shop)
    obeying(
        shop, lambda: shop.undo(order)
    )  # which of the two is tried first, the length of their pauses says
    clock.advance(hours=1)
    deliver_all(shop)

    assert len(posted(shop)) == 1
    assert sorted(fate for _, fate in fates(shop, order)) == ["sent", "suppressed"]


def test_one_whose_worker_died_is_not_tried_again(shop, clock: FixedClock):
    order = shipped(shop)
    failing(shop, TemporaryDeliveryError("full"))
    deliver_all(shop)  # its words are kept from now on
    obeying(shop, lambda: None)
    with shop.database.write() as tx:  # claimed by a worker that is no more
        tx.execute(
            "UPDATE outbox SET delivery = 'claimed', lease = 'x', lease_until = due_at WHERE order_id = :id AND seq = :seq",
            {"id": order.id, "seq": order.version},
        )

    undone = shop.undo(order)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    deliver_all(shop)

    assert posted(shop) == []
    assert told(undone) == ["messages:sent"]


def test_messages_of_other_changes_leave_as_they_would(shop):
    order = led(shop, *REVIEWED, to("shipped"))
    shop.add_parcel(order, NewParcel(number="K 2"), notify=True)

    shop.undo(order)
    deliver_all(shop)

    assert posted(shop) == ["email received", "email shipped", "sms shipped"]
    (mail,) = [r for m, r in channel(shop, "email").posted if m.template == "shipped"]
    assert "K 2" not in mail.body


def test_a_delay_gives_time_to_undo(make_shop, clock: FixedClock):
    shop = running(posting(make_shop), message_delay_seconds=120)
    order = shipped(shop)
    clock.advance(seconds=60)
    deliver_all(shop)

    shop.undo(order)
    clock.advance(seconds=300)
    deliver_all(shop)

    assert "email shipped" not in posted(shop)


def test_an_undo_says_nothing_unless_asked(shop):
    order = led(shop, *REVIEWED, to("shipped"))
    note(shop, order)
    deliver_all(shop)
    shop.undo(order)

    again = to("shipped")(shop, order)
    deliver_all(shop)
    told_once = posted(shop).count("email shipped")

    assert told_once == 2  # the status is entered anew, so the customer hears of it anew
    assert shop.undo(again).messages == ()


def test_the_second_part_undone_takes_its_parcel_and_its_message_along(make_shop):
    shop = posting(make_shop, toml='[statuses.partly_shipped]\nnotify = ["email"]\n')
    order = led(shop, *REVIEWED, part(1, "DEL 1"))
    deliver_all(shop)
    part(1, "DEL 2")(shop, order)

    order = shop.undo(order).order
    deliver_all(shop)

    assert [p.number for p in shop.parcels(order)] == ["DEL 1"]
    assert (order.parcel_count, order.parcel_numbers) == (1, ("DEL 1",))
    assert posted(shop).count("email partly_shipped") == 1


def test_what_was_said_of_the_undone_status_afterwards_is_stopped_too(shop, clock: FixedClock):
    order = shipped(shop)
    shop.change_status(order, "shipped", words="Vi ringer när den är framme.")

    shop.undo(order)
    clock.advance(days=1)
    deliver_all(shop)

    assert posted(shop) == []
