"""What the customer reads in an SMS: both languages, plain letters, and never more parts than the shop pays for."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ashop_core.customer import CustomerLine, CustomerOrder, CustomerParcel, MessageContext
from ashop_core.errors import InvalidInput
from ashop_core.standard import STATUSES
from ashop_core.texts import Text
from ashop_sms.segments import length
from ashop_sms.templates import OURS, Templates
from ashop_sms.variables import variables

CODES = [status.code for status in STATUSES if status.visible] + ["delivery_booked", "quality_check"]
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
    own = {"shop_name", "status", "fields"}
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
    fields = {"booked_time": "2026-11-26T12:00:00.000000Z", "parcel_number": "00373500489530471234"}

    words = templates.render(context(code, language, fields=fields))

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
        ("cancelled", "sv", "Din beställning 100234 har en ny status: Skickad."),
        ("cancelled", "en", "Your order 100234 has a new status: Shipped."),
        ("shipped", "de", "Your order 100234 is on its way."),
    ],
)
def test_each_message_says_what_has_happened(templates, code, language, words):
    assert words in templates.render(context(code, language))


@pytest.mark.parametrize(
    ("booked", "language", "words"),
    [
        ("2026-11-26T12:00:00.000000Z", "sv", "är bokad: torsdag 26 november kl. 13:00."),
        ("2026-11-26T12:00:00.000000Z", "en", "is booked: Thursday 26 November at 13:00."),
        ("2026-07-01T06:30:00.000000Z", "sv", "är bokad: onsdag 1 juli kl. 08:30."),
        ("torsdag förmiddag", "sv", "är bokad: torsdag förmiddag."),
    ],
)
def test_the_booked_time_is_local(templates, booked, language, words):
    assert words in templates.render(context("delivery_booked", language, fields={"booked_time": booked}))


def test_each_parcel_is_named_once(templates):
    parcels = tuple(
        CustomerParcel(number=number, carrier=None, sent_at=AT) for number in ("UA1", None, "UA2")
    )

    words = templates.render(context(parcels=parcels, fields={"parcel_number": "UA2"}))

    assert words.endswith("Kollinummer: UA1, UA2")


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

    with pytest.raises(InvalidInput, match=r"shipped\.sv\.txt.*'balance' is undefined"):
        Templates(tmp_path, 3).render(context())


def test_every_template_has_its_twin_in_the_other_language():
    names = {path.name for path in OURS.iterdir()}

    assert {name.replace(".sv.", ".en.") for name in names} == {name for name in names if ".en." in name}
    assert len(names) == 12


def test_the_readme_lists_every_variable():
    readme = (OURS.parents[1] / "README.md").read_text(encoding="utf-8")

    assert [name for name in variables(context()) if f"| `{name}` |" not in readme] == []
