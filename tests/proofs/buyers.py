"""What one process does in the race: it places orders, and now and then something that must leave no trace in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ashop_core import NewLine, Refused, Shop
from ashop_core.testing import some_customer
from ashop_stock_control import stock

PRODUCTS = ("LAMPA", "SLADD")
QUANTITIES = {"LAMPA": 1, "SLADD": 2}


class Buyer:
    """What one process does, and what it was told."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.shop = shop
        self.name = name
        self.result: dict[str, Any] = {"errors": [], "numbers": [], "adjusted": 0}

    def go_shopping(self, turn: int) -> None:
        """Place an order; in some turns do something else first. No error stops it."""
        tasks: list[Callable[[], None]] = [partial(self._place, turn)]
        if turn % 5 == 1:
            tasks.insert(0, partial(self._begin_only, turn))
        if turn % 5 == 2:
            tasks.insert(0, partial(self._be_refused, turn, "SLUT" if turn % 2 else "NEKAD"))
        if turn % 5 == 3:
            tasks.insert(0, partial(self._correct_the_shelf, turn))
        for task in tasks:
            try:
                task()
            except Exception as error:  # whatever it is, it is to be counted
                self.result["errors"].append(f"{type(error).__name__}: {error}")

    def _place(self, turn: int) -> None:
        order = self._checkout(f"{turn}", *PRODUCTS)
        self.result["numbers"].append(self.shop.place(order).order.number)

    def _begin_only(self, turn: int) -> None:
        self._checkout(f"{turn} begun", *PRODUCTS)

    def _be_refused(self, turn: int, sku: str) -> None:
        order = self._checkout(f"{turn} refused", *PRODUCTS, sku)
        try:
            self.shop.place(order)
        except Refused:
            return
        raise AssertionError(f"{sku} was sold")

    def _correct_the_shelf(self, turn: int) -> None:
        by = 3 if turn % 2 else -2
        stock.adjust(self.shop, "LAMPA", by)
        self.result["adjusted"] += by

    def _checkout(self, key: str, *skus: str) -> str:
        lines = [
            NewLine(sku=sku, name=sku.title(), quantity=QUANTITIES.get(sku, 1), unit_price=9900)
            for sku in skus
        ]
        order = self.shop.start_order(lines, checkout_key=f"{self.name} {key}", payment_method="invoice")
        self.shop.give_details(order, customer=some_customer())
        return order.reference
