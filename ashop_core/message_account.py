"""All that is known of one message: its words, every attempt, what came back, and the messages that repeat it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.channels import Channel, DescribesWords
from ashop_core.errors import AshopError
from ashop_core.messages import find_message
from ashop_core.models import Attempt, Message
from ashop_core.outbox_rows import attempts_of, message_of
from ashop_core.plugins import by_name
from ashop_core.storage import Reader
from ashop_core.texts import NOTHING, Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True)
class MessageAccount:
    """A message (or a job, see `kind`) with all that belongs to it.

    `repeats` are the messages that it is a copy of, the first of them first; `repeated` those that were sent in its
    place later. `described` is what the channel says of it, such as parts and price.
    """

    kind: str
    order: str | None
    rule: str
    message: Message
    attempts: tuple[Attempt, ...]
    repeats: tuple[Message, ...] = ()
    repeated: tuple[Message, ...] = ()
    described: Text = NOTHING


def account_of(shop: Shop, id_: int) -> MessageAccount:
    """Return all that is known of a message or job. Raises NotFound."""
    with shop.database.read() as reader:
        row = find_message(reader, id_)
        attempts = attempts_of(reader, id_)
        repeats, repeated = _originals(reader, row.message), _copies(reader, id_)
    message = row.message
    channel = shop.channels.get(message.channel) if row.kind == "message" else None
    return MessageAccount(
        kind=row.kind,
        order=row.order,
        rule=row.rule,
        message=message,
        attempts=tuple(attempts),
        repeats=tuple(repeats),
        repeated=tuple(repeated),
        described=NOTHING if channel is None else described(channel, message),
    )


def described(channel: Channel, message: Message) -> Text:
    """Return what a channel says of a message beside its words; a plugin that fails is named instead."""
    if message.rendered is None or not isinstance(channel, DescribesWords):
        return NOTHING
    try:
        return by_name(channel.code, "describe", channel.describe, message.rendered, message.recipient)
    except AshopError as fault:
        return fault.text


def _originals(reader: Reader, message: Message) -> list[Message]:
    found: list[Message] = []
    while message.resends is not None:
        row = reader.row("SELECT * FROM outbox WHERE id = :id", {"id": message.resends})
        if row is None:
            break
        message = message_of(row)
        found.insert(0, message)
    return found


def _copies(reader: Reader, id_: int) -> list[Message]:
    """Return the copies of a message, and theirs, as they were made."""
    found: list[Message] = []
    for copy in reader.rows("SELECT * FROM outbox WHERE resends = :id", {"id": id_}):
        found += [message_of(copy), *_copies(reader, copy["id"])]
    return sorted(found, key=lambda copy: copy.id)
