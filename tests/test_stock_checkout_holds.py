"""Goods held while a checkout is paid: its own for some minutes, and free for everybody else from that instant on."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest

from ashop_core import Order, Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit, StatusRequest
from ashop_core.cli.language import say
from ashop_core.models import NewPayment, PaymentKind
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from ashop_core.worker import work_once
from ashop_stock_control import checkout_holds, stock
from tests.lives import codes, sound

HELD = '[statuses.awaiting_payment]\nstock = "held"\n'
STRICT = '[plugins.stock_control]\npolicy = "strict"\n'
BASKET = '[statuses.details_given]\nstock = "held"\n' + HELD + STRICT
HOLD_MINUTES = 30


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    """A strict shop with one lamp, whose checkouts hold their goods while they are paid."""
    return with_lamps(make_shop("stock_control", toml=HELD + STRICT), 1)


def with_lamps(shop: Shop, balance: int) -> Shop:
    stock.add_item(shop, "LAMPA", "Lampa", balance=balance)
    return shop


def paying(shop: Shop, quantity: int = 1, method: str = "card") -> Order:
    """Return a checkout that waits for its payment."""
    order = begun(shop, quantity, method)
    return shop.await_payment(order).order


def begun(shop: Shop, quantity: int = 1, method: str = "card") -> Order:
    """Return a checkout whose buyer has told who they are."""
    order = shop.start_order(
        some_lines("LAMPA", quantity=quantity),
        checkout_key=uuid4().hex,
        delivery="post",
        payment_method=method,
    )
    return shop.give_details(order, customer=some_customer()).order


def pay(shop: Shop, order: Order) -> Order:
    return shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total)).order


def figures(shop: Shop) -> tuple[int, int, str]:
    item = stock.item(shop, "LAMPA")
    return item.on_hand, item.held, item.status


def kinds(shop: Shop) -> list[str]:
    return [m.kind.value for m in reversed(stock.history(shop, "LAMPA").rows) if m.order is not None]


def holds(shop: Shop) -> list[tuple[int, int]]:
    """Return order and whether it lapsed of every hold there is."""
    with shop.database.read() as reader:
        rows = reader.rows("SELECT order_id, lapsed FROM stock_checkout_holds ORDER BY order_id")
    return [(row["order_id"], row["lapsed"]) for row in rows]


def run_out(clock: FixedClock) -> None:
    clock.advance(minutes=HOLD_MINUTES)


def sweep(shop: Shop) -> int:
    return checkout_holds.lapse_due(shop)


def refused(shop: Shop, act: Any) -> list[str]:
    with pytest.raises(Refused) as refusal:
        act()
    return codes(refusal)


# ── Held, and for how long ───────────────────────────────────────────────────────────────────────


def test_a_held_piece_is_nobody_elses_until_the_minute_it_runs_out(shop, clock):
    paying(shop)
    clock.advance(minutes=HOLD_MINUTES, microseconds=-1)

    assert refused(shop, lambda: paying(shop)) == ["not_available"]
    assert refused(shop, lambda: place_order(shop)) == ["not_available"]
    assert sweep(shop) == 0
    assert figures(shop) == (1, 1, "sold_out")


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("taker", [paying, lambda shop: place_order(shop)], ids=["paying", "placing"])
def test_from_that_minute_it_is_anybodys_swept_or_not(shop, clock, swept, taker):
    """It had made the item sold out, which is no obstacle either: neither before the lock nor under it."""
    slow = paying(shop)
    run_out(clock)
    if swept:
        assert sweep(shop) == 1

    taker(shop)

    assert kinds(shop) == ["take", "lapse", "take"]
    assert figures(shop) == (1, 1, "sold_out")
    assert (slow.id, 1) in holds(shop)
    sound(shop)


def test_before_the_lock_no_more_is_promised_than_what_the_hold_gives_back(shop, clock):
    stock.receive(shop, "LAMPA", 2)
    paying(shop, 2)
    paying(shop, 1)
    run_out(clock)
    checkout_holds.lapse_due(shop)
    place_order(shop, some_lines("LAMPA", quantity=1))
    paying(shop, 2)
    run_out(clock)
    order = begun(shop, 3)

    assert [p.code for p in shop.preview(order, StatusRequest(to="awaiting_payment")).problems] == [
        "not_available"
    ]
    assert shop.foresee(order, StatusRequest(to="awaiting_payment")).problems != ()
    assert refused(shop, lambda: shop.await_payment(order)) == ["not_available"]
    assert shop.foresee(begun(shop, 2), StatusRequest(to="awaiting_payment")).problems == ()


def test_the_timed_job_lets_go_what_nobody_came_for(shop, clock):
    paying(shop)
    run_out(clock)

    work_once(shop)

    assert kinds(shop) == ["take", "lapse"]
    assert figures(shop) == (1, 0, "in_stock")
    sound(shop)


def test_a_hold_lapses_once(shop, clock):
    paying(shop)
    run_out(clock)

    assert [sweep(shop), sweep(shop)] == [1, 0]
    assert kinds(shop) == ["take", "lapse"]


def test_many_holds_lapse_in_several_transactions(make_shop, clock, monkeypatch):
    monkeypatch.setattr(checkout_holds, "AT_ONCE", 2)
    shop = make_shop("stock_control", toml=HELD)
    for n in range(5):
        stock.add_item(shop, f"S{n}", balance=5)
        for _ in range(2):
            order = shop.start_order(
                some_lines(f"S{n}"), checkout_key=uuid4().hex, delivery="post", payment_method="card"
            )
            shop.give_details(order, customer=some_customer())
            shop.await_payment(order)
    run_out(clock)

    assert sweep(shop) == 10

    assert [stock.item(shop, f"S{n}").held for n in range(5)] == [0] * 5
    sound(shop)


def test_a_hold_outlives_the_shop_that_made_it(shop, clock, make_shop):
    order = paying(shop)
    shop.close()
    again = make_shop("stock_control", toml=HELD + STRICT)

    assert refused(again, lambda: place_order(again)) == ["not_available"]
    assert again.place(pay(again, order)).order.flags == ()
    sound(again)


def test_the_balance_that_staff_read_is_the_ledgers_until_somebody_lets_the_hold_go(shop, clock):
    paying(shop)
    run_out(clock)

    due = stock.item(shop, "LAMPA").balance
    sweep(shop)

    assert (due, stock.item(shop, "LAMPA").balance) == (0, 1)


# ── The buyer comes ──────────────────────────────────────────────────────────────────────────────


def test_paid_in_time_the_hold_becomes_the_orders(shop, clock):
    order = pay(shop, paying(shop))
    clock.advance(minutes=HOLD_MINUTES - 1)

    order = shop.place(order).order
    run_out(clock)

    assert sweep(shop) == 0
    assert kinds(shop) == ["take"]
    assert (order.flags, holds(shop)) == ((), [])
    sound(shop)


@pytest.mark.parametrize("method", ["card", "invoice"])
@pytest.mark.parametrize("swept", [False, True])
def test_late_but_still_there_the_goods_are_taken_anew(shop, clock, swept, method):
    order = paying(shop, method=method)
    run_out(clock)
    if swept:
        sweep(shop)
    if method == "card":
        pay(shop, order)

    order = shop.place(order).order

    assert kinds(shop) == ["take", "lapse", "take"]
    assert (order.flags, holds(shop)) == ((), [])
    assert figures(shop) == (1, 1, "sold_out")
    sound(shop)


@pytest.mark.parametrize("paid_before", [False, True])
def test_paid_late_and_sold_to_another_it_is_placed_and_flagged(shop, clock, paid_before):
    order = paying(shop)
    if paid_before:
        pay(shop, order)
    run_out(clock)
    other = paying(shop)
    shop.place(pay(shop, other))
    if not paid_before:
        pay(shop, order)

    outcome = shop.place(order)

    assert outcome.order.flags == ("paid_short",)
    assert [e.text.sv for _, e in outcome.effects if e.subject.endswith(":short")] == [
        "Lampa: Slut, saldo 0, begärt 1, policy strict, men ordern kan inte nekas längre och tog den ändå"
    ]
    assert figures(shop) == (1, 2, "sold_out")
    assert shop.change_status(order, "reviewed").order.flags == ("paid_short",)
    assert shop.cancel(order, "slut").order.flags == ()
    sound(shop)


def test_late_unpaid_and_sold_to_another_it_is_refused_and_can_be_tried_again(shop, clock):
    order = paying(shop, method="invoice")
    run_out(clock)
    other = paying(shop, method="invoice")

    assert refused(shop, lambda: shop.place(order)) == ["not_available"]
    assert (order.id, 1) in holds(shop) or (order.id, 0) in holds(shop)
    shop.abandon(other)
    shop.place(order)

    assert figures(shop) == (1, 1, "sold_out")
    sound(shop)


@pytest.mark.parametrize("swept", [False, True])
def test_late_it_is_judged_again_swept_or_not(shop, clock, swept):
    """The piece broke meanwhile: as for everybody who comes now, there is none."""
    order = paying(shop, method="invoice")
    run_out(clock)
    stock.adjust(shop, "LAMPA", -1)
    if swept:
        sweep(shop)

    assert refused(shop, lambda: shop.place(order)) == ["not_available"]
    sound(shop)


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_checkouts_for_the_last_piece_the_first_to_pay_late_gets_it(shop, clock, first):
    orders = [paying(shop, method="invoice")]
    run_out(clock)
    orders.append(paying(shop, method="invoice"))
    run_out(clock)

    shop.place(orders[first])

    assert refused(shop, lambda: shop.place(orders[1 - first])) == ["not_available"]
    assert figures(shop) == (1, 1, "sold_out")
    sound(shop)


# ── Back and forth in the checkout ───────────────────────────────────────────────────────────────


BACK = {
    "payment failed": lambda shop, order: shop.change_status(order, "details_given"),
    "other details": lambda shop, order: shop.give_details(order, customer=some_customer(name="Bo")),
    "given up": lambda shop, order: shop.abandon(order),
}


@pytest.mark.parametrize("when", ["held", "due", "lapsed"])
@pytest.mark.parametrize("back", BACK.values(), ids=BACK)
def test_back_or_given_up_the_goods_are_free_and_the_hold_is_gone(shop, clock, when, back):
    order = paying(shop)
    if when != "held":
        run_out(clock)
    if when == "lapsed":
        sweep(shop)

    order = back(shop, order).order

    assert figures(shop) == (1, 0, "in_stock")
    assert ([line.held for line in order.lines], holds(shop)) == ([0], [])
    sound(shop)


@pytest.mark.parametrize("when", ["held", "due", "lapsed"])
def test_paying_again_holds_the_goods_for_another_while(shop, clock, when):
    order = paying(shop)
    clock.advance(minutes=HOLD_MINUTES - 1)
    if when != "held":
        clock.advance(minutes=1)
    if when == "lapsed":
        sweep(shop)
    shop.change_status(order, "details_given")
    shop.await_payment(order)
    clock.advance(minutes=HOLD_MINUTES - 1)

    assert refused(shop, lambda: place_order(shop)) == ["not_available"]
    shop.place(pay(shop, order))
    assert figures(shop) == (1, 1, "sold_out")
    sound(shop)


@pytest.mark.parametrize("times", [2, 3])
def test_a_checkout_that_lapses_again_and_again_adds_up(shop, clock, times):
    order = paying(shop)
    for _ in range(times):
        run_out(clock)
        sweep(shop)
        shop.change_status(order, "details_given")
        shop.await_payment(order)
        sound(shop)

    shop.place(pay(shop, order))

    assert kinds(shop) == ["take", "lapse"] * times + ["take"]
    sound(shop)


@pytest.mark.parametrize("when", ["held", "due", "lapsed"])
def test_from_one_holding_status_to_the_next_the_hold_is_prolonged(make_shop, clock, when):
    shop = with_lamps(make_shop("stock_control", toml=BASKET), 1)
    order = begun(shop)
    clock.advance(minutes=HOLD_MINUTES - 1)
    if when != "held":
        clock.advance(minutes=1)
    if when == "lapsed":
        sweep(shop)

    shop.await_payment(order)
    clock.advance(minutes=HOLD_MINUTES - 1)

    assert sweep(shop) == 0
    assert holds(shop) == [(order.id, 0)]
    sound(shop)
    shop.place(pay(shop, order))
    assert figures(shop) == (1, 1, "sold_out")
    assert holds(shop) == []
    sound(shop)


@pytest.mark.parametrize("when", ["held", "due", "lapsed"])
@pytest.mark.parametrize(("quantity", "left"), [(1, 4), (4, 1)])
def test_a_basket_that_is_corrected_while_it_holds(make_shop, clock, when, quantity, left):
    shop = with_lamps(make_shop("stock_control", toml=BASKET), 5)
    order = begun(shop, 2)
    if when != "held":
        run_out(clock)
    if when == "lapsed":
        sweep(shop)

    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=quantity),)))

    assert stock.item(shop, "LAMPA").balance == left
    sound(shop)
    run_out(clock)
    assert sweep(shop) == 1
    assert stock.item(shop, "LAMPA").balance == 5
    sound(shop)
    shop.await_payment(order)
    shop.place(pay(shop, shop.order(order)))
    assert stock.item(shop, "LAMPA").balance == left
    sound(shop)


def test_a_line_more_and_a_line_less_leave_every_hold_with_its_expiry(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml=BASKET), 5)
    stock.add_item(shop, "BORD", "Bord", balance=5)
    order = begun(shop, 3)
    edit = AmendRequest(lines=(LineEdit(position=1, quantity=1),), add=some_lines("BORD", quantity=2))

    shop.amend(order, edit)
    run_out(clock)
    sweep(shop)

    assert [stock.item(shop, sku).held for sku in ("LAMPA", "BORD")] == [0, 0]
    sound(shop)


def test_an_orders_own_hold_does_not_stand_in_its_way(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml=BASKET), 2)
    order = begun(shop, 1)

    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=2),)))
    shop.await_payment(order)
    shop.place(pay(shop, shop.order(order)))

    assert figures(shop) == (2, 2, "sold_out")


@pytest.mark.parametrize("swept", [False, True])
def test_an_order_that_holds_the_last_piece_too_long_may_ask_for_it_again(make_shop, clock, swept):
    """Sold out it is by the order's own hold, which counts for nobody any more."""
    shop = with_lamps(make_shop("stock_control", toml=BASKET), 2)
    order = begun(shop, 2)
    run_out(clock)
    if swept:
        sweep(shop)

    shop.amend(order, AmendRequest(add=some_lines("STOL")))

    assert refused(
        shop, lambda: shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=3),)))
    ) == ["not_available"]
    assert figures(shop) == (2, 2, "sold_out")
    sound(shop)


# ── Several items, items that are not counted, other settings ────────────────────────────────────


def test_of_several_items_only_what_ran_out_is_taken_anew(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml=HELD + STRICT), 3)
    stock.add_item(shop, "BORD", "Bord", balance=3)
    order = shop.start_order(
        some_lines("LAMPA", "BORD", "LAMPA"), checkout_key="k", delivery="post", payment_method="invoice"
    )
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    run_out(clock)
    place_order(shop, some_lines("LAMPA"))

    shop.place(order)

    assert kinds(shop) == ["take", "take", "lapse", "lapse", "take", "take", "take"]
    assert [stock.item(shop, sku).balance for sku in ("LAMPA", "BORD")] == [0, 2]
    sound(shop)


@pytest.mark.parametrize("when", ["held", "due", "lapsed"])
def test_an_item_counted_since_the_checkout_held_it(make_shop, clock, when):
    shop = make_shop("stock_control", toml=HELD + STRICT)
    stock.add_item(shop, "LAMPA")
    order = paying(shop, method="invoice")
    if when != "held":
        run_out(clock)
    if when == "lapsed":
        sweep(shop)
    stock.count(shop, "LAMPA", 5)
    sound(shop)

    shop.place(order)

    assert figures(shop)[:2] == (5, 1)
    sound(shop)


def reopened(make_shop: MakeShop, shop: Shop, toml: str) -> Shop:
    shop.close()
    return make_shop("stock_control", toml=toml)


@pytest.mark.parametrize("then", ["placed", "abandoned", "taken by another"])
@pytest.mark.parametrize("when", ["held", "due", "lapsed"])
def test_switched_off_while_holds_are_open_they_run_out_all_the_same(make_shop, clock, when, then):
    shop = with_lamps(make_shop("stock_control", toml=HELD + STRICT), 1)
    order = paying(shop, method="invoice")
    shop = reopened(make_shop, shop, STRICT)
    if when != "held":
        run_out(clock)
    if when == "lapsed":
        sweep(shop)

    if then == "placed":
        shop.place(order)
    elif then == "abandoned":
        shop.abandon(order)
    elif when == "held":
        assert refused(shop, lambda: paying(shop)) == ["not_available"]
    else:
        paying(shop)
        place_order(shop)

    assert figures(shop)[1] == (0 if then == "abandoned" else 1)
    sound(shop)
    if then != "taken by another":
        assert holds(shop) == []


def test_an_order_placed_while_stock_control_was_off_does_not_lose_what_it_held(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml=HELD + STRICT), 1)
    order = paying(shop)
    shop.close()
    without = make_shop(toml=HELD)
    without.place(pay(without, order))
    without.close()
    shop = make_shop("stock_control", toml=HELD + STRICT)
    run_out(clock)

    assert sweep(shop) == 0
    assert refused(shop, lambda: place_order(shop)) == ["not_available"]
    assert figures(shop) == (1, 1, "sold_out")


def test_switched_off_and_counted_since(make_shop, clock):
    shop = make_shop("stock_control", toml=HELD)
    stock.add_item(shop, "LAMPA")
    order = paying(shop, method="invoice")
    shop = reopened(make_shop, shop, "")
    stock.count(shop, "LAMPA", 5)

    assert figures(shop)[:2] == (5, 1)
    sound(shop)
    shop.abandon(order)
    assert figures(shop)[:2] == (5, 0)
    sound(shop)


def test_switched_on_while_checkouts_are_paid_nothing_is_held_for_them_until_they_are_placed(
    make_shop, clock
):
    shop = with_lamps(make_shop("stock_control", toml=STRICT), 1)
    order = paying(shop, method="invoice")
    shop = reopened(make_shop, shop, HELD + STRICT)

    assert (figures(shop)[1], holds(shop)) == (0, [])
    shop.place(order)

    assert figures(shop) == (1, 1, "sold_out")
    sound(shop)


def test_a_basket_may_hold_its_goods_from_the_start(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml='[statuses.started]\nstock = "held"\n' + BASKET), 1)
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="card")
    again = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="card")

    assert (again.id, figures(shop)) == (order.id, (1, 1, "sold_out"))
    assert refused(shop, lambda: begun(shop)) == ["not_available"]
    sound(shop)
    run_out(clock)
    other = begun(shop)
    assert refused(shop, lambda: shop.give_details(order, customer=some_customer())) == ["not_available"]
    shop.await_payment(other)
    sound(shop)


def test_goods_that_leave_as_the_order_is_placed(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml=HELD + '[statuses.received]\nstock = "gone"\n'), 5)
    in_time, late = paying(shop, 2, "invoice"), paying(shop, 1, "invoice")
    shop.place(in_time)
    run_out(clock)

    shop.place(late)

    assert figures(shop)[:2] == (2, 0)
    assert kinds(shop) == ["take", "take", "ship", "lapse", "take", "ship"]
    sound(shop)


def test_an_order_taken_over_into_a_paying_status_without_its_goods_holds_nothing(make_shop, clock):
    from tests.lives import imported

    shop = with_lamps(make_shop("stock_control", toml=HELD), 5)

    imported(shop, "awaiting_payment")

    assert holds(shop) == []


# ── What is said ─────────────────────────────────────────────────────────────────────────────────


def said(shop: Shop, order: Order) -> list[str]:
    [(_, section)] = shop.sections(shop.order(order))
    return [f"{say(name)}: {say(words)}" for name, words in section.rows]


def test_the_order_page_tells_until_when_the_goods_are_held(shop, clock):
    order = paying(shop)

    held = said(shop, order)
    run_out(clock)
    due = said(shop, order)
    sweep(shop)
    lapsed = said(shop, order)
    shop.place(pay(shop, order))

    assert held[1] == "Hålls medan kunden betalar: till 2026-11-23 13:30"
    assert due[1] == lapsed[1] == "Hålls medan kunden betalar: tiden gick ut 2026-11-23 13:30"
    assert len(said(shop, order)) == 1


def test_customers_learn_nothing_of_holds(shop, clock):
    order = paying(shop)

    assert shop.customer_order(order) is None


# ── Several at once ──────────────────────────────────────────────────────────────────────────────

PAYER = """
import sys
from datetime import UTC, datetime
from ashop_core.errors import Refused
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock
from ashop_stock_control import checkout_holds

folder, now, who = sys.argv[1], datetime.fromisoformat(sys.argv[2]), sys.argv[3]
with Shop.open(folder, clock=FixedClock(now), synchronous="OFF") as shop:
    print("ready", flush=True)
    for line in sys.stdin:
        reference = line.strip()
        if who == "sweeper":
            checkout_holds.lapse_due(shop)
        else:
            try:
                shop.place(reference)
            except Refused:
                pass
    print("done", flush=True)
"""


def test_lapsing_twice_and_a_late_payment_at_once_are_one_lapse_and_one_take(make_shop, clock):
    shop = with_lamps(make_shop("stock_control", toml=HELD + STRICT), 40)
    orders = [paying(shop, method="invoice") for _ in range(40)]
    run_out(clock)
    now = clock.now.isoformat()
    folder = str(shop.settings.path("."))
    children = [
        subprocess.Popen(
            [sys.executable, "-c", PAYER, folder, now, who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("sweeper", "sweeper", "payer")
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    words = "".join(f"{order.reference}\n" for order in orders)
    for child in children:
        assert child.stdin is not None
        child.stdin.write(words)
        child.stdin.flush()
    for child in children:
        out, _ = child.communicate()
        assert (out, child.returncode) == ("done\n", 0)

    assert figures(shop)[:2] == (40, 40)
    for order in orders:
        with shop.database.read() as reader:
            rows = reader.rows(
                "SELECT kind FROM stock_movements WHERE order_id = :id ORDER BY id", {"id": order.id}
            )
        assert [row["kind"] for row in rows] == ["take", "lapse", "take"]
    assert holds(shop) == []
    sound(shop)
