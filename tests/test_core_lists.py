"""Lists of orders: every filter beside the same question asked in Python, pages both ways, counts, saved filters."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from ashop_core.agenda import agenda
from ashop_core.errors import InvalidInput, NotFound, Refused, SettingsError
from ashop_core.models import NewParcel, NewPayment, PaymentKind, PaymentStatus, Place, Role, Stage
from ashop_core.order_filter import Approval, OrderFilter
from ashop_core.saved import find_filter
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, place_order, some_customer, some_lines, write_shop
from ashop_core.where import KEYS
from tests.test_core_plans import plan

TOML = "[payment.invoice]\ndue_days = 10\n\n[statuses.ready_for_pickup]\ndeadline_days = 5\n"
DAY = timedelta(days=1)


@pytest.fixture
def shop(make_shop):
    return make_shop(toml=TOML)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A shop with sixty orders, some hours apart, each taken as far as chance would have it; ten days later."""
    chance, clock = random.Random(7), FixedClock()
    with Shop.open(write_shop(tmp_path_factory.mktemp("crowded"), toml=TOML), clock=clock) as shop:
        for n in range(60):
            clock.advance(hours=chance.choice((1, 2, 30)))
            order = make_one(shop, chance, n)
            for step in STEPS[: chance.randrange(len(STEPS))]:
                clock.advance(minutes=chance.randrange(3))
                with suppress(Refused):  # what this order cannot do now it does not do
                    if chance.random() < 0.8:
                        step(shop, shop.order(order))
        for later in (review_some, write_on_some):
            clock.advance(days=5)
            later(shop)
        clock.advance(days=8)
        yield shop


@pytest.fixture(scope="module")
def crowd(crowded):
    """Its orders, as they stand at last."""
    with crowded.database.read() as reader:
        names = [row["reference"] for row in reader.rows("SELECT reference FROM orders")]
    return [crowded.order(name) for name in names]


def make_one(shop, chance, n):
    person = some_customer(
        name=chance.choice(("Anna Ek", "Bo Ny", "Åsa Å")),
        email=f"k{n % 7}@Example.se",
        phone=f"070-174 06 {n % 5:02}",
    )
    delivery, method = chance.choice(("post", "pickup")), chance.choice(("invoice", "card"))
    order = shop.start_order(some_lines("A"), checkout_key=str(n), delivery=delivery, payment_method=method)
    if chance.random() < 0.9:
        shop.give_details(order, customer=person)
        if method == "card":
            shop.await_payment(order)
            shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=10000))
        if chance.random() < 0.8:
            return shop.place(order).order
    if chance.random() < 0.5:
        shop.abandon(order)
    return shop.order(order)


STEPS = (
    lambda shop, order: shop.change_status(order, "reviewed"),
    lambda shop, order: shop.approve(order),
    lambda shop, order: shop.add_payment(order, NewPayment(kind=PaymentKind.FAILED, amount=0)),
    lambda shop, order: shop.change_status(order, "ready_for_pickup"),
    lambda shop, order: shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=10000)),
    lambda shop, order: shop.change_status(order, "shipped", parcel=NewParcel(number="P1")),
    lambda shop, order: shop.cancel(order, "ångrat sig"),
    lambda shop, order: shop.add_note(order, "ring"),
)


def review_some(shop):
    for row in shop.orders(OrderFilter(statuses=("received",)), limit=6).rows:
        shop.change_status(row.reference, "reviewed")


def write_on_some(shop):
    for row in shop.orders(OrderFilter(stage=Stage.OPEN), limit=4).rows:
        shop.add_note(row.reference, "ring igen")


def listed_at(order):
    return order.placed_at or order.created_at


def status_since(shop, order):
    return [e.at for e in shop.history(order) if e.from_status != e.to_status][-1]


def needs_approval(shop, order):
    return shop.flows.payment_methods[order.payment_method].needs_approval and order.approved_at is None


def stage(shop, order):
    return shop.flows.status(order.status).stage


def ships_next(shop, order):
    return any(s.stock is Place.GONE for s in shop.flows.next_statuses(order))


def placed(shop, order):
    return order.placed_at is not None


FILTERS = {
    "all that are placed": (OrderFilter(), placed),
    "one status": (OrderFilter(statuses=("reviewed",)), lambda s, o: o.status == "reviewed"),
    "two statuses": (
        OrderFilter(statuses=("received", "shipped", "received")),
        lambda s, o: o.status in ("received", "shipped"),
    ),
    "a stage": (OrderFilter(stage=Stage.OPEN), lambda s, o: stage(s, o) is Stage.OPEN),
    "checkouts": (OrderFilter(stage=Stage.CHECKOUT), lambda s, o: stage(s, o) is Stage.CHECKOUT),
    "a role": (OrderFilter(role=Role.PLACED), lambda s, o: o.status == "received"),
    "a status that is not of the stage": (
        OrderFilter(statuses=("shipped",), stage=Stage.OPEN),
        lambda s, o: False,
    ),
    "a delivery method": (OrderFilter(delivery="pickup"), lambda s, o: placed(s, o) and o.delivery == "pickup"),
    "a payment": (
        OrderFilter(payment=PaymentStatus.PAID, stage=Stage.OPEN),
        lambda s, o: o.payment is PaymentStatus.PAID and stage(s, o) is Stage.OPEN,
    ),
    "a payment method": (
        OrderFilter(payment_method="card"),
        lambda s, o: placed(s, o) and o.payment_method == "card",
    ),
    "waiting for approval": (
        OrderFilter(stage=Stage.OPEN, approval=Approval.MISSING),
        lambda s, o: stage(s, o) is Stage.OPEN and needs_approval(s, o),
    ),
    "settled": (
        OrderFilter(approval=Approval.SETTLED),
        lambda s, o: placed(s, o) and not needs_approval(s, o),
    ),
    "ready to leave": (
        OrderFilter(stage=Stage.OPEN, next_stock=Place.GONE),
        lambda s, o: stage(s, o) is Stage.OPEN and ships_next(s, o),
    ),
    "some flag": (OrderFilter(flagged=True), lambda s, o: placed(s, o) and bool(o.flags)),
    "one flag": (
        OrderFilter(flag="payment_failed", statuses=("received",)),
        lambda s, o: "payment_failed" in o.flags and o.status == "received",
    ),
    "half of a flag": (OrderFilter(flag="payment%"), lambda s, o: False),
    "an e-mail address": (
        OrderFilter(customer=" K3@example.SE "),
        lambda s, o: placed(s, o) and o.customer.email.casefold() == "k3@example.se",
    ),
    "a phone number": (
        OrderFilter(customer="+46 70 1740602", stage=Stage.CHECKOUT),
        lambda s, o: stage(s, o) is Stage.CHECKOUT and o.customer.phone.endswith("02"),
    ),
    "a text": (OrderFilter(text="ås"), lambda s, o: placed(s, o) and o.customer.name == "Åsa Å"),
    "overdue": (
        OrderFilter(overdue=True),
        lambda s, o: o.payment_due is not None and o.payment_due < s.moment().today and o.left_to_pay > 0
        and stage(s, o) in (Stage.OPEN, Stage.DONE),
    ),
    "late": (
        OrderFilter(late=True),
        lambda s, o: o.deadline is not None and o.deadline < s.moment().today and stage(s, o) is Stage.OPEN,
    ),
    "overdue and late": (
        OrderFilter(overdue=True, late=True),
        lambda s, o: None not in (o.payment_due, o.deadline) and max(o.payment_due, o.deadline) < s.moment().today
        and o.left_to_pay > 0 and stage(s, o) is Stage.OPEN,
    ),
    "old in its status": (
        OrderFilter(older=10 * DAY),
        lambda s, o: placed(s, o) and status_since(s, o) <= s.clock() - 10 * DAY,
    ),
    "without any change": (
        OrderFilter(idle=10 * DAY, stage=Stage.OPEN),
        lambda s, o: stage(s, o) is Stage.OPEN and o.changed_at <= s.clock() - 10 * DAY,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_lists_what_it_says_newest_first_on_pages_of_any_size(crowded, crowd, name):
    shop = crowded
    wanted, holds = FILTERS[name]
    meant = [order for order in crowd if holds(shop, order)]
    meant.sort(key=lambda order: (listed_at(order), order.id), reverse=True)

    # A search counts whole seconds; nothing here is two orders in one second.
    assert [row.id for row in shop.orders(wanted, limit=500).rows] == [order.id for order in meant]
    for limit in (1, 3, 7):
        assert forwards(shop, wanted, limit) == [order.id for order in meant]
        assert backwards(shop, wanted, limit) == [order.id for order in meant]


def test_the_filters_are_worth_trying(crowded):
    empty = {"a status that is not of the stage", "half of a flag"}

    assert {name for name, (wanted, _) in FILTERS.items() if not crowded.orders(wanted).rows} == empty


def test_dates_bound_the_time_of_placement(crowded, crowd):
    since, until = listed_at(crowd[20]), listed_at(crowd[40])
    wanted = OrderFilter(since=since, until=until)

    assert {row.id for row in crowded.orders(wanted, limit=500).rows} == {
        o.id for o in crowd if o.placed_at is not None and since <= o.placed_at < until
    }


def forwards(shop, wanted, limit):
    found, cursor = [], None
    while True:
        page = shop.orders(wanted, cursor=cursor, limit=limit)
        found += [row.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            return found


def backwards(shop, wanted, limit):
    """Go to the last page, and from there back to the first."""
    cursor = None
    while (page := shop.orders(wanted, cursor=cursor, limit=limit)).next:
        cursor = page.next
    found = [row.id for row in page.rows]
    while page.previous:
        page = shop.orders(wanted, cursor=page.previous, limit=limit)
        found = [row.id for row in page.rows] + found
    return found


def test_what_comes_and_goes_meanwhile_neither_repeats_nor_hides_a_row(shop, clock):
    orders = [place_order(shop) for _ in range(9)]
    clock.advance(seconds=1)
    wanted = OrderFilter(statuses=("received",))
    ids = [o.id for o in orders][::-1]

    first = shop.orders(wanted, limit=3)
    new = place_order(shop)
    shop.change_status(orders[7], "reviewed")  # from the page that was read
    shop.change_status(orders[4], "reviewed")  # from the page that comes
    second = shop.orders(wanted, limit=3, cursor=first.next)
    back = shop.orders(wanted, limit=3, cursor=second.previous)

    assert [row.id for row in first.rows] == ids[:3]
    assert [row.id for row in second.rows] == [ids[3], ids[5], ids[6]]
    assert [row.id for row in back.rows] == [new.id, ids[0], ids[2]]


def test_the_first_page_has_no_previous_and_the_last_no_next(shop):
    for _ in range(4):
        place_order(shop)

    first = shop.orders(limit=2)
    last = shop.orders(limit=2, cursor=first.next)

    assert (first.previous, last.next) == (None, None)
    assert (first.next, last.previous) != (None, None)
    again = shop.orders(limit=2, cursor=last.previous)
    assert (again.rows, again.previous, again.next) == (first.rows, None, first.next)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "before", "before/2026-11-23T12:00:00.000000Z", "up/2026-11-23T12:00:00.000000Z/1", "before/x/1",
     "before/2026-11-23T12:00:00.000000Z/-1", "before/2026-11-23T12:00:00.000000Z/9999999999999999999"],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(shop, cursor):
    with pytest.raises(InvalidInput):
        shop.orders(cursor=cursor)


@pytest.mark.parametrize(
    "wanted",
    [
        OrderFilter(), OrderFilter(statuses=("received",)), OrderFilter(stage=Stage.OPEN), OrderFilter(flagged=True),
        OrderFilter(customer="a@b.se"), OrderFilter(customer="0701234567"), OrderFilter(text="anna", stage=Stage.OPEN),
        OrderFilter(customer="a@b.se", stage=Stage.DONE, older=DAY), OrderFilter(flag="x", statuses=("received",)),
        OrderFilter(text="anna", customer="a@b.se"), OrderFilter(statuses=("received",), older=DAY),
    ],
)  # fmt: skip
@pytest.mark.parametrize("deep", [False, True])
def test_a_page_is_read_from_an_index_in_its_order(shop, wanted, deep):
    place_order(shop)
    seen: list[str] = []
    with shop.database.read() as reader:
        reader._connection.set_trace_callback(seen.append)
    shop.orders(wanted, cursor="before/2026-12-01T12:00:00.000000Z/1" if deep else None)
    (sql,) = [s for s in seen if s.startswith("SELECT o.id")]

    steps = plan(shop, sql, {})

    assert "TEMP B-TREE" not in steps
    assert "SCAN o\n" not in steps + "\n"
    assert not wanted.older or "listed_at<?" in steps


@pytest.mark.parametrize(
    "wanted", [OrderFilter(overdue=True), OrderFilter(late=True, statuses=("received",))]
)
def test_what_has_passed_its_day_is_found_by_the_day(shop, wanted):
    seen: list[str] = []
    with shop.database.read() as reader:
        reader._connection.set_trace_callback(seen.append)
    shop.orders(wanted)
    (sql,) = [s for s in seen if s.startswith("SELECT o.id")]

    steps = plan(shop, sql, {})

    assert "INDEX orders_due" in steps or "INDEX orders_deadline" in steps
    assert "SCAN" not in steps


# ── Saved filters, conditions as text, counts ────────────────────────────────────────────────────


def test_the_agenda_is_the_saved_filters(crowded):
    shop = crowded
    counted = {subject.code: subject.count for subject in agenda(shop)}

    for code, saved in shop.filters.items():
        assert counted[code] == len(shop.orders(shop.where(saved.where), limit=500).rows), code
    assert {count.code: count.number for count in shop.counts().filters} == {
        code: counted[code] for code in shop.filters
    }


def test_counts_are_exact_up_to_a_bound_and_say_when_there_are_more(crowded, crowd):
    shop = crowded
    exact = {count.code: count.number for count in shop.counts().statuses}
    bounded = {count.code: count for count in shop.counts(most=3).statuses}

    assert exact == {code: sum(o.status == code for o in crowd) for code in shop.flows.statuses}
    for code, number in exact.items():
        assert (bounded[code].number, bounded[code].more) == (min(number, 3), number > 3)
    assert str(bounded["received"]) == "3+"
    saved = {count.code: count for count in shop.counts(most=3).filters}
    assert (saved["to_review"].number, saved["to_review"].more) == (3, True)


def test_a_shop_changes_adds_and_drops_saved_filters(make_shop):
    shop = make_shop(
        toml='[filters.to_review]\nlabel = { sv = "Nya", en = "New" }\n'
        '[filters.big_post]\nlabel = { sv = "Post", en = "Post" }\nwhere = "delivery=post, older=2w"\n'
        "[filters.flagged]\nenabled = false\n"
    )

    assert find_filter(shop.filters, "nya").where == "role=placed"
    assert shop.where(shop.filters["big_post"].where) == OrderFilter(delivery="post", older=14 * DAY)
    assert "flagged" not in shop.filters
    with pytest.raises(NotFound, match="big_post"):
        find_filter(shop.filters, "flagged")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[filters.x]\nlabel = { sv = "X", en = "X" }\nwhere = "status=skickd"', "filters.x.where: status: "),
        ('[filters.x]\nlabel = { sv = "X", en = "X" }\nwhere = "colour=red"', "filters.x.where: colour: "),
        ('[filters.x]\nlabel = { sv = "X", en = "X" }', "filters.x.where: is missing"),
        ('[filters.x]\nwhere = "flagged=yes"', "filters.x.label: is missing"),
        ('[filters.to_ship]\nwhere = "older"', "filters.to_ship.where: "),
        ("[filters.to_ship]\nwhen = 1", "filters.to_ship.when"),
    ],
)
def test_a_saved_filter_that_cannot_be_stops_the_shop_from_opening(make_shop, toml, words):
    with pytest.raises(SettingsError, match=words):
        make_shop(toml=toml)


def test_the_shipped_filters_hold_whatever_the_statuses_are_called(make_shop):
    renamed = make_shop(
        toml='[statuses.received]\nrole = "start"\n'.replace(
            'role = "start"', 'label = { sv = "In", en = "In" }'
        )
    )

    for saved in renamed.filters.values():
        renamed.where(saved.where)
        assert not any(code in saved.where for code in ("received", "reviewed", "shipped", "picked_up"))


def test_every_key_of_a_text_is_read(shop):
    values = {
        "status": "Mottagen", "stage": "open", "role": "placed", "next": "gone", "approval": "missing",
        "payment": "paid", "method": "card", "delivery": "post", "flag": "x", "flagged": "ja", "text": "a b",
        "customer": "a@b.se", "since": "7d", "until": "2026-11-23", "older": "3d", "idle": "12h", "overdue": "yes",
        "late": "1",
    }  # fmt: skip
    wanted = shop.where(", ".join(f"{key}={value}" for key, value in values.items()))

    assert values.keys() == KEYS.keys()
    assert wanted.since == shop.clock() - 7 * DAY
    assert (wanted.statuses, wanted.older, wanted.late) == (("received",), 3 * DAY, True)
    assert all(getattr(wanted, key.name) != getattr(OrderFilter(), key.name) for key in KEYS.values())


@pytest.mark.parametrize("older", ["999999w", "3", "d", "-3d", "3.5d", "٣d"])
def test_what_is_no_length_of_time_is_refused(shop, older):
    with pytest.raises(InvalidInput, match="older: "):
        shop.where(f"older={older}")


def test_a_customer_is_an_address_or_a_number(shop):
    with pytest.raises(InvalidInput, match="anna"):
        shop.orders(OrderFilter(customer="anna"))


def test_every_order_is_read_a_page_at_a_time(shop, monkeypatch):
    monkeypatch.setattr("ashop_core.paging.LARGEST_PAGE", 2)
    ids = [place_order(shop).id for _ in range(5)]

    assert [row.id for row in shop.every_order()] == ids[::-1]
