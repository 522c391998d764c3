"""What plugins know of a parcel: carrier, link and hints, merged, and never a plugin's fault."""

from __future__ import annotations

import json

import pytest

from ashop_core.models import NewParcel, ParcelInfo
from ashop_core.testing import place_order
from ashop_core.texts import Text, same

HEAD = """
from ashop_core import Text, hookimpl
from ashop_core.models import ParcelInfo
from ashop_core.texts import same

@hookimpl
def ashop_describe_parcel(shop, order, parcel):
"""


@pytest.fixture
def describing(make_shop):
    """Open a shop with a plugin for each body; return it with an order that has one parcel."""

    def make(*bodies, number="NUM 1", carrier=None):
        names = "abcdef"[: len(bodies)]
        files = {f"plugins/{n}.py": f"{HEAD}    {body}\n" for n, body in zip(names, bodies, strict=True)}
        shop = make_shop(*(f"local:{n}" for n in reversed(names)), files=files)
        order = shop.approve(shop.change_status(place_order(shop), "reviewed").order).order
        parcel = NewParcel(number=number, carrier=carrier)
        return shop, shop.change_status(order, "shipped", parcel=parcel).order

    return make


def known_of(shop, order):
    (parcel,) = shop.parcels(order)
    return shop.parcel_info(order, parcel)


def test_without_a_plugin_the_carrier_is_what_staff_gave(describing):
    assert known_of(*describing(carrier="Egen bil")) == ParcelInfo(carrier=same("Egen bil"))


def test_without_plugin_or_carrier_nothing_is_known(describing):
    assert known_of(*describing()) == ParcelInfo()


def test_a_plugin_tells_carrier_link_and_hints(describing):
    body = (
        'return ParcelInfo(carrier=Text("Budet", "The Courier"), '
        'url=f"https://bud.example/{order.number}/{parcel.number[-1]}", hints=(Text("tips", "hint"),))'
    )

    info = known_of(*describing(body, carrier="bud"))

    assert info.carrier == Text("Budet", "The Courier")
    assert info.url == "https://bud.example/100001/1"
    assert info.hints == (Text("tips", "hint"),)


def test_the_first_plugin_that_knows_gives_both_and_all_give_hints(describing):
    info = known_of(
        *describing(
            "return None",
            'return ParcelInfo(hints=(same("ett"),))',
            'return ParcelInfo(carrier=same("C"), hints=(same("två"),))',
            'return ParcelInfo(carrier=same("D"), url="https://d.example/", hints=(same("tre"),))',
        )
    )

    assert info.carrier == same("C")
    assert info.url is None, "a link of another carrier's would lead astray"
    assert [hint.sv for hint in info.hints] == ["ett", "två", "tre"]


UNSOUND = [
    'ParcelInfo(url="http://bud.example/1")',
    'ParcelInfo(url="javascript:alert(1)")',
    "ParcelInfo(url='https://bud.example/\"onclick=')",
    'ParcelInfo(url="https://bud.example/1 2")',
    'ParcelInfo(url="https://bud.example/<b>")',
    'ParcelInfo(url="https://bud.example/ö")',
    'ParcelInfo(url="https://bud.example/\\n")',
    "ParcelInfo(url=5)",
    'ParcelInfo(carrier="Bud")',
    "ParcelInfo(carrier=Text(None, None))",
    'ParcelInfo(carrier=Text("Bud\\r\\nBcc: x", "Courier"))',
    'ParcelInfo(carrier=Text("Bud\\x00", "Courier"))',
    'ParcelInfo(hints=(Text("Bud", "\\ud800"),))',
    'ParcelInfo(hints="words")',
    'ParcelInfo(hints=("words",))',
    "ParcelInfo(hints=None)",
]
FAULTS = ["1 / 0", '"words"', "[ParcelInfo()]", "(_ for _ in ())", 'exec("raise SystemExit(3)")', *UNSOUND]


@pytest.mark.parametrize("answer", FAULTS)
def test_a_plugin_that_fails_is_a_hint_and_gives_no_link(describing, answer):
    info = known_of(*describing(f"return {answer}", 'return ParcelInfo(hints=(same("frisk"),))', carrier="X"))

    assert info.carrier == same("X")
    assert info.url is None
    assert ["local:a" in hint.sv and "local:a" in hint.en for hint in info.hints] == [True, False]
    assert info.hints[1] == same("frisk")


@pytest.mark.parametrize(("lang", "carrier", "hint"), [("sv", "Budet", "fel"), ("en", "Courier", "wrong")])
def test_the_order_page_shows_carrier_link_and_hints(ashop, describing, lang, carrier, hint):
    body = (
        'return ParcelInfo(carrier=Text("Budet", "Courier"), url="https://bud.example/1", '
        'hints=(Text("fel", "wrong"),))'
    )
    _, order = describing(body)

    page = ashop("order", "show", str(order.number), lang=lang).stdout
    (parcel,) = json.loads(ashop("order", "show", str(order.number), "--json", lang=lang).stdout)["parcels"]

    assert carrier in page
    assert f"  NUM 1  https://bud.example/1\n  NUM 1  {hint}\n" in page
    assert (parcel["number"], parcel["carrier"]) == ("NUM 1", None)
    assert (parcel["carrier_name"], parcel["url"], parcel["hints"]) == (
        carrier,
        "https://bud.example/1",
        [hint],
    )
