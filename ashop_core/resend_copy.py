"""What a message would be if it was sent once more: to whom, in which words, and why it may not be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ashop_core.attempting import Telling
from ashop_core.channel_answers import address_of, description_of, lane_of, recipient_of, words_of
from ashop_core.channels import Channel
from ashop_core.errors import InvalidInput, Refused, problem
from ashop_core.kept_words import WHY
from ashop_core.messages import MessageRow, find_message
from ashop_core.models import Audience, Delivery, Message, Order, Rendered
from ashop_core.telling import telling_of
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

LONGEST_SUBJECT = 200
LONGEST_BODY = 20_000


@dataclass(frozen=True, kw_only=True)
class Resend:
    """What is asked for: None leaves address, subject and words as they were. `key` makes it happen only once."""

    to: str | None = None
    subject: str | None = None
    body: str | None = None
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What would be sent: to whom, in which words, and what the channel says of them (parts, price)."""

    original: Message
    order: Order
    recipient: str
    lane: str
    rendered: Rendered
    described: Text


def copy_of(shop: Shop, id_: int, asked: Resend) -> Copy:
    """Return what a message would be if it was sent again; nothing is kept.

    Words that were never made, since the first attempt did not come so far, are made now; edited ones go as plain
    text. Raises NotFound, InvalidInput for an address or words that cannot be used, and Refused where the message has
    not left the queue, where nobody may be told of the order (any more), and where its change was undone and the
    words are still the old ones.
    """
    with shop.database.read() as reader:
        row = find_message(reader, id_)
    message, channel = row.message, _channel(shop, row)
    _ensure_left(message)
    telling = _telling(shop, message, asked)
    assert telling.context is not None
    recipient = message.recipient if asked.to is None else _address(channel, asked.to, message, telling.order)
    rendered = message.rendered or words_of(channel, telling.context)
    rendered = _reworded(rendered, asked)
    return Copy(
        original=message,
        order=telling.order,
        recipient=recipient,
        lane=lane_of(channel, recipient),
        rendered=rendered,
        described=description_of(channel, rendered, recipient),
    )


def _channel(shop: Shop, row: MessageRow) -> Channel:
    code = row.message.channel
    if row.kind != "message":
        raise InvalidInput(
            Text(
                "{id} är ett jobb ({code}) och inget meddelande: det kan bara försökas igen, "
                "med `ashop message retry`.",
                "{id} is a job ({code}) and no message: it can only be tried again, with `ashop message retry`.",
            ).fill(id=row.message.id, code=code)
        )
    if code not in shop.channels:
        raise InvalidInput(
            Text(
                "{id} kan inte skickas igen: kanalen {code} är inte påslagen i ashop.toml.",
                "{id} cannot be sent again: the channel {code} is not enabled in ashop.toml.",
            ).fill(id=row.message.id, code=code)
        )
    return shop.channels[code]


def _ensure_left(message: Message) -> None:
    if message.delivery in (Delivery.WAITING, Delivery.CLAIMED):
        raise Refused([
            problem(
                "not_sent_yet", "meddelande {id} ligger kvar i kön: vänta tills det har skickats eller getts upp",
                "message {id} is still queued: wait until it was sent or given up", id=message.id,
            )
        ])  # fmt: skip
    if not message.recipient:
        raise Refused([
            problem(
                "anonymised", "meddelande {id} är avidentifierat: det finns varken adress eller ord kvar",
                "message {id} was anonymised: neither address nor words are left", id=message.id,
            )
        ])  # fmt: skip


def _telling(shop: Shop, message: Message, asked: Resend) -> Telling:
    """Return what may still be said of the order. That it has come further is for whoever sends it to judge."""
    if asked.body is None and telling_of(shop, replace(message, resends=None)).why == "undone":
        raise Refused([
            problem(
                "undone", "{why}, så orden stämmer inte längre: skriv andra (--edit)",
                "{why}, so the words are not true any more: write others (--edit)", why=WHY["undone"],
            )
        ])  # fmt: skip
    telling = telling_of(shop, replace(message, resends=message.id))
    if telling.context is None:
        raise Refused([
            problem(
                "hidden", "{why}, så meddelandet skickas inte igen", "{why}, so the message is not sent again",
                why=WHY["hidden"],
            )
        ])  # fmt: skip
    return telling


def _address(channel: Channel, text: str, message: Message, order: Order) -> str:
    found = address_of(channel, text)
    if found is None:
        raise InvalidInput(
            Text(
                "”{to}” är ingen adress som {channel} kan skicka till.",
                "“{to}” is no address that {channel} can send to.",
            ).fill(to=text, channel=channel.label)
        )
    customer = recipient_of(channel, order.customer)
    if message.audience is Audience.STAFF and found.casefold() == (customer or "").casefold():
        raise Refused([
            problem(
                "for_staff", "meddelande {id} är skrivet för personalen och skickas inte till kunden",
                "message {id} was written for staff and is not sent to the customer", id=message.id,
            )
        ])  # fmt: skip
    return found


def _reworded(rendered: Rendered, asked: Resend) -> Rendered:
    """Return the words to send: those that were sent, or as they were edited."""
    subject = rendered.subject if asked.subject is None else one_line(asked.subject)
    body = rendered.body if asked.body is None else lines_of(asked.body)
    if subject and not rendered.subject:
        raise InvalidInput(Text("meddelandet har inget ämne", "the message has no subject"))
    whole = 0 < len(body) <= LONGEST_BODY and len(subject) <= LONGEST_SUBJECT
    if not whole or not _is_text(subject + body) or bool(subject) != bool(rendered.subject):
        raise InvalidInput(
            Text(
                "Orden måste vara text på 1 till {most} tecken, och ämnet på 1 till {line} om det finns ett.",
                "The words must be text of 1 to {most} characters, and the subject of 1 to {line} if there is one.",
            ).fill(most=LONGEST_BODY, line=LONGEST_SUBJECT)
        )
    if (subject, body.strip()) == (rendered.subject, rendered.body.strip()):
        return rendered
    return replace(rendered, subject=subject, body=body, html=None)


def one_line(words: str) -> str:
    """Return a subject as it is kept."""
    return " ".join(words.split())


def lines_of(words: str) -> str:
    """Return a body as it is kept."""
    return "\n".join(words.splitlines()).strip()


def _is_text(words: str) -> bool:
    """Tell whether every store keeps it as it is: no NUL, no half of a pair."""
    return "\0" not in words and not any("\ud800" <= c <= "\udfff" for c in words)
