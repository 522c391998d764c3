"""Rules: what a status sends, to whom, by what and when, as settings say it and as changes then cause it."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_core import Shop
from ashop_core.changes import AmendRequest, ReturnRequest
from ashop_core.durations import duration_words, parse_duration, written_duration
from ashop_core.errors import PluginError, Problem, Refused, SettingsError
from ashop_core.flow_build import STANDARD, build_flows
from ashop_core.models import (
    Audience,
    Entry,
    Kind,
    MessageRule,
    NewParcel,
    Order,
    Stage,
    Status,
    Transition,
)
from ashop_core.rule_words import sent_rules
from ashop_core.settings import load_settings
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines, write_shop
from ashop_core.texts import LANGUAGES
from tests.lives import POST, approve, deliver_all, led, part, posted, posting, running, to

ADDRESSES = {
    "email": lambda text: text.strip().lower() if "@" in text else None,
    "sms": lambda text: text.replace(" ", "") if text.startswith("+") else None,
}


@pytest.fixture
def build(tmp_path):
    """Build the flows of a shop whose `ashop.toml` says this; return them and what is wrong with them."""
    return lambda toml: build_flows(load_settings(write_shop(tmp_path / "shop", toml=toml)), [], ADDRESSES)


def table(status: str, more: str, channels: str = '["email"]') -> str:
    return f"[[statuses.{status}.messages]]\nchannels = {channels}\n{more}\n"


STAFF = 'audience = "staff"\nto = ["Order@Example.se"]\n'


# ── Lengths of time ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "length", "written", "sv", "en"),
    [
        ("45m", timedelta(minutes=45), "45m", "45 minuter", "45 minutes"),
        ("1m", timedelta(minutes=1), "1m", "1 minut", "1 minute"),
        ("12h", timedelta(hours=12), "12h", "12 timmar", "12 hours"),
        ("60m", timedelta(hours=1), "1h", "1 timme", "1 hour"),
        (" 3 D ", timedelta(days=3), "3d", "3 dagar", "3 days"),
        ("1w", timedelta(days=7), "7d", "7 dagar", "7 days"),
        ("2w", timedelta(days=14), "2w", "2 veckor", "2 weeks"),
        ("90m", timedelta(minutes=90), "90m", "90 minuter", "90 minutes"),
        ("0d", timedelta(), "0m", "0 minuter", "0 minutes"),
    ],
)
def test_a_length_of_time_is_read_and_told(text, length, written, sv, en):
    assert parse_duration(text) == length
    assert written_duration(length) == written
    assert (duration_words(length).sv, duration_words(length).en) == (sv, en)


@pytest.mark.parametrize("text", ["", "3", "d", "-3d", "1.5h", "3 days", "٣d", "1234567d", "3d 4h", "3s"])
def test_other_texts_are_no_length_of_time(text):
    assert parse_duration(text) is None


@given(st.integers(0, 999_999))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_what_is_written_reads_as_the_same_length(minutes):
    assert parse_duration(written_duration(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


# ── What a table means ───────────────────────────────────────────────────────────────────────────


def test_a_table_gives_a_rule_for_each_channel(build):
    more = 'template = "extra"\ndelay = "3d"\neven_later = true\ndelivery = ["pickup"]\npayment = ["card", "invoice"]\n'
    flows, problems = build(table("reviewed", more, '["email", "sms", "email"]'))

    assert problems == []
    assert flows.status("reviewed").rules == tuple(
        MessageRule(
            channel=channel,
            template="extra",
            delay=timedelta(days=3),
            even_later=True,
            delivery=frozenset({"pickup"}),
            payment=frozenset({"card", "invoice"}),
        )
        for channel in ("email", "sms")
    )


def test_staff_are_reached_as_the_channel_writes_addresses(build):
    more = 'audience = "staff"\nto = ["Order@Example.se ", "order@example.se", "lager@example.se"]\n'
    flows, problems = build(table("received", more))

    (_, rule) = flows.status("received").rules
    assert problems == []
    assert rule.to == ("order@example.se", "lager@example.se")
    assert flows.status("received").template_of(rule) == "staff"


@pytest.mark.parametrize(
    ("toml", "plain", "spelt"),
    [
        ("", ("email", "sms"), ()),
        (table("shipped", 'delay = "1d"'), ("sms",), ("email",)),
        (table("shipped", "", '["email", "sms"]'), (), ("email", "sms")),
        (table("shipped", STAFF), ("email", "sms"), ("staff email",)),
        (table("shipped", 'delay = "1d"') + table("shipped", ""), ("sms",), ("email", "email")),
        ('[statuses.shipped]\nnotify = ["sms"]\n' + table("shipped", ""), ("sms",), ("email",)),
        ("[statuses.shipped]\nnotify = []\n" + table("shipped", "", '["sms"]'), (), ("sms",)),
        ("[statuses.shipped]\nnotify = []\n" + table("shipped", STAFF), (), ("staff email",)),
    ],
    ids=["as it ships", "instead", "both", "staff", "two of one", "beside", "nothing else", "only staff"],
)
def test_what_is_spelt_out_for_customers_goes_before_the_plain_rule_of_its_channel(build, toml, plain, spelt):
    flows, problems = build(toml)

    status = flows.status("shipped")
    told = [f"staff {r.channel}" if r.audience is Audience.STAFF else r.channel for r in status.messages]
    assert problems == []
    assert (status.notify, tuple(told)) == (plain, spelt)


BROUGHT = (
    POST
    + """
from datetime import timedelta
from ashop_core.flows import FlowParts
from ashop_core.models import Audience, MessageRule, Place, Stage, Status, Transition

@hookimpl
def ashop_register_flows(settings):
    tested = Status(
        code="tested", label=Text("Provad", "Tested"), customer_label=Text("Provad", "Tested"), stage=Stage.OPEN,
        stock=Place.HELD, messages=(
            MessageRule(channel="email", delay=timedelta(hours=1)),
            MessageRule(channel="sms", template="tested_short"),
            MessageRule(channel="email", audience=Audience.STAFF, to=("qa@example.se",)),
            MessageRule(channel="pigeon"),
        ),
    )
    post = frozenset({"post"})
    steps = (
        Transition(source="reviewed", target="tested", flows=post),
        Transition(source="tested", target="shipped", flows=post),
    )
    return FlowParts(statuses=(tested,), transitions=steps)
"""
)


@pytest.mark.parametrize(
    ("toml", "rules"),
    [
        ("", ["email after 1h", "sms", "staff email"]),
        (table("tested", ""), ["sms", "staff email", "email"]),
        ('[statuses.tested]\nnotify = ["email"]\n', ["email", "staff email"]),
        ("[statuses.tested]\nnotify = []\n", ["staff email"]),
    ],
    ids=["as it comes", "one channel anew", "notify says all", "nothing"],
)
def test_a_plugins_rules_are_changed_as_the_shipped_ones_are(make_shop, toml, rules):
    shop = make_shop("local:brought", toml=toml, files={"plugins/brought.py": BROUGHT})

    told = [
        ("staff " if r.audience is Audience.STAFF else "")
        + r.channel
        + (f" after {written_duration(r.delay)}" if r.delay else "")
        for r in shop.flows.status("tested").rules
    ]

    assert told == rules


FAULTS = {
    "unknown channel": (
        table("shipped", "", '["pigeon"]'),
        "statuses.shipped.messages[0].channels",
        "slå på insticksmodulen pigeon",
        "enable the plugin pigeon",
    ),
    "no channel": (
        table("shipped", "", "[]"),
        "messages[0].channels",
        "minst en kanal",
        "at least one channel",
    ),
    "unknown delivery method": (
        table("shipped", 'delivery = ["post", "owl"]'),
        "statuses.shipped.messages[0].delivery",
        "leveranssättet owl finns inte: rätta namnet (det finns: post, pickup)",
        "no delivery method owl: correct the name (there are: post, pickup)",
    ),
    "delivery method that is off": (
        "[delivery.pickup]\nenabled = false\n" + table("received", 'delivery = ["pickup"]'),
        "messages[0].delivery",
        "pickup finns inte",
        "no delivery method pickup",
    ),
    "unknown payment method": (
        table("shipped", 'payment = ["gold"]'),
        "statuses.shipped.messages[0].payment",
        "betalsättet gold finns inte: rätta namnet (det finns: card, invoice)",
        "no payment method gold: correct the name (there are: card, invoice)",
    ),
    "staff at no address": (
        table("shipped", 'audience = "staff"'),
        "statuses.shipped.messages[0].to",
        "saknas: skriv adresserna",
        "is missing: write the addresses",
    ),
    "customer at an address": (
        table("shipped", 'to = ["a@example.se"]'),
        "statuses.shipped.messages[0].to",
        'ta bort raden, eller sätt audience = "staff"',
        'remove the line, or set audience = "staff"',
    ),
    "no address": (
        table("shipped", 'audience = "staff"\nto = ["a@example.se", "ingen"]'),
        "statuses.shipped.messages[0].to",
        "”ingen” är ingen adress som email kan skicka till: rätta eller ta bort den",
        "“ingen” is no address that email can send to: correct or remove it",
    ),
    "address of another channel": (
        table("shipped", STAFF, '["email", "sms"]'),
        "statuses.shipped.messages[0].to",
        "”Order@Example.se” är ingen adress som sms kan skicka till: rätta den, eller ge varje kanal sin egen tabell",
        "“Order@Example.se” is no address that sms can send to: correct it, or give each channel its own table",
    ),
    "said twice": (
        '[statuses.shipped]\nnotify = ["sms", "email"]\n' + table("shipped", ""),
        "statuses.shipped.notify",
        "email står också i statuses.shipped.messages[0], som säger mer: ta bort email här",
        "email also stands in statuses.shipped.messages[0], which says more: remove email here",
    ),
    "too long": (
        table("shipped", "") + table("shipped", 'template = "b"\ndelay = "367d"'),
        "statuses.shipped.messages[1].delay",
        "367d är för länge: skriv högst 366d",
        "367d is too long: write 366d at most",
    ),
    "later without a delay": (
        table("shipped", "even_later = true"),
        "statuses.shipped.messages[0].even_later",
        "ange delay, eller ta bort raden",
        "give a delay, or remove the line",
    ),
    "no name of a template": (
        table("shipped", 'template = "../shop"'),
        "statuses.shipped.messages[0].template",
        "”../shop” är inget mallnamn",
        "“../shop” is not the name of a template",
    ),
    "hidden status": (
        "[statuses.reviewed]\nhidden = true\n" + table("reviewed", ""),
        "statuses.reviewed.messages",
        "ge den customer_label eller ta bort messages",
        "give it a customer_label or remove messages",
    ),
    "customers in the checkout": (
        table("started", ""),
        "statuses.started.messages",
        "kan inte skicka något till kunden: ta bort messages",
        "cannot send the customer anything: remove messages",
    ),
    "staff in the checkout": (
        table("started", STAFF),
        "statuses.started.messages",
        "`ashop order abandoned`",
        "`ashop order abandoned`",
    ),
}


@pytest.mark.parametrize(("toml", "key", "sv", "en"), list(FAULTS.values()), ids=list(FAULTS))
def test_a_fault_is_told_with_file_key_value_and_remedy(build, toml, key, sv, en):
    _, problems = build(toml)

    (problem,) = problems
    for words, remedy in ((problem.text.sv, sv), (problem.text.en, en)):
        assert words.startswith("ashop.toml: ")
        assert key in words
        assert remedy in words


def faults(build) -> list[Problem]:
    """Return what is wrong with settings, whether it is found as they are read or when they are put together."""
    try:
        return build()[1]
    except SettingsError as error:
        return list(error.problems)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('delay = "-3d"', 'expected a length of time, such as "45m", "12h", "3d" or "2w", got \'-3d\''),
        ("delay = 3", "expected a length of time"),
        ("delay = 2026-11-23", "expected a length of time"),
        ('audience = "everyone"', "expected one of customer, staff, got 'everyone'"),
        ('template = ""', "is not the name of a template"),
        ('too = ["a"]', "unknown key; did you mean to?"),
        ('to = "a@example.se"', "expected a list in square brackets"),
        ('even_later = "yes"', "expected true or false"),
        ('delivery = "post"', "expected a list in square brackets"),
    ],
)
def test_a_value_of_another_kind_is_told_with_its_path(build, more, expected):
    (problem,) = faults(lambda: build(table("shipped", more)))

    assert problem.text.en.startswith("ashop.toml: statuses.shipped.messages[0]")
    assert expected in problem.text.en


def test_a_table_without_channels_is_told(tmp_path):
    home = write_shop(tmp_path / "shop", toml='[[statuses.shipped.messages]]\ntemplate = "a"\n')

    with pytest.raises(SettingsError, match=r"messages\[0\].channels: is missing"):
        load_settings(home)


def test_every_fault_of_every_table_is_told_at_once(build):
    toml = "".join(FAULTS[name][0] for name in ("unknown delivery method", "staff at no address", "too long"))

    _, problems = build(toml)

    assert [p.text.en.split(": ")[1] for p in problems] == [
        "statuses.shipped.messages[0].delivery",
        "statuses.shipped.messages[1].to",
        "statuses.shipped.messages[3].delay",
    ]


def test_a_channel_that_fails_on_an_address_is_named(make_shop):
    broken = POST.replace("return text or None", "raise RuntimeError('oj')")

    with pytest.raises(PluginError, match=r"(?s)email.*oj"):
        make_shop("local:post", toml=table("shipped", STAFF), files={"plugins/post.py": broken})


def test_where_goods_are_fetched_is_said_by_the_delivery_method(make_shop):
    toml = '[delivery.pickup]\nplace = { sv = "Storgatan 1, 9–18", en = "Storgatan 1, 9 to 6" }\n'
    shop = make_shop(toml=toml)

    order = place_order(shop, delivery="pickup")

    assert shop.customer_order(order).place.en == "Storgatan 1, 9 to 6"
    assert shop.customer_order(place_order(shop)).place is None


@pytest.mark.parametrize(
    "url",
    [
        "", "https://www.example.se", "https://example.se/butik/", "https://xn--hrlig-gra.se", "https://example.se:8443",
        "http://localhost:8000", "http://127.0.0.1:8000/", "http://[::1]:8000",
    ],
)  # fmt: skip
def test_the_shops_web_address(tmp_path, url):
    home = write_shop(tmp_path / "shop", toml=f'[delivery.post]\n[shopp]\nx = "{url}"\n')
    (home / "ashop.toml").write_text(f'[shop]\ncustomer_url = "{url}"\n')

    assert load_settings(home).shop.customer_url == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.example.se", "write https://www.example.se"),
        ("http://10.0.0.1", "write https://10.0.0.1"),
        ("http://localhost.example.se", "write https://localhost.example.se"),
        ("https://anna:hemlis@example.se", "https://example.se: leave out user, password"),
        ("https://example.se/#top", "leave out user, password and what follows ? or #"),
        ("https://example.se/?a=1", "leave out user, password and what follows ? or #"),
        (
            "https://härlig.se",
            "“https://härlig.se” has characters outside ASCII: write the host name as xn--…",
        ),
        ("www.example.se", "“www.example.se” is not a web address: write for example https://www.example.se"),
        ("ftp://example.se", "is not a web address"),
        ("https://", "is not a web address"),
        ("https://exa mple.se", "is not a web address"),
        ("https://example.se\\\\evil", "is not a web address"),
        ("https://example.se/<b>", "is not a web address"),
        ("https://example.se:port", "is not a web address"),
        ("https://[::1", "is not a web address"),
        ("javascript:alert(1)", "is not a web address"),
    ],
)
def test_a_web_address_that_cannot_be_linked_to_is_told(tmp_path, url, expected):
    home = write_shop(tmp_path / "shop")
    (home / "ashop.toml").write_text(f'[shop]\ncustomer_url = "{url}"\n', encoding="utf-8")

    with pytest.raises(SettingsError) as error:
        load_settings(home)

    (problem,) = error.value.problems
    assert problem.text.en.startswith("ashop.toml: shop.customer_url: ")
    assert expected in problem.text.en
    assert "hemlis" not in problem.text.sv + problem.text.en


# ── What a change causes ─────────────────────────────────────────────────────────────────────────

CREDIT = "[payment.card]\npays_first = false\npaid_before_shipping = false\n"
ORDERED = f"""{CREDIT}
[[statuses.received.messages]]
channels = ["email"]
audience = "staff"
to = ["order@example.se", "lager@example.se"]

[[statuses.shipped.messages]]
channels = ["email"]
template = "review"
delay = "10d"
even_later = true

[[statuses.shipped.messages]]
channels = ["sms"]
delivery = ["post"]
payment = ["invoice"]

[[statuses.ready_for_pickup.messages]]
channels = ["sms"]
template = "still_here"
delay = "5d"

[[statuses.ready_for_pickup.messages]]
channels = ["email"]
"""


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


# ── Reminders ────────────────────────────────────────────────────────────────────────────────────


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


# ── Whatever the rules are ───────────────────────────────────────────────────────────────────────

CODES = ("received", "reviewed", "partly_shipped", "shipped", "delivered", "cancelled", "returned")
METHODS = st.sets(st.sampled_from(["post", "pickup"]), max_size=1).map(frozenset)
rules = st.builds(
    MessageRule,
    channel=st.sampled_from(["email", "sms", "email", "sms", "pigeon"]),
    audience=st.sampled_from(Audience),
    template=st.sampled_from([None, None, "extra"]),
    to=st.sampled_from([("a@example.se",), (), ("a@example.se", "b@example.se", "a@example.se")]),
    delay=st.sampled_from([timedelta(), timedelta(), timedelta(days=2)]),
    even_later=st.booleans(),
    delivery=METHODS,
    payment=st.sets(st.sampled_from(["card", "invoice"]), max_size=1).map(frozenset),
)
rule_sets = st.fixed_dictionaries(
    {
        code: st.tuples(
            st.sampled_from([True, True, False]),
            st.lists(st.sampled_from(["email", "sms"]), max_size=2, unique=True).map(tuple),
            st.lists(rules, min_size=1, max_size=4).map(tuple),
        )
        for code in CODES
    }
)
ways = st.lists(
    st.builds(Transition, source=st.sampled_from(CODES), target=st.sampled_from(CODES)), max_size=8
).map(tuple)
STARTS = [
    ("reviewed", "shipped"), ("reviewed", "partly_shipped"), ("reviewed", "ready_for_pickup", "picked_up"),
    ("reviewed",), (),
]  # fmt: skip
"""How far an order comes before anything is done with it; what is not in its flow is refused."""
notices = st.sampled_from([None, None, True, False])
acts = st.lists(
    st.tuples(
        st.sampled_from(
            ["return", "parcel", "go", "return", "parcel", "go", "note", "undo", "amend", "rules"]
        ),
        st.integers(0, 5),
        notices,
    ),
    min_size=3,
    max_size=10,
)


def with_rules(shop: Shop, chosen: dict[str, tuple[bool, tuple[str, ...], tuple[MessageRule, ...]]]) -> None:
    """Give the shop's statuses these rules, whatever the settings would say of them; False hides the status."""
    statuses = {
        code: replace(
            status,
            customer_label=status.label if chosen[code][0] else None,
            notify=chosen[code][1],
            messages=chosen[code][2],
        )
        if code in chosen
        else status
        for code, status in shop.flows.statuses.items()
    }
    shop.flows = replace(shop.flows, statuses=statuses)


def expected(status: Status, order: Order, entry: Entry) -> Counter[tuple[object, ...]]:
    """Return what a change had to send by the rules of its status: said anew, in words of its own."""
    entered = entry.from_status != entry.to_status
    is_news = entered and entry.kind is not Kind.UNDO and not (entry.kind is Kind.STATUS and entry.edits)
    told = entered or (entry.kind is Kind.PARCEL and bool(entry.moves))
    if entry.notify is not None:
        told = entry.notify
    about = {
        Kind.RETURN: "_return", Kind.LINES: "_correction", Kind.DETAILS: "_correction", Kind.UNDO: "_correction",
    }.get(entry.kind, "")  # fmt: skip
    if entry.kind is Kind.STATUS and entry.edits:
        about = "_correction"
    elif entered and entry.kind is not Kind.UNDO:
        about = ""
    plain = tuple(MessageRule(channel=code) for code in status.notify)
    wanted = Counter[tuple[object, ...]]()
    for rule in plain + status.messages:
        if rule.channel == "pigeon":
            continue
        if rule.delivery and order.delivery not in rule.delivery:
            continue
        if rule.payment and order.payment_method not in rule.payment:
            continue
        if (rule.delay or rule.audience is Audience.STAFF) and (not is_news or entry.notify is False):
            continue
        if rule.audience is Audience.STAFF:
            recipients, template = set(rule.to), rule.template or "staff"
        else:
            if not told or status.customer_label is None or status.stage is Stage.CHECKOUT:
                continue
            known = {"email": order.customer.email, "sms": order.customer.phone}[rule.channel]
            recipients, template = {known} - {""}, (rule.template or status.template or status.code) + about
        only_in = ("*" if rule.even_later else status.code) if rule.delay else ""
        for recipient in recipients:
            wanted[
                entry.seq, rule.channel, rule.audience, template, recipient, entry.at + rule.delay, only_in
            ] += 1
    return wanted


def act(shop: Shop, order: Order, what: str, n: int, notify: bool | None) -> None:
    """Do something to the order, if it can be done."""
    order = shop.order(order)
    if what == "go":
        steps = shop.flows.next_statuses(order)
        if steps:
            target = steps[n % len(steps)].code
            parcel = NewParcel(contents={1: 1}) if target == "partly_shipped" else None
            shop.change_status(order, target, reason="–", notify=notify, parcel=parcel)
    elif what == "parcel":
        contents = {1: 1} if n % 2 else {}
        shop.add_parcel(order, NewParcel(number=f"K {n} {order.version}", contents=contents), notify=notify)
    elif what == "note":
        shop.add_note(order, "ringde")
    elif what == "return":
        shop.change(order, ReturnRequest(restocked={1: 1}, notify=notify))
    elif what == "undo":
        shop.undo(order, notify=bool(notify))
    else:
        customer = replace(order.customer, street=f"Gatan {order.version}")
        shop.amend(order, AmendRequest(customer=customer, notify=bool(notify)))


@pytest.fixture
def random_shop(make_shop: MakeShop) -> Shop:
    return make_shop("local:post", toml=CREDIT, files={"plugins/post.py": POST})


def test_what_is_sent_is_what_the_rules_say_and_nothing_else(random_shop, clock: FixedClock):
    """N1, N8, N9: for random flows, rules and lives, in which the rules and what is hidden change on the way."""
    shop, messages, kinds, quiet = random_shop, Counter[Audience](), Counter[Kind](), 0
    shipped = shop.flows

    @settings(max_examples=120, deadline=None, derandomize=True, database=None)
    @given(
        rule_sets,
        ways,
        st.sampled_from(["post", "pickup"]),
        st.sampled_from(["card", "invoice"]),
        acts,
        st.data(),
    )
    def live(chosen, more_ways, delivery, payment, life, data):
        nonlocal quiet
        shop.flows = replace(shipped, transitions=(*more_ways, *shipped.transitions))
        with_rules(shop, chosen)
        customer = some_customer(phone=data.draw(st.sampled_from(["", "+46701740605"])))
        order = place_order(
            shop,
            some_lines("LAMPA", quantity=3),
            delivery=delivery,
            payment_method=payment,
            customer=customer,
        )
        if payment == "invoice":
            approve(shop, order)
        wanted, seen = _wanted(shop, order, 0)
        for code in data.draw(st.sampled_from(STARTS)):
            with suppress(Refused):
                shop.change_status(
                    order, code, parcel=NewParcel(contents={1: 1}) if "partly" in code else None
                )
            more, seen = _wanted(shop, order, seen)
            wanted += more
        for what, n, notify in life:
            clock.advance(minutes=7)
            if what == "rules":
                with_rules(shop, data.draw(rule_sets))
                continue
            with suppress(Refused):
                act(shop, order, what, n, notify)
            more, seen = _wanted(shop, order, seen)
            wanted += more

        found = shop.messages(order)
        assert _found(shop, order) == wanted
        assert len({m.id for m in found}) == len(found)
        messages.update(m.audience for m in found)
        kinds.update(entry.kind for entry in shop.history(order))
        quiet += sum(e.notify is False and e.from_status != e.to_status for e in shop.history(order))

    live()
    tried = [kinds[kind] for kind in (Kind.STATUS, Kind.PARCEL, Kind.RETURN, Kind.UNDO, Kind.DETAILS)]
    assert min(*messages.values(), quiet, *tried) >= 10


def _wanted(shop: Shop, order: Order, since: int) -> tuple[Counter[tuple[object, ...]], int]:
    """Return what the changes made since had to send by the rules of now, and the last of them."""
    order, wanted = shop.order(order), Counter[tuple[object, ...]]()
    for entry in shop.history(order)[since:]:
        wanted += expected(shop.flows.status(entry.to_status), order, entry)
    return wanted, order.version


def _found(shop: Shop, order: Order) -> Counter[tuple[object, ...]]:
    return Counter(
        (m.seq, m.channel, m.audience, m.template, m.recipient, m.planned_at, m.only_in)
        for m in shop.messages(order)
    )


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(rule_sets, st.sampled_from(CODES), notices)
def test_a_hidden_status_never_tells_a_customer_whatever_its_rules_say(chosen, code, notify):
    """N9, asked of the planning itself: also of rules that no settings would let through."""
    from ashop_core.models import Change
    from ashop_core.planning import plan_messages

    status = next(s for s in STANDARD.statuses if s.code == code)
    _, plain, spelt = chosen[code]
    hidden = replace(status, customer_label=None, notify=plain, messages=spelt)
    at = datetime(2026, 11, 23, tzinfo=UTC)
    change = Change(
        kind=Kind.STATUS, seq=2, from_status="x", to_status=code, at=at, actor="staff", notify=notify
    )

    planned = plan_messages(_some_order(at), change, hidden, _channels(), "sv")

    assert all(message.audience is Audience.STAFF for message in planned)
    if notify is not False:
        staff = [
            r
            for r in spelt
            if r.audience is Audience.STAFF and r.channel != "pigeon" and r.fits("post", "card")
        ]
        assert len(planned) == sum(len(set(rule.to)) for rule in staff)


def _some_order(at: datetime) -> Order:
    return Order(
        id=1, reference="K-1", version=2, status="x", created_at=at, changed_at=at, delivery="post",
        payment_method="card", language="sv", currency="SEK", customer=some_customer(), lines=(),
    )  # fmt: skip


def _channels():
    space: dict[str, Any] = {}
    exec(POST, space)  # noqa: S102 - the plugin of tests/lives.py
    return {channel.code: channel for channel in space["ashop_register_channels"]()}


# ── What people see ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path):
    return write_shop(tmp_path / "shop", "local:post", toml=ORDERED, files={"plugins/post.py": POST})


def test_flow_show_tells_every_rule(ashop, home):
    swedish, english = ashop("flow", "show", "--delivery", "post"), ashop("flow", "show", lang="en")

    (received,) = [line for line in swedish.stdout.splitlines() if line.startswith("received ")]
    assert "brev; personalen: brev till order@example.se, lager@example.se" in received
    (shipped,) = [line for line in english.stdout.splitlines() if line.startswith("shipped ")]
    assert "letter (after 10 days, even if the order has moved on; template review)" in shipped
    assert "letter (delivery: Post; payment: Invoice)" in shipped


def test_a_hidden_status_is_not_said_to_send_customers_what_it_never_sends():
    status = next(s for s in STANDARD.statuses if s.code == "shipped")
    staff = MessageRule(channel="email", audience=Audience.STAFF, to=("a@example.se",))
    hidden = replace(status, customer_label=None, messages=(MessageRule(channel="sms"), staff))

    assert sent_rules(hidden) == (staff,)


def test_flow_show_for_machines_has_every_rule_whole(ashop, home):
    found = json.loads(ashop("flow", "show", "--delivery", "post", "--json").stdout)

    sends = {row["status"]: row["sends"] for row in found}
    assert sends["reviewed"] == []
    assert sends["shipped"] == [
        {
            "audience": "customer", "channel": "email", "template": "review", "to": [], "delay": "10d",
            "even_later": True, "delivery": [], "payment": [],
        },
        {
            "audience": "customer", "channel": "sms", "template": "shipped", "to": [], "delay": None,
            "even_later": False, "delivery": ["post"], "payment": ["invoice"],
        },
    ]  # fmt: skip
    csv = ashop("flow", "show", "--csv", lang="en").stdout
    assert "letter; staff: letter to order@example.se, lager@example.se" in csv


def test_order_next_tells_what_this_order_would_send(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        by_invoice, by_card = place_order(shop), place_order(shop, payment_method="card")

    words = [ashop("order", "next", order.name, lang="en").stdout for order in (by_invoice, by_card)]

    assert ["payment: Invoice" in text for text in words] == [True, False]
    assert all("after 10 days" in text for text in words)


def test_settings_show_has_every_table_line_by_line(ashop, home):
    rows = {row["key"]: row["value"] for row in json.loads(ashop("settings", "show", "--json").stdout)}

    assert rows["statuses.received.messages[0].audience"] == "staff"
    assert rows["statuses.received.messages[0].to"] == ["order@example.se", "lager@example.se"]
    assert rows["statuses.shipped.messages[0].delay"] == "10d"
    assert rows["statuses.shipped.messages[0].even_later"] is True
    assert "statuses.shipped.messages[1].delay" not in rows
    lines = [line.split() for line in ashop("settings", "show").stdout.splitlines()]
    assert ["statuses.shipped.messages[1].delivery", "post"] in lines


def checked(ashop, home, toml: str, plugin: str = POST) -> list[tuple[str, str]]:
    write_shop(home, "local:post", toml=toml, files={"plugins/post.py": plugin})
    found = json.loads(ashop("flow", "check", "--json").stdout)
    assert not any(row["serious"] for row in found)
    for row in found:
        assert set(row["text"]) == set(LANGUAGES)
    return [(row["code"], row["text"]["en"]) for row in found]


SAME = table("received", 'template = "a"') + table("received", 'template = "a"\n{more}')


@pytest.mark.parametrize(
    ("toml", "twice"),
    [
        (SAME.format(more=""), True),
        (SAME.format(more='delay = "3d"'), True),
        (SAME.format(more='delivery = ["pickup"]'), True),
        (SAME.format(more='template_ = "b"').replace('template = "a"\ntemplate_', "template"), False),
        (table("received", 'delivery = ["post"]') + table("received", 'delivery = ["pickup"]'), False),
        (table("received", 'payment = ["card"]') + table("received", 'payment = ["invoice"]'), False),
        (table("received", "") + table("received", "", '["sms"]'), False),
        (table("received", STAFF) + table("received", STAFF), True),
        (table("received", STAFF) + table("received", STAFF.replace("Order", "lager")), False),
        (table("received", 'template = "staff"') + table("received", STAFF), False),
    ],
    ids=[
        "the same", "later too", "all and some", "another template", "other deliveries", "other payments", "channels",
        "staff", "other staff", "customer and staff",
    ],
)  # fmt: skip
def test_flow_check_remarks_on_what_would_be_said_twice(ashop, home, toml, twice):
    found = checked(ashop, home, toml)

    assert [code for code, _ in found] == ["same_twice"] * twice


def test_flow_check_remarks_on_rules_whose_channel_has_no_such_template(ashop, home):
    knowing = POST + (
        "\nPost.has_template = lambda self, template, language: template in ('received', 'shipped', 'staff')\n"
        "Post.template_problems = Post.unused_templates = lambda self, samples: []\n"
    )
    toml = table("received", 'template = "extra"\n' + STAFF) + table(
        "shipped", 'template = "review"\ndelay = "3d"'
    )

    found = checked(ashop, home, toml + "[statuses.ready_for_pickup]\nnotify = []\n", knowing)

    assert found == [
        (
            "no_template",
            "statuses.received: there is no template extra for letter (sv, en), so the general one is used",
        ),
        (
            "no_template",
            "statuses.shipped: there is no template review for letter (sv, en), so the general one is used",
        ),
    ]


def test_flow_check_remarks_on_staff_that_nobody_can_reach(ashop, home):
    unreachable = BROUGHT.replace("return text or None", "return None")

    found = checked(ashop, home, "", unreachable)

    assert found == [
        ("nobody", "statuses.tested: the rule for staff by letter has no address that can be sent to")
    ]


def test_the_preview_names_staff_and_says_when_delayed_messages_leave(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = approve(shop, place_order(shop, delivery="pickup"))
        order = shop.change_status(order, "reviewed").order
    write_shop(
        home, "local:post", toml=ORDERED + table("ready_for_pickup", STAFF), files={"plugins/post.py": POST}
    )

    swedish = ashop("order", "status", order.name, "ready_for_pickup", "--dry-run").stdout
    english = ashop("order", "status", order.name, "ready_for_pickup", "--dry-run", lang="en").stdout
    document = json.loads(
        ashop("order", "status", order.name, "ready_for_pickup", "--dry-run", "--json").stdout
    )

    assert "brev → Order@Example.se  (till personalen)" in swedish
    assert "2 meddelanden går genast" in swedish
    assert "(skickas 2026-11-28 13:00 om ordern är kvar i Klar att hämta i butik)" in swedish
    assert "letter → Order@Example.se  (to staff)" in english
    assert "(leaves 28 Nov 2026 13:00 if the order is still in Ready for pick-up in store)" in english
    planned = [(m["audience"], m["template"], m["delayed_to"], m["only_in"]) for m in document[0]["messages"]]
    assert planned == [
        ("customer", "still_here", "2026-11-28T12:00:00.000000Z", "ready_for_pickup"),
        ("customer", "ready_for_pickup", None, None),
        ("staff", "staff", None, None),
    ]


def test_a_delayed_message_is_not_said_to_be_in_the_queue(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = approve(shop, place_order(shop))
        order = shop.change_status(order, "reviewed").order
        deliver_all(shop)

    told = ashop("order", "status", order.name, "shipped").stdout

    assert "asa@example.se  skickas 2026-12-03 13:00" in told
    assert "kö" not in told


def test_what_was_said_of_messages_stands_in_the_history(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.change_status(order, "reviewed", notify=False)
        shop.add_note(order, "ringde")
        shop.amend(order, AmendRequest(customer=some_customer(street="Nygatan 1"), notify=True))

    for command in ("show", "explain"):
        swedish = ashop("order", command, order.name).stdout
        english = ashop("order", command, order.name, lang="en").stdout
        assert [line.split()[-1] for line in swedish.splitlines() if line.startswith("    Meddela ")] == [
            "nej",
            "ja",
        ]
        assert [line.split()[-1] for line in english.splitlines() if line.startswith("    Notify ")] == [
            "no",
            "yes",
        ]
    changes = [
        e for e in json.loads(ashop("order", "explain", order.name, "--json").stdout)["events"] if "seq" in e
    ]
    assert next(e["notify"] for e in changes if e.get("to") == "reviewed") is False


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
