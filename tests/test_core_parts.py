"""Part shipments: parcel by parcel, each told of once, until the last one; what is left is known all the way."""

from __future__ import annotations

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import AmendRequest
from ashop_core.models import NewLine, NewParcel
from ashop_core.testing import MakeShop
from tests.lives import (
    PLUGINS,
    approve,
    channel,
    codes,
    deliver_all,
    figures,
    imported,
    led,
    part,
    posted,
    posting,
    snapshot,
    sound,
    stocked,
    to,
)

REVIEWED = (to("reviewed"), approve)
TELLING = '[statuses.partly_shipped]\nnotify = ["email"]\n'


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop(*PLUGINS))


def add(shop, order, **given):
    return shop.add_parcel(order, NewParcel(**given)).order


def last(number: str):
    return to("shipped", parcel=NewParcel(number=number))


@pytest.mark.parametrize("second", ["status", "parcel"])
@pytest.mark.parametrize("moves", [True, False], ids=["stock", "imported"])
def test_three_parcels_and_a_message_for_each(make_shop, second, moves):
    shop = posting(make_shop, toml=TELLING)
    order = led(shop, *REVIEWED) if moves else approve(shop, imported(shop))
    deliver_all(shop)
    already = len(posted(shop))

    order = part(1, "DEL 1")(shop, order)
    parcel = NewParcel(number="DEL 2", contents={1: 1, 2: 3})
    step = to("partly_shipped", parcel=parcel)
    order = shop.add_parcel(order, parcel).order if second == "parcel" else step(shop, order)
    order = last("DEL 3")(shop, order)
    deliver_all(shop)

    assert [(p.number, dict(p.contents)) for p in shop.parcels(order)] == [
        ("DEL 1", {1: 1}), ("DEL 2", {1: 1, 2: 3}), ("DEL 3", {1: 1}),
    ]  # fmt: skip
    assert order.parcel_numbers == ("DEL 1", "DEL 2", "DEL 3")
    assert posted(shop)[already:] == [
        "email partly_shipped",
        "email partly_shipped",
        "email shipped",
        "sms shipped",
    ]
    told = [r.body for m, r in channel(shop, "email").posted if "shipped" in m.template]
    assert [[n for n in ("DEL 1", "DEL 2", "DEL 3") if f"number='{n}'" in body] for body in told] == [
        ["DEL 1"], ["DEL 1", "DEL 2"], ["DEL 1", "DEL 2", "DEL 3"],
    ]  # fmt: skip
    assert figures(shop)["LAMPA"] == ((7, 0) if moves else (10, 0))
    assert [(line.held, line.gone) for line in order.lines] == [(0, 3), (0, 3)]
    sound(shop)


def test_what_is_still_to_come_is_known_at_every_step(shop):
    order = led(shop, *REVIEWED)
    to_come = []
    for step in (part(1), part(2), last("DEL 3")):
        order = step(shop, order)
        to_come.append([(goods.sku, goods.quantity) for goods in shop.customer_order(order).to_come])

    assert to_come == [[("LAMPA", 2), ("BORD", 3)], [("BORD", 3)], []]


BAD = {
    "everything": ({1: 3, 2: 3}, ["not_partial"]),
    "none of it": ({1: 0}, ["parcel_contents"]),
    "too many": ({1: 4}, ["parcel_contents"]),
    "below none": ({1: -1}, ["parcel_contents"]),
    "unknown line": ({9: 1}, ["parcel_contents"]),
    "true": ({1: True}, ["parcel_contents"]),
    "half": ({1: 0.5}, ["parcel_contents"]),
    "words": ({1: "1"}, ["parcel_contents"]),
    "one good, one bad": ({1: 1, 2: 4}, ["parcel_contents"]),
}


@pytest.mark.parametrize(("contents", "reasons"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("started", [False, True], ids=["first", "next"])
def test_a_part_is_some_of_what_is_held_and_leaves_some(shop, started, contents, reasons):
    order = led(shop, *REVIEWED, quantity=4 if started else 3)
    if started:  # three of each are left then
        order = part(1)(shop, order)
        order = to("partly_shipped", parcel=NewParcel(number="B", contents={2: 1}))(shop, order)
    was = snapshot(shop, order)

    with pytest.raises(Refused) as refusal:
        to("partly_shipped", parcel=NewParcel(number="DEL 9", contents=contents))(shop, order)

    assert codes(refusal) == reasons
    assert snapshot(shop, order) == was
    sound(shop)


@pytest.mark.parametrize("parcel", [None, NewParcel(number="DEL 1")])
def test_a_part_says_what_is_in_it(shop, parcel):
    order = led(shop, *REVIEWED)

    with pytest.raises(Refused) as refusal:
        to("partly_shipped", parcel=parcel)(shop, order)

    assert codes(refusal) == ["not_partial"]


def test_the_last_part_is_the_whole_of_what_is_left(shop):
    order = led(shop, *REVIEWED, part(2))

    with pytest.raises(Refused) as refusal:
        to("shipped", parcel=NewParcel(number="DEL 2", contents={1: 1}))(shop, order)
    assert codes(refusal) == ["not_everything"]

    order = to("shipped", parcel=NewParcel(number="DEL 2", contents={1: 1, 2: 3}))(shop, order)
    assert shop.parcels(order)[-1].contents == {1: 1, 2: 3}
    sound(shop)


def test_parcels_may_lack_numbers(shop):
    order = led(shop, *REVIEWED, part(1, None), part(1, None), to("shipped"))

    assert (order.parcel_count, order.parcel_numbers) == (2, ())
    assert figures(shop)["LAMPA"] == (7, 0)


def test_a_label_on_what_has_left_moves_nothing_and_tells_nobody(make_shop):
    shop = posting(make_shop, toml=TELLING)
    order = led(shop, *REVIEWED, part(2))
    deliver_all(shop)
    already, stock = len(posted(shop)), figures(shop)

    order = add(shop, order, number="ETIKETT 2")
    deliver_all(shop)

    assert (posted(shop)[already:], figures(shop)) == ([], stock)
    assert order.parcel_numbers == ("DEL 1", "ETIKETT 2")


def test_a_status_that_tells_nobody_tells_of_no_parcel_either(make_shop):
    shop = posting(make_shop)
    order = led(shop, *REVIEWED)
    deliver_all(shop)
    already = len(posted(shop))

    order = part(1)(shop, order)
    add(shop, order, number="DEL 2", contents={1: 1})
    deliver_all(shop)

    assert posted(shop)[already:] == []


@pytest.mark.parametrize(("notify", "times"), [(None, 1), (False, 0), (True, 1)])
def test_staff_may_keep_quiet_about_one_parcel(make_shop, notify, times):
    shop = posting(make_shop, toml=TELLING)
    order = led(shop, *REVIEWED, part(1))
    deliver_all(shop)
    already = len(posted(shop))

    shop.add_parcel(order, NewParcel(number="DEL 2", contents={1: 1}), notify=notify)
    deliver_all(shop)

    assert posted(shop)[already:] == ["email partly_shipped"] * times


def test_a_corrected_order_is_parted_by_its_new_lines(shop):
    order = led(shop, to("reviewed"), approve)
    shop.amend(order, AmendRequest(add=(NewLine(sku="BORD", name="Bord", quantity=2, unit_price=5),)))

    order = to("partly_shipped", parcel=NewParcel(contents={1: 3, 2: 3, 3: 1}))(shop, order)

    assert figures(shop) == {"LAMPA": (7, 0), "BORD": (6, 1)}
    sound(shop)


def test_the_second_part_undone_is_held_again(shop):
    order = led(shop, *REVIEWED, part(1))
    was = snapshot(shop, order)
    part(1, "DEL 2")(shop, order)

    shop.undo(order)

    assert snapshot(shop, order) == was
    assert figures(shop)["LAMPA"] == (9, 2)
    assert last("DEL 3")(shop, order).parcel_numbers == ("DEL 1", "DEL 3")
    sound(shop)
