"""What orders do to the stock: moved by their moves and by nothing else, each effect once, refused only when closed."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ashop_core.errors import InvalidInput, Problem, Refused
from ashop_core.models import Change, ImportedOrder, Kind, Move, NewLine, NewPayment, PaymentKind, Place
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_core.transaction import ChangeTransaction
from ashop_stock_control import health, ledger, objecting, orders, stock, takes


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", "Lampa", balance=10)
    stock.add_item(shop, "BORD", "Bord", balance=10)
    return shop


def figures(shop, sku):
    item = stock.item(shop, sku)
    return item.on_hand, item.held, item.balance


def kinds(shop, sku):
    return [m.kind.value for m in reversed(stock.history(shop, sku).rows) if m.order is not None]


def paying_checkout(shop, lines=None):
    """Return a checkout that waits for its card payment."""
    order = shop.start_order(
        lines or some_lines("LAMPA"), checkout_key=uuid4().hex, delivery="post", payment_method="card"
    )
    shop.give_details(order, customer=some_customer())
    return shop.await_payment(order).order


def pay(shop, order):
    return shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total)).order


def ship(shop, order):
    shop.change_status(order, "reviewed")
    shop.approve(order)
    return shop.change_status(order, "shipped").order


# ── Every move ───────────────────────────────────────────────────────────────────────────────────


def test_placing_takes(shop):
    place_order(shop, some_lines("LAMPA", quantity=3))

    assert figures(shop, "LAMPA") == (10, 3, 7)
    assert kinds(shop, "LAMPA") == ["take"]


def test_shipping_takes_from_the_shelf_and_leaves_the_balance(shop):
    ship(shop, place_order(shop, some_lines("LAMPA", quantity=3)))

    assert figures(shop, "LAMPA") == (7, 0, 7)
    assert kinds(shop, "LAMPA") == ["take", "ship"]


def test_cancelling_releases_once(shop):
    order = place_order(shop, some_lines("LAMPA", quantity=3))

    shop.change_status(order, "cancelled", reason="ångrad")
    again = shop.change_status(order, "cancelled", reason="ångrad")

    assert again.unchanged
    assert figures(shop, "LAMPA") == (10, 0, 10)
    assert kinds(shop, "LAMPA") == ["take", "release"]


def test_a_return_puts_goods_back_on_the_shelf(shop):
    order = ship(shop, place_order(shop, some_lines("LAMPA", quantity=3)))
    shop.change_status(order, "delivered")

    shop.change_status(order, "returned")

    assert figures(shop, "LAMPA") == (10, 0, 10)
    assert kinds(shop, "LAMPA") == ["take", "ship", "take_back"]


def test_goods_that_never_were_held_are_taken_and_shipped(make_shop):
    shop = make_shop("stock_control", toml='[statuses.received]\nstock = "gone"\n')
    stock.add_item(shop, "LAMPA", balance=10)

    place_order(shop, some_lines("LAMPA", quantity=3))

    assert figures(shop, "LAMPA") == (7, 0, 7)
    assert kinds(shop, "LAMPA") == ["take", "ship"]


def test_goods_that_come_back_to_the_order_are_held_again(make_shop):
    shop = make_shop("stock_control", toml='[[transitions]]\nfrom = "shipped"\nto = "reviewed"\n')
    stock.add_item(shop, "LAMPA", balance=10)
    order = ship(shop, place_order(shop, some_lines("LAMPA", quantity=3)))

    shop.change_status(order, "reviewed")

    assert figures(shop, "LAMPA") == (10, 3, 7)
    assert kinds(shop, "LAMPA") == ["take", "ship", "unship"]


def test_every_way_on_from_a_take_is_in_the_table():
    onward = {(a, b) for a in Place for b in Place if a is not b and a is not Place.FREE}

    assert set(takes.ONWARD) == onward


def test_a_line_in_two_places_ships_from_each_take(shop):
    """What is held and what is free of one line leave together, each row by reference to the take it comes from."""
    order = place_order(shop, some_lines("LAMPA", quantity=3))
    change = Change(
        kind=Kind.STATUS,
        seq=order.version + 1,
        from_status="received",
        to_status="shipped",
        at=shop.clock(),
        actor="staff",
        moves=(Move(1, "LAMPA", 3, Place.HELD, Place.GONE), Move(1, "LAMPA", 2, Place.FREE, Place.GONE)),
    )

    with shop.database.write() as writer:
        orders.carry_out(
            ChangeTransaction(writer, order, change, shop.settings, shop.flows, shop.plugins), order, change
        )

    rows = [(m.kind.value, m.d_on_hand, m.d_held) for m in stock.history(shop, "LAMPA", limit=3).rows]
    assert sorted(rows) == [("ship", -3, -3), ("ship", -2, -2), ("take", 0, 2)]
    assert figures(shop, "LAMPA") == (5, 0, 5)


def test_lines_that_change_places_within_an_order_need_nothing_new(shop):
    """One line gives back what another takes: less is not left to sell, so a sold-out item is no obstacle."""
    order = place_order(shop, some_lines("LAMPA", "LAMPA", quantity=2))
    stock.set_status(shop, "LAMPA", "sold_out")
    change = Change(
        kind=Kind.LINES,
        seq=order.version + 1,
        from_status="received",
        to_status="received",
        at=shop.clock(),
        actor="staff",
        moves=(Move(1, "LAMPA", 1, Place.HELD, Place.FREE), Move(2, "LAMPA", 1, Place.FREE, Place.HELD)),
    )

    with shop.database.write() as writer:
        tx = ChangeTransaction(writer, order, change, shop.settings, shop.flows, shop.plugins)
        told = orders.carry_out(tx, order, change)

    assert objecting.objections(shop, order, change) == []
    assert not any(isinstance(item, Problem) for item in told)
    assert figures(shop, "LAMPA") == (10, 4, 6)


def test_statuses_that_move_no_goods_move_no_stock(shop):
    order = place_order(shop)

    shop.change_status(order, "reviewed")
    shop.add_note(order, "ring kunden")

    assert kinds(shop, "LAMPA") == ["take"]


def test_checkouts_hold_nothing(shop):
    paying_checkout(shop)

    assert figures(shop, "LAMPA") == (10, 0, 10)


def test_a_shop_may_hold_goods_while_the_customer_pays(make_shop):
    shop = make_shop("stock_control", toml='[statuses.awaiting_payment]\nstock = "held"\n')
    stock.add_item(shop, "LAMPA", balance=10)

    order = paying_checkout(shop)
    held = figures(shop, "LAMPA")
    shop.abandon(order)

    assert held == (10, 1, 9)
    assert figures(shop, "LAMPA") == (10, 0, 10)


# ── One order, several lines ─────────────────────────────────────────────────────────────────────


def test_lines_of_one_item_are_one_demand_and_one_row_each(shop):
    order = place_order(shop, some_lines("LAMPA", "LAMPA", "BORD", quantity=2))

    assert figures(shop, "LAMPA") == (10, 4, 6)
    assert [m.position for m in stock.history(shop, "LAMPA").rows if m.order] == [2, 1]
    assert [e.text.en for _, e in shop.history(order)[-1].effects] == [
        "Stock balance BORD: 10 → 8",
        "Stock balance LAMPA: 10 → 6",
    ]


def test_an_order_takes_all_of_its_lines_or_none(shop):
    stock.set_status(shop, "LAMPA", "sold_out")

    with pytest.raises(Refused) as refused:
        place_order(shop, some_lines("BORD", "LAMPA"))

    assert [p.code for p in refused.value.problems] == ["not_available"]
    assert figures(shop, "BORD") == (10, 0, 10)


def test_placing_three_lines_takes_three_updates_and_one_insert(shop, monkeypatch):
    stock.add_item(shop, "STOL", balance=1000)
    counted = CountedHandle.install(monkeypatch)

    place_order(shop, some_lines("LAMPA", "BORD", "STOL"))

    assert counted == ["row", "row", "row", "insert_all"]


@pytest.mark.parametrize("to", ["shipped", "cancelled"])
def test_going_on_from_three_takes_reads_them_at_once(shop, monkeypatch, to):
    stock.add_item(shop, "STOL", balance=1000)
    order = place_order(shop, some_lines("LAMPA", "BORD", "STOL"))
    shop.change_status(order, "reviewed")
    shop.approve(order)
    counted = CountedHandle.install(monkeypatch)

    shop.change_status(order, to, reason="ångrad" if to == "cancelled" else "")

    assert counted == ["rows", "row", "row", "row", "insert_all"]


def test_a_shop_that_holds_in_the_checkout_asks_once_for_holds_that_ran_out(make_shop, monkeypatch):
    shop = make_shop("stock_control", toml='[statuses.awaiting_payment]\nstock = "held"\n')
    for sku in ("LAMPA", "BORD", "STOL"):
        stock.add_item(shop, sku, balance=1000)
    counted = CountedHandle.install(monkeypatch)

    place_order(shop, some_lines("LAMPA", "BORD", "STOL"))

    assert counted == ["rows", "row", "row", "row", "insert_all"]


class CountedHandle:
    """Writes down what is called on a transaction."""

    def __init__(self, tx, calls):
        self._tx, self._calls = tx, calls

    def __getattr__(self, name):
        found = getattr(self._tx, name)
        if name in ("row", "rows", "execute", "insert", "insert_all", "lock"):
            self._calls.append(name)
        return found

    @classmethod
    def install(cls, monkeypatch):
        calls: list[str] = []
        real = orders.carry_out

        def counted(tx, order, change):
            if not change.moves:
                return real(tx, order, change)
            return real(cls(tx, calls), order, change)  # type: ignore[arg-type]

        monkeypatch.setattr(orders, "carry_out", counted)
        return calls


# ── What may be bought ───────────────────────────────────────────────────────────────────────────


def test_the_open_policy_oversells_and_the_rule_fires(shop):
    order = place_order(shop, some_lines("LAMPA", quantity=13))

    assert figures(shop, "LAMPA") == (10, 13, -3)
    assert stock.item(shop, "LAMPA").status == "sold_out"
    assert [e.text.sv for _, e in shop.history(order)[-1].effects] == [
        "Lagersaldo LAMPA: 10 → -3",
        "Lampa: översåld 3",
        "Lampa: Lagervara → Slut (regel: saldot faller till 0)",
    ]


@pytest.mark.parametrize("status", ["temporarily_out", "sold_out", "discontinued"])
def test_what_cannot_be_bought_is_refused_before_the_customer_pays(shop, status):
    stock.set_status(shop, "LAMPA", status)

    with pytest.raises(Refused) as refused:
        paying_checkout(shop)

    assert refused.value.problems[0].text.sv == "Vara LAMPA finns inte i det antal som beställs"


@pytest.mark.parametrize("status", ["in_stock", "on_order"])
def test_what_can_be_bought_is_sold_in_any_quantity(shop, status):
    stock.set_status(shop, "LAMPA", status)

    place_order(shop, some_lines("LAMPA", quantity=1_000_000))

    assert figures(shop, "LAMPA")[2] == 10 - 1_000_000


def test_a_shop_whose_statuses_are_all_closed_sells_nothing(make_shop):
    closed = "".join(
        f"[plugins.stock_control.statuses.{code}]\npurchasable = false\n" for code in ("in_stock", "on_order")
    )
    shop = make_shop("stock_control", toml=closed)
    stock.add_item(shop, "LAMPA", balance=10)

    with pytest.raises(Refused):
        paying_checkout(shop)
    with pytest.raises(Refused):
        place_order(shop)


def test_the_refusal_is_the_same_for_every_balance(shop):
    said = set()
    for balance in (-1000, -1, 0, 1, 2, 999):
        stock.count(shop, "LAMPA", 1000)
        stock.adjust(shop, "LAMPA", balance - 1000)
        stock.set_status(shop, "LAMPA", "sold_out")
        for quantity in (1, 2, 1000):
            with pytest.raises(Refused) as refused:
                place_order(shop, some_lines("LAMPA", quantity=quantity))
            said.add(
                (str(refused.value).partition(":")[2], *[(p.code, p.text) for p in refused.value.problems])
            )

    assert len(said) == 1


def sold_out_after_the_question(monkeypatch, shop, sku="LAMPA"):
    """Let another buyer take the last piece between a plugin's answer and the transaction."""
    real = objecting.objections

    def answered_too_early(shop, order, change):
        problems = real(shop, order, change)
        if change.moves:
            stock.set_status(shop, sku, "sold_out")
        return problems

    monkeypatch.setattr(objecting, "objections", answered_too_early)


def test_only_the_answer_under_the_lock_counts(shop, monkeypatch):
    sold_out_after_the_question(monkeypatch, shop)

    with pytest.raises(Refused) as refused:
        place_order(shop)

    assert refused.value.problems[0].plugin == "stock_control"
    assert figures(shop, "LAMPA") == (10, 0, 10)


def test_without_the_guard_the_sold_out_would_be_sold(shop, monkeypatch):
    """The twin of the test above: it is the guard in the statement that makes the difference."""
    sold_out_after_the_question(monkeypatch, shop)
    real = ledger.shift
    monkeypatch.setattr(ledger, "shift", lambda tx, sku, a, b, guard=None: real(tx, sku, a, b))

    place_order(shop)

    assert figures(shop, "LAMPA") == (10, 1, 9)


def test_a_paid_order_of_what_is_sold_out_is_placed_and_flagged(shop):
    order = pay(shop, paying_checkout(shop))
    stock.set_status(shop, "LAMPA", "sold_out")

    outcome = shop.place(order)

    assert outcome.order.flags == ("paid_short",)
    assert figures(shop, "LAMPA") == (10, 1, 9)
    assert any("Slut" in e.text.sv and "tog den ändå" in e.text.sv for _, e in outcome.effects)


def test_an_authorised_order_is_placed_as_a_paid_one_is(shop):
    order = paying_checkout(shop)
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=order.total))
    stock.set_status(shop, "LAMPA", "sold_out")

    assert shop.place(order).order.flags == ("paid_short",)


def test_a_free_order_nobody_paid_for_is_refused(shop):
    stock.set_status(shop, "LAMPA", "sold_out")

    with pytest.raises(Refused):
        place_order(shop, some_lines("LAMPA", price=0))


def test_the_flag_goes_when_the_goods_have_left(shop):
    order = pay(shop, paying_checkout(shop))
    stock.set_status(shop, "LAMPA", "sold_out")
    order = shop.place(order).order
    shop.change_status(order, "reviewed")

    assert shop.change_status(order, "shipped").order.flags == ()


def test_releases_are_never_refused(shop):
    order = place_order(shop)
    stock.set_status(shop, "LAMPA", "discontinued")

    shop.change_status(order, "cancelled", reason="ångrad")

    assert figures(shop, "LAMPA") == (10, 0, 10)


def test_a_preview_tells_and_keeps_nothing(shop):
    from ashop_core.changes import StatusRequest

    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer())

    outcome = shop.preview(order, StatusRequest(to="received"))

    assert [e.text.sv for _, e in outcome.effects] == ["Lagersaldo LAMPA: 10 → 9"]
    assert figures(shop, "LAMPA") == (10, 0, 10)


# ── SKUs that nobody counts ──────────────────────────────────────────────────────────────────────


def test_an_unknown_sku_is_accepted_created_and_flagged(shop):
    order = place_order(shop, some_lines("NYHET"))

    item = stock.item(shop, "NYHET")
    assert order.flags == ("untracked",)
    assert (item.name, item.status, item.tracked, item.balance) == ("Vara NYHET", "in_stock", False, None)
    assert stock.history(shop, "NYHET").rows == ()


def test_the_next_order_of_it_is_not_flagged(shop):
    place_order(shop, some_lines("NYHET"))

    assert place_order(shop, some_lines("NYHET")).flags == ()


def test_an_untracked_item_can_be_sold_out(shop):
    stock.add_item(shop, "KURS", status="sold_out")

    with pytest.raises(Refused):
        place_order(shop, some_lines("KURS"))


def test_counting_begins_with_what_open_orders_hold(shop):
    open_order = place_order(shop, some_lines("NYHET", quantity=3))
    cancelled = place_order(shop, some_lines("NYHET", quantity=5))
    shop.change_status(cancelled, "cancelled", reason="ångrad")

    stock.receive(shop, "NYHET", 10)
    counted = figures(shop, "NYHET")
    ship(shop, open_order)

    assert counted == (10, 3, 7)
    assert figures(shop, "NYHET") == (7, 0, 7)
    assert health.problems(shop) == []


# ── Imported orders ──────────────────────────────────────────────────────────────────────────────


def imported(external_id, *skus, status="shipped", paid=0):
    return ImportedOrder(
        source="shopify",
        external_id=external_id,
        status=status,
        at=datetime(2026, 1, 2, tzinfo=UTC),
        lines=tuple(NewLine(sku=s, name=f"Vara {s}", quantity=2, unit_price=100) for s in skus),
        customer=some_customer(),
        delivery="post",
        payment_method="card",
        currency="SEK",
        language="sv",
        paid=paid,
    )


def test_an_imported_order_moves_nothing(shop):
    outcome = shop.import_order(imported("1", "LAMPA"))

    assert outcome.order.flags == ()
    assert figures(shop, "LAMPA") == (10, 0, 10)
    assert kinds(shop, "LAMPA") == []


def test_an_imported_order_brings_its_unknown_items(shop):
    outcome = shop.import_order(imported("1", "LAMPA", "NYHET", "NYHET"))

    assert outcome.order.flags == ("untracked",)
    assert stock.item(shop, "NYHET").tracked is False


def test_an_imported_order_moves_stock_if_asked_and_is_never_refused(shop):
    stock.set_status(shop, "LAMPA", "sold_out")

    sent = shop.import_order(imported("1", "LAMPA"), move_stock=True)
    waiting = shop.import_order(imported("2", "LAMPA", status="received", paid=200), move_stock=True)

    assert sent.order.flags == ()
    assert waiting.order.flags == ("paid_short",)
    assert figures(shop, "LAMPA") == (8, 2, 6)
    assert health.problems(shop) == []


def test_a_later_change_of_an_imported_order_moves_nothing(shop):
    outcome = shop.import_order(imported("1", "LAMPA", status="received"))

    shop.change_status(outcome.order, "cancelled", reason="gammal")

    assert figures(shop, "LAMPA") == (10, 0, 10)
    assert health.problems(shop) == []


# ── What staff see ───────────────────────────────────────────────────────────────────────────────


def test_the_order_page_shows_the_stock_of_each_item(shop):
    order = place_order(shop, some_lines("LAMPA", "NYHET"))

    [(plugin, section)] = shop.sections(order)

    assert plugin == "stock_control"
    assert section.title.sv == "Lager"
    assert [words.sv for _, words in section.rows] == ["Lagervara, saldo 9", "Lagervara, utan lagersaldo"]


def test_customers_see_no_flags_and_no_stock(shop):
    order = place_order(shop, some_lines("NYHET"))

    assert "untracked" not in repr(shop.customer_order(order))


def test_the_history_of_an_item_names_order_and_status(shop):
    order = place_order(shop, some_lines("LAMPA", quantity=10))

    latest = stock.history(shop, "LAMPA").rows[0]

    assert (latest.order, latest.position, latest.balance) == (order.name, 1, 0)
    assert (latest.status_before, latest.status_after) == ("in_stock", "sold_out")


def test_a_demand_beyond_all_bounds_is_refused_whole(shop):
    with pytest.raises(InvalidInput):
        place_order(shop, some_lines("LAMPA", quantity=1_000_001))

    assert figures(shop, "LAMPA") == (10, 0, 10)
