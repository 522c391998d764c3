"""`ashop` itself: language and shop folder, what plugins add, and errors said so that people can act on them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ashop_core.cli.commands import COMMANDS
from ashop_core.cli.errors import show_error
from ashop_core.cli.extensions import add_plugin_commands, add_shopless_commands
from ashop_core.cli.groups import Group
from ashop_core.cli.language import say, speak
from ashop_core.cli.parts import Option
from ashop_core.cli.session import Session, find_folder
from ashop_core.errors import AshopError
from ashop_core.texts import LANGUAGES, Text

if TYPE_CHECKING:
    from ashop_core.clock import Clock

_ABOUT = Text(
    "Ashop: en webbutiks orderdisk. Står du i butikens mapp hittas den av sig själv.",
    "Ashop: the order desk of a web shop. In the shop's folder the shop is found by itself.",
)


_ENVIRONMENT = Text(
    "Miljövariabler: ASHOP_SHOP är butikens mapp, ASHOP_LANG språket och ASHOP_ACTOR ditt namn i ordrarnas "
    "historik (annars inloggningsnamnet).",
    "Environment: ASHOP_SHOP is the shop's folder, ASHOP_LANG the language and ASHOP_ACTOR your name in the "
    "orders' history (otherwise the login name).",
)


class Root(Group):
    """The command `ashop`. One is made for each invocation, so that a plugin's commands are not left over."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__("ashop", words=_ABOUT, params=_options(), no_args_is_help=True)
        self._clock = clock
        self._session = Session(None)

    def add_lazy(self, path: str, target: str | None, *, help: Text) -> None:
        """Add the command ``path``, such as ``"order import"``, found as ``"module:attribute"`` when it is used.

        `help` is one sentence, or begins with one. Without a target it is a group for others to add to.
        """
        self._session.add(path, target, help)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Find shop and language before anything is parsed, so that every message is in that language."""
        given = _leading_values(args)
        self._session = session = Session(find_folder(given.get("--shop")), self._clock)
        speak(given.get("--lang"), os.environ.get("ASHOP_LANG"), session.table("shop").get("language"))
        for path, target, text, anyhow in COMMANDS:
            session.add(path, target, text, anyhow)
        add_plugin_commands(self, session)
        return super().make_context(info_name, args, parent, **{**extra, "obj": session})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all commands; those that need no shop are looked for now."""
        add_shopless_commands(self._session)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, looking among those that need no shop last."""
        found = super().get_command(ctx, cmd_name)
        if found is None and add_shopless_commands(self._session, cmd_name):
            found = super().get_command(ctx, cmd_name)
        return found

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what the environment may hold, and name the plugins that are broken."""
        formatter.write_paragraph()
        formatter.write_text(say(_ENVIRONMENT))
        for fault in self._session.faults:
            formatter.write_paragraph()
            formatter.write_text(say(fault.text))

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run the program; what stops it before any command has begun is said as politely."""
        with _said():
            return super().main(args, *more, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; close the shop whatever happens, and say what a person can mend."""
        ctx.call_on_close(self._session.close)
        with _said():
            return super().invoke(ctx)


@contextmanager
def _said() -> Iterator[None]:
    """The one place where errors become words and exit codes; anything unexpected shows its traceback."""
    try:
        yield
    except AshopError as error:
        show_error(error)
        _exit(error.exit_code)
    except KeyboardInterrupt:
        _exit(130)


def _exit(code: int) -> NoReturn:
    if click.get_current_context(silent=True) is None:
        raise SystemExit(code)
    raise click.exceptions.Exit(code)


def _options() -> list[click.Parameter]:
    from ashop_core import __version__

    return [
        Option(
            ["--shop"], expose_value=False, metavar=Text("MAPP", "DIR"),
            words=Text(
                "Butikens mapp. Annars ASHOP_SHOP, annars den närmaste uppåt med ashop.toml.",
                "The shop's folder. Otherwise ASHOP_SHOP, otherwise the nearest one upwards with ashop.toml.",
            ),
        ),
        Option(
            ["--lang"], expose_value=False, type=click.Choice(LANGUAGES),
            words=Text(
                "Språk. Annars ASHOP_LANG, annars butikens.", "Language. Otherwise ASHOP_LANG, otherwise the shop's."
            ),
        ),
        Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version(__version__),
            words=Text("Visa version.", "Show the version and exit."),
        ),
    ]  # fmt: skip


def _show_version(version: str) -> Any:
    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(f"ashop {version}")
            ctx.exit()

    return show


def _leading_values(args: Sequence[str]) -> dict[str, str]:
    """Return --shop and --lang as they stand before the command's name, read before click reads anything."""
    found: dict[str, str] = {}
    rest = iter(args)
    for arg in rest:
        if not arg.startswith("-"):
            break
        name, equals, value = arg.partition("=")
        if name in ("--shop", "--lang"):
            found[name] = value if equals else next(rest, "")
    return found
