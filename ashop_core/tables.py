"""Database tables described once as data, so that every store renders the same schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["integer", "text"]
"""All that both stores share: 64-bit integers and Unicode text. Truths are integers 0 and 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column. `default` makes it optional on insert; `references` is ``"table.column"``."""

    name: str
    type: ColumnType = "text"
    null: bool = False
    default: int | str | None = None
    references: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """An index; `where` is a condition in the SQL that both stores share."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    where: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """How a table is searched: by the column `words`, which holds them in lower case with spaces between.

    What is found comes newest first: by the column `time`, as `clock.to_iso` writes it, then by ``id``.
    """

    words: str
    time: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table. A single integer column named ``id`` as key is numbered by the store.

    `append_only` refuses DELETE, and UPDATE of every column not named in `erasable` (personal words
    that must be removable later). `checks` are conditions every row must meet. A table with a `search`
    has an ``id``; the store finds its rows by the words in them (`storage.Reader.matching`).
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    append_only: bool = False
    erasable: tuple[str, ...] = ()
    search: Search | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One numbered step of a schema. Once released it is never edited: write the next one."""

    name: str
    create: tuple[Table, ...] = ()
    add_columns: tuple[tuple[str, Column], ...] = ()
    add_indexes: tuple[tuple[str, Index], ...] = ()


def text(
    name: str, *, null: bool = False, default: str | None = None, references: str | None = None
) -> Column:
    """Return a text column."""
    return Column(name=name, type="text", null=null, default=default, references=references)


def integer(
    name: str, *, null: bool = False, default: int | None = None, references: str | None = None
) -> Column:
    """Return a 64-bit integer column."""
    return Column(name=name, type="integer", null=null, default=default, references=references)
