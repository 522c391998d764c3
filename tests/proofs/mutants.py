"""Faults built in on purpose, each in a forked child that is gone afterwards: a race that misses them proves nothing.

Where a fault decides on something it has read, it pauses there until others have moved on, so that the race
is really run and not left to luck.
"""

from __future__ import annotations

import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from ashop_core.sqlite_lock import FairLock
from ashop_stock_control import items, ledger, objecting, stock
from ashop_stock_control.ledger import Moved
from tests.proofs.harness import put_in

PATIENCE = 20_000
"""How often a fault gives the processor away, at the point where it decides, before it goes on all the same."""


def without_the_file_lock() -> None:
    """Let everybody take SQLite's own lock as they can: nothing is lost, but nobody is served in turn."""
    put_in(FairLock, "acquire", lambda self: None)
    put_in(FairLock, "release", lambda self: None)


def without_begin_immediate() -> None:
    """Begin write transactions as plain `BEGIN` does: who reads first may find that others wrote meanwhile."""
    without_the_file_lock()
    put_in(sqlite3, "connect", partial(sqlite3.connect, factory=_Deferred))

    def lock_item(tx: Any, sku: str) -> Any:
        found = items.lock_item(tx, sku)
        let_others_go_first(tx._path)
        return found

    put_in(stock, "lock_item", lock_item)


class _Deferred(sqlite3.Connection):
    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return super().execute("BEGIN" if sql == "BEGIN IMMEDIATE" else sql, *parameters)


def without_the_guard_on_the_balance() -> None:
    """Read the figures before the transaction, reckon in Python, and write what came out."""
    seen: dict[str, Any] = {}
    original = objecting.objections

    def objections(shop: Any, order: Any, change: Any) -> Any:
        with shop.database.read() as reader:
            seen.update(items.find_items(reader, [line.sku for line in order.lines]))
        if change.moves:
            let_others_go_first(shop.database.path)
        return original(shop, order, change)

    def shift(tx: Any, sku: str, d_on_hand: int, d_held: int, guard: Any = None) -> Moved | None:
        item = seen[sku]
        if guard is not None and item.status not in guard.statuses:
            return None
        row = tx.row(
            "UPDATE stock_items SET on_hand = :on_hand, held = :held WHERE sku = :sku RETURNING *",
            {"sku": sku, "on_hand": item.on_hand + d_on_hand, "held": item.held + d_held},
        )
        return Moved(items.item_of(row), item.on_hand - item.held, item.status)

    put_in(objecting, "objections", objections)
    put_in(ledger, "shift", shift)


def let_others_go_first(file: Path) -> None:
    """Wait until somebody else has committed to the file; give up when nobody does."""
    if file not in _watchers:
        _watchers[file] = sqlite3.connect(file)
    watcher = _watchers[file]
    before = watcher.execute("PRAGMA data_version").fetchone()
    for _ in range(PATIENCE):
        if watcher.execute("PRAGMA data_version").fetchone() != before:
            return
        os.sched_yield()


_watchers: dict[Path, sqlite3.Connection] = {}
