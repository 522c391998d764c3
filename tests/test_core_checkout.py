"""The checkout: from the first line in the basket to a placed order, however often and by however many it is asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from ashop_core.doctor import examine_shop
from ashop_core.errors import Conflict, ConstraintError, InvalidInput, NotFound, Refused
from ashop_core.intake import MOST_LINES, MOST_OF_A_LINE
from ashop_core.models import Customer, Kind, NewLine, NewPayment, Order, PaymentKind, PaymentStatus
from ashop_core.money import LARGEST
from ashop_core.order_rows import update_order
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from tests.shops import dump

PAID, AUTHORISED, FAILED = PaymentKind.PAID, PaymentKind.AUTHORISED, PaymentKind.FAILED


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop(synchronous="OFF")


def started(shop: Shop, key: str = "basket-1", **given: Any) -> Order:
    return shop.start_order(given.pop("lines", some_lines("LAMPA", "SLADD")), checkout_key=key, **given)


def ready(shop: Shop, key: str = "basket-1", **given: Any) -> Order:
    order = started(shop, key, **{"payment_method": "invoice", **given})
    return shop.give_details(order, customer=some_customer()).order


def paid(shop: Shop, order: Order, amount: int | None = None, kind: PaymentKind = PAID) -> Order:
    amount = order.total if amount is None else amount
    return shop.add_payment(order, NewPayment(kind=kind, amount=amount)).order


def reasons(call: Callable[[], object]) -> list[str]:
    """Return the codes of the reasons for which a call is refused."""
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.code for problem in refusal.value.problems]


def count(shop: Shop, table: str) -> int:
    with shop.database.read() as reader:
        return int(reader.rows(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])


# ── The steps ────────────────────────────────────────────────────────────────────────────────────


def test_a_card_checkout_goes_through_every_step(shop: Shop, clock: FixedClock) -> None:
    order = started(shop, payment_method="card")
    clock.advance(minutes=2)
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    paid(shop, shop.order(order))
    clock.advance(minutes=3)

    outcome = shop.place(order)

    assert outcome.order.status == "received"
    assert outcome.order.placed_at == clock.now
    assert outcome.order == shop.order(order)
    assert [(e.seq, e.kind, e.from_status, e.to_status) for e in shop.history(order)] == [
        (1, Kind.CREATED, None, "started"),
        (2, Kind.DETAILS, "started", "details_given"),
        (3, Kind.STATUS, "details_given", "awaiting_payment"),
        (4, Kind.PAYMENT, "awaiting_payment", "awaiting_payment"),
        (5, Kind.PLACED, "awaiting_payment", "received"),
    ]
    assert {e.actor for e in shop.history(order)} == {"customer", "staff"}
    assert examine_shop(shop) == []


def test_an_invoice_order_is_placed_without_waiting_for_money(shop: Shop) -> None:
    order = shop.place(ready(shop)).order

    assert order.status == "received"
    assert order.payment is PaymentStatus.UNPAID
    assert [line.held for line in order.lines] == [1, 1]


def test_an_order_has_a_reference_from_the_start_and_a_number_from_placement(shop: Shop) -> None:
    order = ready(shop)

    placed = shop.place(order).order

    assert order.number is None
    assert order.reference.startswith("K-")
    assert len(order.reference) == 8
    assert order.name == order.reference
    assert placed.number == 100001
    assert placed.name == "100001"
    assert shop.order("100001") == shop.order(100001) == shop.order(order.reference.lower()) == placed


def test_only_placement_spends_a_number(shop: Shop) -> None:
    for n in range(3):
        started(shop, f"left behind {n}")
    shop.abandon(ready(shop, "given up"))

    numbers = [place_order(shop).number for _ in range(3)]

    assert numbers == [100001, 100002, 100003]


def test_a_refused_placement_spends_no_number(shop: Shop) -> None:
    order = ready(shop, payment_method="card")
    assert reasons(lambda: shop.place(order)) == ["not_paid"]

    assert place_order(shop).number == 100001


def test_the_shop_says_where_its_numbers_begin(make_shop: MakeShop) -> None:
    shop = make_shop()
    place_order(shop)
    settings = shop.settings.folder / "ashop.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[shop]", "[shop]\nfirst_order_number = 500000"), "utf-8"
    )

    with Shop.open(shop.settings.folder, clock=shop.clock) as again:
        assert place_order(again).number == 500000


def test_the_first_methods_are_taken_where_none_is_named(shop: Shop) -> None:
    order = started(shop)

    assert (order.delivery, order.payment_method) == ("post", "card")
    assert (order.language, order.currency) == ("sv", "SEK")


@pytest.mark.parametrize("choice", [{"delivery": "owl"}, {"payment_method": "barter"}])
def test_a_method_that_is_not_there_is_named_with_those_that_are(shop: Shop, choice: dict[str, str]) -> None:
    with pytest.raises(NotFound) as error:
        started(shop, **choice)

    assert next(iter(choice.values())) in error.value.text.sv
    assert ("post, pickup" if "delivery" in choice else "card, invoice") in error.value.text.en
    assert count(shop, "orders") == 0


def test_details_may_be_given_again_until_it_is_placed(make_shop: MakeShop) -> None:
    shop = make_shop(toml="[delivery.post]\nprice = 4900\n")
    order = ready(shop)

    changed = shop.give_details(order, customer=some_customer(name="Bo"), delivery="pickup", language="en")

    assert order.total == 20000 + 4900
    assert changed.order.total == 20000
    assert (changed.order.customer.name, changed.order.language) == ("Bo", "en")
    assert shop.order(order) == changed.order


def test_the_same_details_again_are_no_change(shop: Shop) -> None:
    order = ready(shop)

    outcome = shop.give_details(order, customer=some_customer(), delivery="post")

    assert outcome.unchanged
    assert outcome.order.version == order.version


def test_details_of_a_placed_order_are_not_changed_this_way(shop: Shop) -> None:
    order = place_order(shop)

    assert reasons(lambda: shop.give_details(order, customer=some_customer(name="Bo"))) == ["not_in_checkout"]
    assert shop.order(order).customer.name == "Åsa Öberg"


def test_what_is_told_of_an_order_is_what_is_stored_when_prices_changed_meanwhile(
    make_shop: MakeShop,
) -> None:
    order = ready(make_shop(toml="[delivery.post]\nprice = 4900\n"))
    dearer = make_shop(toml="[delivery.post]\nprice = 5900\n")

    outcome = dearer.give_details(order, language="en")

    assert outcome.order == dearer.order(order)
    assert examine_shop(dearer) == []


# ── Placement ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (some_customer(name=" "), ["no_name"]),
        (some_customer(email="", phone=""), ["no_contact"]),
        (some_customer(street=""), ["no_address"]),
        (some_customer(postal_code=""), ["no_address"]),
        (some_customer(city=""), ["no_address"]),
        (Customer(), ["no_name", "no_contact", "no_address"]),
    ],
)
def test_placing_needs_to_know_who_and_where(shop: Shop, customer: Customer, expected: list[str]) -> None:
    order = started(shop, payment_method="invoice")
    shop.give_details(order, customer=customer)

    assert reasons(lambda: shop.place(order)) == expected
    assert shop.order(order).status == "details_given"


@pytest.mark.parametrize("contact", [{"email": ""}, {"phone": ""}])
def test_one_way_to_reach_the_customer_is_enough(shop: Shop, contact: dict[str, str]) -> None:
    assert place_order(shop, customer=some_customer(**contact)).number


def test_what_is_fetched_in_the_store_needs_no_address(shop: Shop) -> None:
    customer = some_customer(street="", postal_code="", city="")

    assert place_order(shop, delivery="pickup", customer=customer).status == "received"


def test_an_order_without_lines_is_not_placed(shop: Shop) -> None:
    order = ready(shop, lines=())

    assert reasons(lambda: shop.place(order)) == ["no_lines"]


def test_a_checkout_whose_methods_were_switched_off_is_not_placed(make_shop: MakeShop) -> None:
    order = ready(make_shop())
    shop = make_shop(toml="[delivery.post]\nenabled = false\n[payment.invoice]\nenabled = false\n")

    assert reasons(lambda: shop.place(order)) == ["no_delivery", "no_payment_method"]


def test_placement_cannot_skip_the_details(shop: Shop) -> None:
    order = started(shop, payment_method="invoice", customer=some_customer())

    assert reasons(lambda: shop.place(order)) == ["not_in_flow"]


@pytest.mark.parametrize(
    ("kind", "share", "expected"),
    [
        (PAID, 1, []),
        (AUTHORISED, 1, []),
        (PAID, 2, ["not_paid"]),
        (AUTHORISED, 2, ["not_paid"]),
        (FAILED, 1, ["not_paid"]),
    ],
)
def test_a_card_order_is_placed_once_its_money_is_there(
    shop: Shop, kind: PaymentKind, share: int, expected: list[str]
) -> None:
    order = ready(shop, payment_method="card")
    shop.await_payment(order)
    paid(shop, order, order.total // share, kind)

    if expected:
        assert reasons(lambda: shop.place(order)) == expected
    else:
        assert shop.place(order).order.number


def test_a_failed_payment_leads_back_to_another_method(shop: Shop) -> None:
    order = ready(shop, payment_method="card")
    shop.await_payment(order)
    failed = paid(shop, order, 0, FAILED)

    shop.give_details(order, payment_method="invoice")
    placed = shop.place(order).order

    assert failed.payment is PaymentStatus.FAILED
    assert failed.flags == ()  # nothing for staff to do: it was never placed
    assert placed.status == "received"


def test_placing_again_changes_nothing(shop: Shop) -> None:
    order = place_order(shop)
    shop.change_status(order, "reviewed")
    before = dump(shop)

    outcome = shop.place(order)

    assert outcome.unchanged
    assert outcome.order.status == "reviewed"
    assert dump(shop) == before


# ── Idempotency and races ────────────────────────────────────────────────────────────────────────


def test_the_same_key_with_the_same_basket_is_the_same_order(shop: Shop) -> None:
    first = started(shop)
    before = dump(shop)

    again = started(shop)

    assert again == first
    assert dump(shop) == before


def test_the_same_key_returns_the_order_as_it_stands_now(shop: Shop) -> None:
    placed = shop.place(ready(shop)).order

    assert started(shop, payment_method="invoice") == placed


@pytest.mark.parametrize(
    "other",
    [
        {"lines": some_lines("LAMPA")},
        {"lines": some_lines("SLADD", "LAMPA")},
        {"lines": some_lines("LAMPA", "SLADD", quantity=2)},
        {"lines": some_lines("LAMPA", "SLADD", price=9900)},
        {"delivery": "pickup"},
        {"payment_method": "invoice"},
        {"language": "en"},
    ],
    ids=["fewer lines", "other order", "quantity", "price", "delivery", "payment", "language"],
)
def test_the_same_key_with_another_basket_is_a_conflict(shop: Shop, other: dict[str, Any]) -> None:
    started(shop)
    before = dump(shop)

    with pytest.raises(Conflict) as error:
        started(shop, **other)

    assert "basket-1" in error.value.text.sv
    assert "basket-1" in error.value.text.en
    assert dump(shop) == before


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_would_mix_buyers_up_and_is_refused(shop: Shop, key: str) -> None:
    with pytest.raises(InvalidInput):
        started(shop, key)

    assert count(shop, "orders") == 0


def test_starting_again_finds_the_order_though_a_rule_would_refuse_it_by_now(make_shop: MakeShop) -> None:
    first = started(make_shop())
    strict = """
from ashop_core import Problem, Text, hookimpl

@hookimpl
def ashop_validate_change(change):
    return [Problem("closed", Text("stängt", "closed"))] if change.from_status is None else []
"""
    shop = make_shop("local:closing", files={"plugins/closing.py": strict})

    assert started(shop) == first
    assert reasons(lambda: started(shop, "another basket")) == ["closed"]


def race(callers: int, call: Callable[[], Any]) -> list[Any]:
    """Call from many threads at the same moment and return what each got."""
    barrier = Barrier(callers)

    def run(_: int) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(run, range(callers)))


def test_eight_callers_with_one_key_get_one_order(shop: Shop) -> None:
    orders = race(8, lambda: started(shop))

    assert {order.id for order in orders} == {orders[0].id}
    assert count(shop, "orders") == count(shop, "history") == 1


def test_eight_callers_placing_one_order_get_one_number(shop: Shop) -> None:
    order = ready(shop)

    outcomes = race(8, lambda: shop.place(order))

    assert {outcome.order.number for outcome in outcomes} == {100001}
    assert [outcome.unchanged for outcome in outcomes].count(False) == 1
    assert [e.kind for e in shop.history(order)].count(Kind.PLACED) == 1
    assert place_order(shop).number == 100002
    assert examine_shop(shop) == []


def test_eight_callers_placing_eight_orders_get_eight_numbers(shop: Shop) -> None:
    outcomes = race(8, lambda: place_order(shop))

    assert sorted(order.number for order in outcomes) == list(range(100001, 100009))


MEDDLER = """
from ashop_core import hookimpl

left = ["placed"]

@hookimpl
def ashop_validate_change(shop, order, change):
    if change.kind == "placed" and left and left.pop():
        shop.place(order.reference)  # another caller gets there between reading and writing
"""


def test_a_placement_overtaken_by_another_one_changes_nothing(make_shop: MakeShop) -> None:
    shop = make_shop("local:meddler", files={"plugins/meddler.py": MEDDLER})
    order = ready(shop)

    outcome = shop.place(order)

    assert outcome.unchanged
    assert outcome.order.number == 100001
    assert place_order(shop).number == 100002


def test_without_the_look_at_the_version_an_overtaken_placement_goes_wrong(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop("local:meddler", files={"plugins/meddler.py": MEDDLER})
    order = ready(shop)

    def blind(writer: Any, before: Order, after: Order) -> bool:
        row = writer.row("SELECT version FROM orders WHERE id = :id", {"id": before.id})
        writer.execute(
            "UPDATE orders SET version = :v WHERE id = :id", {"v": before.version, "id": before.id}
        )
        assert row is not None
        return update_order(writer, before, after)

    monkeypatch.setattr("ashop_core.settling.update_order", blind)

    with pytest.raises(ConstraintError):  # caught by the history's key, the last line of defence
        shop.place(order)


# ── Leaving and coming back ──────────────────────────────────────────────────────────────────────


def test_a_buyer_who_comes_back_goes_on_where_it_ended(shop: Shop) -> None:
    order = ready(shop)
    shop.abandon(order)

    shop.give_details(order)

    assert shop.place(order).order.number == 100001


def test_a_late_payment_places_an_abandoned_order(shop: Shop) -> None:
    order = ready(shop, payment_method="card")
    shop.await_payment(order)
    shop.abandon(order)
    paid(shop, order)

    placed = shop.place(order).order

    assert placed.status == "received"
    assert [line.held for line in placed.lines] == [1, 1]


def test_an_abandoned_order_is_not_placed_unpaid(shop: Shop) -> None:
    order = ready(shop, payment_method="card")
    shop.abandon(order)

    assert reasons(lambda: shop.place(order)) == ["not_paid"]


def test_checkouts_nobody_touched_for_a_day_are_marked_abandoned(shop: Shop, clock: FixedClock) -> None:
    young, details, waiting = started(shop, "1"), ready(shop, "2"), ready(shop, "3", payment_method="card")
    shop.await_payment(waiting)
    placed = place_order(shop)
    clock.advance(hours=23)
    shop.give_details(details, language="en")
    clock.advance(hours=1)

    assert shop.abandon_stale() == 2

    statuses = [shop.order(order).status for order in (young, details, waiting, placed)]
    assert statuses == ["abandoned", "details_given", "abandoned", "received"]
    assert shop.history(young)[-1].actor == "ashop work"
    assert shop.abandon_stale() == 0


def test_the_shop_says_how_long_a_checkout_may_rest(make_shop: MakeShop, clock: FixedClock) -> None:
    shop = make_shop()
    settings = shop.settings.folder / "ashop.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[shop]", "[shop]\nabandon_after_hours = 2"), "utf-8"
    )
    with Shop.open(shop.settings.folder, clock=clock) as hasty:
        started(hasty)
        clock.advance(hours=2)

        assert hasty.abandon_stale() == 1


@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [
        ("shop.place(order.reference)", "received"),
        ("shop.add_note(order.reference, 'ringde')", "details_given"),
    ],
    ids=["placed", "touched"],
)
def test_a_checkout_that_is_placed_or_touched_meanwhile_is_not_abandoned(
    make_shop: MakeShop, clock: FixedClock, meanwhile: str, status: str
) -> None:
    busy = f"""
from ashop_core import hookimpl

left = [True]

@hookimpl
def ashop_validate_change(shop, order, change):
    if change.actor == "ashop work" and left and left.pop():
        {meanwhile}
"""
    shop = make_shop("local:busy", files={"plugins/busy.py": busy})
    order = ready(shop)
    clock.advance(days=2)

    assert shop.abandon_stale() == 0

    assert shop.order(order).status == status
    assert "abandoned" not in {e.to_status for e in shop.history(order)}


def test_one_checkout_that_cannot_be_abandoned_does_not_keep_the_others(
    make_shop: MakeShop, clock: FixedClock
) -> None:
    broken = """
from ashop_core import hookimpl

@hookimpl
def ashop_validate_change(order, change):
    if order.customer.name == "Poison" and change.to_status == "abandoned":
        raise RuntimeError("cannot think")
"""
    shop = make_shop("local:broken", files={"plugins/broken.py": broken})
    poison = started(shop, "1", customer=some_customer(name="Poison"))
    fine = started(shop, "2")
    clock.advance(days=2)

    assert shop.abandon_stale() == 1

    assert shop.order(poison).status == "started"
    assert shop.order(fine).status == "abandoned"


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────


def line(**changed: Any) -> NewLine:
    return NewLine(**{"sku": "LAMPA", "name": "Lampa", "quantity": 1, "unit_price": 100, **changed})


@pytest.mark.parametrize("quantity", [0, -1, 10**12, 2**63, 10**100, True, "1", 1.5, float("nan"), None])
def test_a_quantity_is_a_whole_number_from_one_to_a_million(shop: Shop, quantity: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        started(shop, lines=[line(quantity=quantity)])

    assert "line 1 (LAMPA)" in error.value.text.en
    assert "rad 1 (LAMPA)" in error.value.text.sv
    assert str(MOST_OF_A_LINE) in error.value.text.sv
    assert count(shop, "orders") == 0


@pytest.mark.parametrize(
    "price", [-1, LARGEST + 1, 2**63, True, "100", 99.5, float("inf"), Decimal(100), None]
)
def test_a_price_is_whole_minor_units(shop: Shop, price: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        started(shop, lines=[line(unit_price=price)])

    assert "line 1 (LAMPA)" in error.value.text.en
    assert count(shop, "orders") == 0


@pytest.mark.parametrize("sku", ["", "  ", "A\nB", "A\0B", "A" * 101, "A\ud800B"])
def test_a_sku_is_there_and_can_be_written(shop: Shop, sku: str) -> None:
    with pytest.raises(InvalidInput):
        started(shop, lines=[line(sku=sku)])


@pytest.mark.parametrize("name", ["a\nb", "\0", "n" * 501])
def test_a_name_is_short_enough_and_can_be_written(shop: Shop, name: str) -> None:
    with pytest.raises(InvalidInput):
        started(shop, lines=[line(name=name)])


@pytest.mark.parametrize(
    "rate", [Decimal(-1), Decimal(100), Decimal("12.345"), Decimal("NaN"), Decimal("Infinity")]
)
def test_a_vat_rate_is_per_cent_with_two_decimals(shop: Shop, rate: Decimal) -> None:
    with pytest.raises(InvalidInput):
        started(shop, lines=[line(vat_rate=rate)])


@pytest.mark.parametrize("rate", [None, Decimal(0), Decimal(25), Decimal("12.5"), Decimal("7.75")])
def test_a_vat_rate_is_kept_as_it_was_given(shop: Shop, rate: Decimal | None) -> None:
    order = started(shop, lines=[line(vat_rate=rate)])

    assert shop.order(order).lines[0].vat_rate == rate


def test_every_bad_line_is_named_at_once(shop: Shop) -> None:
    lines = [line(quantity=0), line(), line(sku="FEL", unit_price=-1, quantity=-1)]

    with pytest.raises(InvalidInput) as error:
        started(shop, lines=lines)

    words = error.value.text.en
    assert words.count("line 1") == 1
    assert words.count("line 2") == 0
    assert words.count("line 3 (FEL)") == 2


def test_a_line_without_a_name_is_called_by_its_sku(shop: Shop) -> None:
    order = started(shop, lines=[line(sku=" X1 ", name=" ")])

    assert (order.lines[0].sku, order.lines[0].name) == ("X1", "X1")


def test_a_total_beyond_what_can_be_kept_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidInput):
        started(shop, lines=[line(quantity=MOST_OF_A_LINE, unit_price=LARGEST // 1000)])


def test_shipping_counts_towards_the_largest_total(make_shop: MakeShop) -> None:
    shop = make_shop(toml="[delivery.post]\nprice = 4900\n")

    with pytest.raises(InvalidInput):
        started(shop, lines=[line(unit_price=LARGEST)])

    order = started(shop, lines=[line(unit_price=LARGEST - 4900)])
    assert shop.order(order).total == LARGEST


def test_an_order_has_at_most_five_thousand_lines(shop: Shop) -> None:
    with pytest.raises(InvalidInput):
        started(shop, lines=[line()] * (MOST_LINES + 1))

    order = place_order(shop, [line()] * MOST_LINES)
    assert len(shop.order(order).lines) == MOST_LINES


@pytest.mark.parametrize(
    "words",
    [
        "Åsa Öberg-Ñandú",
        "😀👩\N{ZERO WIDTH JOINER}👧",
        "Anna\N{NO-BREAK SPACE}Lind",
        "می\N{ZERO WIDTH NON-JOINER}خواهم",
        "e\N{COMBINING ACUTE ACCENT}" * 50,
        "é",
        "İstanbul ﷺ",
        "'; DROP TABLE orders; --",
        "{name} %s <b>",
    ],
)
def test_a_customers_words_come_back_as_they_were(shop: Shop, words: str) -> None:
    order = place_order(shop, [line(name=words)], customer=some_customer(name=words, street=words))

    stored = shop.order(order)
    assert (stored.customer.name, stored.customer.street, stored.lines[0].name) == (words, words, words)


@pytest.mark.parametrize(
    "words",
    ["a\0b", "a\ud800b", "a\nb", "a\u202eb", "a\u2028b", "\ufeffa", "x" * 501],
    ids=["NUL", "half a character", "line", "right to left", "line separator", "BOM", "too long"],
)
def test_words_that_cannot_be_kept_or_shown_are_refused_whole(shop: Shop, words: str) -> None:
    order = started(shop)
    before = dump(shop)

    with pytest.raises(InvalidInput) as error:
        shop.give_details(order, customer=some_customer(city=words))

    assert "city" in error.value.text.sv
    assert dump(shop) == before


def test_what_was_paid_is_counted_anew_when_another_delivery_costs_more(make_shop: MakeShop) -> None:
    shop = make_shop(toml="[delivery.post]\nprice = 4900\n")
    order = shop.start_order(
        some_lines("LAMPA"), checkout_key="k", delivery="pickup", payment_method="invoice"
    )
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=order.total))

    outcome = shop.give_details(order, customer=some_customer(), delivery="post")

    assert outcome.order.payment is PaymentStatus.UNPAID
    assert shop.order(order).payment is PaymentStatus.UNPAID
