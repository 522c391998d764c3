"""What is found in a file: orders, and rows that are refused with their number and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ashop_core.errors import Problem
from ashop_core.models import Customer, NewLine, Parcel, Payment
from ashop_core.texts import Text
from ashop_order_import.settings import POSTAGE


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How to read a file. What is empty or None is found out from the file itself.

    Times without a zone are in `timezone`, amounts without a currency in `currency`. `columns` maps a
    header of the file to the column it stands for; `date_format` is `strptime`'s, for other than ISO dates.
    """

    currency: str = "SEK"
    timezone: str = "Europe/Stockholm"
    language: str = "sv"
    format: str | None = None
    encoding: str | None = None
    date_format: str | None = None
    source: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    postage: tuple[str, ...] = POSTAGE


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number as a spreadsheet shows it (the headers are row 1), its cells by column."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell; empty where the file has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that no order came of. `order` is the other shop's name for its order, if that could be read."""

    number: int
    order: str
    reason: Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouped:
    """An order put together from its rows, in the other shop's words where this one has its own.

    `rows` are the numbers of the rows it came of. `status`, `delivery` and `payment_method` are the other
    shop's names. `remarks` is what somebody should know about how it was read.
    """

    source: str
    external_id: str
    rows: tuple[int, ...]
    status: str
    at: datetime
    lines: tuple[NewLine, ...]
    customer: Customer
    currency: str
    language: str
    delivery: str = ""
    payment_method: str = ""
    shipping_price: int = 0
    payment_fee: int = 0
    discount: int = 0
    paid: int = 0
    payments: tuple[Payment, ...] = ()
    payment_due: date | None = None
    parcel_number: str | None = None
    parcels: tuple[Parcel, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    remarks: tuple[Problem, ...] = ()

    @property
    def total(self) -> int:
        """What the customer pays, in minor units, incl. VAT, shipping and fee, discounts taken off."""
        goods = sum(line.quantity * line.unit_price - line.discount for line in self.lines)
        return goods + self.shipping_price + self.payment_fee - self.discount


class RefusedError(Exception):
    """Says why a row, or a whole order, cannot be taken."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.text.en)


def refused(code: str, sv: str, en: str, **values: object) -> RefusedError:
    """Return the error that refuses a row or an order for this reason."""
    return RefusedError(Problem(code, Text(sv, en).fill(**values)))


class BrokenOffError(Exception):
    """Nothing after this row can be trusted to be what it looks like."""

    def __init__(self, row: RefusedRow) -> None:
        self.row = row
        super().__init__(row.reason.text.en)
