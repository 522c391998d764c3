"""Parcels of orders with the plugin `carriers`: previewed, kept in the history, shown, followed; never refused."""

from __future__ import annotations

import json

import pytest

from ashop_core.changes import ParcelRequest
from ashop_core.models import ImportedOrder, NewParcel
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_core.texts import Text, same

RIGHT, WRONG = "00373500489530471236", "00373500489530471234"
S10 = "RB473124829SE"
UPS = "1Z5R89390357567127"
DEFAULT = '[plugins.carriers]\ndefault = "postnord"\n'


@pytest.fixture
def send(make_shop):
    """Ship an order with a parcel; return the shop, the outcome and what is known of the parcel."""

    def ship(number, carrier=None, toml=""):
        shop = make_shop("carriers", toml=toml)
        order = shop.approve(shop.change_status(place_order(shop), "reviewed").order).order
        outcome = shop.change_status(order, "shipped", parcel=NewParcel(number=number, carrier=carrier))
        (parcel,) = shop.parcels(outcome.order)
        return shop, outcome, shop.parcel_info(outcome.order, parcel)

    return ship


def page(number):
    return f"https://portal.postnord.com/tracking/details/{number}"


@pytest.mark.parametrize(
    ("number", "given", "toml", "carrier", "url"),
    [
        (S10, None, "", "PostNord", page(S10)),
        ("rb 473124829 se", None, "", "PostNord", page(S10)),
        (RIGHT, None, "", None, None),
        (RIGHT, "Post Nord", "", "PostNord", page(RIGHT)),
        (RIGHT, None, DEFAULT, "PostNord", page(RIGHT)),
        (RIGHT, "bring", DEFAULT, "Bring", f"https://tracking.bring.se/tracking/{RIGHT}"),
        ("brev-17 b", None, DEFAULT, "PostNord", page("brev-17%20b")),
        (UPS, None, DEFAULT, "UPS", f"https://www.ups.com/track?tracknum={UPS}"),
        ("3318810025", None, DEFAULT, None, None),
        ("RB123456785GB", None, DEFAULT, None, None),
        (UPS, "Postnord", DEFAULT, "PostNord", page(UPS)),
        (WRONG, None, DEFAULT, "PostNord", page(WRONG)),
        (WRONG, None, "", None, None),
        (RIGHT, "Budbee", DEFAULT, "Budbee", None),
        (RIGHT, "Egen bil", DEFAULT, "Egen bil", None),
        (None, "dhl", "", "DHL", None),
        (None, None, DEFAULT, "PostNord", None),
    ],
)
def test_a_carrier_and_a_link_are_given_only_where_they_are_sure(send, number, given, toml, carrier, url):
    _, _, info = send(number, given, toml)

    assert info.carrier == (same(carrier) if carrier else None)
    assert info.url == url


@pytest.mark.parametrize(
    ("number", "given", "toml", "hints"),
    [
        (S10, None, "", []),
        (RIGHT, "postnord", "", []),
        (RIGHT, None, "", ["perhaps PostNord, Bring, DHL, DB Schenker (SSCC, prefix 735 Sweden)"]),
        ("986578788855", None, "", ["probably FedEx (Express, 12 digits)"]),
        ("RB123456785GB", None, "", ["probably national post, United Kingdom (S10)"]),
        (WRONG, "postnord", "", ["the check digit is wrong: read the number once more"]),
        ("986578788856", "fedex", "", ["the check digit is wrong: read the number once more"]),
        ("986578788856", "gls", "", []),
        (UPS, "postnord", "", ["the number looks like one of UPS (1Z and 16 characters)"]),
        (
            "A 1",
            "Egen bil",
            "",
            ["the carrier “Egen bil” is not in [plugins.carriers], so the customer gets no tracking link"],
        ),
    ],
)
def test_staff_get_hints(send, number, given, toml, hints):
    _, _, info = send(number, given, toml)

    assert [hint.en for hint in info.hints] == hints


def test_the_effect_is_kept_with_the_history(send):
    shop, outcome, _ = send(WRONG, "PostNord")

    ((plugin, effect),) = outcome.effects
    assert plugin == "carriers"
    assert (effect.subject, effect.before, effect.after) == (f"parcel:{WRONG}", "", "postnord")
    assert effect.text == Text(
        f"kolli {WRONG}: PostNord; kontrollsiffran stämmer inte: läs numret en gång till",
        f"parcel {WRONG}: PostNord; the check digit is wrong: read the number once more",
    )
    assert shop.history(outcome.order)[-1].effects == outcome.effects


def test_a_number_with_braces_is_only_a_number(send):
    _, outcome, _ = send("{said} {0}", "postnord")

    assert outcome.effects[0][1].text.sv == "kolli {said} {0}: PostNord"


def test_the_preview_shows_it_and_changes_nothing(make_shop):
    shop = make_shop("carriers")
    order = shop.approve(shop.change_status(place_order(shop), "reviewed").order).order
    shop.change_status(order, "shipped")

    preview = shop.preview(order, ParcelRequest(parcel=NewParcel(number=S10)))

    assert [effect.text.en for _, effect in preview.effects] == [f"parcel {S10}: PostNord"]
    assert shop.parcels(order) == []


@pytest.mark.parametrize("number", [None, "hej", "☃"])
def test_of_what_is_unknown_nothing_is_said(send, number):
    _, outcome, info = send(number)

    assert outcome.effects == ()
    assert info.hints == ()


def test_numbers_of_orders_taken_over_from_elsewhere_were_judged_there(make_shop, clock):
    shop = make_shop("carriers")
    imported = ImportedOrder(
        source="gamla", external_id="1", status="shipped", at=clock(), lines=some_lines("A"), customer=some_customer(),
        delivery="post", payment_method="invoice", currency="SEK", language="sv", parcel_number=WRONG,
    )  # fmt: skip

    outcome = shop.import_order(imported)

    assert outcome.effects == ()
    assert shop.parcel_info(outcome.order, shop.parcels(outcome.order)[0]).hints


# ── ashop parcel check ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "sv",
            ["transportören är inte säker", "Kontrollsiffra", "prefix 735 Sverige", "rätt", "50\N{NO-BREAK SPACE}%",
             "Tips  kanske PostNord, Bring", "Spårning  https://portal.postnord.com", "Numrets form är okänd."],
        ),
        (
            "en",
            ["the carrier is not certain", "Check digit", "prefix 735 Sweden", "right", "50\N{NO-BREAK SPACE}%",
             "Hint  perhaps PostNord, Bring", "Tracking  https://portal.postnord.com", "A number of unknown form."],
        ),
    ],
)  # fmt: skip
def test_numbers_are_checked_at_the_terminal(ashop, make_shop, lang, words):
    make_shop("carriers")

    result = ashop("parcel", "check", RIGHT, S10, "hej", lang=lang)

    assert result.exit_code == 0
    for expected in words:
        assert expected in result.stdout, expected


def test_numbers_are_checked_for_machines(ashop, make_shop):
    make_shop("carriers")

    documents = json.loads(
        ashop("parcel", "check", WRONG, "--carrier", "Post Nord", "--json", lang="en").stdout
    )

    (document,) = documents
    assert (document["number"], document["carrier"], document["check"]) == (WRONG, "postnord", False)
    assert document["url"] == page(WRONG)
    assert document["hints"] == ["the check digit is wrong: read the number once more"]
    assert document["candidates"][0] == {
        "carrier": "postnord",
        "name": "PostNord",
        "form": "SSCC, prefix 735 Sweden",
        "confidence": 0.25,
        "check": False,
    }


def test_control_characters_do_not_reach_the_terminal(ashop, make_shop):
    make_shop("carriers")

    assert "\x1b" not in ashop("parcel", "check", "\x1b[31mR").stdout


def test_a_wrong_check_digit_makes_no_carrier_likelier_than_another(send):
    _, _, info = send(WRONG)

    assert [hint.en for hint in info.hints] == [
        "perhaps PostNord, Bring, DHL, DB Schenker (SSCC, prefix 735 Sweden)",
        "the check digit is wrong: read the number once more",
    ]
