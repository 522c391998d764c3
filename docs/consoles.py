"""Plays the consoles of the documentation: what stands under ``$ ashop …`` is what the program prints.

A page's ```console blocks share one folder and one fixed clock that moves a minute at each command. A block
such as ```python file=plugins/rule.py is written to that file first. Beside ``ashop``, the lines may
say ``cd``, ``cat`` and ``ls``.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from unittest.mock import patch

from click.testing import CliRunner

from ashop_core.cli.root import Root
from ashop_core.testing import FixedClock, write_shop
from ashop_core.testing.receivers import Copy, Request, WebReceiver

_BLOCK = re.compile(r"^```(?P<kind>\w+)(?P<more>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"file=(\S+)")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def played(page: str) -> str:
    """Return a page with the output of every console block as the program gives it now."""
    with stage() as player, _chat(player.root) if "CHAT_URL" in page else nullcontext():
        return _BLOCK.sub(lambda block: player.block(block), page)


@contextmanager
def _chat(folder: Path) -> Iterator[None]:
    """Be the service that the page on channels posts to; `received.txt` is what it was given."""

    def take(request: Request) -> Copy:
        said = json.loads(request.body)
        with (folder / "received.txt").open("a", encoding="utf-8") as file:
            file.write(f"{said['channel']}\n{said['text']}\n\n")
        return Copy(to=said["channel"], words=said["text"])

    with WebReceiver(take) as receiver, patch.dict(os.environ, {"CHAT_URL": receiver.url}):
        yield


class Player:
    """One page's folder, clock and place in it."""

    def __init__(self, folder: Path) -> None:
        self.root = self.folder = folder
        self.clock = FixedClock(START)

    def block(self, block: re.Match[str]) -> str:
        """Return a block as it should stand: consoles played, files written, anything else untouched."""
        named = _FILE.search(block["more"])
        if named:
            path = self.folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["body"], encoding="utf-8")
        if block["kind"] != "console":
            return block[0]
        lines = [line for line in block["body"].splitlines() if line.startswith("$ ")]
        shown = "\n".join(f"{line}\n{self.run(line[2:])}".rstrip() for line in lines)
        return f"```console{block['more']}\n{shown}\n```"

    def run(self, line: str) -> str:
        """Run one line and return what it prints."""
        words = shlex.split(line)
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
            return ""
        if words[0] == "cat":
            return (self.folder / words[1]).read_text(encoding="utf-8")
        if words[0] == "ls":
            return "\n".join(sorted(p.name for p in (self.folder / (words[1:] or ["."])[0]).iterdir()))
        assert words[0] == "ashop", f"a console may not say {line!r}"
        self.clock.advance(minutes=1)
        said = invoke(words[1:], self.folder, self.clock).replace(str(self.root), "/srv")
        return re.sub(
            r"\d+ KiB", "… KiB", said
        )  # where it lies, and how SQLite fills its pages, is this machine's


def invoke(words: list[str], folder: Path, clock: FixedClock) -> str:
    """Run `ashop` with these words in a folder and return all it prints; an unexpected exception is raised."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner(env={"COLUMNS": "100"}).invoke(Root(clock), words, prog_name="ashop")
    finally:
        os.chdir(before)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return "\n".join(line.rstrip() for line in result.output.splitlines()) + "\n"


@contextmanager
def stage() -> Iterator[Player]:
    """An empty folder to play a page in, with references that are the same each time."""
    chance = Random(7)

    def reference() -> str:
        return "K-" + "".join(chance.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(6))

    with (
        tempfile.TemporaryDirectory() as folder,
        patch("ashop_core.shop.new_reference", reference),
        patch("ashop_core.settling.new_reference", reference),
        patch.dict(os.environ, {"LANG": "sv_SE.UTF-8", "ASHOP_ACTOR": "staff"}),
    ):
        for name in ("ASHOP_SHOP", "ASHOP_LANG"):
            os.environ.pop(name, None)
        yield Player(Path(folder).resolve())


def command_help(language: str) -> str:
    """Return the help of every command of a shop with all plugins, in one language."""
    from reference import plugins

    with stage() as player:
        write_shop(player.folder, *plugins())
        return "".join(_help(player, language, ()))


def _help(player: Player, language: str, path: tuple[str, ...]) -> Iterator[str]:
    said = invoke(["--lang", language, *path, "--help"], player.folder, player.clock)
    title = " ".join(("ashop", *path))
    yield f"{'#' * min(2 + len(path), 4)} `{title}`\n\n```text\n{said}```\n\n"
    for name in _subcommands(player, path):
        yield from _help(player, language, (*path, name))


def _subcommands(player: Player, path: tuple[str, ...]) -> list[str]:
    import click

    before = Path.cwd()
    os.chdir(player.folder)
    try:
        command: click.Command = Root(player.clock)
        context = command.make_context("ashop", list(path) or ["--help"], resilient_parsing=True)
        for name in path:
            assert isinstance(command, click.Group)
            found = command.get_command(context, name)
            assert found is not None
            context = found.make_context(name, [], parent=context, resilient_parsing=True)
            command = found
        return command.list_commands(context) if isinstance(command, click.Group) else []
    finally:
        os.chdir(before)
