"""What `ashop doctor` looks at in the stock. Each check is a query that must return nothing.

The codes name the project's invariants: S4, the ledger adds up to the figures; S5, what is held is held by
an order; S9, figures are whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.errors import Problem
from ashop_core.texts import Text
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ashop_core.shop import Shop
    from ashop_core.storage import Reader

_MOST = 20

_CHECKS = (
    (
        "S4",
        "SELECT i.sku AS name, i.on_hand AS a, CAST(COALESCE(SUM(m.d_on_hand), 0) AS BIGINT) AS b, "
        "i.held AS c, CAST(COALESCE(SUM(m.d_held), 0) AS BIGINT) AS d "
        "FROM stock_items AS i LEFT JOIN stock_movements AS m ON m.sku = i.sku "
        "GROUP BY i.sku, i.on_hand, i.held "
        "HAVING i.on_hand <> COALESCE(SUM(m.d_on_hand), 0) OR i.held <> COALESCE(SUM(m.d_held), 0)",
        Text(
            "{name}: på hyllan {a} och hållet {c}, men rörelserna ger {b} och {d}",
            "{name}: on hand {a} and held {c}, but the movements make {b} and {d}",
        ),
    ),
    (
        "S5",
        "SELECT i.sku AS name, i.held AS a, COALESCE(h.held, 0) AS b, 0 AS c, 0 AS d "
        "FROM stock_items AS i LEFT JOIN ("
        "SELECT l.sku, CAST(SUM(l.held) AS BIGINT) AS held FROM order_lines AS l "
        "JOIN orders AS o ON o.id = l.order_id WHERE o.moves_stock = 1 AND l.held > 0 GROUP BY l.sku"
        ") AS h ON h.sku = i.sku WHERE i.tracked = 1 AND i.held <> COALESCE(h.held, 0)",
        Text(
            "{name}: {a} är hållna, men ordrarnas rader håller {b}",
            "{name}: {a} are held, but the lines of orders hold {b}",
        ),
    ),
    (
        "S5",
        "SELECT m.sku AS name, o.reference AS a, CAST(SUM(m.d_held) AS BIGINT) AS b, "
        "COALESCE(l.held, 0) AS c, m.position AS d FROM stock_movements AS m "
        "JOIN orders AS o ON o.id = m.order_id "
        "LEFT JOIN order_lines AS l ON l.order_id = m.order_id AND l.position = m.position AND l.sku = m.sku "
        "GROUP BY m.sku, m.order_id, o.reference, m.position, l.held "
        "HAVING SUM(m.d_held) <> COALESCE(l.held, 0)",
        Text(
            "{name}: rörelserna håller {b} för {a} rad {d}, men raden håller {c}",
            "{name}: the movements hold {b} for {a} line {d}, but the line holds {c}",
        ),
    ),
)


def problems(shop: Shop) -> list[Problem]:
    """Return everything that is wrong with the stock's own data."""
    with shop.database.read() as reader:
        return [*_found(reader), *_unknown_statuses(shop, reader)]


def _found(reader: Reader) -> Iterator[Problem]:
    for code, sql, words in _CHECKS:
        for row in reader.rows(f"{sql} LIMIT {_MOST}"):
            text = words.fill(name=row["name"], a=row["a"], b=row["b"], c=row["c"], d=row["d"])
            yield Problem(code, Text(f"[{code}] {text.sv}", f"[{code}] {text.en}"))


def _unknown_statuses(shop: Shop, reader: Reader) -> Iterator[Problem]:
    known = shop.settings.for_plugin(StockSettings).stock_statuses
    for row in reader.rows("SELECT status, COUNT(*) AS n FROM stock_items GROUP BY status"):
        if row["status"] not in known:
            yield Problem(
                "unknown_stock_status",
                Text(
                    "{n} artiklar har lagerstatusen {code}, som inställningarna inte känner och ingen kan köpa: "
                    "lägg tillbaka [plugins.stock_control.statuses.{code}]",
                    "{n} items have the stock status {code}, which the settings do not know and nobody can buy: "
                    "put [plugins.stock_control.statuses.{code}] back",
                ).fill(n=row["n"], code=row["status"]),
            )
