"""Text search: what an order is found by, however it is written, and what is no longer there to be found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from ashop_core.models import ImportedOrder, NewParcel
from ashop_core.order_filter import OrderFilter
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_core.words import search_text, terms_of

PARCEL = "00373500489530471234"


@pytest.fixture
def shop(make_shop):
    return make_shop()


def found(shop, text, **more):
    return [row.customer_name for row in shop.orders(OrderFilter(text=text, **more)).rows]


@pytest.fixture
def people(shop, clock, monkeypatch):
    """Three orders, one sent: Åsa the oldest, then Anna and Annika; none with a reference that begins as they do."""
    references = iter(["K-QQ2222", "K-QQ3333", "K-QQ4444"])
    monkeypatch.setattr("ashop_core.shop.new_reference", lambda: next(references))
    asa = some_customer(
        name="Åsa Öberg-Ek", email="Asa.Oberg@Example.se", phone="070-174 06 05", city="Örebro"
    )
    order = place_order(shop, some_lines("LAMPA-01/B"), customer=asa)
    shop.change_status(order, "reviewed")
    shop.approve(order)
    order = shop.change_status(order, "shipped", parcel=NewParcel(number=PARCEL)).order
    clock.advance(hours=1)
    place_order(
        shop,
        some_lines("STOL"),
        customer=some_customer(name="Anna Ek", email="anna@firma.se", phone="+46 8 12 34 56"),
    )
    clock.advance(hours=1)
    place_order(
        shop, some_lines("STOL"), customer=some_customer(name="Annika Alm", email="alm@firma.se", phone="")
    )
    return order


@pytest.mark.parametrize(
    "text",
    [
        "åsa", "ÅSA", "a\N{COMBINING RING ABOVE}sa", "öberg", "ek ås", "öberg-ek", "Öb", "asa.oberg@example.se",
        "asa.oberg@exa", "oberg", "0701740605", "070-174 06 05", "070 174 06 05", "(070) 1740605", "+46701740605",
        "+46 70-174 06 05", "0046701740605", "0046 70 174 06 05", "070174", "070-174", "701740605", PARCEL,
        "0037 3500 4895 3047 1234", "00373500", "lampa-01/b", "lampa01b", "lampa", "örebro", "100001", "åsa 100001",
    ],
)  # fmt: skip
def test_an_order_is_found_however_it_is_asked_for(shop, people, text):
    assert found(shop, text) == ["Åsa Öberg-Ek"]


@pytest.mark.parametrize("text", ["08-12 34 56", "+46 8 12 34 56", "0046-8-123456", "+468123456", "08123456"])
def test_a_short_phone_number_is_found_with_and_without_its_country(shop, people, text):
    assert found(shop, text) == ["Anna Ek"]


@pytest.mark.parametrize(
    "text",
    [
        "asa öberg anna",
        "oebro",
        "orebro",
        "sa",
        "berg",
        "0701740606",
        "oberg@example.se",
        "100001 100002",
        "000000",
    ],
)
def test_what_only_looks_alike_is_not_found(shop, people, text):
    assert found(shop, text) == []


def test_a_search_comes_newest_first_and_all_words_must_begin_so(shop, people):
    assert found(shop, "ann") == ["Annika Alm", "Anna Ek"]
    assert found(shop, "firma an ek") == ["Anna Ek"]
    assert found(shop, "e") == ["Anna Ek", "Åsa Öberg-Ek"]


def test_the_reference_finds_the_order(shop, people):
    assert found(shop, people.reference.lower()) == found(shop, people.reference) == ["Åsa Öberg-Ek"]


@pytest.mark.parametrize(
    "text",
    [
        "!!!", "*", '"', "'", "\0", "🙂", "- -", "%", "_", "()", '" OR *', "anna OR åsa", "anna NOT alm", "NEAR(anna ek)",
        "words:anna", "anna AND", '"anna', "anna'; DROP TABLE orders; --", "^anna", "anna + ek", "a" * 40_000,
        " ".join("anna" for _ in range(300)) + " nobody", "1" * 5000, "٠٧٠١٧٤٠٦٠٥", "ﬀ", "\ud7ff", "ẞ",
    ],
)  # fmt: skip
def test_no_text_is_an_operator_or_an_error(shop, people, text):
    names = found(shop, text)

    assert len(names) < 2


def test_a_text_without_a_word_finds_nothing_and_none_at_all_is_no_filter(shop, people):
    assert found(shop, "…") == []
    assert len(found(shop, "   ")) == 3


def test_a_search_is_one_condition_among_others(shop, people):
    assert found(shop, "ek", statuses=("received",)) == ["Anna Ek"]
    assert found(shop, "ek", statuses=("shipped",)) == ["Åsa Öberg-Ek"]
    assert found(shop, "ek", delivery="pickup") == []
    assert found(shop, "ek", customer="anna@FIRMA.se") == ["Anna Ek"]


def test_checkouts_are_found_only_where_they_are_asked_for(shop):
    order = shop.start_order(some_lines("A"), checkout_key="k", delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer(name="Dag Ås"))

    assert found(shop, "dag") == []
    assert found(shop, "dag", statuses=("details_given",)) == ["Dag Ås"]


def test_orders_taken_over_from_elsewhere_stand_at_their_own_time(shop, clock):
    for n, day in enumerate((3, 1, 2)):
        shop.import_order(
            ImportedOrder(
                source="old", external_id=str(n), status="shipped", at=clock() - timedelta(days=day),
                lines=some_lines("A"), customer=some_customer(name=f"Anna {day}"), delivery="post",
                payment_method="invoice", currency="SEK", language="sv",
            )
        )  # fmt: skip

    assert found(shop, "anna") == ["Anna 1", "Anna 2", "Anna 3"]


def test_pages_of_a_search_go_both_ways(shop, clock):
    for n in range(7):
        place_order(shop, customer=some_customer(name=f"Anna {n}"))
        clock.advance(seconds=n % 2)  # some in the same second
    wanted = OrderFilter(text="anna")
    every = [row.id for row in shop.orders(wanted).rows]

    first = shop.orders(wanted, limit=3)
    second = shop.orders(wanted, limit=3, cursor=first.next)
    third = shop.orders(wanted, limit=3, cursor=second.next)
    back = shop.orders(wanted, limit=3, cursor=third.previous)

    assert [row.id for page in (first, second, third) for row in page.rows] == every
    assert (first.previous, third.next) == (None, None)
    assert back.rows == second.rows
    assert shop.orders(wanted, limit=3, cursor=back.previous).rows == first.rows
    assert shop.orders(wanted, limit=3, cursor=back.previous).previous is None


# ── What it costs, and what is left ──────────────────────────────────────────────────────────────


def index_rows(shop):
    """Return what the full-text index consists of, as it lies in the file."""
    with closing(sqlite3.connect(shop.database.path)) as connection:
        return connection.execute("SELECT id, block FROM orders_search_data ORDER BY id").fetchall()


def test_a_change_of_status_leaves_the_index_alone(shop):
    order = place_order(shop)
    before = index_rows(shop)

    shop.change_status(order, "reviewed", note="anteckning")
    shop.approve(order)

    assert index_rows(shop) == before


def test_a_checkout_that_nobody_filled_in_is_not_indexed(shop):
    before = index_rows(shop)

    shop.start_order(some_lines("A"), checkout_key="k", delivery="post", payment_method="invoice")

    assert index_rows(shop) == before


def test_erased_words_are_not_found_and_leave_the_index_when_it_is_purged(shop):
    for n in range(20):
        place_order(shop, customer=some_customer(name=f"Anna {n}"))
    shop.database.purge_search()  # from here on nothing is merged by itself for some changes
    order = shop.start_order(some_lines("A"), checkout_key="k", delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer(name="Hemligsson", email="h@hemlig.se"))
    assert found(shop, "hemligsson", statuses=("details_given",)) == ["Hemligsson"]

    shop.give_details(order, customer=some_customer(name="Bo"))
    left = any(b"emlig" in block for _, block in index_rows(shop))
    shop.database.purge_search()

    assert left  # what a search does not find any more lies there still
    assert found(shop, "hemligsson", statuses=("details_given",)) == []
    assert not any(b"emlig" in block for _, block in index_rows(shop))
    assert len(found(shop, "anna")) == 20


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("Anna  ek", (("anna",), ("ek",))),
        ("anna anna", (("anna",),)),
        ("K-7F3QX2", (("k",), ("7f3qx2",))),
        ("100234", (("100234",),)),
        ("100234 100235", (("100234",), ("100235",))),
        ("070-174 06 05", (("0701740605", "701740605"),)),
        ("0701234567 100234", (("0701234567", "701234567"), ("100234",))),
        ("0037 3500 4895 3047 1234", (("00373500489530471234",),)),
        ("a@b.se", (("abse",),)),
        ("@b.se", (("b",), ("se",))),
        ("STRASSE straße", (("strasse",),)),
        ("", ()),
        ("?", ()),
    ],
)
def test_what_a_query_asks_for(query, terms):
    assert terms_of(query) == terms


def test_each_word_is_kept_once_and_a_phone_number_in_no_pieces():
    assert search_text(["Anna ANNA ek", ""], ["00 12-3"], ["+46 70-174 06 05"]).split() == [
        "anna", "ek", "00123", "46701740605", "701740605", "01740605"
    ]  # fmt: skip
