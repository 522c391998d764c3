"""Rules at work: what a change sends, to whom, by what and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ashop_core import Shop
from ashop_core.changes import AmendRequest, ReturnRequest
from ashop_core.errors import Refused
from ashop_core.models import (
    NewParcel,
    Order,
)
from ashop_core.testing import MakeShop, place_order, some_customer, some_lines
from tests.lives import approve, deliver_all, led, part, posted, posting, running, to
from tests.rule_shops import ORDERED, STAFF, table


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(make_shop, toml=ORDERED)


def rows(shop: Shop, order: Order, since: int = 0) -> list[str]:
    """Return what was put in the outbox: audience, channel, template, recipient."""
    return sorted(
        f"{m.audience} {m.channel} {m.template} {m.recipient}" for m in shop.messages(order) if m.seq > since
    )


CONFIRMED = [
    "customer email received asa@example.se",
    "staff email staff lager@example.se",
    "staff email staff order@example.se",
]


def test_staff_hear_of_a_new_order_beside_the_customer(shop):
    assert rows(shop, place_order(shop)) == CONFIRMED


def test_staff_read_the_shops_language_and_customers_their_own(shop):
    order = place_order(shop, some_lines("LAMPA"), language="en")

    assert {(m.audience.value, m.language) for m in shop.messages(order)} == {
        ("customer", "en"),
        ("staff", "sv"),
    }


def test_staff_hear_of_a_customer_who_has_no_address(shop):
    order = place_order(shop, customer=some_customer(email="", phone="0701740605"))

    assert rows(shop, order) == CONFIRMED[1:]


def test_a_delayed_message_leaves_so_much_later(shop, clock):
    order = led(shop, to("reviewed"), approve, to("shipped"))

    due = {(m.channel, m.template): (m.planned_at - clock(), m.only_in) for m in shop.messages(order)}

    assert due["email", "review"] == (timedelta(days=10), "*")
    assert due["sms", "shipped"] == (timedelta(), "")


def test_the_shops_own_delay_is_the_least(make_shop, clock):
    shop = running(posting(make_shop, toml=ORDERED), message_delay_seconds=600)
    order = led(shop, to("reviewed"), approve, to("shipped"))

    due = {(m.channel, m.template): m.planned_at - clock() for m in shop.messages(order)}

    assert due["email", "review"] == timedelta(days=10)
    assert due["sms", "shipped"] == timedelta(seconds=600)


@pytest.mark.parametrize(
    ("delivery", "payment", "sends"), [("post", "invoice", 1), ("post", "card", 0), ("bike", "invoice", 0)]
)
def test_conditions_are_those_of_the_order(make_shop, delivery, payment, sends):
    toml = ORDERED + '[delivery.bike]\nlabel = "Cykelbud"\n'
    shop = posting(make_shop, toml=toml)
    order = place_order(shop, some_lines("LAMPA"), delivery=delivery, payment_method=payment)
    order = to("reviewed")(shop, order)
    order = approve(shop, order) if payment == "invoice" else order

    order = to("shipped")(shop, order)

    assert [m.channel for m in shop.messages(order) if m.template == "shipped"] == ["sms"] * sends


@pytest.mark.parametrize(
    ("notify", "sent"), [(None, 3), (True, 3), (False, 0)], ids=["as the status says", "asked", "forbidden"]
)
def test_per_change_everybody_is_told_or_nobody(shop, notify, sent):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="invoice")
    shop.give_details(order, customer=some_customer())

    order = shop.place(order, notify=notify).order

    assert len(rows(shop, order)) == sent
    assert shop.history(order)[-1].notify is notify


@pytest.mark.parametrize(("notify", "sent"), [(True, CONFIRMED), (False, [])])
def test_an_import_tells_nobody_unless_told_to(shop, notify, sent):
    assert (
        rows(shop, shop.order(_import(shop, notify))) == sent
    )  # staff too hear of it only then: they brought it in themselves


def test_an_order_of_long_ago_tells_nobody_even_if_told_to(shop, clock):
    """N8: its messages were to leave then, and are too old by now."""
    order = _import(shop, notify=True, at=clock() - timedelta(days=30))

    deliver_all(shop)

    assert {(m.delivery.value, m.error) for m in shop.messages(order)} == {("suppressed", "too_old")}
    assert posted(shop) == []


def _import(shop: Shop, notify: bool, at: datetime | None = None) -> Order:
    from ashop_core.models import ImportedOrder

    order = ImportedOrder(
        source="elsewhere", external_id="1", status="received", at=at or shop.clock(), lines=some_lines("LAMPA"),
        customer=some_customer(), delivery="post", payment_method="invoice", currency="SEK", language="sv",
    )  # fmt: skip
    outcome = shop.import_order(order, notify=notify)
    assert outcome is not None
    return outcome.order


def test_what_is_not_the_status_goes_to_the_customer_alone_and_at_once(shop):
    order = led(shop, to("reviewed"), approve, to("shipped"))
    since = shop.order(order).version

    shop.add_parcel(order, NewParcel(number="K 2"), notify=True)
    shop.change(order, ReturnRequest(restocked={1: 1}, notify=True))

    assert rows(shop, order, since) == [
        "customer sms shipped +46701740605",
        "customer sms shipped_return +46701740605",
    ]


def test_a_parcel_that_goods_leave_with_is_told_as_the_status_and_staff_hear_of_the_status_only(make_shop):
    toml = '[statuses.partly_shipped]\nnotify = ["email"]\n' + table("partly_shipped", STAFF)
    order = led(shop := posting(make_shop, toml=toml), to("reviewed"), approve, part(1, "DEL 1"))
    since = shop.order(order).version

    part(1, "DEL 2")(shop, order)

    assert rows(shop, order, since) == ["customer email partly_shipped asa@example.se"]


def test_a_correction_is_told_by_the_plain_rules_only(shop):
    order = place_order(shop, some_lines("LAMPA"))

    shop.amend(order, AmendRequest(customer=replace(order.customer, street="Nygatan 2"), notify=True))

    assert rows(shop, order, order.version) == ["customer email received_correction asa@example.se"]


def test_an_undo_that_is_told_of_is_no_new_order_to_staff(shop):
    order = led(shop, to("reviewed"))

    shop.undo(order, notify=True)

    assert rows(shop, order, order.version) == ["customer email received_correction asa@example.se"]


def test_words_that_only_staff_would_be_sent_are_refused(make_shop):
    shop = posting(make_shop, toml=table("reviewed", STAFF))
    order = place_order(shop, some_lines("LAMPA"))

    with pytest.raises(Refused) as refused:
        shop.change_status(order, "reviewed", words="Hej!")

    assert [p.code for p in refused.value.problems] == ["words_unread"]


def test_an_undo_stops_what_waits_for_its_day(shop, clock):
    order = led(shop, to("reviewed"), approve, to("ready_for_pickup"), delivery="pickup")
    deliver_all(shop)

    shop.undo(order)
    clock.advance(days=6)
    deliver_all(shop)

    assert [(m.template, m.delivery.value) for m in shop.messages(order) if m.channel == "sms"] == [
        ("still_here", "suppressed")
    ]


# ── Reminders ──────────────────────────────────────────────────────────────────────────────────────


def reminded(make_shop, clock, toml: str, delivery: str = "pickup") -> tuple[int, list[str]]:
    shop = posting(make_shop, toml=toml)
    order = led(shop, to("reviewed"), approve, to("ready_for_pickup"), delivery=delivery)
    clock.advance(days=11)
    count = shop.remind_due()
    return count, [r for r in rows(shop, order) if "reminder" in r]


def test_a_reminder_goes_by_what_told_at_once(make_shop, clock):
    assert reminded(make_shop, clock, ORDERED) == (
        1,
        ["customer email ready_for_pickup_reminder asa@example.se"],
    )


def test_a_reminder_of_a_template_of_its_own_has_its_name(make_shop, clock):
    toml = table("ready_for_pickup", 'template = "come"', '["email", "sms"]')

    assert reminded(make_shop, clock, toml)[1] == [
        "customer email come_reminder asa@example.se",
        "customer sms come_reminder +46701740605",
    ]


@pytest.mark.parametrize(
    "more",
    ['delay = "1d"', STAFF, 'payment = ["card"]'],
    ids=["only later", "only staff", "only other orders"],
)
def test_nobody_is_said_to_be_reminded_who_would_hear_nothing(make_shop, clock, more):
    toml = "[statuses.ready_for_pickup]\nnotify = []\n" + table("ready_for_pickup", more)

    assert reminded(make_shop, clock, toml) == (0, [])


def test_the_posts_that_left_are_those_of_the_rules(shop, clock):
    """All the way: what a shop with every sort of rule sends over an order's life, and when."""
    order = led(shop, to("reviewed"), approve)
    deliver_all(shop)
    to("shipped")(shop, order)
    deliver_all(shop)
    clock.advance(days=9)
    deliver_all(shop)
    before = posted(shop)
    clock.advance(days=1)
    to("delivered")(shop, order)
    deliver_all(shop)

    assert before == ["email received", "email staff", "email staff", "sms shipped"]
    assert sorted(posted(shop)) == sorted([*before, "email review"])
