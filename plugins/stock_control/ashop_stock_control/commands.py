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
    Column,
    clean,
    json_option,
    list_options,
    note,
    progress,
    show_list,
    show_pairs,
    time_column,
    write_json,
)
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

_SKU = argument("sku", metavar=Text("ARTIKEL", "SKU"))
_NOTE = option(
    "--note", default="", help=Text("Anteckning i lagerhistoriken.", "A note in the stock's history.")
)
_SIGNED = {"ignore_unknown_options": True}  # "-2" is a number here

_KINDS = {
    stock.Kind.RECEIVE: Text("Mottaget", "Received"),
    stock.Kind.ADJUST: Text("Justerat", "Adjusted"),
    stock.Kind.COUNT: Text("Räknat", "Counted"),
    stock.Kind.STATUS: Text("Lagerstatus", "Stock status"),
    stock.Kind.TAKE: Text("Reserverat", "Taken"),
    stock.Kind.SHIP: Text("Skickat", "Shipped"),
    stock.Kind.RELEASE: Text("Släppt", "Released"),
    stock.Kind.TAKE_BACK: Text("Återtaget", "Taken back"),
    stock.Kind.UNSHIP: Text("Tillbakahämtat", "Unshipped"),
}


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
    code = _settings(shop).meant(status).code if status else None
    wanted = stock.ItemFilter(status=code, text=text, at_most=at_most)
    rows: Iterable[stock.StockItem] = stock.every_item(shop, wanted)
    following = None
    if not every:
        page = stock.items(shop, wanted, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    show_list(_columns(shop), rows, form, empty=Text("Inga artiklar.", "No items."))
    _tell_next(following)


@command()
@_SKU
@json_option
@with_shop
def show(shop: Shop, sku: str, form: str) -> None:
    """Show an item and its latest movements."""
    found = stock.item(shop, sku)
    page = stock.history(shop, sku, limit=10)
    if form == JSON:
        movements = [{c.code: c.value(row) for c in _movement_columns(shop)} for row in page.rows]
        write_json({**_document(found), "movements": movements})
        return
    status = _settings(shop).stock_statuses.get(found.status)
    click.echo(clean(f"{found.sku}  {found.name}"))
    yes, no = Text("kan köpas", "can be bought"), Text("kan inte köpas", "cannot be bought")
    label = say(_settings(shop).label(found.status))
    show_pairs(
        [
            (
                Text("Lagerstatus", "Stock status"),
                f"{label} ({say(yes if status and status.purchasable else no)})",
            ),
            (Text("Saldo", "Balance"), _balance(found)),
            (Text("På hyllan", "On hand"), str(found.on_hand) if found.tracked else ""),
            (Text("Hållet för ordrar", "Held for orders"), str(found.held) if found.tracked else ""),
        ]
    )
    if page.rows:
        click.echo()
        show_list(_movement_columns(shop), page.rows)
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
    show_list(_movement_columns(shop), rows, form, empty=Text("Inga rörelser.", "No movements."))
    _tell_next(following)


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
    code = _settings(shop).meant(status).code if status else None
    _tell(
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
    _tell(shop, stock.receive(shop, sku, quantity, note=note, key=key, dry_run=dry_run), dry_run, form)


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
    _tell(shop, stock.adjust(shop, sku, by, note=note, dry_run=dry_run), dry_run, form)


@command()
@_SKU
@argument("on_hand", type=int, metavar=Text("ANTAL", "QUANTITY"))
@_writes
def count(shop: Shop, sku: str, on_hand: int, note: str, dry_run: bool, form: str) -> None:
    """Set what is on hand to what was counted, goods held for orders included."""
    _tell(shop, stock.count(shop, sku, on_hand, note=note, dry_run=dry_run), dry_run, form)


@command(
    epilog=Text("Exempel: ashop stock set LAMPA-1 utgått", "Example: ashop stock set LAMP-1 discontinued")
)
@_SKU
@argument("status", metavar=Text("LAGERSTATUS", "STATUS"))
@_writes
def set_(shop: Shop, sku: str, status: str, note: str, dry_run: bool, form: str) -> None:
    """Set a stock status by hand; it stands until a rule fires."""
    code = _settings(shop).meant(status).code
    _tell(shop, stock.set_status(shop, sku, code, note=note, dry_run=dry_run), dry_run, form)


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

    items = read_items(file, _settings(shop), encoding)
    with progress(Text("Läser in artiklar", "Importing items"), len(items)) as advance:
        report = stock.import_items(shop, items, note=file.name, dry_run=dry_run, progress=advance)
    if form == JSON:
        write_json({"created": report.created, "changed": report.changed, "unchanged": report.unchanged})
    else:
        words = Text("{n} nya, {c} ändrade, {u} oförändrade", "{n} new, {c} changed, {u} unchanged").fill(
            n=report.created, c=report.changed, u=report.unchanged
        )
        click.echo(say(words))
    _tell_dry(dry_run)


# ── How it is told ───────────────────────────────────────────────────────────────────────────────


def _settings(shop: Shop) -> StockSettings:
    return shop.settings.for_plugin(StockSettings)


def _columns(shop: Shop) -> list[Column[stock.StockItem]]:
    settings = _settings(shop)
    return [
        Column("sku", Text("Artikel", "SKU"), lambda i: i.sku),
        Column("name", Text("Namn", "Name"), lambda i: i.name),
        Column("status", Text("Lagerstatus", "Stock status"), lambda i: i.status, lambda i: say(settings.label(i.status))),
        Column("balance", Text("Saldo", "Balance"), lambda i: i.balance, _balance, right=True),
        Column("on_hand", Text("På hyllan", "On hand"), lambda i: i.on_hand if i.tracked else None, right=True),
        Column("held", Text("Hållet", "Held"), lambda i: i.held if i.tracked else None, right=True),
    ]  # fmt: skip


def _movement_columns(shop: Shop) -> list[Column[stock.Movement]]:
    return [
        time_column("at", Text("Tid", "Time"), lambda m: m.at),
        Column("kind", Text("Vad", "What"), lambda m: m.kind.value, lambda m: say(_KINDS[m.kind])),
        Column("on_hand", Text("På hyllan", "On hand"), lambda m: m.d_on_hand, lambda m: _signed(m.d_on_hand), right=True),
        Column("held", Text("Hållet", "Held"), lambda m: m.d_held, lambda m: _signed(m.d_held), right=True),
        Column("balance", Text("Saldo", "Balance"), lambda m: m.balance, right=True),
        Column("order", Text("Order", "Order"), lambda m: m.order),
        Column("status_before", Text("Från", "From"), lambda m: m.status_before, only="machines"),
        Column("status", Text("Lagerstatus", "Stock status"), lambda m: m.status_after, lambda m: _step(shop, m)),
        Column("actor", Text("Vem", "Who"), lambda m: m.actor),
        Column("note", Text("Anteckning", "Note"), lambda m: m.note),
    ]  # fmt: skip


def _balance(item: stock.StockItem) -> str:
    return "–" if item.balance is None else str(item.balance)


def _signed(number: int) -> str:
    return f"{number:+d}" if number else ""


def _step(shop: Shop, movement: stock.Movement) -> str:
    if movement.status_before is None or movement.status_after is None:
        return ""
    label = _settings(shop).label
    return f"{say(label(movement.status_before))} → {say(label(movement.status_after))}"


def _document(item: stock.StockItem) -> dict[str, Any]:
    return {
        "sku": item.sku, "name": item.name, "status": item.status, "tracked": item.tracked,
        "balance": item.balance, "on_hand": item.on_hand, "held": item.held,
    }  # fmt: skip


def _tell(shop: Shop, outcome: stock.StockOutcome, dry_run: bool, form: str) -> None:
    if form == JSON:
        effects = [
            {"subject": e.subject, "before": e.before, "after": e.after, "text": e.text}
            for e in outcome.effects
        ]
        write_json({**_document(outcome.item), "effects": effects})
    else:
        from ashop_stock_control.describe import words

        item = outcome.item
        click.echo(clean(f"{item.sku}  {item.name}  {say(words(item, _settings(shop)))}"))
        for effect in outcome.effects:
            click.echo(f"  {clean(say(effect.text))}")
    _tell_dry(dry_run)


def _tell_dry(dry_run: bool) -> None:
    if dry_run:
        note(Text("Provkörning: inget är ändrat.", "Dry run: nothing was changed."))


def _tell_next(cursor: str | None) -> None:
    if cursor:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=cursor))
