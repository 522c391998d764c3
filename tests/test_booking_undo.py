"""Undo and the booked installation: the booking stands again as it stood, and calendars are told."""

from __future__ import annotations

import pytest

from ashop_core import Shop
from ashop_core.models import NewParcel
from ashop_core.testing import MakeShop
from ashop_installation_booking.bookings import JOB, booking_of
from tests.lives import LATER, PLUGINS, TIME, approve, led, note, sound, stocked, to

REVIEWED = (to("reviewed"), approve)
BOOKED = (*REVIEWED, to("delivery_booked"))
AHEAD = (*BOOKED, to("shipped"))


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


def standing(shop, order):
    """Return day, hour and state of an order's booking."""
    with shop.database.read() as reader:
        booking = booking_of(reader, order.id)
    return booking and (f"{booking.starts_at:%d %H:%M}", booking.state.value)


def calendar_jobs(shop, order):
    with shop.database.read() as reader:
        rows = reader.rows(
            "SELECT seq FROM outbox WHERE order_id = :id AND code = :job", {"id": order.id, "job": JOB}
        )
    return [row["seq"] for row in rows]


BOOKED_AT, MOVED_TO = ("01 12:00", "booked"), ("02 07:30", "booked")


@pytest.mark.parametrize(
    ("before", "change", "changed", "undone"),
    [
        (REVIEWED, to("delivery_booked"), BOOKED_AT, ("01 12:00", "cancelled")),
        (BOOKED, to("delivery_booked", fields={"booked_time": LATER}), MOVED_TO, BOOKED_AT),
        (BOOKED, to("reviewed"), ("01 12:00", "cancelled"), BOOKED_AT),
        (BOOKED, to("cancelled"), ("01 12:00", "cancelled"), BOOKED_AT),
        (BOOKED, to("installed"), ("01 12:00", "completed"), BOOKED_AT),
        (BOOKED, to("shipped"), BOOKED_AT, BOOKED_AT),
        (AHEAD, to("installed"), ("01 12:00", "completed"), BOOKED_AT),
        (AHEAD, to("returned"), ("01 12:00", "cancelled"), BOOKED_AT),
        ((*BOOKED, to("installed")), to("returned"), ("01 12:00", "completed"), ("01 12:00", "completed")),
        ((*BOOKED, to("reviewed")), to("cancelled"), ("01 12:00", "cancelled"), ("01 12:00", "cancelled")),
        (
            (*BOOKED, to("reviewed")), to("delivery_booked", fields={"booked_time": LATER}),
            MOVED_TO, ("02 07:30", "cancelled"),
        ),
    ],
    ids=[
        "booked", "moved", "given up", "cancelled", "installed", "sent ahead", "installed after", "returned after",
        "returned", "not booked any more", "booked anew",
    ],
)  # fmt: skip
def test_the_booking_stands_as_it_stood(shop, before, change, changed, undone):
    order = led(shop, *before, delivery="installation")
    change(shop, order)
    assert standing(shop, order) == changed
    note(shop, order)

    shop.undo(order)

    assert standing(shop, order) == undone
    sound(shop)


@pytest.mark.parametrize(
    "before", [BOOKED, AHEAD, (*BOOKED, to("installed"))], ids=["booked", "ahead", "installed"]
)
def test_what_did_not_touch_the_booking_leaves_it_alone_when_undone(shop, before):
    order = led(shop, *before, delivery="installation")
    was, asked = standing(shop, order), calendar_jobs(shop, order)
    shop.approve(order, withdraw=True) if before is BOOKED else shop.add_parcel(
        order, NewParcel(number="K 9")
    )

    undone = shop.undo(order)

    assert standing(shop, order) == was
    assert calendar_jobs(shop, order) == asked
    assert [e for plugin, e in undone.effects if plugin == "installation_booking"] == []


def test_calendars_are_asked_for_again_and_a_later_sequence_tells_them_so(shop):
    order = led(shop, *BOOKED, delivery="installation")
    shop.change_status(order, "delivery_booked", fields={"booked_time": LATER})

    undone = shop.undo(order)

    with shop.database.read() as reader:
        booking = booking_of(reader, order.id)
    assert booking is not None
    assert booking.seq == undone.order.version
    assert calendar_jobs(shop, order)[-1] == undone.order.version
    assert [e.text.en for plugin, e in undone.effects if plugin == "installation_booking"] == [
        f"installation moved from {LATER} to {TIME}"
    ]


def test_a_time_that_has_passed_meanwhile_still_comes_back(shop, clock):
    """The visit was booked once; that it is over now is no reason to keep a mistake."""
    order = led(shop, *BOOKED, delivery="installation")
    clock.now = clock.now.replace(month=12, day=1, hour=12, minute=30)
    shop.change_status(order, "cancelled", reason="fel order")

    shop.undo(order)

    assert standing(shop, order) == BOOKED_AT
