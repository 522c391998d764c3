"""For the tests of whoever writes a stock rule: whether a shop's rules keep to what every rule has promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

from ashop_stock_control.asking import CHECK_HOOK, ask_quickly
from ashop_stock_control.items import StockItem
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.verdicts import Bought, StockQuestion, Verdict

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.plugins import Implementation
    from ashop_core.shop import Shop

BALANCES = range(-3, 15)
DEMANDS = range(1, 8)
EARLIER = (0, 1, 2, 3, 7)


def assert_rules_hold(shop: Shop, order: Order, *, sku: str | None = None, group: str = "") -> None:
    """Ask each custom stock rule of a shop about an order, for many balances, demands and earlier purchases.

    Raises AssertionError, naming the plugin, where one is asked the same again and answers something else, or where a
    customer could read a balance or an earlier purchase from the words of a refusal: those of one code must be the
    same for all. Raises PluginError where one fails. `sku` is one of the order's, its first otherwise.
    """
    wanted = order.lines[0].sku if sku is None else sku
    for implementation in shop.plugins.implementations(CHECK_HOOK):
        said: dict[tuple[str, int], tuple[StockQuestion, Verdict]] = {}
        for question in questions(shop, order, wanted, group):
            first, second = (_ask(shop, implementation, question) for _ in range(2))
            told = f"{implementation.plugin}, {_described(question)}"
            assert first == second, f"{told}: answers {first}, and asked again {second}"
            if first is not None and not first.allowed:
                before, earlier = said.setdefault((first.code, question.demand), (question, first))
                assert earlier.words == first.words, (
                    f"{told}: the customer reads “{first.words}”, but “{earlier.words}” where it is "
                    f"{_described(before)}: words for customers must not tell what only staff may know"
                )


def questions(shop: Shop, order: Order, sku: str, group: str = "") -> Iterator[StockQuestion]:
    """Yield what may be asked about an item of an order: every balance, demand and number of earlier pieces."""
    settings, now = shop.settings.for_plugin(StockSettings), shop.clock()
    for balance, demand, had in product((None, *BALANCES), DEMANDS, EARLIER):
        item = StockItem(
            sku=sku, name=sku, status=settings.default_status, tracked=balance is not None, on_hand=balance or 0,
            group=group,
        )  # fmt: skip
        yield StockQuestion(
            item=item, terms=settings.terms(item), demand=demand, order=_of(order, sku, demand), actor="test",
            now=now, bought=tuple(_earlier(had, now - timedelta(hours=1))),
        )  # fmt: skip


def _of(order: Order, sku: str, demand: int) -> Order:
    """Return the order with so many pieces of the item on its first line of it, and no other line of it."""
    lines = [line for line in order.lines if line.sku == sku][:1]
    return replace(order, lines=tuple(replace(line, quantity=demand, held=0, gone=0) for line in lines))


def _earlier(pieces: int, at: datetime) -> Iterable[Bought]:
    return [Bought(order="K-EARLIER", quantity=pieces, at=at)] if pieces else []


def _ask(shop: Shop, implementation: Implementation, question: StockQuestion) -> Verdict | None:
    return ask_quickly(
        shop.plugins, implementation, CHECK_HOOK, Verdict, question.item.sku, question=question
    )


def _described(question: StockQuestion) -> str:
    return f"balance {question.item.balance}, demand {question.demand}, {question.had()} bought before"
