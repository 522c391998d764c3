"""What the commands that read a file have alike: options that say how, what is in it, and what is written in pairs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from ashop_core.cli.app import option, usage_error
from ashop_core.texts import Text


def reading_options(formats: Iterable[str], statuses: Text) -> tuple[Callable[[Any], Any], ...]:
    """Return --format of these, --encoding, --map (as ``columns``) and --status (as ``statuses``, told in these words)."""
    return (
        option(
            "--format",
            type=click.Choice(list(formats)),
            help=Text("Formatet. Annars det som rubrikerna visar.", "The format. Otherwise what the headers show."),
        ),
        option(
            "--encoding",
            help=Text(
                "Filens kodning, till exempel cp1252. Annars UTF-8, annars cp1252.",
                "The file's encoding, such as cp1252. Otherwise UTF-8, otherwise cp1252.",
            ),
        ),
        option(
            "--map",
            "columns",
            multiple=True,
            metavar=Text("RUBRIK=KOLUMN", "HEADER=COLUMN"),
            help=Text("Vilken kolumn en rubrik står för.", "Which column a header stands for."),
        ),
        option("--status", "statuses", multiple=True, metavar=Text("DERAS=KOD", "THEIRS=CODE"), help=statuses),
    )  # fmt: skip


def contents(file: str, most: int) -> bytes:
    """Return what is in a file, or on standard input for ``-``; a usage error where that cannot be read."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(most + 1)
    except OSError as error:
        unreadable(file, error.strerror)
    if len(data) > most:
        unreadable(file, Text("den är för stor", "it is too large"))
    return data


def unreadable(file: str, why: object) -> NoReturn:
    """End with a usage error that says why a file cannot be read."""
    words = Text("{file} går inte att läsa: {why}", "{file} cannot be read: {why}")
    usage_error(words.fill(file=file, why=why))


def pairs(name: str, given: Iterable[str]) -> dict[str, str]:
    """Return what was written as ``NAME=VALUE``, one for each time the option was given."""
    found = {}
    for pair in given:
        left, _, right = pair.rpartition("=")
        if not left.strip() or not right.strip():
            usage_error(Text("{n} {p}: skriv NAMN=VÄRDE", "{n} {p}: write NAME=VALUE").fill(n=name, p=pair))
        found[left.strip()] = right.strip()
    return found
