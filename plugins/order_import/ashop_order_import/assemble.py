"""What the making of an order has in common, whatever table its rows came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ashop_core.errors import InvalidInput, Problem
from ashop_core.intake import check_customer, check_lines
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
    except InvalidInput as error:
        raise RefusedError(Problem("bad_order", error.text)) from None
    if max(order.total, order.paid) > LARGEST:
        raise refused("bad_order", "ordersumman är för stor", "the order's total is too large")
    return order


