"""The words of an order as data: its lines, its customer, its parcels and payments.

Amounts are minor units of the order's currency, times are UTC, days are the shop's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from ashop_core.texts import Text


class FollowUp(StrEnum):
    """What came of getting in touch with somebody who did not finish a checkout."""

    CONTACTED = "contacted"
    RECOVERED = "recovered"
    LOST = "lost"


class PaymentStatus(StrEnum):
    """What the payment entries of an order add up to."""

    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PART_PAID = "part_paid"
    PAID = "paid"
    FAILED = "failed"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


class PaymentKind(StrEnum):
    """One entry of an order's payment record."""

    AUTHORISED = "authorised"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


_NOTHING: Mapping[str, str] = MappingProxyType({})


def nothing() -> Mapping[str, str]:
    """Return an empty mapping that nobody can change, the same for all."""
    return _NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """Who ordered and where it goes; everything may be missing while the checkout is young."""

    name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLine:
    """A line as it is ordered. `unit_price` is minor units incl. VAT; `vat_rate` is per cent, if known.

    `discount` is minor units off the whole line, incl. VAT.
    """

    sku: str
    name: str
    quantity: int
    unit_price: int
    vat_rate: Decimal | None = None
    discount: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """A line of an order; what is neither held nor gone of its quantity is free.

    `returned` counts the pieces that came back: those put on the shelf again are free, those `written_off`
    are still gone. `discount` is minor units off the whole line.
    """

    position: int
    sku: str
    name: str
    quantity: int
    unit_price: int
    vat_rate: Decimal | None = None
    held: int = 0
    gone: int = 0
    discount: int = 0
    returned: int = 0
    written_off: int = 0

    @property
    def free(self) -> int:
        """How much of the quantity is neither held nor gone."""
        return self.quantity - self.held - self.gone

    @property
    def restocked(self) -> int:
        """How much of the quantity came back and is for sale again."""
        return self.returned - self.written_off

    @property
    def away(self) -> int:
        """How much of the quantity the customer has: gone and not come back."""
        return self.gone - self.written_off

    @property
    def total(self) -> int:
        """The line's sum in minor units, incl. VAT, its discount taken off."""
        return self.quantity * self.unit_price - self.discount

    def value_of(self, pieces: int) -> int:
        """Return what so many of its pieces cost, in minor units, rounded down; all of them cost the total."""
        return self.total * pieces // self.quantity


def left_of(owed: int, paid: int, refunded: int) -> int:
    """Return what is left to pay of what is owed, in minor units; below 0 what was paid too much."""
    kept = paid - refunded
    return 0 if kept < owed <= paid else owed - kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """An order as it stands at one version. `version` counts its changes; the history has one row for each.

    `reference` exists from the start and is for staff and machines; `number` is public and given at
    placement. `fields` holds the latest value of every field that a status asked for. `discount`,
    `shipping_price` and `payment_fee` are minor units incl. VAT. `deadline` is the last day for the customer
    to act on the status it has, `payment_due` the last day to pay; both are days in the shop's time zone.
    """

    id: int
    reference: str
    version: int
    status: str
    created_at: datetime
    changed_at: datetime
    delivery: str
    payment_method: str
    language: str
    currency: str
    customer: Customer
    lines: tuple[OrderLine, ...]
    shipping_price: int = 0
    number: int | None = None
    placed_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=nothing)
    authorised: int = 0
    paid: int = 0
    refunded: int = 0
    payment: PaymentStatus = PaymentStatus.UNPAID
    approved_at: datetime | None = None
    approved_by: str | None = None
    parcel_count: int = 0
    parcel_numbers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    moves_stock: bool = True
    payment_fee: int = 0
    discount: int = 0
    deadline: date | None = None
    payment_due: date | None = None
    follow_up: FollowUp | None = None
    checkout_key: str | None = None
    source: str | None = None
    external_id: str | None = None

    @property
    def total(self) -> int:
        """What the customer pays, in minor units, incl. VAT, shipping and fees, discounts taken off."""
        return sum(line.total for line in self.lines) + self.shipping_price + self.payment_fee - self.discount

    @property
    def owed(self) -> int:
        """What the customer owes for it, paid or not, in minor units: nothing for goods that came back."""
        return self.total - sum(line.value_of(line.returned) for line in self.lines if line.returned)

    @property
    def left_to_pay(self) -> int:
        """What is not paid yet, in minor units; below 0 what the customer has paid too much.

        What was given back of an order that had been paid in full is no debt.
        """
        return left_of(self.owed, self.paid, self.refunded)

    @property
    def name(self) -> str:
        """What staff call the order: its number, or its reference before it has one."""
        return self.reference if self.number is None else str(self.number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A parcel on its way: number and carrier if known, and how much of which line is in it.

    `seq` is the change of the order that reported it.
    """

    position: int
    seq: int
    number: str | None
    carrier: str | None
    sent_at: datetime
    contents: Mapping[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParcelInfo:
    """What is known of a parcel besides what was reported: the carrier's name, and where to follow it.

    `url` begins with ``https://``. `carrier` and `url` may be told to the customer; `hints` are for staff.
    """

    carrier: Text | None = None
    url: str | None = None
    hints: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """One entry of the payment record; entries are only ever added. `amount` is minor units."""

    seq: int
    kind: PaymentKind
    amount: int
    reference: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedOrder:
    """An order that was made elsewhere. `source` and `external_id` together say which one, for ever.

    It enters `status` at `at`, its own time; amounts are minor units incl. VAT. Its `payments` are all of its
    entries, `paid` is for a source that only tells a sum. Of its `parcels` each holds quantities by line,
    counted from 1; `parcel_number` is for a source that only tells a number. `fields` are the values that
    statuses asked for. Positions and changes of parcels and payments are given here.
    """

    source: str
    external_id: str
    status: str
    at: datetime
    lines: tuple[NewLine, ...]
    customer: Customer
    delivery: str
    payment_method: str
    currency: str
    language: str
    shipping_price: int = 0
    payment_fee: int = 0
    discount: int = 0
    paid: int = 0
    payments: tuple[Payment, ...] = ()
    payment_due: date | None = None
    parcel_number: str | None = None
    parcels: tuple[Parcel, ...] = ()
    fields: Mapping[str, str] = field(default_factory=nothing)
    note: str = ""
