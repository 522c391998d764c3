"""The options of `ashop order import`, put together to what reading and importing want."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from ashop_core.cli import file_options
from ashop_core.cli.app import language, option, usage_error
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_order_import.importing import ImportOptions
from ashop_order_import.reading import FORMATS, ReadOptions
from ashop_order_import.settings import ImportSettings

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    *file_options.reading_options(
        FORMATS, Text("Vad en av deras statusar är här.", "What one of their statuses is here.")
    ),
    option(
        "--currency",
        metavar=Text("KOD", "CODE"),
        help=Text(
            "Valutan, där filen inte säger den. Annars butikens.",
            "The currency, where the file does not say. Otherwise the shop's.",
        ),
    ),
    option(
        "--timezone",
        metavar=Text("ZON", "ZONE"),
        help=Text(
            "Tidszonen, där filen inte säger den. Annars butikens.",
            "The time zone, where the file does not say. Otherwise the shop's.",
        ),
    ),
    option(
        "--date-format",
        metavar=Text("MÖNSTER", "PATTERN"),
        help=Text(
            "Hur tider skrivs, om inte som 2026-11-23 13:00: till exempel %m/%d/%Y.",
            "How times are written, if not as 2026-11-23 13:00: for example %m/%d/%Y.",
        ),
    ),
    option(
        "--source",
        help=Text(
            "Vad ordrarnas ursprung kallas. Annars formatet.",
            "What the orders' origin is called. Otherwise the format.",
        ),
    ),
    option(
        "--notify",
        is_flag=True,
        help=Text("Skicka kunderna det som statusen skickar.", "Send customers what the status sends."),
    ),
    option(
        "--move-stock", is_flag=True, help=Text("Låt ordrarna ta av lagret.", "Let the orders take from stock.")
    ),
    option(
        "--strict",
        is_flag=True,
        help=Text("Allt eller inget: en nekad rad nekar filen.", "All or nothing: a refused row refuses the file."),
    ),
    option("--dry-run", is_flag=True, help=Text("Visa bara vad som skulle hända.", "Only show what would be done.")),
    option(
        "--report",
        "report_to",
        type=click.Path(path_type=Path, dir_okay=False),
        help=Text("Skriv alla nekade rader till en CSV-fil.", "Write all refused rows to a CSV file."),
    ),
)  # fmt: skip


def import_options(function: F) -> F:
    """Give a command everything that can be said of an import."""
    for give in reversed(_OPTIONS):
        function = give(function)
    return function


def reading_options(
    shop: Shop,
    *,
    columns: Iterable[str],
    currency: str | None,
    timezone: str | None,
    date_format: str | None,
    **given: Any,
) -> ReadOptions:
    """Return how to read the file: as asked for, otherwise as the shop has it."""
    own = shop.settings.shop
    return ReadOptions(
        currency=_currency(currency or own.currency),
        timezone=_timezone(timezone or own.timezone),
        date_format=_date_format(date_format),
        language=language(),
        columns=file_options.pairs("--map", columns),
        postage=shop.settings.for_plugin(ImportSettings).postage,
        **given,
    )


def importing_options(*, statuses: Iterable[str], **flags: bool) -> ImportOptions:
    """Return what to do with the orders."""
    return ImportOptions(statuses=file_options.pairs("--status", statuses), **flags)


def _currency(code: str) -> str:
    from ashop_core.money import exponent

    exponent(code.upper())
    return code.upper()


def _timezone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        words = Text(
            "--timezone {n}: det finns ingen sådan tidszon", "--timezone {n}: there is no such time zone"
        )
        usage_error(words.fill(n=name))
    return name


def _date_format(pattern: str | None) -> str | None:
    if pattern:
        moment = datetime(2026, 11, 23, 13, 0)  # noqa: DTZ001 - any moment, to try the pattern on
        try:
            datetime.strptime(moment.strftime(pattern), pattern)  # noqa: DTZ007 - thrown away
        except (ValueError, re.error):
            words = Text(
                "--date-format {p}: inget mönster för tider", "--date-format {p}: not a pattern for times"
            )
            usage_error(words.fill(p=pattern))
    return pattern
