"""The VAT of an order per rate: it adds up exactly, whatever the discounts, fees and rates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashop_core.models import Customer, Order, OrderLine
from ashop_core.vat import VatRow, divided, vat_summary

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RATES: list[Decimal | None] = [None, *map(Decimal, ("25", "12", "6", "0", "25.5", "99.99"))]


def order_of(*lines: OrderLine, **money: Any) -> Order:
    return Order(
        id=1, reference="K-7F3QX2", version=1, status="received", created_at=NOW, changed_at=NOW,
        delivery="post", payment_method="invoice", language="sv", currency="SEK", customer=Customer(),
        lines=tuple(replace(line, position=n) for n, line in enumerate(lines, 1)), **money,
    )  # fmt: skip


def goods(total: int, rate: str | None, quantity: int = 1, discount: int = 0) -> OrderLine:
    return OrderLine(
        position=1, sku="A", name="A", quantity=quantity, unit_price=total, discount=discount,
        vat_rate=None if rate is None else Decimal(rate),
    )  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> Order:
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        quantity, price = draw(st.integers(1, 50)), draw(st.integers(0, 10**8) | st.integers(0, 5))
        discount = draw(st.just(0) | st.integers(0, quantity * price))
        rate = draw(st.sampled_from(RATES))
        lines.append(
            OrderLine(
                position=1, sku="A", name="A", quantity=quantity, unit_price=price, vat_rate=rate, discount=discount
            )
        )  # fmt: skip
    shipping, fee = draw(st.integers(0, 10**5)), draw(st.integers(0, 10**4))
    most = sum(line.total for line in lines) + shipping + fee
    return order_of(
        *lines,
        shipping_price=shipping,
        payment_fee=fee,
        discount=draw(st.just(0) | st.integers(0, most)),
    )


def per_rate(order: Order) -> dict[Decimal | None, int]:
    return {row.rate: row.gross for row in vat_summary(order)}


@given(orders())
def test_the_rows_add_up_to_the_total_and_each_to_itself(order: Order) -> None:
    rows = vat_summary(order)

    assert sum(row.gross for row in rows) == order.total
    assert all(row.gross == row.net + row.vat for row in rows)
    assert all(min(row.gross, row.net, row.vat) >= 0 for row in rows)
    assert all(type(n) is int for row in rows for n in (row.gross, row.net, row.vat))
    known = [row.rate for row in rows if row.rate is not None]
    assert known == sorted(set(known), reverse=True)


@given(orders())
def test_no_rate_is_more_than_one_unit_from_its_exact_share_and_no_vat_more_than_half_a_unit(
    order: Order,
) -> None:
    whole = sum(line.total for line in order.lines)
    for row in vat_summary(order):
        own = sum(line.total for line in order.lines if line.vat_rate == row.rate)
        if whole:
            assert abs(row.gross - Fraction(own * order.total, whole)) < 1
        rate = Fraction(row.rate or 0)
        assert abs(row.vat - row.gross * rate / (100 + rate)) <= Fraction(1, 2)


@given(orders(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(order: Order, random) -> None:
    lines = list(order.lines)
    random.shuffle(lines)

    assert vat_summary(replace(order, lines=tuple(lines))) == vat_summary(order)


@given(orders(), st.integers(0, 5), st.data())
def test_a_line_split_in_two_changes_nothing(order: Order, which: int, data: st.DataObject) -> None:
    at = which % len(order.lines)
    line = order.lines[at]
    if line.quantity == 1:
        return
    first = data.draw(st.integers(1, line.quantity - 1))
    part = min(line.discount, first * line.unit_price)
    halves = (
        replace(line, quantity=first, discount=part),
        replace(line, quantity=line.quantity - first, discount=line.discount - part),
    )
    split = replace(order, lines=(*order.lines[:at], *halves, *order.lines[at + 1 :]))

    assert vat_summary(split) == vat_summary(order)


@given(orders(), st.integers(2, 9))
def test_everything_so_many_times_dearer_gives_so_many_times_the_share(order: Order, times: int) -> None:
    dearer = replace(
        order,
        lines=tuple(replace(x, unit_price=x.unit_price * times, discount=x.discount * times) for x in order.lines),
        shipping_price=order.shipping_price * times,
        payment_fee=order.payment_fee * times,
        discount=order.discount * times,
    )  # fmt: skip
    before, after = per_rate(order), per_rate(dearer)

    assert before.keys() == after.keys()
    assert all(abs(after[rate] - times * before[rate]) < times + 1 for rate in before)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**12), min_size=1, max_size=9))
def test_an_amount_divided_is_the_amount(amount: int, weights: list[int]) -> None:
    if not sum(weights):
        return

    parts = divided(amount, weights)

    assert sum(parts) == amount
    assert all(abs(p - Fraction(amount * w, sum(weights))) < 1 for p, w in zip(parts, weights, strict=True))


def rows(*given: tuple[str | None, int, int]) -> tuple[VatRow, ...]:
    return tuple(
        VatRow(rate=None if rate is None else Decimal(rate), gross=gross, vat=vat, net=gross - vat)
        for rate, gross, vat in given
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (order_of(goods(12500, "25")), rows(("25", 12500, 2500))),
        (order_of(goods(12500, "25"), shipping_price=4900), rows(("25", 17400, 3480))),
        (order_of(goods(10600, "6"), shipping_price=4900), rows(("6", 15500, 877))),
        # The authority's own example: goods 650 at 6 % and 350 at 25 %, freight 100, all without VAT.
        (
            order_of(goods(68900, "6"), goods(43750, "25"), shipping_price=11265),
            rows(("25", 48125, 9625), ("6", 75790, 4290)),
        ),
        (order_of(goods(12500, "25"), goods(0, "6"), shipping_price=100), rows(("25", 12600, 2520))),
        (order_of(goods(0, "6"), goods(0, "25"), shipping_price=4900), rows(("25", 4900, 980))),
        (order_of(goods(0, "6"), goods(0, None), payment_fee=2900), rows(("6", 2900, 164))),
        (order_of(goods(0, None), shipping_price=4900), rows((None, 4900, 0))),
        (order_of(goods(10000, "25"), goods(10000, None)), rows(("25", 10000, 2000), (None, 10000, 0))),
        (order_of(goods(10000, "25"), discount=10000), rows(("25", 0, 0))),
        (order_of(goods(5000, "25", 2, 1000), discount=1500), rows(("25", 7500, 1500))),
        (order_of(goods(100, "0")), rows(("0", 100, 0))),
        (order_of(), rows((None, 0, 0))),
        # half an öre of VAT is rounded up: 5 × 25 / 125 = 1, and 4 × 14.29 / 114.29 ≈ 0.50013
        (order_of(goods(4, "14.29")), rows(("14.29", 4, 1))),
        (order_of(goods(1, "99.99")), rows(("99.99", 1, 0))),
        (order_of(goods(3, "20")), rows(("20", 3, 1))),  # exactly a half
        # three equal parts of 100: the odd unit goes to the highest rate
        (
            order_of(goods(1, "25"), goods(1, "12"), goods(1, "6"), shipping_price=97),
            rows(("25", 34, 7), ("12", 33, 4), ("6", 33, 2)),
        ),
    ],
)  # fmt: skip
def test_the_vat_of_an_order(order: Order, expected: tuple[VatRow, ...]) -> None:
    assert vat_summary(order) == expected


def test_currencies_without_and_with_three_decimals_are_whole_minor_units_too() -> None:
    yen = replace(order_of(goods(1100, "10")), currency="JPY")
    dinar = replace(order_of(goods(1050, "5")), currency="KWD")

    assert vat_summary(yen) == rows(("10", 1100, 100))
    assert vat_summary(dinar) == rows(("5", 1050, 50))
