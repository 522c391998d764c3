"""Warnings of a low or oversold balance: opened and closed in the transaction that moved the balance."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ashop_stock_control.items import StockItem, WriteHandle

OVERSOLD_AT = -1

_OPEN = (
    "INSERT INTO stock_alerts (sku, kind, balance, opened_at, order_id) "
    "VALUES (:sku, :kind, :balance, :at, :order_id) ON CONFLICT DO NOTHING"
)
_CLOSE = "UPDATE stock_alerts SET closed_at = :at WHERE sku = :sku AND kind = :kind AND closed_at IS NULL"


class AlertKind(StrEnum):
    """What staff are warned of: a balance down at the item's `low`, or more sold than there is."""

    LOW = "low"
    OVERSOLD = "oversold"


def watch_low(tx: WriteHandle, item: StockItem, low: int | None, at: str) -> None:
    """Open or close the warning of a low balance after the item's `low` was changed, its balance being what it was."""
    _stand(tx, item, AlertKind.LOW, low, at)


def put_right(tx: WriteHandle, item: StockItem, low: int | None, at: str) -> None:
    """Open or close an item's warnings as its balance wants them, whatever it was before."""
    watch_low(tx, item, low, at)
    _stand(tx, item, AlertKind.OVERSOLD, OVERSOLD_AT, at)


def _stand(tx: WriteHandle, item: StockItem, kind: AlertKind, threshold: int | None, at: str) -> None:
    values = {"sku": item.sku, "kind": kind.value, "at": at}
    balance = item.balance
    if balance is not None and threshold is not None and balance <= threshold:
        tx.execute(_OPEN, {**values, "balance": balance, "order_id": None})
    else:
        tx.execute(_CLOSE, values)


def watch(
    tx: WriteHandle, item: StockItem, low: int | None, before: int | None, at: str, order_id: int | None
) -> None:
    """Open or close what a balance crosses on its way from `before`; None for an item that had none.

    Costs nothing while no threshold is crossed. An item has at most one open warning of each kind.
    """
    after = item.on_hand - item.held
    for kind, threshold in ((AlertKind.LOW, low), (AlertKind.OVERSOLD, OVERSOLD_AT)):
        if threshold is None:
            continue
        values = {"sku": item.sku, "kind": kind.value, "at": at}
        if after <= threshold and (before is None or before > threshold):
            tx.execute(_OPEN, {**values, "balance": after, "order_id": order_id})
        elif after > threshold and before is not None and before <= threshold:
            tx.execute(_CLOSE, values)
