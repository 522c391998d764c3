"""What a Shopify order comes to: its discounts, the taxes put on its prices, and what was paid of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from ashop_core.errors import Problem
from ashop_core.money import format_money
from ashop_core.texts import Text
from ashop_order_import.discounts import spread
from ashop_order_import.found import Grouped, Row
from ashop_order_import.values import amount_or_none


def totalled(order: Grouped, head: Row, rows: Sequence[Row], whole: bool) -> tuple[Grouped, list[Problem]]:
    """Return the order with the file's discounts and added taxes, where they explain its total."""
    total = amount_or_none(head["total"], order.currency)
    if total is None or total == order.total:
        return order, []
    for explained in _explanations(order, head, rows) if whole else ():
        if explained.total == total and _is_possible(explained):
            return explained, []
    said = Text(
        "Summan är {there} i filen men {here} enligt raderna.",
        "The total is {there} in the file but {here} by its rows.",
    ).fill(there=_money(total, order.currency), here=_money(order.total, order.currency))
    return order, [Problem("total_differs", said)]


def _explanations(order: Grouped, head: Row, rows: Sequence[Row]) -> Iterator[Grouped]:
    """Yield what the order may be: with or without its discounts, with or without taxes put on the prices.

    A discount stays where the file has it, on its line or on the order. Taxes go into the prices, which may
    make two lines of one; then a line's discount is the order's, so that it is counted once.
    """
    discount = amount_or_none(head["discount"], order.currency) or 0
    on_lines = [amount_or_none(row["line_discount"], order.currency) or 0 for row in rows]
    taxes = sum(amount_or_none(head[column], order.currency) or 0 for column in ("taxes", "duties"))
    for line_off, off in product((on_lines, [0] * len(on_lines)), (discount, 0)):
        lines = tuple(replace(line, discount=n) for line, n in zip(order.lines, line_off, strict=True))
        yield replace(order, lines=lines, discount=off)
        lines, rest = spread(order.lines, taxes)
        shipping = order.shipping_price + rest
        yield replace(order, lines=lines, shipping_price=shipping, discount=off + sum(line_off))


def _is_possible(order: Grouped) -> bool:
    return (
        all(0 <= x.discount <= x.quantity * x.unit_price for x in order.lines)
        and 0 <= order.discount <= order.total + order.discount
    )


def _money(minor: int, currency: str) -> Text:
    return Text(format_money(minor, currency, "sv"), format_money(minor, currency, "en"))


def paid(head: Row, order: Grouped) -> int:
    """Return what the customer has paid and not got back."""
    financial = head["financial_status"].strip().casefold()
    total = amount_or_none(head["total"], order.currency)
    whole = order.total if total is None else total
    if financial in ("paid", "partially_refunded", "refunded"):
        return max(whole - (amount_or_none(head["refunded"], order.currency) or 0), 0)
    if financial == "partially_paid":
        left = amount_or_none(head["outstanding"], order.currency)
        return 0 if left is None else max(whole - left, 0)
    return 0
