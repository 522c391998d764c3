"""Checkouts that became no order: given up when nobody comes back, listed for staff, resumed, followed up."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from ashop_core import Refused, Shop, checkout, lifecycle
from ashop_core.errors import InvalidInput
from ashop_core.models import FollowUp, Kind, NewPayment, PaymentKind
from ashop_core.testing import FixedClock, MakeShop, some_customer, some_lines
from tests.lives import codes, figures, posted, posting, sound


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(make_shop, "stock_control")


def begun(shop: Shop, customer=None, *, key: str | None = None, paying: bool = False, method: str = "card"):
    """Return a checkout whose buyer has given their details, or come as far as to pay."""
    order = shop.start_order(
        some_lines("LAMPA"), checkout_key=key or uuid4().hex, delivery="post", payment_method=method
    )
    shop.give_details(order, customer=customer or some_customer())
    return shop.await_payment(order).order if paying else shop.order(order)


def pay(shop, order):
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
    return shop.place(order).order


def listed(shop, **given):
    return [row.reference for row in shop.abandoned(**given).rows]


@pytest.mark.parametrize(("hours", "given_up"), [(23, 0), (24, 1), (1000, 1)])
@pytest.mark.parametrize("paying", [False, True], ids=["details", "paying"])
def test_it_is_given_up_when_nobody_comes_back(shop, clock: FixedClock, hours, given_up, paying):
    order = begun(shop, paying=paying)
    clock.advance(hours=hours)

    assert shop.abandon_stale() == given_up
    assert (shop.order(order).status == "abandoned") is bool(given_up)
    assert shop.abandon_stale() == 0
    assert posted(shop) == []
    sound(shop)


def test_what_is_placed_is_never_given_up(shop, clock):
    order = pay(shop, begun(shop))
    clock.advance(days=99)

    assert (shop.abandon_stale(), shop.order(order).status) == (0, "received")


@pytest.mark.parametrize("first", ["placement", "job"])
def test_a_placement_in_the_same_moment_wins_or_comes_after(shop, clock, monkeypatch, first):
    """The job has seen the checkout, then it is placed before the job writes: the version keeps the order."""
    order = begun(shop, paying=True)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
    clock.advance(hours=25)
    looked, placed = threading.Event(), threading.Event()
    stale = checkout._stale

    def look(*args):
        found = list(stale(*args))
        if found and not looked.is_set():
            looked.set()
            placed.wait(timeout=30)
        return found

    if first == "placement":
        monkeypatch.setattr(checkout, "_stale", look)
    counts = []
    job = threading.Thread(target=lambda: counts.append(shop.abandon_stale()))
    job.start()
    if first == "job":
        job.join()
    else:
        looked.wait(timeout=30)
    shop.place(order)
    placed.set()
    job.join()

    assert (shop.order(order).status, counts) == ("received", [int(first == "job")])
    assert figures(shop)["LAMPA"] == (10, 1)
    sound(shop)


def test_both_at_once_leave_a_placed_order(shop, clock, monkeypatch):
    order = begun(shop, paying=True)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
    clock.advance(hours=25)
    ready, judge = threading.Barrier(2), lifecycle._judge
    met = set()

    def meet(shop_, draft):
        result = judge(shop_, draft)
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            ready.wait(timeout=30)
        return result

    monkeypatch.setattr(lifecycle, "_judge", meet)
    threads = [
        threading.Thread(target=shop.abandon_stale),
        threading.Thread(target=shop.place, args=(order,)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert shop.order(order).status == "received"
    sound(shop)


def test_a_buyer_who_comes_back_in_the_same_moment_goes_on(shop, clock, monkeypatch):
    """Only the version that the job saw tells it that somebody has touched the checkout since."""
    order = begun(shop)
    clock.advance(hours=25)
    stale, touched = checkout._stale, list[object]()

    def look(*args):
        found = list(stale(*args))
        if found and not touched:
            touched.append(shop.give_details(order, customer=some_customer(city="Lund")))
        return found

    monkeypatch.setattr(checkout, "_stale", look)

    assert (shop.abandon_stale(), shop.order(order).status) == (0, "details_given")


# ── Coming back ──────────────────────────────────────────────────────────────────────────────────


def test_the_buyer_who_returns_goes_on(shop, clock):
    order = begun(shop, key="k")
    clock.advance(days=2)
    shop.abandon_stale()

    again = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="card")
    assert again.reference == order.reference
    shop.give_details(again, customer=some_customer(name="Bo Ek"))
    shop.await_payment(again)

    assert pay(shop, again).status == "received"
    assert listed(shop, everyone=True) == []
    sound(shop)


def test_a_payment_that_comes_late_places_it(shop, clock):
    order = begun(shop, paying=True)
    clock.advance(days=2)
    shop.abandon_stale()

    assert pay(shop, order).status == "received"
    assert figures(shop)["LAMPA"] == (10, 1)
    sound(shop)


# ── Whom to get in touch with ────────────────────────────────────────────────────────────────────


def test_who_what_how_far_and_how_long_ago(shop, clock):
    begun_at = clock.now
    order = begun(shop, paying=True)
    clock.advance(hours=3)
    note_at = clock.now
    shop.add_note(order, "ringde")

    (row,) = shop.abandoned().rows

    assert (row.reference, row.status, row.name) == (order.reference, "awaiting_payment", "Åsa Öberg")
    assert (row.email, row.phone) == ("asa@example.se", "+46701740605")
    assert (row.total, row.currency, row.goods) == (10000, "SEK", (("Vara LAMPA", 1),))
    assert (row.begun_at, row.touched_at, row.follow_up) == (begun_at, note_at, None)


SAME = {
    "the same": some_customer(),
    "another case": some_customer(email=" ASA@Example.SE ", phone=""),
    "by phone alone": some_customer(email="ny@example.se", phone="070-174 06 05"),
    "with country": some_customer(email="", phone="0046 (0)70 174 06 05"),
}


@pytest.mark.parametrize("customer", SAME.values(), ids=SAME)
def test_who_has_ordered_since_is_left_out(shop, clock, customer):
    order = begun(shop)
    clock.advance(minutes=5)
    pay(shop, begun(shop, customer))

    assert listed(shop) == []
    assert listed(shop, everyone=True) == [order.reference]


OTHERS = {
    "somebody else": some_customer(email="bo@example.se", phone="0709999999"),
    "nobody known": some_customer(email="", phone="1"),
}


@pytest.mark.parametrize("customer", OTHERS.values(), ids=OTHERS)
def test_who_is_somebody_else_does_not_count(shop, clock, customer):
    order = begun(shop)
    clock.advance(minutes=5)
    pay(shop, begun(shop, customer))

    assert listed(shop) == [order.reference]


def test_an_order_from_before_does_not_count(shop, clock):
    pay(shop, begun(shop))
    clock.advance(days=30)
    order = begun(shop)

    assert listed(shop) == [order.reference]


def test_without_mail_or_phone_nobody_is_the_same(shop, clock):
    unknown = some_customer(email="", phone="")
    order = shop.start_order(some_lines("LAMPA"), checkout_key="u", delivery="post")
    shop.give_details(order, customer=unknown)
    clock.advance(minutes=5)
    pay(shop, begun(shop, some_customer(phone="")))

    (row,) = shop.abandoned().rows
    assert (row.email, row.phone) == ("", "")


@pytest.mark.parametrize(
    ("marks", "listed_", "kept"),
    [
        ((FollowUp.CONTACTED,), True, FollowUp.CONTACTED),
        ((FollowUp.CONTACTED, FollowUp.LOST), False, FollowUp.LOST),
        ((FollowUp.RECOVERED,), False, FollowUp.RECOVERED),
        ((FollowUp.LOST, FollowUp.CONTACTED), True, FollowUp.CONTACTED),
    ],
)
def test_what_came_of_it_is_kept(shop, marks, listed_, kept):
    order = begun(shop)
    for mark in marks:
        outcome = shop.follow_up(order, mark, note="ringde")

    assert (outcome.change.kind, outcome.messages) == (Kind.FOLLOW_UP, ())
    assert shop.order(order).follow_up is kept
    assert bool(listed(shop)) is listed_
    assert shop.follow_up(order, kept).unchanged
    assert shop.follow_up(order, kept, note="igen").change is not None
    assert posted(shop) == []
    sound(shop)


def test_a_placed_order_is_not_followed_up(shop):
    with pytest.raises(Refused) as refusal:
        shop.follow_up(pay(shop, begun(shop)), FollowUp.CONTACTED)

    assert codes(refusal) == ["not_in_checkout"]


@pytest.mark.parametrize("same_moment", [True, False])
def test_pages_hold_every_checkout_once(shop, clock, same_moment):
    orders = []
    for n in range(7):
        orders.append(begun(shop, some_customer(email=f"a{n}@example.se", phone="")).reference)
        clock.advance(minutes=0 if same_moment else 1)
    seen, cursor = [], None
    for _ in range(4):
        page = shop.abandoned(limit=2, cursor=cursor)
        seen += [row.reference for row in page.rows]
        cursor = page.next

    assert (seen, cursor) == (orders[::-1], None)


@pytest.mark.parametrize(
    "given", [{"limit": 0}, {"limit": 501}, {"cursor": "x"}, {"cursor": "2026/x"}, {"cursor": ""}]
)
def test_a_bad_page_is_refused(shop, given):
    with pytest.raises(InvalidInput):
        shop.abandoned(**given)


@pytest.mark.parametrize(
    "cursor", ["", "x", "2026-11-23T12:00:00.000000Z/", "2026-11-23T12:00:00.000000Z/" + "9" * 30]
)
def test_a_cursor_that_no_list_gave_is_refused_in_words(shop, cursor):
    with pytest.raises(InvalidInput, match="is not a page cursor"):
        shop.abandoned(cursor=cursor)
