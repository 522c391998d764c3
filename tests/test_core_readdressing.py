"""A customer's address is corrected while messages wait: they go to the new one, and whatever was done stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashop_core.changes import AmendRequest
from ashop_core.models import Delivery, Order
from ashop_core.resend_copy import Resend
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop
from tests.letters import STAFF, force, letters, row_of, sent, told

LATER = (
    "[[statuses.received.messages]]\n"
    'channels = ["email"]\ntemplate = "happy"\ndelay = "7d"\neven_later = true\n'
)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return letters(make_shop)


def correct(shop: Shop, order: Order, email: str):
    order = shop.order(order)
    return shop.change(order, AmendRequest(customer=replace(order.customer, email=email)))


def test_what_was_tried_in_vain_goes_to_the_new_address_at_once(shop: Shop) -> None:
    order, message = told(shop, "later@exmple.se")

    outcome = correct(shop, order, "asa@example.se")
    shop.deliver()

    assert [line.split("|")[0] for line in sent(shop)] == ["asa@example.se"]
    assert row_of(shop, message.id)["lane"] == "email/example.se"
    assert [(plugin, effect.text.sv) for plugin, effect in outcome.effects] == [
        ("ashop", "ett meddelande som väntade går till asa@example.se")
    ]


def test_what_is_delayed_goes_to_the_new_address_at_its_own_time(
    make_shop: MakeShop, clock: FixedClock
) -> None:
    shop = letters(make_shop, toml=LATER)
    order, message = told(shop, "asa@example.se")
    correct(shop, order, "bo@example.se")

    shop.deliver()
    early = sent(shop)
    clock.advance(days=7)
    shop.deliver()

    assert early == []
    assert [line.split("|")[0] for line in sent(shop)] == ["bo@example.se"]
    assert shop.message(message.id).message.message_id == message.message_id


def test_what_a_worker_holds_and_has_not_begun_goes_to_the_new_address_too(shop: Shop) -> None:
    told(shop, "first@example.se", deliver=False)
    order, message = told(shop, "stranger@example.se", deliver=False)
    channel: Any = shop.channels["email"]
    deliver = channel.send

    def send(*given: object) -> object:  # the first of two messages that were claimed together
        channel.send = deliver
        correct(shop, order, "asa@example.se")
        return deliver(*given)

    channel.send = send

    shop.deliver()
    shop.deliver()

    assert [line.partition("|")[0] for line in sent(shop)] == ["first@example.se", "asa@example.se"]
    found = shop.message(message.id).message
    assert (found.recipient, found.delivery, found.attempts) == ("asa@example.se", Delivery.SENT, 1)


def test_an_undone_correction_gives_the_old_address_back(shop: Shop) -> None:
    order, message = told(shop, deliver=False)
    correct(shop, order, "bo@example.se")

    shop.undo(order)

    assert row_of(shop, message.id)["recipient"] == "asa@example.se"


@pytest.mark.parametrize("delivery", ["sent", "dead", "suppressed"])
def test_what_no_longer_waits_stays_as_it_is(shop: Shop, delivery: str) -> None:
    order, message = told(shop, deliver=False)
    force(shop, message.id, delivery=delivery)
    before = row_of(shop, message.id)

    outcome = correct(shop, order, "bo@example.se")

    assert row_of(shop, message.id) == before
    assert outcome.effects == ()


def test_what_is_being_delivered_goes_where_it_was_going(shop: Shop) -> None:
    order, message = told(shop, deliver=False)
    channel: Any = shop.channels["email"]
    deliver = channel.send

    def send(*given: object) -> object:
        assert correct(shop, order, "bo@example.se").effects == ()
        return deliver(*given)

    channel.send = send

    shop.deliver()

    assert [line.partition("|")[0] for line in sent(shop)] == ["asa@example.se"]
    found = shop.message(message.id).message
    assert (found.recipient, found.delivery) == ("asa@example.se", Delivery.SENT)


def test_staff_and_the_copy_that_staff_addressed_keep_their_addresses(make_shop: MakeShop) -> None:
    shop = letters(make_shop, toml=STAFF.replace("lager@butik.example", "asa@example.se"))
    order, original = told(shop)
    copy = shop.resend(original.id, Resend(to="asa@example.se"))
    staff = next(m for m in shop.messages(order) if m.audience.value == "staff")
    for waiting in (copy, staff):
        force(shop, waiting.id, delivery="waiting")

    correct(shop, order, "bo@example.se")

    assert {row_of(shop, m.id)["recipient"] for m in (copy, staff)} == {"asa@example.se"}


@pytest.mark.parametrize("email", ["", "ingen adress"])
def test_an_address_that_cannot_be_used_replaces_none(shop: Shop, email: str) -> None:
    order, message = told(shop, deliver=False)

    correct(shop, order, email)

    assert row_of(shop, message.id)["recipient"] == "asa@example.se"


def test_another_order_is_left_alone(shop: Shop) -> None:
    order, _ = told(shop, deliver=False)
    _, other = told(shop, deliver=False)

    correct(shop, order, "bo@example.se")

    assert row_of(shop, other.id)["recipient"] == "asa@example.se"
