"""Copies of a SQLite file by SQLite's own online backup: out of a database that is in use, and into one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ashop_core.errors import StorageError
from ashop_core.sqlite_connections import connect
from ashop_core.sqlite_errors import storage_error
from ashop_core.sqlite_handles import SQLiteWriter
from ashop_core.storage import Writer
from ashop_core.texts import Text

PAGES: Final = 2000
"""So many are copied between two calls of `progress`."""
Progress = Callable[[int, int], None]
"""Told how many pages are left, and of how many."""

_IN_USE: Final = Text(
    "{file} har en -wal bredvid sig: det är en databas i bruk eller en kopierad fil, ingen säkerhetskopia. "
    "Gör en med `ashop database backup`.",
    "{file} has a -wal beside it: it is a database in use or a copied file, not a backup. "
    "Make one with `ashop database backup`.",
)


def copy_database(path: Path, file: Path) -> None:
    """Write the database as it is now to a file, for its owner only; what was there is replaced."""
    remove_database(file)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source = connect(path)
    try:
        _copy(source, file, None)
    finally:
        source.close()
    sync(file)


def copy_backup(backup: Path, file: Path) -> None:
    """Write a backup's contents to a file; the backup may lie where nothing can be written."""
    if _beside(backup, "-wal").exists() and _beside(backup, "-wal").stat().st_size:
        raise StorageError(_IN_USE.fill(file=backup))
    remove_database(file)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source = connect(backup, mode="ro&immutable=1")
    try:
        _copy(source, file, None)
    finally:
        source.close()


def overwrite_database(ready: Path, path: Path, progress: Progress | None = None) -> None:
    """Make the contents of `path` those of `ready` in one transaction, as every other process sees it too.

    The file itself stays: whoever has it open goes on in the new contents. Killed in the middle, the old
    contents are there still.
    """
    source = connect(ready)
    try:
        _copy(source, path, progress)
    finally:
        source.close()


def write_into(file: Path, write: Callable[[Writer], None]) -> None:
    """Write to a database that nobody else uses, in one transaction, and leave it as one file on the disk."""
    connection = connect(file)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        write(SQLiteWriter(connection, file))
        connection.commit()
    except sqlite3.Error as error:
        raise storage_error(error, file) from error
    finally:
        connection.close()
    sync(file)


def remove_database(file: Path) -> None:
    """Remove a file that nobody uses, with what SQLite keeps beside it."""
    for path in (_beside(file, "-wal"), _beside(file, "-shm"), file):
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: sqlite3.Connection, file: Path, progress: Progress | None) -> None:
    def tell(_: int, left: int, total: int) -> None:
        if progress is not None:
            progress(left, total)

    try:
        target = connect(file)
        try:
            # Without a progress in one step: a database in use changes between two, and the copy begins again.
            source.backup(target, pages=PAGES if progress else -1, progress=tell)
        finally:
            target.close()
    except sqlite3.Error as error:
        raise storage_error(error, file) from error


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)
