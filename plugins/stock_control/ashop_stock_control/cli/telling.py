"""How `ashop stock` tells what it found and what it did: columns, figures, effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say
from ashop_core.cli.names import actor_label
from ashop_core.cli.output import JSON, Column, clean, note, stamp, time_column, when, write_json
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.cli.kind_words import ALERTS, KINDS
from ashop_stock_control.describe import words
from ashop_stock_control.editing import edited_words
from ashop_stock_control.rules import why_words
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def settings_of(shop: Shop) -> StockSettings:
    """Return the plugin's settings in this shop."""
    return shop.settings.for_plugin(StockSettings)


def movement_columns(shop: Shop) -> list[Column[stock.Movement]]:
    """Return the columns of a list of movements."""
    return [
        time_column("at", Text("Tid", "Time"), lambda m: m.at),
        Column("kind", Text("Vad", "What"), lambda m: m.kind.value, _what),
        Column("on_hand", Text("På hyllan", "On hand"), lambda m: m.d_on_hand, lambda m: _signed(m.d_on_hand), right=True),
        Column("held", Text("Hållet", "Held"), lambda m: m.d_held, lambda m: _signed(m.d_held), right=True),
        Column("balance", Text("Saldo", "Balance"), lambda m: m.balance, right=True),
        Column("order", Text("Order", "Order"), lambda m: m.order),
        Column("status_before", Text("Från", "From"), lambda m: m.status_before, only="machines"),
        Column("status", Text("Lagerstatus", "Stock status"), lambda m: m.status_after, lambda m: _step(shop, m)),
        Column("why", Text("Varför", "Why"), lambda m: m.why, _why),
        Column("edited", Text("Ändrat", "Changed"), _changes, only="machines"),
        Column("origin", Text("Ur", "Of"), lambda m: m.origin, only="machines"),
        Column("origin_kind", Text("Ur", "Of"), lambda m: m.origin_kind and m.origin_kind.value, only="machines"),
        Column("actor", Text("Vem", "Who"), lambda m: m.actor, lambda m: actor_label(m.actor)),
        Column("note", Text("Anteckning", "Note"), lambda m: m.note),
    ]  # fmt: skip


def alert_columns(closed: bool) -> list[Column[stock.Alert]]:
    """Return the columns of a list of warnings; with `closed` also when each closed."""
    return [
        time_column("opened_at", Text("Öppnad", "Opened"), lambda a: a.opened_at),
        Column("sku", Text("Artikel", "SKU"), lambda a: a.sku),
        Column("name", Text("Namn", "Name"), lambda a: a.name),
        Column("kind", Text("Varning", "Warning"), lambda a: a.kind.value, lambda a: say(ALERTS[a.kind])),
        Column("balance", Text("Vid saldo", "At balance"), lambda a: a.balance, right=True),
        Column("now", Text("Saldo nu", "Balance now"), lambda a: a.now, right=True),
        Column("order", Text("Order", "Order"), lambda a: a.order),
        Column("closed_at", Text("Stängd", "Closed"), lambda a: stamp(a.closed_at), lambda a: when(a.closed_at),
               only="" if closed else "machines"),
    ]  # fmt: skip


def _what(movement: stock.Movement) -> str:
    """Say what a movement was, and what it goes on from where that is not simply a take."""
    words = say(KINDS[movement.kind])
    if movement.origin_kind in (None, stock.Kind.TAKE):
        return words
    return f"{words} ({say(KINDS[movement.origin_kind]).lower()})"


def _changes(movement: stock.Movement) -> dict[str, list[Any]]:
    return {each.field: [each.before, each.after] for each in movement.edited}


def _why(movement: stock.Movement) -> str:
    return "; ".join(
        say(text) for text in (edited_words(movement.edited), why_words(movement.why)) if text.sv
    )


def _signed(number: int) -> str:
    return f"{number:+d}" if number else ""


def _step(shop: Shop, movement: stock.Movement) -> str:
    if movement.status_before is None or movement.status_after is None:
        return ""
    label = settings_of(shop).label
    return f"{say(label(movement.status_before))} → {say(label(movement.status_after))}"


def document(item: stock.StockItem, settings: StockSettings) -> dict[str, Any]:
    """Return an item as plain data for JSON; policy, margin and low are those that apply, wherever they are set."""
    terms = settings.terms(item)
    return {
        "sku": item.sku, "name": item.name, "group": item.group, "status": item.status, "pinned": item.pinned,
        "by_hand": item.by_hand, "tracked": item.tracked, "balance": item.balance, "on_hand": item.on_hand,
        "held": item.held, "policy": str(terms.policy), "margin": terms.margin, "low": terms.low,
        "counted_at": stamp(item.counted_at),
    }  # fmt: skip


_NOTHING = Text("Allt var redan så: inget är ändrat.", "All of it was so already: nothing was changed.")


def tell(
    shop: Shop, outcome: stock.StockOutcome, dry_run: bool, form: str, *, nothing: Text = _NOTHING
) -> None:
    """Print what was done to an item, or what a dry run would do; `nothing` says why nothing was."""
    if form == JSON:
        effects = [
            {"subject": e.subject, "before": e.before, "after": e.after, "text": e.text}
            for e in outcome.effects
        ]
        write_json({**document(outcome.item, settings_of(shop)), "effects": effects})
    else:
        item = outcome.item
        click.echo(clean(f"{item.sku}  {item.name}  {say(words(item, settings_of(shop)))}"))
        for effect in outcome.effects:
            click.echo(f"  {clean(say(effect.text))}")
    if outcome.effects:
        tell_dry(dry_run)
    else:
        note(nothing)


def tell_dry(dry_run: bool) -> None:
    """Tell a person that a dry run kept nothing."""
    if dry_run:
        note(Text("Provkörning: inget är ändrat.", "Dry run: nothing was changed."))


def tell_next(cursor: str | None) -> None:
    """Tell a person how to see the next page."""
    if cursor:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=cursor))
