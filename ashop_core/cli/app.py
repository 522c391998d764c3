"""What commands are made of: groups, commands, options and arguments that speak Swedish and English.

A plugin adds commands in its hook, with nothing imported but the hook's marker::

    @hookimpl
    def ashop_register_commands(cli):
        cli.add_lazy("stock", None, help=Text("Lager och lagerregler.", "Stock and its rules."))
        cli.add_lazy("stock list", "ashop_stock_control.commands:list_", help=Text("Visa artiklarna.", "List the items."))
        cli.add_lazy("order import", "ashop_order_import.commands:import_", help=Text("…", "…"))

The first makes a group, the others put commands in a group, also one of the core's or of another plugin's.
The module is imported when the command is used, never for a help page above it. In that module::

    from ashop_core.cli.app import argument, command, option, with_shop
    from ashop_core.cli.output import Column, list_options, show_list

    @command(epilog=Text("Exempel: …", "Example: …"))
    @option("--below", type=int, help=Text("Bara saldo under N.", "Only balances below N."))
    @list_options
    @with_shop
    def list_(shop: Shop, below: int | None, form: str) -> None:
        ...

The text given to `add_lazy` is the command's help; ``help=`` in the decorator replaces it on the command's
own page. Raise AshopError for what the user can mend: its text goes to standard error, exit code 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from ashop_core.cli.language import language, say, translate
from ashop_core.errors import AshopError, PluginError
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])


class _Bilingual:
    """Gives click the words of the language of this invocation wherever it asks for help or a metavar."""

    words: Text | None = None
    metavar_words: Text | None = None

    @property
    def help(self) -> str | None:
        return say(self.words) if self.words else None

    @help.setter
    def help(self, value: str | None) -> None:
        """Click offers the function's docstring, which is for readers of the code."""

    @property
    def metavar(self) -> str | None:
        return say(self.metavar_words) if self.metavar_words else None

    @metavar.setter
    def metavar(self, value: Text | None) -> None:
        self.metavar_words = value


class Option(_Bilingual, click.Option):
    """An option with its help, and its metavar if it has one, in both languages."""

    def __init__(self, *args: Any, words: Text | None = None, **attrs: Any) -> None:
        self.words = words
        super().__init__(*args, **attrs)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the value's placeholder, click's own kinds translated."""
        return translate(super().make_metavar(ctx))


class Argument(_Bilingual, click.Argument):
    """An argument with its help and its placeholder in both languages."""

    def __init__(self, *args: Any, words: Text | None = None, **attrs: Any) -> None:
        self.words = words
        super().__init__(*args, **attrs)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the placeholder with click's brackets and dots also where it is a word of ours."""
        if self.metavar_words is None:
            return super().make_metavar(ctx)
        word = say(self.metavar_words)
        return (word if self.required else f"[{word}]") + ("..." if self.nargs != 1 else "")


class Command(_Bilingual, click.Command):
    """A command with help in both languages. It is not run while a plugin is broken, unless `anyhow`."""

    epilog_words: Text | None = None

    def __init__(
        self, *args: Any, words: Text | None = None, epilog: Text | None = None, anyhow: bool = False, **attrs: Any
    ) -> None:  # fmt: skip
        self.words, self.epilog_words, self.anyhow = words, epilog, anyhow
        super().__init__(*args, **attrs)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the help's first sentence."""
        return first_sentence(self.words)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option; click keeps it, with the words of the first language it was shown in."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say(_HELP)
        return option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line, click's placeholders translated."""
        return [translate(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they stand, line by line."""
        if self.epilog_words:
            formatter.write_paragraph()
            for line in say(self.epilog_words).splitlines():
                formatter.write(f"  {line}\n" if line else "\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, or say which plugin is in the way."""
        if not self.anyhow and not isinstance(self, Group):
            session_of(ctx).ensure_sound()
        return super().invoke(ctx)


_HELP = Text("Visa den här hjälpen.", "Show this message and exit.")


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
        return self.commands.get(cmd_name) if lazy is None else _load(cmd_name, lazy)

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


def command(help: Text | None = None, *, anyhow: bool = False, **attrs: Any) -> Callable[[F], Command]:
    """Make a function a command. `anyhow`: it also runs where a plugin of the shop is broken."""
    return click.command(cls=Command, words=help, anyhow=anyhow, **attrs)


def group(help: Text | None = None, **attrs: Any) -> Callable[[F], Group]:
    """Make a function a group of commands."""
    return click.group(cls=Group, words=help, **attrs)


def option(*names: str, help: Text, metavar: Text | None = None, **attrs: Any) -> Callable[[F], F]:
    """Give a command an option; otherwise as click's own."""
    return click.option(*names, cls=Option, words=help, metavar=metavar, **attrs)


def argument(
    name: str, *, metavar: Text | None = None, help: Text | None = None, **attrs: Any
) -> Callable[[F], F]:
    """Give a command an argument; otherwise as click's own."""
    return click.argument(name, cls=Argument, words=help, metavar=metavar, **attrs)


def with_shop(function: F) -> F:
    """Give the command the open shop as its first argument; it is closed when the program ends."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(current_session().shop, *args, **kwargs)

    return update_wrapper(wrapper, function)  # type: ignore[return-value]


def current_session() -> Session:
    """Return the session of this invocation: its shop's folder, the open shop, its plugins' commands."""
    return session_of(click.get_current_context())


def session_of(ctx: click.Context) -> Session:
    """Return the session that a context belongs to."""
    session: Session = ctx.find_root().obj
    return session


def usage_error(text: Text) -> NoReturn:
    """Stop with exit code 2: the command was not written as it should be."""
    raise click.UsageError(say(text), click.get_current_context())


def first_sentence(text: Text | None) -> str:
    """Return a help text's first sentence, as lists of commands show it."""
    words = say(text) if text else ""
    return words.split("\n")[0].split(". ")[0].rstrip(".")


def _load(name: str, lazy: Lazy) -> click.Command:
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


__all__ = [
    "Argument", "Command", "Group", "Option", "argument", "command", "current_session", "group", "language",
    "option", "usage_error", "with_shop",
]  # fmt: skip
