"""What a change takes of each item, and the words for what cannot be had: the same before and under the lock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ashop_core.errors import Problem
from ashop_core.models import Kind, Place
from ashop_core.payment_record import is_covered
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Change, Move, Order
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.settings import StockSettings

NOT_AVAILABLE = "not_available"


def demands(moves: Iterable[Move]) -> dict[str, int]:
    """Return how many pieces fewer of each SKU may be sold after these moves; only those of which it is fewer."""
    found: dict[str, int] = {}
    for each in moves:
        sign = (each.source is Place.FREE) - (each.target is Place.FREE)
        found[each.sku] = found.get(each.sku, 0) + sign * each.quantity
    return {sku: demand for sku, demand in found.items() if demand > 0}


def must_be_taken(order: Order, change: Change) -> bool:
    """Tell whether it is too late to refuse: money has come for it, or it was sold elsewhere."""
    if change.kind is Kind.IMPORTED:
        return True
    return change.places and (order.paid > 0 or order.authorised > 0) and is_covered(order)


def names_of(order: Order) -> dict[str, str]:
    """Return what the order calls each SKU; of several lines, the first."""
    return {line.sku: line.name for line in reversed(order.lines)}


def not_available(name: str, item: StockItem, demand: int, settings: StockSettings) -> Problem:
    """Return the refusal of an item: for the customer the same whatever the balance, the status and the policy are."""
    words = Text(
        "{name} finns inte i det antal som beställs", "{name} is not available in the quantity ordered"
    )
    staff = Text(
        "{name}: {status}, saldo {balance}, {demand} begärda, policy {policy}{margin}",
        "{name}: {status}, balance {balance}, {demand} asked for, policy {policy}{margin}",
    )
    terms = settings.terms(item)
    margin = Text("", "")
    if terms.margin:
        margin = Text(", säkerhetsmarginal {n}", ", safety margin {n}").fill(n=terms.margin)
    return Problem(
        NOT_AVAILABLE,
        words.fill(name=name),
        for_staff=staff.fill(
            name=name, status=settings.label(item.status), demand=demand, policy=terms.policy, margin=margin,
            balance="–" if item.balance is None else item.balance,
        ),
    )  # fmt: skip
