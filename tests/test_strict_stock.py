"""strict_stock: nothing is sold that is not there, nobody gets more than the limit, and paid but short has a way on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ashop_core import Shop
from ashop_core.changes import AmendRequest, LineEdit
from ashop_core.errors import PluginError, Refused, SettingsError
from ashop_core.models import NewPayment, Order, PaymentKind, Stage
from ashop_core.payment_record import to_refund
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import stock
from tests.lives import codes, posted, posting, sound

ROOT = Path(__file__).resolve().parent.parent
RULES = "[[plugins.strict_stock.rules]]\n"


def strict(make_shop: Any, toml: str = "", balance: int = 5, **more: Any) -> Shop:
    shop: Shop = make_shop("stock_control", "strict_stock", toml=toml, **more)
    for sku in ("LAMPA", "BORD"):
        stock.add_item(shop, sku, sku.title(), balance=balance)
    return shop


def buy(shop: Shop, quantity: int = 1, sku: str = "LAMPA", **customer: str) -> Order:
    return place_order(shop, some_lines(sku, quantity=quantity), customer=some_customer(**customer))


def in_group(shop: Shop, sku: str, group: str) -> None:
    with shop.database.write() as tx:
        tx.execute("UPDATE stock_items SET item_group = :g WHERE sku = :s", {"g": group, "s": sku})


# ── Nothing that is not there ────────────────────────────────────────────────────────────────────


def test_without_settings_every_item_is_strict(make_shop):
    shop = strict(make_shop)

    buy(shop, 4)
    with pytest.raises(Refused) as refused:
        buy(shop, 2)
    buy(shop, 1)

    (problem,) = refused.value.problems
    assert (problem.code, problem.plugin) == ("not_available", "strict_stock")
    assert problem.text.sv == "Vara LAMPA finns inte i det antal som beställs"
    assert problem.staff_text.sv == "Vara LAMPA: saldo 1, begärt 2, 0 hålls undan"
    assert stock.item(shop, "LAMPA").balance == 0


@pytest.mark.parametrize(
    ("rule", "sku", "group", "refused"),
    [
        ('items = ["LAMPA"]', "LAMPA", "", True),
        ('items = ["LAMPA"]', "BORD", "", False),
        ('groups = ["dyrt"]', "BORD", "dyrt", True),
        ('groups = ["dyrt"]', "BORD", "billigt", False),
        ('groups = ["dyrt"]', "BORD", "", False),
        ('items = ["LAMPA"]\ngroups = ["dyrt"]', "BORD", "dyrt", True),
    ],
)
def test_a_rule_is_for_its_items_and_groups(make_shop, rule, sku, group, refused):
    shop = strict(make_shop, RULES + rule)
    in_group(shop, sku, group)

    if refused:
        with pytest.raises(Refused):
            buy(shop, 6, sku)
    else:
        assert buy(shop, 6, sku).number


@pytest.mark.parametrize(
    ("toml", "most"),
    [
        (RULES, 5),
        (RULES + "margin = 2", 3),
        ("[plugins.stock_control]\nmargin = 1\n" + RULES, 4),
        ("[plugins.stock_control]\nmargin = 1\n" + RULES + "margin = 0", 5),
    ],
)
def test_the_margin_is_kept_back(make_shop, toml, most):
    shop = strict(make_shop, toml)

    with pytest.raises(Refused):
        buy(shop, most + 1)

    assert buy(shop, most).number


def test_of_an_item_that_nobody_counts_nothing_is_known(make_shop):
    shop = strict(make_shop)

    assert buy(shop, 50, "NYHET").flags == ("untracked",)


def test_without_rules_nothing_is_refused(make_shop):
    shop = strict(make_shop, "[plugins.strict_stock]\nrules = []\n")

    assert buy(shop, 50).number


# ── So many to a customer ────────────────────────────────────────────────────────────────────────

TWO = RULES + "limit = 2\ndays = 30\nstrict = false\n"


def test_nobody_gets_more_than_the_limit_in_the_window(make_shop, clock):
    shop = strict(make_shop, TWO)
    buy(shop, 2)

    with pytest.raises(Refused) as again:
        buy(shop, 1)
    buy(shop, 1, "BORD")
    buy(shop, 2, email="annan@example.se", phone="")
    clock.advance(days=30, seconds=1)
    buy(shop, 2)

    assert codes(again) == ["customer_limit"]


def test_the_limit_is_told_and_never_how_many_the_customer_has(make_shop):
    shop = strict(make_shop, TWO)
    buy(shop, 1)
    said = set()
    for quantity in (2, 3, 4):
        with pytest.raises(Refused) as refused:
            buy(shop, quantity)
        said.add((refused.value.problems[0].text.sv, refused.value.problems[0].text.en))

    assert said == {
        ("Vara LAMPA: högst 2 per kund under 30 dagar", "Vara LAMPA: at most 2 per customer in 30 days")
    }
    assert refused.value.problems[0].staff_text.sv == (
        "Vara LAMPA: 4 i ordern och 1 köpta förut, högst 2 per kund under 30 dagar"
    )


def test_without_days_the_limit_is_for_ever(make_shop, clock):
    shop = strict(make_shop, RULES + "limit = 2")
    buy(shop, 2)
    clock.advance(days=3000)

    with pytest.raises(Refused) as refused:
        buy(shop, 1)

    assert refused.value.problems[0].text.sv == "Vara LAMPA: högst 2 per kund"


def test_an_order_is_held_to_the_limit_when_it_is_edited_too(make_shop):
    shop = strict(make_shop, TWO)
    order = buy(shop, 1)

    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=2),)))
    with pytest.raises(Refused) as refused:
        shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=3),)))

    assert codes(refused) == ["customer_limit"]


def test_what_is_cancelled_may_be_bought_again(make_shop):
    shop = strict(make_shop, TWO)
    order = buy(shop, 2)

    shop.change_status(order, "cancelled", reason="ångrad")

    assert buy(shop, 2).number


def test_rules_with_windows_of_their_own_count_each_in_its_own(make_shop, clock):
    shop = strict(make_shop, f"{RULES}limit = 2\ndays = 1\n{RULES}limit = 3\ndays = 10\n", balance=50)
    buy(shop, 2)
    with pytest.raises(Refused):
        buy(shop, 1)

    clock.advance(days=2)
    buy(shop, 1)
    with pytest.raises(Refused) as third:
        buy(shop, 1)

    assert third.value.problems[0].text.sv == "Vara LAMPA: högst 3 per kund under 10 dagar"


def test_a_customer_without_email_and_phone_is_another_each_time(make_shop):
    shop = strict(make_shop, TWO)
    nobody = {"email": "", "phone": "070"}
    buy(shop, 2, **nobody)

    with pytest.raises(Refused):
        buy(shop, 3, **nobody)

    assert buy(shop, 2, **nobody).number


@pytest.mark.parametrize("first", ["started", "details_given"])
def test_a_checkout_that_holds_its_goods_is_asked_about_anew_when_its_buyer_changes(make_shop, clock, first):
    """Also where what it holds is the last there is, and the item sold out by it."""
    held = [
        s for s in ("started", "details_given", "awaiting_payment") if s != "started" or first == "started"
    ]
    shop = strict(make_shop, "".join(f'[statuses.{s}]\nstock = "held"\n' for s in held) + TWO, balance=4)
    buy(shop, 2)
    order = shop.start_order(
        some_lines("LAMPA", quantity=2), checkout_key="k", delivery="post", payment_method="card"
    )
    order = shop.give_details(order, customer=some_customer(email="annan@example.se", phone="")).order

    with pytest.raises(Refused) as refused:
        shop.give_details(order, customer=some_customer(email="ny@example.se"))
    shop.give_details(order, customer=some_customer(email="tredje@example.se", phone="", street="Ny väg 2"))

    assert codes(refused) == ["customer_limit"]
    assert stock.item(shop, "LAMPA").status == "sold_out"
    sound(shop)


def test_a_hold_that_ran_out_counts_for_nobody_also_where_holding_was_switched_off(make_shop, clock):
    held = '[statuses.awaiting_payment]\nstock = "held"\n'
    shop = strict(make_shop, held, balance=2)
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="card")
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    shop.close()
    shop = make_shop("stock_control", "strict_stock")
    clock.advance(hours=1)

    assert buy(shop, 2).number
    sound(shop)


def test_the_shop_may_say_it_in_its_own_words(make_shop):
    words = 'words = { sv = "{name} finns i butiken {i Täby}", en = "{name} is in the store" }'
    shop = strict(make_shop, f"{RULES}limit = 2\n{words}")

    for quantity in (3, 6):
        with pytest.raises(Refused) as refused:
            buy(shop, quantity)

        assert refused.value.problems[0].text.sv == "Vara LAMPA finns i butiken {i Täby}"
        assert refused.value.problems[0].text.en == "Vara LAMPA is in the store"


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (RULES + "limit = 0", "rules[0]: limit: must be from 1 to 1000000"),
        (RULES + "margin = -1", "rules[0]: margin: must be from 0 to"),
        (RULES + "limit = 2\ndays = 0", "rules[0]: days: must be from 1 to 3660"),
        (RULES + "days = 3", "rules[0]: days: give a limit too"),
        (RULES + "strict = false", "rules[0]: limit: is missing"),
        (
            RULES + "strict = false\nlimit = 2\nmargin = 1",
            "rules[0]: margin: means nothing with strict = false",
        ),
        (RULES + 'sku = ["LAMPA"]', "plugins.strict_stock.rules[0].sku: unknown key"),
        ('[plugins.strict_stock]\npaid_short = "refund"', "paid_short: expected one of keep, cancel"),
        ("[plugins.strict_stock]\ncancel_after_hours = -1", "cancel_after_hours: must be from 0 to"),
    ],
)
def test_a_wrong_setting_is_named_by_its_key(make_shop, toml, expected):
    with pytest.raises(SettingsError) as refused:
        strict(make_shop, toml)

    assert expected in str(refused.value)


def test_the_settings_of_the_readme_do_what_it_says(make_shop):
    page = (ROOT / "plugins" / "strict_stock" / "README.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    shop = strict(make_shop, example.split("]\n", 2)[2])
    stock.add_item(shop, "LAMPA-1", "Lampa", balance=5)
    in_group(shop, "BORD", "designer")

    with pytest.raises(Refused) as campaign:
        buy(shop, 3, "LAMPA-1")
    with pytest.raises(Refused) as designer:
        buy(shop, 5, "BORD")

    assert campaign.value.problems[0].text.sv == "Vara LAMPA-1: högst två per kund under kampanjen"
    assert codes(designer) == ["not_available"]


def test_it_builds_on_stock_control(make_shop):
    with pytest.raises(PluginError) as refused:
        make_shop("strict_stock")

    assert 'builds on stock_control: add "stock_control"' in str(refused.value)


# ── Paid but short ───────────────────────────────────────────────────────────────────────────────

CANCEL = '[plugins.strict_stock]\npaid_short = "cancel"\n'
LATER = CANCEL + "cancel_after_hours = 4\n"


def paying(shop: Shop, quantity: int, **customer: str) -> Order:
    """Return a checkout that waits for its card payment."""
    order = shop.start_order(
        some_lines("LAMPA", quantity=quantity),
        checkout_key=uuid4().hex,
        delivery="post",
        payment_method="card",
    )
    shop.give_details(order, customer=some_customer(**customer))
    return shop.await_payment(order).order


def paid(shop: Shop, order: Order) -> Order:
    """Return the order, paid for and placed."""
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
    return shop.place(order).order


def paid_short(shop: Shop, quantity: int = 3) -> Order:
    """Return an order that was paid for while somebody else bought 4 of the 5: placed, and flagged."""
    order = paying(shop, quantity, email="sen@example.se", phone="")
    buy(shop, 4)
    order = paid(shop, order)
    assert order.flags == ("paid_short",)
    return order


def work(shop: Shop) -> list[str]:
    """Do what is due in the outbox; return what became of each row."""
    return [f"{row.code} {row.delivery.value}" for row in shop.deliver()]


def own_section(shop: Shop, order: Order) -> list[tuple[str, str]]:
    """Return the rows that strict_stock shows of an order, in Swedish."""
    found = [s for plugin, s in shop.sections(order) if plugin == "strict_stock"]
    return [
        (label.sv, words if isinstance(words, str) else words.sv) for s in found for label, words in s.rows
    ]


def test_kept_it_shows_staff_what_is_short_and_the_two_ways_on(make_shop):
    shop = strict(make_shop)
    order = paid_short(shop)

    shown = own_section(shop, order)

    assert shown == [
        ("Saknas", "Vara LAMPA: saldo 1, begärt 3, 0 hålls undan"),
        ("Vänta på varor", "ta emot dem med `ashop stock receive`"),
        (
            "Eller makulera",
            f"`ashop order cancel {order.number} --reason …`, och betala tillbaka: "
            f"`ashop order payment {order.number} refunded`",
        ),
    ]
    assert work(shop) == []
    assert shop.order(order).status == "received"


def test_kept_it_tells_when_the_goods_have_come(make_shop):
    shop = strict(make_shop)
    order = paid_short(shop)

    stock.receive(shop, "LAMPA", 2)

    assert own_section(shop, order) == [("Varorna", "finns nu: ordern kan skickas")]


def test_an_order_that_lacks_nothing_shows_nothing(make_shop):
    shop = strict(make_shop)

    assert own_section(shop, buy(shop)) == []


def test_cancelled_it_gives_the_goods_free_and_leaves_the_money_to_be_refunded(make_shop):
    shop = strict(make_shop, CANCEL)
    order = paid_short(shop)

    done = work(shop)

    order = shop.order(order)
    assert done == ["strict_stock_second_look sent"]
    assert shop.flows.status(order.status).stage is Stage.VOID
    assert to_refund(order, shop.flows.status(order.status)) == order.paid == order.total
    assert stock.item(shop, "LAMPA").balance == 1
    entry = shop.history(order)[-1]
    assert (entry.reason, entry.actor) == ("betald men slut", "strict_stock")
    assert own_section(shop, order) == []
    sound(shop)


def test_it_tells_staff_beforehand(make_shop):
    shop = strict(make_shop, LATER)
    order = paid_short(shop)

    effects = [e.text.sv for plugin, e in shop.history(order)[-1].effects if plugin == "strict_stock"]

    assert effects == ["makuleras om 4 timmar om varor fortfarande saknas"]
    assert own_section(shop, order)[-1] == (
        "Makuleras",
        "2026-11-23 17:00, om varor fortfarande saknas och ingen har rört ordern",
    )


def test_the_second_look_comes_when_the_shop_says(make_shop, clock):
    shop = strict(make_shop, LATER)
    paid_short(shop)

    clock.advance(hours=3, minutes=59)
    early = work(shop)
    clock.advance(minutes=1)

    assert early == []
    assert work(shop) == ["strict_stock_second_look sent"]


def test_worked_twice_it_is_cancelled_once(make_shop):
    shop = strict(make_shop, CANCEL)
    order = paid_short(shop)
    work(shop)
    version = shop.order(order).version

    with shop.database.write() as tx:
        tx.execute("UPDATE outbox SET delivery = 'waiting' WHERE kind = 'job'")
    again = work(shop)

    assert again == ["strict_stock_second_look sent"]
    assert shop.order(order).version == version


def receive(shop: Shop, order: Order) -> None:
    stock.receive(shop, "LAMPA", 2)


def approve(shop: Shop, order: Order) -> None:
    shop.approve(order)


def review(shop: Shop, order: Order) -> None:
    shop.change_status(order, "reviewed")


@pytest.mark.parametrize("meanwhile", [receive, approve, review])
def test_an_order_that_somebody_took_on_or_goods_came_in_for_stands(make_shop, clock, meanwhile):
    shop = strict(make_shop, LATER + "[payment.card]\nneeds_approval = true\n")
    order = paid_short(shop)
    meanwhile(shop, order)

    clock.advance(hours=5)
    work(shop)

    assert shop.flows.status(shop.order(order).status).stage is Stage.OPEN
    assert stock.item(shop, "LAMPA").held == 7


def test_too_few_goods_do_not_save_it(make_shop, clock):
    shop = strict(make_shop, LATER)
    order = paid_short(shop)
    stock.receive(shop, "LAMPA", 1)

    clock.advance(hours=5)
    work(shop)

    assert shop.flows.status(shop.order(order).status).stage is Stage.VOID


def test_whoever_came_first_gets_the_goods_that_came_in(make_shop, clock):
    shop = strict(make_shop, LATER)
    late = [paying(shop, 3), paying(shop, 3)]
    buy(shop, 4, email="annan@example.se", phone="")
    first, second = (paid(shop, order) for order in late)
    stock.receive(shop, "LAMPA", 2)

    clock.advance(hours=5)
    work(shop)

    assert [shop.flows.status(shop.order(o).status).stage for o in (first, second)] == [
        Stage.OPEN,
        Stage.VOID,
    ]


def test_a_limit_that_was_passed_by_paying_twice_is_kept_to(make_shop):
    shop = strict(make_shop, RULES + "limit = 3\n" + CANCEL, balance=50)
    orders = [paid(shop, order) for order in [paying(shop, 2), paying(shop, 2)]]

    work(shop)

    assert [shop.flows.status(shop.order(o).status).stage for o in orders] == [Stage.OPEN, Stage.VOID]


def test_a_shop_that_changed_its_mind_keeps_what_waits(make_shop, clock):
    order = paid_short(strict(make_shop, LATER))
    shop = make_shop("stock_control", "strict_stock")
    clock.advance(hours=5)

    assert work(shop) == ["strict_stock_second_look sent"]
    assert shop.order(order).status == "received"


def test_an_order_that_changes_in_between_is_looked_at_anew(make_shop, monkeypatch, clock):
    shop = strict(make_shop, CANCEL)
    order = paid_short(shop)
    real, notes = shop.change, iter(["kunden ringde"])

    def noted_meanwhile(who, request, **more):
        for note in notes:
            shop.add_note(who, note)
        return real(who, request, **more)

    monkeypatch.setattr(shop, "change", noted_meanwhile)
    first = work(shop)
    clock.advance(hours=1)

    assert first == ["strict_stock_second_look waiting"]
    assert work(shop) == ["strict_stock_second_look sent"]
    assert shop.flows.status(shop.order(order).status).stage is Stage.VOID


def test_a_cancellation_that_is_refused_is_given_up_and_told(make_shop):
    against = """
from ashop_core import Problem, Text, hookimpl

@hookimpl
def ashop_validate_change(change):
    if change.reason:
        yield Problem("kept", Text("makuleras aldrig", "never cancelled"))
"""
    shop: Shop = make_shop(
        "stock_control", "strict_stock", "local:against", toml=CANCEL, files={"plugins/against.py": against}
    )
    stock.add_item(shop, "LAMPA", balance=5)
    order = paid_short(shop)

    assert work(shop) == ["strict_stock_second_look dead"]
    assert shop.order(order).status == "received"


def test_the_customer_is_told_as_the_statuses_say(make_shop):
    toml = CANCEL + '[statuses.cancelled]\nnotify = ["email"]\n'
    shop = posting(make_shop, "stock_control", "strict_stock", toml=toml)
    paid_short(shop, quantity=8)

    while shop.deliver():
        pass

    assert posted(shop)[-1] == "email cancelled"
    assert "saldo" not in repr(shop.channels["email"].posted)  # type: ignore[attr-defined]
