"""What a plugin gets inside a change: the database, the time, the settings, a way to ask for work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.models import Change, Order
from ashop_core.planning import new_message_id
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.plugins import Plugins
    from ashop_core.settings import Settings
    from ashop_core.storage import Writer

NEVER = "9999-12-31T23:59:59.999999Z"
"""When a job grows too old to be done: a message may, work that must happen may not."""


class ChangeTransaction:
    """The write transaction of one change, as `ashop_on_change` sees it.

    `rows`, `row`, `execute`, `insert`, `insert_all` and `lock` are those of `ashop_core.storage.Writer`:
    one statement a call, rows only, and no way to commit or roll back. Through `plugins` a plugin asks the hooks
    that it brings itself (``tx.plugins.collect("ashop_stock_check", …)``).
    """

    def __init__(
        self, writer: Writer, order: Order, change: Change, settings: Settings, flows: Flows, plugins: Plugins
    ) -> None:
        self.rows = writer.rows
        self.row = writer.row
        self.execute = writer.execute
        self.insert = writer.insert
        self.insert_all = writer.insert_all
        self.lock = writer.lock
        self.settings = settings
        self.flows = flows
        self.plugins = plugins
        self._order = order
        self._change = change
        self.flags: dict[str, bool] = {}
        self.enqueued: dict[str, tuple[str, dict[str, Any]]] = {}

    @property
    def now(self) -> datetime:
        """The instant of the change, UTC."""
        return self._change.at

    def flag(self, code: str, *, on: bool = True) -> None:
        """Mark the order for staff (``paid_short``), or take the mark away; never shown to a customer."""
        if not code.isidentifier() or not code.isascii():
            raise ValueError(f"a flag is one word of lower-case letters and underscores, not {code!r}")
        self.flags[code] = on

    def enqueue(
        self, job: str, payload: Mapping[str, Any], *, key: str, delay: timedelta = timedelta()
    ) -> None:
        """Ask for `job` to be run after the commit, at least once, by whoever registered its handler.

        `key` makes it happen once for this change however often it is asked; `payload` must be JSON.
        """
        order, change = self._order, self._change
        unique = f"{order.id}:{change.seq}:job:{job}:{key}"
        row = {
            "key": unique,
            "order_id": order.id,
            "seq": change.seq,
            "kind": "job",
            "code": job,
            "payload": json.dumps(payload, ensure_ascii=False),
            "created_at": to_iso(change.at),
            "planned_at": to_iso(change.at + delay),
            "due_at": to_iso(change.at + delay),
            "expires_at": NEVER,
            "message_id": new_message_id(),
        }
        self.enqueued.setdefault(unique, (job, row))


FLAG_LABELS: dict[str, Text] = {
    "paid_short": Text("Betald men slut", "Paid but short"),
    "payment_failed": Text("Betalningen misslyckades", "Payment failed"),
    "untracked": Text("Artikel utan lagersaldo", "Item without balance"),
}


def flag_label(code: str) -> Text:
    """Return the words for a flag that staff see."""
    return FLAG_LABELS.get(code) or Text(code, code)
