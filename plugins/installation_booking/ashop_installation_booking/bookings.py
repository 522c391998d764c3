"""The one booking of each order: made, moved and closed by the order's changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ashop_core.clock import from_iso, local, to_iso
from ashop_core.flows import Flows
from ashop_core.models import Change, Effect, Order, Stage
from ashop_core.storage import Reader
from ashop_core.tables import Index, Migration, Table, integer, text
from ashop_core.texts import Text
from ashop_core.transaction import ChangeTransaction
from ashop_installation_booking.flow import BOOKED_TIME

JOB = "installation_calendar"

BOOKINGS = Table(
    name="installation_bookings",
    columns=(
        integer("order_id", references="orders.id"),
        # the change that booked, moved or cancelled it: what calendars call its sequence
        integer("seq"),
        text("starts_at"),
        text("state"),
        text("changed_at"),
    ),
    key=("order_id",),
    checks=("state IN ('booked', 'cancelled', 'completed')",),
    indexes=(Index(name="installation_bookings_upcoming", columns=("state", "starts_at", "order_id")),),
)

MIGRATIONS = (Migration(name="m001_bookings", create=(BOOKINGS,)),)


class State(StrEnum):
    """What has become of a booking."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """The booking of an order; `seq` is the change of the order that last altered it."""

    order_id: int
    seq: int
    starts_at: datetime
    state: State
    changed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A booked installation with what a fitter needs to find it."""

    starts_at: datetime
    order: str
    customer: str
    phone: str
    street: str
    postal_code: str
    city: str


# ── Following the order ──────────────────────────────────────────────────────────────────────────


def follow(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect]:
    """Book, move or close the order's booking as the change says; costs nothing where there is none."""
    time = change.fields.get(BOOKED_TIME.code)
    state = _state_in(tx.flows, order)
    if time:
        return [_book(tx, order, change, time, state or State.BOOKED)]
    if change.enters and state in (State.CANCELLED, State.COMPLETED) and BOOKED_TIME.code in order.fields:
        return _close(tx, order, change, state)
    return []


def _state_in(flows: Flows, order: Order) -> State | None:
    """Return what an order's status makes of its booking; None leaves it as it is.

    A status that asks for the time holds the booking. Any other open or void one gives it up. Among the
    done ones the last completes it: goods that are sent ahead still wait for their fitter.
    """
    status = flows.status(order.status)
    if any(field.code == BOOKED_TIME.code for field in status.fields):
        return State.BOOKED
    if status.stage is not Stage.DONE:
        return State.CANCELLED
    ahead = flows.targets(flows.flow_of(order.delivery), status.code)
    return None if any(flows.status(code).stage is Stage.DONE for code in ahead) else State.COMPLETED


def _book(tx: ChangeTransaction, order: Order, change: Change, time: str, state: State) -> Effect:
    old = tx.row(
        "SELECT starts_at FROM installation_bookings WHERE order_id = :id AND state = 'booked'",
        {"id": order.id},
    )
    tx.execute(
        "INSERT INTO installation_bookings (order_id, seq, starts_at, state, changed_at) "
        "VALUES (:order_id, :seq, :starts_at, :state, :changed_at) ON CONFLICT (order_id) DO UPDATE SET "
        "seq = :seq, starts_at = :starts_at, state = :state, changed_at = :changed_at",
        {
            "order_id": order.id, "seq": change.seq, "starts_at": time,
            "state": state.value, "changed_at": to_iso(change.at),
        },
    )  # fmt: skip
    _ask_for_calendar(tx, order)
    after = local_time(tx, time)
    if old is None:
        return _effect("", after, "installation bokad {after}", "installation booked {after}")
    before = local_time(tx, old["starts_at"])
    return _effect(
        before,
        after,
        "installationen flyttad från {before} till {after}",
        "installation moved from {before} to {after}",
    )


def _close(tx: ChangeTransaction, order: Order, change: Change, state: State) -> list[Effect]:
    cancelled = state is State.CANCELLED
    # A completed visit took place at the time that calendars show already: its sequence stays.
    sequence = "seq = :seq, changed_at = :at, " if cancelled else ""
    values = {"id": order.id, "state": state.value}
    more = {"seq": change.seq, "at": to_iso(change.at)} if cancelled else {}
    closed = tx.execute(
        f"UPDATE installation_bookings SET {sequence}state = :state "  # noqa: S608 - constants only
        "WHERE order_id = :id AND state = 'booked'",
        {**values, **more},
    )
    if not closed:
        return []
    before = local_time(tx, order.fields[BOOKED_TIME.code])
    if not cancelled:
        return [
            _effect(before, "", "installationen {before} är gjord", "the installation of {before} is done")
        ]
    _ask_for_calendar(tx, order)
    return [
        _effect(before, "", "installationen {before} är avbokad", "the installation of {before} is cancelled")
    ]


def _ask_for_calendar(tx: ChangeTransaction, order: Order) -> None:
    # The job reads the booking as it stands when it runs, so that a late one never writes an old time.
    tx.enqueue(JOB, {"order": order.reference}, key="calendar")


def _effect(before: str, after: str, sv: str, en: str) -> Effect:
    words = Text(sv, en).fill(before=before, after=after)
    return Effect(subject="installation", before=before, after=after, text=words)


def local_time(tx: ChangeTransaction, stored: str) -> str:
    """Return a stored instant as people of the shop write it: ``2026-12-01 13:00``."""
    return f"{local(from_iso(stored), tx.settings.shop.timezone):%Y-%m-%d %H:%M}"


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


def booking_of(reader: Reader, order_id: int) -> Booking | None:
    """Return the booking of an order, if it ever had one."""
    row = reader.row("SELECT * FROM installation_bookings WHERE order_id = :id", {"id": order_id})
    if row is None:
        return None
    return Booking(
        order_id=row["order_id"],
        seq=row["seq"],
        starts_at=from_iso(row["starts_at"]),
        state=State(row["state"]),
        changed_at=from_iso(row["changed_at"]),
    )


_VISITS = """
SELECT b.starts_at, o.reference, o.number, o.customer_name, o.customer_phone, o.street, o.postal_code, o.city
FROM installation_bookings AS b JOIN orders AS o ON o.id = b.order_id
WHERE b.state = 'booked' AND b.starts_at >= :since AND b.starts_at < :until
ORDER BY b.starts_at, b.order_id
"""


def visits(reader: Reader, since: datetime, until: datetime) -> Iterable[Visit]:
    """Return the booked installations that begin in a period, soonest first."""
    rows = reader.rows(_VISITS, {"since": to_iso(since), "until": to_iso(until)})
    return [_visit_of(row) for row in rows]


def _visit_of(row: Any) -> Visit:
    return Visit(
        starts_at=from_iso(row["starts_at"]),
        order=row["reference"] if row["number"] is None else str(row["number"]),
        customer=row["customer_name"],
        phone=row["customer_phone"],
        street=row["street"],
        postal_code=row["postal_code"],
        city=row["city"],
    )
