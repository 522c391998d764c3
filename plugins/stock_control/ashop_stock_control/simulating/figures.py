"""What a simulation counts: of each item, of each day, and of all orders together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_stock_control.items import StockItem

if TYPE_CHECKING:
    from ashop_stock_control.simulating.events import Ordered

Money = dict[str, int]
"""Minor units by currency."""
_NAMES = tuple(each.name for each in fields(StockItem))
_VALUES = attrgetter(*_NAMES)


@dataclass(slots=True)
class Day:
    """What went wrong on one day: orders refused, pieces sold that were not there."""

    refused: int = 0
    oversold: int = 0


@dataclass(slots=True)
class Reason:
    """How many orders were refused for one reason, and the pieces of them."""

    orders: int = 0
    pieces: int = 0

    def add(self, pieces: int) -> None:
        """Count one more."""
        self.orders += 1
        self.pieces += pieces


@dataclass(slots=True)
class ItemFigures:
    """An item as it stands in a run, and what the run made of it.

    `lost` are the whole totals of the orders that were refused because of it; an order short of two items counts
    at both. It `turned` each time it came back to the stock status before.
    """

    item: StockItem
    since: str
    orders: int = 0
    pieces: int = 0
    refused: int = 0
    refused_pieces: int = 0
    lost: Money = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    oversold: int = 0
    oversold_pieces: int = 0
    lowest: int | None = None
    changes: int = 0
    turned: int = 0
    seconds: dict[str, int] = field(default_factory=dict)
    status: str = ""
    status_before: str = ""
    _values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.status = self.item.status
        self.lowest = self.item.balance
        self._values = dict(zip(_NAMES, _VALUES(self.item), strict=True))

    def move(self, d_on_hand: int, d_held: int) -> StockItem:
        """Let the item have other figures and return it; `dataclasses.replace` would take three times as long."""
        values = self._values
        values["on_hand"] += d_on_hand
        values["held"] += d_held
        self.item = item = StockItem(**values)
        return item

    def become(self, status: str, *, by_hand: bool) -> None:
        """Let the item have another status."""
        self._values["status"], self._values["by_hand"] = status, by_hand
        self.item = StockItem(**self._values)

    def refuse(self, pieces: int, reasons: Iterable[str], ordered: Ordered | None) -> None:
        """Count an order that was refused because of the item; None for one that only wanted more of it."""
        for reason in reasons:
            self.reasons.setdefault(reason, Reason()).add(pieces)
        self.refused_pieces += pieces
        if ordered is not None:
            self.refused += 1
            self.lost[ordered.currency] = self.lost.get(ordered.currency, 0) + ordered.total

    def count_balance(self, before: int, after: int) -> bool:
        """Count what a balance came to; tell whether more was sold than there was."""
        if self.lowest is None or after < self.lowest:
            self.lowest = after
        if after >= min(0, before):
            return False
        self.oversold += 1
        self.oversold_pieces += min(0, before) - after
        return True

    def change_status(self, status: str, at: str) -> None:
        """Count a change of the stock status."""
        self.count_time(at)
        self.changes += 1
        self.turned += status == self.status_before
        self.status_before, self.status = self.status, status

    def count_time(self, until: str) -> None:
        """Count the time since the last change to the status that the item has."""
        if until > self.since:
            spent = int((from_iso(until) - from_iso(self.since)).total_seconds())
            self.seconds[self.status] = self.seconds.get(self.status, 0) + spent
            self.since = until


@dataclass(slots=True)
class RunFigures:
    """What a run made of all orders together. `refused_changes`: orders that were in, and wanted more."""

    orders: int = 0
    lines: int = 0
    pieces: int = 0
    accepted: int = 0
    refused: int = 0
    refused_lines: int = 0
    refused_pieces: int = 0
    refused_changes: int = 0
    lost: Money = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    days: dict[str, Day] = field(default_factory=dict)

    def meet(self, lines: int, pieces: int) -> None:
        """Count an order that comes to be judged."""
        if lines:
            self.orders += 1
            self.lines += lines
            self.pieces += pieces

    def refuse(self, lines: int, pieces: int, ordered: Ordered, reasons: Iterable[str]) -> None:
        """Count an order that was refused; without `lines` one that was in, and only wanted more."""
        if not lines:
            self.refused_changes += 1
            return
        self.refused += 1
        self.refused_lines += lines
        self.refused_pieces += pieces
        self.lost[ordered.currency] = self.lost.get(ordered.currency, 0) + ordered.total
        for reason in sorted(reasons):
            self.reasons.setdefault(reason, Reason()).add(pieces)
