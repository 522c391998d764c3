"""What speaks against a change before the transaction: without its certainty, but before any money moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.models import Role
from ashop_stock_control import checkout_holds
from ashop_stock_control.asking import NO_OPINION, Answer, Rules
from ashop_stock_control.demand import (
    demands,
    must_be_taken,
    names_of,
    not_available,
    told_alike,
    unknown_items,
)
from ashop_stock_control.items import find_items
from ashop_stock_control.judging import Judge
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from datetime import datetime

    from ashop_core.errors import Problem
    from ashop_core.models import Change, Order
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.items import StockItem


def objections(shop: Shop, order: Order, change: Change) -> list[Problem]:
    """Return a reason for each item that cannot be had now; only `orders.carry_out` knows for certain."""
    wanted = _wanted(shop, order, change)
    if not wanted or must_be_taken(order, change):
        return []
    with shop.database.read() as reader:
        items = find_items(reader, wanted)
        items |= unknown_items(
            names_of(order), set(wanted) - set(items), shop.settings.for_plugin(StockSettings)
        )
        problems = reasons_against(shop, reader, order, items, wanted, actor=change.actor, now=change.at)
        if problems:
            # holds that ran out count for nobody: judged again as under the lock, where they are let go
            judge = Judge.of(shop.plugins)
            free = checkout_holds.as_if_free(reader, judge, items, order.id, change.at)
            if free is not None:
                problems = reasons_against(
                    shop, reader, order, free, wanted, actor=change.actor, now=change.at
                )
        return problems


def reasons_against(
    shop: Shop, reader: Reader, order: Order, items: dict[str, StockItem], wanted: dict[str, int], *,
    actor: str, now: datetime,
) -> list[Problem]:  # fmt: skip
    """Return what the rules, the stock statuses and the policies say against taking so many pieces of each item."""
    settings, names = shop.settings.for_plugin(StockSettings), names_of(order)
    rules = Rules.of(shop.plugins, settings)
    answers = rules.answers(reader, order, items, wanted, actor=actor, now=now) if rules else {}
    problems: list[Problem] = []
    for sku, item in sorted(items.items()):
        answer = answers.get(sku, NO_OPINION)
        name = names.get(sku, item.name)
        problems += told_alike(name, answer.refusals)
        if not can_be_had(item, wanted[sku], answer, settings):
            problems.append(not_available(name, item, wanted[sku], settings))
    return problems


def can_be_had(item: StockItem, demand: int, answer: Answer, settings: StockSettings) -> bool:
    """Tell whether status and policy let so many pieces of an item go; what rules refuse, they have told themselves."""
    if item.status not in settings.purchasable:
        return False
    if item.balance is None or answer.allowed or answer.refusals:
        return True
    return settings.terms(item).leaves_enough(item.balance, demand)


def _wanted(shop: Shop, order: Order, change: Change) -> dict[str, int]:
    """Return what the change takes of each SKU, or what a checkout will take once it is paid."""
    if change.moves:
        return demands(change.moves)
    wanted: dict[str, int] = {}
    if change.enters and order.moves_stock and _awaits_payment(shop, change):
        for line in order.lines:
            if line.free:
                wanted[line.sku] = wanted.get(line.sku, 0) + line.free
    return wanted


def _awaits_payment(shop: Shop, change: Change) -> bool:
    paying = shop.flows.role_or_none(Role.PAYING)
    return paying is not None and paying.code == change.to_status
