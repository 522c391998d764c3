"""Orders with installation: the time that is demanded, the booking that follows the order, what the pages show."""

from __future__ import annotations

import pytest

from ashop_core import Refused, Shop
from ashop_core.flows import check_flows
from ashop_core.models import Kind, NewParcel, Order, Place
from ashop_core.testing import FixedClock, MakeShop, place_order
from ashop_installation_booking.bookings import Booking, State, booking_of
from ashop_installation_booking.calendar_file import calendar_path
from ashop_installation_booking.describe import STATES

TIME = "2026-12-01 13:00"
LATER = "2026-12-02 08:30"


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("installation_booking")


def reviewed(shop: Shop) -> Order:
    order = place_order(shop, delivery="installation")
    shop.approve(order)
    return shop.change_status(order, "reviewed").order


def booked(shop: Shop, time: str = TIME) -> Order:
    return shop.change_status(reviewed(shop), "delivery_booked", fields={"booked_time": time}).order


def booking(shop: Shop, order: Order) -> Booking | None:
    with shop.database.read() as reader:
        return booking_of(reader, order.id)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_the_flow_is_whole_and_others_cannot_book(shop: Shop) -> None:
    parts = [status.code for status in shop.flows.of_flow("installation")]

    assert check_flows(shop.flows) == []
    assert {"delivery_booked", "installed", "shipped", "returned"} <= set(parts)
    assert "delivery_booked" not in [status.code for status in shop.flows.of_flow("post")]
    order = shop.change_status(place_order(shop), "reviewed").order
    with pytest.raises(Refused) as refusal:
        shop.change_status(order, "delivery_booked", fields={"booked_time": TIME})
    assert codes(refusal) == ["not_in_flow"]


@pytest.mark.parametrize(
    "chain",
    [
        ["delivery_booked", "installed", "returned"],
        ["delivery_booked", "reviewed", "delivery_booked", "cancelled"],
        ["delivery_booked", "shipped", "installed"],
        ["delivery_booked", "shipped", "returned"],
    ],
    ids=" ".join,
)
def test_every_way_of_the_flow_can_be_walked(shop: Shop, chain: list[str]) -> None:
    order = reviewed(shop)

    for status in chain:
        fields = {"booked_time": TIME} if status == "delivery_booked" else {}
        order = shop.change_status(order, status, fields=fields, reason="prov").order

    assert order.status == chain[-1]


def test_the_price_is_nothing_until_the_shop_sets_one(shop: Shop, make_shop: MakeShop) -> None:
    dearer = make_shop("installation_booking", toml="[delivery.installation]\nprice = 99000", folder="dear")

    assert place_order(shop, delivery="installation").shipping_price == 0
    assert place_order(dearer, delivery="installation").shipping_price == 99000


@pytest.mark.parametrize("fields", [{}, {"booked_time": ""}, {"booked_time": "  "}], ids=repr)
def test_the_time_is_demanded(shop: Shop, fields: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        shop.change_status(reviewed(shop), "delivery_booked", fields=fields)

    assert set(codes(refusal)) <= {"missing_field", "bad_field"}


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2026-11-23 12:59", "booked_in_the_past"),
        ("2026-11-23 13:00", "booked_in_the_past"),
        ("2026-11-23 13:01", None),
        ("2027-05-22 14:00", None),
        ("2027-05-22 14:01", "booked_too_far"),
        ("2027-03-28 02:30", "bad_field"),  # the clocks go forward that night
        ("2026-10-25T02:30+01:00", "booked_in_the_past"),
        ("in i väggen", "bad_field"),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused(shop: Shop, time: str, code: str | None) -> None:
    order = reviewed(shop)

    if code is None:
        shop.change_status(order, "delivery_booked", fields={"booked_time": time})
        return
    with pytest.raises(Refused) as refusal:
        shop.change_status(order, "delivery_booked", fields={"booked_time": time})

    assert codes(refusal)[0] == code
    assert booking(shop, order) is None


def test_the_shop_may_ask_for_notice(make_shop: MakeShop) -> None:
    shop = make_shop("installation_booking", toml="[plugins.installation_booking]\nearliest_hours = 24")

    with pytest.raises(Refused) as refusal:
        booked(shop, "2026-11-24 12:59")

    assert codes(refusal) == ["booked_too_soon"]
    assert booked(shop, "2026-11-24 13:00").status == "delivery_booked"


def test_booking_holds_the_time_in_utc_and_says_so_in_words(shop: Shop) -> None:
    outcome = shop.change_status(reviewed(shop), "delivery_booked", fields={"booked_time": TIME})

    found = booking(shop, outcome.order)
    assert found is not None
    assert (found.state, found.starts_at.isoformat()) == (State.BOOKED, "2026-12-01T12:00:00+00:00")
    [(plugin, effect)] = outcome.effects
    assert (plugin, effect.before, effect.after) == ("installation_booking", "", TIME)
    assert effect.text.sv == f"installation bokad {TIME}"
    assert all(line.held == line.quantity for line in outcome.order.lines)


def test_a_new_time_moves_the_booking_without_a_change_of_status(shop: Shop, clock: FixedClock) -> None:
    order = booked(shop)
    clock.advance(hours=1)

    outcome = shop.change_status(order, "delivery_booked", fields={"booked_time": LATER})

    found = booking(shop, order)
    assert found is not None
    assert (found.state, found.seq) == (State.BOOKED, outcome.order.version)
    assert outcome.change is not None
    assert not outcome.change.enters
    assert [e.text.en for _, e in outcome.effects] == [f"installation moved from {TIME} to {LATER}"]
    assert outcome.messages == ()


def test_the_same_time_again_changes_nothing(shop: Shop) -> None:
    order = booked(shop)

    assert shop.change_status(order, "delivery_booked", fields={"booked_time": TIME}).unchanged


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("reviewed", State.CANCELLED, f"the installation of {TIME} is cancelled"),
        ("cancelled", State.CANCELLED, f"the installation of {TIME} is cancelled"),
        ("installed", State.COMPLETED, f"the installation of {TIME} is done"),
        ("shipped", State.BOOKED, None),
    ],
)
def test_leaving_the_status_closes_the_booking_as_the_new_one_means(
    shop: Shop, status: str, state: State, words: str | None
) -> None:
    order = booked(shop)

    outcome = shop.change_status(order, status, reason="ingen hemma")

    found = booking(shop, order)
    assert found is not None
    assert found.state is state
    assert [e.text.en for _, e in outcome.effects] == ([words] if words else [])


def test_goods_sent_ahead_are_installed_at_the_booked_time(shop: Shop) -> None:
    order = shop.change_status(booked(shop), "shipped", parcel=NewParcel(number="123")).order

    outcome = shop.change_status(order, "installed")

    assert outcome.change is not None
    assert outcome.change.moves == ()
    assert [e.text.en for _, e in outcome.effects] == [f"the installation of {TIME} is done"]


def test_a_return_says_nothing_of_an_installation_that_is_done(shop: Shop) -> None:
    order = shop.change_status(booked(shop), "installed").order

    outcome = shop.change_status(order, "returned")

    found = booking(shop, order)
    assert found is not None
    assert (found.state, outcome.effects) == (State.COMPLETED, ())


def test_a_booking_given_up_can_be_made_anew(shop: Shop) -> None:
    order = shop.change_status(booked(shop), "reviewed").order

    outcome = shop.change_status(order, "delivery_booked", fields={"booked_time": LATER})

    assert [e.text.en for _, e in outcome.effects] == [f"installation booked {LATER}"]
    with shop.database.read() as reader:
        assert len(reader.rows("SELECT * FROM installation_bookings")) == 1


def test_a_preview_books_nothing(shop: Shop) -> None:
    from ashop_core import StatusRequest

    order = reviewed(shop)

    outcome = shop.preview(order, StatusRequest(to="delivery_booked", fields={"booked_time": TIME}))

    assert [e.after for _, e in outcome.effects] == [TIME]
    assert booking(shop, order) is None
    assert not calendar_path(shop, order).exists()


def test_other_orders_cost_no_statement(shop: Shop) -> None:
    order = place_order(shop)

    outcome = shop.change_status(order, "reviewed")

    assert outcome.effects == ()
    assert [e for e in shop.history(order) if e.effects] == []
    assert shop.sections(order) == []


def test_the_order_page_shows_the_local_time_and_what_became_of_it(shop: Shop) -> None:
    order = booked(shop)
    [(_, section)] = shop.sections(order)

    assert [value for _, value in section.rows] == ["2026-12-01 13:00–15:00", STATES[State.BOOKED]]
    order = shop.change_status(order, "reviewed").order
    [(_, section)] = shop.sections(order)
    assert section.rows[1][1] == STATES[State.CANCELLED]


def test_the_customer_sees_the_status_and_the_time(shop: Shop) -> None:
    order = booked(shop)

    seen = shop.customer_order(order)

    assert seen is not None
    assert seen.status.sv == "Leverans bokad"
    assert seen.fields["booked_time"].startswith("2026-12-01T12:00")


def test_the_statuses_say_what_is_sent_and_where_the_goods_are(make_shop: MakeShop) -> None:
    flows = make_shop("installation_booking", "email", "sms").flows

    assert flows.status("delivery_booked").notify == ("email", "sms")
    assert flows.status("delivery_booked").stock is Place.HELD
    assert flows.status("installed").stock is Place.GONE
    assert flows.status("installed").must_be_approved


def test_the_history_keeps_each_time(shop: Shop) -> None:
    order = booked(shop)
    shop.change_status(order, "delivery_booked", fields={"booked_time": LATER})

    times = [e.fields["booked_time"] for e in shop.history(order) if e.kind is Kind.STATUS and e.fields]

    assert [time[:16] for time in times] == ["2026-12-01T12:00", "2026-12-02T07:30"]


@pytest.mark.parametrize(
    "toml",
    ['calendar = ""', "duration_minutes = 0", "earliest_hours = -1", "furthest_days = 0", "sooner = 1"],
)
def test_wrong_settings_are_told_when_the_shop_opens(make_shop: MakeShop, toml: str) -> None:
    from ashop_core.errors import SettingsError

    with pytest.raises(SettingsError, match=r"plugins\.installation_booking"):
        make_shop("installation_booking", toml=f"[plugins.installation_booking]\n{toml}")
