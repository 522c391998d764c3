"""What people see on their terminal: labelled values, drawn tables, notes, a bar for long work.

Whatever customers wrote goes through `clean` first: it may hold anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from shutil import get_terminal_size
from textwrap import wrap
from typing import Literal

import click

from ashop_core.cli.language import say
from ashop_core.texts import Text


def show_pairs(pairs: Iterable[tuple[Text | str, Text | str]], indent: int = 2) -> None:
    """Print labels and values under one another; those without a value are left out."""
    found = [(say(label), say(value)) for label, value in pairs if value]
    width = max((len(label) for label, _ in found), default=0)
    for label, value in found:
        first, *more = _broken(clean(value, lines=True), indent + width + 2) or [""]
        click.echo(f"{' ' * indent}{clean(label).ljust(width)}  {first}")
        for line in more:
            click.echo(f"{' ' * (indent + width + 2)}{line}")


def _broken(words: str, used: int) -> list[str]:
    """Return the lines of a value; those too long for the terminal are broken between words."""
    lines = words.splitlines()
    if not is_terminal():
        return lines
    room = max(get_terminal_size().columns - used, SHORT)
    return [
        part
        for line in lines
        for part in wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""]
    ]


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


SHORT = 16
"""Columns no wider than this are never broken over lines: half a date or an amount is of no use."""
_BETWEEN = 3
_KEPT = 3


def draw_table(titles: list[str], rights: list[bool], cells: list[list[str]]) -> None:
    """Draw a table as wide as the terminal; where that is too narrow, empty columns go, then the last of words.

    It says which of them had something to tell.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    console = Console(highlight=False)
    widths = [
        max(len(cell) for cell in (title, *(row[n] for row in cells))) for n, title in enumerate(titles)
    ]
    empty = [n for n in range(len(titles)) if not any(row[n] for row in cells)]
    shown = _fitting(widths, rights, empty, console.width)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for n in shown:
        side: Literal["left", "right"] = "right" if rights[n] else "left"
        table.add_column(RichText(titles[n]), justify=side, overflow="fold", no_wrap=widths[n] <= SHORT)
    for row in cells:
        table.add_row(*(RichText(row[n]) for n in shown))  # never as markup: names come from customers
    console.print(table)
    left_out = [title for n, title in enumerate(titles) if n not in (*shown, *empty)]
    if left_out:
        note(Text("(för smalt för: {titles})", "(too narrow for: {titles})").fill(titles=", ".join(left_out)))


def _fitting(widths: list[int], rights: list[bool], empty: list[int], room: int) -> list[int]:
    """Return the columns that fit side by side: numbers and the first few before the rest, empty ones last."""
    shown = list(range(len(widths)))
    while sum(min(widths[n], SHORT) + _BETWEEN for n in shown) > room:
        spare = (
            [n for n in shown if n in empty] or [n for n in shown[_KEPT:] if not rights[n]] or shown[_KEPT:]
        )
        if not spare:
            break
        shown.remove(spare[-1])
    return shown


@contextmanager
def progress(
    title: Text, total: int | None = None, *, telling: bool = False
) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while long work goes on, nothing otherwise; call what it gives to advance.

    `telling`: the work prints a line for each step; where a person reads these, they take the bar's place::

    with progress(Text("Läser in ordrar", "Importing orders"), total=len(rows)) as advance:
        for row in rows:
            advance(1)
    """
    if not sys.stderr.isatty() or total == 0 or (telling and is_terminal()):
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(title), total=total)
        yield lambda steps: bar.advance(task, steps)
