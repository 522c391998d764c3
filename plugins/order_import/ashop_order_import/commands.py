"""`ashop order import`: orders of another shop, from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ashop_core.cli.app import argument, command, with_shop
from ashop_core.cli.output import json_option, progress, write_json
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_order_import.importing import import_file
from ashop_order_import.options import import_options, importing_options, reading_options
from ashop_order_import.reading import OrderFile
from ashop_order_import.refused_file import RefusedFile
from ashop_order_import.show import show_report

_HELP = Text(
    "Läs in ordrar ur en fil från en annan butik. Formatet syns på rubrikerna: Online Retail (en rad per "
    "artikel), Shopifys orderexport, eller Ashops egen JSON. Samma fil kan läsas in igen: det som redan finns "
    "ändras inte. Rader som inte går att läsa in nekas var för sig, med nummer och orsak; de räknas som i ett "
    "kalkylprogram, så rubrikerna är rad 1. Inget lager flyttas och inget skickas till kunderna, om du inte ber "
    "om det.",
    "Take in orders from a file of another shop. The format is known by its headers: Online Retail (a row per "
    "line), Shopify's order export, or Ashop's own JSON. The same file can be imported again: what is here "
    "already is not changed. Rows that cannot be imported are refused one by one, with number and reason; they "
    "are counted as a spreadsheet does, so the headers are row 1. No stock is moved and nothing is sent to "
    "customers unless you ask for it.",
)
_EPILOG = Text(
    "Exempel:\n"
    "  ashop order import orders_export.csv --dry-run\n"
    "  ashop order import orders_export.csv --status paid=reviewed\n"
    "  ashop order import online_retail.csv --currency GBP --timezone Europe/London\n"
    '  ashop order import egna.csv --format online_retail --map "Ordernr=order"',
    "Examples:\n"
    "  ashop order import orders_export.csv --dry-run\n"
    "  ashop order import orders_export.csv --status paid=reviewed\n"
    "  ashop order import online_retail.csv --currency GBP --timezone Europe/London\n"
    '  ashop order import own.csv --format online_retail --map "Order no=order"',
)


@command(_HELP, epilog=_EPILOG)
@argument("file", metavar=Text("FIL", "FILE"), type=click.Path(path_type=Path))
@import_options
@json_option
@with_shop
def import_(
    shop: Shop,
    file: Path,
    form: str,
    report_to: Path | None,
    statuses: tuple[str, ...],
    notify: bool,
    move_stock: bool,
    strict: bool,
    dry_run: bool,
    **reading: Any,
) -> None:
    """Import a file and tell what became of its rows."""
    how = reading_options(shop, **reading)
    what = importing_options(
        statuses=statuses, notify=notify, move_stock=move_stock, strict=strict, dry_run=dry_run
    )
    total = file.stat().st_size if file.is_file() else None
    with (
        RefusedFile(report_to, how.language) as refused,
        progress(Text("Läser in ordrar", "Importing orders"), total) as advance,
    ):
        report = import_file(shop, file, how, what, refused=refused.write, progress=_steps(advance))
    if form == "json":
        write_json(report.to_json())
    else:
        show_report(report, how, report_to)
    if report.failed:
        click.get_current_context().exit(1)


def _steps(advance: Callable[[int], None]) -> Callable[[OrderFile], None]:
    """Return what moves the bar on to where the reading has come."""
    done = 0

    def move(file: OrderFile) -> None:
        nonlocal done
        if file.position != done:
            advance(file.position - done)
            done = file.position

    return move
