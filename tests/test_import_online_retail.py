"""Online Retail: each kind of row has the outcome that the plugin's README names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ashop_order_import.found import ReadOptions
from tests.import_samples import codes, read, retail, retail_row, write

GBP = ReadOptions(currency="GBP", timezone="Europe/London")


def test_the_rows_of_an_invoice_become_one_order(tmp_path: Path) -> None:
    path = write(tmp_path, retail(retail_row(sku="A", quantity="2"), retail_row(sku="B", price="18.0")))

    [order], refused = read(path, GBP)

    assert refused == []
    assert (order.source, order.external_id, order.rows) == ("online_retail", "536365", (2, 3))
    assert order.at == datetime(2010, 12, 1, 8, 34, tzinfo=UTC)
    assert [(x.sku, x.quantity, x.unit_price) for x in order.lines] == [("A", 2, 495), ("B", 3, 1800)]
    assert (order.currency, order.total, order.paid) == ("GBP", 6390, 6390)
    assert (order.customer.name, order.customer.country) == ("Kund 13047", "United Kingdom")
    assert order.status == "invoiced"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (retail_row("C536379", quantity="-1"), "credit_note"),
        (retail_row("c536379", quantity="1"), "credit_note"),
        (retail_row("C537857", sku="D", quantity="-1"), "credit_note"),
        (retail_row("A563186", sku="B", price="-11062.06", quantity="1"), "adjustment"),
        (retail_row(quantity="-9", price="0.0", name=""), "negative_quantity"),
        (retail_row(sku="D", quantity="-1"), "negative_quantity"),
        (retail_row(quantity="0"), "bad_quantity"),
        (retail_row(quantity="1.5"), "bad_quantity"),
        (retail_row(price="-1"), "negative_amount"),
        (retail_row(price="4.955"), "bad_amount"),
        (retail_row(price=""), "bad_amount"),
        (retail_row(at="12/1/2010 8:26"), "bad_time"),
        (retail_row(sku="", name=""), "no_sku"),
        (retail_row(sku="x" * 101), "bad_text"),
        (retail_row(name="a\x07b"), "bad_text"),
        (retail_row(""), "no_order"),
        (retail_row("  "), "no_order"),
    ],
)
def test_a_row_that_is_no_order_line_is_refused(tmp_path: Path, row: str, code: str) -> None:
    orders, refused = read(write(tmp_path, retail(row)), GBP)

    assert orders == []
    assert codes(refused) == [code]
    assert refused[0].number == 2


def test_the_good_rows_of_an_order_are_taken_without_the_bad(tmp_path: Path) -> None:
    rows = (retail_row(sku="A"), retail_row(quantity="-1"), retail_row(sku="B"))

    [order], [bad] = read(write(tmp_path, retail(*rows)), GBP)

    assert [line.sku for line in order.lines] == ["A", "B"]
    assert (order.rows, bad.number, bad.order) == ((2, 4), 3, "536365")


def test_price_0_is_a_line_that_costs_nothing(tmp_path: Path) -> None:
    [order], _ = read(write(tmp_path, retail(retail_row(price="0.0"))), GBP)

    assert [line.unit_price for line in order.lines] == [0]
    assert order.total == 0


@pytest.mark.parametrize(
    ("customer", "name"), [("", "(ingen kund)"), ("17850.0", "Kund 17850"), ("17850", "Kund 17850")]
)
def test_a_customer_without_a_name_gets_a_neutral_one(tmp_path: Path, customer: str, name: str) -> None:
    [order], _ = read(write(tmp_path, retail(retail_row(customer=customer))), GBP)

    assert order.customer.name == name


@pytest.mark.parametrize("code", ["POST", "DOT", "C2", "post"])
def test_postage_is_the_orders_shipping(tmp_path: Path, code: str) -> None:
    rows = (retail_row(sku="A", price="1.00"), retail_row(sku=code, price="18.0", quantity="6"))

    [order], refused = read(write(tmp_path, retail(*rows)), GBP)

    assert [line.sku for line in order.lines] == ["A"]
    assert (order.shipping_price, order.total, order.rows, refused) == (10800, 11100, (2, 3), [])


def test_an_invoice_of_postage_alone_keeps_it_as_a_line(tmp_path: Path) -> None:
    [order], _ = read(write(tmp_path, retail(retail_row(sku="POST", price="18.0", quantity="1"))), GBP)

    assert ([line.sku for line in order.lines], order.shipping_price, order.total) == (["POST"], 0, 1800)


@pytest.mark.parametrize("code", ["M", "BANK CHARGES", "AMAZONFEE", "S", "CRUK", "PADS", "gift_0001_20"])
def test_other_codes_are_lines_like_any(tmp_path: Path, code: str) -> None:
    [order], _ = read(write(tmp_path, retail(retail_row(sku=code))), GBP)

    assert [line.sku for line in order.lines] == [code]


def test_what_counts_as_postage_can_be_set(tmp_path: Path) -> None:
    rows = (retail_row(sku="A"), retail_row(sku="FRAKT", price="10", quantity="1"), retail_row(sku="POST"))

    [order], _ = read(write(tmp_path, retail(*rows)), ReadOptions(currency="GBP", postage=("frakt",)))

    assert ([line.sku for line in order.lines], order.shipping_price) == (["A", "POST"], 1000)


def test_a_missing_article_number_is_made_from_the_name(tmp_path: Path) -> None:
    [order], _ = read(write(tmp_path, retail(retail_row(sku="", name="Blå vas"))), GBP)

    assert order.lines[0].sku == "NOSKU-bla-vas"


def test_stray_spaces_go_and_a_missing_name_is_left_to_the_shop(tmp_path: Path) -> None:
    rows = (retail_row(name="  ZINC  WILLIE "), retail_row(name="", sku="B"))

    [order], _ = read(write(tmp_path, retail(*rows)), GBP)

    assert [line.name for line in order.lines] == ["ZINC WILLIE", ""]


def test_the_first_good_row_says_when(tmp_path: Path) -> None:
    rows = (retail_row(at="x"), retail_row(at="2010-12-01 16:57:00"), retail_row(at="2010-12-01 16:58:00"))

    [order], refused = read(write(tmp_path, retail(*rows)), GBP)

    assert order.at == datetime(2010, 12, 1, 16, 57, tzinfo=UTC)
    assert codes(refused) == ["bad_time"]


def test_an_order_dearer_than_any_is_refused_row_by_row(tmp_path: Path) -> None:
    rows = [retail_row(price="9999999", quantity="1000000")] * 2

    orders, refused = read(write(tmp_path, retail(*rows)), GBP)

    assert (orders, codes(refused)) == ([], ["bad_order", "bad_order"])


def test_the_second_edition_of_the_data_set_has_other_headers(tmp_path: Path) -> None:
    content = (
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,15CM CHRISTMAS GLASS BALL,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n"
    )

    [order], _ = read(write(tmp_path, content), GBP)

    assert order.total == 8340


@pytest.mark.parametrize("language", ["sv", "en"])
def test_made_up_names_are_in_the_language_of_the_import(tmp_path: Path, language: str) -> None:
    [order], _ = read(write(tmp_path, retail(retail_row(customer=""))), ReadOptions(language=language))

    assert order.customer.name == {"sv": "(ingen kund)", "en": "(no customer)"}[language]
    assert order.language == language
