"""Which orders a command is about: named one by one, read from standard input, or all that a filter finds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

from ashop_core.cli.app import argument, option, usage_error
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

STDIN = "-"


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What was written on the command line. `yes`: do not ask first."""

    names: tuple[str, ...] = ()
    where: str | None = None
    yes: bool = False

    def read(self, shop: Shop) -> list[str]:
        """Return the orders' names, each once: those meant when the command began, whatever comes in later."""
        if bool(self.names) == (self.where is not None):
            usage_error(Text("ange ordrar eller --where, ett av dem", "give orders or --where, one of them"))
        return list(dict.fromkeys(self._found(shop) if self.where is not None else _read(self.names)))

    def _found(self, shop: Shop) -> Iterator[str]:
        if not (self.where or "").strip(" ,"):
            usage_error(
                Text(
                    "--where är tomt: skriv vilka, som status=mottagen",
                    "--where is empty: say which, such as status=received",
                )
            )
        for row in shop.every_order(shop.where(self.where or "")):
            yield row.name


def _read(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name == STDIN:
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield name


def orders_argument(function: F) -> F:
    """Give a command its orders, as ``orders``: named, or chosen with --where; and --yes."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        names, where, yes = (kwargs.pop(name) for name in ("orders", "where", "yes"))
        return function(*args, orders=Orders(names=names, where=where, yes=yes), **kwargs)

    update_wrapper(wrapper, function)
    words = Text(
        "Ordernummer eller referenser; - läser dem från standard in, en på varje rad.",
        "Order numbers or references; - reads them from standard input, one on each line.",
    )
    chosen = option(
        "--where",
        metavar=Text("VILLKOR", "CONDITIONS"),
        help=Text(
            "Alla ordrar som villkoren gäller, som ”status=mottagen”; nycklarna är de i `ashop order list`.",
            "Every order that the conditions hold for, such as “status=received”; the keys of `ashop order list`.",
        ),
    )
    unasked = option("--yes", is_flag=True, help=Text("Fråga inte först.", "Do not ask first."))
    named = argument("orders", nargs=-1, metavar=Text("ORDER", "ORDER"), help=words)
    return named(chosen(unasked(wrapper)))  # type: ignore[return-value]
