"""`ashop message hold` and `release`: nothing leaves the outbox of a restored shop until somebody has looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.asking import confirm
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.output import Column, show_list, time_column
from ashop_core.holds import Waiting
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command()
@option(
    "--reason", default="", help=Text("Varför, för den som undrar senare.", "Why, for who wonders later.")
)
@with_shop
def hold(shop: Shop, reason: str) -> None:
    """Let no message and no job leave the outbox until it is released. Orders go on as usual."""
    shop.hold_outbox(reason)
    note_hold(shop)


@command(
    epilog=Text(
        "Exempel:\n  ashop message release --dry-run\n  ashop message release --suppress",
        "Examples:\n  ashop message release --dry-run\n  ashop message release --suppress",
    )
)
@option(
    "--suppress",
    is_flag=True,
    help=Text(
        "Skicka inte de meddelanden som väntar; jobben görs ändå.",
        "Do not send the messages that wait; jobs are done all the same.",
    ),
)
@dry_run_option
@option("--yes", is_flag=True, help=Text("Fråga inte först.", "Do not ask first."))
@with_shop
def release(shop: Shop, suppress: bool, dry_run: bool, yes: bool) -> None:
    """Show what waits in a held outbox and how old it is, and let it leave with the next `ashop work`."""
    held, waiting = shop.outbox_hold(), shop.waiting_in_outbox()
    if held is None:
        click.echo(say(Text("Utskicken är inte pausade.", "The outbox is not held.")))
        return
    note_hold(shop)
    show_list(_columns(shop), waiting, empty=Text("Inget väntar.", "Nothing waits."))
    if dry_run:
        return
    if not yes:
        sending = Text("Släpp på utskicken?", "Let it all leave?")
        dropping = Text(
            "Släpp på utskicken, men skicka inga av de meddelanden som väntar?",
            "Release the outbox, but send none of the messages that wait?",
        )
        confirm(dropping if suppress else sending)
    dropped = shop.release_outbox(suppress=suppress)
    if suppress:
        click.echo(
            say(Text("{n} meddelanden skickas inte.", "{n} messages will not be sent.").fill(n=dropped))
        )
    click.echo(
        say(Text("Utskicken är i gång igen: kör `ashop work`.", "The outbox is released: run `ashop work`."))
    )


def _columns(shop: Shop) -> list[Column[Waiting]]:
    return [
        Column("channel", Text("Kanal", "Channel"), lambda w: w.code, words=lambda w: _label(shop, w)),
        Column("count", Text("Antal", "Count"), lambda w: w.count, right=True),
        time_column("oldest", Text("Äldst", "Oldest"), lambda w: w.oldest),
        time_column("newest", Text("Nyast", "Newest"), lambda w: w.newest),
    ]


def _label(shop: Shop, waiting: Waiting) -> str:
    if waiting.kind == "job":
        handler = shop.handlers.get(waiting.code)
        return say(handler.job.label) if handler else waiting.code
    channel = shop.channels.get(waiting.code)
    return say(channel.label) if channel else waiting.code
