"""What a change of an order is, worked out from the order and what was asked: no database, no clock, no plugin.

Each request class says one thing that can be asked of an order; its `draft` gives the change, the order
as it would stand after it, and the core's own reasons against it. None means that nothing would change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from ashop_core.asked import parcel_of, parcel_problems, read_fields, required_fields
from ashop_core.errors import Problem, problem
from ashop_core.flows import Flows
from ashop_core.guards import flow_problems, guard_problems
from ashop_core.models import (
    Change,
    Customer,
    Kind,
    NewParcel,
    NewPayment,
    Order,
    OrderLine,
    PaymentKind,
    Place,
    Role,
    Stage,
)
from ashop_core.money import LARGEST
from ashop_core.moves import change_moves, contents_problem, is_part, moved
from ashop_core.payment_record import with_payment

LONGEST_NOTE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Where and when a change is asked for, and by whom."""

    flows: Flows
    at: datetime
    actor: str
    timezone: str


@dataclass(kw_only=True, slots=True)
class Draft:
    """A change worked out but not made. `contents` is what goes into its parcel, by line position."""

    change: Change
    after: Order
    problems: list[Problem] = field(default_factory=list)
    contents: Mapping[int, int] = field(default_factory=dict)


class Request(Protocol):
    """Something that can be asked of an order."""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change; None where there is nothing to change."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusRequest:
    """Move the order to another status, with the fields that it asks for."""

    to: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parcel: NewParcel | None = None
    note: str = ""
    reason: str = ""
    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change of status; the same status with nothing new is no change."""
        status = desk.flows.find_status(self.to)
        problems: list[Problem] = []
        fields = read_fields(status, self.fields, desk.timezone, problems)
        parcel = parcel_of(status, self.parcel, fields)
        if status.code == order.status:
            return self._same(order, desk, fields, parcel, problems)
        problems += flow_problems(order, status, desk.flows)
        problems += guard_problems(order, status, desk.flows, self.reason)
        problems += required_fields(order, status, fields, parcel, desk.flows)
        problems += parcel_problems(order, parcel, desk.flows)
        moves, contents = change_moves(order, status, parcel, problems)
        places = status.role is Role.PLACED and order.placed_at is None
        sends = any(move.target is Place.GONE for move in moves) or parcel is not None
        change = Change(
            kind=Kind.PLACED if places else Kind.STATUS,
            seq=order.version + 1,
            from_status=order.status,
            to_status=status.code,
            at=desk.at,
            actor=desk.actor,
            moves=moves if order.moves_stock else (),
            fields=fields,
            note=_note(self.note, problems),
            reason=self.reason,
            notify=self.notify,
            parcel=parcel if sends else None,
            places=places,
        )
        lines = moved(order.lines, moves) if moves else order.lines
        after = _after(order, change, lines, parcels=int(parcel is not None and sends))
        return Draft(change=change, after=after, problems=problems, contents=contents)

    def _same(
        self,
        order: Order,
        desk: Desk,
        fields: Mapping[str, str],
        parcel: NewParcel | None,
        problems: list[Problem],
    ) -> Draft | None:
        """The status it already has: a new parcel, time or note is a change of that kind, nothing else is."""
        new = {code: value for code, value in fields.items() if order.fields.get(code, "") != value}
        if parcel is not None and (parcel.contents or parcel.number not in order.fields.values()):
            draft = ParcelRequest(parcel=parcel, note=self.note, notify=bool(self.notify)).draft(order, desk)
            change = replace(draft.change, fields=new)
            after = replace(draft.after, fields={**order.fields, **new})
            return replace(draft, change=change, after=after, problems=problems + draft.problems)
        if not new and not self.note and not problems:
            return None
        change = Change(
            kind=Kind.STATUS if new else Kind.NOTE,
            seq=order.version + 1,
            from_status=order.status,
            to_status=order.status,
            at=desk.at,
            actor=desk.actor,
            fields=new,
            note=_note(self.note, problems),
            notify=bool(self.notify),
        )
        return Draft(change=change, after=_after(order, change), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRequest:
    """Place the order, once."""

    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the placement; an order that is placed already stays as it is, wherever it has come to."""
        if order.placed_at is not None:
            return None
        placed = desk.flows.with_role(Role.PLACED).code
        return StatusRequest(to=placed, notify=self.notify).draft(order, desk)


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailsRequest:
    """Fill in or correct who orders and how, while the order is in its checkout."""

    customer: Customer | None = None
    delivery: str | None = None
    payment_method: str | None = None
    language: str | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change; the order comes to the checkout status for details given."""
        flows = desk.flows
        details = flows.with_role(Role.DETAILS)
        problems = []
        if flows.status(order.status).stage is not Stage.CHECKOUT:
            problems.append(
                problem(
                    "not_in_checkout",
                    "ordern är lagd; uppgifterna ändras inte så",
                    "the order is placed; its details are not changed this way",
                )
            )
        elif order.status != details.code:
            problems += flow_problems(order, details, flows)
        method = flows.find_delivery(self.delivery or order.delivery)
        payment = flows.find_payment(self.payment_method or order.payment_method).code
        customer = self.customer or order.customer
        language = self.language or order.language
        same = (customer, method.code, payment, language) == (
            order.customer, order.delivery, order.payment_method, order.language,
        )  # fmt: skip
        if same and order.status == details.code:
            return None
        change = Change(
            kind=Kind.DETAILS,
            seq=order.version + 1,
            from_status=order.status,
            to_status=details.code,
            at=desk.at,
            actor=desk.actor,
            notify=False,
        )
        after = replace(
            _after(order, change),
            customer=customer,
            delivery=method.code,
            shipping_price=method.price,
            payment_method=payment,
            language=language,
        )
        return Draft(change=change, after=after, problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRequest:
    """Add an entry to the payment record. It never moves the order's status."""

    payment: NewPayment
    note: str = ""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the entry and what the payment adds up to afterwards."""
        entry, problems = self.payment, list[Problem]()
        least = 0 if entry.kind is PaymentKind.FAILED else 1
        if type(entry.amount) is not int or not least <= entry.amount <= LARGEST:
            problems.append(
                problem(
                    "amount", "beloppet måste vara större än 0, i hela ören",
                    "the amount must be more than 0, in whole minor units",
                )
            )  # fmt: skip
            entry = replace(entry, amount=0)
        if entry.kind is PaymentKind.REFUNDED and entry.amount > order.paid - order.refunded:
            problems.append(
                problem(
                    "refund_too_large", "återbetalningen är större än det som är betalt",
                    "the refund is more than what has been paid",
                )
            )  # fmt: skip
        change = replace(_plain(order, desk, Kind.PAYMENT, _note(self.note, problems)), payment=entry)
        return Draft(change=change, after=with_payment(_after(order, change), entry), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalRequest:
    """Approve the order, as some payment methods call for."""

    note: str = ""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the approval; an approved order is not approved again."""
        if order.approved_at is not None:
            return None
        problems: list[Problem] = []
        status = desk.flows.status(order.status)
        if status.stage is not Stage.OPEN:
            problems.append(
                problem(
                    "not_open",
                    "bara en lagd, öppen order kan godkännas",
                    "only a placed, open order can be approved",
                )
            )
        method = desk.flows.payment_methods.get(order.payment_method)
        if method is not None and not method.needs_approval:
            problems.append(
                problem(
                    "needs_no_approval", "betalsättet {m} kräver inget godkännande",
                    "the payment method {m} needs no approval", m=method.label,
                )
            )  # fmt: skip
        change = replace(_plain(order, desk, Kind.APPROVAL, _note(self.note, problems)), approved=True)
        after = replace(_after(order, change), approved_at=desk.at, approved_by=desk.actor)
        return Draft(change=change, after=after, problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteRequest:
    """Write a note for staff on the order."""

    note: str

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the note; an empty one is refused."""
        problems: list[Problem] = []
        note = _note(self.note, problems)
        if not note:
            problems.append(problem("empty_note", "anteckningen är tom", "the note is empty"))
        change = _plain(order, desk, Kind.NOTE, note)
        return Draft(change=change, after=_after(order, change), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParcelRequest:
    """Add a parcel to an order whose goods are gone: its number came later, or there are several."""

    parcel: NewParcel
    note: str = ""
    notify: bool = False

    def draft(self, order: Order, desk: Desk) -> Draft:
        """Work out the parcel; its contents must be goods that have left."""
        problems: list[Problem] = []
        gone = {line.position: line.gone for line in order.lines if line.gone}
        contents = dict(self.parcel.contents)
        if not gone:
            problems.append(
                problem(
                    "nothing_sent", "inget är skickat än: sätt statusen och ange paketet då",
                    "nothing has been sent yet: set the status and give the parcel then",
                )
            )  # fmt: skip
        problems += parcel_problems(order, self.parcel, desk.flows)
        for position, quantity in contents.items():
            if not is_part(quantity, gone.get(position, 0)):
                problems.append(contents_problem(position, quantity))
        plain = _plain(order, desk, Kind.PARCEL, _note(self.note, problems))
        change = replace(plain, parcel=self.parcel, notify=self.notify)
        return Draft(
            change=change, after=_after(order, change, parcels=1), problems=problems, contents=contents
        )


# ── What follows for the order ───────────────────────────────────────────────────────────────────


def _plain(order: Order, desk: Desk, kind: Kind, note: str) -> Change:
    """Return a change that leaves the status as it is and tells the customer nothing."""
    return Change(
        kind=kind,
        seq=order.version + 1,
        from_status=order.status,
        to_status=order.status,
        at=desk.at,
        actor=desk.actor,
        note=note,
        notify=False,
    )


def _after(
    order: Order, change: Change, lines: tuple[OrderLine, ...] | None = None, *, parcels: int = 0
) -> Order:
    fields = {**order.fields, **change.fields} if change.fields else order.fields
    return replace(
        order,
        version=change.seq,
        status=change.to_status,
        changed_at=change.at,
        placed_at=change.at if change.places else order.placed_at,
        lines=order.lines if lines is None else lines,
        fields=fields,
        parcel_count=order.parcel_count + parcels,
    )


def _note(note: str, problems: list[Problem]) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE or "\0" in note:
        problems.append(
            problem(
                "note",
                "anteckningen är för lång (högst {n} tecken)",
                "the note is too long (at most {n} characters)",
                n=LONGEST_NOTE,
            )
        )
    return note
