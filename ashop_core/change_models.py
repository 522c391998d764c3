"""The words of a change as data: what was asked of an order, what it moves, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ashop_core.flow_models import Place
from ashop_core.order_models import PaymentKind, nothing
from ashop_core.texts import Text


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
    fields: Mapping[str, str] = field(default_factory=nothing)
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

    `moves` are those of its lines, whether stock moved with them or not; `notify` is what was said of messages, None
    where nothing was.
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
    notify: bool | None = None
    parcels: int = 0
    flags: Mapping[str, bool] = field(default_factory=dict)

    @property
    def enters(self) -> bool:
        """Tell whether the order came into a status that it was not in before."""
        return self.from_status != self.to_status


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
