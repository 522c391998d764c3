"""What belongs to an order, to and from its rows: its history, its parcels, its payments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.models import (
    Change,
    Edit,
    Effect,
    Entry,
    Kind,
    Move,
    NewReturn,
    Order,
    Parcel,
    Payment,
    PaymentKind,
    Place,
)
from ashop_core.order_rows import compact_json
from ashop_core.storage import Reader, Writer
from ashop_core.texts import Text


def insert_history(tx: Writer, order_id: int, change: Change, effects: list[tuple[str, Effect]]) -> None:
    """Write the change's history row, with every plugin's effects."""
    tx.insert(
        "history",
        {
            "order_id": order_id,
            "seq": change.seq,
            "kind": change.kind.value,
            "from_status": change.from_status,
            "to_status": change.to_status,
            "at": to_iso(change.at),
            "actor": change.actor,
            "note": change.note,
            "details": _details(change, effects),
        },
    )


def _details(change: Change, effects: list[tuple[str, Effect]]) -> str:
    details: dict[str, Any] = {}
    if change.fields:
        details["fields"] = dict(change.fields)
    if change.reason:
        details["reason"] = change.reason
    if moves := change.moves or change.silent_moves:
        details["moves"] = [[m.position, m.sku, m.quantity, m.source.value, m.target.value] for m in moves]
    if change.words:
        details["words"] = change.words
    if change.parcel is not None:
        details["parcel"] = change.parcel.number or ""
    if change.approved is not None:
        details["approved"] = change.approved
    if change.edits:
        details["edits"] = [[edit.path, edit.before, edit.after] for edit in change.edits]
    if change.returned is not None:
        details["returned"] = [
            [[position, quantity] for position, quantity in part.items()]
            for part in (change.returned.restocked, change.returned.written_off)
        ]
    if change.undoes is not None:
        details["undoes"] = change.undoes
    if change.notify is not None:
        details["notify"] = change.notify
    if change.flags:
        details["flags"] = dict(change.flags)
    if effects:
        details["effects"] = [
            [plugin, e.subject, e.before, e.after, e.text.sv, e.text.en] for plugin, e in effects
        ]
    return compact_json(details) if details else "{}"


def insert_parcel(tx: Writer, order: Order, change: Change, contents: Mapping[int, int]) -> None:
    """Write the parcel that a change reports."""
    assert change.parcel is not None
    parcel = Parcel(
        position=order.parcel_count,
        seq=change.seq,
        number=change.parcel.number,
        carrier=change.parcel.carrier,
        sent_at=change.at,
        contents=contents,
    )
    tx.insert("parcels", _parcel_values(order.id, parcel))


def insert_records(tx: Writer, order_id: int, parcels: Iterable[Parcel], payments: Iterable[Payment]) -> None:
    """Write the parcels and payment entries that an order brings along, as they are."""
    tx.insert_all("parcels", [_parcel_values(order_id, parcel) for parcel in parcels])
    tx.insert_all("payments", [_payment_values(order_id, payment) for payment in payments])


def _parcel_values(order_id: int, parcel: Parcel) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "position": parcel.position,
        "seq": parcel.seq,
        "number": parcel.number,
        "carrier": parcel.carrier,
        "sent_at": to_iso(parcel.sent_at),
        "contents": compact_json({str(k): v for k, v in parcel.contents.items()}),
    }


def _payment_values(order_id: int, payment: Payment) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "seq": payment.seq,
        "kind": payment.kind.value,
        "amount": payment.amount,
        "reference": payment.reference,
        "at": to_iso(payment.at),
    }


def delete_parcels(tx: Writer, order_id: int, seq: int) -> None:
    """Take away the parcels that a change reported, once it is undone; the history keeps their numbers."""
    tx.execute("DELETE FROM parcels WHERE order_id = :id AND seq = :seq", {"id": order_id, "seq": seq})


def insert_payment(tx: Writer, order: Order, change: Change) -> None:
    """Write the payment entry that a change reports."""
    assert change.payment is not None
    new = change.payment
    entry = Payment(seq=change.seq, kind=new.kind, amount=new.amount, reference=new.reference, at=change.at)
    tx.insert("payments", _payment_values(order.id, entry))


def history_of(reader: Reader, order_id: int) -> list[Entry]:
    """Return every change of an order, oldest first."""
    rows = reader.rows("SELECT * FROM history WHERE order_id = :id ORDER BY seq", {"id": order_id})
    return [_entry_of(row) for row in rows]


def _entry_of(row: Any) -> Entry:
    details = json.loads(row["details"])
    return Entry(
        seq=row["seq"],
        kind=Kind(row["kind"]),
        from_status=row["from_status"],
        to_status=row["to_status"],
        at=from_iso(row["at"]),
        actor=row["actor"],
        note=row["note"],
        reason=details.get("reason", ""),
        fields=details.get("fields", {}),
        moves=tuple(Move(p, sku, n, Place(a), Place(b)) for p, sku, n, a, b in details.get("moves", ())),
        effects=tuple(
            (plugin, Effect(subject=subject, before=before, after=after, text=Text(sv, en)))
            for plugin, subject, before, after, sv, en in details.get("effects", ())
        ),
        parcel=details.get("parcel") or None,
        parcels=int("parcel" in details),
        words=details.get("words", ""),
        approved=details.get("approved"),
        edits=tuple(Edit(*edit) for edit in details.get("edits", ())),
        returned=_returned_of(details.get("returned")),
        undoes=details.get("undoes"),
        notify=details.get("notify"),
        flags=details.get("flags", {}),
    )


def _returned_of(parts: list[list[list[int]]] | None) -> NewReturn | None:
    if parts is None:
        return None
    restocked, written_off = ({p: n for p, n in part} for part in parts)  # noqa: C416 - dict() takes no lists
    return NewReturn(restocked=restocked, written_off=written_off)


def parcels_of(reader: Reader, order: Order) -> list[Parcel]:
    """Return an order's parcels in the order they were sent."""
    if not order.parcel_count:
        return []
    rows = reader.rows("SELECT * FROM parcels WHERE order_id = :id ORDER BY position", {"id": order.id})
    return [
        Parcel(
            position=row["position"],
            seq=row["seq"],
            number=row["number"],
            carrier=row["carrier"],
            sent_at=from_iso(row["sent_at"]),
            contents={int(k): v for k, v in json.loads(row["contents"]).items()},
        )
        for row in rows
    ]


def payments_of(reader: Reader, order_id: int) -> list[Payment]:
    """Return an order's payment entries, oldest first."""
    rows = reader.rows("SELECT * FROM payments WHERE order_id = :id ORDER BY seq", {"id": order_id})
    return [
        Payment(
            seq=row["seq"],
            kind=PaymentKind(row["kind"]),
            amount=row["amount"],
            reference=row["reference"],
            at=from_iso(row["at"]),
        )
        for row in rows
    ]
