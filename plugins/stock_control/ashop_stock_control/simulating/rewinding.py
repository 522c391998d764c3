"""An order as it was when it was placed: what it took then, and the whole of it for a custom rule to judge it by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.models import Customer, Move, Order, OrderLine, Place
from ashop_stock_control.demand import net

if TYPE_CHECKING:
    from ashop_stock_control.simulating.events import Later


def first_moves(lines: Iterable[Any], later: Sequence[Later]) -> tuple[Move, ...]:
    """Return what an order took when it was placed: what its lines have by now, less what moved later."""
    if not later:
        return tuple([_taken(r["position"], r["sku"], r["taken"]) for r in lines if r["taken"] > 0])
    taken = {(row["position"], row["sku"]): row["taken"] for row in lines}
    for each in later:
        for move in each.moves:
            key = (move.position, move.sku)
            taken[key] = taken.get(key, 0) - net([move])[move.sku]
    return tuple([_taken(*key, quantity) for key, quantity in sorted(taken.items()) if quantity > 0])


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


def _taken(position: int, sku: str, quantity: int) -> Move:
    return Move(position, sku, quantity, Place.FREE, Place.HELD)


def _line_then(move: Move, line: Any) -> OrderLine:
    pieces = move.quantity
    if line is None:
        return OrderLine(
            position=move.position, sku=move.sku, name=move.sku, quantity=pieces, unit_price=0, held=pieces
        )
    return OrderLine(
        position=move.position, sku=move.sku, name=line["name"], quantity=pieces, unit_price=line["unit_price"],
        discount=min(line["discount"], pieces * line["unit_price"]), held=pieces,
    )  # fmt: skip
