"""The two transactions a thread has on a SQLite file: a snapshot to read from, and the change under the lock."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import current_thread
from types import TracebackType
from typing import Final

from ashop_core.errors import StorageError
from ashop_core.sqlite_connections import Guard, abandon, connect
from ashop_core.sqlite_errors import storage_error
from ashop_core.sqlite_handles import SQLiteReader, SQLiteWriter
from ashop_core.sqlite_lock import FairLock, Watchdog
from ashop_core.texts import Text

_NESTED: Final = Text(
    "En ändring av {file} pågår redan i den här tråden; läs och skriv genom den i stället för att öppna en till.",
    "A change of {file} is under way in this thread; read and write through it instead of opening another.",
)


class ReadTransaction:
    """A thread's snapshot, opened as often as needed; one inside another sees the same rows."""

    def __init__(self, path: Path, owner: object) -> None:
        self._path = path
        self._owner = owner  # not collected, and so not missed by a fork, while somebody reads
        self._connection: sqlite3.Connection | None = None
        self._handle: SQLiteReader
        self._depth = 0

    def __enter__(self) -> SQLiteReader:
        if self._depth == 0:
            connection = self._connection or self._open()
            try:
                connection.execute("BEGIN")
            except sqlite3.Error as error:
                raise storage_error(error, self._path) from error
        self._depth += 1
        return self._handle

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0 and self._connection is not None:
            try:
                self._connection.rollback()
            except sqlite3.Error:
                self.close()  # somebody else closed it; the next read opens another

    @property
    def active(self) -> bool:
        """Tell whether the snapshot is open."""
        return self._depth > 0

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def abandon(self) -> None:
        """Let go of a connection that belongs to the parent process."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._handle.disown()
            abandon(connection, self._path)

    def _open(self) -> sqlite3.Connection:
        connection = connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        self._handle = SQLiteReader(connection, self._path)
        self._connection = connection
        return connection


class WriteTransaction:
    """A thread's change, opened as often as needed: commits at the end, or rolls back after an exception."""

    def __init__(self, path: Path, watchdog: Watchdog, synchronous: str, owner: object) -> None:
        self.active = False
        self._path = path
        self._owner = owner  # not collected, and so not missed by a fork, while somebody writes
        self._synchronous = synchronous
        self._lock = FairLock(watchdog)
        self._guard = Guard()
        self._connection: sqlite3.Connection | None = None
        self._handle: SQLiteWriter

    def __enter__(self) -> SQLiteWriter:
        if self.active:
            self.ensure_none()
        connection = self._connection or self._open()
        try:
            self._lock.acquire()
            self._guard.lifted = True
            connection.execute("BEGIN IMMEDIATE")
            self.active = True
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error
        finally:
            self._guard.lifted = False
            if not self.active:
                self._lock.release()  # also where Ctrl-C came just after the lock
        return self._handle

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._commit()
            else:
                self._roll_back()
        finally:
            self.active = False
            self._lock.release()

    @property
    def opened(self) -> bool:
        """Tell whether there is a connection."""
        return self._connection is not None

    def ensure_none(self) -> None:
        """Raise StorageError while the transaction is open."""
        if self.active:
            raise StorageError(_NESTED.fill(file=self._path))

    def close(self) -> None:
        """Close the connection, if there is one, and give the key to the lock back."""
        self._drop()
        self._lock.close()

    def abandon(self) -> None:
        """Let go of a connection that belongs to the parent process, and of its key without unlocking."""
        self._lock.close()
        connection, self._connection = self._connection, None
        if connection is not None:
            self._handle.disown()
            abandon(connection, self._path)

    def _open(self) -> sqlite3.Connection:
        connection = connect(self._path)
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        # Without it REPLACE deletes rows of append-only tables behind the back of their triggers.
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.set_authorizer(self._guard)
        self._handle = SQLiteWriter(connection, self._path)
        self._connection = connection
        return connection

    def _commit(self) -> None:
        try:
            self._handle.ensure_open()
            self._end(commit=True)
        except sqlite3.Error as error:
            self._roll_back()
            raise storage_error(error, self._path) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        try:
            self._end(commit=False)
        except sqlite3.Error:
            # Somebody closed it, or the disk is gone. Without a connection nothing is kept either.
            self._drop()

    def _end(self, *, commit: bool) -> None:
        connection = self._connection
        if connection is None:
            return
        self._guard.lifted = True
        try:
            if commit:
                connection.commit()
            else:
                connection.rollback()
        finally:
            self._guard.lifted = False

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Session:
    """What one thread has on the file."""

    def __init__(self, path: Path, watchdog: Watchdog, synchronous: str, owner: object) -> None:
        self.thread = current_thread()
        self.reading = ReadTransaction(path, owner)
        self.writing = WriteTransaction(path, watchdog, synchronous, owner)

    @property
    def active(self) -> bool:
        """Tell whether the thread is inside a transaction."""
        return self.reading.active or self.writing.active

    def close(self) -> None:
        """Close both connections."""
        self.reading.close()
        self.writing.close()

    def abandon(self) -> None:
        """Leave both connections to the parent process."""
        self.reading.abandon()
        self.writing.abandon()
