"""Faults that a crash brings to light, built in on purpose in a forked child."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from ashop_core import leases, schema
from ashop_core.leases import Ended
from ashop_core.models import AttemptOutcome, Delivery
from ashop_core.outbox import Outbox
from ashop_core.planning import new_message_id
from ashop_core.sqlite_handles import SQLiteWriter
from ashop_core.storage import Params
from tests.proofs.harness import put_in

Fault = Callable[[], object]


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
    put_in(leases, "_KEEP_WORDS", _blind(leases._KEEP_WORDS))

    def mark_and_attempt(self: Outbox, shop: object, row: Any, within: timedelta) -> Any:
        self._mark(row, Ended(AttemptOutcome.SENT, Delivery.SENT, "", row["due_at"]), [], set())
        return attempt(self, shop, row, within)

    put_in(Outbox, "_attempt", mark_and_attempt)


def without_the_lease() -> None:
    """Let whoever claimed a row once write to it for ever."""
    for name in ("_BEGIN", "_KEEP_WORDS", "_MARK", "_PUT_BACK"):
        put_in(leases, name, _blind(getattr(leases, name)))
    _without_the_key_of_attempts()


def without_the_look_before_an_attempt() -> None:
    """Begin with a row though it is another worker's by now."""
    put_in(leases, "_BEGIN", _blind(leases._BEGIN))
    _without_the_key_of_attempts()


def _without_the_key_of_attempts() -> None:
    """Take away what stands behind the lease: two workers cannot write down the same attempt of a row."""
    insert = SQLiteWriter.insert

    def forget_second(self: SQLiteWriter, table: str, values: Params) -> int:
        if table == "outbox_attempts" and self.row(
            _KNOWN, {key: values[key] for key in ("outbox_id", "number")}
        ):
            return 0
        return insert(self, table, values)

    put_in(SQLiteWriter, "insert", forget_second)


_KNOWN = "SELECT 1 FROM outbox_attempts WHERE outbox_id = :outbox_id AND number = :number"


def _blind(sql: str) -> str:
    seeing = "AND delivery = 'claimed' AND lease = :lease"
    assert seeing in sql
    return sql.replace(seeing, "AND :lease <> ''")


def put_in_twice() -> None:
    """Put every message of a change in the outbox twice, as a part of the program that runs twice would."""
    insert_all = SQLiteWriter.insert_all

    def twice(self: SQLiteWriter, table: str, rows: list[Params]) -> None:
        insert_all(self, table, rows)
        if table == "outbox":
            insert_all(self, table, [{**row, "message_id": new_message_id()} for row in rows])

    put_in(SQLiteWriter, "insert_all", twice)


def put_in_twice_without_the_key() -> None:
    """Have no key in the way of the second row."""
    object.__setattr__(schema.OUTBOX, "unique", (("message_id",),))
    put_in_twice()
