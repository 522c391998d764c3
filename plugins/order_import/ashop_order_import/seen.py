"""The order numbers met so far, in a temporary file: the one thing that grows with the input."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

from ashop_order_import.found import refused


class Seen:
    """A set of names that costs disk and not memory; gone when it is closed."""

    def __enter__(self) -> Self:
        # An empty name is a private database on disk that vanishes with its connection.
        self._database = sqlite3.connect("", isolation_level=None)
        for sql in ("PRAGMA journal_mode = OFF", "PRAGMA cache_size = -2000", "BEGIN"):
            self._database.execute(sql)
        self._database.execute("CREATE TABLE seen (name TEXT PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, name: str) -> bool:
        """Note a name; tell whether it is new."""
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,)).rowcount == 1

    def check(self, name: str) -> None:
        """Note a name; raise RefusedError if it was there before."""
        if not self.add(name):
            raise refused("came_back", "ordern finns redan i filen", "the order is in the file already")
