"""The first reading of a file: which items its orders ask for, and what it holds that is no order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from ashop_core.texts import Text
from ashop_order_import.reading import Grouped, OrderFile, ReadOptions, RefusedRow, read_orders

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Source:
    """A file of orders, to be read any number of times, always the same way."""

    path: Path
    options: ReadOptions
    most: int | None = None

    def orders(self, refused: Callable[[RefusedRow], None] = lambda row: None) -> Iterator[Grouped]:
        """Yield the file's orders one at a time, at most so many; tell of each row that is refused."""
        with read_orders(self.path, self.options) as file:
            yield from islice(_accepted(file, refused), self.most)


@dataclass
class Demand:
    """How much of an item a file asks for in all."""

    name: str
    quantity: int = 0


@dataclass
class Reason:
    """How many rows were refused for a reason, the words of the first, and whether all have the same words."""

    words: Text
    rows: int = 0
    alike: bool = True


@dataclass
class Survey:
    """What a file holds: its orders counted, their items by SKU, its refused rows by the code of the reason."""

    orders: int = 0
    rows: int = 0
    lines: int = 0
    first: datetime = LATEST
    last: datetime = EARLIEST
    in_order: bool = True
    demand: dict[str, Demand] = field(default_factory=dict)
    refused: dict[str, Reason] = field(default_factory=dict)

    @property
    def rows_refused(self) -> int:
        """How many rows are no part of an order."""
        return sum(reason.rows for reason in self.refused.values())

    def note(self, order: Grouped) -> None:
        """Count an order."""
        self.orders += 1
        self.rows += len(order.rows)
        self.lines += len(order.lines)
        self.in_order = self.in_order and self.last <= order.at
        self.first, self.last = min(self.first, order.at), max(self.last, order.at)
        for line in order.lines:
            demand = self.demand.setdefault(line.sku, Demand(line.name))
            demand.name = demand.name or line.name
            demand.quantity += line.quantity

    def note_refused(self, row: RefusedRow) -> None:
        """Count a row that is no part of an order."""
        reason = self.refused.setdefault(row.reason.code, Reason(row.reason.text))
        reason.rows += 1
        reason.alike = reason.alike and reason.words == row.reason.text


def survey(source: Source, advance: Callable[[int], None]) -> Survey:
    """Read a file through once; memory grows with the number of items, not of orders."""
    found = Survey()
    for order in source.orders(found.note_refused):
        found.note(order)
        advance(1)
    return found


def _accepted(file: OrderFile, refused: Callable[[RefusedRow], None]) -> Iterator[Grouped]:
    for item in file:
        if isinstance(item, RefusedRow):
            refused(item)
        else:
            yield item
