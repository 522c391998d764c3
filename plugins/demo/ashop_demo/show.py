"""What the demo prints when the play is over: the shop's own commands, run one after the other."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ashop_core.cli.language import language, say
from ashop_core.cli.root import Root
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.clock import Clock


@dataclass(frozen=True)
class Scene:
    """A command to be shown with its output, and a line on what it shows."""

    words: Text
    args: tuple[str, ...]


def show(folder: Path, scenes: list[Scene], clock: Clock | None = None) -> None:
    """Run the commands as if somebody stood in the shop's folder and typed them."""
    for scene in scenes:
        click.echo()
        click.echo(click.style(f"── {say(scene.words)} ", bold=True))
        click.echo(click.style(f"$ {typed(*scene.args)}", dim=True))
        click.echo()
        run(folder, scene.args, clock)


def run(folder: Path, args: tuple[str, ...], clock: Clock | None = None) -> None:
    """Run one command of `ashop` on a shop, in the language of this invocation; one that fails ends this one."""
    before = ("--shop", str(folder), "--lang", language())
    code = Root(clock).main([*before, *args], prog_name="ashop", standalone_mode=False)
    if code:
        raise click.exceptions.Exit(code)


def typed(*args: str) -> str:
    """Return a command as it is typed in the shop's folder."""
    return shlex.join(("ashop", *args))


def show_next(folder: Path, suggestions: Iterable[tuple[str, Text]]) -> None:
    """Print what to type next, with what each of it does."""
    click.echo()
    click.echo(click.style(f"── {say(_NEXT)} ", bold=True))
    click.echo()
    for line, words in ((f"cd {shlex.quote(str(folder))}", _STAND_THERE), *suggestions):
        click.echo(f"  {say(words)}")
        click.echo(f"    {click.style(line, bold=True)}")


_NEXT = Text("Prova själv", "Try for yourself")
_STAND_THERE = Text("Ställ dig i butiken (eller skriv --shop MAPP)", "Go into the shop (or write --shop DIR)")
