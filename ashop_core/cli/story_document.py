"""An order's story as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ashop_core.cli.output import stamp

if TYPE_CHECKING:
    from ashop_core.models import Entry, Order, Refusal
    from ashop_core.story import Event, Sending

CORE = "core"
"""Whose reason it is where no plugin is named."""


def story_document(order: Order, events: list[Event]) -> dict[str, Any]:
    """Return an order's story as plain data, every part with the plugin whose doing it was; times are UTC."""
    undone = undone_changes(events)
    return {
        "order": order.name,
        "reference": order.reference,
        "status": order.status,
        "version": order.version,
        "currency": order.currency,
        "events": [{"at": stamp(event.at), **part} for event in events for part in _parts(event, undone)],
    }


def undone_changes(events: list[Event]) -> set[int]:
    """Return the changes that were taken back later."""
    return {e.entry.undoes for e in events if e.entry is not None and e.entry.undoes is not None}


def _parts(event: Event, undone: set[int]) -> Iterator[dict[str, Any]]:
    """Yield what an event tells, under the name of what it is."""
    if event.entry is not None:
        yield {"what": "change", **_change(event, event.entry), "undone": event.entry.seq in undone}
    if event.sending is not None:
        yield {"what": event.sending.kind, **_sending(event.sending)}
    if event.refusal is not None:
        yield {"what": "refusal", **_refusal(event.refusal)}
    if event.failure is not None:
        failure = event.failure
        yield {
            "what": "failure", "plugin": failure.plugin, "hook": failure.hook, "error": failure.error,
            "seq": failure.seq,
        }  # fmt: skip


def _change(event: Event, entry: Entry) -> dict[str, Any]:
    payment, back = event.payment, entry.returned
    return {
        "seq": entry.seq,
        "kind": entry.kind.value,
        "from": entry.from_status,
        "to": entry.to_status,
        "actor": entry.actor,
        "note": entry.note,
        "reason": entry.reason,
        "words": entry.words,
        "fields": dict(entry.fields),
        "approved": entry.approved,
        "parcel": entry.parcel,
        "edits": [{"path": e.path, "before": e.before, "after": e.after} for e in entry.edits],
        "returned": None
        if back is None
        else {"restocked": dict(back.restocked), "written_off": dict(back.written_off)},
        "payment": None
        if payment is None
        else {"kind": payment.kind.value, "amount": payment.amount, "reference": payment.reference},
        "undoes": entry.undoes,
        "notify": entry.notify,
        "moves": [
            {"line": m.position, "sku": m.sku, "quantity": m.quantity, "from": m.source, "to": m.target}
            for m in entry.moves
        ],
        "effects": [
            {"plugin": plugin, "subject": e.subject, "before": e.before, "after": e.after, "text": e.text}
            for plugin, e in entry.effects
        ],
    }


def _sending(sending: Sending) -> dict[str, Any]:
    message = sending.message
    return {
        "id": message.id,
        "seq": message.seq,
        "plugin": message.channel,
        "template": message.template,
        "recipient": message.recipient,
        "language": message.language,
        "delivery": message.delivery.value,
        "attempts": message.attempts,
        "created_at": stamp(message.created_at),
        "sent_at": stamp(message.sent_at),
        "receipt": message.receipt,
        "error": message.error,
        "why": message.why if message.error else None,
        "audience": message.audience.value,
        "planned_at": stamp(message.planned_at),
        "arrival": message.arrival.value,
        "arrival_at": stamp(message.arrival_at),
        "arrival_words": message.arrival_words,
        "resends": message.resends,
        "actor": message.actor,
        "tried": [
            {
                "number": a.number, "outcome": a.outcome.value, "started_at": stamp(a.started_at),
                "ended_at": stamp(a.ended_at), "words": a.words,
            }
            for a in sending.attempts
        ],
    }  # fmt: skip


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "kind": refusal.kind.value,
        "to": refusal.to_status,
        "actor": refusal.actor,
        "times": refusal.times,
        "first_at": stamp(refusal.first_at),
        "last_at": stamp(refusal.last_at),
        "problems": [
            {"code": code, "plugin": plugin or CORE, "text": text} for code, plugin, text in refusal.problems
        ],
    }
