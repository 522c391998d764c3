"""What an undo does besides the order itself: its parcels go, its unsent messages are stopped."""

from __future__ import annotations

from ashop_core.clock import to_iso
from ashop_core.models import Change, Effect
from ashop_core.order_records import delete_parcels
from ashop_core.storage import Writer
from ashop_core.texts import Text, counted

# What was said later, such as a reminder, was said of the undone status too.
_STOP = """
UPDATE outbox SET delivery = 'suppressed', done_at = :at, error = 'undone'
WHERE order_id = :id AND seq >= :seq AND kind = 'message' AND delivery IN ('waiting', 'dead')
"""
# Being delivered just now: it may still arrive, but it is not tried again.
_LAST_TRY = """
UPDATE outbox SET expires_at = :at
WHERE order_id = :id AND seq >= :seq AND kind = 'message' AND delivery = 'claimed'
"""
_SENT = """
SELECT COUNT(*) AS n FROM outbox
WHERE order_id = :id AND seq >= :seq AND kind = 'message' AND delivery IN ('sent', 'claimed')
"""


def take_back(tx: Writer, order_id: int, change: Change) -> list[Effect]:
    """Take away the undone change's parcels and stop its messages; tell what was stopped and what was too late."""
    assert change.undoes is not None
    which = {"id": order_id, "seq": change.undoes}
    delete_parcels(tx, order_id, change.undoes)
    stopped = tx.execute(_STOP, {**which, "at": to_iso(change.at)})
    tx.execute(_LAST_TRY, {**which, "at": to_iso(change.at)})
    row = tx.row(_SENT, which)
    sent = row["n"] if row is not None else 0
    told = []
    if stopped:
        one = Text("ett meddelande stoppades", "a message was stopped")
        more = Text("{n} meddelanden stoppades", "{n} messages were stopped")
        told.append(_effect("stopped", stopped, one, more))
    if sent:
        one = Text(
            "ett meddelande hann gå och kan inte tas tillbaka",
            "a message had left already and cannot be taken back",
        )
        more = Text(
            "{n} meddelanden hann gå och kan inte tas tillbaka",
            "{n} messages had left already and cannot be taken back",
        )
        told.append(_effect("sent", sent, one, more))
    return told


def _effect(what: str, n: int, one: Text, more: Text) -> Effect:
    return Effect(subject=f"messages:{what}", before=str(n), after="", text=counted(n, one, more))
