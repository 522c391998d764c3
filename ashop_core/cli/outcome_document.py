"""What a change came to as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ashop_core.cli.output import stamp
from ashop_core.models import EVEN_LATER
from ashop_core.planning import leaves_at

if TYPE_CHECKING:
    from ashop_core.models import Change, PlannedMessage
    from ashop_core.outbox import Delivered
    from ashop_core.outcomes import Outcome


def outcome_document(outcome: Outcome, delivered: Iterable[Delivered] = ()) -> dict[str, Any]:
    """Return an outcome as plain data for JSON."""
    order, change = outcome.order, outcome.change
    return {
        "order": order.name,
        "reference": order.reference,
        "changed": change is not None and not outcome.problems,
        "kind": change.kind.value if change else None,
        "from": change.from_status if change else order.status,
        "to": change.to_status if change else order.status,
        "at": stamp(change.at) if change else None,
        "fields": dict(change.fields) if change else {},
        "edits": [{"path": e.path, "before": e.before, "after": e.after} for e in change.edits] if change else [],
        "total": order.total,
        "left_to_pay": order.left_to_pay,
        "currency": order.currency,
        "problems": [{"code": p.code, "plugin": p.plugin, "text": p.staff_text} for p in outcome.problems],
        "effects": [
            {"plugin": plugin, "subject": e.subject, "before": e.before, "after": e.after, "text": e.text}
            for plugin, e in outcome.effects
        ],
        "messages": [_planned(change, m) for m in outcome.messages] if change else [],
        "previews": [
            {
                "channel": m.channel, "audience": m.audience.value, "recipient": m.recipient,
                "subject": r.subject, "body": r.body,
            }
            for m, r in outcome.previews
        ],
        "delivered": [
            {"id": d.id, "channel": d.code, "recipient": d.recipient, "delivery": d.delivery.value, "words": d.words}
            for d in delivered
        ],
        "lasting": list(outcome.lasting),
        "undo_until": stamp(outcome.undo_until),
    }  # fmt: skip


def _planned(change: Change, message: PlannedMessage) -> dict[str, Any]:
    """Return a message that the change causes; `delayed_to` is the earliest that it leaves, where its rule has a delay."""
    return {
        "channel": message.channel,
        "audience": message.audience.value,
        "recipient": message.recipient,
        "template": message.template,
        "delayed_to": stamp(leaves_at(change, message)) if message.delay else None,
        "only_in": None if message.only_in == EVEN_LATER else message.only_in or None,
    }
