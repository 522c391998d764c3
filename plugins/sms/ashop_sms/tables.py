"""The tables in which SMS are counted: one row for each that may have left, and the sums of each day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.models import Order
from ashop_core.tables import Index, Migration, Table, integer, text

if TYPE_CHECKING:
    from ashop_core.transaction import ChangeTransaction

SENDINGS = Table(
    name="sms_sendings",
    columns=(
        integer("message_id"),
        integer("copy"),
        integer("order_id", references="orders.id"),
        text("number", default=""),
        text("prefix", default=""),
        text("at"),
        text("day"),
    ),
    key=("message_id", "copy"),
    indexes=(
        Index(name="sms_sendings_by_number", columns=("number", "at")),
        Index(name="sms_sendings_by_prefix", columns=("prefix", "at")),
        Index(name="sms_sendings_by_order", columns=("order_id",)),
    ),
)
DAYS = Table(
    name="sms_days",
    columns=(text("day"), integer("sendings", default=0), integer("cost", default=0)),
    key=("day",),
)

MIGRATIONS = (Migration(name="m001_sendings", create=(SENDINGS, DAYS)),)


def forget(tx: ChangeTransaction, order: Order) -> None:
    """Forget where an order's SMS went; the days keep their sums."""
    tx.execute("DELETE FROM sms_sendings WHERE order_id = :id", {"id": order.id})
