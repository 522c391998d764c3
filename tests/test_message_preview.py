"""What a status would send: the very words, to whom and when, what would not be sent and why; and nothing is changed."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from ashop_core.changes import StatusRequest
from ashop_core.errors import NotFound
from ashop_core.message_preview import PreviewRequest
from ashop_core.models import Audience
from ashop_core.rule_preview import MessagePreview
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, some_lines, write_shop
from ashop_core.texts import LANGUAGES

PLUGINS = ("email", "sms", "installation_booking")
RULES = """
[[statuses.received.messages]]
channels = ["email"]
audience = "staff"
to = ["order@example.se"]

[[statuses.received.messages]]
channels = ["sms"]
delivery = ["pickup"]

[[statuses.delivered.messages]]
channels = ["email"]
delay = "3d"

[statuses.quality_check]
label = { sv = "Kvalitetskontroll", en = "Quality check" }
hidden = true
stage = "open"
stock = "held"
after = ["reviewed"]
before = ["shipped"]
flows = ["post"]
"""


@pytest.fixture
def home(tmp_path):
    return write_shop(tmp_path / "shop", *PLUGINS, toml=RULES)


@pytest.fixture
def shop(home, clock):
    with Shop.open(home, clock=clock) as shop:
        yield shop


def previews(shop: Shop, **wanted: object) -> list[MessagePreview]:
    request = PreviewRequest(**wanted)  # type: ignore[arg-type]
    return [message for one in shop.preview_messages(request) for message in one.messages]


def everything(shop: Shop) -> list[list[dict[str, object]]]:
    """Return what a change leaves behind: orders, history, messages, parcels, bookings."""
    tables = ("orders", "order_lines", "history", "outbox", "outbox_attempts", "parcels", "bookings", "lanes")
    with shop.database.read() as reader:
        known = {row["name"] for row in reader.rows("SELECT name FROM sqlite_master", {})}
        return [[dict(row) for row in reader.rows(f"SELECT * FROM {t}", {})] for t in tables if t in known]


def ready(shop: Shop, **customer: str) -> str:
    """Return the number of an order that may be sent now."""
    order = place_order(shop, customer=some_customer(**customer), payment_method="invoice")
    shop.change_status(order, "reviewed")
    shop.approve(order)
    return str(order.number)


# ── The words ────────────────────────────────────────────────────────────────────────────────


def test_the_preview_is_what_is_sent(shop):
    number = ready(shop)
    fields = {"parcel_number": "UA123456785SE"}
    foreseen = previews(shop, order=number, status="shipped", fields=fields)

    shop.change(number, StatusRequest(to="shipped", fields=fields))
    while shop.deliver():
        pass

    sent = shop.messages(shop.order(number))[-2:]
    assert [(m.channel, m.recipient, m.rendered) for m in sent] == [
        (p.rule.channel, p.recipient, p.rendered) for p in foreseen
    ]
    assert all(p.sent for p in foreseen)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_every_visible_status_can_be_read_without_an_order(shop, channel, language):
    for status in shop.flows.statuses.values():
        found = previews(shop, status=status.code, channel=channel, language=language)
        if status.visible:
            assert all(one.rendered and "100001" in one.rendered.body for one in found)
        else:
            assert [one.rendered for one in found] == [None]
        assert found


def test_the_language_can_be_another_than_the_orders(shop):
    number = ready(shop)

    (mail, _) = previews(shop, order=number, status="shipped", language="en")

    assert mail.rendered is not None
    assert mail.rendered.subject == f"Your order {number} is on its way"


def test_fields_go_into_the_words(shop):
    (sms,) = previews(
        shop,
        status="delivery_booked",
        channel="sms",
        fields={"booked_time": "2026-12-03 09:00"},
        language="en",
    )

    assert sms.rendered is not None
    assert "Thu 3 Dec at 09:00" in sms.rendered.body


def test_a_status_that_sends_nothing_can_still_be_read(shop):
    assert previews(shop, status="reviewed") == []

    (mail,) = previews(shop, status="reviewed", channel="email")

    assert mail.rendered is not None
    assert not mail.sent
    assert "ingen sådan regel" in mail.why.sv


def test_a_rule_for_some_orders_is_shown_with_an_order_that_it_is_for(shop):
    (sms,) = previews(shop, status="received", channel="sms")

    assert sms.sent
    assert sms.only_for.sv == "Hämtas i butik"
    assert sms.rendered is not None
    assert "Tack för din beställning" in sms.rendered.body


def test_messages_to_staff_are_told_apart(shop):
    (mail,) = previews(shop, status="received", staff=True)

    assert mail.rule.audience is Audience.STAFF
    assert mail.recipient == "order@example.se"
    assert mail.rendered is not None
    assert mail.rendered.subject.startswith("Ny order 100001: Åsa Öberg")


def test_without_a_status_all_that_come_next_are_shown(shop):
    number = ready(shop)

    of_order = [one.status.code for one in shop.preview_messages(PreviewRequest(order=number))]
    of_none = [one.status.code for one in shop.preview_messages(PreviewRequest())]

    assert of_order == ["shipped"]
    assert {"received", "shipped", "ready_for_pickup", "delivery_booked", "delivered"} == set(of_none)


# ── When, and why not ────────────────────────────────────────────────────────────────────────


def test_a_delayed_message_says_when_it_leaves(shop, clock):
    (mail,) = previews(shop, status="delivered", channel="email")

    assert mail.wait == timedelta(days=3)
    assert mail.leaves == clock() + timedelta(days=3)


def test_the_shops_own_delay_counts(tmp_path, clock):
    home = write_shop(tmp_path / "shop", "email")
    text = (home / "ashop.toml").read_text(encoding="utf-8")
    (home / "ashop.toml").write_text(
        text.replace("[shop]", "[shop]\nmessage_delay_seconds = 90"), encoding="utf-8"
    )

    with Shop.open(home, clock=clock) as shop:
        (mail,) = previews(shop, status="shipped", channel="email")

    assert mail.wait == timedelta(seconds=90)


def test_a_customer_who_cannot_be_reached_is_told_of(shop):
    number = ready(shop, phone="08-123 45 67")

    mail, sms = previews(shop, order=number, status="shipped")

    assert mail.sent
    assert not sms.sent
    assert sms.rendered is None
    assert sms.why.en == "the customer has no address that can be used"


def test_a_rule_that_is_for_other_orders_is_told_of(shop):
    (sms,) = previews(shop, order=place_order(shop), status="received", channel="sms")

    assert sms.rendered is None
    assert sms.why.en == "the rule is not for this order, only: Pick up in store"
    fetched = place_order(shop, delivery="pickup")
    assert previews(shop, order=fetched, status="received", channel="sms")[0].sent


def test_what_stands_against_entering_it_is_told_and_the_words_all_the_same(shop):
    order = place_order(shop, payment_method="invoice")

    (one,) = shop.preview_messages(PreviewRequest(order=order, status="shipped"))

    assert {problem.code for problem in one.obstacles} >= {"not_approved"}
    assert all(message.rendered for message in one.messages)


def test_what_a_plugin_has_against_it_is_told_too(shop):
    order = place_order(shop, delivery="installation")
    shop.change_status(order, "reviewed")

    (one,) = shop.preview_messages(
        PreviewRequest(order=order, status="delivery_booked", fields={"booked_time": "2020-01-01 09:00"})
    )

    assert [problem.plugin for problem in one.obstacles] == ["installation_booking"]


def test_a_status_that_the_order_has_already_is_shown_as_if_anew(shop):
    order = place_order(shop, payment_method="invoice")

    (one,) = shop.preview_messages(PreviewRequest(order=order, status="received", channel="email"))

    assert [problem.code for problem in one.obstacles] == ["already"]
    assert [message.recipient for message in one.messages] == ["asa@example.se", "order@example.se"]


def test_an_order_that_is_not_placed_tells_nobody(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", customer=some_customer())

    found = previews(shop, order=order, status="shipped")

    assert [message.rendered for message in found] == [None, None]
    assert all("inte lagd" in message.why.sv for message in found)


def test_a_hidden_status_never_has_words_for_the_customer(shop):
    (mail,) = previews(shop, status="quality_check", channel="email")

    assert mail.rendered is None
    assert mail.why.sv == "statusen är dold för kunden"


def test_a_template_that_cannot_be_used_is_named_and_the_others_are_shown(shop, home):
    broken = home / "templates" / "email" / "shipped.sv.txt"
    broken.parent.mkdir(parents=True)
    broken.write_text("Ämne\n\n{{ balance }}\n", encoding="utf-8")

    mail, sms = previews(shop, status="shipped")

    assert mail.rendered is None
    assert "shipped.sv.txt:3" in mail.why.sv
    assert sms.sent


def test_a_channel_that_there_is_not_is_named_with_those_that_there_are(shop):
    with pytest.raises(NotFound, match="“pigeon”; the shop has: email, sms"):
        previews(shop, channel="pigeon")


def test_what_there_is_not_is_told_before_anything_is_worked_out(shop):
    for request in (PreviewRequest(channel="pigeon"), PreviewRequest(status="x"), PreviewRequest(order=7)):
        with pytest.raises(NotFound):
            shop.preview_messages(request)


def test_nothing_is_changed_and_nothing_sent(shop, home):
    number = ready(shop)
    while shop.deliver():
        pass
    before, files = everything(shop), sorted(home.rglob("*.eml"))

    for order in (number, None):
        for status in (*shop.flows.statuses, None):
            for channel in ("", "email", "sms"):
                previews(shop, order=order, status=status, channel=channel)

    assert everything(shop) == before
    assert sorted(home.rglob("*.eml")) == files


# ── The command ──────────────────────────────────────────────────────────────────────────────


def test_the_command_shows_to_whom_from_whom_and_the_words(ashop, home):
    said = ashop("message", "preview", "--status", "skickad").stdout

    assert "en påhittad order → Skickad" in said
    assert "E-post → asa@example.se" in said
    assert "Sms → +46701740605" in said
    assert "Från     Villa & Värme <" in said
    assert "Skickas  direkt" in said
    assert "1 del (GSM-7" in said
    assert "    Din beställning 100001 är på väg\n" in said


def test_the_command_says_what_is_not_sent_and_why(ashop, shop):
    number = ready(shop, phone="")

    said = ashop("message", "preview", "--order", number, "--status", "shipped", lang="en").stdout

    assert "  × SMS\n    Not sent  the customer has no address that can be used\n" in said


def test_a_delay_is_told_in_words(ashop, home):
    said = ashop("message", "preview", "--status", "delivered", lang="en").stdout

    assert "Sent      after 3 days (26 Nov 2026 13:00), if the order still has the status" in said


def test_json_has_all_of_it(ashop, home):
    (mail,) = json.loads(ashop("message", "preview", "--status", "received", "--staff", "--json").stdout)

    assert mail["audience"] == "staff"
    assert mail["to"] == "order@example.se"
    assert mail["sent"] is True
    assert mail["why"] is None
    assert mail["order"] is None
    assert mail["html"].startswith("<!DOCTYPE html>")
    assert mail["leaves"].startswith("2026-11-23T12:00:00")


def test_where_nothing_is_sent_it_says_so(ashop, home):
    assert "Statusen skickar inget" in ashop("message", "preview", "--status", "reviewed").stdout
    none = ashop("message", "preview", "--channel", "sms", "--staff")
    assert none.stdout == "Ingen status härifrån skickar något sådant.\n"


def test_fields_without_a_status_are_a_usage_error(ashop, home):
    assert ashop("message", "preview", "--field", "a=b").exit_code == 2


class Frames(HTMLParser):
    """What stands in the frames of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "iframe":
            self.inside.append(dict(attrs)["srcdoc"])


def test_without_a_browser_the_page_is_named_all_the_same(ashop, home, monkeypatch):
    opened: list[str] = []

    def nothing_opens(path: str) -> int:
        opened.append(path)
        return 3

    monkeypatch.setattr(click, "launch", nothing_opens)

    result = ashop("message", "preview", "--status", "shipped", "--open")

    assert result.stderr == f"Sidan: {opened[0]}\nIngen webbläsare hittades: öppna filen själv.\n"
    Path(opened[0]).unlink()


def test_the_page_holds_the_mails_and_lets_nothing_in_them_run(ashop, home, monkeypatch):
    template = home / "templates" / "email" / "shipped.sv.txt"
    template.parent.mkdir(parents=True)
    template.write_text('Ämne\n\n"><script>alert(1)</script>\n', encoding="utf-8")
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)

    result = ashop("message", "preview", "--status", "shipped", "--open")

    (path,) = map(Path, opened)
    page = path.read_text(encoding="utf-8")
    path.unlink()
    assert str(path) in result.stderr
    assert page.count("<iframe ") == page.count(" sandbox srcdoc=") == 2
    assert "<script" not in page
    (mail,) = json.loads(
        ashop("message", "preview", "--status", "shipped", "--channel", "email", "--json").stdout
    )
    assert Frames(page).inside == [mail["html"], mail["html"]]
    assert "Din beställning 100001 är på väg." in page  # the SMS
