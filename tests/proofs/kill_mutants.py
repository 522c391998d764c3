"""Faults that a crash brings to light, built in on purpose in a forked child."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import Any

from ashop_core.models import Delivery
from ashop_core.outbox import Outbox
from tests.proofs.harness import put_in


def without_one_transaction() -> None:
    """Commit before every further statement, as plain calls of a database library do."""
    put_in(sqlite3, "connect", partial(sqlite3.connect, factory=_Impatient))


class _Impatient(sqlite3.Connection):
    def set_authorizer(self, *_: Any) -> None:
        """Let this connection commit."""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if self.in_transaction and sql.lstrip().startswith(("INSERT", "UPDATE")):
            super().commit()
            super().execute("BEGIN IMMEDIATE")
        return super().execute(sql, *parameters)


def marked_before_sent() -> None:
    """Mark a message as sent and then send it: whoever dies in between has lost it."""
    attempt = Outbox._attempt

    def mark_and_attempt(self: Outbox, shop: object, row: Any) -> Any:
        self._mark(row, Delivery.SENT, row["due_at"], "")
        return attempt(self, shop, row)

    put_in(Outbox, "_attempt", mark_and_attempt)
