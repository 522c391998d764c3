"""Messages and jobs that a change causes: written with it, delivered after it, at least once each.

A row is put in by the change's own transaction under a key that can stand there only once. A worker claims
rows under a lease, renders and delivers them outside any transaction, and marks them. A worker that dies
after delivering and before marking causes a second copy; both carry the same `message_id`.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from ashop_core.clock import Clock, from_iso, to_iso
from ashop_core.customer import MessageContext, Occasion, occasion_of
from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.models import (
    Change,
    Customer,
    Delivery,
    Job,
    Kind,
    Message,
    Order,
    PlannedMessage,
    Rendered,
    Status,
)
from ashop_core.plugins import by_name
from ashop_core.storage import Database, Reader
from ashop_core.texts import Text

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_WAIT = timedelta(days=1)
"""The most that a receiver's own ``Retry-After`` is listened to."""
NEVER = "9999-12-31T23:59:59.999999Z"
"""When a job grows too old to be done: a message may, work that must happen may not."""
MOST_ATTEMPTS = 12
LONGEST_WORDS = 4000


@runtime_checkable
class Channel(Protocol):
    """A way to reach a customer. `code` is what settings name it; it is also the plugin's name as a rule.

    One that has a template for each status may say which, see `KnowsTemplates`.
    """

    code: str
    label: Text

    def recipient(self, customer: Customer) -> str | None:
        """Return the address to use, normalised, or None where the customer has none that is usable."""
        ...

    def render(self, context: MessageContext) -> Rendered:
        """Return the message as the recipient will read it; no network, no database."""
        ...

    def send(self, message: Message, rendered: Rendered) -> str:
        """Deliver, and return the receiving side's receipt.

        Raises TemporaryDeliveryError to be called again later, DeliveryError when that is no use. Called
        outside any transaction; every attempt has the same ``message.message_id``.
        """
        ...


@runtime_checkable
class KnowsTemplates(Protocol):
    """What a channel may offer beside the rest, for `ashop flow check`."""

    def has_template(self, template: str, language: str) -> bool:
        """Tell whether there are words of its own for this template, and not only those for any status."""
        ...


@dataclass(frozen=True)
class JobHandler:
    """A job and the function that does it: ``run(shop, payload)``; a timed job gets an empty payload."""

    job: Job
    run: Callable[[Any, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Delivered:
    """What became of one claimed row."""

    id: int
    order_id: int | None
    code: str
    recipient: str
    delivery: Delivery
    words: str


def plan_messages(
    order: Order, change: Change, status: Status, channels: Mapping[str, Channel]
) -> list[PlannedMessage]:
    """Return the messages that a change causes: those of the status it enters, unless told otherwise.

    ``change.notify`` True also sends where the status is the same, False sends nothing; a parcel that goods
    leave with is told as if the status had been entered. A hidden status never sends, whatever anyone asks (N9).
    """
    sends = change.enters or (change.kind is Kind.PARCEL and bool(change.moves or change.silent_moves))
    wanted = sends if change.notify is None else change.notify
    if not wanted or not status.visible:
        return []
    planned = []
    for code in status.notify:
        channel = channels.get(code)
        recipient = by_name(code, "recipient", channel.recipient, order.customer) if channel else None
        if recipient is not None:
            planned.append(
                PlannedMessage(
                    rule=f"{status.code}/{code}",
                    channel=code,
                    template=_template(status, change),
                    recipient=recipient,
                    language=order.language,
                )
            )
    return planned


def _template(status: Status, change: Change) -> str:
    template, occasion = status.template or status.code, occasion_of(change)
    return template if occasion is Occasion.STATUS else f"{template}_{occasion.value}"


def message_row(
    order: Order, change: Change, planned: PlannedMessage, keep: timedelta, wait: timedelta = timedelta()
) -> dict[str, Any]:
    """Return the outbox row of a planned message; `keep` is how long it is still worth sending.

    `wait` is how long it lies before it may leave, so that an undo can still stop it.
    """
    at = to_iso(change.at)
    return {
        "key": f"{order.id}:{change.seq}:{planned.rule}:{planned.recipient}",
        "order_id": order.id,
        "seq": change.seq,
        "kind": "message",
        "code": planned.channel,
        "template": planned.template,
        "recipient": planned.recipient,
        "language": planned.language,
        "created_at": at,
        "due_at": to_iso(change.at + wait) if wait else at,
        "expires_at": to_iso(change.at + wait + keep),
        "message_id": new_message_id(),
    }


def new_message_id() -> str:
    """Return the token that all attempts of one row carry: random, so that it tells nothing of the order."""
    return secrets.token_hex(12)


_READY = """(
    (o.delivery = 'waiting' AND o.due_at <= :now) OR (o.delivery = 'claimed' AND o.lease_until <= :now)
)"""

# The condition stands outside the sub-select too: where two workers claim at once, the second one looks again.
# Nothing is claimed while the outbox is held (see `holds`).
# An earlier message of the same order and channel goes first (N7).
_CLAIM = f"""
UPDATE outbox AS o SET delivery = 'claimed', attempts = attempts + 1, lease = :lease, lease_until = :until
WHERE NOT EXISTS (SELECT 1 FROM holds WHERE code = 'outbox') AND {_READY} AND o.id IN (
    SELECT o.id FROM outbox AS o
    WHERE o.delivery IN ('waiting', 'claimed') AND {_READY} %s AND NOT EXISTS (
        SELECT 1 FROM outbox AS e
        WHERE e.order_id = o.order_id AND e.code = o.code AND e.kind = 'message' AND o.kind = 'message'
          AND e.id < o.id AND e.delivery IN ('waiting', 'claimed')
    )
    ORDER BY o.due_at, o.id LIMIT :most
)
RETURNING *
"""  # noqa: S608 - constants only

_PROLONG = """
UPDATE outbox SET lease_until = :until WHERE id = :id AND delivery = 'claimed' AND lease = :lease
"""

_MARK = """
UPDATE outbox SET delivery = :delivery, due_at = :due, done_at = :done, receipt = :receipt, error = :error,
    lease = NULL, lease_until = NULL
WHERE id = :id AND delivery = 'claimed' AND lease = :lease
"""


class Outbox:
    """Claims and delivers what is due. `context` gives a message its order as the customer sees it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Mapping[str, Channel],
        handlers: Mapping[str, JobHandler],
        context: Callable[[Message], MessageContext | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._channels = channels
        self._handlers = handlers
        self._context = context

    def deliver(self, shop: object, *, order_id: int | None = None, most: int = 20) -> list[Delivered]:
        """Claim up to `most` rows that are due, of one order or of all, deliver them, tell what became of each."""
        rows, until = self._claim(order_id, most)
        done = []
        while rows:
            if self._clock() > until - LEASE / 2:
                rows, until = self._prolong(rows)
            else:
                done.append(self._deliver_one(shop, rows.pop(0)))
        return done

    def _claim(self, order_id: int | None, most: int) -> tuple[list[Any], datetime]:
        now = self._clock()
        until = now + LEASE
        params: dict[str, Any] = {
            "now": to_iso(now), "until": to_iso(until), "lease": secrets.token_hex(8), "most": most,
        }  # fmt: skip
        which = ""
        if order_id is not None:
            which, params["order_id"] = "AND o.order_id = :order_id", order_id
        with self._database.write() as tx:
            rows = tx.rows(_CLAIM % which, params)
        return sorted(rows, key=lambda row: (row["due_at"], row["id"])), until

    def _prolong(self, rows: list[Any]) -> tuple[list[Any], datetime]:
        """Return which of the rows that stand in line are still this worker's, and until when they are now."""
        until = self._clock() + LEASE
        params = {"until": to_iso(until), "lease": rows[0]["lease"]}
        with self._database.write() as tx:
            return [row for row in rows if tx.execute(_PROLONG, {**params, "id": row["id"]})], until

    def _deliver_one(self, shop: object, row: Any) -> Delivered:
        try:
            delivery, words = self._attempt(shop, row)
            due = row["due_at"]
        except TemporaryDeliveryError as error:
            delivery, due, words = self._again(row, str(error), error.retry_after)
        except DeliveryError as error:
            delivery, due, words = Delivery.DEAD, row["due_at"], str(error)
        except (Exception, SystemExit) as error:  # a plugin's fault must not stop the other rows (N10)
            delivery, due, words = self._again(row, f"{type(error).__name__}: {error}", None)
        self._mark(row, delivery, due, words)
        return Delivered(row["id"], row["order_id"], row["code"], row["recipient"], delivery, words)

    def _attempt(self, shop: object, row: Any) -> tuple[Delivery, str]:
        if row["expires_at"] <= to_iso(self._clock()):
            return Delivery.SUPPRESSED, "too old"
        if row["attempts"] > MOST_ATTEMPTS:  # it never got as far as an answer: it ends its worker each time
            raise DeliveryError(f"given up after {MOST_ATTEMPTS} attempts")
        if row["kind"] == "job":
            handler = self._handlers.get(row["code"])
            if handler is None:
                return Delivery.SUPPRESSED, f"no plugin does the job {row['code']}"
            handler.run(shop, json.loads(row["payload"]))
            return Delivery.SENT, ""
        channel = self._channels.get(row["code"])
        if channel is None:
            return Delivery.SUPPRESSED, f"the channel {row['code']} is switched off"
        message = message_of(row)
        rendered = self._words_of(channel, message, row["lease"])
        if rendered is None:
            return Delivery.SUPPRESSED, "the customer may not know of the order"
        return Delivery.SENT, channel.send(message, rendered)

    def _words_of(self, channel: Channel, message: Message, lease: str) -> Rendered | None:
        """Return the words, None where they may not be told any more: also those of an earlier attempt.

        They are rendered once and kept, so that every attempt and the order page show the same.
        """
        context = self._context(message)
        if context is None:
            return None
        if message.rendered is not None:
            return message.rendered
        rendered = channel.render(context)
        with self._database.write() as tx:
            tx.execute(
                "UPDATE outbox SET subject = :subject, body = :body, html = :html WHERE id = :id AND lease = :lease",
                {
                    "subject": rendered.subject, "body": rendered.body, "html": rendered.html,
                    "id": message.id, "lease": lease,
                },
            )  # fmt: skip
        return rendered

    def _again(self, row: Any, why: str, retry_after: float | None) -> tuple[Delivery, str, str]:
        if row["attempts"] >= MOST_ATTEMPTS:
            return Delivery.DEAD, row["due_at"], why
        asked = timedelta(seconds=min(LONGEST_WAIT.total_seconds(), max(0, retry_after or 0)))
        pause = max(next_pause(row["attempts"]), asked)
        # Not beyond its last day: it would keep later messages of the order waiting for nothing.
        return Delivery.WAITING, min(to_iso(self._clock() + pause), row["expires_at"]), why

    def _mark(self, row: Any, delivery: Delivery, due: str, words: str) -> None:
        """Write the outcome, unless another worker has taken the row over meanwhile (N11)."""
        sent, words = delivery is Delivery.SENT, storable(words)
        with self._database.write() as tx:
            tx.execute(
                _MARK,
                {
                    "delivery": delivery.value,
                    "due": due,
                    "done": None if delivery is Delivery.WAITING else to_iso(self._clock()),
                    "receipt": words if sent else "",
                    "error": "" if sent else words,
                    "id": row["id"],
                    "lease": row["lease"],
                },
            )


def next_pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling, capped, with jitter so that rows spread out."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=longest.total_seconds() * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret


def storable(words: object) -> str:
    """Return words that came from outside as text that every store keeps, cut where they are very long."""
    text = str(words).replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST_WORDS]
    return text.encode("utf-8", "replace").decode("utf-8")


def message_of(row: Any) -> Message:
    """Return an outbox row as a message."""
    rendered = None
    if row["subject"] is not None:
        rendered = Rendered(subject=row["subject"], body=row["body"], html=row["html"])
    return Message(
        id=row["id"],
        order_id=row["order_id"],
        seq=row["seq"],
        channel=row["code"],
        template=row["template"],
        recipient=row["recipient"],
        language=row["language"],
        delivery=Delivery(row["delivery"]),
        attempts=row["attempts"],
        message_id=row["message_id"],
        created_at=from_iso(row["created_at"]),
        due_at=from_iso(row["due_at"]),
        rendered=rendered,
        sent_at=from_iso(row["done_at"]) if row["delivery"] == Delivery.SENT else None,
        receipt=row["receipt"],
        error=row["error"],
    )


def messages_of(reader: Reader, order_id: int) -> list[Message]:
    """Return every message of an order, oldest first."""
    rows = reader.rows(
        "SELECT * FROM outbox WHERE order_id = :id AND kind = 'message' ORDER BY id", {"id": order_id}
    )
    return [message_of(row) for row in rows]


def release_dead(database: Database, clock: Clock, ids: Iterable[int], keep: timedelta) -> int:
    """Put dead messages back in the queue, to be tried again from the start; return how many there were."""
    count = 0
    now = clock()
    with database.write() as tx:
        for id_ in ids:
            count += tx.execute(
                "UPDATE outbox SET delivery = 'waiting', attempts = 0, due_at = :now, error = '', done_at = NULL, "
                "expires_at = CASE kind WHEN 'job' THEN expires_at ELSE :until END "
                "WHERE id = :id AND delivery = 'dead'",
                {"now": to_iso(now), "until": to_iso(now + keep), "id": id_},
            )
    return count
