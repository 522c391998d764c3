"""What commands print: tables for people, JSON and CSV for machines, one progress bar.

People read standard output in their language and the shop's time. Where the output is for machines, words
for people go to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import click

from ashop_core.cli.app import current_session, option
from ashop_core.cli.language import language, say
from ashop_core.texts import Text

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
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and text and not is_number else text


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
        _write_rich(titles, rights, cells)
        return
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    for row in [titles, *cells]:
        line = "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, rights, strict=True))
        click.echo(line.rstrip())


def _write_rich(titles: list[str], rights: list[bool], cells: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for title, right in zip(titles, rights, strict=True):
        table.add_column(RichText(title), justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(RichText(cell) for cell in row))  # never as markup: names come from customers
    Console(highlight=False).print(table)


def show_pairs(pairs: Iterable[tuple[Text | str, str]], indent: int = 2) -> None:
    """Print labels and values under one another; those without a value are left out."""
    found = [(say(label), value) for label, value in pairs if value]
    width = max((len(label) for label, _ in found), default=0)
    for label, value in found:
        first, *more = clean(value, lines=True).splitlines() or [""]
        click.echo(f"{' ' * indent}{clean(label).ljust(width)}  {first}")
        for line in more:
            click.echo(f"{' ' * (indent + width + 2)}{line}")


def heading(text: Text | str) -> None:
    """Print the title of a part, with an empty line before it."""
    click.echo("\n" + click.style(clean(say(text)), bold=True))


def is_terminal() -> bool:
    """Tell whether a person is looking at standard output."""
    return sys.stdout.isatty()


def note(text: Text | str) -> None:
    """Tell a person something that is no part of the output: on standard error."""
    click.echo(clean(say(text), lines=True), err=True)


def clean(text: str, *, lines: bool = False) -> str:
    """Return text that a terminal can do nothing with but show: what customers wrote may hold anything."""
    if text.isprintable():
        return text
    kept = _SPACES + ("\n" if lines else "")
    return "".join(c if c.isprintable() or c in kept else _shown(c) for c in text.replace("\r\n", "\n"))


_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # between thousands and before "kr"


def _shown(character: str) -> str:
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"


# ── Money and time ───────────────────────────────────────────────────────────────────────────────


def money(minor: int, currency: str) -> str:
    """Return an amount as people of this invocation's language write it."""
    from ashop_core.money import format_money

    return format_money(minor, currency, language())


def decimal(minor: int, currency: str) -> Any:
    """Return an amount in major units, a Decimal with the currency's decimals."""
    from ashop_core.money import to_decimal

    return to_decimal(minor, currency)


def stamp(instant: datetime | None) -> str | None:
    """Return an instant as machines want it: UTC text."""
    from ashop_core.clock import to_iso

    return None if instant is None else to_iso(instant)


def when(instant: datetime | None) -> str:
    """Return an instant as people read it: in the shop's time zone."""
    if instant is None:
        return ""
    from babel.dates import format_datetime

    from ashop_core.clock import local

    moment = local(instant, current_session().shop.settings.shop.timezone)
    if language() == "sv":
        return format_datetime(moment, "yyyy-MM-dd HH:mm", locale="sv_SE")
    return format_datetime(moment, "d MMM yyyy HH:mm", locale="en_GB")


def ago(instant: datetime) -> str:
    """Return how long ago an instant was: ``3 dagar``, ``2 hours``."""
    from babel.dates import format_timedelta

    since = current_session().shop.clock() - instant
    return format_timedelta(since, locale="sv_SE" if language() == "sv" else "en_GB")


# ── Long work ────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def progress(title: Text, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while long work goes on, nothing otherwise; call what it gives to advance::

    with progress(Text("Läser in ordrar", "Importing orders"), total=len(rows)) as advance:
        for row in rows:
            advance(1)
    """
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(title), total=total)
        yield lambda steps: bar.advance(task, steps)
