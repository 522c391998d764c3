"""Orders for timed jobs, read a batch at a time by the key of the last one, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ashop_core.models import Order
from ashop_core.orders import load_order_by_id
from ashop_core.storage import Database

BATCH = 500


def each_order(database: Database, column: str, where: str, params: Mapping[str, Any]) -> Iterator[Order]:
    """Yield the orders (``o``) that a condition holds for, in the order of `column` and id.

    `column` is a text column of theirs that an index begins with, beside what `where` asks to be equal.
    What is changed on the way does not come again, and what refuses to change hides nothing behind it.
    """
    sql = (
        f"SELECT o.id, o.{column} AS at FROM orders AS o WHERE {where} AND (o.{column}, o.id) > (:key, :after) "  # noqa: S608
        f"ORDER BY o.{column}, o.id LIMIT :most"
    )
    key, after = "", 0
    while True:
        with database.read() as reader:
            rows = reader.rows(sql, {**params, "key": key, "after": after, "most": BATCH})
            orders = [load_order_by_id(reader, row["id"]) for row in rows]
        yield from orders
        if len(orders) < BATCH:
            return
        key, after = rows[-1]["at"], rows[-1]["id"]
