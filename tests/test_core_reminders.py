"""Reminders: one for each order that a customer has a last day to act on, by day, whatever happens to the day."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest

from ashop_core import Shop, lifecycle
from ashop_core.changes import AmendRequest
from ashop_core.models import Kind
from ashop_core.order_filter import OrderFilter
from ashop_core.testing import FixedClock, MakeShop, some_customer
from tests.lives import approve, deliver_all, led, posted, posting, running, sound, to

READY = (to("reviewed"), approve, to("ready_for_pickup"))


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(make_shop)


def ready(shop, **fields):
    """Return an order that waits in the store, its message sent; without a day, for 14 days."""
    order = led(shop, *READY[:2], to("ready_for_pickup", fields=fields), delivery="pickup")
    deliver_all(shop)
    return order


def reminded(shop) -> list[str]:
    deliver_all(shop)
    return [words for words in posted(shop) if "reminder" in words]


BOTH = ["email ready_for_pickup_reminder", "sms ready_for_pickup_reminder"]


def test_the_last_day_is_fourteen_days_away_unless_staff_say_when(shop):
    assert ready(shop).deadline == date(2026, 12, 7)
    assert ready(shop, collect_by="2026-11-25").deadline == date(2026, 11, 25)


def test_the_day_is_counted_by_the_shop_clock(shop, clock: FixedClock):
    clock.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Stockholm

    assert ready(shop).deadline == date(2026, 12, 8)


@pytest.mark.parametrize(
    ("day", "times"),
    [(3, 0), (4, 1), (5, 1), (7, 1), (8, 0)],
    ids=["early", "first", "later", "last day", "over"],
)
def test_it_goes_three_days_before_and_not_when_it_is_over(shop, clock, day, times):
    ready(shop)
    clock.now = datetime(2026, 12, day, 12, tzinfo=UTC)

    assert shop.remind_due() == times
    assert reminded(shop) == BOTH * times
    sound(shop)


@pytest.mark.parametrize(
    ("now", "times"),
    [
        ("2026-12-05 07:59", 0), ("2026-12-05 08:00", 1), ("2026-12-05 17:59", 1), ("2026-12-05 18:00", 0),
        ("2026-12-05 23:30", 0),
        # the days on which the clocks go back and forward: nine in the morning is another hour of UTC
        ("2026-10-24 06:59", 0), ("2026-10-24 07:00", 1), ("2026-10-25 07:59", 0), ("2026-10-25 08:00", 1),
        ("2026-10-25 17:59", 1), ("2026-10-25 18:00", 0), ("2027-03-27 07:59", 0), ("2027-03-27 08:00", 1),
        ("2027-03-28 06:59", 0), ("2027-03-28 07:00", 1), ("2027-03-28 16:59", 1), ("2027-03-28 17:00", 0),
    ],
)  # fmt: skip
def test_nobody_is_reminded_at_night(shop, clock, now, times):
    clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    ready(shop, collect_by=f"{now[:8]}{int(now[8:10]) + 2:02}")

    assert shop.remind_due() == times


def test_once_is_enough(shop, clock):
    order = ready(shop)
    clock.advance(days=11)
    for _ in range(8):
        shop.remind_due()
        clock.advance(hours=3)

    assert reminded(shop) == BOTH
    assert [e.kind for e in shop.history(order)].count(Kind.REMINDER) == 1


def test_a_day_that_is_moved_is_no_reason_to_remind_again(shop, clock):
    order = ready(shop)
    clock.advance(days=11)
    assert shop.remind_due() == 1

    shop.change_status(order, "ready_for_pickup", fields={"collect_by": "2026-12-20"})
    clock.now = datetime(2026, 12, 19, 12, tzinfo=UTC)

    assert shop.remind_due() == 0


def test_a_day_that_is_moved_away_postpones_it(shop, clock):
    order = ready(shop)
    shop.change_status(order, "ready_for_pickup", fields={"collect_by": "2026-12-20"})
    clock.advance(days=11)
    assert shop.remind_due() == 0

    clock.now = datetime(2026, 12, 17, 12, tzinfo=UTC)
    assert shop.remind_due() == 1


@pytest.mark.parametrize("end", [to("picked_up"), to("cancelled")], ids=["picked up", "cancelled"])
def test_who_came_or_gave_up_is_not_reminded(shop, clock, end):
    order = end(shop, ready(shop))
    clock.advance(days=11)

    assert (shop.remind_due(), order.deadline) == (0, None)


def test_an_undone_status_does_not_remind(shop, clock):
    order = ready(shop)
    shop.undo(order)
    clock.advance(days=11)

    assert shop.remind_due() == 0


def test_a_status_that_tells_nobody_reminds_nobody(make_shop, clock):
    shop = posting(make_shop, toml="[statuses.ready_for_pickup]\nnotify = []\n")
    ready(shop)
    clock.advance(days=11)

    assert (shop.remind_due(), reminded(shop)) == (0, [])


def test_no_days_means_never(shop, clock):
    running(shop, reminder_days=0)
    ready(shop)
    clock.advance(days=11)

    assert shop.remind_due() == 0


def test_one_that_a_plugin_trips_over_does_not_keep_the_others(make_shop, clock):
    fault = "from ashop_core import hookimpl\n@hookimpl\ndef ashop_on_change(tx, order, change):\n"
    fault += "    if change.kind == 'reminder' and order.customer.name == 'Fel': raise RuntimeError('nej')\n"
    shop = posting(make_shop, "stock_control", "local:fault", files={"plugins/fault.py": fault})
    orders = [ready(shop) for _ in range(3)]
    shop.amend(orders[1], AmendRequest(customer=some_customer(name="Fel")))
    clock.advance(days=11)

    assert shop.remind_due() == 2


def test_two_workers_remind_once(shop, clock, monkeypatch):
    """Both have seen the order before either has written: only its version keeps the second one from it."""
    order = ready(shop)
    clock.advance(days=11)
    seen = threading.Barrier(2)
    judge = lifecycle._judge

    def wait(*args):
        result = judge(*args)
        seen.wait(timeout=30)
        return result

    monkeypatch.setattr(lifecycle, "_judge", wait)
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(shop.remind_due())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == [0, 1]
    assert [e.kind for e in shop.history(order)].count(Kind.REMINDER) == 1
    assert reminded(shop) == BOTH
    sound(shop)


def test_what_is_past_its_day_can_be_cancelled_as_not_collected(shop, clock):
    order = ready(shop)
    clock.advance(days=20)

    assert late(shop) == [order.number]
    assert shop.cancel(order, "inte hämtad").order.status == "cancelled"
    assert late(shop) == []


def late(shop):
    return [row.number for row in shop.orders(OrderFilter(late=True)).rows]
