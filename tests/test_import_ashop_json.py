"""Ashop's own JSON: what one shop exports another imports, whole, in any layout of the file."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ashop_core import NewLine, Shop
from ashop_core.doctor import examine_shop
from ashop_core.models import NewParcel, NewPayment, Order, PaymentKind
from ashop_core.serial import order_document
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from ashop_order_import.found import ReadOptions
from ashop_order_import.reading import read_orders
from tests.import_samples import codes, read, retail, retail_row, run, write


def export(shop: Shop) -> list[dict[str, Any]]:
    return [
        order_document(o, shop.parcels(o), shop.payments(o), shop.history(o), internal=True)
        for o in (shop.order(row.reference) for row in shop.every_order())
    ]


def as_lines(documents: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents)


def same(order: Order) -> tuple[object, ...]:
    """What an order must keep on its way through a file."""
    goods = [
        (x.sku, x.name, x.quantity, x.unit_price, x.vat_rate, x.discount, x.held, x.gone) for x in order.lines
    ]
    return (
        order.status, order.placed_at, order.delivery, order.payment_method, order.currency, order.language,
        order.customer, goods, order.shipping_price, order.payment_fee, order.discount, order.total,
        order.authorised, order.paid, order.refunded, order.payment, order.payment_due, dict(order.fields),
        order.deadline, order.parcel_count, order.parcel_numbers,
    )  # fmt: skip


def records(shop: Shop, order: Order) -> tuple[object, ...]:
    """What belongs to an order and must keep its own times and references too."""
    return (
        [(p.number, p.carrier, p.sent_at, dict(p.contents)) for p in shop.parcels(order)],
        [(p.kind, p.amount, p.reference, p.at) for p in shop.payments(order)],
    )


@pytest.fixture
def first(make_shop: MakeShop, clock: FixedClock) -> Shop:
    """A shop with orders of its own, one of them imported before."""
    shop = make_shop("order_import", folder="first")
    place_order(shop)
    clock.advance(hours=1)
    rated = NewLine(sku="B", name="Bok, röd", quantity=2, unit_price=19900, vat_rate=Decimal("6"))
    order = place_order(shop, [rated, *some_lines("C", "C", quantity=3)], delivery="pickup", language="en")
    shop.approve(order)
    clock.advance(hours=1)
    order = place_order(shop)
    shop.approve(order)
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped", parcel=NewParcel(number="00373500489530471234"))
    run(shop, write(shop.settings.folder, retail(retail_row())), currency="GBP")
    return shop


@pytest.mark.parametrize("layout", ["lines", "array", "indented", "one by one"])
def test_what_is_exported_is_imported_again(
    first: Shop, make_shop: MakeShop, tmp_path: Path, layout: str
) -> None:
    documents = export(first)
    content = {
        "lines": as_lines(documents),
        "array": "[\n" + ",\n".join(json.dumps(d) for d in documents) + "\n]\n",
        "indented": json.dumps(documents, indent=2),
        "one by one": "\n".join(json.dumps(d, indent=1) for d in documents),
    }[layout]
    second = make_shop("order_import", folder="second")

    report = run(second, write(tmp_path, content))

    assert (report.format, report.rows_read, report.imported.orders) == ("ashop", 4, 4)
    before = {o.external_id or o.reference: (same(o), records(first, o)) for o in orders(first)}
    assert {o.external_id: (same(o), records(second, o)) for o in orders(second)} == before


def test_an_order_with_everything_on_it_is_whole_on_the_other_side(
    make_shop: MakeShop, clock: FixedClock, tmp_path: Path
) -> None:
    first, second = make_shop("order_import", toml=FEES, folder="1"), make_shop("order_import", folder="2")
    goods = [
        NewLine(sku="A", name="A", quantity=4, unit_price=10000, vat_rate=Decimal("25"), discount=1500),
        NewLine(sku="B", name="B", quantity=1, unit_price=5000, vat_rate=Decimal("6")),
    ]
    order = first.start_order(goods, checkout_key="k", payment_method="invoice", discount=700)
    first.give_details(order, customer=some_customer())
    first.place(order)
    first.approve(order)
    first.change_status(order, "reviewed")
    for kind, amount in (("authorised", 46700), ("paid", 40000), ("paid", 6700), ("refunded", 500)):
        clock.advance(minutes=1)
        first.add_payment(
            order, NewPayment(kind=PaymentKind(kind), amount=amount, reference=f"{kind}-{amount}")
        )
    for parcel in (NewParcel(number="1", contents={1: 1}), NewParcel(carrier="Bring", contents={1: 1, 2: 1})):
        clock.advance(hours=1)
        first.change_status(order, "partly_shipped", parcel=parcel)
    before = first.order(order)
    assert [(x.held, x.gone) for x in before.lines] == [(2, 2), (0, 1)]
    assert before.payment_due is not None

    run(second, write(tmp_path, as_lines(export(first))))

    [after] = orders(second)
    assert same(after) == same(before)
    assert records(second, after) == records(first, before)
    assert [p.seq for p in second.payments(after)] == [-2, -1, 0, 1], "the next change is the second"
    assert second.add_note(after, "efteråt").order.version == 2
    assert [f.text.sv for f in examine_shop(second) if f.serious] == []
    clock.advance(hours=1)
    shipped = second.change_status(second.approve(after).order, "shipped", parcel=NewParcel(number="3")).order
    assert [(x.held, x.gone) for x in shipped.lines] == [(0, 4), (0, 1)]


def test_a_day_to_collect_by_comes_along(make_shop: MakeShop, tmp_path: Path) -> None:
    first, second = make_shop("order_import", folder="1"), make_shop("order_import", folder="2")
    order = place_order(first, delivery="pickup")
    first.approve(order)
    first.change_status(order, "reviewed")
    first.change_status(order, "ready_for_pickup", fields={"collect_by": "2026-12-05"})

    run(second, write(tmp_path, as_lines(export(first))))

    [after] = orders(second)
    assert (dict(after.fields), after.deadline) == ({"collect_by": "2026-12-05"}, date(2026, 12, 5))


def test_a_field_that_cannot_be_read_refuses_the_order(make_shop: MakeShop, tmp_path: Path) -> None:
    shop = make_shop("order_import")

    report = run(shop, write(tmp_path, json.dumps(document(fields={"collect_by": "snart", "okänt": "x"}))))

    assert (report.imported.orders, dict(report.reasons)) == (0, {"not_taken": 1})


FEES = """
[payment.invoice]
fee = 2900
due_days = 30

[delivery.post]
price = 0
"""


def orders(shop: Shop) -> list[Order]:
    return [shop.order(row.reference) for row in shop.every_order()]


def test_a_second_export_is_the_same_and_is_known_again(
    first: Shop, make_shop: MakeShop, tmp_path: Path
) -> None:
    second, third = make_shop("order_import", folder="2"), make_shop("order_import", folder="3")
    run(second, write(tmp_path, as_lines(export(first))))
    run(third, write(tmp_path, as_lines(export(second))))

    again = run(third, write(tmp_path, as_lines(export(first))))

    assert (again.imported.orders, again.here.orders) == (0, 4)
    assert [same(o) for o in orders(third)] == [same(o) for o in orders(second)]


def test_an_order_imported_from_csv_is_known_when_it_comes_as_json(
    first: Shop, make_shop: MakeShop, tmp_path: Path
) -> None:
    second = make_shop("order_import", folder="second")
    run(second, write(tmp_path, as_lines(export(first))))

    report = run(second, write(tmp_path, retail(retail_row())))

    assert (report.imported.orders, report.here.rows) == (0, 1)


def document(**changed: Any) -> dict[str, Any]:
    line = {"sku": "A", "name": "A", "quantity": 1, "unit_price": 100}
    return {
        "format": "ashop-order/1", "reference": "K-AAAAAA", "status": "received", "delivery": "post",
        "payment_method": "invoice", "currency": "SEK", "placed_at": "2026-01-02T03:04:05.000000Z", "lines": [line],
    } | changed  # fmt: skip


def line(**changed: Any) -> list[dict[str, Any]]:
    return [{"sku": "A", "name": "A", "quantity": 1, "unit_price": 100} | changed]


def test_the_smallest_order_there_is(tmp_path: Path) -> None:
    [order], refused = read(write(tmp_path, json.dumps(document())))

    assert (order.source, order.external_id, order.total, refused) == ("ashop", "K-AAAAAA", 100, [])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"lines": line(quantity=0)}, "bad_order"),
        ({"lines": line(quantity=1.0)}, "bad_document"),
        ({"lines": line(quantity="1")}, "bad_document"),
        ({"lines": line(quantity=True)}, "bad_document"),
        ({"lines": line(quantity=2**63)}, "bad_document"),
        ({"lines": line(unit_price=-1)}, "bad_order"),
        ({"lines": line(unit_price=4.95)}, "bad_document"),
        ({"lines": line(unit_price=float("nan"))}, "bad_document"),
        ({"lines": line(sku="")}, "bad_order"),
        ({"lines": line(name="\ud800")}, "bad_document"),
        ({"lines": line(name="a\u0000b")}, "bad_document"),
        ({"lines": line(name="a\u001bb")}, "bad_order"),
        ({"lines": []}, "bad_order"),
        ({"lines": None}, "bad_document"),
        ({"lines": line() * 5001}, "bad_order"),
        ({"total": 101}, "bad_document"),
        ({"shipping_price": -50, "total": 50}, "bad_order"),
        ({"lines": line(discount=101)}, "bad_order"),
        ({"lines": line(discount=-1)}, "bad_order"),
        ({"discount": 101}, "bad_order"),
        ({"payment_fee": -1}, "bad_order"),
        ({"payments": [{"kind": "refunded", "amount": 1}], "refunded": 1}, "bad_order"),
        ({"payments": [{"kind": "paid", "amount": -1}], "paid": -1}, "bad_order"),
        ({"parcels": [{"contents": {"1": 2}}]}, "bad_order"),
        ({"parcels": [{"contents": {"1": 1}}, {"contents": {"1": 1}}]}, "bad_order"),
        ({"parcels": [{"contents": {"2": 1}}]}, "bad_order"),
        ({"parcels": [{"number": "1\n2"}]}, "bad_order"),
        ({"parcels": [{"contents": {"x": 1}}]}, "bad_document"),
        ({"paid": -1}, "bad_order"),
        ({"paid": 10**13}, "bad_order"),
        ({"currency": "KRONOR"}, "bad_currency"),
        ({"language": "de"}, "bad_order"),
        ({"placed_at": "2026-01-02"}, "bad_document"),
        ({"placed_at": None}, "bad_document"),
        ({"placed_at": "0001-01-01T00:00:00+23:00"}, "bad_document"),
        ({"customer": {"name": "x" * 501}}, "bad_order"),
        ({"customer": []}, "bad_document"),
        ({"reference": ""}, "bad_order"),
        ({"reference": "x" * 501}, "bad_text"),
        ({"format": "ashop-order/9"}, "bad_document"),
        ({"format": 5}, "bad_document"),
        ({"surprise": 1}, "bad_document"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_order_that_is_not_as_it_should_be_is_refused_and_the_next_one_read(
    tmp_path: Path, changed: dict[str, Any], code: str
) -> None:
    content = json.dumps(document(**changed)) + "\n" + json.dumps(document(reference="K-BBBBBB")) + "\n"

    found, refused = read(write(tmp_path, content), ReadOptions(format="ashop"))

    assert [order.external_id for order in found] == ["K-BBBBBB"]
    assert [(r.number, r.reason.code) for r in refused] == [(1, code)]


def test_every_fault_of_an_order_is_named_with_its_path(tmp_path: Path) -> None:
    bad = document(lines=line(quantity="1", unit_price=1.5), currency=7)

    _, [row] = read(write(tmp_path, json.dumps(bad)))

    assert all(
        path in row.reason.text.en for path in ("lines[0].quantity", "lines[0].unit_price", "currency")
    )


@pytest.mark.parametrize(
    "middle", ["{", '{"a": }', "nonsense", "[1, 2]", "17", '"text"', "null", "[" * 100_000, "9" * 5000]
)
def test_a_bad_line_of_json_lines_is_one_refused_row(tmp_path: Path, middle: str) -> None:
    content = "\n".join([json.dumps(document()), middle, "", json.dumps(document(reference="K-B"))])

    found, [row] = read(write(tmp_path, content))

    assert [(order.external_id, order.rows) for order in found] == [("K-AAAAAA", (1,)), ("K-B", (4,))]
    assert row.number == 2
    assert row.reason.code in ("bad_json", "bad_document")


@pytest.mark.parametrize(
    "content",
    [
        "[" + json.dumps(document()) + ", {]",
        "[" + json.dumps(document()),
        "[" + json.dumps(document()) + ",",
        "[" + json.dumps(document()) + " " + json.dumps(document(reference="K-B")) + "]",
        json.dumps([document()], indent=1)[:-1] + "," + "[" * 100_000,
    ],
    ids=["broken", "torn", "torn after the comma", "no comma", "too deep"],
)
def test_after_a_fault_in_an_array_nothing_is_read(tmp_path: Path, content: str) -> None:
    found, refused = read(write(tmp_path, content))

    assert [order.external_id for order in found] == ["K-AAAAAA"]
    assert codes(refused) == ["broken_json"]


@pytest.mark.parametrize("content", ["[]", "[ ]", "[\n]\n"])
def test_an_empty_array_holds_nothing(tmp_path: Path, content: str) -> None:
    assert read(write(tmp_path, content)) == ([], [])


def test_the_same_order_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    found, refused = read(write(tmp_path, json.dumps([document(), document()])))

    assert (len(found), codes(refused)) == (1, ["came_back"])


def test_a_large_array_is_read_a_piece_at_a_time(tmp_path: Path) -> None:
    documents = [document(reference=f"K-{n}", lines=line(name="Å" * 400) * 20) for n in range(200)]

    found, refused = read(write(tmp_path, json.dumps(documents, indent=4, ensure_ascii=False)))

    assert ([order.external_id for order in found], refused) == ([f"K-{n}" for n in range(200)], [])


def test_the_format_is_said(tmp_path: Path) -> None:
    with read_orders(write(tmp_path, "\ufeff" + json.dumps(document()))) as file:
        assert (file.format, file.label, file.delimiter) == ("ashop", "Ashop JSON", "")
        assert len(list(file)) == 1
