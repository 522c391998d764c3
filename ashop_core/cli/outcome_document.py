"""What a change came to as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ashop_core.cli.output import stamp

if TYPE_CHECKING:
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
        "messages": [{"channel": m.channel, "recipient": m.recipient, "template": m.template} for m in outcome.messages],
        "previews": [
            {"channel": m.channel, "recipient": m.recipient, "subject": r.subject, "body": r.body}
            for m, r in outcome.previews
        ],
        "delivered": [
            {"id": d.id, "channel": d.code, "recipient": d.recipient, "delivery": d.delivery.value, "words": d.words}
            for d in delivered
        ],
        "lasting": list(outcome.lasting),
        "undo_until": stamp(outcome.undo_until),
    }  # fmt: skip
