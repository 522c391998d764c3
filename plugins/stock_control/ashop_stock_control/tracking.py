"""From when an item is counted: what open orders hold of it by then is counted as held from the first moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ashop_core.models import Place
from ashop_stock_control.items import StockItem, select_by_sku
from ashop_stock_control.ledger import Kind, movement

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_stock_control.items import WriteHandle

_HOLDS = (
    "SELECT l.sku, l.order_id, l.position, l.held, o.version "
    "FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id "
    "WHERE (o.status IN ({statuses}) OR o.id IN (SELECT order_id FROM stock_checkout_holds)) "
    "AND o.moves_stock = 1 AND l.held > 0 AND {{these}} "
    # what a checkout held too long and lost is held by nobody, whatever its lines say
    "AND NOT EXISTS (SELECT 1 FROM stock_checkout_holds AS h "
    "WHERE h.order_id = l.order_id AND h.sku = l.sku AND h.lapsed = 1) "
    "ORDER BY l.order_id, l.position"
)
_BEGIN = "UPDATE stock_items SET tracked = 1, held = :held WHERE sku = :sku AND tracked = 0"


@dataclass(frozen=True, slots=True)
class Hold:
    """What one order line holds of an item."""

    order_id: int
    version: int
    position: int
    quantity: int


def held_by_orders(tx: WriteHandle, flows: Flows, skus: Iterable[str]) -> dict[str, list[Hold]]:
    """Return what the lines of open orders hold of these SKUs. Lock their items, or make them, first."""
    # Open orders are found by their statuses: order lines have no index by SKU, and there may be millions.
    codes = [s.code for s in flows.statuses.values() if s.stock in (Place.HELD, None)]
    sql = _HOLDS.format(statuses=", ".join(f"'{code}'" for code in codes))
    found: dict[str, list[Hold]] = {}
    for row in select_by_sku(tx, sql, skus):
        hold = Hold(row["order_id"], row["version"], row["position"], row["held"])
        found.setdefault(row["sku"], []).append(hold)
    return found


def begin(tx: WriteHandle, item: StockItem, holds: list[Hold], at: str, actor: str) -> StockItem:
    """Begin to count an item, whose row is locked: nothing on hand yet, and `holds` held."""
    held = sum(hold.quantity for hold in holds)
    tx.execute(_BEGIN, {"sku": item.sku, "held": held})
    tx.insert_all("stock_movements", [_taken(item.sku, hold, at, actor) for hold in holds])
    return replace(item, tracked=True, held=held)


def _taken(sku: str, hold: Hold, at: str, actor: str) -> dict[str, Any]:
    return movement(
        sku,
        Kind.TAKE,
        0,
        hold.quantity,
        at=at,
        actor=actor,
        cause=f"{hold.order_id}:{hold.version}:{hold.position}:{Kind.TAKE.value}",
        order_id=hold.order_id,
        position=hold.position,
    )
