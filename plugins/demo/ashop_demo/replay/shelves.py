"""The stock of a replayed file: less than will be asked for, and refilled once a week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from ashop_stock_control.stock import NewItem, import_items, item, receive

from ashop_core.models import NewLine
from ashop_demo.replay.survey import Demand, Survey
from ashop_demo.stage import Script

if TYPE_CHECKING:
    from ashop_core.shop import Shop

STOREKEEPER = "lager"
LEAST, MOST = 0.3, 1.2
"""How much of what a file asks for in all is on the shelf at first: some items run out, some do not."""
REFILL = 0.25
WEEK = timedelta(days=7)


@dataclass
class Shelves:
    """The stock while a file is replayed. `wanted` are the SKUs that somebody was refused since the last lorry."""

    shop: Shop
    demand: dict[str, Demand]
    wanted: set[str] = field(default_factory=set)
    received: int = 0

    def fill(self, found: Survey, seed: int) -> int:
        """Create every item of the file and receive seeded stock; return how many items there are."""
        report = import_items(self.shop, _seeded(found, seed), actor=STOREKEEPER)
        return report.created

    def missed(self, lines: Iterable[NewLine]) -> None:
        """Remember for the next lorry what was sold out of a basket."""
        for sku in {line.sku for line in lines}:
            balance = item(self.shop, sku).balance
            if balance is not None and balance <= 0:
                self.wanted.add(sku)

    def lorries(self, first: datetime) -> Script:
        """Once a week, receive again what customers were refused."""
        at = first
        while True:
            at += WEEK
            yield at
            for sku in sorted(self.wanted):
                self.received += 1
                receive(self.shop, sku, _refill(self.demand[sku]), actor=STOREKEEPER, note="Inleverans")
            self.wanted.clear()


def _seeded(found: Survey, seed: int) -> Iterator[NewItem]:
    dice = Random(f"{seed}/shelves")
    for sku, demand in sorted(found.demand.items()):
        balance = max(1, round(demand.quantity * dice.uniform(LEAST, MOST)))
        yield NewItem(sku=sku, name=demand.name, balance=balance)


def _refill(demand: Demand) -> int:
    return max(1, round(demand.quantity * REFILL))
