"""Where the stock does not add up: queries that must return nothing, for `health` to tell of and `repairs` to mend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ashop_core.models import Place, Stage
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

SUMS = (
    "SELECT i.sku AS name, i.on_hand, i.held, i.tracked, i.ledger_on_hand, i.ledger_held FROM ("
    "SELECT s.sku, s.on_hand, s.held, s.tracked, "
    "COALESCE(m.on_hand, 0) AS ledger_on_hand, COALESCE(m.held, 0) AS ledger_held FROM stock_items AS s LEFT JOIN ("
    "SELECT sku, CAST(SUM(d_on_hand) AS BIGINT) AS on_hand, CAST(SUM(d_held) AS BIGINT) AS held "
    "FROM stock_movements GROUP BY sku) AS m ON m.sku = s.sku) AS i "
    "WHERE (i.on_hand <> i.ledger_on_hand OR i.held <> i.ledger_held) AND i.tracked = {tracked} ORDER BY i.sku"
)

LINE = (
    # what an order's line holds, unless it moves no stock, or is a checkout's whose time ran out
    "CASE WHEN o.moves_stock = 0 OR o.status IN ({closed}) OR (o.placed_at IS NULL AND EXISTS ("
    "SELECT 1 FROM stock_checkout_holds AS h WHERE h.order_id = o.id AND h.sku = l.sku AND h.lapsed = 1)) "
    "THEN 0 ELSE l.held END AS line_held, CASE WHEN o.moves_stock = 0 THEN 0 ELSE l.gone END AS line_gone "
    "FROM order_lines AS l JOIN orders AS o ON o.id = l.order_id"
)

LINES = (
    "SELECT g.sku AS name, g.order_id, g.position, g.held, g.gone, g.line_held, g.line_gone, "
    "COALESCE(CAST(o.number AS TEXT), o.reference) AS reference FROM ("
    "SELECT b.sku, b.order_id, b.position, CAST(SUM(b.d_held) AS BIGINT) AS held, "
    "CAST(-SUM(b.d_on_hand) AS BIGINT) AS gone, CAST(SUM(b.line_held) AS BIGINT) AS line_held, "
    "CAST(SUM(b.line_gone) AS BIGINT) AS line_gone FROM ("
    "SELECT sku, order_id, position, d_held, d_on_hand, 0 AS line_held, 0 AS line_gone FROM stock_movements "
    "WHERE order_id IS NOT NULL "
    "UNION ALL SELECT l.sku, l.order_id, l.position, 0, 0, {line} WHERE l.held > 0 OR l.gone > 0"
    ") AS b GROUP BY b.sku, b.order_id, b.position "
    "HAVING SUM(b.d_held) <> SUM(b.line_held) OR -SUM(b.d_on_hand) > SUM(b.line_gone)"
    ") AS g JOIN stock_items AS i ON i.sku = g.sku AND i.tracked = 1 LEFT JOIN orders AS o ON o.id = g.order_id "
    "ORDER BY g.sku, g.order_id, g.position"
)

TAKES = (
    "SELECT g.sku AS name, g.order_id, g.position, g.root, g.held, g.gone, "
    "CASE WHEN g.taken IS NULL THEN 1 ELSE 0 END AS torn, COALESCE(CAST(o.number AS TEXT), o.reference) AS reference FROM ("
    "SELECT c.sku, c.order_id, c.position, c.root, CAST(SUM(c.d_held) AS BIGINT) AS held, "
    "CAST(-SUM(c.d_on_hand) AS BIGINT) AS gone, r.d_held AS taken, r.d_on_hand AS shelf, "
    "CASE WHEN r.origin IS NULL AND r.sku = c.sku AND r.order_id = c.order_id "
    "AND (r.position = c.position OR (r.position IS NULL AND c.position IS NULL)) THEN 1 ELSE 0 END AS own "
    "FROM (SELECT sku, order_id, position, COALESCE(origin, id) AS root, d_held, d_on_hand FROM stock_movements "
    "WHERE order_id IS NOT NULL OR origin IS NOT NULL) AS c LEFT JOIN stock_movements AS r ON r.id = c.root "
    "GROUP BY c.root, c.sku, c.order_id, c.position, r.d_held, r.d_on_hand, r.origin, r.sku, r.order_id, r.position"
    ") AS g JOIN stock_items AS i ON i.sku = g.sku AND i.tracked = 1 LEFT JOIN orders AS o ON o.id = g.order_id "
    "WHERE g.taken IS NULL OR (g.own = 0 AND (g.held <> 0 OR g.gone <> 0)) OR (g.own = 1 AND g.taken <= 0 AND g.held <> 0) "
    "OR (g.own = 1 AND g.taken > 0 AND (g.held < 0 OR g.held + g.gone > g.taken - g.shelf "
    "OR g.gone < CASE WHEN g.shelf > 0 THEN -g.shelf ELSE 0 END)) ORDER BY g.sku, g.order_id, g.position, g.root"
)

NEVER_COUNTED = (
    "SELECT i.sku AS name FROM stock_items AS i WHERE i.tracked = 1 AND NOT EXISTS ("
    "SELECT 1 FROM stock_movements AS m WHERE m.sku = i.sku AND m.kind IN ('receive', 'adjust', 'count')) "
    "ORDER BY i.sku"
)

STALE_HOLDS = (
    "SELECT h.sku AS name, h.order_id, COALESCE(CAST(o.number AS TEXT), o.reference) AS reference "
    "FROM stock_checkout_holds AS h "
    "LEFT JOIN orders AS o ON o.id = h.order_id "
    "WHERE o.id IS NULL OR o.placed_at IS NOT NULL OR NOT EXISTS ("
    "SELECT 1 FROM order_lines AS l WHERE l.order_id = h.order_id AND l.sku = h.sku AND l.held > 0) "
    "ORDER BY h.sku, h.order_id"
)

ENDLESS_HOLDS = (
    "SELECT DISTINCT l.sku AS name, l.order_id, COALESCE(CAST(o.number AS TEXT), o.reference) AS reference FROM orders AS o "
    "JOIN order_lines AS l ON l.order_id = o.id JOIN stock_items AS i ON i.sku = l.sku AND i.tracked = 1 "
    "WHERE o.status IN ({checkout}) AND o.moves_stock = 1 AND l.held > 0 AND NOT EXISTS ("
    "SELECT 1 FROM stock_checkout_holds AS h WHERE h.order_id = l.order_id AND h.sku = l.sku) "
    "ORDER BY l.sku, l.order_id"
)

CLOSED_LINES = (
    "SELECT l.sku AS name, COALESCE(CAST(o.number AS TEXT), o.reference) AS reference, "
    "o.status, l.position, l.held FROM orders AS o "
    "JOIN order_lines AS l ON l.order_id = o.id "
    "WHERE o.status IN ({closed}) AND o.moves_stock = 1 AND l.held > 0 ORDER BY l.order_id, l.position"
)

WARNINGS = (
    "SELECT i.sku AS name, i.on_hand - i.held AS balance, CASE WHEN a.id IS NULL THEN 0 ELSE 1 END AS is_open "
    "FROM stock_items AS i LEFT JOIN stock_alerts AS a ON a.sku = i.sku AND a.kind = :kind AND a.closed_at IS NULL "
    "WHERE (a.id IS NULL AND i.tracked = 1 AND i.on_hand - i.held <= {limit}) "
    "OR (a.id IS NOT NULL AND (i.tracked = 0 OR {limit} IS NULL OR i.on_hand - i.held > {limit})) ORDER BY i.sku"
)


def lines_sql(shop: Shop) -> str:
    """Return the query for the order lines whose movements do not add up to them."""
    return LINES.format(line=line_sql(shop))


def line_sql(shop: Shop) -> str:
    """Return the end of a query for what an order's line holds and has sent: ``line_held`` and ``line_gone``."""
    return LINE.format(closed=closed(shop))


def closed(shop: Shop) -> str:
    """Return, for SQL, the statuses in which an order ends and holds nothing: whatever its lines say is not acted on."""
    statuses = shop.flows.statuses.values()
    return _codes(s.code for s in statuses if s.final and s.stock in (Place.FREE, Place.GONE))


def endless_holds_sql(shop: Shop) -> str:
    """Return the query for the checkouts that hold goods without an expiry."""
    statuses = shop.flows.statuses.values()
    return ENDLESS_HOLDS.format(checkout=_codes(s.code for s in statuses if s.stage is Stage.CHECKOUT))


def _codes(codes: Iterator[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes) or "NULL"


def warning_limits(shop: Shop) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each kind of warning, as SQL on the item ``i``, the balance at which it is open, and parameters."""
    settings = shop.settings.for_plugin(StockSettings)
    params: dict[str, Any] = {"low": settings.low}
    low = ""
    for n, (code, table) in enumerate(settings.groups.items()):
        if table.low is not None:
            params |= {f"group_{n}": code, f"low_{n}": table.low}
            low += f" WHEN :group_{n} THEN :low_{n}"
    low = f"COALESCE(i.low, CASE i.item_group{low} ELSE :low END)" if low else "COALESCE(i.low, :low)"
    return {"oversold": ("-1", {}), "low": (low, params)}
