"""What `[[statuses.<code>.messages]]` says, made into rules, and every fault in it told with its remedy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ashop_core.durations import written_duration
from ashop_core.errors import PluginError, Problem, SettingsError
from ashop_core.flow_build import build_flows
from ashop_core.models import (
    Audience,
    MessageRule,
)
from ashop_core.settings import load_settings
from ashop_core.testing import place_order, write_shop
from tests.lives import POST
from tests.rule_shops import BROUGHT, STAFF, table

ADDRESSES = {
    "email": lambda text: text.strip().lower() if "@" in text else None,
    "sms": lambda text: text.replace(" ", "") if text.startswith("+") else None,
}


@pytest.fixture
def build(tmp_path):
    """Build the flows of a shop whose `ashop.toml` says this; return them and what is wrong with them."""
    return lambda toml: build_flows(load_settings(write_shop(tmp_path / "shop", toml=toml)), [], ADDRESSES)


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
