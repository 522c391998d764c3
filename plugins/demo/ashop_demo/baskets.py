"""What goes together into a basket."""

from __future__ import annotations

from random import Random

from ashop_core.models import NewLine
from ashop_demo.products import BESIDE, CARRIED, INSTALLED, Product

PLENTY = 10
"""Of what comes in by so many at a time, people take several."""


def fill_basket(dice: Random, delivery: str, *, several: bool = False) -> tuple[NewLine, ...]:
    """Return the lines of an order that is delivered in that way; with `several` at least two."""
    if delivery == "installation":
        return (*_lines(dice, INSTALLED, 1), *_lines(dice, BESIDE, dice.choice((0, 1, 1, 2))))
    count = dice.choice((1, 1, 1, 2, 2, 3, 4))
    return tuple(_lines(dice, (*CARRIED, *BESIDE[2:]), max(count, 2 if several else 1)))


def _lines(dice: Random, products: tuple[Product, ...], count: int) -> list[NewLine]:
    chosen: dict[str, Product] = {}
    while len(chosen) < count:
        product = dice.choices(products, [p.wanted for p in products])[0]
        chosen[product.sku] = product
    return [product.line(_how_many(dice, product)) for product in chosen.values()]


def _how_many(dice: Random, product: Product) -> int:
    return dice.choice((1, 1, 1, 2, 2, 3, 4)) if product.refill > PLENTY else 1
