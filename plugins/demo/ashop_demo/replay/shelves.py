"""The stock of a replayed file: of some items less than will be asked for, so that they run out and come in anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from ashop_core.models import NewLine
from ashop_demo.replay.survey import Demand
from ashop_demo.stage import Script
from ashop_stock_control.stock import NewItem, import_items, item, receive

if TYPE_CHECKING:
    from ashop_core.shop import Shop

STOREKEEPER = "Stock"
LEAST, MOST = 0.5, 1.4
"""How much of what a file asks for in all is on the shelf at first."""
REFILL = 0.25
BETWEEN_LORRIES = timedelta(days=7)


@dataclass
class Shelves:
    """The stock while a file is replayed. `wanted` is what somebody was refused since the last lorry came."""

    shop: Shop
    demand: dict[str, Demand]
    wanted: set[str] = field(default_factory=set)
    received: int = 0

    def fill(self, seed: int) -> int:
        """Create every item of the file and receive seeded stock; return how many items there are."""
        return import_items(self.shop, self._seeded(Random(f"{seed}/shelves")), actor=STOREKEEPER).created

    def missed(self, lines: Iterable[NewLine]) -> None:
        """Remember for the next lorry what was sold out of a basket."""
        for sku in {line.sku for line in lines}:
            balance = item(self.shop, sku).balance
            if balance is not None and balance <= 0:
                self.wanted.add(sku)

    def lorries(self, at: datetime) -> Script:
        """Once a week, receive again what customers were refused."""
        while True:
            at += BETWEEN_LORRIES
            yield at
            for sku in sorted(self.wanted):
                receive(self.shop, sku, self._refill(sku), actor=STOREKEEPER)
            self.received += len(self.wanted)
            self.wanted.clear()

    def _seeded(self, dice: Random) -> Iterator[NewItem]:
        for sku, demand in sorted(self.demand.items()):
            balance = max(1, round(demand.quantity * dice.uniform(LEAST, MOST)))
            yield NewItem(sku=sku, name=demand.name, balance=balance)

    def _refill(self, sku: str) -> int:
        """Return what makes good what is owed, and a quarter of what is asked for in all."""
        owed = -(item(self.shop, sku).balance or 0)
        return max(1, owed + round(self.demand[sku].quantity * REFILL))
