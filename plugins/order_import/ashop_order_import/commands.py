"""`ashop order import`: orders of another shop, from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from ashop_core.cli.app import argument, command, language, option, usage_error, with_shop
from ashop_core.cli.output import json_option, progress, write_json
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_order_import.importing import ImportOptions, import_file
from ashop_order_import.reading import FORMATS, OrderFile, ReadOptions
from ashop_order_import.settings import ImportSettings
from ashop_order_import.show import show_report

_HELP = Text(
    "Läs in ordrar ur en fil från en annan butik. Formatet syns på rubrikerna: Online Retail (en rad per "
    "artikel), Shopifys orderexport, eller Ashops egen JSON. Samma fil kan läsas in igen: det som redan finns "
    "ändras inte. Rader som inte går att läsa in nekas var för sig, med nummer och orsak; raderna räknas som i "
    "ett kalkylprogram, så rubrikerna är rad 1. Inget lager flyttas och inget skickas till kunderna, om du inte "
    "ber om det.",
    "Take in orders from a file of another shop. The format is known by its headers: Online Retail (a row per "
    "line), Shopify's order export, or Ashop's own JSON. The same file can be imported again: what is here "
    "already is not changed. Rows that cannot be imported are refused one by one, with number and reason; they "
    "are counted as a spreadsheet does, so the headers are row 1. No stock is moved and nothing is sent to "
    "customers unless you ask for it.",
)
_EPILOG = Text(
    "Exempel:\n"
    "  ashop order import orders_export.csv --dry-run\n"
    "  ashop order import orders_export.csv --status unfulfilled=reviewed\n"
    "  ashop order import online_retail.csv --currency GBP --timezone Europe/London\n"
    '  ashop order import egna.csv --format online_retail --map "Ordernr=order" --map "Artikel=sku"',
    "Examples:\n"
    "  ashop order import orders_export.csv --dry-run\n"
    "  ashop order import orders_export.csv --status unfulfilled=reviewed\n"
    "  ashop order import online_retail.csv --currency GBP --timezone Europe/London\n"
    '  ashop order import own.csv --format online_retail --map "Order no=order" --map "Article=sku"',
)


@command(_HELP, epilog=_EPILOG)
@argument("file", metavar=Text("FIL", "FILE"), type=click.Path(path_type=Path))
@option(
    "--format",
    type=click.Choice(FORMATS),
    help=Text(
        "Formatet, om det inte ska gissas av rubrikerna.",
        "The format, if it is not to be told by the headers.",
    ),
)
@option(
    "--encoding",
    help=Text(
        "Filens kodning, till exempel cp1252. Annars UTF-8, annars cp1252.",
        "The file's encoding, such as cp1252. Otherwise UTF-8, otherwise cp1252.",
    ),
)
@option(
    "--map",
    "columns",
    multiple=True,
    metavar=Text("RUBRIK=KOLUMN", "HEADER=COLUMN"),
    help=Text("Vilken kolumn en rubrik står för.", "Which column a header stands for."),
)
@option(
    "--status",
    "statuses",
    multiple=True,
    metavar=Text("DERAS=KOD", "THEIRS=CODE"),
    help=Text("Vad en status heter här.", "What a status is called here."),
)
@option(
    "--currency",
    metavar=Text("KOD", "CODE"),
    help=Text(
        "Valutan, där filen inte säger den. Annars butikens.",
        "The currency, where the file does not say. Otherwise the shop's.",
    ),
)
@option(
    "--timezone",
    metavar=Text("ZON", "ZONE"),
    help=Text(
        "Tidszonen, där filen inte säger den. Annars butikens.",
        "The time zone, where the file does not say. Otherwise the shop's.",
    ),
)
@option(
    "--date-format",
    metavar=Text("MÖNSTER", "PATTERN"),
    help=Text(
        'Hur tider skrivs, till exempel "%m/%d/%Y %H:%M".', 'How times are written, such as "%m/%d/%Y %H:%M".'
    ),
)
@option(
    "--source",
    help=Text(
        "Vad ordrarnas ursprung kallas. Annars formatets namn.",
        "What the orders' origin is called. Otherwise the format's name.",
    ),
)
@option(
    "--notify",
    is_flag=True,
    help=Text("Skicka kunderna det som deras status skickar.", "Send customers what their status sends."),
)
@option(
    "--move-stock", is_flag=True, help=Text("Låt ordrarna ta av lagret.", "Let the orders take from stock.")
)
@option(
    "--strict",
    is_flag=True,
    help=Text(
        "Allt eller inget: neka hela filen om en rad nekas.",
        "All or nothing: refuse the file if a row is refused.",
    ),
)
@option(
    "--dry-run", is_flag=True, help=Text("Visa bara vad som skulle hända.", "Only show what would be done.")
)
@option(
    "--report",
    "report_to",
    type=click.Path(path_type=Path, dir_okay=False),
    help=Text("Skriv alla nekade rader till en CSV-fil.", "Write all refused rows to a CSV file."),
)
@json_option
@with_shop
def import_(
    shop: Shop, file: Path, columns: tuple[str, ...], statuses: tuple[str, ...], currency: str | None, timezone: str | None,
    report_to: Path | None, form: str, notify: bool, move_stock: bool, strict: bool, dry_run: bool, **more: Any,
) -> None:  # fmt: skip
    """Import a file and tell what became of its rows."""
    given = {"currency": currency, "timezone": timezone, "columns": _pairs(columns), **more}
    reading = ReadOptions.of_shop(
        shop.settings.shop,
        language=language(),
        postage=shop.settings.for_plugin(ImportSettings).postage,
        **{name: value for name, value in given.items() if value is not None},
    )
    options = ImportOptions(
        statuses=_pairs(statuses), notify=notify, move_stock=move_stock, strict=strict, dry_run=dry_run
    )
    total = file.stat().st_size if file.is_file() else None
    with progress(Text("Läser in ordrar", "Importing orders"), total) as advance:
        report = import_file(shop, file, reading, options, report_to=report_to, progress=_steps(advance))
    if form == "json":
        write_json(report.to_json())
    else:
        show_report(report, reading, report_to)
    if report.failed:
        click.get_current_context().exit(1)


def _pairs(given: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        name, equals, value = pair.rpartition("=")
        if not equals or not name.strip() or not value.strip():
            usage_error(Text("skriv ”{p}” som NAMN=VÄRDE", "write “{p}” as NAME=VALUE").fill(p=pair))
        pairs[name.strip()] = value.strip()
    return pairs


def _steps(advance: Callable[[int], None]) -> Callable[[OrderFile], None]:
    """Return what moves the bar on to where the reading has come."""
    done = 0

    def move(file: OrderFile) -> None:
        nonlocal done
        if file.position != done:
            advance(file.position - done)
            done = file.position

    return move
