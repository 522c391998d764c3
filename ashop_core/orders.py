"""Orders to and from their rows: the only place that knows which column holds what."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import NotFound
from ashop_core.models import (
    Change,
    Customer,
    Edit,
    Effect,
    Entry,
    FollowUp,
    Kind,
    Move,
    NewReturn,
    Order,
    OrderLine,
    Parcel,
    Payment,
    PaymentKind,
    PaymentStatus,
    Place,
)
from ashop_core.storage import Reader, Writer
from ashop_core.texts import Text
from ashop_core.words import email_key, phone_key, search_text

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: references are read out over the telephone
_dump = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder anew each time
_LINES = "SELECT * FROM order_lines WHERE order_id = :id ORDER BY position"
_CUSTOMER = {
    "customer_name": "name", "customer_email": "email", "customer_phone": "phone", "street": "street",
    "postal_code": "postal_code", "city": "city", "country": "country",
}  # fmt: skip


def new_reference() -> str:
    """Return a random reference such as ``K-7F3QX2``; the table makes sure that it is unique."""
    drawn = secrets.randbelow(len(_ALPHABET) ** 6)
    return "K-" + "".join(_ALPHABET[drawn // len(_ALPHABET) ** n % len(_ALPHABET)] for n in range(6))


def load_order(reader: Reader, who: str | int | Order) -> Order:
    """Return an order by number, by reference, or as it stands now. Raises NotFound."""
    row = _find(reader, who)
    if row is None:
        name = who.name if isinstance(who, Order) else who
        raise NotFound(
            Text(
                "Det finns ingen order {name}. Sök med `ashop order list --text …`.",
                "There is no order {name}. Search with `ashop order list --text …`.",
            ).fill(name=name)
        )
    return order_of(row, reader.rows(_LINES, {"id": row["id"]}))


def load_order_by_id(reader: Reader, order_id: int) -> Order:
    """Return the order with this id, which must be there."""
    return order_of(
        reader.row("SELECT * FROM orders WHERE id = :id", {"id": order_id}),
        reader.rows(_LINES, {"id": order_id}),
    )


def _find(reader: Reader, who: str | int | Order) -> Any | None:
    if isinstance(who, Order):
        return reader.row("SELECT * FROM orders WHERE id = :id", {"id": who.id})
    name = str(who).strip()
    if name.isascii() and name.isdigit():
        number = int(name)
        return reader.row("SELECT * FROM orders WHERE number = :n", {"n": number}) if number < 2**63 else None
    return reader.row("SELECT * FROM orders WHERE reference = :r", {"r": name.upper()})


def order_of(row: Any, lines: list[Any]) -> Order:
    """Return the order that these rows describe."""
    placed_at, approved_at, fields, flags = row["placed_at"], row["approved_at"], row["fields"], row["flags"]
    return Order(
        id=row["id"],
        reference=row["reference"],
        number=row["number"],
        version=row["version"],
        status=row["status"],
        delivery=row["delivery"],
        payment_method=row["payment_method"],
        language=row["language"],
        currency=row["currency"],
        created_at=from_iso(row["created_at"]),
        changed_at=from_iso(row["changed_at"]),
        placed_at=None if placed_at is None else from_iso(placed_at),
        customer=Customer(
            name=row["customer_name"],
            email=row["customer_email"],
            phone=row["customer_phone"],
            street=row["street"],
            postal_code=row["postal_code"],
            city=row["city"],
            country=row["country"],
        ),
        lines=tuple([_line_of(line) for line in lines]),
        shipping_price=row["shipping_price"],
        fields={} if fields == "{}" else json.loads(fields),
        flags=tuple(flags.split()) if flags else (),
        authorised=row["authorised"],
        paid=row["paid"],
        refunded=row["refunded"],
        payment=PaymentStatus(row["payment"]),
        approved_at=None if approved_at is None else from_iso(approved_at),
        approved_by=row["approved_by"],
        parcel_count=row["parcel_count"],
        parcel_numbers=tuple(row["parcel_numbers"].split("\n")) if row["parcel_numbers"] else (),
        moves_stock=row["moves_stock"] == 1,
        payment_fee=row["payment_fee"],
        discount=row["discount"],
        deadline=_day_of(row["deadline"]),
        payment_due=_day_of(row["payment_due"]),
        follow_up=FollowUp(row["follow_up"]) if row["follow_up"] else None,
        checkout_key=row["checkout_key"],
        source=row["source"],
        external_id=row["external_id"],
    )


def _day_of(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _line_of(row: Any) -> OrderLine:
    rate = row["vat_rate"]
    return OrderLine(
        position=row["position"],
        sku=row["sku"],
        name=row["name"],
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        vat_rate=None if rate is None else Decimal(rate) / 100,
        held=row["held"],
        gone=row["gone"],
        discount=row["discount"],
        returned=row["returned"],
        written_off=row["written_off"],
    )


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def order_values(order: Order) -> dict[str, Any]:
    """Return the columns of an order, but for its id and what only a checkout knows."""
    customer = order.customer
    return {
        "reference": order.reference,
        "number": order.number,
        "version": order.version,
        "status": order.status,
        "delivery": order.delivery,
        "payment_method": order.payment_method,
        "language": order.language,
        "currency": order.currency,
        "created_at": to_iso(order.created_at),
        "changed_at": to_iso(order.changed_at),
        "status_since": to_iso(order.placed_at or order.created_at),
        "placed_at": to_iso(order.placed_at) if order.placed_at else None,
        "listed_at": to_iso(order.placed_at or order.created_at),
        **{column: getattr(customer, name) for column, name in _CUSTOMER.items()},
        **_person_keys(order.customer),
        "search": search_words(order),
        "total": order.total,
        "shipping_price": order.shipping_price,
        "payment_fee": order.payment_fee,
        "discount": order.discount,
        "fields": _dump(dict(order.fields)) if order.fields else "{}",
        "flags": " ".join(order.flags),
        "authorised": order.authorised,
        "paid": order.paid,
        "refunded": order.refunded,
        "payment": order.payment.value,
        "left_to_pay": order.left_to_pay,
        "approved_at": to_iso(order.approved_at) if order.approved_at else None,
        "approved_by": order.approved_by,
        "parcel_count": order.parcel_count,
        "parcel_numbers": "\n".join(order.parcel_numbers),
        "moves_stock": int(order.moves_stock),
        "deadline": _day(order.deadline),
        "payment_due": _day(order.payment_due),
        "follow_up": order.follow_up.value if order.follow_up else "",
        "source": order.source,
        "external_id": order.external_id,
    }


def search_words(order: Order) -> str:
    """Return what a search finds an order by: its names, the customer, parcel numbers, SKUs.

    A checkout of which nobody is known is not found: there are too many of them, for nobody to look for.
    """
    customer = order.customer
    if order.number is None and not (customer.name or customer.email or customer.phone):
        return ""
    return search_text(
        (
            str(order.number or ""), order.reference, customer.name, customer.email, customer.city,
            *order.parcel_numbers, *(line.sku for line in order.lines),
        ),
        numbers=order.parcel_numbers,
        phones=(customer.phone,),
    )  # fmt: skip


def _person_keys(customer: Customer) -> dict[str, str]:
    return {"email_key": email_key(customer.email), "phone_key": phone_key(customer.phone)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_INSERT = """
INSERT INTO orders ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING id
"""


def insert_order(tx: Writer, order: Order, body: str | None) -> int | None:
    """Insert a new order with its lines; return its id, or None where a unique key is already taken.

    `body` is the digest of what a checkout was started with, to tell a repetition from a mix-up.
    """
    values = {**order_values(order), "checkout_key": order.checkout_key, "checkout_body": body}
    row = tx.row(_insert_sql(tuple(values)), values)
    if row is None:
        return None
    tx.insert_all("order_lines", [_line_values(row["id"], line) for line in order.lines])
    return int(row["id"])


@lru_cache(maxsize=4)
def _insert_sql(columns: tuple[str, ...]) -> str:
    return _INSERT.format(columns=", ".join(columns), marks=", ".join(f":{c}" for c in columns))


def _line_values(order_id: int, line: OrderLine) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "position": line.position,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "vat_rate": None if line.vat_rate is None else int(line.vat_rate * 100),
        "held": line.held,
        "gone": line.gone,
        "discount": line.discount,
        "returned": line.returned,
        "written_off": line.written_off,
    }


def update_order(tx: Writer, before: Order, after: Order) -> bool:
    """Write what changed, if the order is still at the version it was read at; tell whether it was."""
    values = _changed(before, after)
    values.update(id=before.id, old_version=before.version, version=after.version)
    if not tx.execute(_update_sql(tuple(values)), values):
        return False
    if before.lines is not after.lines:
        _update_lines(tx, before, after)
    return True


_TOTAL = ("shipping_price", "payment_fee", "discount")
_PLAIN = (
    "delivery", "payment_method", "language", "authorised", "paid", "refunded", "payment", "parcel_count",
    *_TOTAL,
)  # fmt: skip


def _changed(before: Order, after: Order) -> dict[str, Any]:
    """Return the columns that differ; what can only have changed together is looked at together."""
    values: dict[str, Any] = {"changed_at": to_iso(after.changed_at), "status": after.status}
    if after.status != before.status:
        values["status_since"] = values["changed_at"]
    for name in _PLAIN:
        if getattr(after, name) != getattr(before, name):
            values[name] = getattr(after, name)
    placed, person = after.placed_at != before.placed_at, after.customer is not before.customer
    if placed:
        values["number"] = after.number
        values["placed_at"] = values["listed_at"] = to_iso(after.placed_at or after.created_at)
    if person:
        values.update({column: getattr(after.customer, name) for column, name in _CUSTOMER.items()})
        values.update(_person_keys(after.customer))
    if after.lines is not before.lines or not values.keys().isdisjoint(_TOTAL):
        values["total"] = after.total
    if "total" in values or not values.keys().isdisjoint(("paid", "refunded")):
        values["left_to_pay"] = after.left_to_pay
    if after.parcel_numbers != before.parcel_numbers:
        values["parcel_numbers"] = "\n".join(after.parcel_numbers)
    if placed or person or "parcel_numbers" in values or _skus(before) != _skus(after):
        values["search"] = search_words(after)
    if after.fields is not before.fields:
        values["fields"] = _dump(dict(after.fields))
    if after.approved_at != before.approved_at:
        values["approved_at"] = to_iso(after.approved_at) if after.approved_at else None
        values["approved_by"] = after.approved_by
    if after.flags != before.flags:
        values["flags"] = " ".join(after.flags)
    for name in ("deadline", "payment_due"):
        if getattr(after, name) != getattr(before, name):
            values[name] = _day(getattr(after, name))
    if after.checkout_key != before.checkout_key:
        values["checkout_key"], values["checkout_body"] = after.checkout_key, None
    if after.follow_up is not before.follow_up:
        values["follow_up"] = after.follow_up.value if after.follow_up else ""
    return values


def _skus(order: Order) -> list[str]:
    return [line.sku for line in order.lines]


@lru_cache(maxsize=256)
def _update_sql(columns: tuple[str, ...]) -> str:
    sets = ", ".join(f"{c} = :{c}" for c in columns if c not in ("id", "old_version"))
    return f"UPDATE orders SET {sets} WHERE id = :id AND version = :old_version"  # noqa: S608 - own columns


_ALL_LINES = {
    Place.HELD: "UPDATE order_lines SET held = quantity, gone = 0 WHERE order_id = :id",
    Place.GONE: "UPDATE order_lines SET held = 0, gone = quantity WHERE order_id = :id",
    Place.FREE: "UPDATE order_lines SET held = 0, gone = 0 WHERE order_id = :id",
}
_ONE_LINE = """
UPDATE order_lines SET quantity = :quantity, unit_price = :unit_price, discount = :discount,
    held = :held, gone = :gone, returned = :returned, written_off = :written_off
WHERE order_id = :order_id AND position = :position
"""


def _update_lines(tx: Writer, before: Order, after: Order) -> None:
    """Write the lines that changed; one statement where only the goods moved, and all to one place."""
    places = {_place(line) for line in after.lines}
    if len(places) == 1 and (place := places.pop()) is not None and _same_goods(before, after):
        tx.execute(_ALL_LINES[place], {"id": after.id})
        return
    old = {line.position: line for line in before.lines}
    for line in after.lines:
        values, was = _line_values(after.id, line), old.pop(line.position, None)
        if was is None:
            tx.insert("order_lines", values)
        elif was != line:
            tx.execute(_ONE_LINE, {name: v for name, v in values.items() if name not in _FIXED})
    for position in old:
        tx.execute(
            "DELETE FROM order_lines WHERE order_id = :id AND position = :position",
            {"id": after.id, "position": position},
        )


_FIXED = ("sku", "name", "vat_rate")
"""What a line keeps for good: other goods are another line."""


def _same_goods(before: Order, after: Order) -> bool:
    def goods(order: Order) -> list[tuple[int, int, int, int, int, int]]:
        return [
            (x.position, x.quantity, x.unit_price, x.discount, x.returned, x.written_off) for x in order.lines
        ]

    return goods(before) == goods(after)


def _place(line: OrderLine) -> Place | None:
    """Return where all of a line's goods stand, or None where they stand in several places."""
    if line.held == line.quantity:
        return Place.HELD
    if line.gone == line.quantity:
        return Place.GONE
    return Place.FREE if line.free == line.quantity else None


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
    return _dump(details) if details else "{}"


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
        "contents": _dump({str(k): v for k, v in parcel.contents.items()}),
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


# ── What belongs to an order ─────────────────────────────────────────────────────────────────────


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
