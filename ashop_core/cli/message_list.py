"""`ashop message list`: messages and jobs of all orders, newest first, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.message_words import message_id, note_lanes, recipient_words, standing_words, why_words
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.outcome import sender_label
from ashop_core.cli.output import PEOPLE, Column, ago, list_options, note, show_list, stamp, time_column, when
from ashop_core.messages import MessageFilter, MessageRow, Standing, overdue
from ashop_core.models import Delivery
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_MOST_WORDS = 60
"""So much of a reason is told in the list; `ashop message show` has all of it."""


@command(
    epilog=Text(
        "Exempel:\n  ashop message list --dead --failed\n  ashop message list --order 100234\n"
        "  ashop message list --channel email --csv --all > post.csv",
        "Examples:\n  ashop message list --dead --failed\n  ashop message list --order 100234\n"
        "  ashop message list --channel email --csv --all > mail.csv",
    )
)
@option("--dead", is_flag=True, help=Text("De som gavs upp.", "Those that were given up."))
@option("--failed", is_flag=True, help=Text("Skickade som inte kom fram.", "Sent ones that did not arrive."))
@option("--waiting", is_flag=True, help=Text("De som väntar.", "Those that wait."))
@option("--too-old", is_flag=True, help=Text("De som hann bli för gamla.", "Those that grew too old."))
@option("--sent", is_flag=True, help=Text("De som skickades.", "Those that were sent."))
@option(
    "--order", metavar=Text("ORDER", "ORDER"), help=Text("De som hör till en order.", "Those of one order.")
)
@option(
    "--channel",
    metavar=Text("KOD", "CODE"),
    help=Text("En kanals, som email.", "A channel's, such as email."),
)
@option("--staff", is_flag=True, help=Text("De till personalen.", "Those to staff."))
@page_options
@list_options
@with_shop
def list_(
    shop: Shop, dead: bool, failed: bool, waiting: bool, too_old: bool, sent: bool, order: str | None,
    channel: str | None, staff: bool, limit: int, cursor: str | None, every: bool, form: str,
) -> None:  # fmt: skip
    """List messages and jobs; say how long the oldest unsent one has waited, and which channels are down."""
    asked = {
        Standing.DEAD: dead, Standing.FAILED: failed, Standing.WAITING: waiting, Standing.TOO_OLD: too_old,
        Standing.SENT: sent,
    }  # fmt: skip
    wanted = MessageFilter(
        standings=[standing for standing, on in asked.items() if on],
        order_id=shop.order(order).id if order else None,
        channel=channel,
        staff=staff,
    )
    before = message_id(cursor) if cursor else None
    rows = (
        list(shop.every_message(wanted, before))
        if every
        else shop.all_messages(wanted, before=before, limit=limit)
    )
    show_list(columns(shop), rows, form, empty=Text("Inga meddelanden.", "No messages."))
    if not every and len(rows) == limit:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=rows[-1].message.id))
    with shop.database.read() as reader:
        late = overdue(reader, shop.clock())
    if late.oldest is not None and form == PEOPLE:
        waits = Text("Äldsta osända har väntat i {t}.", "The oldest unsent one has waited for {t}.")
        note(waits.fill(t=ago(late.oldest)))
    note_lanes(shop)
    note_hold(shop)


def columns(shop: Shop) -> list[Column[MessageRow]]:
    """Return the columns of a list of messages."""
    return [
        Column("id", Text("Id", "Id"), lambda r: r.message.id, right=True),
        time_column("created", Text("Skapat", "Made"), lambda r: r.message.created_at),
        Column("order", Text("Order", "Order"), lambda r: r.order),
        Column("kind", Text("Sort", "Kind"), lambda r: r.kind, only="machines"),
        Column(
            "channel", Text("Kanal", "Channel"), lambda r: r.message.channel,
            words=lambda r: sender_label(shop, r.message.channel),
        ),
        Column(
            "recipient", Text("Till", "To"), lambda r: r.message.recipient,
            words=lambda r: recipient_words(r.message) if r.kind == "message" else "",
        ),
        Column("audience", Text("För", "For"), lambda r: r.message.audience.value, only="machines"),
        Column("rule", Text("Regel", "Rule"), lambda r: r.rule, only="machines"),
        Column("template", Text("Mall", "Template"), lambda r: r.message.template, only="machines"),
        Column("delivery", Text("Läge", "Standing"), lambda r: r.message.delivery.value, words=_standing),
        Column("planned", Text("Planerat", "Planned"), lambda r: stamp(r.message.planned_at), only="machines"),
        Column("sent", Text("Skickat", "Sent"), lambda r: stamp(r.message.sent_at), only="machines"),
        Column("attempts", Text("Försök", "Attempts"), lambda r: r.message.attempts, only="machines"),
        Column("error", Text("Fel", "Error"), lambda r: r.message.error, only="machines"),
        Column("why", Text("Varför", "Why"), lambda r: r.message.why if r.message.error else None, only="machines"),
        Column("arrival", Text("Ankomst", "Arrival"), lambda r: r.message.arrival.value, only="machines"),
        Column("arrived", Text("Rapporterad", "Reported"), lambda r: stamp(r.message.arrival_at), only="machines"),
        Column("resends", Text("Upprepar", "Repeats"), lambda r: r.message.resends, only="machines"),
    ]  # fmt: skip


_UNTIL = Text("{words} till {time}", "{words} until {time}")
"""What is said of a message that is not to leave yet."""


def _standing(row: MessageRow) -> str:
    message = row.message
    words, why = say(standing_words(message, row.kind)), why_words(message)
    if (
        message.delivery is Delivery.WAITING
        and not message.attempts
        and message.planned_at > message.created_at
    ):
        words = say(_UNTIL.fill(words=words, time=when(message.planned_at)))
    if len(why) > _MOST_WORDS:
        why = f"{why[: _MOST_WORDS - 1]}…"
    return f"{words}: {why}" if why else words
