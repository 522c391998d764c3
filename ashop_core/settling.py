"""What stands or falls with a change: the one write transaction, from the order row to the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.changes import Draft
from ashop_core.drafts import with_flags
from ashop_core.erasing import erase_person
from ashop_core.errors import Conflict, Problem, Refused
from ashop_core.models import Effect, Job, Kind, Order, PlannedMessage, Status
from ashop_core.order_records import insert_history, insert_parcel, insert_payment
from ashop_core.order_rows import insert_order, update_order
from ashop_core.orders import new_reference
from ashop_core.planning import message_row
from ashop_core.readdressing import NewAddress, readdress
from ashop_core.storage import Writer
from ashop_core.texts import Text
from ashop_core.transaction import ChangeTransaction
from ashop_core.undone import take_back

if TYPE_CHECKING:
    from ashop_core.shop import Shop

ATTEMPTS = 50
"""How often a change starts over when others change the same order meanwhile; 30 was seen at 8 callers."""


@dataclass
class Work:
    """A change on its way through the transaction."""

    draft: Draft
    planned: list[PlannedMessage]
    effects: list[tuple[str, Effect]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    addresses: list[NewAddress] = field(default_factory=list)


class StaleError(Exception):
    """The order changed between reading and writing: start over."""


class TakenError(Exception):
    """The order is here already: there is nothing to write."""


def write_change(shop: Shop, writer: Writer, before: Order, work: Work) -> None:
    """Write a change of an order that is still at its version, and all that follows. Raises StaleError otherwise."""
    after = work.draft.after
    if work.draft.change.places:
        after = replace(after, number=writer.next_number("orders", shop.settings.shop.first_order_number))
        work.draft.after = after
    if not update_order(writer, before, after):
        raise StaleError
    settle(shop, writer, work)


def write_new(shop: Shop, writer: Writer, work: Work, body: str | None) -> None:
    """Insert the order under a reference nobody has. Raises TakenError where its other keys are not free."""
    order = work.draft.after
    if order.placed_at is not None:
        order = replace(order, number=writer.next_number("orders", shop.settings.shop.first_order_number))
    for _ in range(ATTEMPTS):
        order_id = insert_order(writer, order, body)
        if order_id is not None:
            work.draft.after = replace(order, id=order_id)
            return
        taken = writer.row("SELECT 1 FROM orders WHERE reference = :r", {"r": order.reference})
        if taken is None:
            raise TakenError  # rolled back, so that no number is spent
        order = replace(order, reference=new_reference())
    raise conflict(order)


def settle(shop: Shop, writer: Writer, work: Work) -> None:
    """Everything that stands or falls with the order row: plugins, parcel, payment, history, outbox."""
    order, change = work.draft.after, work.draft.change
    tx = ChangeTransaction(writer, order, change, shop.settings, shop.flows, shop.plugins)
    _ask_plugins(shop, writer, tx, work)
    flags = {code: on for code, on in tx.flags.items() if on is not (code in order.flags)}
    if flags:
        order = work.draft.after = _flagged(writer, order, flags)
        change = work.draft.change = replace(change, flags=flags)
    if change.parcel is not None:
        insert_parcel(writer, order, change, work.draft.contents)
    if change.payment is not None:
        insert_payment(writer, order, change)
    if change.undoes is not None:
        work.effects += [("ashop", effect) for effect in take_back(writer, order.id, change)]
    work.effects += [("ashop", effect) for effect in readdress(writer, order.id, change, work.addresses)]
    insert_history(writer, order.id, change, work.effects)
    if change.kind is Kind.ANONYMISED:
        erase_person(writer, order.id, change)
        look = _looking(shop, writer, tx)
        shop.plugins.gather("ashop_on_order_anonymised", object, after_each=look, tx=tx, order=order)
    _enqueue(shop, writer, tx, work)


def _ask_plugins(shop: Shop, writer: Writer, tx: ChangeTransaction, work: Work) -> None:
    order, change = work.draft.after, work.draft.change
    refusals = []
    look = _looking(shop, writer, tx)
    for plugin, item in shop.plugins.gather(
        "ashop_on_change", (Effect, Problem), after_each=look, tx=tx, order=order, change=change
    ):
        if isinstance(item, Problem):
            refusals.append(replace(item, plugin=item.plugin or plugin))
        else:
            work.effects.append((plugin, item))
    if refusals:
        raise Refused(refusals, subject_of(order, work.draft, shop))


def _looking(shop: Shop, writer: Writer, tx: ChangeTransaction) -> Callable[[], None]:
    """Return the look at what a plugin's hook left behind: an open transaction, and jobs that somebody does."""

    def look() -> None:
        writer.ensure_open()
        for job, _ in tx.enqueued.values():
            if job not in shop.handlers:
                raise LookupError(f"nothing does the job {job}")

    return look


def _flagged(writer: Writer, order: Order, flags: Mapping[str, bool]) -> Order:
    flagged = replace(order, flags=with_flags(order.flags, flags))
    writer.execute(
        "UPDATE orders SET flags = :flags WHERE id = :id",
        {"flags": " ".join(flagged.flags), "id": order.id},
    )
    return flagged


def _enqueue(shop: Shop, writer: Writer, tx: ChangeTransaction, work: Work) -> None:
    keep = timedelta(days=shop.settings.shop.message_days)
    wait = timedelta(seconds=shop.settings.shop.message_delay_seconds)
    order, change = work.draft.after, work.draft.change
    if work.planned:
        writer.insert_all("outbox", [message_row(order, change, p, keep, wait) for p in work.planned])
    for code, row in tx.enqueued.values():
        work.jobs.append(shop.handlers[code].job)
        writer.insert("outbox", row)


def subject_of(order: Order, draft: Draft, shop: Shop) -> Text:
    """Return the heading of a refusal: which order, and what was asked of it."""
    if draft.change.kind in (Kind.STATUS, Kind.PLACED):
        target: Status = shop.flows.status(draft.change.to_status)
        # a placement that is refused gives no number, also where it had one already when it was
        name = order.reference if draft.change.places else order.name
        return Text("{name} → {status} nekad", "{name} → {status} refused").fill(
            name=name, status=target.label
        )
    return Text("{name}: nekad", "{name}: refused").fill(name=order.name)


def conflict(order: Order) -> Conflict:
    """Return the error for an order that is no longer at the version it was seen at."""
    return Conflict(
        Text(
            "{name} ändrades av någon annan samtidigt. Läs om ordern och försök igen.",
            "{name} was changed by somebody else meanwhile. Read the order again and retry.",
        ).fill(name=order.name)
    )
