"""The life of one change: the only way an order ever comes to be or changes.

Read at a version; work out the change; ask every plugin for reasons against it; then, in one write
transaction, the order row, every plugin's part, the history row and the outbox rows; after the commit,
tell the plugins. A preview goes the same way and rolls the transaction back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ashop_core.changes import Desk, Draft, Request
from ashop_core.clock import to_iso
from ashop_core.errors import PluginError, Problem, Refused, StorageError, problem
from ashop_core.kept_words import storable
from ashop_core.models import Audience, Change, Kind, Order, Parcel, Payment, PlannedMessage, Status
from ashop_core.order_records import insert_records, payments_of
from ashop_core.orders import load_order
from ashop_core.outcomes import Outcome, lasting, undo_until
from ashop_core.payment_record import reference_taken, repeated_entry
from ashop_core.planning import plan_messages
from ashop_core.readdressing import new_addresses
from ashop_core.refusals import record_refusal
from ashop_core.settling import (
    ATTEMPTS,
    StaleError,
    TakenError,
    Work,
    conflict,
    settle,
    subject_of,
    write_change,
    write_new,
)
from ashop_core.telling import render_planned

if TYPE_CHECKING:
    from ashop_core.shop import Shop

log = logging.getLogger("ashop")


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
            order = read_order(shop, who, expected_version)
            draft = _drafted(shop, order, request, actor)
            if draft is None:
                return Outcome(order=order)
            planned, problems = _judge(shop, draft)
        work = _work(shop, order, draft, planned)
        try:
            if problems:
                raise Refused(problems, subject_of(order, draft, shop))
            with shop.database.write() as writer:
                write_change(shop, writer, order, work)
        except Refused as refusal:
            _record_refusal(shop, order, draft.change, refusal)
            raise
        except StaleError:
            who = order
            continue
        return _made(shop, work)
    raise conflict(order)


def _drafted(shop: Shop, order: Order, request: Request, actor: str) -> Draft | None:
    """Work out the change; None where nothing would change, which goes for a payment entry told again too."""
    draft = request.draft(order, desk_of(shop, actor))
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
    planned, problems = _plan(shop, draft), draft.problems + objections(shop, draft)
    if draft.change.words and all(message.audience is Audience.STAFF for message in planned):
        problems.append(_unread(shop.flows.status(draft.after.status), draft.change.notify))
    return planned, problems


def _work(shop: Shop, before: Order, draft: Draft, planned: list[PlannedMessage]) -> Work:
    """Return the change ready for its transaction, with what the channels have to be asked before any lock."""
    addresses = new_addresses(shop.channels, before.customer, draft.after.customer)
    return Work(draft, planned, addresses=addresses)


def _unread(status: Status, notify: bool | None) -> Problem:
    """Return that nobody reads what staff wrote to the customer, and what would let somebody."""
    if not status.tells:
        return problem(
            "words_unread",
            "{status} skickar inget till kunden, så det du skrev till kunden når ingen: ta bort det, eller sätt notify "
            "under [statuses.{code}] i ashop.toml",
            "{status} sends the customer nothing, so that nobody reads what you wrote: leave it out, or set notify "
            "under [statuses.{code}] in ashop.toml",
            status=status.label, code=status.code,
        )  # fmt: skip
    if notify:
        return problem(
            "words_unread",
            "inget meddelande gäller den här ordern, så det du skrev till kunden når ingen: ta bort det",
            "no message is for this order, so that nobody reads what you wrote: leave it out",
        )
    return problem(
        "words_unread",
        "inget meddelande skickas, så det du skrev till kunden når ingen: ta bort det, eller meddela kunden (--notify)",
        "no message is sent, so that nobody reads what you wrote: leave it out, or tell the customer (--notify)",
    )


def foresee_change(shop: Shop, who: str | int | Order, request: Request, actor: str) -> Outcome:
    """Tell cheaply what speaks against a change and which messages it would send; no lock, no plugin's `on`."""
    with shop.database.read():
        order = read_order(shop, who, None)
        draft = _drafted(shop, order, request, actor)
        if draft is None:
            return Outcome(order=order)
        planned, problems = _judge(shop, draft)
    return Outcome(order=draft.after, change=draft.change, messages=tuple(planned), problems=tuple(problems))


def preview_change(shop: Shop, who: str | int | Order, request: Request, actor: str) -> Outcome:
    """Tell what a change would do, plugin by plugin, and what speaks against it; nothing is kept."""
    order = read_order(shop, who, None)
    draft = _drafted(shop, order, request, actor)
    if draft is None:
        return Outcome(order=order)
    planned, problems = _judge(shop, draft)
    work = _work(shop, order, draft, planned)
    if not problems:
        try:
            with shop.database.write() as writer:
                write_change(shop, writer, order, work)
                raise _RehearsedError
        except _RehearsedError:
            pass  # rolled back, as meant: `work` holds what would have been done
        except Refused as refusal:
            problems = list(refusal.problems)
        except StaleError:
            raise conflict(order) from None
    return Outcome(
        order=work.draft.after,
        change=work.draft.change,
        effects=tuple(work.effects),
        messages=tuple(work.planned),
        problems=tuple(problems),
        previews=render_planned(shop, work.draft, work.planned) if not problems else (),
        lasting=() if problems else tuple(lasting(shop, work)),
        undo_until=undo_until(shop, work.draft.change),
    )


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
    problems = objections(shop, draft)
    if problems:
        raise Refused(problems)
    work = Work(draft, _plan(shop, draft))
    try:
        with shop.database.write() as writer:
            write_new(shop, writer, work, body)
            insert_records(writer, work.draft.after.id, parcels, payments)
            settle(shop, writer, work)
    except TakenError:
        return None
    return _made(shop, work)


def read_order(shop: Shop, who: str | int | Order, expected_version: int | None) -> Order:
    """Return the order as it stands now. Raises NotFound, and Conflict where it is at another version."""
    with shop.database.read() as reader:
        order = load_order(reader, who)
    if expected_version is not None and order.version != expected_version:
        raise conflict(order)
    return order


def desk_of(shop: Shop, actor: str) -> Desk:
    """Return where a change is asked for: the shop's flows, its clock now, who asks."""
    return Desk(flows=shop.flows, at=shop.clock(), actor=actor, timezone=shop.settings.shop.timezone)


def objections(shop: Shop, draft: Draft) -> list[Problem]:
    """Return every plugin's reasons against the change, each with its name or that of another which it asked."""
    found = shop.plugins.gather(
        "ashop_validate_change", Problem, shop=shop, order=draft.after, change=draft.change
    )
    return [replace(reason, plugin=reason.plugin or plugin) for plugin, reason in found]


def _plan(shop: Shop, draft: Draft) -> list[PlannedMessage]:
    status = shop.flows.status(draft.change.to_status)
    return plan_messages(draft.after, draft.change, status, shop.channels, shop.settings.shop.language)


def _made(shop: Shop, work: Work) -> Outcome:
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
        lasting=tuple(lasting(shop, work)),
        undo_until=undo_until(shop, change),
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
