"""Brings a SQLite file's tables up to date, by sqlite-utils' numbered sets of migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ashop_core.sqlite_schema import APPEND_ONLY_TABLES, step_sql
from ashop_core.storage import Reader
from ashop_core.tables import Migration, Table, integer, text

if TYPE_CHECKING:
    from sqlite_utils import Migrations
    from sqlite_utils.db import Database

Sets = Mapping[str, tuple[Migration, ...]]

OWN: Final[Sets] = {
    "storage": (
        Migration(
            name="m001_number_series",
            create=(Table(name="number_series", columns=(text("name"), integer("value")), key=("name",)),),
        ),
    )
}
"""The store's own tables, made before all others."""


def pending(reader: Reader, sets: Sets) -> list[str]:
    """Return the steps that were not run yet, as ``set/step``, at the price of one read."""
    table = reader.row("SELECT name FROM sqlite_master WHERE name = '_sqlite_migrations'")
    rows = reader.rows("SELECT migration_set, name FROM _sqlite_migrations") if table else []
    done = {(row[0], row[1]) for row in rows}
    return [
        f"{name}/{step.name}"
        for name, steps in sets.items()
        for step in steps
        if (name, step.name) not in done
    ]


def migrate(connection: sqlite3.Connection, sets: Sets) -> list[str]:
    """Run the pending steps of every set, all in one transaction, and return them as ``set/step``."""
    import sqlite_utils

    database = sqlite_utils.Database(connection, execute_plugins=False)
    # One transaction around all: sqlite-utils makes its own table in two, and a crash between them would show.
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = [step for name, steps in sets.items() for step in _run_set(database, name, steps)]
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return done


def _run_set(database: Database, name: str, steps: tuple[Migration, ...]) -> list[str]:
    numbered = _numbered(name, steps)
    names = [f"{name}/{step.name}" for step in numbered.pending(database)]
    numbered.apply(database)
    return names


def _numbered(name: str, steps: tuple[Migration, ...]) -> Migrations:
    from sqlite_utils import Migrations

    numbered = Migrations(name)
    for step in steps:
        numbered(name=step.name)(_runner(step))
    return numbered


def _runner(step: Migration) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        append_only = {row[0] for row in database.execute(APPEND_ONLY_TABLES)}
        for sql in step_sql(step, append_only):
            database.execute(sql)

    return run
