"""Calendar files: what stands in them, and that a job run late, twice or side by side does no harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from ashop_core import Shop
from ashop_core.files import write_atomically
from ashop_core.models import Delivery, Order
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer
from ashop_installation_booking import calendar_file
from ashop_installation_booking.bookings import Booking, booking_of
from ashop_installation_booking.calendar_file import calendar_path, write_calendar, write_file


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("installation_booking")


def book(shop: Shop, time: str = "2026-12-01 13:00", order: Order | None = None) -> Order:
    if order is None:
        order = place_order(shop, delivery="installation")
        shop.approve(order)
        order = shop.change_status(order, "reviewed").order
    return shop.change_status(order, "delivery_booked", fields={"booked_time": time}).order


def current(shop: Shop, order: Order) -> Booking:
    with shop.database.read() as reader:
        found = booking_of(reader, order.id)
    assert found is not None
    return found


def read(path: Path) -> tuple[str, dict[str, str]]:
    calendar = Calendar.from_ical(path.read_bytes())
    [event] = calendar.events
    return str(calendar["METHOD"]), {name: words(event[name].to_ical()) for name in event}


def words(value: Any) -> str:
    return str(value, "utf-8")


def test_a_booking_becomes_a_file_with_utc_times(shop: Shop) -> None:
    order = book(shop)
    [done] = [d for d in shop.deliver(order) if d.code == "installation_calendar"]

    method, event = read(calendar_path(shop, order))

    assert done.delivery is Delivery.SENT
    assert calendar_path(shop, order) == shop.settings.folder / "calendar" / f"{order.reference}.ics"
    assert (method, event["STATUS"]) == ("PUBLISH", "CONFIRMED")
    assert (event["DTSTART"], event["DTEND"]) == ("20261201T120000Z", "20261201T140000Z")
    assert event["UID"] == f"{order.reference}@ashop"
    assert int(event["SEQUENCE"]) == order.version
    assert "Åsa Öberg" in event["SUMMARY"]
    assert "Storgatan 1" in event["LOCATION"]
    assert "+46701740605" in event["DESCRIPTION"]


def test_a_move_keeps_the_uid_and_raises_the_sequence(shop: Shop) -> None:
    order = book(shop)
    shop.deliver(order)
    _, first = read(calendar_path(shop, order))

    moved = book(shop, "2026-12-02 08:00", order)
    shop.deliver(moved)

    _, second = read(calendar_path(shop, order))
    assert second["UID"] == first["UID"]
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])
    assert second["DTSTART"] == "20261202T070000Z"


@pytest.mark.parametrize("status", ["reviewed", "cancelled"])
def test_a_booking_given_up_is_cancelled_in_calendars(shop: Shop, status: str) -> None:
    order = book(shop)
    shop.deliver(order)

    order = shop.change_status(order, status, reason="ingen hemma").order
    shop.deliver(order)

    method, event = read(calendar_path(shop, order))
    assert (method, event["STATUS"], int(event["SEQUENCE"])) == ("CANCEL", "CANCELLED", order.version)


def test_an_installation_that_is_done_leaves_its_file_alone(shop: Shop) -> None:
    order = book(shop)
    shop.deliver(order)
    before = calendar_path(shop, order).read_bytes()

    order = shop.change_status(order, "installed").order

    assert [d.code for d in shop.deliver(order)] == []
    assert calendar_path(shop, order).read_bytes() == before


def test_running_the_job_twice_gives_the_same_bytes(shop: Shop, clock: FixedClock) -> None:
    order = book(shop)
    shop.deliver(order)
    before = calendar_path(shop, order).read_bytes()
    clock.advance(days=1)

    write_calendar(shop, {"order": order.reference})

    assert calendar_path(shop, order).read_bytes() == before


def test_a_job_that_runs_late_writes_the_time_that_holds_now(shop: Shop) -> None:
    order = book(shop)
    order = book(shop, "2026-12-03 09:00", order)

    write_calendar(shop, {"order": order.reference})

    _, event = read(calendar_path(shop, order))
    assert event["DTSTART"] == "20261203T080000Z"


def test_an_older_booking_never_overwrites_a_newer_one(shop: Shop) -> None:
    order = book(shop)
    old = current(shop, order)
    order = book(shop, "2026-12-03 09:00", order)
    write_file(shop, order, current(shop, order))

    write_file(shop, order, old)

    assert read(calendar_path(shop, order))[1]["DTSTART"] == "20261203T080000Z"


def test_a_worker_overtaken_while_it_writes_writes_the_newer_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = book(shop)
    overtaken = False

    def slow_write(path: Path, data: bytes) -> None:
        nonlocal overtaken
        if not overtaken:
            overtaken = (
                True  # while the first file is being written, the booking moves and another worker is done
            )
            book(shop, "2026-12-03 09:00", order)
            write_calendar(shop, {"order": order.reference})
        write_atomically(path, data)

    monkeypatch.setattr(calendar_file, "write_atomically", slow_write)

    write_calendar(shop, {"order": order.reference})

    assert read(calendar_path(shop, order))[1]["DTSTART"] == "20261203T080000Z"


@pytest.mark.parametrize("spoilt", [b"", b"rubbish", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_a_spoilt_file_is_replaced(shop: Shop, spoilt: bytes) -> None:
    order = book(shop)
    path = calendar_path(shop, order)
    path.parent.mkdir()
    path.write_bytes(spoilt)

    write_calendar(shop, {"order": order.reference})

    assert read(path)[1]["DTSTART"] == "20261201T120000Z"


def test_a_folder_that_cannot_be_written_is_tried_again_later(shop: Shop, clock: FixedClock) -> None:
    order = book(shop)
    in_the_way = calendar_path(shop, order).parent
    in_the_way.write_text("a file where the folder should be")

    [first] = shop.deliver(order)
    in_the_way.unlink()
    clock.advance(hours=1)
    [second] = shop.deliver(order)

    assert (first.delivery, second.delivery) == (Delivery.WAITING, Delivery.SENT)
    assert "calendar" in first.words


def test_what_a_customer_wrote_cannot_break_the_file(shop: Shop) -> None:
    customer = some_customer(name="Evil;BEGIN:VALARM,\\n", street="END:VEVENT;X", city='"A",B')
    order = place_order(shop, delivery="installation", customer=customer)
    shop.approve(order)
    order = book(shop, order=shop.change_status(order, "reviewed").order)
    shop.deliver(order)

    calendar = Calendar.from_ical(calendar_path(shop, order).read_bytes())

    [event] = calendar.events
    assert str(event["SUMMARY"]) == f"Installation {order.name} Evil;BEGIN:VALARM,\\n"
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]


def test_the_shop_says_where_and_how_long(make_shop: MakeShop) -> None:
    shop = make_shop(
        "installation_booking",
        toml='[plugins.installation_booking]\ncalendar = "kalender/montör"\nduration_minutes = 45',
    )
    order = book(shop)
    shop.deliver(order)

    path = shop.settings.folder / "kalender" / "montör" / f"{order.reference}.ics"
    assert read(path)[1]["DTEND"] == "20261201T124500Z"


def test_the_file_does_not_depend_on_when_it_was_written(shop: Shop) -> None:
    order = book(shop)
    booking = current(shop, order)

    assert calendar_file.render(shop, order, booking) == calendar_file.render(shop, order, replace(booking))
