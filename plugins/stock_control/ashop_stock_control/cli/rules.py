"""`ashop stock rules …`: the rules listed, tried, added to and taken from, and applied to all items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.asking import confirm
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.language import say
from ashop_core.cli.output import (
    JSON,
    clean,
    json_option,
    list_options,
    note,
    progress,
    show_list,
    write_json,
)
from ashop_core.texts import Text, counted
from ashop_stock_control import stock
from ashop_stock_control.cli.rules_telling import (
    firings_words,
    planned_words,
    preview_document,
    rule_columns,
    tell_doubts,
    tell_preview,
)
from ashop_stock_control.cli.telling import settings_of, tell_dry
from ashop_stock_control.rule_editing import entry_of
from ashop_stock_control.rules import Rule, When

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

_BY_HAND = option(
    "--include-by-hand",
    is_flag=True,
    help=Text("Ta med artiklar vars status satts för hand.", "Include items whose status was set by hand."),
)
_YES = option("--yes", is_flag=True, help=Text("Fråga inte.", "Do not ask."))


@command()
@list_options
@with_shop
def list_(shop: Shop, form: str) -> None:
    """List the stock rules in their order, with the numbers that `remove` takes."""
    found = stock.shop_rules(shop)
    rows = list(enumerate(found.rules, 1))
    show_list(
        rule_columns(settings_of(shop), shipped=found.shipped),
        rows,
        form,
        empty=Text("Inga regler.", "No rules."),
    )
    if found.shipped:
        note(
            Text(
                "Det är reglerna som följer med: butiken har inga egna i ashop.toml.",
                "These are the rules that ship: the shop has none of its own in ashop.toml.",
            )
        )


def _rule_options(function: F) -> F:
    """Give a command what a rule is made of."""
    falls = Text("När saldot faller till N eller under.", "When the balance falls to N or below.")
    rises = Text("När saldot stiger till N eller över.", "When the balance rises to N or above.")
    back = Text("Åter till förra statusen vid saldo N.", "Back to the status before at balance N.")
    from_ = Text("Lagerstatus att gå från; kan upprepas.", "Stock status to leave; may be repeated.")
    skus = Text("Bara för den artikeln; kan upprepas.", "For that item alone; may be repeated.")
    groups = Text("Bara för den gruppen; kan upprepas.", "For that group alone; may be repeated.")
    first = Text("Högre går före vid samma saldo.", "Higher goes first at the same balance.")
    position = Text("Plats i listan; annars sist.", "Place in the list; otherwise the last.")
    status, number = Text("LAGERSTATUS", "STATUS"), Text("N", "N")
    for add in (
        option("--at", "position", type=click.IntRange(min=1), metavar=number, help=position),
        option("--priority", type=int, default=0, metavar=number, help=first),
        option("--group", "groups", multiple=True, metavar=Text("GRUPP", "GROUP"), help=groups),
        option("--sku", "skus", multiple=True, metavar=Text("ARTIKEL", "SKU"), help=skus),
        option("--back-at", type=int, metavar=number, help=back),
        option("--to", required=True, metavar=status, help=Text("Ny lagerstatus.", "New stock status.")),
        option("--from", "from_", multiple=True, required=True, metavar=status, help=from_),
        option("--rises-to", type=int, metavar=number, help=rises),
        option("--falls-to", type=int, metavar=number, help=falls),
    ):
        function = add(function)
    return function


def _rule(
    shop: Shop, falls_to: int | None, rises_to: int | None, from_: tuple[str, ...], to: str,
    back_at: int | None, skus: tuple[str, ...], groups: tuple[str, ...], priority: int,
) -> Rule:  # fmt: skip
    """Return the rule that the options say. Raises InvalidInput and NotFound with the key and the remedy."""
    threshold = rises_to if falls_to is None else falls_to
    if threshold is None or (falls_to is not None and rises_to is not None):
        usage_error(
            Text(
                "ange --falls-to N eller --rises-to N, en av dem",
                "give --falls-to N or --rises-to N, one of them",
            )
        )
    settings = settings_of(shop)
    return Rule(
        when=When.RISES_TO if falls_to is None else When.FALLS_TO,
        threshold=threshold,
        from_=tuple(dict.fromkeys(settings.meant(words).code for words in from_)),
        to=settings.meant(to).code,
        back_at=back_at,
        skus=tuple(dict.fromkeys(sku.strip() for sku in skus)),
        groups=tuple(dict.fromkeys(group.strip() for group in groups)),
        priority=priority,
    )


@command(
    epilog=Text(
        "Exempel: ashop stock rules add --falls-to 3 --back-at 6 --from lagervara --to beställningsvara",
        'Example: ashop stock rules add --falls-to 3 --back-at 6 --from "in stock" --to "on order"',
    )
)
@_rule_options
@_BY_HAND
@_YES
@dry_run_option
@json_option
@with_shop
def add(
    shop: Shop, position: int | None, include_by_hand: bool, yes: bool, dry_run: bool, form: str, **parts: Any
) -> None:
    """Add a stock rule: shows which items it changes, asks, writes ashop.toml and changes them."""
    planned = stock.plan_rule(shop, _rule(shop, **parts), position)
    _change(shop, planned, include_by_hand, yes, dry_run, form)


@command()
@argument("number", type=int, metavar=Text("NUMMER", "NUMBER"))
@_BY_HAND
@_YES
@dry_run_option
@json_option
@with_shop
def remove(shop: Shop, number: int, include_by_hand: bool, yes: bool, dry_run: bool, form: str) -> None:
    """Remove a stock rule by its number in the list: shows, asks, writes and changes as `add` does."""
    _change(shop, stock.plan_removal(shop, number), include_by_hand, yes, dry_run, form)


def _change(
    shop: Shop, planned: stock.PlannedRules, include_by_hand: bool, yes: bool, dry_run: bool, form: str
) -> None:
    """Show what planned rules would do, ask, and make them."""
    found = stock.rules_preview(shop, planned, include_by_hand=include_by_hand)
    document = {
        "number": planned.number, "rule": entry_of(planned.rule), "shipped_written": planned.writes_shipped,
        "preview": preview_document(found), "changed": None,
    }  # fmt: skip
    if form != JSON:
        click.echo(clean(say(planned_words(planned)), lines=True))
        tell_preview(found, planned.settings)
    tell_doubts(shop, planned)
    if not dry_run:
        if not yes:
            confirm(
                Text("Skriva ashop.toml och ändra artiklarna?", "Write ashop.toml and change the items?"),
                err=True,
            )
        with _bar(found) as advance:
            done = stock.change_rules(
                shop, planned, actor=shop.staff, include_by_hand=include_by_hand, progress=advance
            )
        document["changed"] = done.changes
        if form != JSON:
            click.echo(say(Text("Skrivet i ashop.toml.", "Written in ashop.toml.")))
            _tell_done(done)
        note(
            Text(
                "Är `ashop work` igång följer det de nya reglerna från sin nästa omgång.",
                "A running `ashop work` follows the new rules from its next round.",
            )
        )
    if form == JSON:
        write_json(document)
    tell_dry(dry_run)


@command(
    epilog=Text(
        "Exempel: ashop stock rules try --falls-to 3 --from lagervara --to beställningsvara",
        'Example: ashop stock rules try --falls-to 3 --from "in stock" --to "on order"',
    ),
)
@_rule_options
@json_option
@with_shop
def try_(shop: Shop, position: int | None, form: str, **parts: Any) -> None:
    """Try a stock rule: which items it would change now, and how often it would have fired the last 30 days."""
    trial = stock.try_rule(shop, _rule(shop, **parts), position)
    times = trial.firings
    if form == JSON:
        write_json({
            "number": trial.planned.number, "rule": entry_of(trial.planned.rule),
            "preview": preview_document(trial.preview),
            "fired": {
                "days": times.days, "times": times.times, "items": times.items,
                "status_changes": times.changes, "status_changes_without": times.changes_without,
            },
        })  # fmt: skip
    else:
        click.echo(clean(say(planned_words(trial.planned)), lines=True))
        tell_preview(trial.preview, trial.planned.settings)
        click.echo(say(firings_words(times)))
    tell_doubts(shop, trial.planned)
    note(Text("Prövat: inget är ändrat.", "Tried: nothing was changed."))


@command()
@_BY_HAND
@_YES
@dry_run_option
@json_option
@with_shop
def apply(shop: Shop, include_by_hand: bool, yes: bool, dry_run: bool, form: str) -> None:
    """Let the rules apply to all items now: after ashop.toml was edited by hand, or when a change was broken off."""
    found = stock.rules_preview(shop, include_by_hand=include_by_hand)
    document: dict[str, Any] = {"preview": preview_document(found), "changed": None}
    if form != JSON:
        tell_preview(found, settings_of(shop))
    if not dry_run and (found.changes or found.warnings):
        if not yes:
            confirm(Text("Ändra artiklarna?", "Change the items?"), err=True)
        with _bar(found) as advance:
            done = stock.apply_rules(
                shop, actor=shop.staff, include_by_hand=include_by_hand, progress=advance
            )
        document["changed"] = done.changes
        if form != JSON:
            _tell_done(done)
    if form == JSON:
        write_json(document)
    tell_dry(dry_run)


def _bar(found: stock.Preview) -> Any:
    return progress(Text("Bedömer artiklarna", "Judging the items"), found.items)


def _tell_done(done: stock.Reevaluated) -> None:
    one = Text("1 artikel fick ny lagerstatus.", "1 item got another stock status.")
    more = Text("{n} artiklar fick ny lagerstatus.", "{n} items got another stock status.")
    click.echo(say(counted(done.changes, one, more)))
    if done.warnings:
        one = Text(
            "1 varning om lågt saldo öppnades eller stängdes.", "1 low-stock warning was opened or closed."
        )
        more = Text(
            "{n} varningar om lågt saldo öppnades eller stängdes.",
            "{n} low-stock warnings were opened or closed.",
        )
        click.echo(say(counted(done.warnings, one, more)))
