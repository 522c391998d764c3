"""The words of the order desk as data: orders, lines, statuses, changes, moves, messages.

Everything here is frozen. Amounts are minor units of the order's currency, times are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ashop_core.texts import Text

_NOTHING: Mapping[str, str] = MappingProxyType({})


def _nothing() -> Mapping[str, str]:
    return _NOTHING


class Stage(StrEnum):
    """How far an order is, in the broadest terms. `checkout` is what no customer ever sees."""

    CHECKOUT = "checkout"
    OPEN = "open"
    DONE = "done"
    VOID = "void"


class Place(StrEnum):
    """Where a line's goods stand: free to sell, held for the order, or gone from the shelf."""

    FREE = "free"
    HELD = "held"
    GONE = "gone"


class Role(StrEnum):
    """The few parts in an order's life that the core itself plays; at most one status has each."""

    START = "start"
    DETAILS = "details"
    PAYING = "paying"
    ABANDONED = "abandoned"
    PLACED = "placed"
    PARTIAL = "partial"


class FollowUp(StrEnum):
    """What came of getting in touch with somebody who did not finish a checkout."""

    CONTACTED = "contacted"
    RECOVERED = "recovered"
    LOST = "lost"


class FieldType(StrEnum):
    """What kind of value a status asks for.

    A `deadline` is the last day on which the customer may act: staff see who let it pass, and one reminder
    may be sent before it.
    """

    TEXT = "text"
    DATE = "date"
    DEADLINE = "deadline"
    DATE_TIME = "date_time"
    PARCEL_NUMBER = "parcel_number"


class ParcelNumber(StrEnum):
    """What a delivery method says about parcel numbers."""

    ASKED = "asked"
    REQUIRED = "required"
    NONE = "none"


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


class Kind(StrEnum):
    """What sort of change a history row records."""

    CREATED = "created"
    DETAILS = "details"
    PLACED = "placed"
    IMPORTED = "imported"
    STATUS = "status"
    LINES = "lines"
    PARCEL = "parcel"
    RETURN = "return"
    APPROVAL = "approval"
    PAYMENT = "payment"
    NOTE = "note"
    UNDO = "undo"
    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"
    MIGRATED = "migrated"
    ANONYMISED = "anonymised"


# ── Flows: what statuses there are and how an order may move between them ────────────────────────


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A value that a status asks for when an order enters it.

    A date that is not given is `default_days` after that day, where it has them.
    """

    code: str
    type: FieldType
    label: Text
    required: bool = False
    default_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """A place in an order's chain. Code asks for these properties, never for the name.

    A status without `customer_label` is never shown to a customer. `stock` is where the goods of an
    order in it stand; None means that its own moves (a parcel's contents) say so. `notify` names the
    channels that tell the customer when an order enters it.
    """

    code: str
    label: Text
    stage: Stage
    stock: Place | None
    customer_label: Text | None = None
    role: Role | None = None
    fields: tuple[Field, ...] = ()
    must_be_approved: bool = False
    must_be_paid: bool = False
    reason_required: bool = False
    notify: tuple[str, ...] = ()
    template: str | None = None
    final: bool = False
    owner: str = "core"

    @property
    def visible(self) -> bool:
        """Tell whether a customer may know that an order has this status."""
        return self.customer_label is not None and self.stage is not Stage.CHECKOUT


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """A step from one status to another; in every flow, or only in those named by `flows`."""

    source: str
    target: str
    flows: frozenset[str] = frozenset()
    owner: str = "core"

    def belongs_to(self, flow: str) -> bool:
        """Tell whether orders of the delivery flow `flow` may take this step."""
        return not self.flows or flow in self.flows


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryMethod:
    """A way to get the goods; its `flow` decides which statuses an order can have. `price` is incl. VAT."""

    code: str
    label: Text
    flow: str
    price: int = 0
    parcel_number: ParcelNumber = ParcelNumber.NONE
    needs_address: bool = True
    owner: str = "core"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentMethod:
    """A way to pay. `pays_first`: nothing is placed unpaid. `paid_before_shipping`: nothing leaves unpaid.

    `needs_approval`: staff approve before it ships. `fee` is minor units incl. VAT; the order is due to be
    paid `due_days` after it was placed, where that is given.
    """

    code: str
    label: Text
    pays_first: bool = False
    paid_before_shipping: bool = False
    needs_approval: bool = False
    fee: int = 0
    due_days: int | None = None
    owner: str = "core"


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedFilter:
    """A list that staff go through, by name: `where` says which orders, as ``status=received, older=3d``."""

    code: str
    label: Text
    where: str


# ── Orders ───────────────────────────────────────────────────────────────────────────────────────


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
    fields: Mapping[str, str] = field(default_factory=_nothing)
    note: str = ""


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
    fields: Mapping[str, str] = field(default_factory=_nothing)
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
    def left_to_pay(self) -> int:
        """What is not paid yet, in minor units; below 0 what the customer has paid too much.

        Nothing is owed for goods that came back, and what was given back of an order that had been paid in
        full is no debt.
        """
        back = sum(line.value_of(line.returned) for line in self.lines if line.returned)
        return left_of(self.total - back, self.paid, self.refunded)

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


# ── Changes ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Move:
    """A quantity of one line going from one place to another: all that a plugin needs to move stock."""

    position: int
    sku: str
    quantity: int
    source: Place
    target: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class NewParcel:
    """A parcel as it is reported. Without `contents` it holds everything that is sent with the change."""

    number: str | None = None
    carrier: str | None = None
    contents: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReturn:
    """Goods that came back, as quantities by line: put on the shelf again, or written off."""

    restocked: Mapping[int, int] = field(default_factory=dict)
    written_off: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """Something about an order that a change corrected: ``customer.street``, ``line.2.quantity``, ``discount``.

    A line that was added has the path ``line.3`` and no `before`; one that was taken away has no `after`.
    """

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPayment:
    """A payment entry as it is reported; `amount` is minor units, `reference` the provider's own."""

    kind: PaymentKind
    amount: int
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of one order: what was asked for and what follows for the goods.

    `seq` is the order's version once it is made. `notify` is None when the status decides; `words` are
    staff's own, for the customer to read in the message. What a checkout, a parcel, a payment, an approval
    or a return brings stands in the field of that name. `undoes` is the change that an undo takes back, and
    its moves are those of that change the other way. `silent_moves` are those of an order that moves no
    stock: its lines follow them, and nobody else does. `flags` are the marks that plugins put on the order
    (True) or took away with it, known once they have all had their turn.
    """

    kind: Kind
    seq: int
    from_status: str | None
    to_status: str
    at: datetime
    actor: str
    moves: tuple[Move, ...] = ()
    silent_moves: tuple[Move, ...] = ()
    fields: Mapping[str, str] = field(default_factory=_nothing)
    note: str = ""
    reason: str = ""
    words: str = ""
    notify: bool | None = None
    parcel: NewParcel | None = None
    payment: NewPayment | None = None
    approved: bool | None = None
    places: bool = False
    edits: tuple[Edit, ...] = ()
    returned: NewReturn | None = None
    undoes: int | None = None
    flags: Mapping[str, bool] = field(default_factory=dict)

    @property
    def enters(self) -> bool:
        """Tell whether the order comes into a status that it was not in before."""
        return self.from_status != self.to_status


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """Something a plugin did because of a change, in words that can be read years later."""

    subject: str
    before: str
    after: str
    text: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row of an order's history: a change that was made, and every plugin's effects of it.

    `moves` are those of its lines, whether stock moved with them or not.
    """

    seq: int
    kind: Kind
    from_status: str | None
    to_status: str
    at: datetime
    actor: str
    note: str
    reason: str
    fields: Mapping[str, str]
    moves: tuple[Move, ...]
    effects: tuple[tuple[str, Effect], ...]
    parcel: str | None = None
    words: str = ""
    approved: bool | None = None
    edits: tuple[Edit, ...] = ()
    returned: NewReturn | None = None
    undoes: int | None = None
    parcels: int = 0
    flags: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A change that was asked of an order and refused; the same one again counts `times` up."""

    kind: Kind
    to_status: str
    problems: tuple[tuple[str, str | None, Text], ...]
    actor: str
    first_at: datetime
    last_at: datetime
    times: int


# ── Messages and jobs ────────────────────────────────────────────────────────────────────────────


class Delivery(StrEnum):
    """How far an outbox row has come. `sent`, `dead` and `suppressed` are for good."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A message as the recipient reads it; `html` only where the channel has it."""

    subject: str
    body: str
    html: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message of an order as the outbox holds it. `rendered` is None until it was first tried.

    `message_id` is the same for every attempt, so that a receiver can tell a repetition.
    """

    id: int
    order_id: int
    seq: int
    channel: str
    template: str
    recipient: str
    language: str
    delivery: Delivery
    attempts: int
    message_id: str
    created_at: datetime
    due_at: datetime
    rendered: Rendered | None = None
    sent_at: datetime | None = None
    receipt: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedMessage:
    """A message that a change would cause: to whom, by which channel, from which template."""

    rule: str
    channel: str
    template: str
    recipient: str
    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Work for `ashop work`: timed if it has `every`, otherwise run for each row enqueued under its code.

    `lasting`: what it does in the world stays done though the change that asked for it is undone.
    """

    code: str
    label: Text
    every: timedelta | None = None
    lasting: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A titled part of the order page, as a plugin describes it: rows of label and words."""

    title: Text
    rows: tuple[tuple[Text, Text | str], ...]
