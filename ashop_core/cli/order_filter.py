"""The options that say which orders are meant, shared by the commands that list or export them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from ashop_core.cli.app import option
from ashop_core.cli.names import find_status
from ashop_core.clock import local, parse_local
from ashop_core.errors import InvalidInput
from ashop_core.models import PaymentStatus, Stage
from ashop_core.queries import LARGEST_PAGE, OrderFilter
from ashop_core.shop import Shop
from ashop_core.texts import Text

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    option(
        "--status",
        "statuses",
        multiple=True,
        help=Text("Status, som kod eller text. Kan upprepas.", "Status, as code or label. May be repeated."),
    ),
    option(
        "--stage",
        type=click.Choice([s.value for s in Stage]),
        help=Text("Hur långt ordern är kommen.", "How far the order has come."),
    ),
    option(
        "--payment",
        type=click.Choice([p.value for p in PaymentStatus]),
        help=Text("Betalningens läge.", "How the payment stands."),
    ),
    option("--delivery", help=Text("Leveranssättets kod.", "The delivery method's code.")),
    option("--flag", help=Text("Bara ordrar med den här flaggan.", "Only orders with this flag.")),
    option(
        "--text",
        default="",
        help=Text(
            "Sök i nummer, namn, e-post, telefon och kollinummer.",
            "Search number, name, e-mail, phone and parcel number.",
        ),
    ),
    option(
        "--since",
        metavar=Text("TID", "TIME"),
        help=Text(
            "Lagda från och med: 2026-11-23 eller ”2026-11-23 13:00”.",
            "Placed from: 2026-11-23 or “2026-11-23 13:00”.",
        ),
    ),
    option(
        "--until",
        metavar=Text("TID", "TIME"),
        help=Text(
            "Lagda till och med den dagen, eller före den tiden.",
            "Placed up to and including that day, or before that time.",
        ),
    ),
)


@dataclass(frozen=True)
class Wanted:
    """What the options say, as they were written."""

    statuses: tuple[str, ...]
    stage: str | None
    payment: str | None
    delivery: str | None
    flag: str | None
    text: str
    since: str | None
    until: str | None

    def filter(self, shop: Shop) -> OrderFilter:
        """Return the filter in the shop's own terms. Raises AshopError for a status or method it does not have."""
        zone = shop.settings.shop.timezone
        return OrderFilter(
            statuses=tuple(find_status(shop.flows, words).code for words in self.statuses),
            stage=Stage(self.stage) if self.stage else None,
            payment=PaymentStatus(self.payment) if self.payment else None,
            delivery=shop.flows.find_delivery(self.delivery).code if self.delivery else None,
            flag=self.flag,
            text=self.text,
            since=parse_local(self.since, zone) if self.since else None,
            until=_until(self.until, zone) if self.until else None,
        )

    @property
    def empty(self) -> bool:
        """Tell whether nothing was asked for."""
        return self == Wanted((), None, None, None, None, "", None, None)


def filter_options(function: F) -> F:
    """Give a command the options of a filter; they come as one argument ``wanted``."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        values = {name: kwargs.pop(name) for name in Wanted.__dataclass_fields__}
        return function(*args, wanted=Wanted(**values), **kwargs)

    wrapper.__dict__.update(vars(function))
    for add in reversed(_OPTIONS):
        wrapper = add(wrapper)
    return wrapper  # type: ignore[return-value]


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
                "Nästa sida: markören som listan slutade med.",
                "The next page: the cursor that the list ended with.",
            ),
        ),
        option("--all", "every", is_flag=True, help=Text("Alla sidor.", "Every page.")),
    )
    for one in reversed(add):
        function = one(function)
    return function


def _until(text: str, zone: str) -> datetime:
    """A day means all of it, an instant means before it."""
    moment = parse_local(text, zone)
    if not re.fullmatch(r"\d{4}-?\d\d-?\d\d", text.strip()):
        return moment
    try:
        return parse_local((local(moment, zone) + timedelta(days=1)).date().isoformat(), zone)
    except OverflowError:
        raise InvalidInput(
            Text("”{t}” ligger för långt fram", "“{t}” is too far ahead").fill(t=text)
        ) from None
