"""Do both sides write the same? One order taken to its end on each, and every table compared."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks.cases import shipped
from benchmarks.sides import both_sides

_OWN = {"checkout_body", "message_id", "applied_at"}
"""Columns that each side fills with digests and random words of its own."""
_REFERENCE = re.compile(r"[Kk]-[0-9a-zA-Z]{6,8}")
_FOUND = re.compile(r"\bk (\w{6,8}) k\1\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

Row = dict[str, Any]


def same_rows() -> list[str]:
    """Return every difference between what the two sides have written."""
    with tempfile.TemporaryDirectory() as name:
        sides = both_sides(Path(name), "OFF")
        for side in sides:
            shipped(side, "the same")
            side.close()
        ashop, floor = (_tables(Path(name) / folder / "shop.db") for folder in ("ashop", "floor"))
    return [words for table in ashop for words in _differences(table, ashop[table], floor[table])]


def different_counts(folder: Path) -> list[str]:
    """Return the tables of both sides' files that do not have as many rows, after a whole measurement."""
    ashop, floor = (_tables(folder / name / "shop.db") for name in ("ashop", "floor"))
    return [
        f"{t}: {len(ashop[t])} rows, floor {len(floor[t])}" for t in ashop if len(ashop[t]) != len(floor[t])
    ]


def _tables(file: Path) -> dict[str, list[Row]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'orders\\_%' ESCAPE '\\'"
        )
        names = [row[0] for row in connection.execute(tables)]
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]
            for name in names
        }


def _differences(table: str, ashop: list[Row], floor: list[Row]) -> Iterator[str]:
    nothing: Row = {}
    for number, (one, other) in enumerate(zip_longest(ashop, floor, fillvalue=nothing), 1):
        for column in sorted({*one, *other} - _OWN):
            plain = _words if column == "search" else _plain
            if plain(one.get(column)) != plain(other.get(column)):
                yield f"{table} {number}, {column}: {one.get(column)!r} in Ashop, {other.get(column)!r} in the floor"


def _words(value: object) -> object:
    """Return the words of a search in any order, those of the reference left out."""
    return sorted(_FOUND.sub("k", value).split()) if isinstance(value, str) else value


def _plain(value: object) -> object:
    return _TIME.sub("a time", _REFERENCE.sub("K-", value)) if isinstance(value, str) else value
