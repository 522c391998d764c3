"""An order's whole story in time order: changes, who made them, what plugins did, messages, refusals, faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.models import Attempt, Delivery, Entry, Message, Order, Payment, Refusal
from ashop_core.order_records import history_of, payments_of
from ashop_core.orders import load_order
from ashop_core.outbox_rows import attempts_by_message, message_of
from ashop_core.refusals import refusals_of
from ashop_core.storage import Reader

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A message or a job of the order, as the outbox has it, and the attempts at it."""

    kind: str
    message: Message
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HookFailure:
    """A plugin's fault after a change was made, which harmed nothing else."""

    plugin: str
    hook: str
    error: str
    seq: int


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to an order: exactly one of its parts is given, and says what.

    A change carries its payment entry, if it brought one. A message stands where it was last tried or sent,
    and otherwise where it was asked for.
    """

    at: datetime
    entry: Entry | None = None
    payment: Payment | None = None
    sending: Sending | None = None
    refusal: Refusal | None = None
    failure: HookFailure | None = None


def story_of(shop: Shop, who: str | int | Order) -> tuple[Order, list[Event]]:
    """Return an order and everything that happened to it, oldest first. Raises NotFound."""
    with shop.database.read() as reader:
        order = load_order(reader, who)
        events = [*_changes(reader, order), *_sendings(reader, order)]
        events += [Event(at=refusal.first_at, refusal=refusal) for refusal in refusals_of(reader, order.id)]
        events += _failures(reader, order)
    return order, sorted(events, key=lambda event: event.at)  # stable: a change before what it caused


def _changes(reader: Reader, order: Order) -> Iterator[Event]:
    payments = {payment.seq: payment for payment in payments_of(reader, order.id)}
    for entry in history_of(reader, order.id):
        yield Event(at=entry.at, entry=entry, payment=payments.get(entry.seq))


def _sendings(reader: Reader, order: Order) -> Iterator[Event]:
    rows = reader.rows("SELECT * FROM outbox WHERE order_id = :id ORDER BY id", {"id": order.id})
    attempts = attempts_by_message(reader, order.id)
    for row in rows:
        tried = tuple(attempts.get(row["id"], ()))
        yield Event(
            at=_settled_at(row), sending=Sending(kind=row["kind"], message=message_of(row), attempts=tried)
        )


def _settled_at(row: Any) -> datetime:
    """Return when a row came to how it stands; one that waits stands where it was asked for."""
    waits = row["delivery"] in (Delivery.WAITING, Delivery.CLAIMED)
    return from_iso(row["created_at"] if waits or row["done_at"] is None else row["done_at"])


def _failures(reader: Reader, order: Order) -> Iterator[Event]:
    rows = reader.rows(
        "SELECT seq, plugin, hook, at, error FROM hook_failures WHERE order_id = :id ORDER BY id",
        {"id": order.id},
    )
    for row in rows:
        failure = HookFailure(plugin=row["plugin"], hook=row["hook"], error=row["error"], seq=row["seq"])
        yield Event(at=from_iso(row["at"]), failure=failure)
