"""A shopper who tries to read a balance: all that they are answered, with nothing in it but what they may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

from ashop_core import Refused, Shop
from ashop_core.changes import StatusRequest
from ashop_core.errors import AshopError
from ashop_core.models import NewPayment, Order, PaymentKind
from ashop_core.testing import some_customer, some_lines
from ashop_stock_control.settings import StockSettings
from tests.lives import channel, deliver_all, posting

SKU = "LAMPA"
OPENLY = "[plugins.stock_control]\nrules = []\n"
RULE = """
from ashop_core import Text, hookimpl
from ashop_stock_control.verdicts import refuse, unavailable

@hookimpl
def ashop_stock_check(question, settings):
    if question.item.balance is not None and question.demand > question.item.balance:
        return ANSWER
    return None
"""
ONE, TWO = (
    RULE.replace("ANSWER", "unavailable(question, Text('HEMLIGT', 'SECRET'))"),
    RULE.replace("ANSWER", "unavailable(question)"),
)
OWN = RULE.replace("ANSWER", 'refuse("too_many", Text("för många", "too many"), Text("HEMLIGT", "SECRET"))')
STATUSES = "[plugins.stock_control]\n"  # the shipped rules: an item is sold out at 0

SHOPS: dict[str, tuple[str, dict[str, str]]] = {
    "open": (OPENLY, {}),
    "strict": (f'{OPENLY}policy = "strict"\n', {}),
    "up to 5": (f'{OPENLY}policy = "up_to(5)"\n', {}),
    "strict with a margin": (f'{OPENLY}policy = "strict"\nmargin = 3\n', {}),
    "strict, and sold out at 0": (f'{STATUSES}policy = "strict"\n', {}),
    "two rules, and sold out at 0": (STATUSES, {"one": ONE, "two": TWO}),
    "a rule with words of its own": (f'{OPENLY}policy = "up_to(5)"\n', {"own": OWN}),
    "held while it is paid": (
        f'[statuses.awaiting_payment]\nstock = "held"\n{OPENLY}policy = "strict"\n',
        {},
    ),
}
"""Settings and rules of a shop by its name; in some, several things may be what refuses."""


def open_oracle(make_shop: Any, name: str) -> Shop:
    """Open one of `SHOPS`, with a lamp for sale and letters that say all that a letter may."""
    toml, rules = SHOPS[name]
    files = {f"plugins/{rule}.py": code for rule, code in rules.items()}
    plugins = ("stock_control", *(f"local:{rule}" for rule in rules))
    notify = '[statuses.received]\nnotify = ["email", "sms"]\n'
    return posting(partial(make_shop, synchronous="OFF"), *plugins, toml=notify + toml, files=files)


def set_balance(shop: Shop, balance: int) -> None:
    """Let there be so many, and the item's status be what such a balance gives it."""
    sold_out = bool(shop.settings.for_plugin(StockSettings).all_rules) and balance <= 0
    with shop.database.write() as tx:
        tx.execute(
            "UPDATE stock_items SET on_hand = held + :balance, status = :status WHERE sku = :sku",
            {"balance": balance, "status": "sold_out" if sold_out else "in_stock", "sku": SKU},
        )


class Shopper:
    """Somebody at the checkout, who writes down every answer; what is drawn by lot each time is blotted out."""

    def __init__(self, shop: Shop, quantity: int) -> None:
        self.shop = shop
        self.quantity = quantity
        self.order: Order | None = None
        self.accepted = False

    def begin(self, method: str) -> None:
        """Fill a basket and tell who they are."""
        lines = (
            some_lines(SKU, SKU, quantity=1)
            if self.quantity == 2
            else some_lines(SKU, quantity=self.quantity)
        )
        key = uuid4().hex
        self.order = self.shop.start_order(lines, checkout_key=key, delivery="post", payment_method=method)
        self.shop.give_details(self.order, customer=some_customer())

    def buy(self) -> str:
        """Buy by invoice and return all that they see; what was refused may be tried again."""
        if self.order is None:
            self.begin("invoice")
        assert self.order is not None
        words = [self._asked("received"), self._try(lambda: self.shop.place(self.order)), self._seen()]
        told = self._blotted(self.order, words)
        if self.accepted:
            self.order = None
        return told

    def buy_by_card(self) -> str:
        """Go to the payment page, pay, and return all that they see."""
        self.begin("card")
        assert self.order is not None
        order = self.order
        words = [self._asked("awaiting_payment"), self._try(lambda: self.shop.await_payment(order))]
        if self.accepted:
            words += [self._paid_and_placed(), self._seen()]
        return self._blotted(order, [*words, self._seen()])

    def pay_late(self, balance: int) -> str:
        """Pay when there are only so many left, and return all that they see."""
        self.begin("card")
        assert self.order is not None
        set_balance(self.shop, balance)
        return self._blotted(self.order, [self._paid_and_placed(), self._seen()])

    def _paid_and_placed(self) -> str:
        assert self.order is not None
        order = self.shop.order(self.order)
        self.shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
        return self._try(lambda: self.shop.place(order))

    def _asked(self, status: str) -> str:
        """Return what is said before it is tried, as a page may that greys out a button."""
        assert self.order is not None
        problems = self.shop.foresee(self.order, StatusRequest(to=status)).problems
        return repr([(p.code, p.text) for p in problems])

    def _try(self, act: Any) -> str:
        try:
            act()
        except AshopError as error:
            self.accepted = False
            chain = (
                error.__cause__,
                error.__context__ and type(error.__context__),
                type(error),
                error.exit_code,
            )
            problems = [(p.code, p.text) for p in error.problems] if isinstance(error, Refused) else []
            return repr((str(error), repr(error), error.args, error.text, problems, chain))
        self.accepted = True
        return "accepted"

    def _seen(self) -> str:
        """Return the customer's own view, and all that was sent to them."""
        assert self.order is not None
        channels = {code: channel(self.shop, code) for code in ("email", "sms")}
        for each in channels.values():
            each.posted.clear()
        deliver_all(self.shop)
        letters = [
            (code, message.template, message.recipient, message.delivery, message.attempts, rendered)
            for code, each in channels.items()
            for message, rendered in each.posted
        ]
        return repr((self.shop.customer_order(self.order), letters))

    def _blotted(self, order: Order, words: list[str]) -> str:
        """Return it without the names that each order gets, once it is sure that they look as all do."""
        told, order = "\n".join(words), self.shop.order(order)
        assert not re.search(r"HEMLIGT|SECRET|saldo|balance|policy|paid_short|local:", told)
        assert re.fullmatch(r"K-[0-9A-Z]{6}", order.reference)
        told = told.replace(order.reference, "K-NAME")
        return told if order.number is None else re.sub(rf"\b{order.number}\b", "NUMBER", told)


def answers(
    shop: Shop, balances: Iterable[int], quantities: Iterable[int]
) -> Mapping[tuple[int, bool], set[str]]:
    """Return all that a shopper was told, by the quantity asked for and by whether they got it."""
    found: dict[tuple[int, bool], set[str]] = {}
    balances = tuple(balances)
    for quantity in quantities:
        shopper = Shopper(shop, quantity)
        for balance in balances:
            set_balance(shop, balance)
            told = shopper.buy()
            found.setdefault((quantity, shopper.accepted), set()).add(told)
    return found


def is_silent(shop: Shop, balances: Iterable[int], quantities: Iterable[int]) -> bool:
    """Tell whether what a shopper is told depends on nothing but whether they get what they ask for."""
    with suppress(AssertionError):
        return all(len(told) == 1 for told in answers(shop, balances, quantities).values())
    return False
