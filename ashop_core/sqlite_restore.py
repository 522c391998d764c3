"""Puts a backup in the place of a shop's SQLite database; the one that was there is kept, whatever its condition.

The contents go into the present file in one transaction, so that workers and commands that have it open go on
in the restored shop, and one killed in the middle leaves the old one whole. Only a file that SQLite cannot
open, or one that is missing, is replaced.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

from ashop_core import sqlite_migrations
from ashop_core.errors import StorageError
from ashop_core.sqlite import SQLiteDatabase
from ashop_core.sqlite_connections import connect
from ashop_core.sqlite_copy import (
    Progress,
    copy_backup,
    overwrite_database,
    remove_database,
    sync,
    write_into,
)
from ashop_core.sqlite_errors import ensure_place, storage_error
from ashop_core.storage import Writer
from ashop_core.tables import Migration
from ashop_core.texts import Text

_MISSING: Final = Text("Det finns ingen fil {file}.", "There is no file {file}.")
_ITSELF: Final = Text(
    "{file} är butikens databas. Ange en säkerhetskopia.", "{file} is the shop's database. Name a backup."
)
_BUSY: Final = Text(
    "I {folder} läggs en säkerhetskopia tillbaka just nu. Försök igen när den är klar.",
    "A backup is being put back in {folder} just now. Try again when that is done.",
)
_UNDER_WAY: Final = Text(
    "{file} är den fil som en säkerhetskopia läggs tillbaka genom, och töms. Ge den ett annat namn först.",
    "{file} is the file that a backup is put back through, and is emptied. Give it another name first.",
)
_DAMAGED: Final = Text(
    "Säkerhetskopian {file} är skadad ({reason}). Ta en tidigare; inget är ändrat.",
    "The backup {file} is damaged ({reason}). Take an earlier one; nothing was changed.",
)
_FOREIGN: Final = Text(
    "{file} är ingen säkerhetskopia av en Ashop-butik. Inget är ändrat.",
    "{file} is not a backup of an Ashop shop. Nothing was changed.",
)
_NEWER: Final = Text(
    "Säkerhetskopian {file} är gjord av en nyare Ashop (den har {steps}). Uppgradera först; inget är ändrat.",
    "The backup {file} was made by a newer Ashop (it has {steps}). Upgrade first; nothing was changed.",
)
_NOT_WRITTEN: Final = Text(
    "Säkerhetskopian kan inte läggas tillbaka ({reason}). Den förra databasen är kvar.",
    "The backup cannot be put back ({reason}). The database there was is still there.",
)


@contextmanager
def alone(database: SQLiteDatabase) -> Iterator[None]:
    """Let nobody else put a backup in this database's place meanwhile; raises StorageError where somebody does.

    The folder itself is locked, so that nothing is left of a restore that was killed.
    """
    ensure_place(database.path)
    folder = os.open(database.path.parent, os.O_RDONLY)
    try:
        _lock(folder, database.path.parent)
        yield
    finally:
        os.close(folder)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError as error:
        raise StorageError(_BUSY.fill(folder=folder)) from error


def make_ready(
    database: SQLiteDatabase, backup: Path, migrations: Mapping[str, tuple[Migration, ...]]
) -> Path:
    """Return a checked copy of a backup beside the database, its tables brought up to date.

    Raises StorageError, and leaves nothing, where the backup is damaged, of another program or of a newer one.
    """
    if not backup.is_file():
        raise StorageError(_MISSING.fill(file=backup))
    if database.path.exists() and backup.samefile(database.path):
        raise StorageError(_ITSELF.fill(file=backup))
    ready = database.path.with_name(database.path.name + ".restoring")
    if ready.exists() and backup.samefile(ready):
        raise StorageError(_UNDER_WAY.fill(file=backup))
    try:
        _copy(backup, ready)
        _ensure_sound(ready, backup)
        _bring_up_to_date(ready, backup, {**sqlite_migrations.OWN, **migrations})
    except BaseException as error:
        remove_database(ready)
        if isinstance(error, OSError):
            raise StorageError(_NOT_WRITTEN.fill(reason=error.strerror)) from error
        raise
    return ready


def put_in_place(
    database: SQLiteDatabase, ready: Path, aside: Path, finish: Callable[[Writer], None], progress: Progress
) -> bool:
    """Make `ready` the shop's database and keep the one there was as `aside`; tell whether there was one.

    Nobody writes meanwhile. `finish` is run on both, as on every backup.
    """
    path = database.path
    with database.locked():
        try:
            numbers = _numbers(path)
            whole = path.exists() and not database.check()
            if whole:
                database.backup(aside, finish)
            elif path.exists():
                _copy_files(path, aside)
            write_into(ready, finish)
            write_into(ready, lambda tx: _go_on_from(tx, numbers))
            there = path.exists()
            _exchange(ready, path, progress, whole)
        except OSError as error:
            raise StorageError(_NOT_WRITTEN.fill(reason=error.strerror)) from error
    remove_database(ready)
    return there


def _exchange(ready: Path, path: Path, progress: Progress, whole: bool) -> None:
    if path.exists():
        try:
            overwrite_database(ready, path, progress)
            return
        except StorageError:
            if whole:
                raise
    # What is left of a broken database goes first: its -wal would be read into the new one.
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    ready.replace(path)
    sync(path.parent)


def _copy_files(path: Path, aside: Path) -> None:
    """Copy a broken database as it is, bit for bit, with what lies beside it."""
    for ending in ("", "-wal", "-shm"):
        file = path.with_name(path.name + ending)
        if file.exists():
            kept = aside.with_name(aside.name + ending)
            shutil.copy2(file, kept)
            sync(kept)


def _copy(backup: Path, ready: Path) -> None:
    """Copy the backup. What SQLite says of it is said of a backup, and not of the shop's database."""
    try:
        copy_backup(backup, ready)
    except StorageError as error:
        code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            raise StorageError(_FOREIGN.fill(file=backup)) from error
        if code == sqlite3.SQLITE_CORRUPT:
            raise StorageError(_DAMAGED.fill(file=backup, reason=error.__cause__)) from error
        raise


def _ensure_sound(ready: Path, backup: Path) -> None:
    found = SQLiteDatabase(ready).check()
    if found:
        raise StorageError(_DAMAGED.fill(file=backup, reason=found[0]))


def _bring_up_to_date(ready: Path, backup: Path, sets: sqlite_migrations.Sets) -> None:
    connection = connect(ready)
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"_sqlite_migrations", "orders", "history", "outbox"} <= tables:
            raise StorageError(_FOREIGN.fill(file=backup))
        done = connection.execute("SELECT migration_set, name FROM _sqlite_migrations").fetchall()
        known = {(name, step.name) for name, steps in sets.items() for step in steps}
        # A set that nobody brings belongs to a plugin that is switched off: its tables are left alone.
        newer = [f"{row[0]}/{row[1]}" for row in done if row[0] in sets and tuple(row) not in known]
        if newer:
            raise StorageError(_NEWER.fill(file=backup, steps=", ".join(newer)))
        sqlite_migrations.migrate(connection, sets)
        _ensure_whole(connection, backup, sets)
    except sqlite3.Error as error:
        raise storage_error(error, backup) from error
    finally:
        connection.close()


def _ensure_whole(connection: sqlite3.Connection, backup: Path, sets: sqlite_migrations.Sets) -> None:
    """Raise StorageError where a table is missing that the migrations said they had made."""
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    missing = {table.name for steps in sets.values() for step in steps for table in step.create} - found
    if missing:
        reason = Text("utan {tables}", "without {tables}").fill(tables=", ".join(sorted(missing)))
        raise StorageError(_DAMAGED.fill(file=backup, reason=reason))


def _numbers(path: Path) -> dict[str, int]:
    """Return how far each series of numbers has come; nothing where that cannot be read."""
    if not path.exists():
        return {}
    try:
        connection = connect(path)
    except StorageError:
        return {}
    try:
        return dict(connection.execute("SELECT name, value FROM number_series").fetchall())
    except sqlite3.Error:
        return {}
    finally:
        connection.close()


def _go_on_from(tx: Writer, numbers: Mapping[str, int]) -> None:
    """Give no number again that a customer may have been told since the backup was made."""
    for name, value in numbers.items():
        tx.execute(
            "INSERT INTO number_series (name, value) VALUES (:name, :value) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE number_series.value < excluded.value",
            {"name": name, "value": value},
        )
