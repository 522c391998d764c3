"""What the shop's code holds while it reads or writes a SQLite database: handles that cannot end a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import get_ident
from typing import Any, ClassVar, Final

from ashop_core import sqlite_search
from ashop_core.errors import StorageError
from ashop_core.sqlite_errors import FAILURES, storage_error
from ashop_core.storage import (
    NO_PARAMS,
    Match,
    Params,
    Terms,
    ensure_name,
    ensure_statement,
    ensure_values,
    insert_sql,
)
from ashop_core.tables import Table
from ashop_core.texts import Text

_NUMBER_SQL: Final = (
    "INSERT INTO number_series (name, value) VALUES (:name, :first) "
    "ON CONFLICT (name) DO UPDATE SET value = max(number_series.value + 1, excluded.value) RETURNING value"
)
_NOT_OPEN: Final = Text(
    "Transaktionen mot {file} är inte öppen längre: den är avslutad, eller databasen avbröt den efter ett fel. "
    "Ingenting av ändringen sparades.",
    "The transaction on {file} is no longer open: it has ended, or the database broke it off after an error. "
    "Nothing of the change was kept.",
)
_OTHER_THREAD: Final = Text(
    "Transaktionen mot {file} får bara användas i den tråd och process som öppnade den.",
    "The transaction on {file} may only be used in the thread and process that opened it.",
)
_UNEQUAL: Final = Text(
    "Raderna till {table} har inte samma kolumner: {columns}.",
    "The rows for {table} do not have the same columns: {columns}.",
)


class SQLiteReader:
    """Reads one snapshot; implements `storage.Reader`."""

    __slots__ = ("_connection", "_path", "_thread")
    writes: ClassVar[bool] = False

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._thread = get_ident()

    def rows(self, sql: str, params: Params = NO_PARAMS) -> list[Any]:
        """Return every row of a query."""
        cursor = self._run(sql, params)
        try:
            return cursor.fetchall()
        except FAILURES as error:
            raise storage_error(error, self._path) from error

    def row(self, sql: str, params: Params = NO_PARAMS) -> Any | None:
        """Return the first row of a query, or None."""
        cursor = self._run(sql, params)
        try:
            return cursor.fetchone()
        except FAILURES as error:
            raise storage_error(error, self._path) from error

    def matching(self, table: Table, alias: str, terms: Terms) -> Match:
        """Return how to ask for the rows of a searched table that meet every term."""
        return sqlite_search.match(table, alias, terms)

    def ensure_open(self) -> None:
        """Raise StorageError unless the transaction is open still, and this the thread that opened it."""
        if get_ident() != self._thread:
            raise StorageError(_OTHER_THREAD.fill(file=self._path))
        try:
            if self._connection.in_transaction:
                return
        except sqlite3.Error as error:
            raise StorageError(_NOT_OPEN.fill(file=self._path)) from error
        raise StorageError(_NOT_OPEN.fill(file=self._path))

    def disown(self) -> None:
        """Refuse every further use, in a forked child that must not touch its parent's connection."""
        self._thread = 0

    def _run(self, sql: str, params: Params) -> sqlite3.Cursor:
        ensure_statement(sql, self.writes)
        if params:
            ensure_values(params)
        connection = self._connection
        try:
            # Asked before every statement: once SQLite has rolled back by itself, the next would commit alone.
            if get_ident() != self._thread or not connection.in_transaction:
                self.ensure_open()
            return connection.execute(sql, params)
        except FAILURES as error:
            raise storage_error(error, self._path) from error


class SQLiteWriter(SQLiteReader):
    """Reads and writes inside one transaction; implements `storage.Writer`."""

    __slots__ = ()
    writes = True

    def execute(self, sql: str, params: Params = NO_PARAMS) -> int:
        """Run one statement and return how many rows it touched (or would have returned)."""
        cursor = self._run(sql, params)
        if cursor.description is None and cursor.rowcount >= 0:
            return cursor.rowcount
        return self._touched(cursor)

    def insert(self, table: str, values: Params) -> int:
        """Insert one row and return its ``id`` (for a table without one, a number that means nothing)."""
        return self._run(insert_sql(table, tuple(values)), values).lastrowid or 0

    def insert_all(self, table: str, rows: list[Params]) -> None:
        """Insert many rows of the same columns."""
        if not rows:
            return
        for values in rows:
            ensure_values(values)
            if values.keys() != rows[0].keys():
                raise StorageError(_UNEQUAL.fill(table=table, columns=", ".join(values)))
        self.ensure_open()
        try:
            self._connection.executemany(insert_sql(table, tuple(rows[0])), rows)
        except FAILURES as error:
            raise storage_error(error, self._path) from error

    def lock(self, table: str, keys: Iterable[Mapping[str, Any]]) -> None:
        """Check the names and no more: here the whole database is held already."""
        ensure_name(table)
        for key in keys:
            ensure_values(key)
            for name in key:
                ensure_name(name)
        self.ensure_open()

    def next_number(self, series: str, first: int) -> int:
        """Return the next number of a series, from `first` on; one that is rolled back is given again."""
        row = self.row(_NUMBER_SQL, {"name": series, "first": first})
        assert row is not None
        return int(row[0])

    def _touched(self, cursor: sqlite3.Cursor) -> int:
        # The driver does not count for RETURNING, nor for a statement that begins with WITH.
        try:
            if cursor.description is not None:
                return len(cursor.fetchall())
            return int(self._connection.execute("SELECT changes()").fetchone()[0])
        except FAILURES as error:
            raise storage_error(error, self._path) from error
