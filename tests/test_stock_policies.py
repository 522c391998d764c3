"""Policies: how far below its safety margin an item is sold, judged alike before the lock, under it, and in Python."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashop_core import Order, Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest, StatusRequest
from ashop_core.errors import AshopError, InvalidInput, SettingsError
from ashop_core.models import NewLine, NewParcel, NewPayment, PaymentKind
from ashop_core.testing import MakeShop, place_order, some_customer, some_lines
from ashop_stock_control import objecting, stock
from ashop_stock_control.items import StockItem, values_of
from ashop_stock_control.policies import MOST_OVERSOLD, OPEN, STRICT, UNLIMITED, Policy, Terms
from ashop_stock_control.settings import GroupTable, StockSettings
from tests.lives import codes, imported, led, running, sound, to

STRICTLY = '[plugins.stock_control]\npolicy = "strict"\n'


def set_item(shop: Shop, sku: str = "LAMPA", **columns: Any) -> None:
    """Write an item's own terms into its row."""
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    with shop.database.write() as tx:
        tx.execute(f"UPDATE stock_items SET {assignments} WHERE sku = :sku", {**columns, "sku": sku})


def waiting(shop: Shop, lines: tuple[NewLine, ...], method: str = "card") -> Order:
    """Return a checkout that is about to pay."""
    order = shop.start_order(lines, checkout_key=uuid4().hex, delivery="post", payment_method=method)
    return shop.give_details(order, customer=some_customer()).order


def pay(shop: Shop, order: Order, kind: PaymentKind = PaymentKind.PAID) -> Order:
    return shop.add_payment(order, NewPayment(kind=kind, amount=order.total)).order


def balance(shop: Shop, sku: str = "LAMPA") -> int | None:
    return stock.item(shop, sku).balance


def refused(act: Any) -> list[str]:
    with pytest.raises(Refused) as refusal:
        act()
    return codes(refusal)


# ── How it is written ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["open", "strict", "up_to(1)", "up_to(25)", f"up_to({MOST_OVERSOLD})"])
def test_a_policy_reads_as_it_is_written(words):
    assert str(Policy.parse(words)) == words


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Open",
        "up_to(0)",
        "up_to(-1)",
        "up_to()",
        "up_to(1000001)",
        "up_to(٣)",
        "up_to(1) ",
        "up_to",
        None,
        3,
    ],
)
def test_what_is_no_policy_is_refused_with_what_there_is(words):
    with pytest.raises(InvalidInput, match="write open, strict or up_to"):
        Policy.parse(words)


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        ('policy = "closed"', "policy: "),
        ('groups.a.policy = "up_to(0)"', "groups.a.policy: "),
        ("margin = -1", "margin: "),
        ("groups.a.margin = 1000001", "groups.a.margin: "),
        ("hold_minutes = 0", "hold_minutes: "),
    ],
)
def test_settings_that_cannot_be_are_named(make_shop, toml, key):
    with pytest.raises(SettingsError) as fault:
        make_shop("stock_control", toml=f"[plugins.stock_control]\n{toml}\n")

    assert key in fault.value.text.en


# ── One formula ──────────────────────────────────────────────────────────────────────────────────

GROUPS = [
    "",
    "a",
    "'",
    '"; DROP TABLE stock_items; --',
    "🪔",
    "åäö",
    ":group_0",
    "{guard}",
    "%s",
    "a'b\"c",
    " a",
]
policies = st.sampled_from(["open", "strict", "up_to(1)", "up_to(7)", f"up_to({MOST_OVERSOLD})"])
margins = st.sampled_from([0, 1, 7, 10**6])
some_group = st.builds(GroupTable, policy=st.none() | policies, margin=st.none() | margins)
all_settings = st.builds(
    StockSettings,
    policy=policies,
    margin=margins,
    groups=st.dictionaries(st.sampled_from(GROUPS), some_group),
)
big = st.integers(-(10**12), 10**12)
small = st.integers(-9, 9)


@st.composite
def items(draw: st.DrawFn) -> StockItem:
    tracked = draw(st.booleans())
    return StockItem(
        sku="X", name="X", status="in_stock", tracked=tracked, group=draw(st.sampled_from(GROUPS)),
        on_hand=draw(small | big) if tracked else 0, held=draw(small | big) if tracked else 0,
        policy=draw(st.none() | policies.map(Policy.parse)), margin=draw(st.none() | margins),
    )  # fmt: skip


class _UndoneError(Exception):
    pass


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stock_settings=all_settings,
    item=items(),
    demand=st.integers(1, 20) | st.integers(1, 10**9),
    near=st.booleans(),
)
def test_the_condition_of_the_statement_and_the_formula_agree(make_empty, stock_settings, item, demand, near):
    terms = stock_settings.terms(item)
    if near and item.tracked and not terms.policy.is_open:  # where it turns
        turning = demand + terms.margin - terms.policy.oversell
        item = StockItem(
            sku="X", name="X", status="in_stock", tracked=True, group=item.group, policy=item.policy,
            margin=item.margin, on_hand=turning + max(-1, min(item.on_hand, 1)), held=0,
        )  # fmt: skip
    condition, params = stock_settings.enough
    found = []
    try:
        with make_empty.database.write() as tx:
            tx.insert("stock_items", values_of(item))
            sql = f"SELECT COUNT(*) AS n FROM stock_items WHERE {condition}"
            for d_on_hand, d_held in ((0, demand), (-demand, 0)):
                row = tx.row(sql, {**params, "d_on_hand": d_on_hand, "d_held": d_held})
                found.append(row is not None and row["n"] == 1)
            raise _UndoneError
    except _UndoneError:
        pass

    expected = not item.tracked or terms.leaves_enough(item.on_hand - item.held, demand)
    assert found == [expected, expected]
    assert expected or not terms.policy.is_open


@pytest.fixture
def make_empty(make_shop: MakeShop) -> Shop:
    return make_shop("stock_control")


def test_an_open_policy_is_further_down_than_any_balance_gets():
    worst = -2 * 10**12

    assert Terms(policy=OPEN, margin=10**6).leaves_enough(worst, 10**9)
    assert not Terms(policy=STRICT).leaves_enough(0, 1)
    assert UNLIMITED < 2**62


# ── One judgement, wherever it is set and wherever it is passed ──────────────────────────────────


@pytest.mark.parametrize("margin", [0, 2])
@pytest.mark.parametrize(("policy", "k"), [("open", None), ("strict", 0), ("up_to(3)", 3)])
@pytest.mark.parametrize("where", ["shop", "group", "item"])
def test_the_same_before_the_lock_and_under_it(make_shop, monkeypatch, where, policy, k, margin):
    terms = f'policy = "{policy}"\nmargin = {margin}\n'
    others = 'policy = "strict"\nmargin = 9\n' if policy == "open" else 'policy = "open"\n'
    toml = {
        "shop": f"[plugins.stock_control]\nrules = []\n{terms}",
        "group": f"[plugins.stock_control]\nrules = []\n{others}[plugins.stock_control.groups.'it''s']\n{terms}",
        "item": f"[plugins.stock_control]\nrules = []\n{others}[plugins.stock_control.groups.'it''s']\n{others}",
    }[where].replace("'it''s'", '"it\'s"')
    shop = make_shop("stock_control", toml=toml)
    real = objecting.objections
    for tracked in (True, False):
        for shares in ((4,), (3, 1)):
            for delta in (-1, 0, 1):
                sku = f"{tracked}{shares}{delta}"
                stock.add_item(shop, sku, balance=4 + margin - (k or 0) + delta if tracked else None)
                own = {"oversell": Policy.parse(policy).oversell, "margin": margin} if where == "item" else {}
                set_item(shop, sku, item_group="" if where == "shop" else "it's", **own)
                item, lines = stock.item(shop, sku), tuple(
                    NewLine(sku=sku, name=sku, quantity=n, unit_price=100) for n in shares
                )  # fmt: skip
                order = waiting(shop, lines)
                accepted = not tracked or k is None or delta >= 0
                found = shop.settings.for_plugin(StockSettings).terms(item)

                assert (item.balance is None or found.leaves_enough(item.balance, 4)) == accepted
                assert (shop.foresee(order, StatusRequest(to="awaiting_payment")).problems == ()) == accepted
                invoice = waiting(shop, lines, "invoice")
                assert (shop.foresee(invoice, StatusRequest(to="received")).problems == ()) == accepted
                monkeypatch.setattr(objecting, "objections", lambda *_: [])
                if accepted:
                    shop.place(invoice)
                else:
                    assert refused(lambda invoice=invoice: shop.place(invoice)) == ["not_available"]
                monkeypatch.setattr(objecting, "objections", real)
    sound(shop)


# ── The manual's example, and the others ─────────────────────────────────────────────────────────


def test_two_left_and_three_ordered_goes_through_as_the_manual_says(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", "Lampa", balance=2)

    order = place_order(shop, some_lines("LAMPA", quantity=3))

    item = stock.item(shop, "LAMPA")
    effects = [e.text.sv for _, e in shop.history(order)[-1].effects]
    assert (item.balance, item.status) == (-1, "sold_out")
    assert effects == [
        "Lagersaldo LAMPA: 2 → -1",
        "Lampa: översåld 1",
        "Lampa: Lagervara → Slut (regel: saldot faller till 0)",
    ]
    assert order.flags == ()
    seen = repr(shop.customer_order(order))
    assert not any(word in seen for word in ("översåld", "Slut", "saldo", "oversold", "sold_out"))


@pytest.mark.parametrize(
    ("policy", "sold", "left"), [("strict", [True, False, True], 0), ("up_to(2)", [True, True, False], -2)]
)
def test_nothing_is_sold_beyond_what_the_policy_allows(make_shop, policy, sold, left):
    shop = make_shop("stock_control", toml=f'[plugins.stock_control]\npolicy = "{policy}"\nrules = []\n')
    stock.add_item(shop, "LAMPA", balance=3)

    found = []
    for quantity in (2, 2, 1) if policy == "strict" else (3, 2, 1):
        try:
            place_order(shop, some_lines("LAMPA", quantity=quantity))
            found.append(True)
        except Refused:
            found.append(False)

    assert (found, balance(shop)) == (sold, left)


@pytest.mark.parametrize("before", [True, False])
def test_all_of_an_order_or_nothing(make_shop, monkeypatch, before):
    shop = make_shop("stock_control", toml=STRICTLY)
    for sku, pieces in (("BORD", 5), ("LAMPA", 1), ("STOL", 0), ("TAVLA", 5)):
        stock.add_item(shop, sku, balance=pieces, status="in_stock")
    if not before:
        monkeypatch.setattr(objecting, "objections", lambda *_: [])

    with pytest.raises(Refused) as refusal:
        place_order(shop, some_lines("TAVLA", "LAMPA", "BORD", "STOL", quantity=2))

    assert [p.text.en.partition(" is ")[0] for p in refusal.value.problems] == ["Vara LAMPA", "Vara STOL"]
    assert [balance(shop, sku) for sku in ("BORD", "LAMPA", "STOL", "TAVLA")] == [5, 1, 0, 5]


@pytest.mark.parametrize("policy", ["strict", "up_to(1)"])
def test_what_staff_read_of_a_refusal_says_what_was_short(make_shop, policy):
    shop = make_shop("stock_control", toml=f'[plugins.stock_control]\npolicy = "{policy}"\nmargin = 2\n')
    stock.add_item(shop, "LAMPA", "Lampa", balance=7)

    with pytest.raises(Refused) as refusal:
        place_order(shop, some_lines("LAMPA", "LAMPA", quantity=4))

    [reason] = refusal.value.problems
    assert reason.staff_text.sv == (
        f"Vara LAMPA: Lagervara, saldo 7, begärt 8, policy {policy}, säkerhetsmarginal 2"
    )
    assert reason.staff_text.en == (
        f"Vara LAMPA: In stock, balance 7, 8 asked for, policy {policy}, safety margin 2"
    )
    assert reason.text.sv == "Vara LAMPA finns inte i det antal som beställs"


# ── While an order waits, and after it is placed ─────────────────────────────────────────────────


def test_a_policy_made_stricter_while_the_customer_pays_holds_for_who_has_not_paid(make_shop):
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nrules = []\n")
    stock.add_item(shop, "LAMPA", "Lampa", balance=2)
    unpaid, paid = (
        waiting(shop, some_lines("LAMPA", quantity=3), "invoice"),
        waiting(shop, some_lines("LAMPA", quantity=3)),
    )
    shop.await_payment(unpaid)
    shop.await_payment(paid)
    pay(shop, paid)
    shop.close()
    shop = make_shop("stock_control", toml=STRICTLY + "rules = []\n")

    assert refused(lambda: shop.place(unpaid)) == ["not_available"]
    outcome = shop.place(paid)

    assert outcome.order.flags == ("paid_short",)
    assert [e.text.sv for _, e in outcome.effects if e.subject == "stock:LAMPA:short"] == [
        "Lampa: Lagervara, saldo 2, begärt 3, policy strict, men ordern kan inte nekas längre och tog den ändå"
    ]
    assert [e.text.en for _, e in outcome.effects if e.subject == "stock:LAMPA:short"] == [
        "Lampa: In stock, balance 2, 3 asked for, policy strict, but the order can no longer be refused and took it anyway"
    ]
    assert balance(shop) == -1
    sound(shop)


@pytest.fixture
def strict(make_shop: MakeShop) -> Shop:
    """A strict shop with five lamps and five tables."""
    shop = make_shop("stock_control", toml=STRICTLY)
    for sku in ("LAMPA", "BORD"):
        stock.add_item(shop, sku, sku.title(), balance=5)
    return shop


@pytest.mark.parametrize("kind", [PaymentKind.PAID, PaymentKind.AUTHORISED])
@pytest.mark.parametrize("way", ["sent", "cancelled", "corrected"])
def test_paid_but_short_is_placed_and_flagged_until_it_is_settled(strict, kind, way):
    order = waiting(strict, some_lines("LAMPA", "BORD", quantity=3))
    strict.await_payment(order)
    pay(strict, order, kind)
    place_order(strict, some_lines("LAMPA", quantity=4))

    outcome = strict.place(order)

    assert outcome.order.flags == ("paid_short",)
    shorts = [e.text.sv for _, e in outcome.effects if e.subject.endswith(":short")]
    assert shorts == [
        "Lampa: Lagervara, saldo 1, begärt 3, policy strict, men ordern kan inte nekas längre och tog den ändå"
    ]
    assert (balance(strict), balance(strict, "BORD")) == (-2, 2)
    to("reviewed")(strict, outcome.order)
    if way == "sent":
        order = strict.change_status(order, "shipped").order
    elif way == "cancelled":
        order = strict.cancel(order, "slut").order
    else:
        order = strict.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=1),))).order
        assert order.flags == ("paid_short",)  # staff decide when what is left is enough
        order = strict.cancel(order, "slut").order
    assert order.flags == ()
    assert "paid_short" not in repr(strict.customer_order(order))
    sound(strict)


def test_money_that_does_not_cover_it_buys_no_exception(strict):
    order = waiting(strict, some_lines("LAMPA", quantity=3), "invoice")
    strict.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=1))
    place_order(strict, some_lines("LAMPA", quantity=4))

    assert refused(lambda: strict.place(order)) == ["not_available"]


def test_an_order_is_corrected_up_to_what_there_is_and_down_always(strict):
    order = place_order(strict, some_lines("LAMPA", quantity=2))
    place_order(strict, some_lines("LAMPA", quantity=2))

    def quantity(n: int) -> Any:
        return lambda: strict.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=n),)))

    assert refused(quantity(4)) == ["not_available"]
    quantity(3)()
    assert (balance(strict), stock.item(strict, "LAMPA").status) == (0, "sold_out")
    assert refused(quantity(4)) == ["not_available"]
    quantity(1)()
    assert balance(strict) == 2
    sound(strict)


def test_a_line_more_and_a_line_less_of_one_item_are_judged_by_what_is_left_of_them(strict):
    order = place_order(strict, some_lines("LAMPA", "LAMPA", quantity=2))

    moved = (LineEdit(position=1, quantity=4), LineEdit(position=2, quantity=1))
    strict.amend(order, AmendRequest(lines=moved))
    assert balance(strict) == 0
    assert refused(lambda: strict.amend(order, AmendRequest(lines=(LineEdit(position=2, quantity=2),)))) == [
        "not_available"
    ]


def test_a_cancelled_order_is_brought_back_only_if_its_goods_are_there(strict):
    order = led(strict)
    strict.cancel(order, "ångrad")
    other = place_order(strict, some_lines("LAMPA", quantity=3))
    assert stock.item(strict, "LAMPA").status == "in_stock"

    assert refused(lambda: strict.undo(order)) == ["not_available"]
    strict.cancel(other, "plats")
    strict.undo(order)

    assert balance(strict) == 2
    sound(strict)


def test_parts_returns_and_cancellations_are_never_a_question_of_policy(strict):
    order = led(strict, to("reviewed"), lambda s, o: s.approve(o).order, quantity=5)
    stock.adjust(strict, "LAMPA", -3)

    strict.change_status(order, "partly_shipped", parcel=NewParcel(number="1", contents={1: 2}))
    strict.change_status(order, "shipped")
    strict.take_back(order, ReturnRequest(restocked={1: 1}, written_off={1: 1}))

    assert balance(strict) == -2
    sound(strict)


@pytest.mark.parametrize(("status", "flags"), [("reviewed", ("paid_short",)), ("shipped", ())])
def test_an_order_taken_over_is_never_refused_and_flagged_while_its_goods_are_owed(strict, status, flags):
    order = imported(strict, status, move_stock=True, lines=some_lines("LAMPA", quantity=9), paid=90000)

    assert (order.flags, balance(strict)) == (flags, -4)
    sound(strict)


def test_staff_are_bound_by_the_policy_too_and_told_why(strict):
    order = waiting(strict, some_lines("LAMPA", quantity=6), "invoice")

    with pytest.raises(Refused) as refusal:
        strict.place(order, actor="staff")

    assert "saldo 5, begärt 6" in refusal.value.problems[0].staff_text.sv


# ── Large numbers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 2**63])
def test_a_quantity_that_cannot_be_is_refused(strict, quantity):
    with pytest.raises(InvalidInput):
        waiting(strict, some_lines("LAMPA", quantity=quantity))


def test_a_demand_of_many_lines_is_summed_beyond_what_one_line_may_ask_for(make_shop):
    shop = make_shop("stock_control", toml=STRICTLY)
    stock.add_item(shop, "LAMPA", balance=5_000_000)
    lines = some_lines(*["LAMPA"] * 5, quantity=1_000_000, price=1)
    place_order(shop, lines)

    assert balance(shop) == 0
    stock.receive(shop, "LAMPA", 1)
    stock.set_status(shop, "LAMPA", "in_stock")
    assert refused(lambda: place_order(shop, lines)) == ["not_available"]
    sound(shop)


@pytest.mark.parametrize(
    ("on_hand", "held", "sold"), [(10**12, 0, True), (-(10**12), 0, True), (0, 10**12, False)]
)
def test_at_the_end_of_the_numbers_it_is_refused_and_not_wrapped(make_shop, on_hand, held, sold):
    """S9: a balance is within 10^12; the open policy would let it go further."""
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nrules = []\n")
    stock.add_item(shop, "LAMPA", balance=1)
    set_item(shop, on_hand=on_hand, held=held)

    if sold:
        place_order(shop, some_lines("LAMPA"))
    else:
        with pytest.raises(AshopError):
            place_order(shop, some_lines("LAMPA"))

    item = stock.item(shop, "LAMPA")
    assert (item.on_hand, item.held) == (on_hand, held + sold)


def test_what_is_owed_of_an_item_may_be_below_nothing_on_the_shelf(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=1)
    order = led(running(shop), to("reviewed"), lambda s, o: s.approve(o).order, to("shipped"))

    item = stock.item(shop, "LAMPA")
    assert (item.on_hand, item.balance) == (-2, -2)
    shop.take_back(order, ReturnRequest(restocked={1: 3}))
    assert stock.item(shop, "LAMPA").status == "in_stock"
    sound(shop)
