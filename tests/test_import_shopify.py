"""Shopify's order export: both header vintages, what its statuses and sums become."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ashop_order_import.found import Grouped
from tests.import_samples import (
    SHOPIFY_NEW,
    SHOPIFY_OLD,
    as_csv,
    codes,
    read,
    shopify,
    shopify_line,
    shopify_order,
    write,
)


def read_one(folder: Path, **changed: str) -> Grouped:
    [order], refused = read(write(folder, shopify(shopify_order(**changed))))
    assert refused == []
    return order


@pytest.mark.parametrize("headers", [SHOPIFY_OLD, SHOPIFY_NEW], ids=["old", "new"])
def test_both_header_vintages_give_the_same_order(tmp_path: Path, headers: Sequence[str]) -> None:
    rows = (shopify_order(Total="309.00"), shopify_line())

    [order], refused = read(write(tmp_path, shopify(*rows, headers=headers)))

    assert refused == []
    assert (order.source, order.external_id, order.rows, order.status) == ("shopify", "#1001", (2, 3), "paid")
    assert order.at == datetime(2026, 8, 12, 14, 24, 51, tzinfo=UTC)
    assert [(x.sku, x.name, x.quantity, x.unit_price) for x in order.lines] == [
        ("LAMPA", "Lampa, blå", 2, 12500),
        ("SKÄRM", "Skärm", 1, 1000),
    ]
    assert (order.shipping_price, order.total, order.paid) == (4900, 30900, 30900)
    assert (order.delivery, order.payment_method) == ("Standard", "shopify_payments")
    assert (order.customer.name, order.customer.postal_code) == ("Åsa Öberg", "114 21")
    assert order.customer.email == "asa@example.se"
    assert order.remarks == ()


def test_headers_are_found_by_name_in_any_case_and_order(tmp_path: Path) -> None:
    headers = [name.upper() for name in SHOPIFY_OLD]
    random.Random(5).shuffle(headers)
    values = {name.upper(): value for name, value in shopify_order().items()}
    content = as_csv([headers, [values.get(name, "") for name in headers]])

    [order], _ = read(write(tmp_path, content))

    assert (order.external_id, order.total) == ("#1001", 29900)


def test_the_orders_own_cells_may_stand_on_any_of_its_rows(tmp_path: Path) -> None:
    [order], refused = read(write(tmp_path, shopify(shopify_line(), shopify_order(Total="309.00"))))

    assert (order.total, order.paid, refused) == (30900, 30900, [])


def test_an_order_whose_own_cells_are_missing_is_refused(tmp_path: Path) -> None:
    orders, refused = read(write(tmp_path, shopify(shopify_line("#7"), shopify_line("#7"), shopify_order())))

    assert [order.external_id for order in orders] == ["#1001"]
    assert codes(refused) == ["no_order_cells", "no_order_cells"]


@pytest.mark.parametrize(
    ("financial", "fulfillment", "cancelled", "status", "paid"),
    [
        ("paid", "fulfilled", "", "fulfilled", 29900),
        ("paid", "unfulfilled", "", "paid", 29900),
        ("paid", "", "", "paid", 29900),
        ("paid", "partial", "", "partial", 29900),
        ("pending", "unfulfilled", "", "pending", 0),
        ("authorized", "", "", "authorized", 0),
        ("partially_paid", "", "", "partially_paid", 19900),
        ("refunded", "fulfilled", "", "refunded", 19900),
        ("partially_refunded", "fulfilled", "", "fulfilled", 19900),
        ("voided", "", "", "voided", 0),
        ("refunded", "restocked", "2026-08-13 09:00:00 +0200", "cancelled", 19900),
        ("PAID", "Fulfilled", "", "fulfilled", 29900),
        ("expired", "", "", "expired", 0),
        ("", "", "", "pending", 0),
    ],
)
def test_one_status_and_what_is_paid_come_of_shopifys_many(
    tmp_path: Path, financial: str, fulfillment: str, cancelled: str, status: str, paid: int
) -> None:
    order = read_one(
        tmp_path, Financial_Status=financial, Fulfillment_Status=fulfillment, Cancelled_at=cancelled,
        Outstanding_Balance="100.00", Refunded_Amount="100.00" if "refunded" in financial else "0.00",
    )  # fmt: skip

    assert (order.status, order.paid) == (status, paid)


@pytest.mark.parametrize(("outstanding", "paid"), [("", 0), ("0.00", 29900), ("99.00", 20000), ("500", 0)])
def test_what_is_outstanding_says_what_is_paid_in_part(tmp_path: Path, outstanding: str, paid: int) -> None:
    order = read_one(tmp_path, Financial_Status="partially_paid", Outstanding_Balance=outstanding)

    assert order.paid == paid


def test_a_discount_on_the_order_stays_on_the_order(tmp_path: Path) -> None:
    rows = (
        shopify_order(
            Lineitem_quantity="3", Lineitem_price="100.00", Discount_Amount="10.00", Total="349.00"
        ),
        shopify_line(),
    )

    [order], _ = read(write(tmp_path, shopify(*rows)))

    assert (order.total, order.paid, order.remarks) == (34900, 34900, ())
    assert order.discount == 1000
    assert [(x.sku, x.quantity, x.unit_price, x.discount) for x in order.lines] == [
        ("LAMPA", 3, 10000, 0),
        ("SKÄRM", 1, 1000, 0),
    ]


def test_taxes_on_top_are_in_the_prices_here(tmp_path: Path) -> None:
    order = read_one(tmp_path, Taxes="62.50", Total="361.50")

    assert (order.total, [x.unit_price for x in order.lines]) == (36150, [15625])


def test_a_discount_may_be_larger_than_the_goods_and_take_from_shipping(tmp_path: Path) -> None:
    order = read_one(tmp_path, Discount_Amount="299.00", Total="0.00")

    assert (order.total, order.shipping_price, order.discount) == (0, 4900, 29900)


@pytest.mark.parametrize("on_the_order_too", ["", "9.00"])
def test_a_discount_on_a_line_stays_on_the_line(tmp_path: Path, on_the_order_too: str) -> None:
    order = read_one(
        tmp_path, Lineitem_discount="9.00", Discount_Amount=on_the_order_too, Total="290.00"
    )  # fmt: skip

    assert (order.total, order.discount, [x.discount for x in order.lines]) == (29000, 0, [900])


def test_discounts_on_line_and_order_are_both_taken_off(tmp_path: Path) -> None:
    order = read_one(tmp_path, Lineitem_discount="9.00", Discount_Amount="10.00", Total="280.00")

    assert (order.total, order.discount, [x.discount for x in order.lines]) == (28000, 1000, [900])


def test_with_taxes_in_the_prices_every_discount_is_the_orders(tmp_path: Path) -> None:
    order = read_one(tmp_path, Taxes="62.50", Lineitem_discount="9.00", Total="352.50")

    assert (order.total, order.discount, [x.unit_price for x in order.lines]) == (35250, 900, [15625])


def test_a_discount_beyond_the_line_explains_nothing(tmp_path: Path) -> None:
    order = read_one(tmp_path, Lineitem_discount="280.00", Total="19.00")

    assert [remark.code for remark in order.remarks] == ["total_differs"]


def test_a_total_that_nothing_explains_is_noted_and_left(tmp_path: Path) -> None:
    order = read_one(tmp_path, Total="288.00")

    assert (order.total, order.paid) == (29900, 28800)
    assert [remark.code for remark in order.remarks] == ["total_differs"]
    assert "288,00" in order.note


def test_a_part_sent_already_is_noted(tmp_path: Path) -> None:
    rows = (
        shopify_order(Fulfillment_Status="partial", Lineitem_fulfillment_status="fulfilled", Total="309.00"),
        shopify_line(Lineitem_fulfillment_status="pending"),
    )

    [order], _ = read(write(tmp_path, shopify(*rows)))

    assert order.note == "Redan skickat: 2 × Lampa, blå."
    assert [remark.code for remark in order.remarks] == ["partly_sent"]


def test_a_missing_article_number_is_made_up_and_noted(tmp_path: Path) -> None:
    order = read_one(tmp_path, Lineitem_sku="")

    assert order.lines[0].sku == "NOSKU-lampa-bla"
    assert [remark.code for remark in order.remarks] == ["made_up_sku"]


def test_the_customers_notes_are_kept_in_front(tmp_path: Path) -> None:
    order = read_one(tmp_path, Notes="Ring\nförst!", Refunded_Amount="10.00")

    assert order.note.splitlines() == ["Ring först!", "Återbetalt: 10.00."]


def test_billing_stands_in_for_shipping(tmp_path: Path) -> None:
    order = read_one(
        tmp_path, Shipping_Name="", Billing_Name="Bo Ek", Shipping_Company="Ek AB", Billing_Phone="070"
    )

    assert (order.customer.name, order.customer.phone) == ("Bo Ek, Ek AB", "070")


def test_an_order_without_any_name_has_a_neutral_one(tmp_path: Path) -> None:
    assert read_one(tmp_path, Shipping_Name="").customer.name == "(ingen kund)"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Currency": "KRONOR"}, "bad_currency"),
        ({"Created_at": "i går"}, "bad_time"),
        ({"Shipping": "fri"}, "bad_amount"),
        ({"Total": "1e3"}, "bad_amount"),
        ({"Email": "x" * 600}, "bad_text"),
    ],
)
def test_what_is_wrong_with_the_order_refuses_all_its_rows(
    tmp_path: Path, changed: dict[str, str], code: str
) -> None:
    orders, refused = read(write(tmp_path, shopify(shopify_order(**changed), shopify_line())))

    assert orders == []
    assert codes(refused) == [code, code]


def test_the_currency_is_the_files(tmp_path: Path) -> None:
    order = read_one(tmp_path, Currency="JPY", Lineitem_price="125", Shipping="49", Taxes="", Total="299")

    assert (order.currency, order.total) == ("JPY", 299)


@pytest.mark.parametrize(
    "total", ["294.00", "304.00"]
)  # the first could be explained, were the bad row nothing
def test_a_bad_row_leaves_the_others_at_their_full_price(tmp_path: Path, total: str) -> None:
    rows = (shopify_order(Discount_Amount="5.00", Total=total), shopify_line(Lineitem_quantity="x"))

    [order], refused = read(write(tmp_path, shopify(*rows)))

    assert (order.total, codes(refused)) == (29900, ["bad_quantity"])
    assert [remark.code for remark in order.remarks] == ["total_differs"]
