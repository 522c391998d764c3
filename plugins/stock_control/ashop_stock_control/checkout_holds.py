"""Goods held while a checkout is paid: for some minutes, and free for everybody else from that instant on.

Where a shop lets a status of the checkout hold goods, each hold has an expiry. Whoever wants the goods afterwards
first lets the hold lapse, in the same transaction; a timed job does it where nobody comes. An order that is paid after
its hold lapsed has to take its goods anew, and is asked about as any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.models import Place, Stage
from ashop_stock_control.items import select_by_sku
from ashop_stock_control.judging import Judge
from ashop_stock_control.ledger import Kind, move, movement, record_steps
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.takes import Row, Takes, sums

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.models import Change, Order
    from ashop_core.shop import Shop
    from ashop_core.transaction import ChangeTransaction
    from ashop_stock_control.items import ReadHandle, WriteHandle

AT_ONCE = 50
"""How many orders' holds one transaction of the timed job lets lapse."""
_CLOCKWORK = "stock_control"

_DUE = (
    "SELECT h.order_id, h.sku FROM stock_checkout_holds AS h JOIN orders AS o ON o.id = h.order_id "
    "WHERE h.lapsed = 0 AND h.expires_at <= :now AND o.placed_at IS NULL AND {these} ORDER BY h.sku, h.order_id"
)
_ALL_DUE = (
    "SELECT DISTINCT h.sku FROM stock_checkout_holds AS h JOIN orders AS o ON o.id = h.order_id "
    "WHERE h.lapsed = 0 AND h.expires_at <= :now AND o.placed_at IS NULL ORDER BY h.sku LIMIT :most"
)
_HOLD = (
    "INSERT INTO stock_checkout_holds (order_id, sku, expires_at) VALUES (:id, :sku, :expires_at) "
    "ON CONFLICT (order_id, sku) DO UPDATE SET expires_at = excluded.expires_at, lapsed = 0"
)
_LAPSED = "UPDATE stock_checkout_holds SET lapsed = 1 WHERE order_id = :id AND sku = :sku"


def are_used(flows: Flows) -> bool:
    """Tell whether some status of the checkout holds goods in this shop."""
    return any(s.stage is Stage.CHECKOUT and s.stock is Place.HELD for s in flows.statuses.values())


def due(reader: ReadHandle, skus: Iterable[str], now: str) -> list[tuple[int, str]]:
    """Return the orders, with the SKUs, whose hold on some of these has run out and not lapsed yet."""
    rows = select_by_sku(reader, _DUE, skus, column="h.sku", params={"now": now})
    return [(row["order_id"], row["sku"]) for row in rows]


def lapse(tx: WriteHandle, judge: Judge, order_id: int, sku: str, at: str) -> None:
    """Release what a checkout holds of an item and has not paid in time."""
    takes = Takes.read(tx, order_id)
    rows = [
        row
        for position in {r["position"] for r in takes.rows if r["sku"] == sku}
        for row in takes.let_go(Kind.LAPSE, position, sku, takes.held(position, sku), 0, -1, None)
    ]
    d_on_hand, d_held = sums(rows)
    moved = move(tx, judge, sku, d_on_hand, d_held, at=at, order_id=order_id) if rows else None
    written = [_lapsed(row, order_id, at) for row in rows]
    if moved is not None and written:
        record_steps(written[-1], moved)
    for values in written:
        tx.insert("stock_movements", values)
    tx.execute(_LAPSED, {"id": order_id, "sku": sku})


def _lapsed(row: Row, order_id: int, at: str) -> dict[str, Any]:
    assert row.take is not None
    return movement(
        row.sku, row.kind, row.d_on_hand, row.d_held, at=at, actor=_CLOCKWORK, cause=row.cause,
        order_id=order_id, position=row.position, origin=row.take.id,
    )  # fmt: skip


def lapse_due(shop: Shop) -> int:
    """Let every hold that has run out lapse; return of how many items' holds. The timed job."""
    judge, now, count = Judge.of(shop.plugins), to_iso(shop.clock()), 0
    while True:
        with shop.database.read() as reader:
            skus = [row["sku"] for row in reader.rows(_ALL_DUE, {"now": now, "most": AT_ONCE})]
        if not skus:
            return count
        with shop.database.write() as tx:
            tx.lock("stock_items", [{"sku": sku} for sku in skus])
            for order_id, sku in due(tx, skus, now):
                lapse(tx, judge, order_id, sku, now)
        count += len(skus)


def lapsed_skus(tx: ReadHandle, order_id: int) -> set[str]:
    """Return the SKUs of an order whose hold ran out and was let go."""
    rows = tx.rows(
        "SELECT sku FROM stock_checkout_holds WHERE order_id = :id AND lapsed = 1", {"id": order_id}
    )
    return {row["sku"] for row in rows}


def keep(tx: ChangeTransaction, order: Order, change: Change) -> None:
    """Begin the holds of a checkout that took goods, and forget those of one that moves on."""
    if tx.flows.status(change.to_status).stage is Stage.CHECKOUT:
        minutes = tx.settings.for_plugin(StockSettings).hold_minutes
        until = to_iso(change.at + timedelta(minutes=minutes))
        for sku in sorted({m.sku for m in change.moves if m.target is Place.HELD}):
            tx.execute(_HOLD, {"id": order.id, "sku": sku, "expires_at": until})
    if any(m.source is Place.HELD for m in change.moves) or change.places:
        tx.execute("DELETE FROM stock_checkout_holds WHERE order_id = :id", {"id": order.id})
