"""Orders taken over from elsewhere: in their status, at their own time, once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ashop_core.changes import LONGEST_NOTE
from ashop_core.errors import InvalidInput
from ashop_core.intake import (
    LONGEST_NAME,
    check_amount,
    check_customer,
    check_language,
    check_lines,
    check_words,
    new_lines,
)
from ashop_core.lifecycle import Outcome, create_order
from ashop_core.models import Change, ImportedOrder, Kind, Move, NewParcel, Order, Place, Stage
from ashop_core.money import exponent
from ashop_core.moves import moved, status_moves
from ashop_core.orders import new_reference
from ashop_core.payment_record import payment_status
from ashop_core.texts import Text, same

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def import_order(
    shop: Shop, imported: ImportedOrder, *, move_stock: bool, notify: bool, actor: str
) -> Outcome | None:
    """Write an order made elsewhere, with one history row that says so; None if it is here already."""
    status = shop.flows.find_status(imported.status)
    _check(imported)
    if _is_here(shop, imported):
        return None
    order = _order(shop, imported, placed=status.stage is not Stage.CHECKOUT, move_stock=move_stock)
    moves = status_moves(order.lines, status.stock or Place.HELD)
    order = replace(order, lines=moved(order.lines, moves))
    return create_order(shop, order, _change(imported, moves if move_stock else (), notify, actor), None)


def _check(imported: ImportedOrder) -> None:
    """Raise InvalidInput for what only an import brings: lines and customer are checked like any other's."""
    for name, key in (("source", imported.source), ("external id", imported.external_id)):
        if not check_words(key.strip(), same(name), LONGEST_NAME):
            raise InvalidInput(Text("{name}: saknas", "{name}: is missing").fill(name=name))
    if imported.at.tzinfo is None:
        raise InvalidInput(
            Text("tiden {at} saknar tidszon", "the time {at} has no time zone").fill(at=imported.at)
        )
    exponent(imported.currency)
    check_amount(imported.shipping_price, Text("frakten", "shipping"))
    check_amount(imported.paid, Text("betalt", "paid"))
    if len(imported.note) > LONGEST_NOTE or "\0" in imported.note:
        raise InvalidInput(Text("anteckningen är för lång", "the note is too long"))
    check_words(imported.parcel_number or "", Text("kollinumret", "the parcel number"), LONGEST_NAME)


def _is_here(shop: Shop, imported: ImportedOrder) -> bool:
    """Tell cheaply whether an order was imported before; the table's unique key has the last word."""
    key = {"source": imported.source, "id": imported.external_id}
    with shop.database.read() as reader:
        return (
            reader.row("SELECT 1 FROM orders WHERE source = :source AND external_id = :id", key) is not None
        )


def _change(imported: ImportedOrder, moves: tuple[Move, ...], notify: bool, actor: str) -> Change:
    number = imported.parcel_number
    return Change(
        kind=Kind.IMPORTED,
        seq=1,
        from_status=None,
        to_status=imported.status,
        at=imported.at,
        actor=actor,
        moves=moves,
        note=imported.note,
        notify=notify,
        parcel=NewParcel(number=number) if number else None,
    )


def _order(shop: Shop, imported: ImportedOrder, *, placed: bool, move_stock: bool) -> Order:
    order = Order(
        id=0,
        reference=new_reference(),
        version=1,
        status=imported.status,
        created_at=imported.at,
        changed_at=imported.at,
        placed_at=imported.at if placed else None,
        delivery=shop.flows.find_delivery(imported.delivery).code,
        payment_method=shop.flows.find_payment(imported.payment_method).code,
        language=check_language(imported.language),
        currency=imported.currency,
        customer=check_customer(imported.customer),
        lines=new_lines(check_lines(imported.lines, shipping=imported.shipping_price)),
        shipping_price=imported.shipping_price,
        paid=imported.paid,
        parcel_count=1 if imported.parcel_number else 0,
        moves_stock=move_stock,
        source=imported.source,
        external_id=imported.external_id,
    )
    return replace(order, payment=payment_status(order.total, 0, imported.paid, 0, failed=False))
