"""`ashop order slip`: what lies in the parcel and what does not, in whose language, and nothing that is hidden."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape

import pytest

from ashop_core.amending import AmendRequest, LineEdit
from ashop_core.models import NewLine, NewParcel
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_slips.picking import Pick, pick_list
from ashop_slips.slip import Row, make_slip

HIDDEN = "[statuses.received]\nhidden = true\n[statuses.reviewed]\nhidden = true\n"


@pytest.fixture
def shop(make_shop):
    return make_shop("slips")


def reviewed(shop, *lines, **options):
    order = place_order(shop, lines or some_lines("LAMPA", "PUMP", quantity=3), **options)
    shop.change_status(order, "reviewed")
    return shop.approve(order).order


def part(shop, order, contents, number="A1"):
    parcel = NewParcel(number=number, contents=contents)
    return shop.change_status(order, "partly_shipped", parcel=parcel).order


def rows(*pairs):
    return tuple(Row(sku=sku, name=f"Vara {sku}", quantity=n) for sku, n in pairs)


def words(html):
    """Return what can be read on a page, without its style."""
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*</style>", "", html, flags=re.S))).split()
    )


# ── What is on a slip ────────────────────────────────────────────────────────────────────────────


def test_all_that_is_held_is_in_the_parcel(shop):
    slip = make_slip(shop, str(reviewed(shop).number))

    assert slip.here == rows(("LAMPA", 3), ("PUMP", 3))
    assert (slip.to_come, slip.sent, slip.cancelled) == ((), (), ())


def test_after_a_part_shipment_the_rest_is_packed(shop):
    order = part(shop, reviewed(shop), {1: 2})

    slip = make_slip(shop, order.reference)

    assert slip.here == rows(("LAMPA", 1), ("PUMP", 3))
    assert slip.sent == rows(("LAMPA", 2))
    assert (slip.to_come, slip.parcel) == ((), "")


def test_the_slip_of_a_parcel_that_was_sent_tells_what_is_still_to_come(shop):
    order = part(shop, reviewed(shop), {1: 2})

    slip = make_slip(shop, order.reference, parcel=1)

    assert slip.here == rows(("LAMPA", 2))
    assert slip.to_come == rows(("LAMPA", 1), ("PUMP", 3))
    assert (slip.sent, slip.parcel) == ((), "A1")


def test_where_nothing_is_held_it_is_the_latest_parcels(shop):
    order = part(shop, reviewed(shop), {1: 2})
    order = shop.change_status(order, "shipped", parcel=NewParcel(number="A2")).order

    slip = make_slip(shop, order.reference)

    assert slip.here == rows(("LAMPA", 1), ("PUMP", 3))
    assert (slip.sent, slip.to_come, slip.parcel) == (rows(("LAMPA", 2)), (), "A2")


def test_two_lines_of_the_same_article_share_a_parcel(shop):
    lines = (*some_lines("LAMPA", quantity=2), *some_lines("LAMPA", quantity=5))
    order = part(shop, reviewed(shop, *lines), {1: 2, 2: 1})

    assert make_slip(shop, order.reference, parcel=1).here == rows(("LAMPA", 2), ("LAMPA", 1))


def test_the_rest_that_was_cancelled_is_taken_out(shop):
    order = part(shop, reviewed(shop), {1: 2})
    order = shop.cancel(order, "slut hos leverantören").order

    slip = make_slip(shop, order.reference)

    assert slip.here == rows(("LAMPA", 2))
    assert slip.cancelled == rows(("LAMPA", 1), ("PUMP", 3))


def test_what_a_correction_took_out_is_told_and_what_was_put_back_is_not(shop):
    order = reviewed(shop)
    order = shop.amend(
        order, AmendRequest(lines=(LineEdit(position=1, quantity=1), LineEdit(position=2, quantity=0)))
    ).order
    assert make_slip(shop, order.reference).cancelled == rows(("LAMPA", 2), ("PUMP", 3))

    order = shop.undo(order).order

    assert make_slip(shop, order.reference).cancelled == ()


def test_what_came_in_the_place_of_what_was_taken_out_is_something_else(shop):
    order = reviewed(shop)
    shop.amend(order, AmendRequest(lines=(LineEdit(position=2, quantity=2),)))
    shop.amend(order, AmendRequest(lines=(LineEdit(position=2, quantity=0),)))
    order = shop.amend(order, AmendRequest(add=some_lines("NY", quantity=1))).order
    order = shop.amend(order, AmendRequest(lines=(LineEdit(position=2, quantity=4),))).order

    slip = make_slip(shop, order.reference)

    assert slip.here == rows(("LAMPA", 3), ("NY", 4))
    assert slip.cancelled == rows(("PUMP", 3))


def test_what_was_added_is_packed_and_no_more(shop):
    order = shop.amend(reviewed(shop), AmendRequest(add=some_lines("NY", quantity=2))).order

    slip = make_slip(shop, order.reference)

    assert slip.here[-1] == rows(("NY", 2))[0]
    assert slip.cancelled == ()


def test_what_was_taken_away_in_the_checkout_was_never_ordered(shop):
    order = shop.start_order(some_lines("A", "B", quantity=2), checkout_key="k", payment_method="invoice")
    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=1),)))
    shop.give_details(order, customer=some_customer())
    order = shop.place(order).order

    slip = make_slip(shop, order.reference)

    assert (slip.here, slip.cancelled) == (rows(("A", 1), ("B", 2)), ())


# ── Who gets none ────────────────────────────────────────────────────────────────────────────────


def test_an_order_that_the_customer_may_not_know_of_has_no_slip(ashop, shop):
    order = shop.start_order(some_lines("A"), checkout_key="k")

    result = ashop("order", "slip", order.reference)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "kunden får inte veta av ordern" in result.stderr
    assert "may not know of the order" in ashop("order", "slip", order.reference, lang="en").stderr


def test_nor_one_whose_statuses_are_all_hidden_but_it_can_be_picked(ashop, make_shop):
    shop = make_shop("slips", toml=HIDDEN)
    order = reviewed(shop)

    assert ashop("order", "slip", order.reference).exit_code == 1
    assert f"{order.number}: 3" in ashop("order", "slip", "--pick-list", order.reference).stdout


@pytest.mark.parametrize(
    ("options", "sv", "en"),
    [
        ((), "inget att packa", "nothing to pack"),
        (("--parcel", "2"), "inget att packa", "nothing to pack"),
        (("--pick-list",), "inget att plocka", "nothing to pick"),
    ],
)
def test_an_order_with_nothing_held_and_nothing_sent_says_so(ashop, shop, options, sv, en):
    order = place_order(shop)
    shop.cancel(order, "ångrat")

    for lang, expected in (("sv", sv), ("en", en)):
        result = ashop("order", "slip", str(order.number), *options, lang=lang)
        assert result.exit_code == 1
        assert expected in result.stderr


def test_a_parcel_that_is_not_there(ashop, shop):
    order = part(shop, reviewed(shop), {1: 2})

    result = ashop("order", "slip", str(order.number), "--parcel", "2")

    assert result.exit_code == 1
    assert "har inget kolli 2; de räknas från 1 till 1" in result.stderr


def test_of_many_orders_those_without_are_named_and_the_others_written(ashop, shop):
    good, bad = place_order(shop), place_order(shop)
    shop.cancel(bad, "ångrat")

    result = ashop("order", "slip", str(good.number), str(bad.number), "999999")

    assert result.exit_code == 1
    assert result.stdout.count('class="sheet"') == 1
    assert f"{bad.number}\n  har inget att packa" in result.stderr
    assert "999999" in result.stderr


def test_a_filter_leaves_those_without_out_and_begins_with_the_oldest(ashop, shop):
    orders = [place_order(shop) for _ in range(3)]
    shop.cancel(orders[1], "ångrat")

    result = ashop("order", "slip", "--delivery", "post")

    assert result.exit_code == 0
    assert re.findall(r"<strong>(\d+)</strong>", result.stdout) == [
        str(orders[0].number),
        str(orders[2].number),
    ]
    assert "Ordrar utan något att packa, som inte är med: 1" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("100001", "--status", "received"),
        ("100001", "--pick-list", "--prices"),
        ("100001", "--parcel", "0"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(ashop, shop, options):
    place_order(shop)

    assert ashop("order", "slip", *options).exit_code == 2


# ── The page ─────────────────────────────────────────────────────────────────────────────────────


def test_a_slip_is_in_the_customers_language_whatever_the_staff_read(ashop, shop):
    swedish, english = reviewed(shop), reviewed(shop, language="en")

    page = ashop("order", "slip", str(swedish.number), str(english.number), lang="en").stdout
    first, second = page.split('<section class="sheet" lang="en">')

    assert "Packsedel" in first
    assert "I det här paketet" in first
    assert "Sverige" in first
    assert "Packing slip" in second
    assert "In this parcel" in second
    assert "23 November 2026" in second


def test_a_slip_shows_what_the_packer_needs(ashop, shop):
    order = part(shop, reviewed(shop), {1: 2}, number="00373500489530471236")

    page = ashop("order", "slip", str(order.number), "--parcel", "1").stdout
    read = words(page)

    for expected in (
        "Villa & Värme Packsedel Order 100001",
        "Åsa Öberg Storgatan 1 114 21 Stockholm Sverige",
        "Beställd 23 november 2026",
        "Leveranssätt Posten",
        "Kollinummer 00373500489530471236",
        "Antal varor 2",
        "I det här paketet Order 100001 Artikel Benämning Antal LAMPA Vara LAMPA 2",
        "Kommer senare LAMPA Vara LAMPA 1 PUMP Vara PUMP 3",
        "Packat av",
    ):
        assert expected in read, expected
    assert '<svg class="barcode"' in page
    assert page.count('class="box"><span>') == 1


def test_nothing_that_is_for_staff_is_on_a_slip(ashop, shop):
    order = reviewed(shop)
    shop.add_note(order, "svår kund")
    order = shop.cancel(part(shop, order, {1: 1}), "betalar aldrig").order

    read = words(ashop("order", "slip", str(order.number)).stdout)

    for hidden in (
        "Internt",
        "anteckningar",
        "svår kund",
        "betalar aldrig",
        order.reference,
        "100,00",
        "asa@example.se",
        "+4670",
    ):
        assert hidden not in read


def test_prices_only_if_asked_for(ashop, shop):
    order = reviewed(shop, NewLine(sku="A", name="A", quantity=2, unit_price=10000, discount=500))

    read = words(ashop("order", "slip", str(order.number), "--prices").stdout)

    assert "A A 2 195,00 kr Summa 195,00 kr" in read


def test_notes_are_on_the_staffs_own_copy_which_says_so(ashop, shop):
    order = reviewed(shop)
    shop.add_note(order, "Ring <innan>")

    read = words(ashop("order", "slip", str(order.number), "--internal").stdout)

    assert "Packsedel Internt, får inte skickas till kunden" in read
    assert "Personalens anteckningar Ring <innan>" in read


TAGS = """html head meta title style body section header footer div span p b strong h1 h2 address dl dt dd
    svg path table thead tbody tfoot tr th td"""
EVIL = "<script>alert(1)</script>\"'&"


@pytest.mark.parametrize("options", [("--parcel", "1", "--prices", "--internal"), ("--pick-list",)])
def test_whatever_was_typed_is_only_words(ashop, make_shop, options):
    shop = make_shop("slips", toml='[delivery.post]\nlabel = { sv = "<script>Post", en = "x" }\n')
    customer = some_customer(name=EVIL, street=EVIL, city=EVIL)
    order = reviewed(shop, NewLine(sku=EVIL, name=EVIL, quantity=2, unit_price=1), customer=customer)
    part(shop, order, {1: 1}, number=EVIL)
    shop.add_note(order, EVIL)

    page = ashop("order", "slip", str(order.number), *options).stdout

    assert EVIL in words(page)
    assert "<script" not in page
    assert set(re.findall(r"<(\w+)", page)) <= set(TAGS.split())
    assert not re.findall(r"(?:src|href|\bon\w+)=|url\(|@import", page), "it needs nothing from elsewhere"


# ── The pick list ────────────────────────────────────────────────────────────────────────────────


def test_a_pick_list_adds_up_what_is_held_by_article(shop):
    first = part(shop, reviewed(shop), {1: 2})
    second = reviewed(shop, *some_lines("LAMPA", "LAMPA", quantity=2))
    gone = shop.change_status(reviewed(shop), "shipped").order

    assert pick_list([first, second, gone]) == [
        Pick(sku="LAMPA", name="Vara LAMPA", quantity=5, orders=(("100001", 1), ("100002", 4))),
        Pick(sku="PUMP", name="Vara PUMP", quantity=3, orders=(("100001", 3),)),
    ]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("sv", "Plocklista Utskriven 23 november 2026 13:00 Ordrar 2 Artiklar 2 Antal varor 12"),
        ("en", "Pick list Printed 23 November 2026 13:00 Orders 2 Articles 2 Pieces 12"),
    ],
)
def test_a_pick_list_is_in_the_staffs_language(ashop, shop, lang, expected):
    reviewed(shop, language="en")
    reviewed(shop)

    read = words(ashop("order", "slip", "--status", "reviewed", "--pick-list", lang=lang).stdout)

    assert expected in read
    assert "LAMPA Vara LAMPA 100001: 3 100002: 3 6" in read


# ── Where it goes ────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_written_whole_and_said(ashop, shop, tmp_path):
    order = reviewed(shop)
    target = tmp_path / "ut" / "packsedel.html"

    result = ashop("order", "slip", str(order.number), "-o", str(target))

    assert result.stdout == ""
    assert str(target) in result.stderr
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_file_that_cannot_be_written_is_told(ashop, shop, tmp_path):
    order = reviewed(shop)
    (tmp_path / "fil").write_text("x")

    result = ashop("order", "slip", str(order.number), "-o", str(tmp_path / "fil" / "x.html"))

    assert result.exit_code == 1
    assert "kan inte skrivas" in result.stderr


def test_it_opens_in_the_browser(shop, tmp_path):
    order = reviewed(shop)
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" > "$(dirname "$0")/opened"\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "ashop_core", "--shop", str(tmp_path / "shop"), "order", "slip"]

    subprocess.run(
        [*command, str(order.number), "-o", str(tmp_path / "s.html"), "--open"],
        env={**os.environ, "BROWSER": f"{browser} %s"},
        check=True,
        capture_output=True,
    )

    assert (tmp_path / "opened").read_text() == (tmp_path / "s.html").as_uri()
