"""The use cases that are measured, each on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.sides import PARCEL, Side


@dataclass(frozen=True)
class Case:
    """One measured use case: `prepare` what it needs, outside the measurement, then `run` it."""

    name: str
    prepare: Callable[[Side, str], Any]
    run: Callable[[Side, Any], object]


def in_checkout(side: Side, key: str) -> int:
    """Bring an order to where it only needs to be placed."""
    order = side.start(key)
    side.details(order)
    return order


def placed(side: Side, key: str) -> int:
    """Bring an order through its checkout."""
    order = in_checkout(side, key)
    side.place(order)
    return order


def approved(side: Side, key: str) -> int:
    """Bring an order to where it may be shipped."""
    order = placed(side, key)
    side.review(order)
    side.approve(order)
    return order


def shipped(side: Side, key: str) -> int:
    """Bring an order to its end."""
    order = approved(side, key)
    side.ship(order, PARCEL)
    return order


CASES = (
    Case("place an order of 3 lines", in_checkout, lambda side, order: side.place(order)),
    Case("the whole checkout with it", lambda side, key: key, placed),
    Case("received → reviewed", placed, lambda side, order: side.review(order)),
    Case("reviewed → shipped, parcel", approved, lambda side, order: side.ship(order, PARCEL)),
    Case("read page 1 of the list", lambda side, key: None, lambda side, _: side.list_page()),
    Case("read an order's page", shipped, lambda side, order: side.order_page(order)),
)
