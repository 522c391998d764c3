"""Orders read from their rows: by number, by reference, as they stand now."""

from __future__ import annotations

import json
import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from ashop_core.clock import from_iso
from ashop_core.errors import NotFound
from ashop_core.models import Customer, FollowUp, Order, OrderLine, PaymentStatus
from ashop_core.storage import Reader
from ashop_core.texts import Text

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: references are read out over the telephone
_LINES = "SELECT * FROM order_lines WHERE order_id = :id ORDER BY position"


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
