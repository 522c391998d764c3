"""What people see of rules: flows, next statuses, settings, remarks and previews."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ashop_core import Shop
from ashop_core.changes import AmendRequest
from ashop_core.flow_build import STANDARD
from ashop_core.models import (
    Audience,
    MessageRule,
)
from ashop_core.rule_words import sent_rules
from ashop_core.testing import place_order, some_customer, write_shop
from ashop_core.texts import LANGUAGES
from tests.lives import POST, approve, deliver_all
from tests.rule_shops import BROUGHT, ORDERED, STAFF, table


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
