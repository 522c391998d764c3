"""What the commands say where the customer hears nothing of a change, or never heard of an earlier one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashop_core.models import Order
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, place_order, write_shop
from tests.conftest import Ashop
from tests.letters import LETTERS, told, write_letter_shop

CHECK = """
[statuses.check]
label = { sv = "Koll", en = "Check" }
stage = "open"
stock = "held"
after = ["received"]
before = ["reviewed"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_letter_shop(tmp_path / "shop")


@pytest.fixture
def order(home: Path, clock: FixedClock) -> Order:
    with Shop.open(home, clock=clock) as shop:
        return told(shop)[0]


def test_notify_that_no_rule_follows_is_said_with_where_to_set_one(ashop: Ashop, order: Order) -> None:
    result = ashop("order", "cancel", order.name, "--reason", "ångrade sig", "--notify")

    assert result.exit_code == 0
    assert result.stderr == (
        "Kunden får inget meddelande: Makulerad skickar inget till kunden. "
        "Sätt notify under [statuses.cancelled] i ashop.toml.\n"
    )


def test_a_rehearsal_says_so_too(ashop: Ashop, order: Order) -> None:
    result = ashop("order", "cancel", order.name, "--reason", "x", "--notify", "--dry-run", lang="en")

    assert "The customer gets no message: Cancelled sends the customer none." in result.stderr


@pytest.mark.parametrize("options", [(), ("--no-notify",)])
def test_nothing_is_said_where_nobody_asked(ashop: Ashop, order: Order, options: tuple[str, ...]) -> None:
    assert ashop("order", "cancel", order.name, "--reason", "x", *options).stderr == ""


def test_json_has_no_such_words_beside_it(ashop: Ashop, order: Order) -> None:
    result = ashop("order", "cancel", order.name, "--reason", "x", "--notify", "--json")

    assert result.stderr == ""
    assert json.loads(result.stdout)


def test_the_same_status_again_tells_nothing_and_how_to_tell(ashop: Ashop, order: Order) -> None:
    result = ashop("order", "status", order.name, "received", "--notify")

    assert "Inget ändras, så inget skickas." in result.stderr
    assert "`ashop message resend`" in result.stderr


def test_a_hidden_status_is_named_as_such(ashop: Ashop, home: Path, order: Order) -> None:
    write_letter_shop(home, toml=CHECK)

    result = ashop("order", "status", order.name, "check", "--notify")

    assert result.stderr == "Kunden får inget meddelande: Koll är en dold status.\n"


@pytest.mark.parametrize(("option", "said"), [(None, True), ("--notify", False), ("--no-notify", False)])
def test_a_moved_booking_is_told_only_if_asked(
    ashop: Ashop, home: Path, clock: FixedClock, option: str | None, said: bool
) -> None:
    write_shop(home, "installation_booking", "local:letters", files={"plugins/letters.py": LETTERS})
    with Shop.open(home, clock=clock) as shop:
        order = shop.change_status(place_order(shop, delivery="installation"), "reviewed").order
    book = ("order", "status", order.name, "delivery_booked", "--time")
    ashop(*book, "2026-12-01 08:00")

    result = ashop(*book, "2026-12-02 08:00", *([option] if option else []))

    assert ("ange --notify om kunden ska få veta" in result.stderr) is said
    assert ("asa@example.se  skickat" in result.stdout) is (option == "--notify")


def test_words_to_the_customer_are_refused_with_the_reason(ashop: Ashop, order: Order) -> None:
    result = ashop("order", "status", order.name, "reviewed", "--message", "Hej", "--notify")

    assert result.exit_code == 1
    assert "Granskad skickar inget till kunden" in result.stderr
    assert "sätt notify under [statuses.reviewed] i ashop.toml" in result.stderr


def test_a_corrected_address_names_what_was_given_up_at_the_old_one(
    ashop: Ashop, home: Path, clock: FixedClock
) -> None:
    with Shop.open(home, clock=clock) as shop:
        order, message = told(shop, "never@example.se")

    first = ashop("order", "edit", order.name, "--email", "asa@example.se")
    again = ashop("message", "resend", str(message.id), "--to", "asa@example.se", "--yes")
    later = ashop("order", "edit", order.name, "--email", "bo@example.se")

    assert first.stderr == (
        f"Meddelande {message.id} kom aldrig fram till never@example.se: "
        f"`ashop message resend {message.id} --to asa@example.se`\n"
    )
    assert again.exit_code == 0
    assert later.stderr == ""


def test_a_rule_for_other_orders_is_looked_up_in_the_preview(ashop: Ashop, home: Path, order: Order) -> None:
    rule = '[[statuses.reviewed.messages]]\nchannels = ["email"]\ndelivery = ["pickup"]\n'
    write_letter_shop(home, toml=rule)

    result = ashop("order", "status", order.name, "reviewed", "--notify")

    assert f"`ashop message preview --order {order.name} --status reviewed`" in result.stderr
