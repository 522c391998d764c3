"""What has been asked of providers: one row for each change that took or let go of money, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.models import Change, Order
from ashop_core.storage import Reader, Writer
from ashop_core.tables import Migration, Table, integer, text
from ashop_core.transaction import ChangeTransaction

JOB = "payments_request"


class What(StrEnum):
    """What is asked: the money of goods that left, or to let go of what was reserved."""

    CAPTURE = "capture"
    RELEASE = "release"


class State(StrEnum):
    """How far it has come. `withdrawn`: the change was undone before the provider is known to have said yes."""

    WAITING = "waiting"
    ASKING = "asking"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


REQUESTS = Table(
    name="payments_requests",
    columns=(
        integer("order_id", references="orders.id"),
        integer("seq"),
        text("what"),
        integer("amount"),
        text("state"),
        integer("attempts", default=0),
        text("reference", default=""),
        text("error", default=""),
        text("at"),
    ),
    key=("order_id", "seq", "what"),
    checks=(
        "amount >= 1",
        "what IN ('capture', 'release')",
        "state IN ('waiting', 'asking', 'done', 'refused', 'withdrawn')",
    ),
)

MIGRATIONS = (Migration(name="m001_requests", create=(REQUESTS,)),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Something asked of a provider because of the change `seq` of an order; `at` is when it came this far."""

    seq: int
    what: What
    amount: int
    state: State
    attempts: int
    reference: str
    error: str
    at: datetime


def requests_of(reader: Reader | ChangeTransaction, order_id: int) -> list[Request]:
    """Return everything asked because of an order, oldest first."""
    sql = "SELECT * FROM payments_requests WHERE order_id = :id ORDER BY seq, what"
    return [_request_of(row) for row in reader.rows(sql, {"id": order_id})]


def request_of(reader: Reader, order_id: int, seq: int, what: What) -> Request | None:
    """Return what one change asked, if it did."""
    return next((r for r in requests_of(reader, order_id) if (r.seq, r.what) == (seq, what)), None)


def _request_of(row: Any) -> Request:
    return Request(
        seq=row["seq"],
        what=What(row["what"]),
        amount=row["amount"],
        state=State(row["state"]),
        attempts=row["attempts"],
        reference=row["reference"],
        error=row["error"],
        at=from_iso(row["at"]),
    )


def add_request(tx: ChangeTransaction, order: Order, change: Change, what: What, amount: int) -> None:
    """Write that a provider is to be asked, and have the job do it after the commit."""
    tx.insert(
        "payments_requests",
        {
            "order_id": order.id,
            "seq": change.seq,
            "what": what.value,
            "amount": amount,
            "state": State.WAITING.value,
            "at": to_iso(change.at),
        },
    )
    # As long as a message of the change waits, so that an undo can still stop both.
    tx.enqueue(
        JOB,
        {"order": order.reference, "seq": change.seq, "what": what.value},
        key=what,
        delay=timedelta(seconds=tx.settings.shop.message_delay_seconds),
    )


_MOVE = """
UPDATE payments_requests SET state = :state, reference = :reference, error = :error, attempts = attempts + :tries,
    at = :at
WHERE order_id = :id AND seq = :seq AND what = :what AND state IN (%s)
"""


def move_request(
    tx: Writer | ChangeTransaction,
    order_id: int,
    request: Request,
    state: State,
    at: datetime,
    *,
    reference: str = "",
    error: str = "",
    tries: int = 0,
    only: tuple[State, ...] = (State.WAITING, State.ASKING, State.REFUSED),
) -> bool:
    """Bring a request to a state, if it is in one of those still; tell whether it was."""
    sql = _MOVE % ", ".join(f"'{s.value}'" for s in only)
    return bool(
        tx.execute(
            sql,
            {
                "state": state.value, "reference": reference or request.reference, "error": error,
                "tries": tries, "at": to_iso(at), "id": order_id, "seq": request.seq,
                "what": request.what.value,
            },
        )
    )  # fmt: skip
