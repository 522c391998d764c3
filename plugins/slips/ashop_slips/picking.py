"""A pick list as data: of each article how many in all, and for which orders. For staff only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ashop_core.models import Order


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """An article to fetch: `orders` are the orders it is for, with how many each."""

    sku: str
    name: str
    quantity: int
    orders: tuple[tuple[str, int], ...]


def pick_list(orders: Iterable[Order]) -> list[Pick]:
    """Return what is held for these orders, by article, sorted as the shelves mostly are: by SKU."""
    names: dict[str, str] = {}
    wanted: dict[str, dict[str, int]] = {}
    for order in orders:
        for line in order.lines:
            if line.held:
                names.setdefault(line.sku, line.name)
                of_sku = wanted.setdefault(line.sku, {})
                of_sku[order.name] = of_sku.get(order.name, 0) + line.held
    return [
        Pick(
            sku=sku,
            name=names[sku],
            quantity=sum(wanted[sku].values()),
            orders=tuple(wanted[sku].items()),
        )
        for sku in sorted(wanted)
    ]
