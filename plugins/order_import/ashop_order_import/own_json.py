"""Ashop's own JSON: an array of orders, or one after the other (JSON Lines), as `ashop order export` writes them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from ashop_core.errors import InvalidInput, Problem
from ashop_core.money import exponent
from ashop_core.serial import order_from_document
from ashop_core.texts import joined
from ashop_order_import.assemble import checked
from ashop_order_import.documents import Documents
from ashop_order_import.found import Grouped, ReadOptions, RefusedError, RefusedRow
from ashop_order_import.seen import Seen
from ashop_order_import.values import check_time, words

CODE = "ashop"
LABEL = "Ashop JSON"
MOST_PROBLEMS = 5


def orders(documents: Documents, options: ReadOptions) -> Generator[Grouped | RefusedRow]:
    """Yield an order for each document, or its refusal with everything wrong with it. A document is a row."""
    with Seen() as seen:
        for number, document in documents:
            if isinstance(document, Problem):
                yield RefusedRow(number, "", document)
                continue
            name = ""
            try:
                order = _order(number, document, options)
                name = order.external_id
                seen.check(f"{order.source} {name}")
                yield order
            except RefusedError as error:
                yield RefusedRow(number, name, error.problem)


def _order(number: int, document: Any, options: ReadOptions) -> Grouped:
    imported, problems = order_from_document(document)
    if imported is None:
        found = [problem.text for problem in problems]
        raise RefusedError(Problem("bad_document", joined(found[:MOST_PROBLEMS], "; ")))
    try:
        exponent(imported.currency)
    except InvalidInput as error:
        raise RefusedError(Problem("bad_currency", error.text)) from None
    order = Grouped(
        source=options.source or words(imported.source, "source"),
        external_id=words(imported.external_id, "external_id"),
        rows=(number,),
        status=imported.status,
        at=check_time(imported.at),
        lines=imported.lines,
        customer=imported.customer,
        currency=imported.currency,
        language=imported.language,
        delivery=imported.delivery,
        payment_method=imported.payment_method,
        shipping_price=imported.shipping_price,
        payment_fee=imported.payment_fee,
        discount=imported.discount,
        payments=tuple(replace(entry, at=check_time(entry.at)) for entry in imported.payments),
        payment_due=imported.payment_due,
        parcels=tuple(replace(parcel, sent_at=check_time(parcel.sent_at)) for parcel in imported.parcels),
        fields=imported.fields,
        note=imported.note,
    )
    return checked(order)
