"""What the commands that import a file ask alike: the options that say how to read it, and what is written in pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

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


def pairs(name: str, given: Iterable[str]) -> dict[str, str]:
    """Return what was written as ``NAME=VALUE``, one for each time the option was given."""
    found = {}
    for pair in given:
        left, _, right = pair.rpartition("=")
        if not left.strip() or not right.strip():
            usage_error(Text("{n} {p}: skriv NAMN=VÄRDE", "{n} {p}: write NAME=VALUE").fill(n=name, p=pair))
        found[left.strip()] = right.strip()
    return found
