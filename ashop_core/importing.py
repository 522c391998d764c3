"""Orders taken over from elsewhere: in their status, at their own time, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ashop_core.asked import LONGEST_VALUE, deadline_of, read_fields
from ashop_core.changes import LONGEST_NOTE
from ashop_core.errors import InvalidInput, Problem
from ashop_core.intake import (
    LONGEST_NAME,
    check_amount,
    check_customer,
    check_language,
    check_lines,
    check_parcels,
    check_payments,
    check_words,
    new_lines,
)
from ashop_core.lifecycle import create_order
from ashop_core.models import (
    Change,
    ImportedOrder,
    Kind,
    Move,
    NewParcel,
    Order,
    Parcel,
    Payment,
    PaymentKind,
    Place,
    Stage,
    Status,
)
from ashop_core.money import exponent
from ashop_core.moves import moved, status_moves
from ashop_core.orders import new_reference
from ashop_core.outcomes import Outcome
from ashop_core.payment_record import with_payment
from ashop_core.texts import Text, joined, same

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
    fields = _fields(shop, imported)
    order = _order(shop, imported, placed=status.stage is not Stage.CHECKOUT, move_stock=move_stock)
    moves = _moves(order, status, imported.parcels)
    order = replace(
        order, lines=moved(order.lines, moves), fields=fields, deadline=deadline_of(status, fields)
    )
    entries = _payments(imported)
    for entry in entries:
        order = with_payment(order, entry)
    change = _change(imported, fields, moves if move_stock else (), notify, actor)
    return create_order(
        shop,
        order,
        change,
        parcels=[replace(p, position=n, seq=1) for n, p in enumerate(imported.parcels, 1)],
        # No two entries are of one change; those that were there before the order came here count up to it.
        payments=[replace(p, seq=n - len(entries)) for n, p in enumerate(entries, 2)],
    )


def _check(imported: ImportedOrder) -> None:
    """Raise InvalidInput for an order that no shop would take, whatever its statuses and methods are."""
    for name, key in (("source", imported.source), ("external id", imported.external_id)):
        if not check_words(key.strip(), same(name), LONGEST_NAME):
            raise InvalidInput(Text("{name}: saknas", "{name}: is missing").fill(name=name))
    if imported.at.tzinfo is None:
        raise InvalidInput(
            Text("tiden {at} saknar tidszon", "the time {at} has no time zone").fill(at=imported.at)
        )
    exponent(imported.currency)
    check_amount(imported.shipping_price, Text("frakten", "shipping"))
    check_amount(imported.payment_fee, Text("avgiften", "the fee"))
    check_amount(imported.discount, Text("rabatten", "the discount"))
    check_amount(imported.paid, Text("betalt", "paid"))
    check_lines(
        imported.lines,
        shipping=imported.shipping_price,
        fee=imported.payment_fee,
        discount=imported.discount,
    )
    check_customer(imported.customer)
    check_language(imported.language)
    check_payments(imported.payments)
    check_parcels(imported.parcels, imported.lines)
    if len(imported.note) > LONGEST_NOTE or "\0" in imported.note:
        raise InvalidInput(Text("anteckningen är för lång", "the note is too long"))
    check_words(imported.parcel_number or "", Text("kollinumret", "the parcel number"), LONGEST_NAME)


def _fields(shop: Shop, imported: ImportedOrder) -> dict[str, str]:
    """Return the values of statuses' fields as this shop stores them; what no status asks for is words."""
    asked = {f.code: status for status in shop.flows.statuses.values() for f in status.fields}
    fields: dict[str, str] = {}
    problems: list[Problem] = []
    for code, value in imported.fields.items():
        if code in asked:
            fields |= read_fields(asked[code], {code: value}, shop.settings.shop.timezone, problems)
        else:
            fields[check_words(code, _FIELD, LONGEST_NAME)] = check_words(value, _FIELD, LONGEST_VALUE)
    if problems:
        raise InvalidInput(joined([p.text for p in problems], "; "))
    return fields


_FIELD = Text("fältet", "the field")


def _moves(order: Order, status: Status, parcels: Iterable[Parcel]) -> tuple[Move, ...]:
    """Return the moves to where the goods are; in a status that leaves it to them, as the parcels tell."""
    if status.stock is not None:
        return status_moves(order.lines, status.stock)
    sent: dict[int, int] = {}
    for parcel in parcels:
        for position, quantity in parcel.contents.items():
            sent[position] = sent.get(position, 0) + quantity
    return tuple(
        Move(line.position, line.sku, quantity, Place.FREE, place)
        for line in order.lines
        for place, quantity in (
            (Place.GONE, sent.get(line.position, 0)),
            (Place.HELD, line.quantity - sent.get(line.position, 0)),
        )
        if quantity
    )


def _payments(imported: ImportedOrder) -> tuple[Payment, ...]:
    """Return the entries of the payment record; of a sum alone, one entry."""
    if imported.payments or not imported.paid:
        return imported.payments
    return (Payment(seq=1, kind=PaymentKind.PAID, amount=imported.paid, reference="", at=imported.at),)


def _is_here(shop: Shop, imported: ImportedOrder) -> bool:
    """Tell cheaply whether an order was imported before; the table's unique key has the last word."""
    key = {"source": imported.source, "id": imported.external_id}
    with shop.database.read() as reader:
        return (
            reader.row("SELECT 1 FROM orders WHERE source = :source AND external_id = :id", key) is not None
        )


def _change(
    imported: ImportedOrder, fields: Mapping[str, str], moves: tuple[Move, ...], notify: bool, actor: str
) -> Change:
    number = None if imported.parcels else imported.parcel_number
    return Change(
        kind=Kind.IMPORTED,
        seq=1,
        from_status=None,
        to_status=imported.status,
        at=imported.at,
        actor=actor,
        moves=moves,
        fields=fields,
        note=imported.note,
        notify=notify,
        parcel=NewParcel(number=number) if number else None,
    )


def _order(shop: Shop, imported: ImportedOrder, *, placed: bool, move_stock: bool) -> Order:
    numbers = [parcel.number for parcel in imported.parcels] or [imported.parcel_number]
    return Order(
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
        lines=new_lines(imported.lines),
        shipping_price=imported.shipping_price,
        payment_fee=imported.payment_fee,
        discount=imported.discount,
        payment_due=imported.payment_due if placed else None,
        parcel_count=len(imported.parcels) or (1 if imported.parcel_number else 0),
        parcel_numbers=tuple(number for number in numbers if number),
        moves_stock=move_stock,
        source=imported.source,
        external_id=imported.external_id,
    )
