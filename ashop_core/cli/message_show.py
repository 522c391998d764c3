"""`ashop message show`: one message word for word, with every attempt, what came back, and its copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import argument, command, with_shop
from ashop_core.cli.change_words import Pairs, status_words
from ashop_core.cli.language import say
from ashop_core.cli.message_words import (
    attempt_lines,
    course_words,
    message_id,
    recipient_words,
    standing_words,
    why_words,
)
from ashop_core.cli.names import ARRIVALS, AUDIENCES, actor_label
from ashop_core.cli.outcome import sender_label, show_words
from ashop_core.cli.output import JSON, clean, heading, json_option, show_pairs, when, write_json
from ashop_core.models import Arrival, Delivery
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.message_account import MessageAccount
    from ashop_core.models import Message
    from ashop_core.shop import Shop


@command()
@argument("id", metavar=Text("ID", "ID"))
@json_option
@with_shop
def show(shop: Shop, id: str, form: str) -> None:
    """Show one message: its words, every attempt to send it, and what the receiving side told later."""
    account = shop.message(message_id(id))
    if form == JSON:
        write_json(account_document(account))
        return
    show_pairs([*_head(shop, account), *_course(shop, account), *_chain(account)])
    lines = attempt_lines(account.message, account.attempts, account.kind)
    if lines:
        heading(Text("Försök", "Attempts"))
    for line in lines:
        click.echo(f"  {line}")
    rendered = account.message.rendered
    if rendered is not None:
        heading(Text("Text", "Words"))
        show_pairs([
            (Text("Avsändare", "Sender"), rendered.sender),
            (Text("Svar till", "Reply to"), rendered.reply_to),
            (Text("Omfattning", "Length"), say(account.described)),
        ], 4)  # fmt: skip
        show_words(rendered.subject, rendered.body)


def _head(shop: Shop, account: MessageAccount) -> Pairs:
    message = account.message
    to = f"{recipient_words(message)}" if account.kind == "message" else ""
    template = f"{message.template} ({message.language})" if message.template else ""
    return [
        (Text("Order", "Order"), account.order or ""),
        (Text("Kanal", "Channel"), sender_label(shop, message.channel)),
        (Text("Till", "To"), to),
        (Text("Regel", "Rule"), _rule(shop, account)),
        (Text("Mall", "Template"), template),
    ]


def _rule(shop: Shop, account: MessageAccount) -> str:
    """Return which status tells whom: ``Skickad, kunden (shipped/email)``."""
    if not account.rule:
        return ""
    status = status_words(shop.flows, account.rule.partition("/")[0])
    return f"{status}, {say(AUDIENCES[account.message.audience])} ({account.rule})"


def _course(shop: Shop, account: MessageAccount) -> Pairs:
    message = account.message
    planned = message.planned_at if message.planned_at != message.created_at else None
    waits = message.delivery is Delivery.WAITING and message.due_at > shop.clock()
    arrived = message.arrival is not Arrival.UNKNOWN
    only_in = status_words(shop.flows, message.only_in) if message.only_in else ""
    return [
        (Text("Läge", "Standing"), say(standing_words(message, account.kind))),
        (Text("Varför", "Why"), why_words(message)),
        (Text("Skapat", "Made"), when(message.created_at)),
        (Text("Planerat till", "Planned for"), when(planned)),
        (Text("Bara medan", "Only while"), only_in),
        (Text("Nästa försök", "Next attempt"), when(message.due_at) if waits else ""),
        (
            Text("Skickat", "Sent") if account.kind == "message" else Text("Gjort", "Done"),
            when(message.sent_at),
        ),
        (Text("Kvitto", "Receipt"), message.receipt),
        (Text("Ankomst", "Arrival"), _arrival(message) if arrived else ""),
    ]


def _arrival(message: Message) -> str:
    words = [say(ARRIVALS[message.arrival]), when(message.arrival_at)]
    if message.arrival is not Arrival.FAILED:  # why it failed is told above
        words.append(message.arrival_words)
    return "  ".join(word for word in words if word)


def _chain(account: MessageAccount) -> Pairs:
    asked = Text("Begärt av", "Asked for by")
    return [
        *((Text("Upprepar", "Repeats"), _copy(original)) for original in account.repeats[-1:]),
        (asked, actor_label(account.message.actor) if account.message.actor else ""),
        *((Text("Upprepat av", "Repeated by"), _copy(copy)) for copy in account.repeated),
    ]


def _copy(message: Message) -> str:
    """Return another message of the chain in a line: id, to whom, how far it has come and when, who asked for it."""
    words = [str(message.id), recipient_words(message), course_words(message)]
    if message.actor:
        words.append(f"({actor_label(message.actor)})")
    return "  ".join(clean(word) for word in words)


def account_document(account: MessageAccount) -> dict[str, Any]:
    """Return all that is known of a message as plain data, for JSON."""
    from ashop_core.serial import message_document

    document = message_document(account.message, account.attempts)
    return {
        "order": account.order,
        "kind": account.kind,
        "rule": account.rule,
        **document.to_dict(encode_json=True),
        "described": account.described if account.described.sv else None,
        "repeats": [message.id for message in account.repeats],
        "repeated": [message.id for message in account.repeated],
    }
