"""What speaks against a change before the transaction: without its certainty, but before any money moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.clock import to_iso
from ashop_core.models import Role
from ashop_stock_control import checkout_holds
from ashop_stock_control.asking import NO_OPINION, Answer, Rules
from ashop_stock_control.demand import demands, must_be_taken, names_of, not_available
from ashop_stock_control.items import find_items
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.verdicts import StockQuestion

if TYPE_CHECKING:
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
    settings = shop.settings.for_plugin(StockSettings)
    with shop.database.read() as reader:
        items = find_items(reader, wanted)
        if checkout_holds.are_used(shop.flows):
            # what others no longer hold is let go under the lock, and judged there
            for _, sku in checkout_holds.due(reader, items, to_iso(change.at)):
                items.pop(sku, None)
        answers = _answers(shop, reader, items, wanted, order, change)
    names = names_of(order)
    problems: list[Problem] = []
    for sku, item in sorted(items.items()):
        answer = answers.get(sku, NO_OPINION)
        problems += answer.refusals
        if not _can_be_had(item, wanted[sku], answer, settings):
            problems.append(not_available(names[sku], item, wanted[sku], settings))
    return problems


def _can_be_had(item: StockItem, demand: int, answer: Answer, settings: StockSettings) -> bool:
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


def _answers(
    shop: Shop,
    reader: Reader,
    items: dict[str, StockItem],
    wanted: dict[str, int],
    order: Order,
    change: Change,
) -> dict[str, Answer]:
    settings = shop.settings.for_plugin(StockSettings)
    rules = Rules.of(shop.plugins, settings)
    if rules is None:
        return {}
    bought = rules.bought(reader, order, items, change.at)
    return {
        sku: rules.ask(
            StockQuestion(
                item=item, terms=settings.terms(item), demand=wanted[sku], order=order, actor=change.actor,
                now=change.at, bought=bought.get(sku, ()),
            )
        )
        for sku, item in items.items()
        if item.status in settings.purchasable
    }  # fmt: skip
