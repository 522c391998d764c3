"""`ashop stock …`: each command parses, calls one function of the stock, and prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.language import say
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.output import (
    JSON,
    json_option,
    list_options,
    note,
    progress,
    show_list,
    write_json,
)
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.telling import (
    document,
    item_columns,
    movement_columns,
    settings_of,
    tell,
    tell_dry,
    tell_item,
    tell_next,
)

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

_SKU = argument("sku", metavar=Text("ARTIKEL", "SKU"))
_NOTE = option(
    "--note", default="", help=Text("Anteckning i lagerhistoriken.", "A note in the stock's history.")
)
_SIGNED = {"ignore_unknown_options": True}  # "-2" is a number here


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


@command(
    epilog=Text(
        "Exempel:\n  ashop stock list --status slut\n  ashop stock list --at-most 3 --csv --all > lågt.csv",
        "Examples:\n  ashop stock list --status sold_out\n  ashop stock list --at-most 3 --csv --all > low.csv",
    )
)
@option("--status", help=Text("Lagerstatus, som kod eller text.", "Stock status, as code or label."))
@option("--text", default="", help=Text("Sök i artikelnummer och namn.", "Search SKU and name."))
@option("--at-most", type=int, help=Text("Bara saldo till och med N.", "Only balances up to N."))
@page_options
@list_options
@with_shop
def list_(
    shop: Shop, status: str | None, text: str, at_most: int | None, limit: int, cursor: str | None,
    every: bool, form: str,
) -> None:  # fmt: skip
    """List items in the order of their SKUs."""
    code = settings_of(shop).meant(status).code if status else None
    wanted = stock.ItemFilter(status=code, text=text, at_most=at_most)
    rows: Iterable[stock.StockItem] = stock.every_item(shop, wanted)
    following = None
    if not every:
        page = stock.items(shop, wanted, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    show_list(item_columns(shop), rows, form, empty=Text("Inga artiklar.", "No items."))
    tell_next(following)


@command()
@_SKU
@json_option
@with_shop
def show(shop: Shop, sku: str, form: str) -> None:
    """Show an item and its latest movements."""
    found = stock.item(shop, sku)
    page = stock.history(shop, sku, limit=10)
    if form == JSON:
        movements = [{c.code: c.value(row) for c in movement_columns(shop)} for row in page.rows]
        write_json({**document(found), "movements": movements})
        return
    tell_item(shop, found)
    if page.rows:
        click.echo()
        show_list(movement_columns(shop), page.rows)
    if page.next:
        note(Text("Fler: ashop stock history {sku}", "More: ashop stock history {sku}").fill(sku=found.sku))


@command()
@_SKU
@page_options
@list_options
@with_shop
def history(shop: Shop, sku: str, limit: int, cursor: str | None, every: bool, form: str) -> None:
    """Show an item's movements, newest first, with the balance after each."""
    rows: Iterable[stock.Movement] = stock.every_movement(shop, sku)
    following = None
    if not every:
        page = stock.history(shop, sku, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    show_list(movement_columns(shop), rows, form, empty=Text("Inga rörelser.", "No movements."))
    tell_next(following)


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def _writes(function: F) -> F:
    """Give a command what all that write one item have in common."""
    return _NOTE(dry_run_option(json_option(with_shop(function))))


@command(
    epilog=Text(
        "Exempel: ashop stock add LAMPA-1 --name Lampa --balance 10",
        "Example: ashop stock add LAMP-1 --name Lamp --balance 10",
    )
)
@_SKU
@option("--name", default="", help=Text("Namn.", "Name."))
@option(
    "--balance",
    type=int,
    help=Text("Lagersaldo; utan räknas artikeln inte.", "Balance; without it nobody counts the item."),
)
@option(
    "--status",
    help=Text("Lagerstatus; annars butikens vanliga.", "Stock status; otherwise the shop's default."),
)
@_writes
def add(
    shop: Shop, sku: str, name: str, balance: int | None, status: str | None, note: str, dry_run: bool, form: str
) -> None:  # fmt: skip
    """Add an item."""
    code = settings_of(shop).meant(status).code if status else None
    tell(
        shop,
        stock.add_item(shop, sku, name, balance=balance, status=code, note=note, dry_run=dry_run),
        dry_run,
        form,
    )


@command()
@_SKU
@argument("quantity", type=int, metavar=Text("ANTAL", "QUANTITY"))
@option(
    "--key",
    help=Text(
        "Följesedelns nummer: samma nyckel tas emot en gång.",
        "The delivery note's number: the same key is received once.",
    ),
)
@_writes
def receive(
    shop: Shop, sku: str, quantity: int, key: str | None, note: str, dry_run: bool, form: str
) -> None:  # fmt: skip
    """Put goods that came in on the shelf."""
    tell(shop, stock.receive(shop, sku, quantity, note=note, key=key, dry_run=dry_run), dry_run, form)


@command(
    context_settings=_SIGNED,
    epilog=Text(
        "Exempel: ashop stock adjust LAMPA-1 -2 --note Krossade",
        "Example: ashop stock adjust LAMP-1 -2 --note Broken",
    ),
)
@_SKU
@argument("by", type=int, metavar=Text("±ANTAL", "±QUANTITY"))
@_writes
def adjust(shop: Shop, sku: str, by: int, note: str, dry_run: bool, form: str) -> None:
    """Correct what is on hand by so many pieces, up or down."""
    tell(shop, stock.adjust(shop, sku, by, note=note, dry_run=dry_run), dry_run, form)


@command()
@_SKU
@argument("on_hand", type=int, metavar=Text("ANTAL", "QUANTITY"))
@_writes
def count(shop: Shop, sku: str, on_hand: int, note: str, dry_run: bool, form: str) -> None:
    """Set what is on hand to what was counted, goods held for orders included."""
    tell(shop, stock.count(shop, sku, on_hand, note=note, dry_run=dry_run), dry_run, form)


@command(
    epilog=Text("Exempel: ashop stock set LAMPA-1 utgått", "Example: ashop stock set LAMP-1 discontinued")
)
@_SKU
@argument("status", metavar=Text("LAGERSTATUS", "STATUS"))
@_writes
def set_(shop: Shop, sku: str, status: str, note: str, dry_run: bool, form: str) -> None:
    """Set a stock status by hand; it stands until a rule fires."""
    code = settings_of(shop).meant(status).code
    tell(shop, stock.set_status(shop, sku, code, note=note, dry_run=dry_run), dry_run, form)


@command(
    help=Text(
        "Läs in artiklar ur en CSV-fil med kolumnerna sku, name, balance, status. Nya läggs upp, andra ändras "
        "till det som står; tomma fält lämnas som de är. Är en rad fel ändras inget.",
        "Import items from a CSV file with the columns sku, name, balance, status. New ones are added, others "
        "changed to what it says; empty cells are left alone. If a row is wrong, nothing is changed.",
    )
)
@argument("file", type=click.Path(path_type=Path), metavar=Text("FIL.csv", "FILE.csv"))
@option(
    "--encoding",
    default="utf-8-sig",
    help=Text("Filens teckenkodning; annars UTF-8.", "The file's encoding; otherwise UTF-8."),
)
@dry_run_option
@json_option
@with_shop
def import_(shop: Shop, file: Path, encoding: str, dry_run: bool, form: str) -> None:
    """Import items from a CSV file."""
    from ashop_stock_control.csv_file import read_items

    items = read_items(file, settings_of(shop), encoding)
    with progress(Text("Läser in artiklar", "Importing items"), len(items)) as advance:
        report = stock.import_items(shop, items, note=file.name, dry_run=dry_run, progress=advance)
    if form == JSON:
        write_json({"created": report.created, "changed": report.changed, "unchanged": report.unchanged})
    else:
        words = Text("{n} nya, {c} ändrade, {u} oförändrade", "{n} new, {c} changed, {u} unchanged").fill(
            n=report.created, c=report.changed, u=report.unchanged
        )
        click.echo(say(words))
    tell_dry(dry_run)
