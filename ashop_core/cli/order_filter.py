"""The options that say which orders are meant, shared by the commands that list or export them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from ashop_core.cli.app import option
from ashop_core.models import PaymentStatus, Stage
from ashop_core.order_filter import OrderFilter
from ashop_core.paging import LARGEST_PAGE
from ashop_core.saved import find_filter
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_core.where import KEYS, filter_of, pairs_of

F = TypeVar("F", bound=Callable[..., Any])

_TIME = Text("TID", "TIME")
_AGE = Text("TID", "AGE")
_OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("--status", "status", {"multiple": True}),
    ("--stage", "stage", {"type": click.Choice([s.value for s in Stage])}),
    ("--payment", "payment", {"type": click.Choice([p.value for p in PaymentStatus])}),
    ("--delivery", "delivery", {}),
    ("--flag", "flag", {}),
    ("--text", "text", {}),
    ("--customer", "customer", {}),
    ("--since", "since", {"metavar": _TIME}),
    ("--until", "until", {"metavar": _TIME}),
    ("--older-than", "older", {"metavar": _AGE}),
    ("--overdue", "overdue", {"is_flag": True}),
    ("--late", "late", {"is_flag": True}),
)
"""Options by the key that each stands for; the rarer keys are for --where."""


@dataclass(frozen=True)
class Wanted:
    """What the options say, as they were written: pairs of key and value, a saved filter, a text of the same."""

    pairs: tuple[tuple[str, str], ...]
    saved: str | None
    where: str | None

    def filter(self, shop: Shop) -> OrderFilter:
        """Return the filter in the shop's own terms. Raises AshopError with everything that it does not know."""
        saved = pairs_of(find_filter(shop.filters, self.saved).where) if self.saved else []
        return filter_of([*saved, *pairs_of(self.where or ""), *self.pairs], shop.desk())

    @property
    def empty(self) -> bool:
        """Tell whether nothing was asked for."""
        return not (self.pairs or self.saved or self.where)


def filter_options(function: F) -> F:
    """Give a command the options of a filter; they come as one argument ``wanted``."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        given = {key: kwargs.pop(f"by_{key}") for _, key, _ in _OPTIONS}
        wanted = Wanted(tuple(_pairs(given)), kwargs.pop("saved"), kwargs.pop("where"))
        return function(*args, wanted=wanted, **kwargs)

    wrapper.__dict__.update(vars(function))
    wrapper = _where(_saved(wrapper))
    for name, key, attrs in reversed(_OPTIONS):
        wrapper = option(name, f"by_{key}", help=KEYS[key].help, **attrs)(wrapper)
    return wrapper  # type: ignore[return-value]


def _pairs(given: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in given.items():
        if isinstance(value, tuple):
            pairs += [(key, one) for one in value]
        elif value:
            pairs.append((key, "yes" if value is True else value))
    return pairs


_saved = option(
    "--saved",
    metavar=Text("FILTER", "FILTER"),
    help=Text(
        "Ett sparat filter, med kod eller namn; `ashop order filters` listar dem.",
        "A saved filter, by code or name; `ashop order filters` lists them.",
    ),
)
_where = option(
    "--where",
    metavar=Text("VILLKOR", "CONDITIONS"),
    help=Text(
        "Samma villkor som en text: ”status=received, delivery=post, older=3d”. Nycklar: {keys}.",
        "The same conditions as one text: “status=received, delivery=post, older=3d”. Keys: {keys}.",
    ).fill(keys=", ".join(KEYS)),
)


def page_options(function: F) -> F:
    """Give a command --limit, --cursor and --all; they come as ``limit``, ``cursor`` and ``every``."""
    add = (
        option(
            "--limit",
            type=click.IntRange(1, LARGEST_PAGE),
            default=50,
            show_default=True,
            help=Text("Rader per sida.", "Rows per page."),
        ),
        option(
            "--cursor",
            metavar=Text("MARKÖR", "CURSOR"),
            help=Text(
                "En annan sida: en av markörerna som listan slutade med.",
                "Another page: one of the cursors that the list ended with.",
            ),
        ),
        option("--all", "every", is_flag=True, help=Text("Alla sidor.", "Every page.")),
    )
    for one in reversed(add):
        function = one(function)
    return function
