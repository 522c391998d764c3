"""Tables as SQLite's SQL: STRICT, with every key, check and index, and triggers that keep history."""

from __future__ import annotations

from collections.abc import Container, Iterator

from ashop_core.sqlite_search import search_sql
from ashop_core.storage import ensure_name
from ashop_core.tables import Column, Index, Migration, Table

APPEND_ONLY_TABLES = (
    "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = tbl_name || '_no_delete'"
)
"""Finds the tables whose history the triggers below keep."""


def step_sql(step: Migration, append_only: Container[str]) -> list[str]:
    """Return the statements of one migration; `append_only` names such tables that exist already."""
    statements = [sql for table in step.create for sql in table_sql(table)]
    for name, column in step.add_columns:
        statements.append(f"ALTER TABLE {ensure_name(name)} ADD COLUMN {_column(column)}")
        if name in append_only:
            statements.append(_no_update(name, (column.name,), f"{name}_keeps_{column.name}"))
    statements += [index_sql(name, index) for name, index in step.add_indexes]
    return statements


def table_sql(table: Table) -> Iterator[str]:
    """Yield the statements that make one table, with its indexes and triggers."""
    definitions = ",\n  ".join(_definitions(table))
    yield f"CREATE TABLE {ensure_name(table.name)} (\n  {definitions}\n) STRICT"
    for index in table.indexes:
        yield index_sql(table.name, index)
    if table.append_only:
        yield from _append_only(table)
    yield from search_sql(table)


def index_sql(table: str, index: Index) -> str:
    """Return the statement that makes one index."""
    unique = "UNIQUE " if index.unique else ""
    where = f" WHERE {index.where}" if index.where else ""
    return f"CREATE {unique}INDEX {ensure_name(index.name)} ON {ensure_name(table)} ({_names(index.columns)}){where}"


def _definitions(table: Table) -> Iterator[str]:
    for column in table.columns:
        yield _column(column)
    yield f"PRIMARY KEY ({_names(table.key)})"
    for columns in table.unique:
        yield f"UNIQUE ({_names(columns)})"
    for check in table.checks:
        yield f"CHECK ({check})"


def _column(column: Column) -> str:
    words = [ensure_name(column.name), column.type.upper()]
    if not column.null:
        words.append("NOT NULL")
    if column.default is not None:
        words.append(f"DEFAULT {_literal(column.default)}")
    if column.references is not None:
        parent, _, key = column.references.partition(".")
        words.append(f"REFERENCES {ensure_name(parent)} ({ensure_name(key)})")
    return " ".join(words)


def _append_only(table: Table) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table.name}_no_delete BEFORE DELETE ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    )
    kept = tuple(c.name for c in table.columns if c.name not in table.erasable)
    yield _no_update(table.name, kept, f"{table.name}_no_update")


def _no_update(table: str, columns: tuple[str, ...], name: str) -> str:
    # Values are compared, since UPDATE OF looks at names only and "SET rowid = …" would slip past it.
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
    return (
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(ensure_name(c) for c in columns)


def _literal(value: int | str) -> str:
    return str(int(value)) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
