"""Payments in the core: guards by the method's rules, due dates, entries told twice, who has not paid."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest

from ashop_core import InvalidInput, Refused, Shop
from ashop_core.agenda import agenda
from ashop_core.changes import PaymentRequest
from ashop_core.models import Edit, Kind, NewPayment, Order, PaymentKind, PaymentMethod, PaymentStatus
from ashop_core.payment_record import due_date, recounted, to_refund
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines, write_shop
from ashop_core.texts import Text
from ashop_core.unpaid import _alive, _due_sql
from ashop_stock_control.items import create_untracked

TOML = """
[payment.invoice]
due_days = 30
needs_approval = false

[payment.advance]
label = "Förskott"
paid_before_shipping = true
due_days = 7
"""
AUTHORISED, PAID, FAILED, REFUNDED = PaymentKind


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop(toml=TOML)


def pay(shop: Shop, order: Order, kind: PaymentKind, amount: int, reference: str = "") -> Order:
    return shop.add_payment(order, NewPayment(kind=kind, amount=amount, reference=reference)).order


def reviewed(shop: Shop, method: str = "invoice") -> Order:
    order = place_order(shop, payment_method=method)
    return shop.change_status(order, "reviewed").order


def reasons(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        call()
    return [p.code for p in refusal.value.problems]


# ── Guards ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entries", "allowed"),
    [
        ([], False),
        ([(PAID, 9999)], False),
        ([(PAID, 10000)], True),
        ([(PAID, 4000), (PAID, 6000)], True),
        ([(PAID, 12000)], True),
        ([(AUTHORISED, 10000)], True),
        ([(PAID, 10000), (REFUNDED, 1)], False),
        ([(AUTHORISED, 10000), (FAILED, 0)], False),
    ],
)
def test_what_is_paid_before_shipping_is_placed_unpaid_and_leaves_paid(
    shop: Shop, entries: list[tuple[PaymentKind, int]], allowed: bool
) -> None:
    order = reviewed(shop, "advance")
    for kind, amount in entries:
        pay(shop, order, kind, amount)

    if allowed:
        assert shop.change_status(order, "shipped").order.status == "shipped"
    else:
        assert reasons(lambda: shop.change_status(order, "shipped")) == ["not_paid"]


def test_the_plugins_prepayment_is_such_a_method(make_shop: MakeShop) -> None:
    shop = make_shop("payments")

    order = reviewed(shop, "prepayment")

    assert order.payment_due == date(2026, 11, 30)
    assert reasons(lambda: shop.change_status(order, "shipped")) == ["not_paid"]
    pay(shop, order, PAID, order.total)
    assert shop.change_status(order, "shipped").order.status == "shipped"


def test_an_invoice_leaves_unpaid(shop: Shop) -> None:
    assert shop.change_status(reviewed(shop), "shipped").order.payment is PaymentStatus.UNPAID


# ── Due dates ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "at", "zone", "expected"),
    [
        (30, datetime(2026, 11, 23, 12, tzinfo=UTC), "Europe/Stockholm", date(2026, 12, 23)),
        (0, datetime(2026, 11, 23, 12, tzinfo=UTC), "Europe/Stockholm", date(2026, 11, 23)),
        (1, datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "Europe/Stockholm", date(2026, 11, 25)),
        (1, datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "UTC", date(2026, 11, 24)),
        (1, datetime(2026, 11, 24, 1, tzinfo=UTC), "America/New_York", date(2026, 11, 24)),
        (None, datetime(2026, 11, 23, 12, tzinfo=UTC), "UTC", None),
    ],
)
def test_the_last_day_to_pay_is_counted_in_the_shops_days(
    days: int | None, at: datetime, zone: str, expected: date | None
) -> None:
    method = PaymentMethod(code="x", label=Text("x", "x"), due_days=days)

    assert due_date(method, at, zone) == expected
    assert due_date(None, at, zone) is None


def test_placing_sets_the_last_day_and_staff_move_it(shop: Shop) -> None:
    order = place_order(shop, payment_method="invoice")
    assert order.payment_due == date(2026, 12, 23)

    moved = shop.set_due(order, date(2026, 12, 31), note="lovat på telefon")

    assert shop.order(order).payment_due == date(2026, 12, 31)
    assert moved.order.status == order.status
    entry = shop.history(order)[-1]
    assert (entry.kind, entry.note) == (Kind.PAYMENT, "lovat på telefon")
    assert entry.edits == (Edit("payment_due", "2026-12-23", "2026-12-31"),)
    assert shop.set_due(order, date(2026, 12, 31)).unchanged
    assert shop.set_due(order, None).order.payment_due is None
    assert shop.payments(order) == []


def test_what_is_paid_void_or_not_placed_has_no_last_day_to_move(shop: Shop) -> None:
    paid, void = place_order(shop), place_order(shop)
    pay(shop, paid, PAID, paid.total)
    shop.change_status(void, "cancelled", reason="slut")
    begun = shop.start_order(some_lines("A"), checkout_key="k")

    assert reasons(lambda: shop.set_due(paid, date(2027, 1, 1))) == ["paid"]
    assert reasons(lambda: shop.set_due(void, date(2027, 1, 1))) == ["not_due"]
    assert reasons(lambda: shop.set_due(begun, date(2027, 1, 1))) == ["not_due"]


# ── Entries ──────────────────────────────────────────────────────────────────────────────────────


def test_a_paid_order_that_turns_out_short_is_refused_by_cancelling_and_a_refund(make_shop: MakeShop) -> None:
    shop = make_shop("stock_control")
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="card")
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    pay(shop, order, PAID, order.total, "pi_1")
    with shop.database.write() as tx:
        create_untracked(tx, "LAMPA", "Lampa", "sold_out")
    short = shop.place(order).order
    assert short.flags == ("paid_short",)

    void = shop.cancel(short, reason="slut i lager").order

    assert void.flags == ()
    assert to_refund(void, shop.flows.status(void.status)) == order.total
    done = pay(shop, void, REFUNDED, order.total, "re_1")
    assert (done.payment, to_refund(done, shop.flows.status(done.status))) == (PaymentStatus.REFUNDED, 0)


@pytest.mark.parametrize("kind", [PAID, REFUNDED, AUTHORISED, FAILED])
def test_the_same_entry_under_the_same_reference_is_one(shop: Shop, kind: PaymentKind) -> None:
    order = place_order(shop)
    pay(shop, order, PAID, order.total, "first")
    entry = NewPayment(kind=kind, amount=order.total, reference="pi_1")
    before = shop.add_payment(order, entry).order

    again = shop.add_payment(order, entry)

    assert again.unchanged
    assert shop.order(order) == before
    assert [p.reference for p in shop.payments(order)] == ["first", "pi_1"]
    assert shop.preview(order, PaymentRequest(payment=entry)).unchanged


def test_another_amount_under_the_same_reference_is_refused(shop: Shop) -> None:
    order = place_order(shop)
    pay(shop, order, PAID, 5000, "pi_1")

    assert reasons(lambda: pay(shop, order, PAID, 5001, "pi_1")) == ["reference_taken"]
    assert shop.order(order).paid == 5000


def test_another_kind_or_another_order_or_no_reference_is_another_entry(shop: Shop) -> None:
    one, other = place_order(shop), place_order(shop)
    for order in (one, other):
        pay(shop, order, AUTHORISED, 10000, "pi_1")
        pay(shop, order, PAID, 10000, "pi_1")
    for _ in range(2):
        pay(shop, other, PAID, 100)

    assert (shop.order(one).paid, shop.order(other).paid) == (10000, 10200)
    assert len(shop.payments(other)) == 4


def test_eight_callbacks_at_once_record_a_payment_once(shop: Shop) -> None:
    orders = [place_order(shop) for _ in range(10)]
    entry = NewPayment(kind=PAID, amount=10000, reference="pi_1")
    for order in orders:
        start, outcomes = Barrier(8), list[Any]()

        def callback(order: Order = order, start: Barrier = start, outcomes: list[Any] = outcomes) -> None:
            start.wait()
            outcomes.append(shop.add_payment(order, entry))

        threads = [Thread(target=callback) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [o.unchanged for o in outcomes].count(False) == 1
        assert (len(shop.payments(order)), shop.order(order).paid) == (1, 10000)


def test_more_than_the_total_is_taken_and_to_be_refunded(shop: Shop) -> None:
    order = place_order(shop)

    after = pay(shop, order, PAID, 12500)

    assert (after.payment, after.left_to_pay) == (PaymentStatus.PAID, -2500)
    assert to_refund(after, shop.flows.status(after.status)) == 2500


def test_all_that_is_kept_of_a_void_order_is_to_be_refunded(shop: Shop) -> None:
    order = place_order(shop)
    pay(shop, order, PAID, 4000)
    void = shop.change_status(order, "cancelled", reason="slut").order

    assert to_refund(void, shop.flows.status(void.status)) == 4000
    after = pay(shop, void, REFUNDED, 4000)
    assert to_refund(after, shop.flows.status(after.status)) == 0


def test_a_failed_payment_stays_failed_when_the_total_grows(shop: Shop) -> None:
    order = place_order(shop)
    pay(shop, order, PAID, order.total)
    failed = pay(shop, order, FAILED, 0)
    assert failed.payment is PaymentStatus.PAID

    assert recounted(replace(failed, shipping_price=100)).payment is PaymentStatus.FAILED
    assert recounted(replace(failed, discount=100)).payment is PaymentStatus.PAID


# ── Who has not paid ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def debtors(shop: Shop, clock: FixedClock) -> dict[str, Order]:
    """Orders in every relation to their payment, by what they are."""
    late, part = place_order(shop, payment_method="invoice"), place_order(shop, payment_method="invoice")
    paid, void = place_order(shop, payment_method="invoice"), place_order(shop, payment_method="invoice")
    refunded = place_order(shop, payment_method="invoice")
    pay(shop, part, PAID, 4000)
    pay(shop, paid, PAID, 10000)
    pay(shop, refunded, PAID, 10000)
    pay(shop, refunded, REFUNDED, 2500)
    shop.set_due(part, date(2026, 12, 20))
    shop.change_status(void, "cancelled", reason="slut")
    shop.start_order(some_lines("X"), checkout_key="begun", payment_method="invoice")
    card = shop.start_order(some_lines("Y"), checkout_key="card", payment_method="card")
    shop.give_details(card, customer=some_customer())
    pay(shop, card, AUTHORISED, 10000)
    card = shop.place(card).order
    clock.advance(days=31)
    new = place_order(shop, payment_method="advance")
    return {"late": late, "part": part, "refunded": refunded, "new": new, "card": card}


def names(found: Any) -> list[str]:
    return [row.name for row in found]


def test_those_who_have_not_paid_are_listed_by_their_last_day(shop: Shop, debtors: dict[str, Order]) -> None:
    page = shop.unpaid()

    order = ("part", "late", "new", "card")  # what was given back of a paid order is no debt
    assert names(page.rows) == [debtors[who].name for who in order]
    assert [(r.left, r.overdue, r.due and r.due.isoformat()) for r in page.rows] == [
        (6000, 4, "2026-12-20"),
        (10000, 1, "2026-12-23"),
        (10000, 0, "2026-12-31"),
        (10000, 0, None),
    ]
    assert page.next is None
    assert shop.unpaid_totals() == {"SEK": 36000}


def test_only_those_whose_day_has_passed(shop: Shop, debtors: dict[str, Order], clock: FixedClock) -> None:
    late = [debtors[who].name for who in ("part", "late")]

    assert names(shop.unpaid(overdue=True).rows) == late
    assert shop.unpaid_totals(overdue=True) == {"SEK": 16000}
    clock.now = datetime(2026, 12, 23, 22, 59, tzinfo=UTC)
    assert names(shop.unpaid(overdue=True).rows) == late[:1], "the day itself is in time"
    clock.advance(minutes=1)
    assert names(shop.unpaid(overdue=True).rows) == late, "the shop's midnight has passed"


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("overdue", [True, False])
def test_the_pages_together_are_the_list(
    shop: Shop, debtors: dict[str, Order], limit: int, overdue: bool
) -> None:
    found, cursor = [], None
    while True:
        page = shop.unpaid(overdue=overdue, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        found += names(page.rows)
        cursor = page.next
        if cursor is None:
            break

    assert found == names(shop.unpaid(overdue=overdue).rows)


@pytest.mark.parametrize(
    "cursor", ["", "x", "2026-12-20", "2026-12-20/x", "none/-1", "i morgon/1", "none/" + "9" * 20]
)
def test_what_is_no_cursor_is_refused(shop: Shop, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        shop.unpaid(cursor=cursor)


@pytest.mark.parametrize("limit", [0, 501])
def test_a_page_has_a_size(shop: Shop, limit: int) -> None:
    with pytest.raises(InvalidInput):
        shop.unpaid(limit=limit)


def test_the_list_reads_its_index(shop: Shop, debtors: dict[str, Order]) -> None:
    alive, params = _alive(shop.flows)
    params |= {"day": "", "id": 0, "most": 51, "today": "2026-12-24"}
    with closing(sqlite3.connect(shop.settings.path("shop.db"))) as connection:
        plans = [
            " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", params))
            for sql in (_due_sql(alive, False), _due_sql(alive, True))
        ]

    assert all("orders_due" in plan and "TEMP B-TREE" not in plan for plan in plans)


def test_the_agenda_counts_who_is_late(shop: Shop, debtors: dict[str, Order]) -> None:
    [subject] = [s for s in agenda(shop) if s.code == "unpaid"]

    assert subject.count == 2
    assert set(subject.orders) == {debtors[who].name for who in ("part", "late")}


# ── At the terminal ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def number(tmp_path: Any, clock: FixedClock) -> str:
    with Shop.open(write_shop(tmp_path / "shop", toml=TOML), clock=clock) as shop:
        return str(place_order(shop, payment_method="invoice").number)


def order_of(tmp_path: Any, number: str) -> Order:
    with Shop.open(tmp_path / "shop") as shop:
        return shop.order(number)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("betalt", PAID),
        ("Betald", PAID),
        ("paid", PAID),
        ("reserverat", AUTHORISED),
        ("authorized", AUTHORISED),
        ("misslyckat", FAILED),
        ("FAILED", FAILED),
    ],
)
def test_an_entry_is_named_in_either_language(
    ashop: Callable[..., Any], tmp_path: Any, number: str, words: str, kind: PaymentKind
) -> None:
    assert ashop("order", "payment", number, words, "10").exit_code == 0

    with Shop.open(tmp_path / "shop") as shop:
        [entry] = shop.payments(shop.order(number))
    assert (entry.kind, entry.amount) == (kind, 1000)


def test_an_unknown_entry_is_refused_with_the_choices(ashop: Callable[..., Any], number: str) -> None:
    result = ashop("order", "payment", number, "skänkt", "10")

    assert result.exit_code == 1
    assert "reserverat, betalt, misslyckat, återbetalt" in result.stderr


def test_without_an_amount_it_is_what_is_left_and_what_is_kept(
    ashop: Callable[..., Any], tmp_path: Any, number: str
) -> None:
    ashop("order", "payment", number, "betalt", "30")
    ashop("order", "payment", number, "betalt")
    assert order_of(tmp_path, number).paid == 10000

    ashop("order", "payment", number, "återbetalt", "15")
    assert ashop("order", "payment", number, "återbetalt", "--reference", "ref_1").exit_code == 0
    assert order_of(tmp_path, number).refunded == 10000
    result = ashop("order", "payment", number, "återbetalt")
    assert result.exit_code == 1, "there is nothing left to refund"


def test_a_payment_told_twice_says_unchanged(ashop: Callable[..., Any], number: str) -> None:
    once = ("order", "payment", number, "betalt", "10", "--reference", "pi_1", "--json")
    ashop(*once)

    result = ashop(*once)

    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["changed"] is False


def test_the_last_day_is_moved_and_taken_away(ashop: Callable[..., Any], tmp_path: Any, number: str) -> None:
    moved = ashop("order", "payment", number, "--due", "2026-12-31")
    assert moved.stdout.startswith(f"{number}  Sista betalningsdag ändrad\n")
    assert order_of(tmp_path, number).payment_due == date(2026, 12, 31)
    assert "Betalas senast   2026-12-31" in ashop("order", "show", number).stdout

    assert ashop("order", "payment", number, "--due", "ingen").exit_code == 0
    assert order_of(tmp_path, number).payment_due is None
    refused = ashop("order", "payment", number, "--due", "snart")
    assert (refused.exit_code, "”snart” är ingen dag" in refused.stderr) == (1, True)


@pytest.mark.parametrize("more", [(), ("betalt", "10", "--due", "2026-12-31")])
def test_an_entry_or_a_day_and_not_both(
    ashop: Callable[..., Any], number: str, more: tuple[str, ...]
) -> None:
    assert ashop("order", "payment", number, *more).exit_code == 2


def test_an_approval_is_withdrawn(ashop: Callable[..., Any], tmp_path: Any, clock: FixedClock) -> None:
    with Shop.open(write_shop(tmp_path / "shop"), clock=clock) as shop:
        number = str(place_order(shop, payment_method="invoice").number)
    ashop("order", "approve", number)

    assert ashop("order", "approve", number, "--withdraw", "--note", "fel kund").exit_code == 0

    assert order_of(tmp_path, number).approved_at is None


def test_the_unpaid_are_shown_with_phone_days_and_totals(
    ashop: Callable[..., Any], number: str, clock: FixedClock
) -> None:
    clock.advance(days=40)

    result = ashop("order", "unpaid", "--overdue")

    for words in (number, "2026-12-23", "10", "Faktura", "+46701740605", "asa@example.se"):
        assert words in result.stdout
    assert "Kvar att betala: 100,00\N{NO-BREAK SPACE}kr" in result.stderr
    english = ashop("order", "unpaid", lang="en")
    assert "23 Dec 2026" in english.stdout
    assert "Left to pay: SEK\N{NO-BREAK SPACE}100.00" in english.stderr


def test_the_unpaid_as_json_and_csv_and_page_by_page(
    ashop: Callable[..., Any], tmp_path: Any, clock: FixedClock
) -> None:
    with Shop.open(write_shop(tmp_path / "shop", toml=TOML), clock=clock) as shop:
        numbers = [place_order(shop, payment_method="invoice").number for _ in range(3)]

    first = ashop("order", "unpaid", "--limit", "2", "--json")
    [cursor] = [line.split("--cursor ")[1] for line in first.stderr.splitlines() if "--cursor" in line]
    second = ashop("order", "unpaid", "--limit", "2", "--cursor", cursor, "--json")
    lines = ashop("order", "unpaid", "--all", "--csv").stdout.splitlines()

    found = [row["number"] for row in json.loads(first.stdout) + json.loads(second.stdout)]
    assert found == numbers
    assert json.loads(first.stdout)[0]["left"] == 10000
    assert len(lines) == 4
    assert lines[1].startswith(f"{numbers[0]},")


def test_when_everything_is_paid_it_says_so(ashop: Callable[..., Any], number: str) -> None:
    ashop("order", "payment", number, "betalt")

    assert ashop("order", "unpaid").stdout == "Allt är betalt.\n"
    assert ashop("order", "unpaid", "--overdue").stdout == "Ingen är sen.\n"
