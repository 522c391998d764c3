"""What the customer reads in an SMS: both languages, plain letters, and never more parts than the shop pays for."""

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ashop_core.customer import (
    CustomerGoods,
    CustomerLine,
    CustomerOrder,
    CustomerParcel,
    MessageContext,
    Occasion,
)
from ashop_core.errors import InvalidInput
from ashop_core.standard import STATUSES
from ashop_core.texts import Text, same
from ashop_sms.segments import length
from ashop_sms.templates import OURS, Templates

CODES = [status.code for status in STATUSES if status.visible] + [
    "delivery_booked", "quality_check", "ready_for_pickup_reminder", "reminder", "return", "correction",
]  # fmt: skip
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)

ORDER = CustomerOrder(
    number=100234,
    placed_at=AT,
    status=Text("Skickad", "Shipped"),
    delivery=Text("Posten", "Post"),
    currency="SEK",
    name="Åsa Öberg",
    street="Storgatan 1",
    postal_code="114 21",
    city="Stockholm",
    lines=(CustomerLine(name="Luftvärmepump", sku="LVP", quantity=2, unit_price=1249500, total=2499000),),
    shipping_price=4900,
    total=2503900,
)


def context(template: str = "shipped", language: str = "sv", **changed: Any) -> MessageContext:
    own = {f.name for f in fields(MessageContext)} - {"order"}
    order = replace(ORDER, **{name: value for name, value in changed.items() if name not in own})
    rest = {name: value for name, value in changed.items() if name in own}
    return MessageContext(
        **{
            "shop_name": "Villa & Värme",
            "language": language,
            "timezone": "Europe/Stockholm",
            "template": template,
            "status": Text("Skickad", "Shipped"),
            "order": order,
            "recipient": "+46701740605",
            **rest,
        }
    )


@pytest.fixture
def templates(tmp_path):
    return Templates(tmp_path / "templates", 3)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_status_fits_in_one_part_of_plain_letters(templates, code, language):
    given = {"booked_time": "2026-11-26T12:00:00.000000Z", "parcel_number": "00373500489530471234"}

    words = templates.render(context(code, language, fields=given, deadline=date(2026, 12, 7)))

    assert "100234" in words
    assert "Villa & Värme" in words
    assert not re.search(r"\{\{|\{%|None|Undefined|Text\(|\n", words)
    assert (length(words).encoding, length(words).parts) == ("GSM-7", 1)


@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        ("received", "sv", "Villa & Värme: Tack för din beställning 100234! Summa 25 039,00 kr."),
        ("shipped", "sv", "Villa & Värme: Din beställning 100234 är på väg."),
        ("shipped", "en", "Villa & Värme: Your order 100234 is on its way."),
        ("ready_for_pickup", "sv", "är klar att hämta i butiken"),
        ("ready_for_pickup", "en", "is ready to collect in the store"),
        ("delivery_booked", "sv", "Leveransen av din beställning 100234 är bokad."),
        ("partly_shipped", "sv", "En del av din beställning 100234 är på väg, resten kommer senare."),
        ("partly_shipped", "en", "Part of your order 100234 is on its way, the rest will follow."),
        ("cancelled", "sv", "Din beställning 100234 är makulerad."),
        ("cancelled", "en", "Your order 100234 is cancelled."),
        ("returned", "sv", "Allt i din beställning 100234 har kommit tillbaka till oss."),
        ("returned", "en", "Everything in your order 100234 has come back to us."),
        ("delivered", "sv", "Din beställning 100234 ska nu ha kommit fram."),
        ("delivered", "en", "Your order 100234 should be with you now."),
        ("quality_check", "sv", "Din beställning 100234 har en ny status: Skickad."),
        ("quality_check", "en", "Your order 100234 has a new status: Shipped."),
        ("shipped", "de", "Your order 100234 is on its way."),
    ],
)
def test_each_message_says_what_has_happened(templates, code, language, words):
    assert words in templates.render(context(code, language))


@pytest.mark.parametrize(
    ("booked", "language", "words"),
    [
        ("2026-11-26T12:00:00.000000Z", "sv", "är bokad: tors 26 nov. kl. 13:00."),
        ("2026-11-26T12:00:00.000000Z", "en", "is booked: Thu 26 Nov at 13:00."),
        ("2026-07-01T06:30:00.000000Z", "sv", "är bokad: ons 1 juli kl. 08:30."),
        ("torsdag förmiddag", "sv", "är bokad: torsdag förmiddag."),
    ],
)
def test_the_booked_time_is_local(templates, booked, language, words):
    assert words in templates.render(context("delivery_booked", language, fields={"booked_time": booked}))


FIRST = CustomerParcel(number="UA1", carrier=same("PostNord"), sent_at=AT)
REST = CustomerParcel(number="UA2", carrier=None, sent_at=AT, url="https://follow.example/?id=UA2")


def test_only_the_parcel_of_this_change_is_named(templates):
    words = templates.render(context(parcel=FIRST, parcels=(FIRST, REST)))

    assert words.endswith("är på väg. Kollinummer: UA1.")


@pytest.mark.parametrize(("language", "words"), [("sv", "Följ paketet: "), ("en", "Follow the parcel: ")])
@pytest.mark.parametrize("code", ["shipped", "partly_shipped"])
def test_a_tracking_link_goes_before_the_number(templates, code, language, words):
    assert templates.render(context(code, language, parcel=REST)).endswith(f"{words}{REST.url}")


@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        ("ready_for_pickup", "sv", "Hämta senast 7 december."),
        ("ready_for_pickup", "en", "Collect it by 7 December."),
        ("ready_for_pickup_reminder", "sv", "väntar på dig i butiken. Hämta senast 7 december."),
        ("ready_for_pickup_reminder", "en", "waiting for you in the store. Collect it by 7 December."),
        ("quality_check", "sv", "Sista dagen är 7 december."),
        ("quality_check", "en", "The last day is 7 December."),
    ],
)
def test_the_last_day_is_told_in_words(templates, code, language, words):
    assert words in templates.render(context(code, language, deadline=date(2026, 12, 7)))
    assert "december" not in templates.render(context(code, language)).lower()


@pytest.mark.parametrize(
    ("occasion", "words"),
    [
        (Occasion.REMINDER, "Påminnelse om din beställning 100234: Skickad."),
        (
            Occasion.RETURN,
            "Vi har tagit emot din retur, beställning 100234. Vi har betalat tillbaka 100,00 kr.",
        ),
        (Occasion.CORRECTION, "Vi har ändrat i din beställning 100234. Summa 25 039,00 kr."),
    ],
)
def test_what_does_not_enter_a_status_has_words_for_its_occasion(templates, occasion, words):
    rendered = templates.render(context(f"shipped_{occasion.value}", occasion=occasion, refunded=10000))

    assert rendered == f"Villa & Värme: {words}"


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", CODES)
def test_words_of_the_staffs_own_end_every_message(templates, code, language):
    rendered = templates.render(context(code, language, words="Hej!\r\n{{ number }}\n"))

    assert rendered.endswith(" Hej! {{ number }}")
    assert length(rendered).parts == 1


def test_words_that_are_too_many_are_begun_and_cut(templates):
    rendered = templates.render(context(words="Filtren dröjer. " * 60))

    assert rendered.startswith("Din beställning 100234: Skickad. Villa & Värme: Filtren dröjer.")
    assert length(rendered).parts == 3


def test_what_is_in_a_parcel_and_still_to_come_can_be_told(tmp_path):
    (tmp_path / "partly_shipped.sv.txt").write_text(
        "{% for g in in_parcel %}{{ g.quantity }} {{ g.name }}{% endfor %}, sedan {{ to_come[0].name }}",
        "utf-8",
    )
    inside = replace(FIRST, contents=(CustomerGoods(name="Pump", sku="P", quantity=1),))

    words = Templates(tmp_path, 3).render(
        context("partly_shipped", parcel=inside, to_come=(CustomerGoods(name="Filter", sku="F", quantity=1),))
    )

    assert words == "1 Pump, sedan Filter"


def test_a_letter_has_no_parcel_number(templates):
    assert "ollinummer" not in templates.render(context())


@pytest.mark.parametrize(
    "typed", ["{{ 7*191 }}", "{% raw %}", "{# not a comment #}", "%(x)s", "&lt;b&gt;", "<b>"]
)
def test_what_customers_typed_is_never_a_template(tmp_path, typed):
    (tmp_path / "shipped.sv.txt").write_text("Hej {{ name }}!", encoding="utf-8")

    assert Templates(tmp_path, 3).render(context(name=typed)) == f"Hej {typed}!"


def test_a_message_that_becomes_too_long_is_said_shortly(tmp_path):
    (tmp_path / "shipped.sv.txt").write_text("Lång {{ number }} " * 60, encoding="utf-8")

    words = Templates(tmp_path, 3).render(context())

    assert words == "Din beställning 100234: Skickad. Villa & Värme"


def test_a_message_of_just_the_allowed_parts_is_kept(tmp_path):
    (tmp_path / "shipped.sv.txt").write_text("a" * 459, encoding="utf-8")

    assert Templates(tmp_path, 3).render(context()) == "a" * 459


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_no_message_is_ever_longer_than_allowed(tmp_path, parts):
    words = Templates(tmp_path, parts).render(context(shop_name="Кафе " * 200, status=Text("Klar", "Ready")))

    assert words.startswith("Din beställning 100234: Klar.")
    assert length(words).parts == parts


def test_a_template_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "shipped.sv.txt").write_text("Hej\n{{ balance }}", encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"shipped\.sv\.txt:2: there is no value balance"):
        Templates(tmp_path, 3).render(context())


def test_every_template_has_its_twin_in_the_other_language():
    names = {path.name for path in OURS.iterdir()}

    assert {name.replace(".sv.", ".en.") for name in names} == {name for name in names if ".en." in name}
    assert {"reminder.sv.txt", "return.sv.txt", "correction.sv.txt", "status.sv.txt", "short.sv.txt"} < names
