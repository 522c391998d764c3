"""`ashop message retry`: what was given up, or grew too old before anybody tried, is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.message_list import columns
from ashop_core.cli.message_words import message_id, note_lanes, show_delivered, standing_words
from ashop_core.cli.outcome import deliver_now
from ashop_core.cli.output import note, show_list
from ashop_core.messages import MessageFilter, MessageRow, Standing
from ashop_core.models import Arrival
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command(
    epilog=Text(
        "Exempel:\n  ashop message retry 42\n  ashop message retry --all --dry-run\n  ashop message retry --too-old",
        "Examples:\n  ashop message retry 42\n  ashop message retry --all --dry-run\n  ashop message retry --too-old",
    )
)
@argument("ids", nargs=-1, metavar=Text("ID", "ID"))
@option(
    "--all",
    "every",
    is_flag=True,
    help=Text("Alla som gavs upp och inte har skickats igen.", "All that were given up and not sent again."),
)
@option(
    "--too-old",
    is_flag=True,
    help=Text(
        "Alla som hann bli för gamla innan någon försökte skicka dem.",
        "All that grew too old before anybody tried to send them.",
    ),
)
@dry_run_option
@with_shop
def retry(shop: Shop, ids: tuple[str, ...], every: bool, too_old: bool, dry_run: bool) -> None:
    """Put what was given up, or was never tried in time, back in the queue, and try it now.

    What is no longer true, such as a status that was undone, is stopped again. What was sent is never sent by this:
    see `ashop message resend`.
    """
    if bool(ids) == (every or too_old):
        usage_error(
            Text(
                "ange meddelandens id, eller --all eller --too-old",
                "give the ids of messages, or --all or --too-old",
            )
        )
    chosen = _chosen(shop, ids, every, too_old)
    if dry_run:
        show_list(columns(shop), chosen)
        return
    count = shop.retry(row.message.id for row in chosen)
    click.echo(say(Text("{n} åter i kön", "{n} back in the queue").fill(n=count)))
    for row in chosen:
        if not _may_be_tried(row):
            words = Text(
                "{id}: {how}; bara det som gavs upp eller blev för gammalt försöks igen",
                "{id}: {how}; only what was given up or grew too old is tried again",
            )
            note(words.fill(id=row.message.id, how=standing_words(row.message, row.kind)))
    for name in dict.fromkeys(row.order for row in chosen if row.order):
        show_delivered(name, deliver_now(shop, shop.order(name)))
    note_lanes(shop)
    note_hold(shop)


def _chosen(shop: Shop, ids: tuple[str, ...], every: bool, too_old: bool) -> list[MessageRow]:
    standings = [*([Standing.DEAD] if every else []), *([Standing.TOO_OLD] if too_old else [])]
    if standings:
        return list(shop.every_message(MessageFilter(standings=standings, unanswered=True)))
    return [_row(shop, message_id(id_)) for id_ in ids]


def _row(shop: Shop, id_: int) -> MessageRow:
    found = shop.message(id_)
    return MessageRow(kind=found.kind, order=found.order, message=found.message, rule=found.rule)


def _may_be_tried(row: MessageRow) -> bool:
    if row.message.arrival in (Arrival.UNDERWAY, Arrival.DELIVERED):
        return False
    return row.message.delivery == "dead" or row.message.error == "too_old"
