"""All that is known of one message: its words, every attempt, what came back, and the messages that repeat it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.channel_answers import description_of
from ashop_core.messages import find_message
from ashop_core.models import Attempt, Message
from ashop_core.outbox_rows import attempts_of, message_of
from ashop_core.storage import Reader
from ashop_core.texts import NOTHING, Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True)
class MessageAccount:
    """A message (or a job, see `kind`) with all that belongs to it.

    `order` is its order's number, or its reference as long as it has none, for ``shop.order(…)``; None where a job has no
    order. `rule` is what sent it, such as ``shipped/email``, empty for a copy.
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
    channel, described = shop.channels.get(message.channel), NOTHING
    if channel is not None and message.rendered is not None:
        described = description_of(channel, message.rendered, message.recipient)
    return MessageAccount(
        kind=row.kind,
        order=row.order,
        rule=row.rule,
        message=message,
        attempts=tuple(attempts),
        repeats=tuple(repeats),
        repeated=tuple(repeated),
        described=described,
    )


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
