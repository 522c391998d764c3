"""`ashop message list`, `show`, `preview` and `retry`: what customers are sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from ashop_core.changes import StatusRequest
from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.change import read_pair
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.names import DELIVERIES, find_status
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.outcome import deliver_now, show_preview, show_words
from ashop_core.cli.output import (
    JSON,
    PEOPLE,
    Column,
    ago,
    json_option,
    list_options,
    note,
    show_list,
    show_pairs,
    time_column,
    when,
    write_json,
)
from ashop_core.messages import UNSENT, MessageRow, count_messages, find_message, list_messages
from ashop_core.models import Delivery
from ashop_core.outbox import release_dead
from ashop_core.paging import LARGEST_PAGE
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command()
@option("--dead", is_flag=True, help=Text("De som gavs upp.", "Those that were given up."))
@option("--waiting", is_flag=True, help=Text("De som väntar.", "Those that wait."))
@option(
    "--order", metavar=Text("ORDER", "ORDER"), help=Text("De som hör till en order.", "Those of one order.")
)
@page_options
@list_options
@with_shop
def list_(
    shop: Shop, dead: bool, waiting: bool, order: str | None, limit: int, cursor: str | None, every: bool, form: str
) -> None:  # fmt: skip
    """List messages and jobs, and say how long the oldest unsent one has waited."""
    wanted: dict[str, Any] = {"deliveries": ((Delivery.DEAD,) if dead else ()) + (UNSENT if waiting else ())}
    wanted["order_id"] = shop.order(order).id if order else None
    rows = list(_rows(shop, wanted, LARGEST_PAGE if every else limit, _id(cursor) if cursor else None, every))
    show_list(_columns(shop), rows, form, empty=Text("Inga meddelanden.", "No messages."))
    if not every and len(rows) == limit:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=rows[-1].message.id))
    with shop.database.read() as reader:
        _, oldest = count_messages(reader, UNSENT)
    if oldest is not None and form == PEOPLE:
        waits = Text("Äldsta osända har väntat i {t}.", "The oldest unsent one has waited for {t}.")
        note(waits.fill(t=ago(oldest)))
    note_hold(shop)


def _rows(
    shop: Shop, wanted: dict[str, Any], limit: int, before: int | None, every: bool
) -> Iterator[MessageRow]:
    while True:
        with shop.database.read() as reader:
            rows = list_messages(reader, before=before, limit=limit, **wanted)
        yield from rows
        if not every or len(rows) < limit:
            return
        before = rows[-1].message.id


@command()
@argument("id", metavar=Text("ID", "ID"))
@json_option
@with_shop
def show(shop: Shop, id: str, form: str) -> None:
    """Show one message with its words."""
    with shop.database.read() as reader:
        row = find_message(reader, _id(id))
    message = row.message
    if form == JSON:
        from ashop_core.serial import message_document

        write_json(
            {"order": row.order, "kind": row.kind, **message_document(message).to_dict(encode_json=True)}
        )
        return
    show_pairs([
        (Text("Order", "Order"), row.order or ""),
        (Text("Till", "To"), message.recipient),
        (Text("Väg", "Channel"), _channel(shop, row)),
        (Text("Läge", "State"), say(DELIVERIES[message.delivery])),
        (Text("Skapat", "Made"), when(message.created_at)),
        (Text("Skickat", "Sent"), when(message.sent_at)),
        (Text("Kvitto", "Receipt"), message.receipt),
        (Text("Försök", "Attempts"), str(message.attempts)),
        (Text("Fel", "Error"), message.error),
    ])  # fmt: skip
    if message.rendered is not None:
        show_words(message.rendered.subject, message.rendered.body)


@command()
@argument("order", metavar=Text("ORDER", "ORDER"))
@argument(
    "status",
    required=False,
    metavar=Text("STATUS", "STATUS"),
    help=Text("Annars alla som ordern kan få nu.", "Otherwise all that the order may enter now."),
)
@option(
    "--field",
    "fields",
    multiple=True,
    metavar=Text("KOD=VÄRDE", "CODE=VALUE"),
    help=Text("Ett fält som statusen frågar efter.", "A field that the status asks for."),
)
@with_shop
def preview(shop: Shop, order: str, status: str | None, fields: tuple[str, ...]) -> None:
    """Show what the customer would read if the order entered a status; nothing is changed."""
    found = shop.order(order)
    values = dict(read_pair(field) for field in fields)
    if status is not None:
        codes = [find_status(shop.flows, status, found).code]
    else:
        codes = [s.code for s in shop.flows.next_statuses(found) if s.notify]
    for code in codes:
        reason = "–" if shop.flows.status(code).reason_required else ""
        show_preview(
            shop, shop.preview(found, StatusRequest(to=code, fields=values, reason=reason, notify=True))
        )
    if not codes:
        click.echo(say(Text("Ingen status härifrån skickar något.", "No status from here sends anything.")))


@command()
@argument("ids", nargs=-1, metavar=Text("ID", "ID"))
@option("--all", "every", is_flag=True, help=Text("Alla som gavs upp.", "All that were given up."))
@option("--dry-run", is_flag=True, help=Text("Visa vilka; gör inget.", "Show which; do nothing."))
@with_shop
def retry(shop: Shop, ids: tuple[str, ...], every: bool, dry_run: bool) -> None:
    """Put messages that were given up back in the queue, and try them now."""
    if bool(ids) == every:
        usage_error(Text("ange meddelandens id, eller --all", "give the ids of messages, or --all"))
    with shop.database.read() as reader:
        dead = list(_rows(shop, {"deliveries": (Delivery.DEAD,)}, LARGEST_PAGE, None, True)) if every else []
        chosen = dead if every else [find_message(reader, _id(id_)) for id_ in ids]
    if dry_run:
        show_list(_columns(shop), chosen)
        return
    keep = timedelta(days=shop.settings.shop.message_days)
    count = release_dead(shop.database, shop.clock, [row.message.id for row in chosen], keep)
    click.echo(say(Text("{n} åter i kön", "{n} back in the queue").fill(n=count)))
    for row in chosen:
        if row.message.delivery is not Delivery.DEAD:
            words = Text(
                "{id}: {how}; bara det som gavs upp försöks igen",
                "{id}: {how}; only what was given up is tried again",
            )
            note(words.fill(id=row.message.id, how=DELIVERIES[row.message.delivery]))
    for name in dict.fromkeys(row.order for row in chosen if row.order):
        for item in deliver_now(shop, shop.order(name)):
            show_pairs([(name, f"{item.recipient}  {say(DELIVERIES[item.delivery])}  {item.words}")])


def _columns(shop: Shop) -> list[Column[MessageRow]]:
    return [
        Column("id", Text("Id", "Id"), lambda r: r.message.id, right=True),
        time_column("created", Text("Skapat", "Made"), lambda r: r.message.created_at),
        Column("order", Text("Order", "Order"), lambda r: r.order),
        Column("kind", Text("Sort", "Kind"), lambda r: r.kind, only="machines"),
        Column("channel", Text("Väg", "Channel"), lambda r: r.message.channel, words=lambda r: _channel(shop, r)),
        Column("recipient", Text("Till", "To"), lambda r: r.message.recipient),
        Column("template", Text("Mall", "Template"), lambda r: r.message.template),
        Column(
            "delivery", Text("Läge", "State"), lambda r: r.message.delivery.value,
            words=lambda r: say(DELIVERIES[r.message.delivery]),
        ),
        Column("attempts", Text("Försök", "Attempts"), lambda r: r.message.attempts, right=True),
        Column("error", Text("Fel", "Error"), lambda r: r.message.error),
    ]  # fmt: skip


def _channel(shop: Shop, row: MessageRow) -> str:
    code = row.message.channel
    if row.kind == "job":
        handler = shop.handlers.get(code)
        return say(handler.job.label) if handler else code
    channel = shop.channels.get(code)
    return say(channel.label) if channel else code


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        usage_error(
            Text(
                "”{t}” är inget id; se `ashop message list`", "“{t}” is no id; see `ashop message list`"
            ).fill(t=text)
        )
    return int(text)
