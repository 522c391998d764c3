"""Shopify's order export, in both its header vintages: one row per line, the order's own cells on one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ashop_core.changes import LONGEST_NOTE
from ashop_core.errors import InvalidInput, Problem
from ashop_core.models import Customer, NewLine
from ashop_core.money import exponent
from ashop_core.texts import Text
from ashop_order_import.assemble import checked, refuse_all
from ashop_order_import.found import Grouped, ReadOptions, RefusedError, RefusedRow, Row, refused
from ashop_order_import.shopify_sums import paid, totalled
from ashop_order_import.values import MADE_UP, amount, amount_or_none, article, instant, quantity, words

CODE = "shopify"
COLUMNS = {
    "order": ("Name",),
    "at": ("Created at",),
    "sku": ("Lineitem sku",),
    "name": ("Lineitem name",),
    "quantity": ("Lineitem quantity",),
    "price": ("Lineitem price",),
    "line_discount": ("Lineitem discount",),
    "line_fulfillment": ("Lineitem fulfillment status",),
    "financial_status": ("Financial Status",),
    "fulfillment_status": ("Fulfillment Status",),
    "cancelled_at": ("Cancelled at", "Canceled at"),
    "currency": ("Currency",),
    "shipping": ("Shipping",),
    "taxes": ("Taxes",),
    "duties": ("Duties",),
    "discount": ("Discount Amount",),
    "total": ("Total",),
    "refunded": ("Refunded Amount",),
    "outstanding": ("Outstanding Balance",),
    "delivery": ("Shipping Method",),
    "payment": ("Payment Method",),
    "notes": ("Notes",),
    "email": ("Email",),
    "phone": ("Phone",),
    **{
        f"{who}_{part}": (f"{who} {part}",)
        for who in ("shipping", "billing")
        for part in ("name", "company", "street", "zip", "city", "country", "phone")
    },
}
REQUIRED = ("order", "at", "name", "quantity", "price")

STATUSES = {
    "cancelled": "cancelled",
    "voided": "cancelled",
    "refunded": "returned",
    "restocked": "returned",
    "fulfilled": "shipped",
    "partial": "received",
    "paid": "received",
    "partially_paid": "received",
    "partially_refunded": "received",
    "authorized": "received",
    "pending": "received",
}


def build(rows: Sequence[Row], options: ReadOptions) -> Iterator[Grouped | RefusedRow]:
    """Yield the order that the rows of one name make, and those of its rows that cannot be part of it."""
    head = next((row for row in rows if row["at"].strip()), None)
    try:
        if head is None:
            raise refused(
                "no_order_cells",
                "ingen av orderns rader har orderns egna uppgifter (Created at)",
                "none of the order's rows has the order's own cells (Created at)",
            )
        currency = _currency(head, options)
        good: list[tuple[Row, NewLine]] = []
        bad: list[RefusedRow] = []
        for row in rows:
            try:
                good.append((row, _line(row, currency)))
            except RefusedError as error:
                bad.append(RefusedRow(row.number, row["order"], error.problem))
        order = _order(head, good, currency, options, whole=not bad) if good else None
    except RefusedError as error:
        yield from refuse_all(rows, error.problem)
        return
    yield from bad
    if order is not None:
        yield order


def _currency(head: Row, options: ReadOptions) -> str:
    currency = head["currency"].strip().upper() or options.currency
    try:
        exponent(currency)
    except InvalidInput as error:
        raise RefusedError(Problem("bad_currency", error.text)) from None
    return currency


def _line(row: Row, currency: str) -> NewLine:
    name = words(row["name"], "Lineitem name")
    return NewLine(
        sku=article(row["sku"], name),
        name=name,
        quantity=quantity(row["quantity"]),
        unit_price=amount(row["price"], currency),
    )


def _order(
    head: Row, good: Sequence[tuple[Row, NewLine]], currency: str, options: ReadOptions, *, whole: bool
) -> Grouped:
    rows, lines = [row for row, _ in good], tuple(line for _, line in good)
    order = Grouped(
        source=options.source or CODE,
        external_id=head["order"],
        rows=tuple(row.number for row in rows),
        status=_status(head),
        at=instant(head["at"], options),
        lines=lines,
        customer=_customer(head, options),
        currency=currency,
        language=options.language,
        delivery=words(head["delivery"], "Shipping Method"),
        payment_method=words(head["payment"], "Payment Method"),
        shipping_price=amount_or_none(head["shipping"], currency) or 0,
    )
    order, remarks = totalled(order, head, rows, whole)
    remarks += _remarks(head, rows, lines)
    notes = [" ".join(head["notes"].split()), *(problem.text.to(options.language) for problem in remarks)]
    note = "\n".join(part for part in notes if part)[:LONGEST_NOTE]
    return checked(replace(order, paid=paid(head, order), note=note, remarks=tuple(remarks)))


def _status(head: Row) -> str:
    """Return the one word of Shopify's several that says how far the order has come."""
    financial = words(head["financial_status"], "Financial Status").casefold()
    fulfillment = words(head["fulfillment_status"], "Fulfillment Status").casefold()
    if head["cancelled_at"].strip():
        return "cancelled"
    if financial in ("voided", "refunded"):
        return financial
    if fulfillment not in ("", "unfulfilled"):
        return fulfillment
    return financial or "pending"


def _customer(head: Row, options: ReadOptions) -> Customer:
    def cell(part: str) -> str:
        return words(head[f"shipping_{part}"] or head[f"billing_{part}"], part)

    name = ", ".join(part for part in (cell("name"), cell("company")) if part)
    return Customer(
        name=name or Text("(ingen kund)", "(no customer)").to(options.language),
        email=words(head["email"], "Email"),
        phone=words(head["phone"], "Phone") or cell("phone"),
        street=cell("street"),
        postal_code=cell("zip").lstrip("'"),  # Shopify writes '11421, so that spreadsheets keep the zeros
        city=cell("city"),
        country=cell("country"),
    )


def _remarks(head: Row, rows: Sequence[Row], lines: Sequence[NewLine]) -> list[Problem]:
    remarks = []
    if any(line.sku.startswith(MADE_UP) for line in lines):
        remarks.append(Problem("made_up_sku", Text("Artikelnummer saknades.", "An SKU was missing.")))
    if head["fulfillment_status"].strip().casefold() == "partial":
        sent = [
            f"{line.quantity} × {line.name}"
            for row, line in zip(rows, lines, strict=True)
            if row["line_fulfillment"].strip().casefold() == "fulfilled"
        ]
        said = Text("Redan skickat: {goods}.", "Sent already: {goods}.")
        remarks.append(Problem("partly_sent", said.fill(goods=", ".join(sent) or "?")))
    refund = words(head["refunded"], "Refunded Amount")
    if refund.strip("0.,"):
        remarks.append(Problem("refunded", Text("Återbetalt: {v}.", "Refunded: {v}.").fill(v=refund)))
    return remarks
