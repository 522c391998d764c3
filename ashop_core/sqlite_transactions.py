"""The two transactions of a thread on a SQLite shop: a snapshot to read from, and the one change at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

from ashop_core.errors import StorageError
from ashop_core.sqlite_errors import storage_error
from ashop_core.sqlite_handles import SQLiteReader, SQLiteWriter
from ashop_core.sqlite_lock import FairLock
from ashop_core.texts import Text

_NESTED: Final = Text(
    "En ändring av {file} pågår redan i den här tråden; läs och skriv genom den i stället för att öppna en till.",
    "A change of {file} is under way in this thread; read and write through it instead of opening another.",
)
_ROWS_ONLY: Final = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_DELETE,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Return a connection that leaves transactions to the caller; `mode` ``rwc`` makes the file if need be."""
    try:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            timeout=10.0,
            isolation_level=None,
            cached_statements=512,
            check_same_thread=False,  # so that close() can close those of all threads
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # the first look at the file
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    return connection


class Snapshot:
    """The read transaction of one thread; one within another sees the same rows."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._handle = SQLiteReader(connection, path)
        self._depth = 0
        connection.execute("PRAGMA query_only = ON")

    @property
    def idle(self) -> bool:
        """Tell whether nothing is being read."""
        return self._depth == 0

    def __enter__(self) -> SQLiteReader:
        if self._depth == 0:
            try:
                self.connection.execute("BEGIN")
            except sqlite3.Error as error:
                raise storage_error(error, self._path) from error
        self._depth += 1
        return self._handle

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.connection.rollback()


class Change:
    """The write transaction of one thread: takes the lock, commits at the end, rolls back after an exception."""

    def __init__(self, connection: sqlite3.Connection, path: Path, lock: FairLock, synchronous: str) -> None:
        self.connection = connection
        self.active = False
        self._lock = lock
        self._path = path
        self._handle = SQLiteWriter(connection, path)
        self._guard = _Guard()
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        # Without it REPLACE would delete rows of append-only tables behind their triggers.
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.set_authorizer(self._guard)

    def ensure_none(self) -> None:
        """Raise StorageError while the transaction is open."""
        if self.active:
            raise StorageError(_NESTED.fill(file=self._path))

    def __enter__(self) -> SQLiteWriter:
        if self.active:
            self.ensure_none()
        self._lock.acquire()
        try:
            self._guard.lifted = True
            self.connection.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            self._lock.release()
            raise storage_error(error, self._path) from error
        finally:
            self._guard.lifted = False
        self.active = True
        return self._handle

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if kind is None:
                self._commit()
            else:
                self._rollback()
        finally:
            self.active = False
            self._lock.release()
