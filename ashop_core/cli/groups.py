"""Groups of commands that may be added from anywhere, and are imported when they are used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import translate
from ashop_core.cli.parts import Command, first_sentence, session_of
from ashop_core.errors import AshopError, PluginError
from ashop_core.texts import Text

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True)
class Lazy:
    """A command that is imported when it is used; without a target, a group for others to add to."""

    target: str | None
    help: Text | None
    anyhow: bool = False
    plugin: str | None = None


class Group(Command, click.Group):
    """A group whose commands may be added from anywhere, and imported when they are used.

    What was added belongs to the root of the invocation, so that nothing is left over in the next one.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of its commands in the order they were added."""
        return list(dict.fromkeys([*self.commands, *(name for name, _ in self._added(ctx))]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now if it was added lazily."""
        lazy = dict(self._added(ctx)).get(cmd_name)
        return self.commands.get(cmd_name) if lazy is None else load(cmd_name, lazy)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run; an unknown one is answered with those that it resembles."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            session_of(ctx).ensure_sound()  # it may be a command of the plugin that is broken
            raise click.NoSuchCommand(error.command_name, None, self.list_commands(ctx), ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with one sentence each, importing none of them."""
        rows = [(name, self._summary(ctx, name)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section(translate("Commands")):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Go on to the command; whether that may run is asked there."""
        return click.Group.invoke(self, ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name, importing none of them."""
        from click.shell_completion import CompletionItem

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self._summary(ctx, name)) for name in names]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def _summary(self, ctx: click.Context, name: str) -> str:
        lazy = dict(self._added(ctx)).get(name)
        if lazy is not None and lazy.help is not None:
            return first_sentence(lazy.help)
        try:
            found = self.get_command(ctx, name)
        except Exception:  # a command of another program: its fault must not hide this help
            found = None
        return found.get_short_help_str() if found else ""

    def _added(self, ctx: click.Context) -> Iterator[tuple[str, Lazy]]:
        path = _path(ctx)
        for (*parents, name), lazy in session_of(ctx).added.items():
            if parents == path:
                yield name, lazy


def load(name: str, lazy: Lazy) -> click.Command:
    """Return a command, imported now; without a target, an empty group."""
    if lazy.target is None:
        return Group(name, words=lazy.help, no_args_is_help=True)
    try:
        found = _imported(lazy.target)
    except Exception as error:
        if lazy.plugin is None:
            raise
        raise plugin_fault(lazy.plugin, error) from error
    if isinstance(found, Command):
        found.words = found.words or lazy.help
        found.anyhow = found.anyhow or lazy.anyhow
    return found


def _imported(target: str) -> click.Command:
    from importlib import import_module

    module, _, attribute = target.partition(":")
    found: click.Command = getattr(import_module(module), attribute)
    return found


def plugin_fault(name: str, error: BaseException) -> PluginError:
    """Return what a plugin's code raised as an error that names the plugin and the remedy."""
    why = error.text if isinstance(error, AshopError) else f"{type(error).__name__}: {error}"
    return PluginError(
        name,
        Text(
            "insticksmodulen {name} kan inte laddas: {why}. Rätta den, installera det den saknar "
            '(pip install "ashop[{extra}]") eller ta bort den ur [plugins] enabled i ashop.toml.',
            "the plugin {name} cannot be loaded: {why}. Mend it, install what it lacks "
            '(pip install "ashop[{extra}]") or remove it from [plugins] enabled in ashop.toml.',
        ).fill(name=name, why=why, extra=name.removeprefix("local:")),
    )


def _path(ctx: click.Context) -> list[str]:
    names: list[str] = []
    while ctx.parent is not None:
        names.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return names
