"""What the customer reads: every message in both languages, in text and HTML, and nothing else than it may say."""

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
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
from ashop_core.vat import VatRow
from ashop_email.templates import OURS, Templates

CODES = [status.code for status in STATUSES if status.visible] + ["delivery_booked", "quality_check"]
NBSP = "\N{NO-BREAK SPACE}"

ORDER = CustomerOrder(
    number=100234,
    placed_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC),
    status=Text("Skickad", "Shipped"),
    delivery=Text("Posten", "Post"),
    currency="SEK",
    name="Åsa Öberg",
    street="Storgatan 1",
    postal_code="114 21",
    city="Stockholm",
    lines=(
        CustomerLine(name="Luftvärmepump", sku="LVP", quantity=2, unit_price=1249500, total=2499000),
        CustomerLine(name="Filter", sku="F", quantity=1, unit_price=19900, total=19900),
    ),
    shipping_price=4900,
    total=2523800,
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
            "recipient": "asa@example.se",
            **rest,
        }
    )


class Page(HTMLParser):
    """The words of a page, what it links to, and the elements in it."""

    def __init__(self, html: str | None) -> None:
        super().__init__()
        assert html is not None
        self.words, self.tags, self.links = "", [], []  # type: ignore[var-annotated]
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "background", "srcset")]
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden:
            self.words += data


@pytest.fixture
def templates(tmp_path):
    return Templates(tmp_path / "templates")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_status_has_words_in_both_parts(templates, code, language):
    rendered = templates.render(
        context(code, language, fields={"booked_time": "2026-11-26T12:00:00.000000Z"})
    )

    page = Page(rendered.html)
    for words in (rendered.body, page.words):
        assert "100234" in words
        assert "Åsa Öberg" in words
        assert "Luftvärmepump" in words
        assert "114 21 Stockholm" in words
        assert not re.search(r"\{\{|\{%|None|Undefined|Text\(", words)
    assert "100234" in rendered.subject
    assert "\n" not in rendered.subject


@pytest.mark.parametrize(
    ("code", "language", "subject", "words"),
    [
        ("received", "sv", "Tack för din beställning 100234", "Vi har tagit emot din beställning"),
        ("received", "en", "Thank you for your order 100234", "We have received your order"),
        ("shipped", "sv", "Din beställning 100234 är på väg", "Nu har vi skickat din beställning"),
        ("shipped", "en", "Your order 100234 is on its way", "We have now sent your order"),
        ("ready_for_pickup", "sv", "Din beställning 100234 är klar att hämta", "väntar på dig i butiken"),
        ("ready_for_pickup", "en", "Your order 100234 is ready to collect", "waiting for you in the store"),
        ("delivery_booked", "sv", "Leveransen av din beställning 100234 är bokad", "någon är hemma då"),
        ("delivery_booked", "en", "The delivery of your order 100234 is booked", "somebody is at home"),
        ("partly_shipped", "sv", "En del av din beställning 100234 är på väg", "Resten kommer senare."),
        ("partly_shipped", "en", "Part of your order 100234 is on its way", "The rest will follow."),
        ("cancelled", "sv", "Din beställning 100234 är makulerad", "inget mer kommer att skickas"),
        ("cancelled", "en", "Your order 100234 is cancelled", "nothing more will be sent"),
        ("returned", "sv", "Vi har tagit emot din retur av beställning 100234", "har allt i din beställning"),
        ("returned", "en", "We have received your return of order 100234", "Everything in your order"),
        (
            "ready_for_pickup_reminder",
            "sv",
            "Påminnelse: din beställning 100234 väntar på dig",
            "fortfarande",
        ),
        ("ready_for_pickup_reminder", "en", "A reminder: your order 100234 is waiting for you", "still"),
        ("reviewed", "sv", "Vi tar nu hand om din beställning 100234", "nu gör vi den i ordning"),
        ("reviewed", "en", "We are now seeing to your order 100234", "are now getting it ready"),
        ("picked_up", "sv", "Din beställning 100234 är hämtad", "Tack för att du handlar hos Villa"),
        ("picked_up", "en", "Your order 100234 has been collected", "Thank you for shopping with Villa"),
        ("delivered", "sv", "Din beställning 100234 är levererad", "ha kommit fram"),
        ("delivered", "en", "Your order 100234 has been delivered", "should be with you now"),
        ("installed", "sv", "Installationen är klar, beställning 100234", "Nu är installationen klar."),
        ("installed", "en", "The installation is done, order 100234", "The installation is now done."),
        ("quality_check", "sv", "Din beställning 100234: Skickad", "har en ny status: Skickad"),
        ("quality_check", "en", "Your order 100234: Shipped", "has a new status: Shipped"),
        ("shipped", "de", "Your order 100234 is on its way", "We have now sent your order"),
    ],
)
def test_each_message_says_what_has_happened(templates, code, language, subject, words):
    rendered = templates.render(context(code, language))

    assert rendered.subject == subject
    assert words in rendered.body
    assert words in Page(rendered.html).words


def test_amounts_are_written_as_swedes_write_them(templates):
    rendered = templates.render(context("received"))

    for words in (rendered.body, Page(rendered.html).words):
        assert f"24{NBSP}990,00{NBSP}kr" in words
        assert f"12{NBSP}495,00{NBSP}kr per styck" in words
        assert f"25{NBSP}238,00{NBSP}kr" in words
    assert f"Frakt: 49,00{NBSP}kr" in rendered.body
    assert f"Summa inkl. moms: 25{NBSP}238,00{NBSP}kr" in rendered.body


def test_the_order_is_dated_in_the_shops_zone(templates):
    # Half past eleven at night in UTC is the next day in Stockholm.
    assert "Beställd: 24 november 2026" in templates.render(context("received")).body


@pytest.mark.parametrize(
    ("booked", "language", "words"),
    [
        ("2026-11-26T12:00:00.000000Z", "sv", "Bokad tid: torsdag 26 november 2026 kl. 13:00"),
        ("2026-11-26T12:00:00.000000Z", "en", "Booked time: Thursday 26 November 2026 at 13:00"),
        ("2026-07-01T06:30:00.000000Z", "sv", "Bokad tid: onsdag 1 juli 2026 kl. 08:30"),
        ("torsdag förmiddag", "sv", "Bokad tid: torsdag förmiddag"),
        ("2026-11-26", "sv", "Bokad tid: 2026-11-26"),
    ],
)
def test_the_booked_time_is_local(templates, booked, language, words):
    rendered = templates.render(context("delivery_booked", language, fields={"booked_time": booked}))

    assert f"\n{words}\n" in rendered.body
    assert words.replace(": ", "\n", 1) in Page(rendered.html).words


def test_without_a_booked_time_nothing_is_said_of_one(templates):
    rendered = templates.render(context("delivery_booked"))

    assert "Bokad tid" not in rendered.body + Page(rendered.html).words


def test_each_parcel_is_named_once(templates):
    sent = datetime(2026, 11, 24, tzinfo=UTC)
    parcels = (
        CustomerParcel(number="00373500489530471234", carrier=same("PostNord"), sent_at=sent),
        CustomerParcel(number=None, carrier=None, sent_at=sent),
    )

    rendered = templates.render(
        context("shipped", parcels=parcels, fields={"parcel_number": "00373500489530471234"})
    )

    assert "Med kollinumret kan du följa paketet hos transportören." in rendered.body
    assert rendered.body.count("Kollinummer: 00373500489530471234") == 1
    assert rendered.body.count("00373500489530471234") == 1
    assert Page(rendered.html).words.count("00373500489530471234") == 1


def test_a_parcel_number_of_this_very_change_is_told(templates):
    assert (
        "Kollinummer: UA123" in templates.render(context("shipped", fields={"parcel_number": "UA123"})).body
    )


def test_a_letter_has_no_parcel_number(templates):
    rendered = templates.render(context("shipped"))

    assert "ollinum" not in rendered.body + Page(rendered.html).words


def test_a_customer_without_name_and_address_is_greeted_too(templates):
    rendered = templates.render(context("received", name="", street="", postal_code="", city=""))

    assert "\nHej!\n" in "\n" + rendered.body
    assert "Namn och adress" not in rendered.body + Page(rendered.html).words


# ── Parcels, deadlines, words of staff's own ─────────────────────────────────────────────────


def goods(quantity: int, name: str = "Filter") -> CustomerGoods:
    return CustomerGoods(name=name, sku=name[:1], quantity=quantity)


def parcel(number: str | None, *contents: CustomerGoods, url: str | None = None) -> CustomerParcel:
    return CustomerParcel(
        number=number, carrier=same("PostNord"), sent_at=ORDER.placed_at, contents=contents, url=url
    )


FIRST = parcel("UA1", goods(2, "Luftvärmepump"), url="https://follow.example/?id=UA1&lang=sv")
REST = parcel("UA2", goods(1))


@pytest.mark.parametrize(
    ("language", "inside", "to_come"),
    [("sv", "I det här paketet:", "Återstår att skicka:"), ("en", "In this parcel:", "Still to come:")],
)
def test_a_part_shipment_says_what_is_in_it_and_what_is_still_to_come(templates, language, inside, to_come):
    rendered = templates.render(
        context("partly_shipped", language, parcel=FIRST, parcels=(FIRST,), to_come=(goods(1),))
    )

    assert f"{inside}\n  2 × Luftvärmepump\n\n{to_come}\n  1 × Filter\n" in rendered.body
    words = Page(rendered.html).words
    assert f"{inside[:-1]}\n2 × Luftvärmepump" in words
    assert f"{to_come[:-1]}\n1 × Filter" in words


@pytest.mark.parametrize(
    ("language", "subject", "words", "inside"),
    [
        ("sv", "Resten av din beställning 100234 är på väg", "skickat resten av din", "I det här paketet:"),
        ("en", "The rest of your order 100234 is on its way", "sent the rest of your", "In this parcel:"),
    ],
)
def test_the_parcel_that_completes_the_order_says_so(templates, language, subject, words, inside):
    rendered = templates.render(context("shipped", language, parcel=REST, parcels=(FIRST, REST)))

    assert rendered.subject == subject
    assert words in rendered.body
    assert f"{inside}\n  1 × Filter\n" in rendered.body
    assert "UA1" not in rendered.body.split("-----")[0]


def test_a_parcel_with_the_whole_order_does_not_list_it_twice(templates):
    everything = parcel("UA1", goods(2, "Luftvärmepump"), goods(1))

    rendered = templates.render(context("shipped", parcel=everything, parcels=(everything,)))

    assert "I det här paketet" not in rendered.body
    assert rendered.subject == "Din beställning 100234 är på väg"


def test_a_label_for_goods_that_left_before_is_not_the_rest_of_them(templates):
    everything = parcel("UA1", goods(2, "Luftvärmepump"), goods(1))

    rendered = templates.render(context("shipped", parcel=REST, parcels=(everything, REST)))

    assert rendered.subject == "Din beställning 100234 är på väg"


def test_an_order_whose_rest_was_cancelled_is_said_to_be_sent(templates):
    rendered = templates.render(context("shipped", parcels=(FIRST,)))

    assert "Nu har allt som ska skickas av din beställning lämnat Villa & Värme." in rendered.body


def test_a_parcel_can_be_followed_by_its_link(templates):
    rendered = templates.render(context("shipped", parcel=FIRST, parcels=(FIRST,)))

    page = Page(rendered.html)
    assert page.links == [FIRST.url]
    assert page.words.count("Följ paketet") == 1
    assert f"Följ paketet: {FIRST.url}\n" in rendered.body


@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        ("ready_for_pickup", "sv", "Hämta senast 7 december."),
        ("ready_for_pickup", "en", "Please collect it by 7 December."),
        ("ready_for_pickup_reminder", "sv", "Hämta senast 7 december. Hinner du inte"),
        ("ready_for_pickup_reminder", "en", "Please collect it by 7 December. Is that too soon?"),
        ("quality_check", "sv", "Sista dagen är 7 december."),
        ("quality_check", "en", "The last day is 7 December."),
    ],
)
def test_the_last_day_is_told_in_words(templates, code, language, words):
    rendered = templates.render(context(code, language, deadline=date(2026, 12, 7)))

    assert words in rendered.body
    assert words in Page(rendered.html).words
    assert "december" not in templates.render(context(code, language)).body.lower()


@pytest.mark.parametrize(
    ("occasion", "language", "subject"),
    [
        (Occasion.REMINDER, "sv", "Påminnelse om din beställning 100234"),
        (Occasion.REMINDER, "en", "A reminder about your order 100234"),
        (Occasion.RETURN, "sv", "Vi har tagit emot din retur, beställning 100234"),
        (Occasion.RETURN, "en", "We have received your return, order 100234"),
        (Occasion.CORRECTION, "sv", "Din beställning 100234 är ändrad"),
        (Occasion.CORRECTION, "en", "Your order 100234 has been changed"),
    ],
)
def test_what_does_not_enter_a_status_has_words_for_its_occasion(templates, occasion, language, subject):
    rendered = templates.render(context(f"shipped_{occasion.value}", language, occasion=occasion))

    assert rendered.subject == subject


def test_a_return_says_what_came_back_and_what_was_paid_back(templates):
    lines = (replace(ORDER.lines[0], sent=2, returned=1), replace(ORDER.lines[1], sent=1))

    rendered = templates.render(
        context("shipped_return", occasion=Occasion.RETURN, lines=lines, paid=2523800, refunded=1249500)
    )

    assert "Det här har kommit tillbaka:\n1 × Luftvärmepump\n\n" in rendered.body
    assert f"Vi har betalat tillbaka 12{NBSP}495,00{NBSP}kr." in rendered.body


@pytest.mark.parametrize(
    ("paid", "refunded", "told"), [(0, 0, False), (2523800, 0, True), (2523800, 2523800, False)]
)
def test_a_cancellation_promises_money_back_only_where_there_is_some(templates, paid, refunded, told):
    rendered = templates.render(context("cancelled", paid=paid, refunded=refunded))

    assert ("betalat får du tillbaka" in rendered.body) is told


@pytest.mark.parametrize("code", [*CODES, "shipped_return", "ready_for_pickup_reminder"])
@pytest.mark.parametrize(
    ("language", "heading"), [("sv", "Meddelande från Villa"), ("en", "A message from Villa")]
)
def test_words_of_the_staffs_own_stand_apart_in_every_message(templates, code, language, heading):
    rendered = templates.render(context(code, language, words="Hej Åsa!\r\n\n<b>Filtren</b> dröjer.\n"))

    assert f"\n\n{heading} & Värme:\n  Hej Åsa!\n  <b>Filtren</b> dröjer.\n\n" in rendered.body
    page = Page(rendered.html)
    assert f"{heading} & Värme\nHej Åsa!<b>Filtren</b> dröjer." in page.words
    assert "b" not in page.tags


@pytest.mark.parametrize("language", ["sv", "en"])
def test_without_words_of_the_staffs_own_nothing_is_said_of_any(templates, language):
    rendered = templates.render(context("shipped", language))

    assert "eddelande från" not in rendered.body + Page(rendered.html).words
    assert "message from" not in rendered.body + Page(rendered.html).words


MONEY: dict[str, Any] = {
    "lines": (replace(ORDER.lines[0], discount=50000, total=2449000), ORDER.lines[1]),
    "payment_fee": 2900,
    "discount": 10000,
    "total": 2466700,
    "vat": (
        VatRow(rate=Decimal("25.00"), gross=2000000, net=1600000, vat=400000),
        VatRow(rate=Decimal("12.5"), gross=466700, net=414844, vat=51856),
    ),
    "left_to_pay": 2466700,
    "payment_due": date(2026, 12, 23),
}


def amounts(text: str) -> list[int]:
    """Return every amount of money in a Swedish text, in öre."""
    found = re.findall(rf"(\N{{MINUS SIGN}}?[\d{NBSP}]+,\d\d){NBSP}kr", text)
    return [int(a.replace(NBSP, "").replace(",", "").replace("\N{MINUS SIGN}", "-")) for a in found]


def test_the_table_adds_up_with_fees_and_discounts(templates):
    rendered = templates.render(context("received", **MONEY))

    table, left = Page(rendered.html).words.split("Belopp")[1].split("Kvar att betala")
    rows = [line for line in table.split("\n") if "kr" in line]
    *parts, total = [amounts(row)[-1] for row in rows if "moms " not in row]
    assert sum(parts) == total == 2466700
    assert parts == [2449000, 19900, 4900, 2900, -10000]
    assert amounts(left) == [2466700]
    assert f"(12{NBSP}495,00{NBSP}kr per styck, rabatt 500,00{NBSP}kr)" in rendered.body
    assert f"Avgift för betalsättet: 29,00{NBSP}kr\nRabatt: \N{MINUS SIGN}100,00{NBSP}kr\n" in rendered.body


def test_the_vat_and_the_last_day_to_pay_are_told(templates):
    body = templates.render(context("received", **MONEY)).body
    english = templates.render(context("received", "en", **MONEY)).body

    assert f"varav moms 25{NBSP}%: 4{NBSP}000,00{NBSP}kr" in body
    assert f"varav moms 12,5{NBSP}%: 518,56{NBSP}kr" in body
    assert f"Betala senast: 23 december 2026 (24{NBSP}667,00{NBSP}kr)" in body
    assert f"of which VAT 12.5%: SEK{NBSP}518.56" in english


# ── Nothing that was typed is more than words ────────────────────────────────────────────────


CANARY = '"><img src=x onerror=alert(1)><script>zq7</script>'


def hostile(words: str) -> MessageContext:
    return context(
        "shipped",
        shop_name=words,
        name=words,
        street=words,
        city=words,
        status=Text(words, words),
        delivery=Text(words, words),
        lines=(CustomerLine(name=words, sku=words, quantity=1, unit_price=1, total=1),),
        parcels=(CustomerParcel(number=words, carrier=same(words), sent_at=ORDER.placed_at),),
        fields={"parcel_number": words, "booked_time": words},
        words=words,
        to_come=(CustomerGoods(name=words, sku=words, quantity=1),),
    )


def test_what_customers_typed_is_never_markup(templates):
    page = Page(templates.render(hostile(CANARY)).html)

    assert CANARY in page.words
    assert "img" not in page.tags
    assert "script" not in page.tags


@pytest.mark.parametrize(
    "typed", ["{{ 7*191 }}", "{% raw %}", "{{ ''.__class__.__mro__ }}", "{# not a comment #}", "%(x)s"]
)
def test_what_customers_typed_is_never_a_template(templates, typed):
    rendered = templates.render(hostile(typed))

    assert typed in rendered.body
    assert typed in Page(rendered.html).words
    assert "1337" not in rendered.subject + rendered.body + rendered.html


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028", "\u0085", "\x0b"])
def test_a_typed_line_break_makes_no_new_line(templates, ending):
    rendered = templates.render(hostile(f"Åsa{ending}Ordernummer: 1"))

    assert not re.search(r"^Ordernummer: 1$", rendered.body, re.MULTILINE)
    assert ending not in rendered.subject


def test_the_html_fetches_nothing_and_carries_its_style_in_the_tags(templates):
    rendered = templates.render(context())

    page = Page(rendered.html)
    assert page.links == []
    assert not re.search(r"url\(|@import|https?:", rendered.html)
    assert '<td style="padding' in re.sub(r"<td [^>]*?(style=)", r"<td \1", rendered.html)
    assert "prefers-color-scheme: dark" in rendered.html
    assert "max-width: 600px" in rendered.html


def test_the_shops_own_template_goes_first(tmp_path):
    (tmp_path / "shipped.sv.txt").write_text(
        "Paket {{ number }}\n\nHej {{ name }}, det är <på> väg.\n", encoding="utf-8"
    )

    rendered = Templates(tmp_path).render(context())

    assert rendered.subject == "Paket 100234"
    assert rendered.body.startswith("Hej Åsa Öberg, det är <på> väg.\n")
    assert "Hej Åsa Öberg, det är <på> väg." in Page(rendered.html).words
    assert Templates(tmp_path).render(context(language="en")).subject == "Your order 100234 is on its way"


def test_a_status_of_the_shops_own_can_have_a_template(tmp_path):
    (tmp_path / "quality_check.sv.txt").write_text(
        "Vi provkör {{ number }}\n\n{{ fields.tester }} provkör.", encoding="utf-8"
    )

    rendered = Templates(tmp_path).render(context("quality_check", fields={"tester": "Örjan"}))

    assert rendered.subject == "Vi provkör 100234"
    assert "Örjan provkör." in rendered.body


def test_a_frame_of_the_shops_own_keeps_the_words(tmp_path):
    (tmp_path / "frame.html").write_text("<p>{{ shop_name }}: {{ paragraphs[0][0] }}</p>", encoding="utf-8")

    rendered = Templates(tmp_path).render(context())

    assert "<p>Villa &amp; Värme: Hej Åsa Öberg!</p>" in (rendered.html or "")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Hej\n\n{{ balance }}", "there is no value balance"),
        ("Hej\n\n{% if %}", "shipped.sv.txt:3"),
        ("Hej\n\n{{ ''.__class__.__mro__ }}", "unsafe"),
        ("Hej\n\n{{ lines.append(1) }}", "unsafe"),
    ],
)
def test_a_template_that_cannot_be_used_is_named(tmp_path, template, words):
    (tmp_path / "shipped.sv.txt").write_text(template, encoding="utf-8")

    with pytest.raises(InvalidInput, match=words) as error:
        Templates(tmp_path).render(context())

    assert "shipped.sv.txt" in str(error.value)


@pytest.mark.parametrize("code", ["../secret", "/etc/passwd", "..\\secret"])
def test_a_template_code_cannot_leave_the_folder(tmp_path, code):
    (tmp_path / "secret.sv.txt").write_text("zq7secret", encoding="utf-8")
    (tmp_path / "inside").mkdir()

    rendered = Templates(tmp_path / "inside").render(context(code))

    assert "zq7secret" not in rendered.subject + rendered.body


def test_every_template_has_its_twin_in_the_other_language():
    names = {path.name for path in OURS.glob("*.*.txt")}

    assert {name.replace(".sv.", ".en.") for name in names} == {n for n in names if ".en." in n}
    assert {"reminder.sv.txt", "return.sv.txt", "correction.sv.txt", "status.sv.txt"} < names


def test_the_readme_lists_every_template():
    readme = (Path(OURS).parents[1] / "README.md").read_text(encoding="utf-8")
    names = {file.name.replace(".sv.", ".").replace(".en.", ".") for file in OURS.iterdir()}
    codes = {
        name if name.startswith(("frame", "order", "look")) else name.removesuffix(".txt") for name in names
    }

    assert sorted(code for code in codes if f"`{code}`" not in readme) == []
