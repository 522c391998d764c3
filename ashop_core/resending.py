"""A message sent once more because staff say so: the same words or edited ones, to the same address or another."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.channel_answers import address_of
from ashop_core.clock import to_iso
from ashop_core.errors import Conflict, InvalidInput
from ashop_core.messages import find_message
from ashop_core.models import Message, Rendered
from ashop_core.outbox_rows import words_row
from ashop_core.planning import new_message_id
from ashop_core.resend_copy import Copy, Resend, copy_of, lines_of, one_line
from ashop_core.storage import Reader, Writer
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

LONGEST_KEY = 200
_TURNS = 5
"""How often to look anew at an order that others change meanwhile."""


def resend(shop: Shop, id_: int, asked: Resend, actor: str) -> Message:
    """Put a copy of a message in the queue and return it; the original stays as it is.

    The same `key` again returns the copy there is, Conflict if it was to be another one. Raises what `copy_of` does.
    """
    if len(asked.key) > LONGEST_KEY:
        raise InvalidInput(
            Text("nyckeln är längre än {n} tecken", "the key is longer than {n} characters").fill(
                n=LONGEST_KEY
            )
        )
    key = f"resend:{id_}:{asked.key or secrets.token_hex(8)}"
    for _ in range(_TURNS):
        with shop.database.read() as reader:
            if (known := _known(reader, key)) is not None:
                return _the_same(shop, known, asked)
        copy = copy_of(shop, id_, asked)
        with shop.database.write() as tx:
            new = _insert(tx, copy, _row_of(shop, copy, key, actor))
        if new is not None:
            with shop.database.read() as reader:
                return find_message(reader, new).message
    raise Conflict(
        Text("{name} ändras av andra just nu: försök igen", "{name} is being changed by others just now: try again")
        .fill(name=copy.order.name)
    )  # fmt: skip


def _insert(tx: Writer, copy: Copy, row: Mapping[str, Any]) -> int | None:
    """Write the copy, unless the order was changed, or a copy made under the same key, since it was looked at.

    An undo, or the erasing of the person, would have dealt with a copy that was there.
    """
    tx.lock("orders", [{"id": copy.order.id}])
    order = tx.row("SELECT version FROM orders WHERE id = :id", {"id": copy.order.id})
    if order is None or order["version"] != copy.order.version or _known(tx, row["key"]) is not None:
        return None
    return tx.insert("outbox", row)


def _known(reader: Reader, key: str) -> Message | None:
    row = reader.row("SELECT id FROM outbox WHERE key = :key", {"key": key})
    return None if row is None else find_message(reader, row["id"]).message


def _the_same(shop: Shop, known: Message, asked: Resend) -> Message:
    """Return the copy that was made under a key, if it is what is asked for now."""
    channel, words = shop.channels.get(known.channel), known.rendered or Rendered(subject="", body="")
    to = asked.to if asked.to is None or channel is None else address_of(channel, asked.to)
    pairs = (
        (to, known.recipient),
        (asked.subject and one_line(asked.subject), words.subject),
        (asked.body and lines_of(asked.body), lines_of(words.body)),
    )
    if any(wanted is not None and wanted != there for wanted, there in pairs):
        raise Conflict(
            Text(
                "Under samma nyckel finns redan meddelande {id}, till en annan adress eller med andra ord.",
                "Under the same key there is message {id} already, to another address or in other words.",
            ).fill(id=known.id)
        )
    return known


def _row_of(shop: Shop, copy: Copy, key: str, actor: str) -> dict[str, Any]:
    message, now = copy.original, shop.clock()
    return {
        "key": key,
        "order_id": message.order_id,
        "seq": message.seq,
        "kind": "message",
        "code": message.channel,
        "audience": message.audience.value,
        "template": message.template,
        "recipient": copy.recipient,
        "lane": copy.lane,
        "language": message.language,
        "created_at": to_iso(now),
        "planned_at": to_iso(now),
        "due_at": to_iso(now),
        "expires_at": to_iso(now + timedelta(days=shop.settings.shop.message_days)),
        "message_id": new_message_id(),
        "resends": message.id,
        "actor": actor,
        **words_row(copy.rendered),
    }
