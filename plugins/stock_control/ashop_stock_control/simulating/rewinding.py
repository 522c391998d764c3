"""An order as it was when it was placed, for a custom rule to judge it by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.models import Customer, Order, OrderLine, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ashop_core.models import Move


def order_then(row: Any, lines: Iterable[Any], moves: Iterable[Move], status: str) -> Order:
    """Return an order with the lines that it was placed with: all held, nothing returned, nothing paid yet.

    A line that was taken off it since has no price and no name any more but its SKU.
    """
    known = {(line["position"], line["sku"]): line for line in lines}
    at = from_iso(row["placed_at"])
    return Order(
        id=row["id"], reference=row["reference"], number=row["number"], version=row["version"], status=status,
        created_at=from_iso(row["created_at"]), changed_at=at, placed_at=at, delivery=row["delivery"],
        payment_method=row["payment_method"], language=row["language"], currency=row["currency"],
        customer=Customer(
            name=row["customer_name"], email=row["customer_email"], phone=row["customer_phone"],
            street=row["street"], postal_code=row["postal_code"], city=row["city"], country=row["country"],
        ),
        lines=tuple([_line_then(move, known.get((move.position, move.sku))) for move in moves]),
        shipping_price=row["shipping_price"], payment_fee=row["payment_fee"], discount=row["discount"],
        moves_stock=row["moves_stock"] == 1, source=row["source"], external_id=row["external_id"],
    )  # fmt: skip


def _line_then(move: Move, line: Any) -> OrderLine:
    quantity = move.quantity
    held = quantity if move.target is Place.HELD else 0
    name, price = (move.sku, 0) if line is None else (line["name"], line["unit_price"])
    return OrderLine(
        position=move.position, sku=move.sku, name=name, quantity=quantity, unit_price=price, held=held,
        gone=quantity - held,
    )  # fmt: skip
