"""What commands are made of: groups, commands, options and arguments that speak Swedish and English.

A plugin adds commands in its hook, with nothing imported but the hook's marker::

    @hookimpl
    def ashop_register_commands(cli):
        cli.add_lazy("stock", None, help=Text("Lager och lagerregler.", "Stock and its rules."))
        cli.add_lazy("stock list", "ashop_stock_control.cli.items:list_", help=Text("Visa artiklarna.", "List the items."))
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

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from ashop_core.cli.groups import Group
from ashop_core.cli.language import language, say
from ashop_core.cli.parts import Argument, Command, Option, session_of
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.cli.session import Session

__all__ = [
    "argument",
    "command",
    "current_session",
    "group",
    "language",
    "option",
    "usage_error",
    "with_shop",
]

F = TypeVar("F", bound=Callable[..., Any])


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


def usage_error(text: Text) -> NoReturn:
    """Stop with exit code 2: the command was not written as it should be."""
    raise click.UsageError(say(text), click.get_current_context())
