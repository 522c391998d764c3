"""A balance cannot be read from outside: what a shopper is told depends only on whether they get what they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from ashop_core import Refused, Shop
from ashop_core import errors as core_errors
from ashop_core.errors import Problem
from ashop_core.testing import MakeShop, place_order, some_lines
from ashop_core.texts import Text, joined
from ashop_stock_control import demand, objecting, orders, stock
from tests.stock_oracle import OPENLY, SHOPS, SKU, Shopper, answers, is_silent, open_oracle, set_balance

BALANCES = (-5, 0, 1, 2, 3, 4, 5, 6, 7, 9, 13, 200)
QUANTITIES = (1, 2, 5, 13)


@pytest.mark.parametrize("name", SHOPS)
def test_an_answer_tells_no_more_than_yes_or_no(make_shop: MakeShop, name: str) -> None:
    shop = open_oracle(make_shop, name)

    found = answers(shop, BALANCES, QUANTITIES)

    assert {asked: len(told) for asked, told in found.items()} == dict.fromkeys(found, 1)
    expected = {True} if name == "open" else {True, False}
    assert {accepted for _, accepted in found} == expected


@pytest.mark.parametrize("name", SHOPS)
def test_nor_does_the_way_to_the_payment_page(make_shop: MakeShop, name: str) -> None:
    shop = open_oracle(make_shop, name)
    for quantity in (1, 4):
        found: dict[bool, set[str]] = {}
        for balance in BALANCES:
            shopper = Shopper(shop, quantity)
            set_balance(shop, balance)
            told = shopper.buy_by_card()
            found.setdefault(shopper.accepted, set()).add(told)

        assert [len(told) for told in found.values()] == [1] * len(found)


@pytest.mark.parametrize("name", SHOPS)
def test_who_has_paid_gets_the_same_answer_whatever_is_left(make_shop: MakeShop, name: str) -> None:
    """It is placed though it is short, and flagged for staff; the customer and their letters do not tell."""
    shop = open_oracle(make_shop, name)

    assert len({Shopper(shop, 4).pay_late(balance) for balance in BALANCES}) == 1


@pytest.mark.parametrize("name", ["strict", "strict, and sold out at 0", "two rules, and sold out at 0"])
def test_what_refuses_cannot_be_told_apart(make_shop: MakeShop, monkeypatch: Any, name: str) -> None:
    """By its status, by its policy, by one rule or by two, before the lock or under it: one sentence."""
    shop = open_oracle(make_shop, name)
    said = set()
    for before in (True, False):
        if not before:
            monkeypatch.setattr(objecting, "objections", lambda *_: [])
        for balance in (-1, 0, 1):
            set_balance(shop, balance)
            shopper = Shopper(shop, 3)
            shopper.begin("invoice")
            assert shopper.order is not None
            with pytest.raises(Refused) as refusal:
                shop.place(shopper.order)
            told = refusal.value
            said.add(
                (
                    str(told).replace(shopper.order.reference, "K-NAME"),
                    *[(p.code, p.text) for p in told.problems],
                )
            )

    assert len(said) == 1


def test_a_refused_placement_spends_and_shows_no_number(make_shop: MakeShop, monkeypatch: Any) -> None:
    shop = open_oracle(make_shop, "strict")
    set_balance(shop, 0)
    monkeypatch.setattr(objecting, "objections", lambda *_: [])

    with pytest.raises(Refused) as refusal:
        place_order(shop, some_lines(SKU))

    assert str(refusal.value).startswith("K-")
    set_balance(shop, 1)
    assert place_order(shop, some_lines(SKU)).number == 100001


# ── Each leak is seen ────────────────────────────────────────────────────────────────────────────


def _balance_in_the_sentence(monkeypatch: Any) -> None:
    real = demand.not_available

    def told(name: str, item: Any, wanted: int, settings: Any) -> Problem:
        words = Text(f"{name}: bara {item.balance}", f"{name}: only {item.balance}")
        return Problem(real(name, item, wanted, settings).code, words)

    for module in (objecting, orders):
        monkeypatch.setattr(module, "not_available", told)


def _staffs_words_for_all(monkeypatch: Any) -> None:
    real = demand.not_available

    def told(*given: Any) -> Problem:
        problem = real(*given)
        return Problem(problem.code, problem.staff_text)

    for module in (objecting, orders):
        monkeypatch.setattr(module, "not_available", told)


def _another_word_for_sold_out(monkeypatch: Any) -> None:
    real = demand.not_available

    def told(name: str, item: Any, wanted: int, settings: Any) -> Problem:
        problem = real(name, item, wanted, settings)
        if item.status in settings.purchasable:
            return problem
        return Problem("sold_out", Text("slut", "sold out"), for_staff=problem.for_staff)

    for module in (objecting, orders):
        monkeypatch.setattr(module, "not_available", told)


def _staffs_words_in_the_exception(monkeypatch: Any) -> None:
    monkeypatch.setattr(core_errors, "joined", lambda texts, by: joined(texts, by))
    real = Refused.__init__

    def init(self: Refused, problems: Any, subject: Text | None = None) -> None:
        real(self, problems, subject)
        self.args = (*self.args, *[p.staff_text.en for p in self.problems])

    monkeypatch.setattr(Refused, "__init__", init)


def _as_many_reasons_as_rules(monkeypatch: Any) -> None:
    for module in (objecting, orders):
        monkeypatch.setattr(module, "told_alike", lambda name, refusals: tuple(refusals))


def _more_refused_with_less_left(monkeypatch: Any) -> None:
    real = objecting.reasons_against

    def reasons(shop: Shop, reader: Any, order: Any, items: Any, *rest: Any, **more: Any) -> list[Problem]:
        found = real(shop, reader, order, items, *rest, **more)
        return found * 2 if found and min(item.balance or 0 for item in items.values()) < 0 else found

    monkeypatch.setattr(objecting, "reasons_against", reasons)


@pytest.mark.parametrize(
    ("leak", "name"),
    [
        (_balance_in_the_sentence, "strict"),
        (_staffs_words_for_all, "strict"),
        (_another_word_for_sold_out, "strict, and sold out at 0"),
        (_staffs_words_in_the_exception, "up to 5"),
        (_as_many_reasons_as_rules, "two rules, and sold out at 0"),
        (_more_refused_with_less_left, "strict"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_leak_is_seen(make_shop: MakeShop, monkeypatch: Any, leak: Any, name: str) -> None:
    shop = open_oracle(make_shop, name)
    assert is_silent(shop, (-1, 0, 1, 2), (7,))

    leak(monkeypatch)

    assert not is_silent(shop, (-1, 0, 1, 2), (7,))


def test_the_open_policy_where_the_item_can_be_bought_answers_every_balance_alike(
    make_shop: MakeShop,
) -> None:
    shop = make_shop("stock_control", toml=OPENLY)
    stock.add_item(shop, SKU, balance=0)

    assert place_order(shop, some_lines(SKU, quantity=1_000_000)).number == 100001
    assert place_order(shop, some_lines(SKU, quantity=1)).flags == ()
