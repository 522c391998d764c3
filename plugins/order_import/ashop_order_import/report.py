"""What became of every row of a file: counted, explained, and written to a file of its own if wanted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ashop_core.texts import Text
from ashop_order_import.found import Grouped, RefusedRow
from ashop_order_import.vocabulary import UNMAPPED

SHOWN = 20
MOST_NAMES = 100
"""How many different names a list of names keeps; a file may hold any number."""

REASONS = {
    "credit_note": Text("kreditnota: en retur är ingen beställning", "credit note: a return is not an order"),
    "adjustment": Text("bokföringspost, ingen beställning", "an entry of the books, not an order"),
    "negative_quantity": Text("negativt antal: en retur eller rättelse", "negative quantity: a return or correction"),
    "bad_quantity": Text("antalet är inget heltal som går att beställa", "not a whole number that can be ordered"),
    "negative_amount": Text("beloppet är under 0", "the amount is below 0"),
    "bad_amount": Text("beloppet går inte att läsa", "the amount cannot be read"),
    "bad_currency": Text("okänd valuta", "unknown currency"),
    "bad_time": Text("tiden går inte att läsa", "the time cannot be read"),
    "future": Text("tiden är i framtiden", "the time is in the future"),
    "no_order": Text("ordernumret saknas", "the order's number is missing"),
    "no_order_cells": Text("orderns egna uppgifter saknas", "the order's own cells are missing"),
    "no_sku": Text("både artikelnummer och namn saknas", "both SKU and name are missing"),
    "bad_text": Text("för lång text, eller styrtecken", "too long a text, or control characters"),
    "bad_order": Text("ordern går inte att ta emot", "the order cannot be taken"),
    "bad_document": Text("ordern följer inte formatet", "the order does not follow the format"),
    "bad_json": Text("inte giltig JSON", "not valid JSON"),
    "ragged": Text("fel antal celler", "the wrong number of cells"),
    "quotes": Text("citattecknen går inte ihop", "the quotes do not match"),
    "too_long": Text("för lång rad eller cell", "too long a row or cell"),
    "too_large": Text("för många rader i ordern", "too many rows in the order"),
    "came_back": Text("ordern finns redan längre upp i filen", "the order is further up in the file already"),
    UNMAPPED: Text("statusen har ingen motsvarighet här", "the status has no counterpart here"),
    "not_taken": Text("butiken tog inte emot ordern", "the shop did not take the order"),
    "torn": Text("filen slutar mitt i raden", "the file ends within the row"),
    "unclosed": Text("ett citattecken stängs inte", "a quote is not closed"),
    "broken_json": Text("inte giltig JSON härifrån", "not valid JSON from here on"),
    "cut_short": Text("ordern kan ha fler rader längre ner", "the order may have more rows further down"),
}  # fmt: skip

BREAKS = ("torn", "unclosed", "broken_json")
"""The reasons after which nothing more of the file was read."""

REMARKS = {
    "total_differs": Text("summan är en annan i filen (se anteckningen)", "the total is another in the file (see the note)"),
    "made_up_sku": Text("artikelnummer saknades och är gjort av namnet", "an SKU was missing and was made from the name"),
    "partly_sent": Text("en del var redan skickat (se anteckningen)", "a part was sent already (see the note)"),
    "refunded": Text("en del var återbetalt (se anteckningen)", "a part was refunded (see the note)"),
}  # fmt: skip


@dataclass
class Count:
    """How many orders, and how many rows they were."""

    orders: int = 0
    rows: int = 0

    def add(self, order: Grouped) -> None:
        """Count one order more."""
        self.orders += 1
        self.rows += len(order.rows)


@dataclass
class Report:
    """What became of a file's rows: each was imported, was of an order already here, or was refused."""

    file: str
    format: str
    label: str
    encoding: str
    delimiter: str
    dry_run: bool = False
    strict: bool = False
    rows_read: int = 0
    imported: Count = field(default_factory=Count)
    here: Count = field(default_factory=Count)
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: list[RefusedRow] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    assumed: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)

    @property
    def adds_up(self) -> bool:
        """Tell whether every row that was read is accounted for."""
        return self.rows_read == self.imported.rows + self.here.rows + self.refused

    @property
    def broken_off(self) -> bool:
        """Tell whether the rest of the file could not be read."""
        return any(code in self.reasons for code in BREAKS)

    @property
    def failed(self) -> bool:
        """Tell whether the import did not do what was asked: with bad rows it does, unless it is strict."""
        nothing = not self.imported.orders and not self.here.orders and self.refused > 0
        return self.broken_off or nothing or (self.strict and self.refused > 0)

    def refuse(self, row: RefusedRow) -> None:
        """Count a row that no order came of."""
        self.refused += 1
        self.reasons[row.reason.code] += 1
        if len(self.first) < SHOWN:
            self.first.append(row)

    def note(self, order: Grouped) -> None:
        """Count what should be known about how an order was read."""
        self.remarks.update({remark.code for remark in order.remarks})

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "file": self.file,
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "dry_run": self.dry_run,
            "rows": {
                "read": self.rows_read,
                "imported": self.imported.rows,
                "already_here": self.here.rows,
                "refused": self.refused,
            },
            "orders": {"imported": self.imported.orders, "already_here": self.here.orders},
            "broken_off": self.broken_off,
            "reasons": dict(self.reasons.most_common()),
            "unmapped_statuses": dict(self.unmapped.most_common()),
            "assumed": [{"what": w, "name": n, "orders": k} for (w, n), k in self.assumed.most_common()],
            "remarks": dict(self.remarks.most_common()),
            "first_refused": [
                {"row": r.number, "order": r.order, "code": r.reason.code, "reason": r.reason.text}
                for r in self.first
            ],
        }


def count_name(names: Counter[Any], name: Any) -> None:
    """Count a name that the file gives, keeping no more of them than a person would read."""
    if name in names or len(names) < MOST_NAMES:
        names[name] += 1
