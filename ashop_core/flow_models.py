"""The words of the flows as data: statuses and how an order may move between them, and the methods.

Code asks for these properties, never for a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ashop_core.texts import Text


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


STAFF_TEMPLATE = "staff"
"""The template of messages to staff, where a rule names no other."""


class Audience(StrEnum):
    """Whom a message is for: the order's customer, or people of the shop."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRule:
    """A message that a status causes when an order enters it: by which channel, from which template, to whom.

    Without a `template` it is the status's own for customers and ``staff`` for staff. Staff are reached at `to`, as
    the channel writes addresses. `delay` counts from the change; what is delayed is sent only if the order has stayed in
    the status, unless `even_later`. `delivery` and `payment` name the methods that it is for, empty for all.
    """

    channel: str
    audience: Audience = Audience.CUSTOMER
    template: str | None = None
    to: tuple[str, ...] = ()
    delay: timedelta = timedelta()
    even_later: bool = False
    delivery: frozenset[str] = frozenset()
    payment: frozenset[str] = frozenset()

    def fits(self, delivery: str, payment: str) -> bool:
        """Tell whether the rule is for orders with this delivery method and this payment method."""
        return (not self.delivery or delivery in self.delivery) and (
            not self.payment or payment in self.payment
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """A place in an order's chain. Code asks for these properties, never for the name.

    A status without `customer_label` is never shown to a customer. `stock` is where the goods of an
    order in it stand; None means that its own moves (a parcel's contents) say so. `notify` names the
    channels that tell the customer when an order enters it; `messages` are rules that say more than that.
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
    messages: tuple[MessageRule, ...] = ()
    template: str | None = None
    final: bool = False
    owner: str = "core"

    @property
    def rules(self) -> tuple[MessageRule, ...]:
        """Every rule of the status: the plain ones that `notify` is short for, then those of `messages`."""
        return (*(MessageRule(channel=code) for code in self.notify), *self.messages)

    @property
    def tells(self) -> tuple[str, ...]:
        """The channels by which a customer may be told of the status, each once; none where it is hidden."""
        if not self.visible:
            return ()
        told = (rule.channel for rule in self.rules if rule.audience is Audience.CUSTOMER)
        return tuple(dict.fromkeys(told))

    def template_of(self, rule: MessageRule) -> str:
        """Return the template that a rule of the status uses when an order enters it."""
        own = STAFF_TEMPLATE if rule.audience is Audience.STAFF else self.template or self.code
        return rule.template or own

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
    """A way to get the goods; its `flow` decides which statuses an order can have. `price` is incl. VAT.

    `place` is where the customer fetches them, in words with opening hours and the like.
    """

    code: str
    label: Text
    flow: str
    price: int = 0
    parcel_number: ParcelNumber = ParcelNumber.NONE
    needs_address: bool = True
    place: Text | None = None
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
