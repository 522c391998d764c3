"""The booking follows the order: made, moved and closed in the transaction of the order's own change."""

from __future__ import annotations

from ashop_core.clock import from_iso, local, to_iso
from ashop_core.flows import Flows
from ashop_core.models import Change, Effect, Kind, Order, Stage
from ashop_core.texts import Text
from ashop_core.transaction import ChangeTransaction
from ashop_installation_booking.bookings import JOB, State
from ashop_installation_booking.flow import BOOKED_TIME


def follow(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect]:
    """Book, move or close the order's booking as the change says; costs nothing where there is none."""
    if change.kind is Kind.UNDO:
        return _restore(tx, order, change)
    time = change.fields.get(BOOKED_TIME.code)
    if not time and not (change.enters and BOOKED_TIME.code in order.fields):
        return []
    state = _state_in(tx.flows, order)
    if time:
        return [_book(tx, order, change, time, state or State.BOOKED)]
    if state not in (State.CANCELLED, State.COMPLETED):
        return []
    return _close(tx, order, change, state, order.fields[BOOKED_TIME.code])


def forget(tx: ChangeTransaction, order: Order) -> None:
    """Take away the booking of an order that has lost its person."""
    tx.execute("DELETE FROM installation_bookings WHERE order_id = :id", {"id": order.id})


def _restore(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect]:
    """Bring the booking to where the order stands again, now that its last change is undone."""
    row = tx.row(
        "SELECT seq, starts_at, state FROM installation_bookings WHERE order_id = :id", {"id": order.id}
    )
    time, state = order.fields.get(BOOKED_TIME.code), _state_in(tx.flows, order)
    if row is None:
        return []
    if state is None and (row["state"] == State.COMPLETED or row["seq"] == change.undoes):
        state = State.BOOKED  # sent ahead: the booking was open until the change that is undone closed it
    if time and state in (State.BOOKED, State.COMPLETED):
        there = row["starts_at"] == time and (row["state"] == state or not change.enters)
        return [] if there else [_book(tx, order, change, time, state)]
    if row["state"] != State.BOOKED or state is None:
        return []
    return _close(tx, order, change, State.CANCELLED, row["starts_at"])


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
    after = _local_time(tx, time)
    if old is None:
        return _effect("", after, "installation bokad {after}", "installation booked {after}")
    before = _local_time(tx, old["starts_at"])
    return _effect(
        before,
        after,
        "installationen flyttad från {before} till {after}",
        "installation moved from {before} to {after}",
    )


def _close(tx: ChangeTransaction, order: Order, change: Change, state: State, booked: str) -> list[Effect]:
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
    before = _local_time(tx, booked)
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


def _local_time(tx: ChangeTransaction, stored: str) -> str:
    """Return a stored instant as people of the shop write it: ``2026-12-01 13:00``."""
    return f"{local(from_iso(stored), tx.settings.shop.timezone):%Y-%m-%d %H:%M}"
