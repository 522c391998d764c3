"""`[plugins.carriers]`: carriers found by any of their names, links that lead to them alone, faults told by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ashop_carriers import Settings
from ashop_carriers.carriers import CARRIERS
from ashop_core.settings import parse_plugin, parse_settings
from ashop_core.texts import Text


def read(table: dict[str, Any]) -> tuple[Settings | None, list[str]]:
    settings, _ = parse_settings(Path(), {"plugins": {"carriers": table}})
    assert settings is not None
    own, problems = parse_plugin(settings, "carriers", Settings)
    return own, [problem.text.en for problem in problems]


def sound(table: dict[str, Any]) -> Settings:
    own, problems = read(table)
    assert problems == []
    assert own is not None
    return own


OWN = {
    "carriers": {
        "bike": {"label": {"sv": "Cykelbud", "en": "Bike"}, "url": "https://bike.example/{number}?a=1"}
    }
}


def test_without_settings_no_carrier_is_taken_for_granted():
    own = sound({})

    assert own.default == ""
    assert own.known == CARRIERS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("postnord", "postnord"),
        ("PostNord", "postnord"),
        ("POST NORD", "postnord"),
        ("posten", "postnord"),
        ("Posten Norge", "bring"),
        ("db-schenker", "schenker"),
        ("DHL Freight", "dhl"),
        ("Åland Post", "aland_post"),
        ("A\N{COMBINING RING ABOVE}land post", "aland_post"),
        ("ÍSLANDSPÓSTUR", "posturinn"),
        ("cykelbud", "bike"),
        ("Bike", "bike"),
        ("egen bil", None),
        ("", None),
        ("–", None),
    ],
)
def test_a_carrier_is_found_by_any_of_its_names(name, code):
    assert sound(OWN).find(name) == code


def test_every_shipped_carrier_is_found_by_its_label_and_names_no_two():
    own = sound({})

    for code, carrier in CARRIERS.items():
        for name in (code, carrier.label.sv, carrier.label.en, *carrier.also):
            assert own.find(name) == code


def test_every_shipped_page_is_a_sound_template():
    own = sound({"carriers": {code: {"url": c.url} for code, c in CARRIERS.items()}})

    assert {code: carrier.url for code, carrier in own.known.items()} == {
        code: c.url for code, c in CARRIERS.items()
    }


def test_a_shop_changes_a_carrier_that_ships_and_keeps_the_rest():
    own = sound({"carriers": {"postnord": {"url": "https://track.example/{number}"}, "bring": {"url": ""}}})

    assert own.known["postnord"].label == Text("PostNord", "PostNord")
    assert own.link("postnord", "A1") == "https://track.example/A1"
    assert own.link("bring", "A1") is None
    assert own.link("dsv", "A1") is None, "no page of theirs is known"


@pytest.mark.parametrize(
    ("number", "quoted"),
    [
        ("A1", "A1"),
        ("a/../b", "a%2F..%2Fb"),
        ("1&evil=1#x", "1%26evil%3D1%23x"),
        ("å ö", "%C3%A5%20%C3%B6"),
        ("{number}", "%7Bnumber%7D"),
        ("<script>", "%3Cscript%3E"),
    ],
)
def test_a_number_cannot_change_where_a_link_leads(number, quoted):
    assert sound(OWN).link("bike", number) == f"https://bike.example/{quoted}?a=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://bike.example/{number}",
        "https://bike.example/",
        "https://{number}.example/",
        "https://me@bike.example/{number}",
        "https:///{number}",
        "https://[/{number}",
        "https://bike.example:99999/{number}",
        'https://bike.example/{number}"x',
        "https://bike.example/<{number}>",
        "https://bike.example/ {number}",
        "https://cykel.exämple/{number}",
        "javascript:alert({number})",
        "{number}",
    ],
)
def test_a_bad_template_is_told_with_its_key(url):
    own, problems = read({"carriers": {"dhl": {"url": url}}})

    assert own is None
    assert len(problems) == 1
    assert problems[0].startswith("ashop.toml: plugins.carriers.carriers.dhl: url: ")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"default": "postnrod"}, "default: “postnrod” is no known carrier; there are airmee"),
        ({"carriers": {"bike": {"url": "https://b.example/{number}"}}}, "carriers.bike: label is missing"),
        ({"carriers": {"My Bike": {"label": {"sv": "a", "en": "a"}}}}, "carriers.My Bike: write the code"),
        ({"carriers": {"dhl": {"link": "x"}}}, "plugins.carriers.carriers.dhl.link: unknown key"),
    ],
)
def test_a_fault_is_told_with_its_key(table, words):
    own, problems = read(table)

    assert own is None
    assert words in problems[0]


def test_the_default_may_be_the_shops_own_carrier():
    assert sound({"default": "bike", **OWN}).default == "bike"
