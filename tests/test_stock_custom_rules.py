"""Custom stock rules: what they are asked, what their answers do, and that a rule that fails harms nobody but itself."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any
from uuid import uuid4

import pytest

from ashop_core import Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.doctor import examine_shop
from ashop_core.errors import PluginError, Refused
from ashop_core.models import NewLine, NewPayment, Order, PaymentKind
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_core.words import email_key, phone_key
from ashop_stock_control import asking, objecting, orders, stock
from tests.lives import sound
from tests.shops import dump
from tests.test_core_plans import plan

HEAD = """
from datetime import timedelta
from ashop_core import Text, hookimpl
from ashop_stock_control import Verdict, allow, refuse

ASKED = []
"""
STRICT = '[plugins.stock_control]\npolicy = "strict"\n'
ANSWERS = {"no": "None", "allow": "allow()", "refuse": 'refuse("never", Text("aldrig", "never"))'}


def check(body: str) -> str:
    """Return a rule whose stock check does this."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"{HEAD}\n@hookimpl\ndef ashop_stock_check(question):\n    ASKED.append(question)\n{lines}\n"


def window(words: str) -> str:
    """Return the hook that asks for a window."""
    return f"\n@hookimpl\ndef ashop_stock_window():\n    return {words}\n"


def status(body: str) -> str:
    """Return a rule that gives a stock status."""
    return f"{HEAD}\n@hookimpl\ndef ashop_stock_status(item, before, after):\n    {body}\n"


def ruled(make_shop: Any, *rules: str, toml: str = "", enabled: Any = None, folder: str = "shop") -> Shop:
    """Open a shop with these rules as plugins a, b, c … and ten pieces of LAMPA and BORD."""
    names = [f"local:{letter}" for letter, _ in zip("abc", rules, strict=False)]
    files = {f"plugins/{name[-1]}.py": rule for name, rule in zip(names, rules, strict=True)}
    shop: Shop = make_shop("stock_control", *(enabled or names), toml=toml, files=files, folder=folder)
    for sku in ("LAMPA", "BORD"):
        stock.add_item(shop, sku, sku.title(), balance=10)
    return shop


def asked(shop: Shop, plugin: str = "local:a") -> Any:
    """Return the questions that a rule was asked so far."""
    (found,) = (i for i in shop.plugins.implementations("ashop_stock_check") if i.plugin == plugin)
    return found.function.__globals__["ASKED"]


def paying(shop: Shop, lines: Any = None) -> Order:
    """Return a checkout that waits for its card payment."""
    order = shop.start_order(
        lines or some_lines("LAMPA"), checkout_key=uuid4().hex, delivery="post", payment_method="card"
    )
    shop.give_details(order, customer=some_customer())
    return shop.await_payment(order).order


def paid(shop: Shop, order: Order) -> Order:
    return shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total)).order


# ── What the answers do ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("policy", ["open", "strict"])
@pytest.mark.parametrize("answers", list(product(ANSWERS, repeat=2)), ids="-".join)
def test_refuse_beats_allow_and_allow_beats_the_policy(make_shop, answers, policy):
    toml = f'[plugins.stock_control]\npolicy = "{policy}"\n'
    shop = ruled(make_shop, *(check(f"return {ANSWERS[a]}") for a in answers), toml=toml)

    try:
        place_order(shop, some_lines("LAMPA", quantity=11))
        accepted = True
    except Refused:
        accepted = False

    assert accepted is ("refuse" not in answers and ("allow" in answers or policy == "open"))


@pytest.mark.parametrize("answers", list(permutations(ANSWERS)), ids="-".join)
def test_the_answer_is_the_same_in_whatever_order_plugins_are_named(make_shop, answers):
    rules = [check(f"return {ANSWERS[a]}") for a in answers]
    said = set()
    for n, enabled in enumerate(permutations(["local:a", "local:b", "local:c"])):
        shop = ruled(make_shop, *rules, enabled=enabled, folder=f"shop{n}")
        with pytest.raises(Refused) as refused:
            place_order(shop)
        said.add(tuple((p.code, p.text, p.plugin) for p in refused.value.problems))

    assert len(said) == 1


def test_every_refusal_is_told_with_the_name_of_its_plugin(make_shop):
    shop = ruled(make_shop, check(f"return {ANSWERS['refuse']}"), check(f"return {ANSWERS['refuse']}"))

    with pytest.raises(Refused) as refused:
        place_order(shop)

    assert [(p.code, p.plugin) for p in refused.value.problems] == [
        ("never", "local:a"),
        ("never", "local:b"),
    ]


def test_a_rule_cannot_sell_what_cannot_be_bought_and_is_not_asked(make_shop):
    shop = ruled(make_shop, check("return allow()"))
    stock.set_status(shop, "LAMPA", "discontinued")

    with pytest.raises(Refused) as refused:
        place_order(shop, some_lines("LAMPA", "BORD"))

    assert [p.code for p in refused.value.problems] == ["not_available"]
    assert {question.item.sku for question in asked(shop)} == {"BORD"}


def test_both_answers_are_asked_and_the_second_one_counts(make_shop):
    shop = ruled(make_shop, check('return None if len(ASKED) == 1 else refuse("late", Text("nej", "no"))'))

    with pytest.raises(Refused) as refused:
        place_order(shop)

    assert [(p.code, p.plugin) for p in refused.value.problems] == [("late", "local:a")]
    assert len(asked(shop)) == 2
    assert stock.item(shop, "LAMPA").held == 0


def test_a_consent_before_the_lock_is_worth_nothing_under_it(make_shop):
    shop = ruled(make_shop, check("return allow() if len(ASKED) == 1 else None"), toml=STRICT)

    with pytest.raises(Refused) as refused:
        place_order(shop, some_lines("LAMPA", quantity=11))

    assert [p.code for p in refused.value.problems] == ["not_available"]
    assert len(asked(shop)) == 2


def test_the_second_question_is_of_the_stock_as_it_is_then(make_shop, monkeypatch):
    shop = ruled(make_shop, check("return None"))
    real = objecting.objections

    def bought_by_another_meanwhile(shop, order, change):
        problems = real(shop, order, change)
        if change.moves and stock.item(shop, "LAMPA").on_hand == 10:
            stock.adjust(shop, "LAMPA", -4)
        return problems

    monkeypatch.setattr(objecting, "objections", bought_by_another_meanwhile)

    place_order(shop)

    assert [question.item.balance for question in asked(shop)] == [10, 6]


def test_a_sku_that_nobody_knows_is_asked_about_too(make_shop):
    rule = 'return refuse("many", Text("för många", "too many")) if question.whole > 5 else None'
    shop = ruled(make_shop, check(rule))

    with pytest.raises(Refused):
        place_order(shop, some_lines("NYHET", quantity=6))
    order = place_order(shop, some_lines("NYHET", quantity=5))

    assert order.flags == ("untracked",)
    assert asked(shop)[-1].item.balance is None


# ── What is asked ────────────────────────────────────────────────────────────────────────────────


def test_the_demand_of_an_order_is_one_sum(make_shop):
    shop = ruled(make_shop, check("return None"))

    place_order(shop, some_lines("LAMPA", "LAMPA", "BORD", quantity=2))

    assert [(q.item.sku, q.demand, q.whole) for q in asked(shop)[-2:]] == [("BORD", 2, 2), ("LAMPA", 4, 4)]


def test_an_edit_is_asked_about_what_it_adds_and_about_the_whole(make_shop):
    shop = ruled(make_shop, check("return None"))
    order = place_order(shop, some_lines("LAMPA", "BORD", quantity=2))
    asked(shop).clear()

    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=5),)))

    assert [(q.item.sku, q.demand, q.whole, q.item.balance) for q in asked(shop)] == [("LAMPA", 3, 5, 8)] * 2


def test_an_edit_that_adds_nothing_is_not_asked_about(make_shop):
    shop = ruled(make_shop, check("return None"))
    order = place_order(shop, some_lines("LAMPA", "BORD", quantity=2))
    asked(shop).clear()

    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=1),)))
    shop.change_status(order, "cancelled", reason="ångrad")

    assert asked(shop) == []


def test_the_name_is_the_one_on_the_order(make_shop):
    shop = ruled(make_shop, check("return None"))

    place_order(shop, [NewLine(sku="LAMPA", name="Lampa Norrsken", quantity=1, unit_price=100)])

    assert asked(shop)[-1].name == "Lampa Norrsken"
    assert asked(shop)[-1].item.name == "Lampa"


# ── What the customer bought before ──────────────────────────────────────────────────────────────

LOOKING = check("return None") + window("timedelta(days=30)")


def bought(shop: Shop, **customer: str) -> list[tuple[str, int]]:
    """Return what a new order of this customer is asked to look at: the orders and pieces of LAMPA."""
    asked(shop).clear()
    place_order(shop, customer=some_customer(**customer))
    before_the_lock, under_it = asked(shop)
    assert before_the_lock.bought == under_it.bought
    return [(each.order, each.quantity) for each in under_it.bought]


@pytest.mark.parametrize(
    ("customer", "known"),
    [
        ({}, True),
        ({"name": "Någon Annan", "street": "Ny väg 2"}, True),
        ({"email": " ASA@Example.SE ", "phone": ""}, True),
        ({"email": "asa@example.se.", "phone": ""}, True),
        ({"email": "ａsa@ｅxample.se", "phone": ""}, True),
        ({"email": "", "phone": "070-174 06 05"}, True),
        ({"email": "", "phone": "0046 70 174 06 05"}, True),
        ({"email": "annan@example.se"}, True),
        ({"email": "annan@example.se", "phone": "+46701111111"}, False),
        ({"email": "annan@example.se", "phone": ""}, False),
    ],
)
def test_a_customer_is_known_by_email_or_phone_however_they_are_spelt(make_shop, customer, known):
    shop = ruled(make_shop, LOOKING)
    first = place_order(shop, some_lines("LAMPA", quantity=2))

    assert bought(shop, **customer) == ([(first.reference, 2)] if known else [])


@pytest.mark.parametrize(
    ("key", "one", "other", "same"),
    [
        (email_key, "asa@åsa.se", "asa@xn--sa-xia.se", True),
        (email_key, "asa@xn--.se", "asa@xn--.se", True),
        (email_key, "asa @example.se", "asa@example.se", True),
        (email_key, "asa+1@example.se", "asa@example.se", False),
        (phone_key, "08-12 34 56", "+46 8 12 34 56", True),
        (phone_key, "08-12 34 56", "0046 (0)8 12 34 56", True),
        (phone_key, "08-123 456 78", "+46812345678", True),
        (phone_key, "0920-123 45", "+46 920 123 45", True),
        (phone_key, "12 34 56 78", "+47 12 34 56 78", True),
        (phone_key, "050 123 4567", "+358 50 123 4567", True),
        (phone_key, "08-12 34 56", "08-12 34 57", False),
        (phone_key, "08-12 34 56", "031-12 34 56", False),
        (phone_key, "00000", "", True),
    ],
)
def test_spellings_of_one_address_or_number_have_one_key(key, one, other, same):
    assert (key(one) == key(other)) is same


def test_of_a_customer_without_email_and_phone_nothing_is_known(make_shop):
    shop = ruled(make_shop, LOOKING, toml="[delivery.post]\nneeds_address = false\n")
    lines = some_lines("LAMPA")
    for key in "12":
        order = shop.start_order(lines, checkout_key=key, delivery="post", payment_method="invoice")
        shop.give_details(order, customer=some_customer(email="", phone="070"))
        asked(shop).clear()
        shop.place(order)

    assert asked(shop)[-1].bought == ()


def test_each_item_has_its_own_purchases_and_an_order_never_its_own(make_shop):
    shop = ruled(make_shop, LOOKING)
    first = place_order(shop, some_lines("LAMPA", "BORD"))
    asked(shop).clear()

    second = place_order(shop, some_lines("LAMPA", quantity=3))
    shop.amend(second, AmendRequest(lines=(LineEdit(position=1, quantity=5),)))

    assert [[(b.order, b.quantity) for b in q.bought] for q in asked(shop)] == [[(first.reference, 1)]] * 4


def test_what_was_cancelled_or_came_back_was_not_bought(make_shop):
    shop = ruled(make_shop, LOOKING)
    cancelled = place_order(shop, some_lines("LAMPA", quantity=2))
    shop.change_status(cancelled, "cancelled", reason="ångrad")
    sent = place_order(shop, some_lines("LAMPA", quantity=6))
    shop.change_status(sent, "reviewed")
    shop.approve(sent)
    shop.change_status(sent, "shipped")
    shop.take_back(sent, ReturnRequest(restocked={1: 2}, written_off={1: 1}))

    assert bought(shop) == [(sent.reference, 3)]


def test_an_order_counts_to_the_end_of_the_window(make_shop, clock):
    shop = ruled(make_shop, LOOKING)
    first = place_order(shop)

    clock.advance(days=30)
    at_the_edge = bought(shop)
    clock.advance(days=30, microseconds=1)
    beyond = bought(shop)

    assert [order for order, _ in at_the_edge] == [first.reference]
    assert beyond == []


def test_each_rule_sees_its_own_window(make_shop, clock):
    none = check("return None")
    shop = ruled(make_shop, none, none + window("timedelta(days=1)"), none + window("timedelta.max"))
    place_order(shop)
    clock.advance(days=400)
    place_order(shop)
    clock.advance(hours=1)

    place_order(shop)

    assert [len(asked(shop, f"local:{letter}")[-1].bought) for letter in "abc"] == [0, 1, 2]


HELD = '[statuses.awaiting_payment]\nstock = "held"\n[plugins.stock_control]\nhold_minutes = 90\n'


def test_what_a_checkout_holds_is_bought_until_its_time_is_out(make_shop, clock):
    """Also where the hold is older than the rule's window: it is not bought yet, so it is bought now."""
    shop = ruled(make_shop, check("return None") + window("timedelta(hours=1)"), toml=HELD)
    checkout = paying(shop, some_lines("LAMPA", quantity=2))
    clock.advance(minutes=80)
    live = bought(shop)

    clock.advance(minutes=70)
    lapsed = bought(shop)

    assert live == [(checkout.reference, 2)]
    assert lapsed == []


def test_a_checkout_that_holds_nothing_has_bought_nothing(make_shop):
    shop = ruled(make_shop, LOOKING)
    paying(shop)

    assert bought(shop) == []


# ── Rules that do not work ───────────────────────────────────────────────────────────────────────

WRECKS = {
    "raises": "raise ValueError('trasig')",
    "leaves": "raise SystemExit(3)",
    "answers with a truth": "return True",
    "answers with a text": "return 'nej'",
    "gives words in one language": "return refuse('no', 'nej')",
    "gives no code": "return refuse('', Text('nej', 'no'))",
    "gives staff one language": "return refuse('no', Text('nej', 'no'), 'nej')",
    "gives no words in one language": "return refuse('no', Text('nej', None))",
    "gives half a character": "return refuse('no', Text('nej', '\\ud800'))",
    "raises what cannot be said": "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})",
    "changes the demand": "question.demand = 0",
    "changes the item": "question.item.held = 0",
    "changes the order": "question.order.status = 'cancelled'",
    "writes into the order": "question.order.fields['price'] = '0'",
    "takes a line away": "question.order.lines[0].quantity = 0",
}


@pytest.mark.parametrize("turn", [1, 2], ids=["before the lock", "under the lock"])
@pytest.mark.parametrize("wreck", WRECKS.values(), ids=WRECKS.keys())
def test_a_rule_that_does_not_work_refuses_the_change_whole_and_is_named(make_shop, wreck, turn):
    shop = ruled(make_shop, check(f"if len(ASKED) == {turn}: {wreck}"))
    order = shop.start_order(some_lines("LAMPA"), checkout_key="1", delivery="post", payment_method="invoice")
    order = shop.give_details(order, customer=some_customer()).order
    before = dump(shop)

    with pytest.raises(PluginError) as fault:
        shop.place(order)

    assert (fault.value.plugin, fault.value.hook) == ("local:a", "ashop_stock_check")
    assert "local:a" in fault.value.text.sv
    assert len(asked(shop)) == turn
    assert dump(shop) == before


@pytest.mark.parametrize("hook", ["check", "status"])
def test_a_rule_that_keeps_everybody_waiting_is_refused(make_shop, monkeypatch, hook):
    shop = ruled(make_shop, check("return None") if hook == "check" else status("return None"))
    monkeypatch.setattr(asking, "BUDGET", 0.0)

    with pytest.raises(PluginError) as fault:
        place_order(shop)

    assert fault.value.plugin == "local:a"
    assert "tog över 0 s för LAMPA" in fault.value.text.sv


@pytest.mark.parametrize("words", ["timedelta(0)", "timedelta(days=-1)", "30", "1 / 0"])
def test_a_window_that_is_none_is_the_fault_of_its_plugin(make_shop, words):
    shop = ruled(make_shop, check("return None") + window(words))

    with pytest.raises(PluginError) as fault:
        place_order(shop)

    assert (fault.value.plugin, fault.value.hook) == ("local:a", "ashop_stock_window")


# ── Paid is placed ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            'return refuse("two", Text("högst två", "two at most"), Text("köpt 9", "has 9"))',
            "köpt 9 (local:a)",
        ),
        ("raise ValueError('trasig')", "insticksmodulen local:a gick fel i ashop_stock_check"),
        (
            "raise ValueError('\\ud800')",
            "insticksmodulen local:a gick fel i ashop_stock_check: ValueError: ?",
        ),
    ],
    ids=["refused", "broken", "broken in words that no store keeps"],
)
def test_a_paid_order_is_placed_whatever_a_rule_says_or_does(make_shop, body, why):
    shop = ruled(make_shop, check(f"if question.order.paid:\n    {body}"))
    order = paid(shop, paying(shop))

    outcome = shop.place(order)

    assert outcome.order.flags == ("paid_short",)
    assert stock.item(shop, "LAMPA").held == 1
    (short,) = (e for _, e in outcome.effects if e.subject == "stock:LAMPA:short")
    assert why in short.text.sv


def test_a_paid_order_is_placed_though_a_rule_fails_to_give_a_stock_status(make_shop):
    """The shop's own rules decide then, and staff read why; an order that is not paid is refused as a whole."""
    shop = ruled(make_shop, status("return 1 / 0 if after < before else None"))
    order = paid(shop, paying(shop, some_lines("LAMPA", "BORD", quantity=10)))

    outcome = shop.place(order)

    assert outcome.order.flags == ()
    assert [(stock.item(shop, sku).held, stock.item(shop, sku).status) for sku in ("LAMPA", "BORD")] == [
        (10, "sold_out")
    ] * 2
    (fault,) = (e for _, e in outcome.effects if e.subject == "plugin:local:a")
    assert "gick fel i ashop_stock_status: ZeroDivisionError" in fault.text.sv
    stock.receive(shop, "LAMPA", 5)
    with pytest.raises(PluginError):
        place_order(shop)
    sound(shop)


def test_the_answers_before_the_payment_may_refuse(make_shop):
    shop = ruled(make_shop, check(f"return {ANSWERS['refuse']}"))

    with pytest.raises(Refused):
        paying(shop)


# ── Staff and customers ──────────────────────────────────────────────────────────────────────────

SECRET = 'return refuse("few", Text("kundens ord", "the words"), Text("HEMLIGT 7 kvar", "SECRET 7 left"))'


def test_what_staff_read_never_reaches_the_customer(make_shop):
    shop = ruled(make_shop, check(SECRET))

    with pytest.raises(Refused) as refused:
        place_order(shop)

    (problem,) = refused.value.problems
    assert problem.staff_text.sv == "HEMLIGT 7 kvar"
    assert (problem.text.sv, problem.text.en) == ("kundens ord", "the words")
    for told in (refused.value.text.sv, refused.value.text.en, str(refused.value)):
        assert "7 kvar" not in told
        assert "7 left" not in told


def test_nothing_that_is_kept_for_the_customer_has_staffs_words(make_shop):
    shop = ruled(make_shop, check(f"if question.order.paid: {SECRET}"))
    order = shop.place(paid(shop, paying(shop))).order

    assert "HEMLIGT" in repr(shop.history(order))
    for shown in (shop.customer_order(order), shop.messages(order)):
        assert "HEMLIGT" not in repr(shown)


@pytest.mark.parametrize(
    ("lang", "words"), [("sv", "HEMLIGT 7 kvar (local:a)"), ("en", "SECRET 7 left (local:a)")]
)
def test_the_command_line_is_staffs_and_says_their_words(make_shop, ashop, lang, words):
    shop = ruled(make_shop, check(SECRET))
    line = ("--line", "LAMPA=1@100", "--name", "Åsa", "--email", "asa@example.se", "--payment", "invoice")
    address = ("--street", "Storgatan 1", "--postal-code", "114 21", "--city", "Stockholm")

    result = ashop("order", "new", *line, *address, lang=lang)

    assert result.exit_code == 1
    assert words in result.output
    (checkout,) = shop.abandoned(everyone=True).rows
    told = ashop("order", "explain", checkout.reference, lang=lang).output
    assert "local:a" in told
    assert words.removesuffix(" (local:a)") in told


# ── Stock statuses ───────────────────────────────────────────────────────────────────────────────


def latest(shop: Shop, sku: str = "LAMPA") -> Any:
    return stock.history(shop, sku).rows[0]


def test_an_opinion_takes_the_place_of_the_shops_rules(make_shop):
    shop = ruled(make_shop, status('return "on_order" if after <= 0 else None'))

    place_order(shop, some_lines("LAMPA", quantity=10))

    assert stock.item(shop, "LAMPA").status == "on_order"
    assert latest(shop).status_after == "on_order"


def test_the_ledger_names_the_plugin(make_shop):
    shop = ruled(make_shop, status('return "on_order" if after < 10 else None'))

    order = place_order(shop)

    with shop.database.read() as reader:
        (row,) = reader.rows("SELECT why FROM stock_movements WHERE order_id IS NOT NULL")
    assert row["why"] == "plugin local:a"
    assert [e.text.sv for _, e in shop.history(order)[-1].effects][-1] == (
        "Lampa: Lagervara → Beställningsvara (insticksmodulen local:a)"
    )


def test_an_opinion_to_leave_it_keeps_the_shops_rules_away(make_shop):
    shop = ruled(make_shop, status("return item.status"))

    place_order(shop, some_lines("LAMPA", quantity=10))

    assert stock.item(shop, "LAMPA").status == "in_stock"


def test_without_an_opinion_the_shops_rules_decide(make_shop):
    shop = ruled(make_shop, status("return None"))

    place_order(shop, some_lines("LAMPA", quantity=10))

    assert stock.item(shop, "LAMPA").status == "sold_out"


def test_a_pinned_status_stands_and_no_plugin_is_asked(make_shop):
    shop = ruled(make_shop, status('return "sold_out" if after < 10 else None'))
    with shop.database.write() as tx:
        tx.execute("UPDATE stock_items SET pinned = 1 WHERE sku = 'LAMPA'")

    place_order(shop, some_lines("LAMPA", quantity=10))

    assert stock.item(shop, "LAMPA").status == "in_stock"


@pytest.mark.parametrize("enabled", list(permutations(["local:a", "local:b", "local:c"])), ids="-".join)
def test_of_two_opinions_the_one_later_in_the_settings_wins(make_shop, enabled):
    codes = {"local:a": "on_order", "local:b": "temporarily_out"}
    rules = [status(f'return "{code}" if after < 10 else None') for code in codes.values()]
    shop = ruled(make_shop, *rules, status("return None"), enabled=enabled)

    place_order(shop)

    winner = next(name for name in reversed(enabled) if name in codes)
    assert stock.item(shop, "LAMPA").status == codes[winner]


@pytest.mark.parametrize(
    "body", ['return "borta"', "return 7", "return True", "raise SystemExit", "item.held = 0"]
)
def test_an_opinion_that_is_no_stock_status_rolls_everything_back(make_shop, body):
    shop = ruled(make_shop, status(f"if after < 10: {body}"))
    order = shop.start_order(some_lines("LAMPA"), checkout_key="1", delivery="post", payment_method="invoice")
    order = shop.give_details(order, customer=some_customer()).order
    before = dump(shop)

    with pytest.raises(PluginError) as fault:
        shop.place(order)

    assert (fault.value.plugin, fault.value.hook) == ("local:a", "ashop_stock_status")
    assert dump(shop) == before


def test_doctor_shows_where_two_plugins_differ(make_shop):
    rules = [
        status('return "on_order" if item.sku == "LAMPA" and after <= 10 else None'),
        status('return "sold_out" if after <= 10 else None'),
    ]
    shop = ruled(make_shop, *rules)

    (found,) = (f for f in examine_shop(shop) if f.code == "stock_rules_differ")

    assert not found.serious
    assert "LAMPA" in found.text.sv
    assert "local:a" in found.text.sv
    assert "local:b" in found.text.sv


def test_doctor_is_content_where_plugins_agree_or_have_no_opinion(make_shop):
    shop = ruled(make_shop, status('return "on_order"'), status("return None"), status('return "on_order"'))

    assert examine_shop(shop) == []


# ── What it costs ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((), []),
        ((status("return None"),), []),
        ((check("return None"),), ["lock", "rows"]),
        ((check("return None"), check("return None")), ["lock", "rows"]),
        ((LOOKING,), ["lock", "rows", "rows"]),
        ((LOOKING, LOOKING), ["lock", "rows", "rows"]),
    ],
    ids=["no plugin", "status only", "rule", "two rules", "window", "two windows"],
)
def test_rules_cost_a_lock_a_read_and_one_more_for_a_window(make_shop, monkeypatch, rules, expected):
    shop = ruled(make_shop, *rules)
    calls: list[str] = []
    real = orders.carry_out

    def counted(tx, order, change):
        for name in ("row", "rows", "execute", "insert", "insert_all", "lock"):
            setattr(tx, name, _counting(getattr(tx, name), name, calls))
        return real(tx, order, change)

    monkeypatch.setattr(orders, "carry_out", counted)

    place_order(shop, some_lines("LAMPA", "BORD"))

    assert calls == [*expected, "row", "row", "insert_all"]


def _counting(method: Any, name: str, calls: list[str]) -> Any:
    def call(*args: Any) -> Any:
        calls.append(name)
        return method(*args)

    return call


def test_what_was_bought_is_looked_up_and_never_searched_for(make_shop):
    """However long the shop has been open, and however many orders the customer made before the window."""
    shop = ruled(make_shop, LOOKING)
    names = ("email", "phone", "since", "now", "order_id", "sku")
    steps = plan(shop, asking._BOUGHT.format(these="sku IN (:sku)"), dict.fromkeys(names, "x"))

    for index in ("orders_email (email_key=? AND listed_at>?)", "orders_phone (phone_key=? AND listed_at>?)"):
        assert index in steps
    assert not [step for step in steps.splitlines() if step.startswith("SCAN") and "LIST" not in step]
