"""Faults in the stock that a crash brings to light, built in on purpose in a forked child."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ashop_core import settings_file
from ashop_core.clock import to_iso
from ashop_core.shop import Shop
from ashop_stock_control import by_hand, checkout_holds, ledger, stock
from ashop_stock_control.judging import Judge
from tests.proofs.harness import put_in

Fault = Callable[[], object]


def lapsed_before_it_is_released() -> None:
    """Mark every hold as lapsed in a transaction of its own, and release the goods in another."""

    def lapse_due(shop: Shop) -> None:
        judge, now = Judge.of(shop.plugins), to_iso(shop.clock())
        with shop.database.write() as tx:
            due = tx.rows(
                "UPDATE stock_checkout_holds SET lapsed = 1 WHERE lapsed = 0 RETURNING order_id, sku"
            )
        with shop.database.write() as tx:
            for row in due:
                checkout_holds._release(tx, judge, row["order_id"], row["sku"], now)

    put_in(checkout_holds, "lapse_due", lapse_due)


def noted_before_it_is_received() -> None:
    """Write the movement with its key first, and put the goods on the shelf in another transaction."""
    receive, shift = stock.receive, ledger.shift

    def noted(shop: Shop, sku: str, quantity: int, **given: Any) -> Any:
        put_in(by_hand, "shift", lambda tx, sku, *_, **__: shift(tx, sku, 0, 0))
        outcome = receive(shop, sku, quantity, **given)
        put_in(by_hand, "shift", shift)
        with shop.database.write() as tx:
            shift(tx, sku, quantity, 0)
        return outcome

    put_in(stock, "receive", noted)


def file_written_in_place() -> None:
    """Write the settings over the old ones, as an editor would, and not beside them."""

    def write(path: Path, data: bytes, **_: object) -> None:
        with path.open("wb") as file:
            os.fsync(file.fileno())
            file.write(data)

    put_in(settings_file, "write_atomically", write)
