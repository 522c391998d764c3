"""*Online Retail* (UCI) and its like: one row per line of an invoice, postage as a line among the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ashop_core.errors import Problem
from ashop_core.models import Customer, NewLine
from ashop_core.texts import Text
from ashop_order_import.assemble import checked, refuse_all
from ashop_order_import.found import Grouped, ReadOptions, RefusedError, RefusedRow, Row
from ashop_order_import.values import amount, article, instant, quantity, words

CODE = "online_retail"
COLUMNS = {
    "order": ("InvoiceNo", "Invoice"),
    "sku": ("StockCode",),
    "name": ("Description",),
    "quantity": ("Quantity",),
    "at": ("InvoiceDate",),
    "price": ("UnitPrice", "Price"),
    "customer": ("CustomerID", "Customer ID"),
    "country": ("Country",),
}
REQUIRED = ("order", "sku", "quantity", "at", "price")

INVOICED = "invoiced"
"""What the status of every invoice is called: the file has no statuses, only sales that were made."""

STATUSES = {INVOICED: "delivered"}

_OTHER_PAPERS = {
    "c": Problem("credit_note", Text("kreditnota: en retur är ingen beställning", "credit note: a return is not an order")),
    "a": Problem("adjustment", Text("bokföringspost, ingen beställning", "an entry of the books, not an order")),
}  # fmt: skip


def build(rows: Sequence[Row], options: ReadOptions) -> Iterator[Grouped | RefusedRow]:
    """Yield the order that the rows of one invoice make, and those of its rows that cannot be part of it."""
    paper = _OTHER_PAPERS.get(rows[0]["order"][:1].casefold())
    if paper is not None:
        yield from refuse_all(rows, paper)
        return
    good: list[tuple[Row, NewLine]] = []
    for row in rows:
        try:
            instant(row["at"], options)
            good.append((row, _line(row, options)))
        except RefusedError as error:
            yield RefusedRow(row.number, row["order"], error.problem)
    if good:
        yield from _order([row for row, _ in good], [line for _, line in good], options)


def _line(row: Row, options: ReadOptions) -> NewLine:
    name = words(row["name"], "Description")
    return NewLine(
        sku=article(row["sku"], name),
        name=name,
        quantity=quantity(row["quantity"]),
        unit_price=amount(row["price"], options.currency),
    )


def _order(
    rows: Sequence[Row], lines: Sequence[NewLine], options: ReadOptions
) -> Iterator[Grouped | RefusedRow]:
    first = rows[0]
    postage = {code.casefold() for code in options.postage}
    goods = [line for line in lines if line.sku.casefold() not in postage]
    whole = sum(line.quantity * line.unit_price for line in lines)
    # An invoice of nothing but postage keeps it as its goods: an order without lines is none.
    shipping = whole - sum(line.quantity * line.unit_price for line in goods) if goods else 0
    try:
        order = Grouped(
            source=options.source or CODE,
            external_id=first["order"],
            rows=tuple(row.number for row in rows),
            status=INVOICED,
            at=instant(first["at"], options),
            lines=tuple(goods or lines),
            customer=_customer(first, options),
            currency=options.currency,
            language=options.language,
            shipping_price=shipping,
            # An invoice of the past says nothing of its payment; as unpaid it would wait for ever.
            paid=whole,
        )
        yield checked(order)
    except RefusedError as error:
        yield from refuse_all(rows, error.problem)


def _customer(row: Row, options: ReadOptions) -> Customer:
    number = words(row["customer"], "CustomerID").removesuffix(".0")
    name = (
        Text("Kund {n}", "Customer {n}").fill(n=number) if number else Text("(ingen kund)", "(no customer)")
    )
    return Customer(name=name.to(options.language), country=words(row["country"], "Country"))
