"""Changes of an order: what each one asks, what stands against it, what follows, and that nothing is half done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from threading import Barrier
from typing import Any

import pytest

from ashop_core.changes import NoteRequest, ParcelRequest, PaymentRequest, StatusRequest
from ashop_core.doctor import examine_shop
from ashop_core.errors import Conflict, InvalidInput, NotFound, PluginError, Refused
from ashop_core.models import (
    Customer,
    Delivery,
    ImportedOrder,
    Kind,
    Move,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    OrderLine,
    PaymentKind,
    PaymentStatus,
    Place,
)
from ashop_core.money import LARGEST
from ashop_core.moves import moved, status_moves
from ashop_core.payment_record import payment_status
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from tests.shops import dump

AUTHORISED, PAID, FAILED, REFUNDED = PaymentKind
FREE, HELD, GONE = Place

# A channel that keeps what it is given, whole; and a status that asks for all sorts of things.
LETTERS = """
from ashop_core import Text, hookimpl
from ashop_core.models import Rendered

class Letters:
    label = Text("brev", "letter")

    def __init__(self, code):
        self.code = code

    def address(self, text):
        return text or None

    def recipient(self, customer):
        return customer.email or None

    def render(self, context):
        return Rendered(subject=context.template, body=repr(context))

    def send(self, message, rendered, within):
        return "posted"

@hookimpl
def ashop_register_channels():
    return [Letters("email")]
"""
BOOKING = """
from ashop_core import Text, hookimpl
from ashop_core.flows import FlowParts
from ashop_core.models import Field, FieldType, Place, Stage, Status
from ashop_core.standard import steps

FIELDS = (
    Field(code="time", type=FieldType.DATE_TIME, label=Text("Tid", "Time"), required=True),
    Field(code="day", type=FieldType.DATE, label=Text("Dag", "Day")),
    Field(code="crew", type=FieldType.TEXT, label=Text("Lag", "Crew")),
)
BOOKED = Status(
    code="booked", label=Text("Bokad", "Booked"), customer_label=Text("Bokad", "Booked"), stage=Stage.OPEN,
    stock=Place.HELD, fields=FIELDS, notify=("email",),
)

@hookimpl
def ashop_register_flows():
    return FlowParts(statuses=(BOOKED,), transitions=steps("reviewed > booked > shipped", "post"))
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop(
        "local:letters",
        "local:booking",
        files={"plugins/letters.py": LETTERS, "plugins/booking.py": BOOKING},
        synchronous="OFF",
    )


def reasons(call: Callable[[], object]) -> list[str]:
    """Return the codes of the reasons for which a call is refused."""
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.code for problem in refusal.value.problems]


def reviewed(shop: Shop, *, approve: bool = True, **given: Any) -> Order:
    """Return an order that is ready to be sent."""
    order = place_order(shop, **given)
    if approve and given.get("payment_method", "invoice") == "invoice":
        shop.approve(order)
    return shop.change_status(order, "reviewed").order


def card_order(shop: Shop, kind: PaymentKind = PAID) -> Order:
    order = shop.start_order(some_lines("LAMPA"), checkout_key="card", payment_method="card")
    shop.give_details(order, customer=some_customer())
    shop.add_payment(order, NewPayment(kind=kind, amount=order.total))
    shop.place(order)
    return shop.change_status(order, "reviewed").order


def pay(shop: Shop, order: Order, kind: PaymentKind, amount: int) -> Order:
    return shop.add_payment(order, NewPayment(kind=kind, amount=amount)).order


def three_of_two(shop: Shop) -> Order:
    return reviewed(shop, lines=some_lines("LAMPA", "SLADD", quantity=3))


# ── The flow and its guards ──────────────────────────────────────────────────────────────────────

NEXT = {
    ("post", "received"): {"reviewed", "cancelled"},
    ("post", "reviewed"): {"shipped", "partly_shipped", "cancelled"},
    ("post", "partly_shipped"): {"shipped"},
    ("post", "shipped"): {"delivered", "returned"},
    ("post", "delivered"): {"returned"},
    ("pickup", "received"): {"reviewed", "cancelled"},
    ("pickup", "reviewed"): {"ready_for_pickup", "cancelled"},
    ("pickup", "ready_for_pickup"): {"picked_up", "cancelled"},
    ("pickup", "picked_up"): {"returned"},
    ("post", "cancelled"): set(),
    ("post", "returned"): set(),
}
WAY = {
    "received": [],
    "reviewed": ["reviewed"],
    "partly_shipped": ["reviewed", "partly_shipped"],
    "shipped": ["reviewed", "shipped"],
    "delivered": ["reviewed", "shipped", "delivered"],
    "ready_for_pickup": ["reviewed", "ready_for_pickup"],
    "picked_up": ["reviewed", "ready_for_pickup", "picked_up"],
    "cancelled": ["cancelled"],
    "returned": ["reviewed", "shipped", "returned"],
}


def at(shop: Shop, delivery: str, status: str) -> Order:
    """Return an approved order that went to `status` along the flow."""
    order = place_order(shop, some_lines("LAMPA", "SLADD"), delivery=delivery)
    order = shop.approve(order).order
    for code in WAY[status]:
        order = shop.change_status(order, code, **given_for(code)).order
    return order


def given_for(status: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "partly_shipped": {"parcel": NewParcel(contents={1: 1})},
        "cancelled": {"reason": "ångrade sig"},
    }
    return given.get(status, {})


@pytest.mark.parametrize(("delivery", "source"), NEXT)
def test_an_order_goes_where_the_flow_lets_it_and_nowhere_else(
    make_shop: MakeShop, delivery: str, source: str
) -> None:
    shop = make_shop(synchronous="OFF")
    order = at(shop, delivery, source)

    allowed = set()
    for target in shop.flows.statuses:
        tried = shop.preview(order, StatusRequest(to=target, **given_for(target)))
        if target != source and "not_in_flow" not in {p.code for p in tried.problems}:
            allowed.add(target)

    assert allowed == NEXT[delivery, source] == {s.code for s in shop.flows.next_statuses(order)}


def test_the_choices_are_the_statuses_of_the_flow_with_what_speaks_against_each(shop: Shop) -> None:
    order = shop.change_status(place_order(shop), "reviewed").order

    found, choices = shop.choices(order)

    assert found == order
    assert {c.status.code: [p.code for p in c.problems] for c in choices} == {
        "received": ["not_in_flow"],
        "partly_shipped": ["not_approved", "not_partial"],
        "shipped": ["not_approved"],
        "delivered": ["not_in_flow"],
        "cancelled": ["no_reason"],
        "returned": ["not_in_flow"],
        "booked": ["missing_field"],
    }
    assert {c.status.code for c in choices if c.allowed} == {"cancelled", "booked"}


def test_the_choices_of_a_checkout_hold_its_own_statuses(shop: Shop) -> None:
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="invoice")

    _, choices = shop.choices(order)

    assert [c.status.code for c in choices if c.allowed] == ["details_given", "abandoned"]


def test_a_refusal_says_from_where_to_where_and_what_is_allowed(shop: Shop) -> None:
    order = place_order(shop)

    with pytest.raises(Refused) as refusal:
        shop.change_status(order, "delivered")

    assert refusal.value.text.sv.startswith(
        "100001 → Levererad nekad: från Mottagen går det inte till Levererad"
    )
    assert "Reviewed (reviewed), Cancelled (cancelled)" in refusal.value.text.en


def test_an_unknown_status_is_named_with_those_there_are(shop: Shop) -> None:
    order = place_order(shop)

    with pytest.raises(NotFound) as error:
        shop.change_status(order, "teleported")

    assert "teleported" in error.value.text.sv
    assert "partly_shipped" in error.value.text.sv


def ship_unapproved(shop: Shop) -> object:
    return shop.change_status(reviewed(shop, approve=False), "shipped")


def ship_refunded(shop: Shop) -> object:
    order = card_order(shop)
    pay(shop, order, REFUNDED, 1)
    return shop.change_status(order, "shipped")


def ship_failed(shop: Shop) -> object:
    order = reviewed(shop)
    pay(shop, order, FAILED, 0)
    return shop.change_status(order, "shipped")


def cancel_without_reason(shop: Shop) -> object:
    return shop.change_status(place_order(shop), "cancelled", reason="  ")


def skip_review(shop: Shop) -> object:
    order = place_order(shop)
    shop.approve(order)
    return shop.change_status(order, "shipped")


def book_without_time(shop: Shop) -> object:
    return shop.change_status(reviewed(shop), "booked", fields={"crew": "Bo"})


@pytest.mark.parametrize(
    ("attempt", "code", "guard"),
    [
        (skip_review, "not_in_flow", "flow_problems"),
        (ship_unapproved, "not_approved", "guard_problems"),
        (ship_refunded, "not_paid", "guard_problems"),
        (ship_failed, "payment_failed", "guard_problems"),
        (cancel_without_reason, "no_reason", "guard_problems"),
        (book_without_time, "missing_field", "required_fields"),
    ],
)
def test_a_guard_refuses_and_without_it_the_change_is_made(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, attempt: Callable[[Shop], object], code: str, guard: str
) -> None:
    assert reasons(lambda: attempt(shop)) == [code]

    with monkeypatch.context() as patch, shop_like(shop) as unguarded:
        patch.setattr(f"ashop_core.status_change.{guard}", lambda *_: [])
        attempt(unguarded)  # the twin: it is this guard, and no other, that refused


def shop_like(shop: Shop) -> Shop:
    """Open a shop of the same settings with a database of its own."""
    folder = shop.settings.folder
    settings = (folder / "ashop.toml").read_text("utf-8")
    (folder / "ashop.toml").write_text(settings.replace("[shop]", '[shop]\ndatabase = "twin.db"', 1), "utf-8")
    return Shop.open(folder, clock=shop.clock, synchronous="OFF")


def test_all_reasons_are_gathered_in_one_refusal(make_shop: MakeShop) -> None:
    objecting = """
from ashop_core import Problem, Text, hookimpl

@hookimpl
def ashop_validate_change(change):
    if change.to_status == "shipped":
        yield Problem("full", Text("bilen är full", "the van is full"))
        yield Problem("late", Text("för sent", "too late"))
"""
    files = {"plugins/a.py": objecting, "plugins/b.py": objecting}
    shop = make_shop("local:b", "local:a", files=files, toml='[delivery.post]\nparcel_number = "required"\n')
    order = place_order(shop)
    pay(shop, order, FAILED, 0)

    with pytest.raises(Refused) as refusal:
        shop.change_status(order, "shipped", fields={"colour": "red"}, note="x" * 2001)

    found = [(p.code, p.plugin) for p in refusal.value.problems]
    assert found == [
        ("unknown_field", None),
        ("not_in_flow", None),
        ("payment_failed", None),
        ("not_approved", None),
        ("missing_field", None),
        ("note", None),
        ("full", "local:a"),
        ("late", "local:a"),
        ("full", "local:b"),
        ("late", "local:b"),
    ]
    for problem in refusal.value.problems:
        assert problem.text.sv in refusal.value.text.sv
        assert problem.text.en in refusal.value.text.en
    assert "local:a" in [problem.plugin for problem in refusal.value.problems]
    assert "local:a" not in refusal.value.text.en  # which plugins a shop has is nobody's business


# ── Approval ─────────────────────────────────────────────────────────────────────────────────────


def test_an_approval_says_who_and_when_and_lets_the_order_ship(shop: Shop, clock: FixedClock) -> None:
    order = reviewed(shop, approve=False)
    clock.advance(hours=1)

    approved = shop.approve(order, note="ringde kunden", actor="Eva").order

    assert (approved.approved_at, approved.approved_by) == (clock.now, "Eva")
    assert approved == shop.order(order)
    entry = shop.history(order)[-1]
    assert (entry.kind, entry.actor, entry.note) == (Kind.APPROVAL, "Eva", "ringde kunden")
    assert shop.change_status(order, "shipped").order.status == "shipped"


def test_approving_again_changes_nothing(shop: Shop) -> None:
    order = shop.approve(place_order(shop), actor="Eva").order

    outcome = shop.approve(order, actor="Bo")

    assert outcome.unchanged
    assert shop.order(order).approved_by == "Eva"


@pytest.mark.parametrize("status", ["shipped", "cancelled"])
def test_only_an_open_order_is_approved(shop: Shop, status: str) -> None:
    shop_order = card_order(shop)
    shop.change_status(shop_order, status, reason="x")

    assert reasons(lambda: shop.approve(shop_order)) == ["not_open", "needs_no_approval"]


def test_a_checkout_is_not_approved(shop: Shop) -> None:
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="invoice")

    assert reasons(lambda: shop.approve(order)) == ["not_open"]


def test_a_pick_up_is_approved_before_it_is_made_ready(shop: Shop) -> None:
    order = reviewed(shop, approve=False, delivery="pickup")

    assert reasons(lambda: shop.change_status(order, "ready_for_pickup")) == ["not_approved"]


# ── Payment ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], PaymentStatus.UNPAID),
        ([(AUTHORISED, 9999)], PaymentStatus.UNPAID),
        ([(AUTHORISED, 10000)], PaymentStatus.AUTHORISED),
        ([(AUTHORISED, 10000), (PAID, 4000)], PaymentStatus.PART_PAID),
        ([(PAID, 4000), (PAID, 6000)], PaymentStatus.PAID),
        ([(PAID, 10000), (PAID, 1)], PaymentStatus.PAID),
        ([(FAILED, 0)], PaymentStatus.FAILED),
        ([(AUTHORISED, 10000), (FAILED, 10000)], PaymentStatus.FAILED),
        ([(FAILED, 0), (PAID, 10000)], PaymentStatus.PAID),
        ([(FAILED, 0), (AUTHORISED, 10000)], PaymentStatus.AUTHORISED),
        ([(PAID, 10000), (REFUNDED, 1)], PaymentStatus.PART_REFUNDED),
        ([(PAID, 10000), (REFUNDED, 4000), (REFUNDED, 6000)], PaymentStatus.REFUNDED),
        ([(PAID, 10000), (REFUNDED, 10000), (PAID, 10000)], PaymentStatus.PART_REFUNDED),
    ],
)
def test_what_the_entries_of_a_payment_add_up_to(
    shop: Shop, entries: list[tuple[PaymentKind, int]], expected: PaymentStatus
) -> None:
    order = place_order(shop)

    for kind, amount in entries:
        order = pay(shop, order, kind, amount)

    assert order.payment is expected
    assert order == shop.order(order)
    assert [(p.kind, p.amount) for p in shop.payments(order)] == entries
    assert order.status == "received"  # a payment never moves the status
    assert examine_shop(shop) == []


def test_an_order_that_costs_nothing_is_covered_without_money(shop: Shop) -> None:
    order = shop.start_order(some_lines("PROV", price=0), checkout_key="free", payment_method="card")
    shop.give_details(order, customer=some_customer())

    assert shop.place(order).order.status == "received"
    assert payment_status(0, 0, 0, 0, failed=False) is PaymentStatus.UNPAID


@pytest.mark.parametrize(
    ("kind", "amount"),
    [(PAID, 0), (PAID, -1), (AUTHORISED, 0), (REFUNDED, 0), (REFUNDED, -5), (FAILED, -1), (PAID, LARGEST + 1)]
    + [(kind, bad) for kind in (PAID, FAILED) for bad in (True, 1.5, float("nan"), "100", None)],
)
def test_a_payment_is_a_positive_amount_of_minor_units(shop: Shop, kind: PaymentKind, amount: Any) -> None:
    order = place_order(shop)
    before = dump(shop)

    assert "amount" in reasons(lambda: pay(shop, order, kind, amount))
    assert dump(shop) == before


@pytest.mark.parametrize(("paid", "refunded", "more"), [(0, 0, 1), (500, 0, 501), (500, 300, 201)])
def test_no_more_is_refunded_than_was_paid(shop: Shop, paid: int, refunded: int, more: int) -> None:
    order = place_order(shop)
    if paid:
        pay(shop, order, PAID, paid)
    if refunded:
        pay(shop, order, REFUNDED, refunded)

    assert reasons(lambda: pay(shop, order, REFUNDED, more)) == ["refund_too_large"]


@pytest.mark.parametrize(("method", "code"), [("card", "not_paid"), ("invoice", "payment_failed")])
def test_a_payment_failing_after_placement_flags_the_order_and_stops_it_from_shipping(
    shop: Shop, method: str, code: str
) -> None:
    order = card_order(shop, AUTHORISED) if method == "card" else reviewed(shop)

    failed = pay(shop, order, FAILED, 0)

    assert failed.status == "reviewed"
    assert failed.flags == ("payment_failed",)
    assert reasons(lambda: shop.change_status(order, "shipped")) == [code]

    mended = pay(shop, order, PAID, order.total)
    assert mended.flags == ()
    assert shop.change_status(order, "shipped").order.status == "shipped"


def test_a_payment_that_comes_back_stops_an_order_that_was_paid_from_shipping(shop: Shop) -> None:
    order = card_order(shop, PAID)

    failed = pay(shop, order, FAILED, 0)

    assert failed.payment is PaymentStatus.PAID
    assert reasons(lambda: shop.change_status(order, "shipped")) == ["payment_failed"]
    pay(shop, order, PAID, 1)
    assert shop.change_status(order, "shipped").order.status == "shipped"


def test_a_note_may_go_with_a_payment(shop: Shop) -> None:
    order = place_order(shop)

    shop.add_payment(order, NewPayment(kind=PAID, amount=5, reference="BG-1"), note="på kontot", actor="Eva")

    assert shop.history(order)[-1].note == "på kontot"
    assert shop.payments(order)[0].reference == "BG-1"


# ── Fields and times ─────────────────────────────────────────────────────────────────────────────


def book(shop: Shop, order: Order, **fields: str) -> Order:
    return shop.change_status(order, "booked", fields=fields).order


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-11-27 13:00", "2026-11-27T12:00:00.000000Z"),
        ("2026-06-27T13:00", "2026-06-27T11:00:00.000000Z"),
        ("2026-11-27 13:00+00:00", "2026-11-27T13:00:00.000000Z"),
        (" 2026-11-27 ", "2026-11-26T23:00:00.000000Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00.000000Z"),
        ("2026-10-25 02:30+01:00", "2026-10-25T01:30:00.000000Z"),
    ],
)
def test_a_time_is_read_in_the_shops_zone_and_kept_in_utc(shop: Shop, given: str, kept: str) -> None:
    order = book(shop, reviewed(shop), time=given)

    assert order.fields["time"] == kept
    assert shop.order(order).fields == {"time": kept}


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-29 02:30",  # the clocks go forward that night
        "2027-03-28 02:00",
        "2026-02-30 10:00",
        "2026-11-27 25:00",
        "imorgon",
        "13:00",
        "0001-01-01 00:00",  # before UTC has a year for it
        "9999-12-31 23:00-05:00",
        "7" * 5000,
        "２０２６-11-27",
    ],
)
def test_a_time_that_does_not_exist_is_refused(shop: Shop, time: str) -> None:
    order = reviewed(shop)

    with pytest.raises(Refused) as refusal:
        book(shop, order, time=time)

    assert {p.code for p in refusal.value.problems} == {"bad_field", "missing_field"}
    assert refusal.value.problems[0].text.sv.startswith("Tid: ")
    assert refusal.value.problems[0].text.en.startswith("Time: ")
    assert shop.order(order).status == "reviewed"


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Asia/Beirut", "America/Havana"])
def test_a_day_whose_midnight_is_skipped_is_a_day_all_the_same(make_shop: MakeShop, zone: str) -> None:
    shop = make_shop("local:booking", files={"plugins/booking.py": BOOKING})
    shop.settings = replace(shop.settings, shop=replace(shop.settings.shop, timezone=zone))
    skipped = {"Africa/Cairo": "2026-04-24", "Asia/Beirut": "2026-03-29", "America/Havana": "2026-03-08"}[
        zone
    ]

    order = book(shop, reviewed(shop), time="2026-06-01 12:00", day=skipped)

    assert order.fields["day"] == skipped


@pytest.mark.parametrize("day", ["2026-11-27", "20261127", "2026-W48-5", "2026-11-27 13:00"])
def test_a_day_is_kept_in_one_form(shop: Shop, day: str) -> None:
    order = book(shop, reviewed(shop), time="2026-11-27 13:00", day=day)

    assert order.fields["day"] == "2026-11-27"


@pytest.mark.parametrize("day", ["2026-02-30", "27/11", "", "x" * 3000])
def test_a_day_that_does_not_exist_is_refused(shop: Shop, day: str) -> None:
    order = reviewed(shop)

    assert reasons(lambda: book(shop, order, time="2026-11-27 13:00", day=day)) == ["bad_field"]


@pytest.mark.parametrize("crew", ["a\nb", "a\0b", "x" * 2001])
def test_a_text_is_one_line_of_bearable_length(shop: Shop, crew: str) -> None:
    order = reviewed(shop)

    assert reasons(lambda: book(shop, order, time="2026-11-27 13:00", crew=crew)) == ["bad_field"]


def test_a_field_that_the_status_does_not_have_is_named_with_those_it_has(shop: Shop) -> None:
    order = reviewed(shop)

    with pytest.raises(Refused) as refusal:
        book(shop, order, time="2026-11-27 13:00", colour="red")

    assert "colour" in refusal.value.text.sv
    assert "time, day, crew" in refusal.value.text.sv


def test_optional_fields_may_be_left_out(shop: Shop) -> None:
    assert book(shop, reviewed(shop), time="2026-11-27 13:00").status == "booked"


# ── Parcels ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wish", "number", "expected"),
    [
        ("asked", "", []),
        ("asked", "0037", []),
        ("required", "", ["missing_field"]),
        ("required", "0037", []),
        ("none", "", []),
        ("none", "0037", ["no_parcel_numbers"]),
    ],
)
@pytest.mark.parametrize("way", ["field", "parcel"])
def test_a_parcel_number_is_asked_for_required_or_not_taken(
    make_shop: MakeShop, way: str, wish: str, number: str, expected: list[str]
) -> None:
    shop = make_shop(toml=f'[delivery.post]\nparcel_number = "{wish}"\n')
    order = reviewed(shop)
    given: dict[str, Any] = {"fields": {"parcel_number": number}}
    if way == "parcel":
        given = {"parcel": NewParcel(number=number or None)}

    if expected:
        assert reasons(lambda: shop.change_status(order, "shipped", **given)) == expected
        return
    shop.change_status(order, "shipped", **given)

    assert [p.number for p in shop.parcels(shop.order(order))] == (
        [number] if number else [None] * (way == "parcel")
    )


def test_a_shipment_reports_its_parcel_with_all_that_is_in_it(shop: Shop, clock: FixedClock) -> None:
    order = three_of_two(shop)

    shipped = shop.change_status(order, "shipped", parcel=NewParcel(number="0037", carrier="PostNord")).order

    (parcel,) = shop.parcels(shipped)
    assert (parcel.position, parcel.number, parcel.carrier, parcel.sent_at) == (
        1,
        "0037",
        "PostNord",
        clock.now,
    )
    assert parcel.contents == {1: 3, 2: 3}
    assert shipped.parcel_count == 1
    assert shop.history(order)[-1].parcel == "0037"


def test_partial_shipments_move_what_is_in_each_parcel(shop: Shop) -> None:
    order = three_of_two(shop)

    first = shop.change_status(order, "partly_shipped", parcel=NewParcel(number="A", contents={1: 2})).order
    again = shop.change_status(first, "shipped", parcel=NewParcel(number="B")).order

    assert [(line.held, line.gone) for line in first.lines] == [(1, 2), (3, 0)]
    assert [(line.held, line.gone) for line in again.lines] == [(0, 3), (0, 3)]
    assert [dict(p.contents) for p in shop.parcels(again)] == [{1: 2}, {1: 1, 2: 3}]
    assert [e.moves for e in shop.history(order)][-2:] == [
        (Move(1, "LAMPA", 2, HELD, GONE),),
        (Move(1, "LAMPA", 1, HELD, GONE), Move(2, "SLADD", 3, HELD, GONE)),
    ]
    assert shop.order(again) == again


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ({}, ["not_partial"]),
        ({1: 3, 2: 3}, ["not_partial"]),
        ({1: 4}, ["parcel_contents"]),
        ({1: 0}, ["parcel_contents"]),
        ({1: -1}, ["parcel_contents"]),
        ({3: 1}, ["parcel_contents"]),
        ({1: 1, 7: 1}, ["parcel_contents"]),
        ({1: 1.5}, ["parcel_contents"]),
        ({1: True}, ["parcel_contents"]),
        ({1: float("nan")}, ["parcel_contents"]),
        ({1: "1"}, ["parcel_contents"]),
        ({1: 10**30}, ["parcel_contents"]),
        ({True: 1}, ["parcel_contents"]),
        ({1.0: 1}, ["parcel_contents"]),
    ],
)
def test_a_partial_shipment_holds_part_of_what_is_held(
    shop: Shop, contents: dict[Any, Any], expected: list[str]
) -> None:
    order = three_of_two(shop)
    parcel = NewParcel(contents=contents)

    assert set(reasons(lambda: shop.change_status(order, "partly_shipped", parcel=parcel))) >= set(expected)
    assert shop.order(order) == order


def test_a_partial_shipment_without_a_parcel_is_refused(shop: Shop) -> None:
    order = three_of_two(shop)

    assert reasons(lambda: shop.change_status(order, "partly_shipped")) == ["not_partial"]


def test_a_status_that_sends_everything_takes_no_half_parcel(shop: Shop) -> None:
    order = three_of_two(shop)

    parcel = NewParcel(contents={1: 3})

    assert reasons(lambda: shop.change_status(order, "shipped", parcel=parcel)) == ["not_everything"]


@pytest.mark.parametrize("position", [True, 1.0, "1", 7])
def test_a_parcel_that_comes_later_names_lines_that_there_are(shop: Shop, position: Any) -> None:
    order = shop.change_status(three_of_two(shop), "shipped").order

    parcel = NewParcel(contents={position: 1})

    assert reasons(lambda: shop.add_parcel(order, parcel)) == ["parcel_contents"]


def test_a_parcel_number_may_come_later(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped")

    outcome = shop.add_parcel(order, NewParcel(number="0037", contents={1: 1}), note="kom idag")

    assert outcome.change is not None
    assert (outcome.change.kind, outcome.change.moves) == (Kind.PARCEL, ())
    assert outcome.order.status == "shipped"
    assert [p.number for p in shop.parcels(outcome.order)] == ["0037"]
    assert outcome.messages == ()


@pytest.mark.parametrize(
    ("contents", "expected"),
    [({1: 2}, "parcel_contents"), ({9: 1}, "parcel_contents"), ({1: 0.5}, "parcel_contents")],
)
def test_a_later_parcel_holds_goods_that_have_left(
    shop: Shop, contents: dict[int, Any], expected: str
) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped")

    assert reasons(lambda: shop.add_parcel(order, NewParcel(number="0037", contents=contents))) == [expected]


def test_nothing_sent_is_no_parcel(shop: Shop) -> None:
    order = reviewed(shop)

    assert reasons(lambda: shop.add_parcel(order, NewParcel(number="0037"))) == ["nothing_sent"]


@pytest.mark.parametrize("words", ["a\nb", "a\0b", "x" * 3000, "a\ud800"])
@pytest.mark.parametrize("name", ["number", "carrier"])
@pytest.mark.parametrize("later", [True, False])
def test_what_stands_on_a_parcel_can_be_written(shop: Shop, name: str, words: str, later: bool) -> None:
    order = reviewed(shop)
    parcel = NewParcel(number=words) if name == "number" else NewParcel(carrier=words)
    if later:
        shop.change_status(order, "shipped")
    before = dump(shop)

    with pytest.raises(Refused):
        shop.add_parcel(order, parcel) if later else shop.change_status(order, "shipped", parcel=parcel)

    assert dump(shop) == before


def test_a_delivery_without_parcel_numbers_takes_none_later_either(shop: Shop) -> None:
    order = reviewed(shop, delivery="pickup")
    shop.change_status(order, "ready_for_pickup")
    shop.change_status(order, "picked_up")

    assert reasons(lambda: shop.add_parcel(order, NewParcel(number="0037"))) == ["no_parcel_numbers"]


# ── The same status again ────────────────────────────────────────────────────────────────────────


def test_the_same_status_with_nothing_new_is_no_change(shop: Shop) -> None:
    order = book(shop, reviewed(shop), time="2026-11-27 13:00")
    before = dump(shop)

    for fields in ({}, {"time": "2026-11-27 13:00"}, {"time": "2026-11-27T12:00:00+00:00"}):
        outcome = shop.change_status(order, "booked", fields=fields)
        assert outcome.unchanged
        assert outcome.order == order

    assert dump(shop) == before


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"note": "ringde"}, Kind.NOTE),
        ({"fields": {"time": "2026-11-28 13:00"}}, Kind.STATUS),
        ({"fields": {"time": "2026-11-28 13:00"}, "note": "flyttad"}, Kind.STATUS),
    ],
)
def test_a_note_or_a_new_time_on_the_same_status_is_a_change_that_tells_nobody(
    shop: Shop, given: dict[str, Any], kind: Kind
) -> None:
    order = book(shop, reviewed(shop), time="2026-11-27 13:00")

    outcome = shop.change_status(order, "booked", **given)

    assert outcome.change is not None
    assert outcome.change.kind is kind
    assert outcome.messages == ()
    entry = shop.history(order)[-1]
    assert (entry.kind, entry.from_status, entry.to_status) == (kind, "booked", "booked")
    assert entry.note == given.get("note", "")
    assert bool(entry.fields) == ("fields" in given)
    assert outcome.order.version == order.version + 1


def test_the_same_status_tells_the_customer_only_if_asked(shop: Shop) -> None:
    order = book(shop, reviewed(shop), time="2026-11-27 13:00")

    outcome = shop.change_status(order, "booked", fields={"time": "2026-11-28 13:00"}, notify=True)

    assert [m.template for m in outcome.messages] == ["booked"]
    assert [m.template for m in shop.messages(order)] == ["received", "booked", "booked"]


def test_a_parcel_on_the_same_status_is_a_parcel(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped", fields={"parcel_number": "A"})

    outcome = shop.change_status(order, "shipped", fields={"parcel_number": "B"}, note="ett till")

    assert outcome.change is not None
    assert (outcome.change.kind, outcome.change.note) == (Kind.PARCEL, "ett till")
    assert [p.number for p in shop.parcels(outcome.order)] == ["A", "B"]


@pytest.mark.parametrize(
    "given", [{"fields": {"parcel_number": "A"}}, {"parcel": NewParcel(number="A")}], ids=["field", "parcel"]
)
def test_the_parcel_that_is_there_already_is_no_new_one(shop: Shop, given: dict[str, Any]) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped", **given)

    assert shop.change_status(order, "shipped", **given).unchanged
    assert shop.order(order).parcel_count == 1


def test_a_bad_field_on_the_same_status_is_refused_too(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped")

    given = {"parcel_number": "0037", "colour": "red"}

    assert reasons(lambda: shop.change_status(order, "shipped", fields=given)) == ["unknown_field"]


# ── Notes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_kept_as_it_was_written(shop: Shop) -> None:
    order = place_order(shop)

    shop.add_note(order, "  Två kollin.\nRing först 😀  ", actor="Eva")

    assert (shop.history(order)[-1].note, shop.history(order)[-1].actor) == (
        "Två kollin.\nRing först 😀",
        "Eva",
    )


@pytest.mark.parametrize(
    ("note", "code"),
    [("", "empty_note"), (" \n ", "empty_note"), ("x" * 2001, "note"), ("\0", "note"), ("\ud800", "note")],
)
def test_a_note_has_words_and_not_too_many(shop: Shop, note: str, code: str) -> None:
    order = place_order(shop)

    assert reasons(lambda: shop.add_note(order, note)) == [code]


# ── Moves ────────────────────────────────────────────────────────────────────────────────────────

PLACES = """
[statuses.on_shelf]
label = "På hyllan"
stage = "open"
stock = "free"
after = ["reviewed", "in_box", "on_road"]

[statuses.in_box]
label = "I lådan"
stage = "open"
stock = "held"
after = ["reviewed", "on_road"]

[statuses.on_road]
label = "På väg"
stage = "open"
stock = "gone"
after = ["reviewed", "in_box", "on_shelf"]

[[transitions]]
from = "on_shelf"
to = "in_box"

[statuses.also_on_shelf]
label = "På hyllan"
stage = "open"
stock = "free"
after = ["on_shelf", "in_box", "on_road"]
final = true

[statuses.also_in_box]
label = "I lådan"
stage = "open"
stock = "held"
after = ["on_shelf", "in_box", "on_road"]
final = true

[statuses.also_on_road]
label = "På väg"
stage = "open"
stock = "gone"
after = ["on_shelf", "in_box", "on_road"]
final = true
"""
WHERE = {FREE: "on_shelf", HELD: "in_box", GONE: "on_road"}


@pytest.mark.parametrize(("source", "target"), list(product(Place, Place)))
def test_each_cell_of_the_move_table(make_shop: MakeShop, source: Place, target: Place) -> None:
    shop = make_shop(toml=PLACES, synchronous="OFF")
    order = shop.change_status(three_of_two(shop), WHERE[source]).order

    outcome = shop.change_status(order, f"also_{WHERE[target]}")

    moves = (
        ()
        if source is target
        else tuple(Move(position, sku, 3, source, target) for position, sku in ((1, "LAMPA"), (2, "SLADD")))
    )
    assert outcome.change is not None
    assert outcome.change.moves == moves == shop.history(order)[-1].moves
    expected = {FREE: (0, 0, 3), HELD: (3, 0, 0), GONE: (0, 3, 0)}[target]
    assert [(line.held, line.gone, line.free) for line in outcome.order.lines] == [expected] * 2
    assert shop.order(order).lines == outcome.order.lines


def test_moves_of_a_line_in_several_places_bring_all_of_it_to_one() -> None:
    for held, gone, target in product(range(4), range(4), Place):
        if held + gone > 3:
            continue
        line = OrderLine(position=1, sku="A", name="A", quantity=3, unit_price=1, held=held, gone=gone)

        moves = status_moves([line], target)

        (after,) = moved((line,), moves)
        at_target = {FREE: after.free, HELD: after.held, GONE: after.gone}[target]
        assert at_target == 3
        assert all(move.quantity > 0 and move.source is not move.target for move in moves)
        assert {move.target for move in moves} <= {target}
        already = {FREE: line.free, HELD: held, GONE: gone}[target]
        assert sum(move.quantity for move in moves) == 3 - already


def test_cancelling_releases_and_returning_takes_back(shop: Shop) -> None:
    cancelled, returned = three_of_two(shop), three_of_two(shop)

    shop.change_status(cancelled, "cancelled", reason="ångrade sig")
    shop.change_status(returned, "shipped")
    shop.change_status(returned, "returned")

    assert {(m.source, m.target, m.quantity) for m in shop.history(cancelled)[-1].moves} == {(HELD, FREE, 3)}
    assert {(m.source, m.target, m.quantity) for m in shop.history(returned)[-1].moves} == {(GONE, FREE, 3)}


def test_stock_may_be_held_from_the_payment_on(make_shop: MakeShop) -> None:
    shop = make_shop(toml='[statuses.awaiting_payment]\nstock = "held"\n')
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="card")
    shop.give_details(order, customer=some_customer())

    held = shop.await_payment(order)
    released = shop.abandon(order)
    pay(shop, order, PAID, order.total)
    placed = shop.place(order)

    moves = [o.change.moves[0] for o in (held, released, placed) if o.change]
    assert [(m.source, m.target) for m in moves] == [(FREE, HELD), (HELD, FREE), (FREE, HELD)]


def test_plugins_see_the_moves_that_the_history_keeps(make_shop: MakeShop) -> None:
    watching = """
from ashop_core import Effect, Text, hookimpl

@hookimpl
def ashop_on_change(change):
    for m in change.moves:
        yield Effect(subject=m.sku, before=m.source, after=m.target, text=Text(f"{m.quantity} st", f"{m.quantity}"))
"""
    shop = make_shop("local:watch", files={"plugins/watch.py": watching})
    order = three_of_two(shop)

    outcome = shop.change_status(order, "shipped")

    entry = shop.history(order)[-1]
    assert entry.effects == outcome.effects
    assert [(p, e.subject, e.before, e.after, e.text.sv) for p, e in entry.effects] == [
        ("local:watch", "LAMPA", "held", "gone", "3 st"),
        ("local:watch", "SLADD", "held", "gone", "3 st"),
    ]


# ── Versions and races ───────────────────────────────────────────────────────────────────────────


def test_a_change_meant_for_another_version_is_a_conflict(shop: Shop) -> None:
    order = place_order(shop)
    shop.add_note(order, "någon annan var här")
    before = dump(shop)

    with pytest.raises(Conflict) as error:
        shop.change_status(order, "reviewed", expected_version=order.version)

    assert "100001" in error.value.text.sv
    assert dump(shop) == before
    assert (
        shop.change_status(order, "reviewed", expected_version=order.version + 1).order.status == "reviewed"
    )


def race(callers: int, call: Callable[[int], Any]) -> list[Any]:
    """Call from many threads at the same moment; return what each got, or the exception it got."""
    barrier = Barrier(callers)

    def run(n: int) -> Any:
        barrier.wait()
        try:
            return call(n)
        except (Conflict, Refused) as error:
            return error

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(run, range(callers)))


def test_of_eight_callers_with_one_version_one_makes_the_change(shop: Shop) -> None:
    order = reviewed(shop)

    got = race(8, lambda _: shop.change_status(order, "shipped", expected_version=order.version))

    assert sum(isinstance(g, Conflict) for g in got) == 7
    assert [e.to_status for e in shop.history(order)].count("shipped") == 1


def test_eight_callers_asking_for_the_same_status_make_one_change(shop: Shop) -> None:
    order = reviewed(shop)

    got = race(8, lambda _: shop.change_status(order, "shipped"))

    assert [g.unchanged for g in got].count(False) == 1
    assert [m.template for m in shop.messages(order)] == ["received", "shipped"]
    assert examine_shop(shop) == []


def test_eight_callers_going_different_ways_leave_one_unbroken_history(shop: Shop) -> None:
    order = reviewed(shop)
    ways = ["shipped", "cancelled"]

    race(8, lambda n: shop.change_status(order, ways[n % 2], reason="x"))

    assert [e.to_status for e in shop.history(order)][-1] in ways
    assert len({e.to_status for e in shop.history(order)} & set(ways)) == 1
    assert examine_shop(shop) == []


def test_eight_notes_at_once_are_all_kept(shop: Shop) -> None:
    order = place_order(shop)

    race(8, lambda n: shop.add_note(order, f"anteckning {n}"))

    entries = shop.history(order)
    assert {e.note for e in entries} >= {f"anteckning {n}" for n in range(8)}
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    assert shop.order(order).version == len(entries)


def test_refunds_at_once_never_exceed_what_was_paid(shop: Shop) -> None:
    order = pay(shop, place_order(shop), PAID, 10000)

    got = race(8, lambda _: pay(shop, order, REFUNDED, 4000))

    assert sum(isinstance(g, Refused) for g in got) == 6
    assert shop.order(order).refunded == 8000


# ── Previews ─────────────────────────────────────────────────────────────────────────────────────

NOISY = """
from datetime import timedelta
from ashop_core import Effect, Text, hookimpl
from ashop_core.models import Job
from ashop_core.outbox import JobHandler
from ashop_core.tables import Migration, Table, integer, text

told = []

@hookimpl
def ashop_register_tables():
    table = Table(name="noisy_counts", columns=(text("sku"), integer("n")), key=("sku",))
    return (Migration(name="m001", create=(table,)),)

@hookimpl
def ashop_register_jobs():
    return [JobHandler(Job(code="noisy", label=Text("n", "n")), lambda shop, payload: None)]

@hookimpl
def ashop_on_change(tx, change):
    for move in change.moves:
        tx.execute(
            "INSERT INTO noisy_counts (sku, n) VALUES (:sku, :n) ON CONFLICT (sku) DO UPDATE SET n = n + :n",
            {"sku": move.sku, "n": move.quantity},
        )
        yield Effect(subject=move.sku, before="0", after=str(move.quantity), text=Text("räknat", "counted"))
    tx.flag("seen")
    tx.enqueue("noisy", {}, key="k")

@hookimpl
def ashop_after_change(change):
    told.append(change.seq)
"""


@pytest.fixture
def noisy(make_shop: MakeShop) -> Shop:
    files = {"plugins/letters.py": LETTERS, "plugins/noisy.py": NOISY}
    return make_shop("local:letters", "local:noisy", files=files, synchronous="OFF")


def test_a_preview_tells_what_would_happen_and_keeps_nothing(noisy: Shop) -> None:
    order = three_of_two(noisy)
    before = dump(noisy)
    request = StatusRequest(to="shipped", parcel=NewParcel(number="0037"), note="Två kollin")

    preview = noisy.preview(order, request)

    assert dump(noisy) == before
    outcome = noisy.change(order, request)
    assert preview.problems == ()
    assert not preview.unchanged
    assert preview.change == outcome.change
    assert preview.order == outcome.order
    assert preview.effects == outcome.effects
    assert preview.messages == outcome.messages
    assert dump(noisy) != before


def test_a_preview_shows_the_messages_as_they_will_read(noisy: Shop) -> None:
    order = three_of_two(noisy)
    noisy.deliver(order)
    request = StatusRequest(to="shipped", parcel=NewParcel(number="0037", carrier="PostNord"))

    preview = noisy.preview(order, request)

    noisy.change(order, request)
    noisy.deliver(order)
    sent = noisy.messages(order)[-1]
    assert sent.delivery is Delivery.SENT
    assert [rendered for _, rendered in preview.previews] == [sent.rendered]


def test_a_preview_of_a_placement_spends_no_number(noisy: Shop) -> None:
    order = noisy.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="invoice")
    noisy.give_details(order, customer=some_customer())
    before = dump(noisy)

    preview = noisy.preview(order, StatusRequest(to="received"))

    assert dump(noisy) == before
    assert [m.template for m in preview.messages] == ["received"]
    assert place_order(noisy).number == 100001


def test_a_preview_does_not_tell_the_plugins_afterwards(noisy: Shop) -> None:
    order = place_order(noisy)
    told = next(i.function.__globals__["told"] for i in noisy.plugins.implementations("ashop_after_change"))
    heard = len(told)

    noisy.preview(order, StatusRequest(to="reviewed"))

    assert len(told) == heard


def test_a_preview_tells_every_reason_against_the_change(noisy: Shop) -> None:
    order = place_order(noisy)
    before = dump(noisy)

    preview = noisy.preview(order, StatusRequest(to="shipped"))

    assert [p.code for p in preview.problems] == ["not_in_flow", "not_approved"]
    assert (preview.effects, preview.previews) == ((), ())
    assert dump(noisy) == before


def test_a_preview_tells_what_a_plugin_refuses_under_the_lock(make_shop: MakeShop) -> None:
    refusing = """
from ashop_core import Problem, Text, hookimpl

@hookimpl
def ashop_on_change(change):
    return [Problem("short", Text("slut", "sold out"))] if change.to_status == "reviewed" else []
"""
    shop = make_shop("local:no", files={"plugins/no.py": refusing})
    order = place_order(shop)
    before = dump(shop)

    preview = shop.preview(order, StatusRequest(to="reviewed"))

    assert [(p.code, p.plugin) for p in preview.problems] == [("short", "local:no")]
    assert dump(shop) == before


def test_a_preview_of_nothing_new_says_so(noisy: Shop) -> None:
    order = place_order(noisy)

    assert noisy.preview(order, StatusRequest(to="received")).unchanged


@pytest.mark.parametrize(
    "request_",
    [
        NoteRequest(note="hej"),
        PaymentRequest(payment=NewPayment(kind=PAID, amount=1)),
        ParcelRequest(parcel=NewParcel(number="1")),
    ],
    ids=["note", "payment", "parcel"],
)
def test_every_request_can_be_previewed(noisy: Shop, request_: Any) -> None:
    order = three_of_two(noisy)
    noisy.change_status(order, "shipped")
    before = dump(noisy)

    assert noisy.preview(order, request_).problems == ()
    assert dump(noisy) == before


# ── Imported orders ──────────────────────────────────────────────────────────────────────────────

THEN = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)


def imported(**changed: Any) -> ImportedOrder:
    values: dict[str, Any] = {
        "source": "retail",
        "external_id": "581587",
        "status": "shipped",
        "at": THEN,
        "lines": some_lines("22613", "22899", quantity=4, price=85),
        "customer": Customer(name="12680"),
        "delivery": "post",
        "payment_method": "card",
        "currency": "GBP",
        "language": "en",
        "paid": 680,
        "parcel_number": "RM1",
        "note": "från den gamla butiken",
    }
    return ImportedOrder(**{**values, **changed})


def test_an_imported_order_enters_its_status_at_its_own_time_with_one_history_row(shop: Shop) -> None:
    outcome = shop.import_order(imported())

    assert outcome is not None
    order = outcome.order
    assert order == shop.order(order)
    assert (order.status, order.number, order.payment) == ("shipped", 100001, PaymentStatus.PAID)
    assert (order.created_at, order.changed_at, order.placed_at) == (THEN, THEN, THEN)
    assert [(line.held, line.gone) for line in order.lines] == [(0, 4), (0, 4)]
    (entry,) = shop.history(order)
    assert (entry.seq, entry.kind, entry.from_status, entry.to_status) == (1, Kind.IMPORTED, None, "shipped")
    assert (entry.at, entry.note, entry.actor, entry.moves) == (THEN, "från den gamla butiken", "import", ())
    assert [(p.number, dict(p.contents)) for p in shop.parcels(order)] == [("RM1", {1: 4, 2: 4})]
    assert examine_shop(shop) == []


def test_importing_again_changes_nothing(shop: Shop) -> None:
    shop.import_order(imported())
    before = dump(shop)

    assert shop.import_order(imported()) is None
    assert shop.import_order(imported(status="received", lines=some_lines("X"))) is None

    assert dump(shop) == before
    assert shop.import_order(imported(source="other")) is not None
    assert shop.import_order(imported(external_id="2")) is not None


def test_importers_racing_for_one_order_import_it_once(shop: Shop) -> None:
    got = race(8, lambda _: shop.import_order(imported()))

    assert sum(outcome is not None for outcome in got) == 1
    assert len(shop.orders().rows) == 1
    assert place_order(shop).number == 100002  # nor was a number spent on the others


@pytest.mark.parametrize(("notify", "expected"), [(False, []), (True, ["shipped"])])
def test_an_import_sends_nothing_unless_asked(shop: Shop, notify: bool, expected: list[str]) -> None:
    outcome = shop.import_order(imported(customer=some_customer()), notify=notify)

    assert outcome is not None
    assert [m.template for m in shop.messages(outcome.order)] == expected


@pytest.mark.parametrize(
    "status", ["received", "reviewed", "shipped", "cancelled", "started", "partly_shipped"]
)
@pytest.mark.parametrize("move_stock", [False, True])
def test_an_import_moves_stock_only_if_asked(shop: Shop, status: str, move_stock: bool) -> None:
    outcome = shop.import_order(imported(status=status, parcel_number=None), move_stock=move_stock)

    assert outcome is not None
    assert outcome.change is not None
    place = shop.flows.status(status).stock or HELD
    target = {(m.source, m.target) for m in outcome.change.moves}
    assert target == ({(FREE, place)} if move_stock and place is not FREE else set())
    assert shop.order(outcome.order) == outcome.order
    assert (outcome.order.number is None) == (status == "started")


def test_an_order_imported_without_its_stock_never_moves_any_later(shop: Shop) -> None:
    outcome = shop.import_order(imported(status="reviewed", parcel_number=None))
    assert outcome is not None

    shipped = shop.change_status(outcome.order, "shipped")

    assert shipped.change is not None
    assert shipped.change.moves == ()
    assert [line.gone for line in shop.order(shipped.order).lines] == [4, 4]


@pytest.mark.parametrize("status", ["received", "partly_shipped"])
def test_an_imported_order_goes_on_like_any_other(shop: Shop, status: str) -> None:
    outcome = shop.import_order(imported(status=status, parcel_number=None), move_stock=True)
    assert outcome is not None
    order = outcome.order
    if status == "received":
        shop.change_status(order, "reviewed")

    shipped = shop.change_status(order, "shipped")

    assert [(line.held, line.gone) for line in shipped.order.lines] == [(0, 4), (0, 4)]
    assert examine_shop(shop) == []


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"status": "teleported"}, NotFound),
        ({"delivery": "owl"}, NotFound),
        ({"payment_method": "barter"}, NotFound),
        ({"language": "tlh"}, InvalidInput),
        ({"currency": "XYZ"}, InvalidInput),
        ({"lines": (NewLine(sku="A", name="A", quantity=-1, unit_price=1),)}, InvalidInput),
        ({"customer": Customer(name="a\0")}, InvalidInput),
        ({"shipping_price": -1}, InvalidInput),
        ({"shipping_price": LARGEST + 1}, InvalidInput),
        ({"shipping_price": 1.5}, InvalidInput),
        ({"paid": -1}, InvalidInput),
        ({"paid": LARGEST + 1}, InvalidInput),
        ({"paid": "1"}, InvalidInput),
        ({"at": datetime(2011, 12, 9)}, InvalidInput),  # noqa: DTZ001 - the mistake under test
        ({"external_id": ""}, InvalidInput),
        ({"source": " "}, InvalidInput),
        ({"note": "x" * 2001}, InvalidInput),
        ({"parcel_number": "a\nb"}, InvalidInput),
    ],
)
def test_an_import_with_a_fault_is_refused_whole(
    shop: Shop, bad: Mapping[str, Any], error: type[Exception]
) -> None:
    before = dump(shop)

    with pytest.raises(error):
        shop.import_order(imported(**bad))

    assert dump(shop) == before


def test_a_plugin_may_refuse_an_import(make_shop: MakeShop) -> None:
    refusing = """
from ashop_core import hookimpl

@hookimpl
def ashop_on_change(change):
    raise RuntimeError("no imports here")
"""
    shop = make_shop("local:no", files={"plugins/no.py": refusing})
    before = dump(shop)

    with pytest.raises(PluginError, match="local:no"):
        shop.import_order(imported())

    assert dump(shop) == before


# ── Times ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-1), timedelta(days=-1), timedelta(days=3650), timedelta(0)]
)
def test_the_history_is_in_the_order_of_the_changes_whatever_the_clock_does(
    shop: Shop, clock: FixedClock, jump: timedelta
) -> None:
    order = place_order(shop)
    clock.now += jump

    shop.change_status(order, "reviewed")

    assert [e.seq for e in shop.history(order)] == [1, 2, 3, 4]
    assert shop.history(order)[-1].at == clock.now
    assert [f for f in examine_shop(shop) if f.serious] == []
