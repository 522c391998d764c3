"""`ashop stock import` and `ashop stock export`: files of items, in this shop's format and in other shops'."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.file_options import pairs, reading_options
from ashop_core.cli.output import list_options, note, progress
from ashop_core.errors import InvalidInput
from ashop_core.files import open_atomically
from ashop_core.texts import Text, counted
from ashop_stock_control import stock
from ashop_stock_control.cli.file_telling import refusal, tell_import
from ashop_stock_control.cli.item_options import item_options, items_wanted
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.files.cells import ReadOptions
from ashop_stock_control.files.exporting import LOCATION, SHEETS, export_rows
from ashop_stock_control.files.formats import CODES
from ashop_stock_control.files.importing import ImportOptions, import_file
from ashop_stock_control.new_items import Mode

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

_HELP = Text(
    "Läs in artiklar och saldon ur en CSV-fil. Formatet syns på rubrikerna: vanlig CSV (sku, name, balance, status "
    "och de andra kolumnerna i `ashop stock export`), WooCommerces eller Shopifys produktexport, eller Shopifys "
    "lagerexport. Nya artiklar läggs upp, inga tas bort, och tomma celler lämnar det som står.\n\n"
    "Lägen: update (det vanliga) ändrar artiklarna till allt som filen säger. set ändrar bara saldona. count tar "
    "siffrorna för vad som räknades på hyllan, hållna varor medräknade; samma fil räknas en gång.\n\n"
    "Är en rad fel ändras ingenting, om du inte säger --skip-bad. Rader räknas som i ett kalkylprogram: rubrikerna "
    "är rad 1. Visa först med --dry-run.",
    "Import items and balances from a CSV file. The format is known by its headers: plain CSV (sku, name, balance, "
    "status and the other columns of `ashop stock export`), the product export of WooCommerce or Shopify, or "
    "Shopify's inventory export. New items are added, none is removed, and empty cells leave what is there.\n\n"
    "Modes: update (the default) changes items to all that the file says. set changes the balances only. count takes "
    "the figures for what was counted on the shelf, held goods included; the same file is counted once.\n\n"
    "If a row is wrong nothing is changed, unless you say --skip-bad. Rows are counted as a spreadsheet does: the "
    "headers are row 1. Look first with --dry-run.",
)
_EPILOG = Text(
    "Exempel:\n"
    "  ashop stock import artiklar.csv --dry-run\n"
    "  ashop stock import wc-product-export.csv --groups --policies\n"
    "  ashop stock import inventory_export.csv --location Stockholm\n"
    "  ashop stock import inventering.csv --mode count --no-new\n"
    '  ashop stock import egna.csv --map "Art.nr=sku" --map "Antal=balance" --ignore-unknown',
    "Examples:\n"
    "  ashop stock import items.csv --dry-run\n"
    "  ashop stock import wc-product-export.csv --groups --policies\n"
    "  ashop stock import inventory_export.csv --location Stockholm\n"
    "  ashop stock import counted.csv --mode count --no-new\n"
    '  ashop stock import own.csv --map "Item no=sku" --map "Pieces=balance" --ignore-unknown',
)
_OPTIONS = (
    option(
        "--mode",
        type=click.Choice([mode.value for mode in Mode]),
        default=Mode.UPDATE.value,
        help=Text("Vad som görs med artiklar som finns.", "What is done with items that are there."),
    ),
    *reading_options(
        CODES,
        Text("Vilken lagerstatus ett ord i filen är här.", "Which stock status a word of the file is here."),
    ),
    option(
        "--policies",
        is_flag=True,
        help=Text(
            "Ta också filens besked om att sälja det som är slut: policyn open eller strict.",
            "Also take what the file says of selling what is out: the policy open or strict.",
        ),
    ),
    option(
        "--groups",
        is_flag=True,
        help=Text(
            "Ta filens första kategori (Shopify: typ) som grupp.",
            "Take the file's first category (Shopify: type) as the group.",
        ),
    ),
    option(
        "--location",
        metavar=Text("PLATS", "NAME"),
        help=Text(
            "Bara en plats i Shopifys lagerexport. Annars summan av alla.",
            "Only one location of Shopify's inventory export. Otherwise the sum of all.",
        ),
    ),
    option(
        "--key",
        metavar=Text("NAMN", "NAME"),
        help=Text(
            "Vad en räkning heter: samma namn räknas en gång. Annars filens innehåll.",
            "What a count is called: the same name is counted once. Otherwise what the file holds.",
        ),
    ),
    option(
        "--skip-bad",
        is_flag=True,
        help=Text("Läs in resten även om rader är fel.", "Import the rest even if rows are wrong."),
    ),
    option(
        "--no-new",
        "known_only",
        is_flag=True,
        help=Text(
            "En artikel som inte finns i lagret är ett fel.", "An item that is not in the stock is an error."
        ),
    ),
    option(
        "--ignore-unknown",
        is_flag=True,
        help=Text("Strunta i kolumner som ingen känner till.", "Leave columns that nobody knows."),
    ),
    option(
        "--missing",
        is_flag=True,
        help=Text(
            "Lista också de artiklar i lagret som filen saknar.",
            "Also list the items in the stock that the file does not have.",
        ),
    ),
    option(
        "--all",
        "every",
        is_flag=True,
        help=Text("Visa varje rad, också de oförändrade.", "Show every row, the unchanged too."),
    ),
)


def _import_options(function: F) -> F:
    for give in reversed(_OPTIONS):
        function = give(function)
    return function


@command(_HELP, epilog=_EPILOG)
@argument("file", type=click.Path(path_type=Path), metavar=Text("FIL.csv", "FILE.csv"))
@_import_options
@dry_run_option
@list_options
@with_shop
def import_(
    shop: Shop, file: Path, form: str, columns: Iterable[str], statuses: Iterable[str], missing: bool, every: bool,
    mode: str, key: str | None, skip_bad: bool, known_only: bool, dry_run: bool, **reading: Any,
) -> None:  # fmt: skip
    """Import a file and tell what became of its rows."""
    options = ReadOptions(columns=pairs("--map", columns), statuses=pairs("--status", statuses), **reading)
    for code in options.statuses.values():
        settings_of(shop).meant(code)
    how = ImportOptions(mode=Mode(mode), key=key, skip_bad=skip_bad, known_only=known_only, dry_run=dry_run)
    with _Bar() as bar:
        report = import_file(shop, file, options, how, progress=bar.move)
    tell_import(shop, report, form, missing=missing, every=every)
    if report.refused:
        raise InvalidInput(refusal(report))


class _Bar:
    """A bar that learns how long the work is when it begins."""

    def __enter__(self) -> _Bar:
        self._context: Any = None
        return self

    def __exit__(self, *error: Any) -> None:
        if self._context is not None:
            self._context.__exit__(*error)

    def move(self, done: int, total: int) -> None:
        """Move on by so many items of so many."""
        if self._context is None:
            self._context = progress(Text("Läser in artiklar", "Importing items"), total)
            self._advance = self._context.__enter__()
        self._advance(done)


# ── Export ───────────────────────────────────────────────────────────────────────────────────────


@command(
    Text(
        "Skriv artiklar och saldon till en CSV-fil, eller till skärmen utan fil. csv är Ashops egen och läses in igen "
        "utan att något ändras. woocommerce uppdaterar saldona i en butik som har samma artikelnummer. shopify lägger "
        "upp produkter vars handle görs av artikelnumret, och shopify-inventory uppdaterar saldona hos dem: Shopify "
        "känner igen en produkt på dess handle, inte på artikelnumret.",
        "Write items and balances to a CSV file, or to the screen without one. csv is Ashop's own, and importing it "
        "again changes nothing. woocommerce updates the balances of a shop that has the same SKUs. shopify adds "
        "products whose handles are made of the SKUs, and shopify-inventory updates the balances of those: Shopify "
        "knows a product by its handle, not by the SKU.",
    ),
    epilog=Text(
        "Exempel:\n  ashop stock export lager.csv\n  ashop stock export till-woo.csv --format woocommerce --status in_stock",
        "Examples:\n  ashop stock export stock.csv\n  ashop stock export to-woo.csv --format woocommerce --status in_stock",
    ),
)
@argument(
    "file",
    required=False,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar=Text("FIL.csv", "FILE.csv"),
)
@option(
    "--format",
    type=click.Choice(list(SHEETS)),
    default="csv",
    show_default=True,
    help=Text("För vem filen är.", "Whom the file is for."),
)
@option(
    "--location",
    default=LOCATION,
    show_default=True,
    metavar=Text("PLATS", "NAME"),
    help=Text("Vad platsen heter i Shopify.", "What the location is called in Shopify."),
)
@item_options
@with_shop
def export(shop: Shop, file: Path | None, format: str, location: str, **wanted: Any) -> None:
    """Write items to a file."""
    items = stock.every_item(shop, items_wanted(shop, **wanted))
    lines = export_rows(shop, items, format, location)
    if file is None or str(file) == "-":
        for line in lines:
            sys.stdout.buffer.write(line)
        return
    _write(file, lines)


def _write(path: Path, lines: Iterable[bytes]) -> None:
    rows = -1
    try:
        with open_atomically(path) as file:
            for line in lines:
                file.write(line)
                rows += 1
    except OSError as error:
        words = Text("{path} kan inte skrivas: {why}", "{path} cannot be written: {why}")
        raise InvalidInput(words.fill(path=path, why=error.strerror)) from error
    items = counted(rows, Text("1 artikel", "1 item"), Text("{n} artiklar", "{n} items"))
    note(Text("{items} i {path}", "{items} in {path}").fill(items=items, path=path))
