"""The shop's store in one SQLite file: many readers, one writer at a time, each in its turn."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from ashop_core import sqlite_migrations, sqlite_search
from ashop_core.errors import InvalidInput, StorageError
from ashop_core.sqlite_connections import connect
from ashop_core.sqlite_copy import copy_database, remove_database, sync, write_into
from ashop_core.sqlite_errors import ensure_place, storage_error
from ashop_core.sqlite_lock import FairLock, Watchdog
from ashop_core.sqlite_transactions import ReadTransaction, Session, WriteTransaction
from ashop_core.storage import Writer
from ashop_core.tables import Migration
from ashop_core.texts import Text

SYNCHRONOUS: Final = ("FULL", "NORMAL", "OFF")

_BACKPORTS: Final[dict[tuple[int, ...], tuple[int, ...]]] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
_SYNCHRONOUS: Final = Text(
    "”{value}” går inte för synchronous. Välj {choices}.",
    "“{value}” will not do for synchronous. Choose {choices}.",
)
_NO_WAL: Final = Text(
    "{file} kan inte läsas och skrivas samtidigt där den ligger (WAL går inte). Lägg den på en lokal disk.",
    "{file} cannot be read and written at once where it is (no WAL). Put it on a local disk.",
)
_TARGET_EXISTS: Final = Text(
    "{file} finns redan och skrivs inte över. Välj ett annat namn.",
    "{file} exists and is not overwritten. Choose another name.",
)
_TARGET_FAILED: Final = Text(
    "Säkerhetskopian {file} kan inte skrivas ({reason}).", "The backup {file} cannot be written ({reason})."
)


class SQLiteDatabase:
    """A store in one file; implements `storage.Database`.

    Beside the file lie ``<file>-wal`` and ``<file>-shm``, which are part of it, and ``<file>.queue`` and
    ``<file>.lock`` for those who write, the first line of which names the process that did so last.
    `synchronous` is SQLite's: FULL survives a power cut; NORMAL and OFF are for tests and measurements.
    """

    def __init__(self, path: Path | str, *, synchronous: str = "FULL") -> None:
        if synchronous not in SYNCHRONOUS:
            raise InvalidInput(_SYNCHRONOUS.fill(value=synchronous, choices=", ".join(SYNCHRONOUS)))
        self.path = Path(path).resolve()
        self._synchronous = synchronous
        self._watchdog = Watchdog(self.path)
        self._local = _PerThread()
        self._sessions: list[Session] = []
        self._mutex = threading.Lock()
        _databases.add(self)
        weakref.finalize(self, self._watchdog.stop)

    def read(self) -> ReadTransaction:
        """Open a snapshot to read from; inside a `read()` of the same thread, the same one."""
        session = self._local.session or self._join()
        if session.writing.active:
            session.writing.ensure_none()
        return session.reading

    def write(self) -> WriteTransaction:
        """Open the write transaction, when it is this thread's turn."""
        return (self._local.session or self._join()).writing

    def migrate(self, migrations: Mapping[str, tuple[Migration, ...]]) -> list[str]:
        """Bring every set of tables up to date, making the file if need be; return the steps that were run."""
        sets = {**sqlite_migrations.OWN, **migrations}
        ensure_place(self.path)
        if self.path.exists():
            with self.read() as reader:
                if not sqlite_migrations.pending(reader, sets):
                    return []
        with self.locked():
            return self._migrate(sets)

    def check(self) -> list[str]:
        """Return what SQLite's integrity and foreign key checks complain about; empty when sound."""
        try:
            connection = connect(self.path)
        except StorageError as error:
            return [error.text.en]
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            loose = connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.Error as error:
            return [storage_error(error, self.path).text.en]
        finally:
            connection.close()
        return found + [f"{row[0]}: row {row[1]} refers to a missing row of {row[2]}" for row in loose]

    def purge_search(self) -> int:
        """Merge every search index to the end, so that words erased from its table are no longer in it."""
        with self.read() as reader:
            indexes = sqlite_search.indexes(reader)
        return sum(self._purge(index) for index in indexes)

    def backup(self, target: Path, finish: Callable[[Writer], None] | None = None) -> None:
        """Write a copy as of now to a new file, while the shop goes on; nothing there on failure.

        `finish` writes to the copy before it gets its name.
        """
        if target.exists():
            raise StorageError(_TARGET_EXISTS.fill(file=target))
        partial = target.with_name(target.name + ".partial")
        try:
            copy_database(self.path, partial)
            if finish is not None:
                write_into(partial, finish)
            partial.rename(target)
            sync(target.parent)
        except OSError as error:
            raise StorageError(_TARGET_FAILED.fill(file=target, reason=error.strerror)) from error
        finally:
            remove_database(partial)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every writer out, of this process and of others, without a transaction of one's own."""
        if self._local.session is not None:
            self._local.session.writing.ensure_none()
        lock = FairLock(self._watchdog)
        try:
            lock.acquire()
            yield
        finally:
            lock.release()
            lock.close()

    def close(self) -> None:
        """Close every connection of this process, once no write is under way; the next use opens new ones.

        Other threads must have ended their reads.
        """
        if any(session.writing.opened for session in self._sessions):
            with self.locked():
                self._close_sessions()
        else:
            self._close_sessions()
        self._watchdog.stop()

    def _purge(self, index: str) -> int:
        for step in count():
            with self.write() as tx:
                if not sqlite_search.purge(tx, index, begin=step == 0):
                    return step + 1
        raise AssertionError

    def _join(self) -> Session:
        session = Session(self.path, self._watchdog, self._synchronous, self)
        with self._mutex:
            for old in [s for s in self._sessions if not s.thread.is_alive()]:
                old.close()
                self._sessions.remove(old)
            self._sessions.append(session)
        self._local.session = session
        return session

    def _migrate(self, sets: sqlite_migrations.Sets) -> list[str]:
        connection = connect(self.path, mode="rwc")
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise StorageError(_NO_WAL.fill(file=self.path))
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            return sqlite_migrations.migrate(connection, sets)
        except sqlite3.Error as error:
            raise storage_error(error, self.path) from error
        finally:
            connection.close()

    def _close_sessions(self) -> None:
        with self._mutex:
            sessions, self._sessions = self._sessions, []
            self._local = _PerThread()
        for session in sessions:
            session.close()

    def _before_fork(self) -> None:
        # What is closed cannot be inherited; why that matters: sqlite_connections.abandon.
        if not self._watchdog.waiting:
            self._watchdog.stop()
        with self._mutex:
            for session in self._sessions:
                mine = session.thread is threading.current_thread() or not session.thread.is_alive()
                if mine and not session.active:
                    session.close()

    def _after_fork(self) -> None:
        self._mutex = threading.Lock()
        self._watchdog.forget()
        sessions, self._sessions = self._sessions, []
        self._local = _PerThread()
        for session in sessions:
            session.abandon()


class _PerThread(threading.local):
    session: Session | None = None


def unsafe_version(version: tuple[int, ...]) -> bool:
    """Tell whether this version of SQLite can corrupt a WAL file: 3.7.0 to 3.51.2, but for two backports."""
    fixed = _BACKPORTS.get(version[:2])
    return (3, 7, 0) <= version < (3, 51, 3) and (fixed is None or version < fixed)


def _before_fork() -> None:
    for database in list(_databases):
        database._before_fork()


def _after_fork() -> None:
    for database in list(_databases):
        database._after_fork()


_databases: weakref.WeakSet[SQLiteDatabase] = weakref.WeakSet()
os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
