"""The words that ship: every template in both languages, over orders of every kind, with nothing left over in them."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ashop_core.customer import MessageContext, Occasion
from ashop_core.models import Rendered
from ashop_core.sample_messages import sample_messages
from ashop_core.shop import Shop
from ashop_core.testing import write_shop
from ashop_core.texts import LANGUAGES
from ashop_sms.segments import length

SETTINGS = """
[delivery.pickup]
place = { sv = "Storgatan 12, Falun\\nMån–fre 10–18", en = "Storgatan 12, Falun\\nMon–Fri 10–18" }
"""
ROOT = Path(__file__).parents[1] / "plugins"
FRAMES = ("frame", "order", "page", "look")


def templates(plugin: str) -> list[str]:
    """Return the names of the templates that ship, without language."""
    files = (ROOT / plugin / f"ashop_{plugin}" / "templates").iterdir()
    return sorted({f.name.split(".")[0] for f in files if not f.name.startswith(FRAMES)})


SHIPPED = [(plugin, code) for plugin in ("email", "sms") for code in templates(plugin)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = write_shop(
        tmp_path_factory.mktemp("words"), "email", "sms", "installation_booking", toml=SETTINGS
    )
    with Shop.open(folder) as shop:
        yield shop


@pytest.fixture(scope="module")
def samples(shop):
    """Every made-up message there is, by channel; those of hard words apart."""
    settings = replace(shop.settings.shop, customer_url="https://villavarme.example")
    found = {code: list(sample_messages(shop.flows, settings, code)) for code in shop.channels}
    return {code: [m for m in each if "raw" not in m.order.name] for code, each in found.items()}


@pytest.fixture(scope="module")
def render(shop):
    """Return the words of a message; several tests read the same ones."""
    made: dict[tuple[str, int], tuple[MessageContext, Rendered]] = {}

    def rendered(plugin: str, message: MessageContext) -> Rendered:
        key = (plugin, id(message))
        if key not in made:
            made[key] = message, shop.channels[plugin].render(message)
        return made[key][1]

    return rendered


def about(code: str, samples: list[MessageContext]) -> list[MessageContext]:
    """Return the messages that a template is for; `short` serves any of them."""
    if code == "short":
        return samples
    if code == "status":
        return [
            replace(m, template="quality_check")
            for m in samples
            if m.occasion is Occasion.STATUS and not m.staff
        ]
    if code in [o.value for o in Occasion]:
        return [m for m in samples if m.occasion == code]
    return [m for m in samples if m.template == code]


class Page(HTMLParser):
    """The words of a page, each element's apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.parts.append(data)


def leftovers(text: str) -> list[str]:
    """Return what no reader should see: signs of a template, of Python, or of something that was empty."""
    return re.findall(
        r"\{\{|\{%|\bNone\b|Undefined|Text\(|\[\]|\(\)|\S  +\S|\S +\n| [.,:!?](?:\s|$)|,,|(?<!\.)\.\.(?!\.)",
        text,
    )


def texts_of(rendered: Rendered) -> list[str]:
    page = Page(rendered.html).parts if rendered.html else []
    return [rendered.subject, rendered.body, *page]


@pytest.mark.parametrize(("plugin", "code"), SHIPPED)
def test_every_template_there_is_has_both_languages(plugin, code):
    folder = ROOT / plugin / f"ashop_{plugin}" / "templates"

    assert [lang for lang in LANGUAGES if not (folder / f"{code}.{lang}.txt").is_file()] == []


@pytest.mark.parametrize(("plugin", "code"), SHIPPED)
def test_the_readme_tells_of_every_template(plugin, code):
    assert f"`{code}`" in (ROOT / plugin / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("plugin", ["email", "sms"])
def test_every_status_that_ships_has_words_of_its_own(shop, plugin):
    codes = [status.code for status in shop.flows.statuses.values() if status.visible]

    assert set(codes) <= set(templates(plugin))
    assert {"staff", "status", "reminder", "return", "correction"} <= set(templates(plugin))


@pytest.mark.parametrize(("plugin", "code"), SHIPPED)
def test_nothing_is_left_over_in_the_words(samples, render, plugin, code):
    messages = about(code, samples[plugin])

    assert messages
    for message in messages:
        rendered = render(plugin, message)
        for text in texts_of(rendered):
            assert leftovers(text) == [], text
            assert "\n\n\n" not in text
        assert not re.search(r"[:,;-]\s*$", f"{rendered.subject}\n{rendered.body}")


@pytest.mark.parametrize("code", templates("email"))
def test_both_parts_of_a_mail_say_the_same(samples, render, code):
    for message in about(code, samples["email"]):
        rendered = render("email", message)
        page = set(re.findall(r"\w+", " ".join(Page(rendered.html).parts)))
        links = re.findall(r"https?://\S+", rendered.body)
        words = set(re.findall(r"\w+", re.sub(r"https?://\S+", "", rendered.body)))
        assert words - page == set()
        assert [link for link in links if f'href="{link}"' not in (rendered.html or "")] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", templates("sms"))
def test_an_sms_is_plain_and_short(samples, render, code, language):
    for message in about(code, samples["sms"]):
        if message.language != language:
            continue
        words = render("sms", replace(message, words="")).body
        counted = length(words)
        assert counted.encoding == "GSM-7", words
        assert counted.parts <= 2, words


@pytest.mark.parametrize(
    "code", ["received", "reviewed", "picked_up", "delivered", "cancelled", "installed", "delivery_booked"]
)
def test_what_needs_no_link_is_one_part(samples, render, code):
    for message in about(code, samples["sms"]):
        assert length(render("sms", replace(message, words="")).body).parts == 1


def test_words_to_staff_tell_who_what_how_much_and_how(samples, render):
    message = next(
        m for m in samples["email"] if m.staff and m.staff.is_new and m.language == "sv" and m.staff.note
    )

    rendered = render("email", message)

    assert rendered.subject.startswith("Ny order 100001: Åsa Öberg, ")
    for part in ("Åsa Öberg", "+46 70 123 45 67", "asa@example.se", "Luftvärmepump", "Ringde och frågade", "K-7F3QX2",
                 "betald men slut", message.order.delivery.sv, message.order.payment_method.sv):  # fmt: skip
        assert part in rendered.body, part
        assert part in " ".join(Page(rendered.html).parts), part


def test_words_to_customers_hold_nothing_that_is_for_staff(samples, render):
    for plugin in ("email", "sms"):
        for message in samples[plugin]:
            if message.staff is not None:
                continue
            text = " ".join(texts_of(render(plugin, message)))
            assert "K-7F3QX2" not in text
            assert "betald men slut" not in text


def test_a_link_to_the_shop_is_there_only_where_it_has_an_address(samples, render):
    for message in samples["email"]:
        rendered = render("email", message)
        linked = bool(message.customer_url) and message.staff is None
        assert ("https://villavarme.example" in rendered.body) is linked
        assert ('href="https://villavarme.example"' in (rendered.html or "")) is linked
        assert 'href=""' not in (rendered.html or "")


def test_the_place_to_collect_at_is_told_when_it_is_ready(samples, render):
    for plugin in ("email", "sms"):
        ready = [m for m in about("ready_for_pickup", samples[plugin]) if m.order.place]
        assert ready
        for message in ready:
            words = render(plugin, message).body
            assert "Storgatan 12, Falun" in words
            assert "i butiken" not in words


def test_a_parcel_has_a_button_to_follow_it_and_its_number_once(samples, render):
    message = next(
        m for m in about("shipped", samples["email"]) if m.parcel and m.parcel.url and m.language == "en"
    )

    html = render("email", message).html or ""

    assert message.parcel is not None
    assert html.count(f'href="{message.parcel.url}"') == 1
    assert " ".join(Page(html).parts).count("00373500489530471234") == 1
