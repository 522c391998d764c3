"""Orders written to their rows: a new one whole, of a changed one what changed, if nobody changed it meanwhile."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from ashop_core.clock import to_iso
from ashop_core.models import Customer, Order, OrderLine, Place
from ashop_core.storage import Writer
from ashop_core.words import email_key, phone_key, search_text

compact_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder anew each time
_CUSTOMER = {
    "customer_name": "name", "customer_email": "email", "customer_phone": "phone", "street": "street",
    "postal_code": "postal_code", "city": "city", "country": "country",
}  # fmt: skip


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
        "fields": compact_json(dict(order.fields)) if order.fields else "{}",
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
        values["fields"] = compact_json(dict(after.fields))
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
        was = old.pop(line.position, None)
        if was is None:
            tx.insert("order_lines", _line_values(after.id, line))
        elif was != line:
            values = _line_values(after.id, line)
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
