"""Connections to a SQLite file: how they are opened, what they may be told, and what a fork does to them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from ashop_core.errors import StorageError
from ashop_core.sqlite_errors import storage_error
from ashop_core.texts import Text

_FORKED: Final = Text(
    "Processen delades (fork) medan {file} användes, och en sådan kopia kan inte öppna databasen säkert. "
    "Starta den som en ny process (spawn), eller dela innan butiken används.",
    "The process was forked while {file} was in use, and such a copy cannot open the database safely. "
    "Start it as a new process (spawn), or fork before the shop is used.",
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
_inherited: Final[set[Path]] = set()


class Guard:
    """Refuses all but rows to whoever digs out the connection, unless the store has `lifted` it for itself.

    SQLite asks when it prepares a statement. ``Connection.commit`` and ``rollback`` prepare theirs every
    time, which is why the store ends its transactions with those and not with a statement of its own.
    """

    __slots__ = ("lifted",)

    def __init__(self) -> None:
        self.lifted = False

    def __call__(self, action: int, name: str | None, *_: str | None) -> int:
        if self.lifted or action in _ROWS_ONLY:
            return sqlite3.SQLITE_OK
        # The full-text search asks this one by itself.
        if action == sqlite3.SQLITE_PRAGMA and name == "data_version":
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Return a connection that leaves transactions to the caller; mode ``rwc`` makes a missing file."""
    if path in _inherited:
        raise StorageError(_FORKED.fill(file=path))
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=10.0,
            isolation_level=None,
            cached_statements=512,
            check_same_thread=False,  # close() closes those of all threads; the handles check theirs
        )
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is not to be read in the file either
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(error, path) from error
    return connection


def abandon(connection: sqlite3.Connection, path: Path) -> None:
    """Leave a parent's connection alone in a forked child: never used, never closed, and no other opened.

    SQLite keeps its file locks for the process, and the child inherits the belief in them but not the
    locks. A new connection beside an inherited one therefore takes none, and what it commits is lost when
    the parent's last connection closes (seen; tests/test_sqlite.py). So the child may not open one either.
    """
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))
    _inherited.add(path)
