"""What the making of an order has in common, whatever its rows came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
)
from ashop_core.texts import Text
from ashop_order_import.found import Grouped, RefusedError, RefusedRow, Row, refused


def refuse_all(rows: Iterable[Row], problem: Problem) -> Iterator[RefusedRow]:
    """Yield a refusal for each row, all for the same reason."""
    return (RefusedRow(row.number, row["order"], problem) for row in rows)


def refuse_numbers(order: Grouped, problem: Problem) -> Iterator[RefusedRow]:
    """Yield a refusal for each row of an order that was put together already."""
    return (RefusedRow(number, order.external_id, problem) for number in order.rows)


def checked(order: Grouped) -> Grouped:
    """Return the order if a shop would take it, so that a rehearsal refuses what the import would."""
    try:
        check_amount(order.shipping_price, Text("frakten", "the shipping"))
        check_amount(order.paid, Text("det betalda", "what is paid"))
        check_amount(order.payment_fee, Text("avgiften", "the fee"))
        check_amount(order.discount, Text("rabatten", "the discount"))
        check_lines(
            order.lines, shipping=order.shipping_price, fee=order.payment_fee, discount=order.discount
        )
        check_payments(order.payments)
        check_parcels(order.parcels, order.lines)
        check_customer(order.customer)
        check_language(order.language)
        check_words(order.parcel_number or "", Text("kollinumret", "the parcel number"), LONGEST_NAME)
    except InvalidInput as error:
        raise RefusedError(Problem("bad_order", error.text)) from None
    if len(order.note) > LONGEST_NOTE:
        raise refused("bad_order", "anteckningen är för lång", "the note is too long")
    if not order.lines or not order.external_id:
        raise refused(
            "bad_order", "ordern har inga rader eller inget namn", "the order has no lines or no name"
        )
    return order
