"""Where a process may die: what has SQLite tell of every statement, every few steps within one, every commit."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count, repeat
from pathlib import Path
from typing import Any

from ashop_core import sqlite_connections, sqlite_transactions
from ashop_core.sqlite_transactions import WriteTransaction
from tests.proofs.harness import kill_me, put_in

STEPS = 12

Arm = Callable[[sqlite3.Connection, Callable[[], None]], None]
"""Has a connection call a function whenever it comes to a point where the process may die."""


def at_statements(connection: sqlite3.Connection, hit: Callable[[], None]) -> None:
    """Before every statement, BEGIN and COMMIT among them."""
    connection.set_trace_callback(lambda _: hit())


def at(statement: str) -> Arm:
    """Before every statement that begins like this: where a fault is known to decide."""

    def arm(connection: sqlite3.Connection, hit: Callable[[], None]) -> None:
        connection.set_trace_callback(lambda sql: hit() if sql.lstrip().startswith(statement) else None)

    return arm


def at_steps(connection: sqlite3.Connection, hit: Callable[[], None]) -> None:
    """Within statements, every dozen steps of SQLite's machine."""
    connection.set_progress_handler(hit, STEPS)


def at_files(connection: sqlite3.Connection, hit: Callable[[], None]) -> None:
    """Before every statement, and before and after each step by which a file is put in another's place."""
    at_statements(connection, hit)
    if not _file_steps:
        _file_steps.append(hit)
        for owner, name in ((os, "fdopen"), (os, "fsync"), (os, "fchmod"), (Path, "replace")):
            before(owner, name, hit)
            after(owner, name, hit)


_file_steps: list[Callable[[], None]] = []
"""What is called at a step of a file, once in a process."""


class Fuse:
    """Kills this process at the n-th point from when it is lit (never at the 0th).

    Points are those of every connection that is opened from now on.
    """

    def __init__(self, arm: Arm, point: int) -> None:
        self._points: Iterator[int] = repeat(-1)
        on_connect(
            lambda connection: arm(connection, lambda: kill_me() if next(self._points) == point else None)
        )

    def light(self) -> None:
        """Begin to count."""
        self._points = count(1)


def on_connect(then: Callable[[sqlite3.Connection], None]) -> None:
    """Have every connection that a shop of this process opens pass through `then`."""
    original = sqlite_connections.connect

    def connect(path: Path, **options: Any) -> sqlite3.Connection:
        connection = original(path, **options)
        then(connection)
        return connection

    put_in(sqlite_transactions, "connect", connect)


def on_commit(then: Callable[[], object]) -> None:
    """Have `then` called in this process whenever a write transaction has committed and its caller goes on."""
    original = WriteTransaction.__exit__

    def leave(self: WriteTransaction, kind: Any, error: Any, trace: Any) -> None:
        original(self, kind, error, trace)
        if kind is None:
            then()

    put_in(WriteTransaction, "__exit__", leave)


def before(owner: Any, name: str, then: Callable[[], object]) -> None:
    """Have `then` called in this process before each call of a function."""
    original = getattr(owner, name)

    def noted(*arguments: Any) -> Any:
        then()
        return original(*arguments)

    put_in(owner, name, noted)


def after(owner: Any, name: str, then: Callable[[], object]) -> None:
    """Have `then` called in this process after each call of a function that returned."""
    original = getattr(owner, name)

    def noted(*arguments: Any) -> Any:
        result = original(*arguments)
        then()
        return result

    put_in(owner, name, noted)
