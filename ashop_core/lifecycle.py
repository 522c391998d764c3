"""The life of one change: the only way an order ever comes to be or changes.

Read at a version; work out the change; ask every plugin for reasons against it; then, in one write
transaction, the order row, every plugin's part, the history row and the outbox rows; after the commit,
tell the plugins. A preview goes the same way and rolls the transaction back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.changes import Desk, Draft, Request, StatusRequest
from ashop_core.clock import to_iso
from ashop_core.drafts import with_flags
from ashop_core.erasing import erase_person
from ashop_core.errors import Conflict, PluginError, Problem, Refused, StorageError, problem
from ashop_core.guards import flow_problems
from ashop_core.models import (
    Change,
    Effect,
    Job,
    Kind,
    Order,
    Parcel,
    Payment,
    PlannedMessage,
    Rendered,
    Stage,
    Status,
)
from ashop_core.orders import (
    insert_history,
    insert_order,
    insert_parcel,
    insert_payment,
    insert_records,
    load_order,
    new_reference,
    payments_of,
    update_order,
)
from ashop_core.outbox import message_row, plan_messages, storable
from ashop_core.payment_record import reference_taken, repeated_entry
from ashop_core.refusals import record_refusal
from ashop_core.storage import Writer
from ashop_core.telling import render_planned
from ashop_core.texts import Text, counted
from ashop_core.transaction import ChangeTransaction
from ashop_core.undoing import can_be_undone
from ashop_core.undone import take_back

if TYPE_CHECKING:
    from ashop_core.shop import Shop

log = logging.getLogger("ashop")

ATTEMPTS = 50
"""How often a change starts over when others change the same order meanwhile; 30 was seen at 8 callers."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a request. `change` is None when there was nothing to change (`unchanged`).

    In a preview nothing was kept: `problems` are the reasons against it, `previews` the messages as they
    would read. Otherwise `problems` is empty: a refusal is raised. `lasting` says what no undo takes back;
    until `undo_until` the change itself can be undone, None if it cannot.
    """

    order: Order
    change: Change | None = None
    effects: tuple[tuple[str, Effect], ...] = ()
    messages: tuple[PlannedMessage, ...] = ()
    problems: tuple[Problem, ...] = ()
    previews: tuple[tuple[PlannedMessage, Rendered], ...] = ()
    lasting: tuple[Text, ...] = ()
    undo_until: datetime | None = None

    @property
    def unchanged(self) -> bool:
        """Tell whether the order already was as asked."""
        return self.change is None and not self.problems


@dataclass
class _Work:
    """A change on its way through the transaction."""

    draft: Draft
    planned: list[PlannedMessage]
    effects: list[tuple[str, Effect]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


class _StaleError(Exception):
    """The order changed between reading and writing: start over."""


class _TakenError(Exception):
    """The order is here already: there is nothing to write."""


class _RehearsedError(Exception):
    """Carries a preview out of its transaction, so that it rolls back."""


def make_change(
    shop: Shop, who: str | int | Order, request: Request, actor: str, expected_version: int | None = None
) -> Outcome:
    """Change an order, or tell that nothing needed to change.

    Raises Refused with every reason, Conflict when the order is not at `expected_version` (or others
    never let go of it), NotFound, PluginError. Whatever is raised, nothing was changed.
    """
    for _ in range(ATTEMPTS):
        with shop.database.read():  # one snapshot for the order and for what the plugins look at
            order = _read(shop, who, expected_version)
            draft = _drafted(shop, order, request, actor)
            if draft is None:
                return Outcome(order=order)
            planned, problems = _judge(shop, draft)
        work = _Work(draft, planned)
        try:
            if problems:
                raise Refused(problems, _subject(order, draft, shop))
            with shop.database.write() as writer:
                _write(shop, writer, order, work)
        except Refused as refusal:
            _record_refusal(shop, order, draft.change, refusal)
            raise
        except _StaleError:
            who = order
            continue
        return _made(shop, work)
    raise _conflict(order)


def _drafted(shop: Shop, order: Order, request: Request, actor: str) -> Draft | None:
    """Work out the change; None where nothing would change, which goes for a payment entry told again too."""
    draft = request.draft(order, _desk(shop, actor))
    if draft is None or draft.change.payment is None:
        return draft
    with shop.database.read() as reader:
        known = repeated_entry(draft.change.payment, payments_of(reader, order.id))
    if known is None:
        return draft
    if draft.change.kind is Kind.PAYMENT and known.amount == draft.change.payment.amount:
        return None
    draft.problems.append(reference_taken(known, order.currency))
    return draft


def _judge(shop: Shop, draft: Draft) -> tuple[list[PlannedMessage], list[Problem]]:
    """Return the messages that a draft would cause, and every reason against it."""
    planned, problems = _plan(shop, draft), draft.problems + _objections(shop, draft)
    if draft.change.words and not planned:
        problems.append(
            problem(
                "words_unread", "inget meddelande skickas, så orden når ingen: ta bort dem, eller meddela kunden",
                "no message is sent, so that nobody reads the words: leave them out, or tell the customer",
            )
        )  # fmt: skip
    return planned, problems


def foresee_change(shop: Shop, who: str | int | Order, request: Request, actor: str) -> Outcome:
    """Tell cheaply what speaks against a change and which messages it would send; no lock, no plugin's `on`."""
    with shop.database.read():
        order = _read(shop, who, None)
        draft = _drafted(shop, order, request, actor)
        if draft is None:
            return Outcome(order=order)
        planned, problems = _judge(shop, draft)
    return Outcome(order=draft.after, change=draft.change, messages=tuple(planned), problems=tuple(problems))


def preview_change(shop: Shop, who: str | int | Order, request: Request, actor: str) -> Outcome:
    """Tell what a change would do, plugin by plugin, and what speaks against it; nothing is kept."""
    order = _read(shop, who, None)
    draft = _drafted(shop, order, request, actor)
    if draft is None:
        return Outcome(order=order)
    planned, problems = _judge(shop, draft)
    work = _Work(draft, planned)
    if not problems:
        try:
            with shop.database.write() as writer:
                _write(shop, writer, order, work)
                raise _RehearsedError
        except _RehearsedError:
            pass  # rolled back, as meant: `work` holds what would have been done
        except Refused as refusal:
            problems = list(refusal.problems)
        except _StaleError:
            raise _conflict(order) from None
    return Outcome(
        order=work.draft.after,
        change=work.draft.change,
        effects=tuple(work.effects),
        messages=tuple(work.planned),
        problems=tuple(problems),
        previews=render_planned(shop, work.draft, work.planned) if not problems else (),
        lasting=() if problems else tuple(_lasting(shop, work)),
        undo_until=_undo_until(shop, work.draft.change),
    )


def _undo_until(shop: Shop, change: Change) -> datetime | None:
    window = timedelta(minutes=shop.settings.shop.undo_minutes)
    return change.at + window if window and can_be_undone(change, shop.flows) else None


def _lasting(shop: Shop, work: _Work) -> Iterator[Text]:
    """Yield what stays though the change is undone: what has left the house, and entries of the records."""
    change, wait = work.draft.change, shop.settings.shop.message_delay_seconds
    if work.planned:
        yield _leaving(len(work.planned), wait)
    for job in work.jobs:
        if job.lasting:
            yield job.label
    if change.payment is not None:
        yield Text("posten i betalningarna", "the entry of the payment record")
    if change.places:
        yield Text("ordern får sitt nummer", "the order gets its number")
    if change.kind is Kind.ANONYMISED:
        yield Text("personuppgifterna försvinner för gott", "the personal data are gone for good")


def _leaving(n: int, wait: int) -> Text:
    if not wait:
        return counted(
            n,
            Text("ett meddelande går genast", "a message leaves at once"),
            Text("{n} meddelanden går genast", "{n} messages leave at once"),
        )
    one = Text(
        "ett meddelande går efter {s} sekunder; tills dess stoppar en ångring det",
        "a message leaves after {s} seconds; until then an undo stops it",
    )
    more = Text(
        "{n} meddelanden går efter {s} sekunder; tills dess stoppar en ångring dem",
        "{n} messages leave after {s} seconds; until then an undo stops them",
    )
    return (one if n == 1 else more).fill(n=n, s=wait)


ASKED_FOR = frozenset({"missing_field", "no_reason", "not_partial"})
"""Codes of the reasons that go away when the change brings what the status asks for."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A status of an order's flow, and every reason why the order cannot enter it now; none means it can."""

    status: Status
    problems: tuple[Problem, ...]

    @property
    def allowed(self) -> bool:
        """Tell whether the order may enter it, given what it asks for (a booked time, a reason, contents)."""
        return all(p.code in ASKED_FOR for p in self.problems)


def choices_of(shop: Shop, who: str | int | Order, actor: str) -> tuple[Order, list[Choice]]:
    """Return every status of the order's flow but its own, each with what speaks against it now.

    Fields and reasons not yet given count against it too. Where the flow itself has no step, that is the one
    reason: the guards of a status that cannot be next are not asked. A placed order has no way back to its
    checkout, and its statuses there are not among the choices.
    """
    order = _read(shop, who, None)
    statuses = shop.flows.of_flow(shop.flows.flow_of(order.delivery))
    return order, [
        _choice(shop, order, status, actor)
        for status in statuses
        if status.code != order.status and (order.placed_at is None or status.stage is not Stage.CHECKOUT)
    ]


def _choice(shop: Shop, order: Order, status: Status, actor: str) -> Choice:
    if flow_problems(order, status, shop.flows):
        return Choice(status=status, problems=(problem("not_in_flow", "inte härifrån", "not from here"),))
    draft = StatusRequest(to=status.code).draft(order, _desk(shop, actor))
    assert draft is not None, "another status is always a change"
    return Choice(status=status, problems=(*draft.problems, *_objections(shop, draft)))


def create_order(
    shop: Shop,
    order: Order,
    change: Change,
    body: str | None = None,
    *,
    parcels: Iterable[Parcel] = (),
    payments: Iterable[Payment] = (),
) -> Outcome | None:
    """Write a new order, its creation being its first change; `parcels` and `payments` are what it brings along.

    Returns None where its checkout key, or its source and external id, are already taken: the caller
    knows which it is. Raises Refused and PluginError as every change does.
    """
    contents = {line.position: line.gone for line in order.lines} if change.parcel else {}
    draft = Draft(change=change, after=order, contents=contents)
    problems = _objections(shop, draft)
    if problems:
        raise Refused(problems)
    work = _Work(draft, _plan(shop, draft))
    try:
        with shop.database.write() as writer:
            _insert(shop, writer, work, body)
            insert_records(writer, work.draft.after.id, parcels, payments)
            _settle(shop, writer, work)
    except _TakenError:
        return None
    return _made(shop, work)


def _insert(shop: Shop, writer: Writer, work: _Work, body: str | None) -> None:
    """Insert the order under a reference nobody has. Raises _TakenError where its other keys are not free."""
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
            raise _TakenError  # rolled back, so that no number is spent
        order = replace(order, reference=new_reference())
    raise _conflict(order)


def _read(shop: Shop, who: str | int | Order, expected_version: int | None) -> Order:
    with shop.database.read() as reader:
        order = load_order(reader, who)
    if expected_version is not None and order.version != expected_version:
        raise _conflict(order)
    return order


def _desk(shop: Shop, actor: str) -> Desk:
    return Desk(flows=shop.flows, at=shop.clock(), actor=actor, timezone=shop.settings.shop.timezone)


def _objections(shop: Shop, draft: Draft) -> list[Problem]:
    """Return every plugin's reasons against the change, each with the plugin's name."""
    found = shop.plugins.gather(
        "ashop_validate_change", Problem, shop=shop, order=draft.after, change=draft.change
    )
    return [replace(reason, plugin=plugin) for plugin, reason in found]


def _plan(shop: Shop, draft: Draft) -> list[PlannedMessage]:
    status = shop.flows.status(draft.change.to_status)
    return plan_messages(draft.after, draft.change, status, shop.channels)


def _write(shop: Shop, writer: Writer, before: Order, work: _Work) -> None:
    after = work.draft.after
    if work.draft.change.places:
        after = replace(after, number=writer.next_number("orders", shop.settings.shop.first_order_number))
        work.draft.after = after
    if not update_order(writer, before, after):
        raise _StaleError
    _settle(shop, writer, work)


def _settle(shop: Shop, writer: Writer, work: _Work) -> None:
    """Everything that stands or falls with the order row: plugins, parcel, payment, history, outbox."""
    order, change = work.draft.after, work.draft.change
    tx = ChangeTransaction(writer, order, change, shop.settings, shop.flows)
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
    insert_history(writer, order.id, change, work.effects)
    if change.kind is Kind.ANONYMISED:
        erase_person(writer, order.id, change)
        shop.plugins.collect("ashop_on_order_anonymised", object, tx=tx, order=order)
        writer.ensure_open()
    _enqueue(shop, writer, tx, work)


def _ask_plugins(shop: Shop, writer: Writer, tx: ChangeTransaction, work: _Work) -> None:
    order, change = work.draft.after, work.draft.change
    refusals = []

    def look() -> None:
        writer.ensure_open()
        for job, _ in tx.enqueued.values():
            if job not in shop.handlers:
                raise LookupError(f"nothing does the job {job}")

    for plugin, item in shop.plugins.gather(
        "ashop_on_change", (Effect, Problem), after_each=look, tx=tx, order=order, change=change
    ):
        if isinstance(item, Problem):
            refusals.append(replace(item, plugin=plugin))
        else:
            work.effects.append((plugin, item))
    if refusals:
        raise Refused(refusals, _subject(order, work.draft, shop))


def _flagged(writer: Writer, order: Order, flags: Mapping[str, bool]) -> Order:
    flagged = replace(order, flags=with_flags(order.flags, flags))
    writer.execute(
        "UPDATE orders SET flags = :flags WHERE id = :id",
        {"flags": " ".join(flagged.flags), "id": order.id},
    )
    return flagged


def _enqueue(shop: Shop, writer: Writer, tx: ChangeTransaction, work: _Work) -> None:
    keep = timedelta(days=shop.settings.shop.message_days)
    wait = timedelta(seconds=shop.settings.shop.message_delay_seconds)
    order, change = work.draft.after, work.draft.change
    if work.planned:
        writer.insert_all("outbox", [message_row(order, change, p, keep, wait) for p in work.planned])
    for code, row in tx.enqueued.values():
        work.jobs.append(shop.handlers[code].job)
        writer.insert("outbox", row)


def _made(shop: Shop, work: _Work) -> Outcome:
    """Tell the plugins of a change that is committed, and the caller what it was."""
    order, change = work.draft.after, work.draft.change
    faults = shop.plugins.call_each("ashop_after_change", shop=shop, order=order, change=change)
    for fault in faults:
        _record(shop, order, change, fault)
    return Outcome(
        order=order,
        change=change,
        effects=tuple(work.effects),
        messages=tuple(work.planned),
        lasting=tuple(_lasting(shop, work)),
        undo_until=_undo_until(shop, change),
    )


def _record_refusal(shop: Shop, order: Order, change: Change, refusal: Refused) -> None:
    try:
        with shop.database.write() as writer:
            record_refusal(writer, order.id, change, refusal.problems)
    except StorageError as error:  # the refusal itself is the answer, whether it is written down or not
        log.warning("the refusal could not be recorded: %s", error)


def _record(shop: Shop, order: Order, change: Change, fault: PluginError) -> None:
    log.warning("%s", storable(fault), exc_info=fault.__cause__)
    row: dict[str, Any] = {
        "order_id": order.id,
        "seq": change.seq,
        "plugin": fault.plugin,
        "hook": fault.hook or "",
        "at": to_iso(change.at),
        "error": storable(fault),
    }
    try:
        with shop.database.write() as writer:
            writer.insert("hook_failures", row)
    except StorageError as error:  # the change itself is made: whoever asked for it must not hear otherwise
        log.warning("the failure could not be recorded: %s", error)


def _subject(order: Order, draft: Draft, shop: Shop) -> Text:
    if draft.change.kind in (Kind.STATUS, Kind.PLACED):
        target: Status = shop.flows.status(draft.change.to_status)
        return Text("{name} → {status} nekad", "{name} → {status} refused").fill(
            name=order.name, status=target.label
        )
    return Text("{name}: nekad", "{name}: refused").fill(name=order.name)


def _conflict(order: Order) -> Conflict:
    return Conflict(
        Text(
            "{name} ändrades av någon annan samtidigt. Läs om ordern och försök igen.",
            "{name} was changed by somebody else meanwhile. Read the order again and retry.",
        ).fill(name=order.name)
    )
