"""What has been asked of providers: one row for each change that took or let go of money, and how far it came.

A request that was undone before the provider answered may have been granted all the same. A later change that
asks for the money takes it up again, under its own key, so that it cannot be taken twice.
"""

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
        integer("for_seq"),
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
    """Something asked of a provider because of the change `seq` of an order; `at` is when it came this far.

    `for_seq` is the latest change that asks for it.
    """

    seq: int
    for_seq: int
    what: What
    amount: int
    state: State
    attempts: int
    reference: str
    error: str
    at: datetime

    @property
    def unsure(self) -> bool:
        """Tell whether it was asked and then withdrawn, so that nobody here knows what came of it."""
        return self.state is State.WITHDRAWN and self.attempts > 0


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
        for_seq=row["for_seq"],
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
            "for_seq": change.seq,
            "what": what.value,
            "amount": amount,
            "state": State.WAITING.value,
            "at": to_iso(change.at),
        },
    )
    _enqueue(tx, order, change.seq, what)


def ask_again(tx: ChangeTransaction, order: Order, change: Change, request: Request) -> None:
    """Have the job ask once more for what was withdrawn, now because of this change."""
    values = {"id": order.id, "seq": request.seq, "what": request.what.value, "for_seq": change.seq}
    tx.execute(_AGAIN, {**values, "at": to_iso(change.at)})
    _enqueue(tx, order, request.seq, request.what)


_AGAIN = """
UPDATE payments_requests SET state = 'asking', for_seq = :for_seq, at = :at
WHERE order_id = :id AND seq = :seq AND what = :what
"""


def _enqueue(tx: ChangeTransaction, order: Order, seq: int, what: What) -> None:
    # As long as a message of the change waits, so that an undo can still stop both.
    tx.enqueue(
        JOB,
        {"order": order.reference, "seq": seq, "what": what.value},
        key=f"{seq}-{what.value}",
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
