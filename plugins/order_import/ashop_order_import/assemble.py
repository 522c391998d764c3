"""What the making of an order has in common, whatever table its rows came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ashop_core.errors import InvalidInput, Problem
from ashop_core.intake import check_customer, check_language, check_lines
from ashop_core.money import LARGEST
from ashop_order_import.found import Grouped, RefusedError, RefusedRow, Row, refused


def refuse_all(rows: Iterable[Row], problem: Problem) -> Iterator[RefusedRow]:
    """Yield a refusal for each row, all for the same reason."""
    return (RefusedRow(row.number, row["order"], problem) for row in rows)


def checked(order: Grouped) -> Grouped:
    """Return the order if the shop will take it; what it is made of has been looked at one by one before."""
    try:
        check_lines(order.lines)
        check_customer(order.customer)
        check_language(order.language)
    except InvalidInput as error:
        raise RefusedError(Problem("bad_order", error.text)) from None
    if not all(0 <= amount <= LARGEST for amount in (order.shipping_price, order.paid, order.total)):
        raise refused(
            "bad_order",
            "frakt, betalt eller summa går inte",
            "shipping, what is paid or the total will not do",
        )
    if not order.lines or not order.external_id:
        raise refused(
            "bad_order", "ordern har inga rader eller inget namn", "the order has no lines or no name"
        )
    return order


def refuse_numbers(order: Grouped, problem: Problem) -> Iterator[RefusedRow]:
    """Yield a refusal for each row of an order that was put together already."""
    return (RefusedRow(number, order.external_id, problem) for number in order.rows)
