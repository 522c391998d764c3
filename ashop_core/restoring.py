"""Restoring a shop from a backup: what is in it and what is there now, and the one in the place of the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ashop_core.clock import Clock, from_iso
from ashop_core.errors import InvalidInput, StorageError
from ashop_core.holds import Waiting, held_copy, waiting_in_outbox
from ashop_core.opening import migrations, open_database
from ashop_core.plugins import load_plugins
from ashop_core.settings import load_settings
from ashop_core.sqlite import SQLiteDatabase
from ashop_core.sqlite_copy import Progress, remove_database
from ashop_core.sqlite_restore import alone, make_ready, put_in_place
from ashop_core.texts import Text


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a database holds, in short."""

    orders: int
    changed_at: datetime | None
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, kw_only=True)
class Restore:
    """A backup that is checked and ready. `present` is None where the shop's database is missing or unreadable."""

    backup: Contents
    present: Contents | None
    timezone: str
    database: SQLiteDatabase
    ready: Path
    clock: Clock

    def put_in_place(self, progress: Progress) -> Path | None:
        """Put the backup in the database's place, its outbox held; return where the old one is kept."""
        now = self.clock()
        aside = _free_name(self.database.path, now)
        kept = put_in_place(self.database, self.ready, aside, held_copy(now), progress)
        return aside if kept else None


@contextmanager
def prepare_restore(folder: Path, file: Path, clock: Clock) -> Iterator[Restore]:
    """Check a backup for the shop in a folder and have it ready; until it is put in place nothing is changed.

    Raises StorageError where the backup cannot be used or another is being put back, and whatever opening a
    shop raises of its settings and plugins.
    """
    plugins = load_plugins(load_settings(folder))
    plugins.ensure_sound()
    database = open_database(plugins.settings)
    if not isinstance(database, SQLiteDatabase):
        raise InvalidInput(
            Text(
                "Bara en databas i en fil läggs tillbaka så här; använd databasserverns egna verktyg.",
                "Only a database in a file is restored this way; use the tools of the database server.",
            )
        )
    with alone(database):
        ready = make_ready(database, file, migrations(plugins))
        try:
            found = _contents(SQLiteDatabase(ready))
            yield Restore(
                backup=found,
                present=_present(database),
                timezone=plugins.settings.shop.timezone,
                database=database,
                ready=ready,
                clock=clock,
            )
        finally:
            database.close()
            remove_database(ready)


def _present(database: SQLiteDatabase) -> Contents | None:
    try:
        return _contents(database) if database.path.exists() else None
    except StorageError:
        return None  # damaged: that is why somebody restores
    finally:
        database.close()


def _contents(database: SQLiteDatabase) -> Contents:
    try:
        with database.read() as reader:
            row = reader.row("SELECT COUNT(*) AS n, MAX(changed_at) AS latest FROM orders")
            assert row is not None
            latest = from_iso(row["latest"]) if row["latest"] else None
            return Contents(orders=row["n"], changed_at=latest, waiting=tuple(waiting_in_outbox(reader)))
    finally:
        database.close()


def _free_name(path: Path, now: datetime) -> Path:
    """Return a name beside the database, with the time in it, that nothing has yet."""
    stem, n = f"{path.stem}-before-{now:%Y%m%dT%H%M%SZ}", 1
    while (found := path.with_name(f"{stem}{f'-{n}' if n > 1 else ''}{path.suffix}")).exists():
        n += 1
    return found
