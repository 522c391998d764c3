"""Ashop's own JSON: what leaves the shop, what stays with staff, and what is read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashop_core.models import Customer, Entry, Kind, Order, OrderLine, Parcel, Payment, PaymentKind
from ashop_core.serial import FORMAT, order_document, order_from_document

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDER = Order(
    id=1,
    reference="K-7F3QX2",
    number=100001,
    version=3,
    status="received",
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    changed_at=NOW,
    placed_at=NOW,
    delivery="post",
    payment_method="card",
    language="sv",
    currency="SEK",
    customer=Customer(name="Åsa", email="asa@example.se"),
    lines=(OrderLine(position=1, sku="A", name="Å", quantity=2, unit_price=1999, vat_rate=Decimal("25.5")),),
    shipping_price=4900,
    paid=8898,
    flags=("paid_short",),
    approved_at=NOW,
    approved_by="Bo",
)


def entry(seq: int, kind: Kind, at: datetime) -> Entry:
    return Entry(
        seq=seq, kind=kind, from_status=None, to_status="x", at=at, actor="Bo", note="hemligt", reason="",
        fields={}, moves=(), effects=(),
    )  # fmt: skip


HISTORY = [entry(1, Kind.CREATED, ORDER.created_at), entry(2, Kind.PLACED, NOW)]


def document(order: Order = ORDER, **more) -> dict:
    made = order_document(order, history=HISTORY, **more)
    return json.loads(json.dumps(made))


def test_a_document_names_its_format_first_and_its_currency():
    found = document()

    assert next(iter(found)) == "format"
    assert found["format"] == FORMAT
    assert (found["total"], found["currency"]) == (8898, "SEK")
    assert found["placed_at"] == "2026-11-23T12:00:00.000000Z"
    assert found["lines"][0]["vat_rate"] == "25.5"


def test_what_is_for_staff_is_left_out_unless_asked_for():
    outward, internal = document(), document(internal=True)

    assert "hemligt" not in json.dumps(outward)
    assert "Bo" not in json.dumps(outward)
    assert {"flags", "approved_by", "approved_at", "created_at", "history", "messages"}.isdisjoint(outward)
    assert internal["flags"] == ["paid_short"]
    assert internal["approved_by"] == "Bo"
    assert [e["kind"] for e in internal["history"]] == ["created", "placed"]
    assert internal["history"][0]["note"] == "hemligt"


def test_parcels_and_payments_come_along():
    parcels = [Parcel(position=1, seq=2, number=None, carrier="Bring", sent_at=NOW, contents={1: 2})]
    payments = [Payment(seq=2, kind=PaymentKind.PAID, amount=8898, reference="pi", at=NOW)]

    found = document(parcels=parcels, payments=payments)

    assert found["parcels"] == [
        {"number": None, "carrier": "Bring", "sent_at": "2026-11-23T12:00:00.000000Z", "contents": {"1": 2}}
    ]
    assert found["payments"][0]["kind"] == "paid"
    imported, problems = order_from_document(found)
    assert problems == []
    assert imported is not None
    [parcel], [payment] = imported.parcels, imported.payments
    assert (parcel.number, parcel.carrier, parcel.sent_at, parcel.contents) == (None, "Bring", NOW, {1: 2})
    assert (payment.kind, payment.amount, payment.reference) == (PaymentKind.PAID, 8898, "pi")


def test_contents_are_told_by_the_lines_that_there_are():
    lines = (ORDER.lines[0], replace(ORDER.lines[0], position=3, sku="C"))
    parcels = [Parcel(position=1, seq=2, number="1", carrier=None, sent_at=NOW, contents={3: 1, 2: 5})]

    found = document(replace(ORDER, lines=lines), parcels=parcels)

    assert found["parcels"][0]["contents"] == {"2": 1}, "a line that was taken away leaves no gap"


def test_the_vat_of_each_rate_is_told():
    order = replace(ORDER, discount=98, payment_fee=0)

    assert document(order)["vat"] == [{"rate": "25.5", "gross": 8800, "net": 7012, "vat": 1788}]


def test_the_order_is_known_by_its_reference_or_by_where_it_came_from():
    own, _ = order_from_document(document())
    theirs, _ = order_from_document(document(replace(ORDER, source="shopify", external_id="#1")))

    assert own is not None
    assert theirs is not None
    assert (own.source, own.external_id) == ("ashop", "K-7F3QX2")
    assert (theirs.source, theirs.external_id) == ("shopify", "#1")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"format": "ashop-order/2"}, "ashop-order/2"),
        ({"lines": [{"sku": "A", "name": "A", "quantity": "2", "unit_price": 1}]}, "lines[0].quantity"),
        ({"lines": [{"sku": "A", "quantity": 2, "unit_price": 1}]}, "lines[0].name"),
        ({"lines": "A"}, "lines"),
        ({"placed_at": "igår"}, "placed_at"),
        ({"placed_at": "2026-11-23T12:00:00"}, "placed_at"),
        ({"placed_at": None}, "placed_at"),
        ({"customer": {"nam": "x"}}, "customer.nam"),
        ({"payments": [{"kind": "paidd", "amount": 1}]}, "payments[0].kind"),
        ({"total": 1}, "total"),
        ({"discount": 1}, "total"),
        ({"payments": [{"kind": "paid", "amount": 1}]}, "paid"),
        ({"payments": [{"kind": "paid", "amount": 8898}], "refunded": 1}, "refunded"),
        ({"parcels": [{"contents": {"x": 1}}]}, "parcels[0].contents"),
        ({"parcels": [{"contents": {"1": "2"}}]}, "parcels[0].contents.1"),
        ({"payment_due": "i morgon"}, "payment_due"),
        ({"colour": "red"}, "colour"),
        ({"paid": True}, "paid"),
        ({"status": "x\0"}, "status"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(change, path):
    imported, problems = order_from_document({**document(), **change}, "orders.json: 7")

    assert imported is None
    assert any(path in p.text.en for p in problems)
    assert all(p.text.en.startswith("orders.json: 7") for p in problems)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"format": "shopify"}, {"format": None}])
def test_what_is_no_order_of_ours_is_said_to_be_none(data):
    imported, problems = order_from_document(data)

    assert imported is None
    assert "ashop-order/1" in problems[0].text.sv


def test_several_faults_are_told_at_once():
    _, problems = order_from_document({**document(), "currency": 5, "delivery": None})

    assert len(problems) == 2


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
lines = st.lists(
    st.builds(
        OrderLine,
        position=st.just(1),
        sku=text,
        name=text,
        quantity=st.integers(1, 1000),
        unit_price=st.integers(0, 10**6),
        vat_rate=st.none() | st.decimals(0, 99, places=2),
        discount=st.integers(0, 1000),
    ),
    max_size=4,
)


@given(
    lines,
    st.builds(Customer, name=text, email=text, city=text),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 10**9),
)
def test_what_goes_out_comes_back(goods, customer, at, paid):
    order = replace(
        ORDER, lines=tuple(goods), customer=customer, placed_at=at, paid=paid, payment_fee=2900, discount=1500
    )

    imported, problems = order_from_document(document(order))

    assert problems == []
    assert imported is not None
    assert imported.customer == customer
    assert imported.at == at
    assert [(p.kind, p.amount) for p in imported.payments] == ([(PaymentKind.PAID, paid)] if paid else [])
    assert (imported.discount, imported.payment_fee) == (order.discount, order.payment_fee)
    assert [(x.sku, x.name, x.quantity, x.unit_price, x.vat_rate, x.discount) for x in imported.lines] == [
        (x.sku, x.name, x.quantity, x.unit_price, x.vat_rate, x.discount) for x in goods
    ]
