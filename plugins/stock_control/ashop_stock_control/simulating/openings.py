"""The items as they were when the first of the orders was placed: figures from the ledger, terms as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ashop_stock_control.by_hand import BY_HAND
from ashop_stock_control.items import StockItem, find_items, select_by_sku

if TYPE_CHECKING:
    from ashop_core.storage import Reader
    from ashop_stock_control.settings import StockSettings

_BEFORE = "(m.at < :start OR (m.at = :start AND m.order_id IS NULL))"
_FIGURES = (
    "SELECT m.sku, CAST(SUM(m.d_on_hand) AS BIGINT) AS on_hand, CAST(SUM(m.d_held) AS BIGINT) AS held, "
    "MAX(CASE WHEN m.kind IN ('receive', 'adjust', 'count') THEN 1 ELSE 0 END) AS counted "
    "FROM stock_movements AS m LEFT JOIN orders AS o ON o.id = m.order_id WHERE {these} "
    "AND {before} AND (m.order_id IS NULL OR o.placed_at < :start OR (o.placed_at = :start AND o.id < :first)) "
    "GROUP BY m.sku"
)
_STATUS = (
    "SELECT m.sku, m.status_before, m.status_after, m.why FROM stock_movements AS m JOIN ("
    "SELECT m.sku, {pick}(m.id) AS id FROM stock_movements AS m WHERE {{these}} AND m.status_after IS NOT NULL "
    "AND {which} GROUP BY m.sku) AS found ON found.id = m.id"
)
_LAST_BEFORE = _STATUS.format(pick="MAX", which=_BEFORE)
_FIRST_AFTER = _STATUS.format(pick="MIN", which=f"NOT {_BEFORE}")


class Openings(dict[str, StockItem]):
    """Items by SKU, as they were when the window began; `open` reads those that are not here yet.

    One that had no balance then is not tracked here and stands in `without`; with a `start` it begins with so many
    pieces and stands in `fresh`.
    """

    def __init__(
        self, reader: Reader, settings: StockSettings, at: str, first: int, start: int | None = None
    ) -> None:
        super().__init__()
        self.without: set[str] = set()
        self.fresh: set[str] = set()
        self._reader = reader
        self._settings = settings
        self._start = start
        self._params: Mapping[str, Any] = {"start": at, "first": first}

    def open(self, skus: Iterable[str]) -> None:
        """Read the items of these SKUs."""
        new = set(skus) - self.keys()
        if not new:
            return
        found = find_items(self._reader, new)
        figures = self._select(_FIGURES, new)
        last, following = self._select(_LAST_BEFORE, new), self._select(_FIRST_AFTER, new)
        for sku in sorted(new):
            item = found.get(sku) or StockItem(sku=sku, name=sku, status=self._settings.default_status)
            status, by_hand = item.status, False
            if sku in last:
                status, by_hand = last[sku]["status_after"], last[sku]["why"] == BY_HAND
            elif sku in following:
                status = following[sku]["status_before"]
            self[sku] = replace(item, status=status, by_hand=by_hand, **self._figures(sku, figures.get(sku)))

    def _figures(self, sku: str, row: Any) -> dict[str, Any]:
        """Return what an item begins with; one of which there was no balance, with nothing or with the `start`."""
        if row is not None and row["counted"]:
            return {"tracked": True, "on_hand": row["on_hand"], "held": row["held"]}
        self.without.add(sku)
        if self._start is None:
            return {"tracked": False, "on_hand": 0, "held": 0}
        self.fresh.add(sku)
        return {"tracked": True, "on_hand": self._start, "held": 0}

    def _select(self, sql: str, skus: Iterable[str]) -> dict[str, Any]:
        rows = select_by_sku(
            self._reader, sql.replace("{before}", _BEFORE), skus, column="m.sku", params=self._params
        )
        return {row["sku"]: row for row in rows}
