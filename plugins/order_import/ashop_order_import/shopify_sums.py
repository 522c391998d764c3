"""What a Shopify order comes to: its discounts and taxes in the prices, and what was paid of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ashop_core.errors import Problem
from ashop_core.money import format_money
from ashop_core.texts import Text
from ashop_order_import.discounts import spread
from ashop_order_import.found import Grouped, Row
from ashop_order_import.values import amount_or_none


def totalled(order: Grouped, head: Row, rows: Sequence[Row], whole: bool) -> tuple[Grouped, list[Problem]]:
    """Return the order with the file's discounts and added taxes in its prices, where they explain its total."""
    total = amount_or_none(head["total"], order.currency)
    if total is None or total == order.total:
        return order, []
    difference = total - order.total
    if whole and difference in _explanations(head, rows, order.currency):
        lines, rest = spread(order.lines, difference)
        if order.shipping_price + rest >= 0:
            return replace(order, lines=lines, shipping_price=order.shipping_price + rest), []
    said = Text(
        "Summan är {there} i filen men {here} enligt raderna.",
        "The total is {there} in the file but {here} by its rows.",
    ).fill(there=_money(total, order.currency), here=_money(order.total, order.currency))
    return order, [Problem("total_differs", said)]


def _explanations(head: Row, rows: Sequence[Row], currency: str) -> set[int]:
    """Return by how much a total may differ from rows and shipping: discounts taken off, taxes put on."""
    discount = amount_or_none(head["discount"], currency) or 0
    on_lines = sum(amount_or_none(row["line_discount"], currency) or 0 for row in rows)
    taxes = sum(amount_or_none(head[column], currency) or 0 for column in ("taxes", "duties"))
    return {put_on - off for put_on in (0, taxes) for off in (0, discount, on_lines, discount + on_lines)}


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
