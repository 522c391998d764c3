"""Whether an order that could not be refused is still short: asked again, as if it came to the stock only now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_stock_control.checkout_holds import without
from ashop_stock_control.items import find_items
from ashop_stock_control.judging import Judge
from ashop_stock_control.objecting import reasons_against

if TYPE_CHECKING:
    from ashop_core.errors import Problem
    from ashop_core.models import Order
    from ashop_core.shop import Shop

_ACTOR = "stock_control"

# What others hold who took after the order did: they stand behind it in the line.
_BEHIND = """
SELECT m.sku, CAST(SUM(m.d_held) AS BIGINT) AS held FROM stock_movements AS m JOIN (
    SELECT sku, MAX(id) AS take FROM stock_movements
    WHERE order_id = :id AND origin IS NULL AND d_held > 0 GROUP BY sku
) AS mine ON mine.sku = m.sku
WHERE m.id > mine.take AND COALESCE(m.origin, m.id) > mine.take AND m.order_id <> :id
GROUP BY m.sku
"""


def still_short(shop: Shop, order: Order) -> list[Problem]:
    """Return what speaks against each item that an order holds, asked as if it came now and stood first in line.

    Its goods are thought back on the shelf, and so are those of whoever took after it. Nothing is returned once
    enough has come in for it, or when it holds nothing; stock statuses, policies and rules are the present ones.
    """
    held: dict[str, int] = {}
    for line in order.lines:
        if line.held:
            held[line.sku] = held.get(line.sku, 0) + line.held
    if not held or not order.moves_stock:
        return []
    judge = Judge.of(shop.plugins)
    with shop.database.read() as reader:
        behind = {row["sku"]: row["held"] for row in reader.rows(_BEHIND, {"id": order.id})}
        items = {
            sku: without(judge, item, held[sku] + behind.get(sku, 0))
            for sku, item in find_items(reader, held).items()
        }
        return reasons_against(shop, reader, order, items, held, actor=_ACTOR, now=shop.clock())
