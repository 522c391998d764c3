"""`ashop booking list`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from ashop_core import Shop
from ashop_core.cli.root import Root
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("installation_booking")


def book(shop: Shop, time: str, name: str) -> str:
    order = place_order(shop, delivery="installation", customer=some_customer(name=name))
    order = shop.change_status(order, "reviewed").order
    return shop.change_status(order, "delivery_booked", fields={"booked_time": time}).order.name


def run(shop: Shop, clock: FixedClock, *args: str) -> Result:
    words = ["--shop", str(shop.settings.folder), "--lang", "sv", "booking", "list", *args]
    return CliRunner().invoke(Root(clock), words, catch_exceptions=False)


def test_lists_what_is_coming_soonest_first_with_address_and_phone(shop: Shop, clock: FixedClock) -> None:
    later, sooner = book(shop, "2026-12-02 08:00", "Bo"), book(shop, "2026-12-01 13:00", "Åsa")

    result = run(shop, clock, "--json")

    rows = json.loads(result.stdout)
    assert [(row["order"], row["customer"]) for row in rows] == [(sooner, "Åsa"), (later, "Bo")]
    assert rows[0]["starts_at"] == "2026-12-01T12:00:00.000000Z"
    assert (rows[0]["phone"], rows[0]["street"], rows[0]["city"]) == (
        "+46701740605",
        "Storgatan 1",
        "Stockholm",
    )


def test_people_read_the_shops_time(shop: Shop, clock: FixedClock) -> None:
    book(shop, "2026-12-01 13:00", "Åsa")

    result = run(shop, clock)

    assert "2026-12-01 13:00" in result.stdout
    assert "Storgatan 1" in result.stdout


def test_a_day_given_is_meant_whole_and_in_local_time(shop: Shop, clock: FixedClock) -> None:
    for time in ("2026-11-30 23:59", "2026-12-01 00:00", "2026-12-01 23:59", "2026-12-02 00:00"):
        book(shop, time, time)

    result = run(shop, clock, "--from", "2026-12-01", "--to", "2026-12-01", "--json")

    assert [row["customer"] for row in json.loads(result.stdout)] == ["2026-12-01 00:00", "2026-12-01 23:59"]


def test_earlier_today_is_still_listed_and_yesterday_is_not(shop: Shop, clock: FixedClock) -> None:
    book(shop, "2026-11-23 14:00", "i dag")
    clock.advance(hours=3)
    assert "i dag" in run(shop, clock).stdout

    clock.advance(days=1)
    assert "Inga installationer" in run(shop, clock).stdout


def test_what_is_given_up_or_done_is_not_listed(shop: Shop, clock: FixedClock) -> None:
    for name, status in (("a", "reviewed"), ("b", "cancelled")):
        shop.change_status(book(shop, "2026-12-01 13:00", name), status, reason="prov")

    assert json.loads(run(shop, clock, "--json").stdout) == []


def test_csv_is_safe_in_a_spreadsheet(shop: Shop, clock: FixedClock) -> None:
    book(shop, "2026-12-01 13:00", "=1+1")

    result = run(shop, clock, "--csv")

    assert "'=1+1" in result.stdout


def test_a_wrong_date_is_one_clear_message(shop: Shop, clock: FixedClock) -> None:
    result = run(shop, clock, "--from", "i morgon")

    assert result.exit_code == 1
    assert "i morgon" in result.stderr
    assert result.stdout == ""
