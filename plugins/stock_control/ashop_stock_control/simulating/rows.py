"""What a simulation found item by item, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ashop_stock_control.simulating.figures import ItemFigures
    from ashop_stock_control.simulating.simulation import Simulation


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An item in both runs; `tried` is the present one again where nothing was tried."""

    sku: str
    name: str
    now: ItemFigures
    tried: ItemFigures

    @property
    def is_touched(self) -> bool:
        """Tell whether anything at all happened to it but sales."""
        return any(f.refused_pieces or f.oversold or f.changes for f in (self.now, self.tried))

    @property
    def badness(self) -> tuple[int, ...]:
        """How bad it looks: orders refused, pieces oversold, changes of status; in the trial before now."""
        return tuple(
            figure
            for f in (self.tried, self.now)
            for figure in (f.refused, f.refused_pieces, f.oversold_pieces, f.changes)
        )


def rows_of(simulation: Simulation) -> list[Row]:
    """Return every item that was ordered or moved, the worst first."""
    rows = []
    for sku, figures in simulation.now.items.items():
        other = figures if simulation.tried is None else simulation.tried.items.get(sku, figures)
        rows.append(Row(sku=sku, name=simulation.items[sku].name, now=figures, tried=other))
    return sorted(rows, key=lambda row: (*(-n for n in row.badness), row.sku))


def watched_of(rows: Iterable[Row], most: int) -> frozenset[str]:
    """Return the items whose balances a picture should show: the worst that have one."""
    return frozenset([row.sku for row in rows if row.tried.lowest is not None and row.is_touched][:most])
