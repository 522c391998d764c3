"""Text search in SQLite: an FTS5 index beside each searched table, kept by triggers, read newest first.

The index numbers its rows by time and id, so that it gives them newest first by itself, a page at a time,
however many there are: SQLite reads such an index in the order of its row numbers only. Times count whole
seconds there; within one second the larger id is the newer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ashop_core.storage import Match, Reader, Terms, Writer, ensure_name, ensure_terms
from ashop_core.tables import Search, Table

# `ascii` takes everything outside ASCII for letters and parts words at the rest: exactly as `words_of` wrote them.
# Prefixes of up to four letters are looked up, longer ones gathered; a list of positions would serve nobody.
_OPTIONS: Final = "content='', detail=column, tokenize='ascii', prefix='1 2 3 4'"
_BITS: Final = 31
_ID: Final = (1 << _BITS) - 1
_PAGES: Final = 100

_INDEXES: Final = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE % USING fts5(%'"


def search_sql(table: Table) -> Iterator[str]:
    """Yield the statements that make a table's search index and keep it."""
    if table.search is None:
        return
    name, index, words = ensure_name(table.name), _index(table), ensure_name(table.search.words)
    new, old = _key("NEW", table.search), _key("OLD", table.search)
    # A row without words is not in the index at all: a checkout that nobody has filled in costs nothing here.
    add = f"INSERT INTO {index} (rowid, words) SELECT {new}, NEW.{words} WHERE NEW.{words} <> '';"
    remove = (
        f"INSERT INTO {index} ({index}, rowid, words) "
        f"SELECT 'delete', {old}, OLD.{words} WHERE OLD.{words} <> '';"
    )
    columns = (words, ensure_name(table.search.time), "id")
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
    yield f"CREATE VIRTUAL TABLE {index} USING fts5(words, {_OPTIONS})"
    yield f"CREATE TRIGGER {index}_insert AFTER INSERT ON {name} WHEN NEW.{words} <> '' BEGIN {add} END"
    yield (
        f"CREATE TRIGGER {index}_update AFTER UPDATE OF {', '.join(columns)} ON {name} WHEN {changed} "
        f"BEGIN {remove} {add} END"
    )
    yield f"CREATE TRIGGER {index}_delete AFTER DELETE ON {name} BEGIN {remove} END"


def match(table: Table, alias: str, terms: Terms) -> Match:
    """Return how to ask for the rows that meet every term; see `storage.Reader.matching`."""
    assert table.search is not None
    ensure_terms(terms)
    index = _index(table)
    wanted = " AND ".join("(" + " OR ".join(f'"{word}"*' for word in term) + ")" for term in terms)
    # CROSS JOIN reads the index of words first, whatever else is asked for: only it gives the order.
    return Match(
        source=f"{index} AS found CROSS JOIN {table.name} AS {ensure_name(alias)} ON {alias}.id = found.rowid & {_ID}",
        condition=f"found.{index} MATCH :found_words",
        params={"found_words": wanted},
        key="found.rowid",
        mark=_sum(":mark_time", ":mark_id"),
    )


def indexes(reader: Reader) -> list[str]:
    """Return the names of the search indexes of a file."""
    return [row["name"] for row in reader.rows(_INDEXES)]


def purge(tx: Writer, index: str, *, begin: bool) -> bool:
    """Merge a part of an index; tell whether there is more to do."""
    before = _changes(tx)
    # A negative number of pages asks for everything to be merged into one; a positive one goes on with that.
    pages = -_PAGES if begin else _PAGES
    tx.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', :pages)", {"pages": pages})  # noqa: S608
    return _changes(tx) - before >= 2


def _changes(tx: Writer) -> int:
    row = tx.row("SELECT total_changes() AS n")
    assert row is not None
    return int(row["n"])


def _index(table: Table) -> str:
    return f"{ensure_name(table.name)}_search"


def _key(row: str, search: Search) -> str:
    return _sum(f"{row}.{search.time}", f"{row}.id")


def _sum(time: str, number: str) -> str:
    return f"(COALESCE(CAST(strftime('%s', {time}) AS INTEGER), 0) << {_BITS}) + {number}"
