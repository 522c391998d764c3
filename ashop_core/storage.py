"""What a store of the shop can do, whichever database stands behind it.

Everything above speaks SQL through a handle: the subset that SQLite and PostgreSQL share, with named
parameters (``:name``). A handle cannot end its transaction; the store does that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from ashop_core.errors import StorageError
from ashop_core.tables import Migration, Table
from ashop_core.texts import Text

Params = Mapping[str, Any]

NO_PARAMS: Params = {}

Terms = Sequence[Sequence[str]]
"""What a search looks for: of each term at least one of its words, which some word of the row begins with."""


class Row(Protocol):
    """A row of a result: values by column name."""

    def __getitem__(self, name: str, /) -> Any: ...

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Parts of a query for the rows that hold some words, in whatever way the store finds them.

    ``SELECT … FROM {source} WHERE {condition} AND {key} < {mark} ORDER BY {key} DESC`` reads them newest first
    after a given row: `mark` is the key of the row whose time is ``:mark_time`` and whose id is ``:mark_id``.
    The condition's own parameters are in `params`.
    """

    source: str
    condition: str
    params: Params
    key: str
    mark: str


class Reader(Protocol):
    """Reads one consistent snapshot of the database."""

    def rows(self, sql: str, params: Params = NO_PARAMS) -> list[Any]:
        """Return every row of a query."""
        ...

    def row(self, sql: str, params: Params = NO_PARAMS) -> Any | None:
        """Return the first row of a query, or None."""
        ...

    def matching(self, table: Table, alias: str, terms: Terms) -> Match:
        """Return how to ask for the rows of a searched table, as `alias`, that meet every term.

        A row meets a term when one of its words begins with one of the term's. There must be a term, and
        each word be one as `words_of` gives them: letters and digits, lower case. Raises StorageError else.
        """
        ...


class Writer(Reader, Protocol):
    """Reads and writes inside one transaction, which it can neither commit nor roll back."""

    def execute(self, sql: str, params: Params = NO_PARAMS) -> int:
        """Run one statement and return how many rows it touched."""
        ...

    def insert(self, table: str, values: Params) -> int:
        """Insert one row and return its ``id`` (0 for a table without one)."""
        ...

    def insert_all(self, table: str, rows: list[Params]) -> None:
        """Insert many rows of the same columns."""
        ...

    def lock(self, table: str, keys: Iterable[Mapping[str, Any]]) -> None:
        """Hold the rows with these keys until the transaction ends, in the order of their keys."""
        ...

    def next_number(self, series: str, first: int) -> int:
        """Return the next number of a series, from `first` on: unique, growing, not promised gapless."""
        ...

    def ensure_open(self) -> None:
        """Raise StorageError if the transaction is gone, as after an error that somebody swallowed."""
        ...


class Database(Protocol):
    """A store. `write()` is the only way to write: it waits its turn, then holds one transaction.

    Leaving the block commits; an exception rolls everything back. A `write()` or `read()` inside a
    `write()` of the same thread is an error, not a deadlock.
    """

    def read(self) -> AbstractContextManager[Reader]:
        """Open a snapshot to read from."""
        ...

    def write(self) -> AbstractContextManager[Writer]:
        """Open the write transaction."""
        ...

    def migrate(self, migrations: Mapping[str, tuple[Migration, ...]]) -> list[str]:
        """Bring every set of tables up to date; return the names of the steps that were run."""
        ...

    def backup(self, target: Path, finish: Callable[[Writer], None] | None = None) -> None:
        """Write a copy as of now to a new file, while the shop goes on; nothing is there on failure.

        `finish` writes to the copy before it gets its name.
        """
        ...

    def purge_search(self) -> int:
        """Take what was deleted or overwritten out of the search indexes for good; return how many steps it took.

        Until then erased words may stay in parts of the file that no query reads. It is done in short turns,
        between which others write.
        """
        ...

    def check(self) -> list[str]:
        """Return what the database's own integrity checks complain about; empty when sound."""
        ...

    def close(self) -> None:
        """Close every connection of this process."""
        ...


_LITERALS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
# PostgreSQL's own ways to write a literal could hide a second statement from the pattern above.
_FOREIGN_LITERAL = re.compile(r"\$\w*\$|\be'", re.IGNORECASE)
_READS = ("select", "with")
_WRITES = (*_READS, "insert", "update", "delete")


@lru_cache(maxsize=2048)
def ensure_statement(sql: str, writes: bool) -> None:
    """Raise StorageError unless `sql` is one statement that reads (or, with `writes`, changes) rows.

    Refused are transaction control, PRAGMA, ATTACH, schema changes, a second statement in the same
    call, which some drivers would run, and literals that only PostgreSQL reads (``$$…$$``, ``E'…'``).
    """
    bare = _LITERALS.sub(_blank, sql).strip().rstrip(";").rstrip()
    word = bare.split(None, 1)[0].lower() if bare else ""
    allowed = _WRITES if writes else _READS
    if word not in allowed or ";" in bare or _FOREIGN_LITERAL.search(bare):
        raise StorageError(
            Text(
                "Satsen ”{sql}” får inte köras här: en sats åt gången, och bara {allowed}.",
                "The statement “{sql}” may not be run here: one statement a call, and only {allowed}.",
            ).fill(sql=" ".join(sql.split())[:80], allowed=", ".join(allowed).upper())
        )


def _blank(literal: re.Match[str]) -> str:
    return "''" if literal[0].startswith("'") else " "


@lru_cache(maxsize=512)
def insert_sql(table: str, columns: tuple[str, ...]) -> str:
    """Return the INSERT for these columns with named parameters, names checked."""
    for name in (table, *columns):
        ensure_name(name)
    names, marks = ", ".join(columns), ", ".join(f":{c}" for c in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names checked above


def ensure_name(name: str) -> str:
    """Return the name of a table, column or index as it was given; raise StorageError if it is none."""
    if not name.isidentifier() or not name.isascii():
        raise StorageError(
            Text("”{name}” är inget namn i en databas.", "“{name}” is not a name in a database.").fill(
                name=name
            )
        )
    return name


_WORD = re.compile(r"[^\W_]+")


def ensure_terms(terms: Terms) -> None:
    """Raise StorageError unless there are terms, and each is of words without spaces or punctuation."""
    words = [word for term in terms for word in term]
    if not all(terms) or not words or not all(_WORD.fullmatch(word) for word in words):
        raise StorageError(
            Text("{words} är inga sökord.", "{words} are no words to search for.").fill(words=words)
        )


def ensure_values(params: Params) -> None:
    """Raise StorageError for a value that the stores would not keep alike: all but text, integers and None.

    Also for text with NUL in it. (Integers beyond 64 bits and lone surrogates are refused by every driver.)
    """
    for name, value in params.items():
        kind = type(value)
        if kind is str:
            if "\0" in value:
                _refuse_value(name, "NUL")
        elif kind is not int and value is not None:
            _ensure_rare(name, value)


def _ensure_rare(name: str, value: object) -> None:
    if not isinstance(value, str | int):
        _refuse_value(name, type(value).__name__)
    if isinstance(value, str) and "\0" in value:
        _refuse_value(name, "NUL")


def _refuse_value(name: str, what: str) -> None:
    raise StorageError(
        Text("{name}: {what} kan inte lagras.", "{name}: {what} cannot be stored.").fill(name=name, what=what)
    )
