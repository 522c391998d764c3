"""What is written elsewhere about the person of an order, taken away with it: history, messages, refusals."""

from __future__ import annotations

from ashop_core.clock import to_iso
from ashop_core.models import Change
from ashop_core.storage import Writer

_ERASURES = (
    "UPDATE history SET note = '', details = '{}' WHERE order_id = :id",
    # A domain of the person's own says who it is; so does a message's key, which only has to differ from all others.
    "DELETE FROM lanes WHERE code IN (SELECT lane FROM outbox WHERE order_id = :id AND lane <> code || '/')",
    "UPDATE outbox SET key = CASE kind WHEN 'message' THEN 'erased:' || CAST(id AS TEXT) ELSE key END, "
    "recipient = '', lane = code || '/', payload = '{}', "
    "subject = NULL, body = NULL, html = NULL, receipt = '', arrival_words = '', actor = '', "
    "error = CASE error WHEN 'anonymised' THEN error ELSE '' END WHERE order_id = :id",
    "UPDATE outbox_attempts SET words = '' WHERE outbox_id IN (SELECT id FROM outbox WHERE order_id = :id)",
    "UPDATE payments SET reference = '' WHERE order_id = :id",
    "UPDATE hook_failures SET error = '' WHERE order_id = :id",
    "DELETE FROM refusals WHERE order_id = :id",
)
_STOP = """
UPDATE outbox SET delivery = 'suppressed', done_at = :at, error = 'anonymised', lease = NULL, lease_until = NULL
WHERE order_id = :id AND delivery IN ('waiting', 'claimed', 'dead')
"""


def erase_person(tx: Writer, order_id: int, change: Change) -> None:
    """Erase the words that are kept with an order's changes and messages; what is unsent is never sent."""
    tx.execute(_STOP, {"id": order_id, "at": to_iso(change.at)})
    for sql in _ERASURES:
        tx.execute(sql, {"id": order_id})
