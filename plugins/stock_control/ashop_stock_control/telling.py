"""How `ashop stock` tells what it found and what it did: columns, figures, effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say
from ashop_core.cli.output import JSON, Column, clean, note, show_pairs, time_column, write_json
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.describe import words
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_KINDS = {
    stock.Kind.RECEIVE: Text("Mottaget", "Received"),
    stock.Kind.ADJUST: Text("Justerat", "Adjusted"),
    stock.Kind.COUNT: Text("Räknat", "Counted"),
    stock.Kind.STATUS: Text("Lagerstatus", "Stock status"),
    stock.Kind.RULE: Text("Regel", "Rule"),
    stock.Kind.REPAIR: Text("Rättat av doctor", "Put right by doctor"),
    stock.Kind.TAKE: Text("Taget", "Taken"),
    stock.Kind.SHIP: Text("Skickat", "Shipped"),
    stock.Kind.RELEASE: Text("Släppt", "Released"),
    stock.Kind.LAPSE: Text("Hållning utgången", "Hold ran out"),
    stock.Kind.TAKE_BACK: Text("Återtaget", "Taken back"),
    stock.Kind.UNSHIP: Text("Tillbakahämtat", "Unshipped"),
    stock.Kind.UNDO: Text("Ångrat", "Undone"),
}


def settings_of(shop: Shop) -> StockSettings:
    """Return the plugin's settings in this shop."""
    return shop.settings.for_plugin(StockSettings)


def item_columns(shop: Shop) -> list[Column[stock.StockItem]]:
    """Return the columns of a list of items."""
    settings = settings_of(shop)
    return [
        Column("sku", Text("Artikel", "SKU"), lambda i: i.sku),
        Column("name", Text("Namn", "Name"), lambda i: i.name),
        Column("status", Text("Lagerstatus", "Stock status"), lambda i: i.status, lambda i: say(settings.label(i.status))),
        Column("balance", Text("Saldo", "Balance"), lambda i: i.balance, _balance, right=True),
        Column("on_hand", Text("På hyllan", "On hand"), lambda i: i.on_hand if i.tracked else None, right=True),
        Column("held", Text("Hållet", "Held"), lambda i: i.held if i.tracked else None, right=True),
    ]  # fmt: skip


def movement_columns(shop: Shop) -> list[Column[stock.Movement]]:
    """Return the columns of a list of movements."""
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
    label = settings_of(shop).label
    return f"{say(label(movement.status_before))} → {say(label(movement.status_after))}"


def document(item: stock.StockItem) -> dict[str, Any]:
    """Return an item as plain data for JSON."""
    return {
        "sku": item.sku, "name": item.name, "status": item.status, "tracked": item.tracked,
        "balance": item.balance, "on_hand": item.on_hand, "held": item.held,
    }  # fmt: skip


def tell_item(shop: Shop, item: stock.StockItem) -> None:
    """Print an item with its stock status and its figures."""
    status = settings_of(shop).stock_statuses.get(item.status)
    bought = Text("kan köpas", "can be bought")
    if status is None or not status.purchasable:
        bought = Text("kan inte köpas", "cannot be bought")
    click.echo(clean(f"{item.sku}  {item.name}"))
    show_pairs(
        [
            (
                Text("Lagerstatus", "Stock status"),
                f"{say(settings_of(shop).label(item.status))} ({say(bought)})",
            ),
            (Text("Saldo", "Balance"), _balance(item)),
            (Text("På hyllan", "On hand"), str(item.on_hand) if item.tracked else ""),
            (Text("Hållet för ordrar", "Held for orders"), str(item.held) if item.tracked else ""),
        ]
    )


def tell(shop: Shop, outcome: stock.StockOutcome, dry_run: bool, form: str) -> None:
    """Print what was done to an item, or what a dry run would do."""
    if form == JSON:
        effects = [
            {"subject": e.subject, "before": e.before, "after": e.after, "text": e.text}
            for e in outcome.effects
        ]
        write_json({**document(outcome.item), "effects": effects})
    else:
        item = outcome.item
        click.echo(clean(f"{item.sku}  {item.name}  {say(words(item, settings_of(shop)))}"))
        for effect in outcome.effects:
            click.echo(f"  {clean(say(effect.text))}")
    tell_dry(dry_run)


def tell_dry(dry_run: bool) -> None:
    """Tell a person that a dry run kept nothing."""
    if dry_run:
        note(Text("Provkörning: inget är ändrat.", "Dry run: nothing was changed."))


def tell_next(cursor: str | None) -> None:
    """Tell a person how to see the next page."""
    if cursor:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=cursor))
