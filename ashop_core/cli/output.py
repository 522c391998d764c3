"""What commands print: lists for people as tables, for machines as JSON and CSV. The face that plugins use.

People read standard output in their language and the shop's time. Where the output is for machines, words
for people go to standard error (`note`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import click

from ashop_core.cli.app import option
from ashop_core.cli.language import say
from ashop_core.cli.terminal import clean, draw_table, heading, is_terminal, note, progress, show_pairs
from ashop_core.cli.values import ago, day, decimal, money, stamp, when
from ashop_core.csv_cells import safe_text
from ashop_core.texts import Text

__all__ = [
    "CSV", "JSON", "PEOPLE", "Column", "ago", "clean", "day", "decimal", "heading", "json_option", "list_options", "money",
    "money_column", "note", "progress", "safe_cell", "show_list", "show_pairs", "stamp", "time_column", "to_json",
    "when", "write_csv", "write_json", "write_json_array",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")

PEOPLE, JSON, CSV = "table", "json", "csv"


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of a list: its code for machines, its title for people, and its value in a row.

    `words` is the value as people read it, `cell` as a spreadsheet does; without them the value itself.
    `only` makes it a column for ``"people"`` or for ``"machines"``.
    """

    code: str
    title: Text
    value: Callable[[R], Any]
    words: Callable[[R], str] | None = None
    cell: Callable[[R], Any] | None = None
    right: bool = False
    only: str = ""


def money_column(
    code: str, title: Text, amount: Callable[[R], int], currency: Callable[[R], str]
) -> Column[R]:
    """Return a column of amounts: minor units in JSON, decimals in CSV, as people write them in a table."""
    return Column(
        code, title, amount, right=True,
        words=lambda row: money(amount(row), currency(row)),
        cell=lambda row: decimal(amount(row), currency(row)),
    )  # fmt: skip


def time_column(code: str, title: Text, instant: Callable[[R], datetime | None]) -> Column[R]:
    """Return a column of times: UTC in JSON and CSV, the shop's time in a table."""
    return Column(
        code, title,
        lambda row: stamp(instant(row)),
        words=lambda row: when(instant(row)),
    )  # fmt: skip


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────


def json_option(function: F) -> F:
    """Give a command --json; it comes as ``form``, ``"table"`` or ``"json"``."""
    words = Text("Skriv JSON.", "Write JSON.")
    return option("--json", "form", flag_value=JSON, default=PEOPLE, type=str, help=words)(function)


def list_options(function: F) -> F:
    """Give a command --json and --csv; they come as ``form``, ``"table"``, ``"json"`` or ``"csv"``."""
    words = Text("Skriv CSV.", "Write CSV.")
    return json_option(option("--csv", "form", flag_value=CSV, type=str, help=words)(function))


def show_list(
    columns: Sequence[Column[R]], rows: Iterable[R], form: str = PEOPLE, *, empty: Text | None = None
) -> None:
    """Print rows as a table, as a JSON array or as CSV; the last two as the rows come, however many."""
    if form == JSON:
        columns = [column for column in columns if column.only != "people"]
        write_json_array({column.code: column.value(row) for column in columns} for row in rows)
    elif form == CSV:
        write_csv([column for column in columns if column.only != "people"], rows)
    else:
        columns = [column for column in columns if column.only != "machines"]
        found = [[clean(_words(column, row)) for column in columns] for row in rows]
        if found:
            _write_table(columns, found)
        elif empty is not None:
            click.echo(say(empty))


def write_json_array(items: Iterable[Any]) -> None:
    """Print a JSON array with one item a line, each as it comes."""
    opening = "["
    for item in items:
        click.echo(f"{opening}\n{to_json(item)}", nl=False)
        opening = ","
    click.echo("[]" if opening == "[" else "\n]")


def write_json(value: Any) -> None:
    """Print one JSON value, laid out to be read."""
    click.echo(to_json(value, indent=2))


def to_json(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON; times become UTC text."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Text):
        return {"sv": value.sv, "en": value.en}
    return str(value)


def write_csv(columns: Sequence[Column[R]], rows: Iterable[R]) -> None:
    """Print CSV as RFC 4180 has it; a cell that a spreadsheet would take for a formula begins with ``'``."""
    import csv

    writer = csv.writer(_Echo())
    writer.writerow([column.code for column in columns])
    for row in rows:
        writer.writerow([safe_cell((column.cell or column.value)(row)) for column in columns])


def safe_cell(value: object) -> str:
    """Return a CSV cell's text, such that no spreadsheet runs it. Numbers stay numbers."""
    if isinstance(value, list | tuple):
        value = " ".join(str(item) for item in value)
    if isinstance(value, Text):
        value = say(value)
    text = "" if value is None else str(value)
    is_number = isinstance(value, int) or type(value).__name__ == "Decimal"
    return text if is_number else safe_text(text)


class _Echo:
    """A file for the csv module that writes where click writes."""

    def write(self, text: str) -> None:
        click.echo(text, nl=False)


# ── Tables ───────────────────────────────────────────────────────────────────────────────────────


def _words(column: Column[R], row: R) -> str:
    if column.words is not None:
        return column.words(row)
    value = column.value(row)
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _write_table(columns: Sequence[Column[Any]], cells: list[list[str]]) -> None:
    titles = [say(column.title) for column in columns]
    rights = [column.right for column in columns]
    if is_terminal():
        draw_table(titles, rights, cells)
        return
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    for row in [titles, *cells]:
        line = "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, rights, strict=True))
        click.echo(line.rstrip())
