"""What a change of an order is, worked out from the order and what was asked: no database, no clock, no plugin.

Each request class says one thing that can be asked of an order; its `draft` gives the change, the order
as it would stand after it, and the core's own reasons against it. None means that nothing would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from ashop_core.clock import parse_local, to_iso
from ashop_core.errors import InvalidInput, Problem
from ashop_core.flows import Flows
from ashop_core.models import (
    Change,
    Customer,
    Field,
    FieldType,
    Kind,
    Move,
    NewParcel,
    NewPayment,
    Order,
    OrderLine,
    ParcelNumber,
    PaymentKind,
    PaymentStatus,
    Place,
    Role,
    Stage,
    Status,
)
from ashop_core.money import LARGEST
from ashop_core.texts import Text

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
        fields = _read_fields(status, self.fields, order, desk, problems)
        parcel = _parcel(self.parcel, fields)
        if status.code == order.status:
            return self._same(order, desk, fields, parcel, problems)
        problems += _flow_problems(order, status, desk.flows)
        problems += _guard_problems(order, status, desk.flows, self.reason)
        problems += _required_fields(order, status, fields, parcel, desk.flows)
        moves, contents = _moves(order, status, parcel, problems)
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
        lines = _moved(order.lines, moves) if moves else order.lines
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
        if parcel is not None:
            return ParcelRequest(parcel=parcel, note=self.note, notify=bool(self.notify)).draft(order, desk)
        new = {code: value for code, value in fields.items() if order.fields.get(code) != value}
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
                _problem(
                    "not_in_checkout",
                    "ordern är lagd; uppgifterna ändras inte så",
                    "the order is placed; its details are not changed this way",
                )
            )
        elif order.status != details.code:
            problems += _flow_problems(order, details, flows)
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
        if not 0 <= entry.amount <= LARGEST or (entry.amount == 0 and entry.kind is not PaymentKind.FAILED):
            problems.append(
                _problem("amount", "beloppet måste vara större än 0", "the amount must be more than 0")
            )
        if entry.kind is PaymentKind.REFUNDED and entry.amount > order.paid - order.refunded:
            problems.append(
                _problem(
                    "refund_too_large", "återbetalningen är större än det som är betalt",
                    "the refund is more than what has been paid",
                )
            )  # fmt: skip
        change = replace(_plain(order, desk, Kind.PAYMENT, _note(self.note, problems)), payment=entry)
        return Draft(change=change, after=_paid(_after(order, change), entry), problems=problems)


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
                _problem(
                    "not_open",
                    "bara en lagd, öppen order kan godkännas",
                    "only a placed, open order can be approved",
                )
            )
        method = desk.flows.payment_methods.get(order.payment_method)
        if method is not None and not method.needs_approval:
            problems.append(
                _problem(
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
            problems.append(_problem("empty_note", "anteckningen är tom", "the note is empty"))
        change = _plain(order, desk, Kind.NOTE, note)
        return Draft(change=change, after=_after(order, change), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParcelRequest:
    """Add a parcel to an order whose goods are gone: its number came later, or there are several."""

    parcel: NewParcel
    note: str = ""
    notify: bool = False

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the parcel; its contents must be goods that have left."""
        problems: list[Problem] = []
        gone = {line.position: line.gone for line in order.lines if line.gone}
        contents = dict(self.parcel.contents)
        if not gone:
            problems.append(
                _problem(
                    "nothing_sent", "inget är skickat än: sätt statusen och ange paketet då",
                    "nothing has been sent yet: set the status and give the parcel then",
                )
            )  # fmt: skip
        for position, quantity in contents.items():
            if not 1 <= quantity <= gone.get(position, 0):
                problems.append(_contents_problem(position, quantity))
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


def _paid(order: Order, entry: NewPayment) -> Order:
    authorised, paid, refunded = order.authorised, order.paid, order.refunded
    if entry.kind is PaymentKind.AUTHORISED:
        authorised += entry.amount
    elif entry.kind is PaymentKind.PAID:
        paid += entry.amount
    elif entry.kind is PaymentKind.REFUNDED:
        refunded += entry.amount
    else:
        authorised = 0
    failed = entry.kind is PaymentKind.FAILED
    placed = order.placed_at is not None
    flags = set(order.flags) - {"payment_failed"} | ({"payment_failed"} if failed and placed else set())
    return replace(
        order,
        authorised=authorised,
        paid=paid,
        refunded=refunded,
        payment=payment_status(order.total, authorised, paid, refunded, failed=failed),
        flags=tuple(sorted(flags)),
    )


def payment_status(total: int, authorised: int, paid: int, refunded: int, *, failed: bool) -> PaymentStatus:
    """Return what payment entries add up to against the order's total; amounts in minor units."""
    if refunded:
        return PaymentStatus.REFUNDED if refunded >= paid else PaymentStatus.PART_REFUNDED
    if paid >= total and paid:
        return PaymentStatus.PAID
    if failed:
        return PaymentStatus.FAILED
    if paid:
        return PaymentStatus.PART_PAID
    return PaymentStatus.AUTHORISED if authorised >= total and authorised else PaymentStatus.UNPAID


def is_covered(order: Order) -> bool:
    """Tell whether what is authorised or paid, less refunds, covers the order's total."""
    return max(order.authorised, order.paid) - order.refunded >= order.total


def status_moves(lines: Iterable[OrderLine], target: Place) -> tuple[Move, ...]:
    """Return the moves that bring everything of these lines to one place."""
    moves = []
    for line in lines:
        for source, quantity in ((Place.HELD, line.held), (Place.GONE, line.gone), (Place.FREE, line.free)):
            if quantity and source is not target:
                moves.append(Move(line.position, line.sku, quantity, source, target))
    return tuple(moves)


def _moves(
    order: Order, status: Status, parcel: NewParcel | None, problems: list[Problem]
) -> tuple[tuple[Move, ...], Mapping[int, int]]:
    """Return the moves of a change of status, and what its parcel holds."""
    if status.stock is not None:
        moves = status_moves(order.lines, status.stock)
        sent = {m.position: m.quantity for m in moves if m.target is Place.GONE}
        if parcel is not None and parcel.contents and dict(parcel.contents) != sent:
            problems.append(
                _problem(
                    "not_everything", "{status} skickar allt som är kvar; för en del av det finns en delstatus",
                    "{status} sends all that is left; for a part of it there is a partial status",
                    status=status.label,
                )
            )  # fmt: skip
        return moves, sent
    return _partial_moves(order, parcel, problems)


def _partial_moves(
    order: Order, parcel: NewParcel | None, problems: list[Problem]
) -> tuple[tuple[Move, ...], Mapping[int, int]]:
    contents = dict(parcel.contents) if parcel else {}
    lines = {line.position: line for line in order.lines}
    moves = []
    for position, quantity in contents.items():
        line = lines.get(position)
        if line is None or not 1 <= quantity <= line.held:
            problems.append(_contents_problem(position, quantity))
        else:
            moves.append(Move(position, line.sku, quantity, Place.HELD, Place.GONE))
    left = sum(line.held for line in order.lines) - sum(m.quantity for m in moves)
    if not contents or left <= 0:
        problems.append(
            _problem(
                "not_partial", "ange vad som är i paketet, och lämna något kvar (annars är allt skickat)",
                "say what is in the parcel, and leave something (otherwise everything is sent)",
            )
        )  # fmt: skip
    return tuple(moves), contents


def _moved(lines: tuple[OrderLine, ...], moves: Iterable[Move]) -> tuple[OrderLine, ...]:
    """Return the lines with the moves carried out."""
    deltas: dict[int, list[int]] = {}
    for move in moves:
        delta = deltas.setdefault(move.position, [0, 0])
        for place, sign in ((move.source, -1), (move.target, 1)):
            if place is Place.HELD:
                delta[0] += sign * move.quantity
            elif place is Place.GONE:
                delta[1] += sign * move.quantity
    return tuple(
        [
            replace(
                line, held=line.held + deltas[line.position][0], gone=line.gone + deltas[line.position][1]
            )
            if line.position in deltas
            else line
            for line in lines
        ]
    )


# ── Reasons against it ───────────────────────────────────────────────────────────────────────────


def _flow_problems(order: Order, status: Status, flows: Flows) -> list[Problem]:
    flow = flows.flow_of(order.delivery)
    targets = flows.targets(flow, order.status)
    if status.code in targets:
        return []
    allowed = ", ".join(targets) or "–"
    return [
        _problem(
            "not_in_flow", "från {source} går det inte till {target}; härifrån finns: {allowed}",
            "{source} cannot be followed by {target}; from here there are: {allowed}",
            source=flows.status(order.status).label, target=status.label, allowed=allowed,
        )
    ]  # fmt: skip


def _guard_problems(order: Order, status: Status, flows: Flows, reason: str) -> list[Problem]:
    problems = []
    method = flows.payment_methods.get(order.payment_method)
    pays_first = method is not None and method.pays_first
    if status.role is Role.PLACED and order.placed_at is None:
        problems += _placement_problems(order, flows)
    if pays_first and (status.must_be_paid or status.role is Role.PLACED) and not is_covered(order):
        problems.append(_problem("not_paid", "inte betald", "not paid"))
    elif status.must_be_paid and order.payment is PaymentStatus.FAILED:
        problems.append(_problem("payment_failed", "betalningen misslyckades", "the payment failed"))
    if status.must_be_approved and method is not None and method.needs_approval and order.approved_at is None:
        problems.append(_problem("not_approved", "inte godkänd", "not approved"))
    if status.reason_required and not reason.strip():
        problems.append(_problem("no_reason", "ange en orsak (--reason)", "give a reason (--reason)"))
    return problems


def _placement_problems(order: Order, flows: Flows) -> list[Problem]:
    customer, problems = order.customer, []
    if not order.lines:
        problems.append(_problem("no_lines", "ordern har inga rader", "the order has no lines"))
    if not customer.name.strip():
        problems.append(_problem("no_name", "kundens namn saknas", "the customer's name is missing"))
    if not (customer.email.strip() or customer.phone.strip()):
        problems.append(_problem("no_contact", "e-post eller telefon saknas", "e-mail or phone is missing"))
    delivery = flows.delivery_methods.get(order.delivery)
    if delivery is None:
        problems.append(_problem("no_delivery", "leveranssätt saknas", "the delivery method is missing"))
    elif delivery.needs_address and not (customer.street and customer.postal_code and customer.city):
        problems.append(_problem("no_address", "leveransadress saknas", "the delivery address is missing"))
    if order.payment_method not in flows.payment_methods:
        problems.append(_problem("no_payment_method", "betalsätt saknas", "the payment method is missing"))
    return problems


def _required_fields(
    order: Order, status: Status, fields: Mapping[str, str], parcel: NewParcel | None, flows: Flows
) -> list[Problem]:
    problems = []
    for asked in status.fields:
        if asked.type is FieldType.PARCEL_NUMBER:
            problems += _parcel_problems(order, asked, parcel, flows)
        elif asked.required and not fields.get(asked.code):
            problems.append(_missing(asked))
    return problems


def _parcel_problems(order: Order, asked: Field, parcel: NewParcel | None, flows: Flows) -> list[Problem]:
    method = flows.delivery_methods.get(order.delivery)
    wish = method.parcel_number if method else ParcelNumber.NONE
    number = parcel.number if parcel else None
    if wish is ParcelNumber.NONE and number and method:
        return [
            _problem(
                "no_parcel_numbers", "{method} har inga kollinummer", "{method} has no parcel numbers",
                method=method.label,
            )
        ]  # fmt: skip
    if not number and (asked.required or wish is ParcelNumber.REQUIRED):
        return [_missing(asked)]
    return []


def _read_fields(
    status: Status, given: Mapping[str, str], order: Order, desk: Desk, problems: list[Problem]
) -> dict[str, str]:
    """Return the given values checked and in stored form; times become UTC text."""
    known = {f.code: f for f in status.fields}
    values = {}
    for code, value in given.items():
        asked = known.get(code)
        if asked is None:
            problems.append(
                _problem(
                    "unknown_field", "{status} har inget fält {code}; den har: {known}",
                    "{status} has no field {code}; it has: {known}",
                    status=status.label, code=code, known=", ".join(known) or "–",
                )
            )  # fmt: skip
            continue
        try:
            values[code] = _read_field(asked, value, desk.timezone)
        except InvalidInput as error:
            problems.append(
                Problem("bad_field", Text("{f}: {why}", "{f}: {why}").fill(f=asked.label, why=error.text))
            )
    return values


def _read_field(asked: Field, value: str, timezone: str) -> str:
    value = value.strip()
    if asked.type is FieldType.DATE_TIME:
        return to_iso(parse_local(value, timezone))
    if asked.type is FieldType.DATE:
        parse_local(value, timezone)
        return value[:10]
    if len(value) > LONGEST_NOTE or not value.isprintable():
        raise InvalidInput(Text("för lång eller med styrtecken", "too long, or with control characters"))
    return value


def _parcel(parcel: NewParcel | None, fields: dict[str, str]) -> NewParcel | None:
    """Return the parcel of a change: given as such, or by its number among the fields."""
    number = next((fields[c] for c in ("parcel_number",) if fields.get(c)), None)
    if number is None or (parcel is not None and parcel.number):
        return parcel
    return replace(parcel, number=number) if parcel else NewParcel(number=number)


def _note(note: str, problems: list[Problem]) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE or "\0" in note:
        problems.append(
            _problem(
                "note",
                "anteckningen är för lång (högst {n} tecken)",
                "the note is too long (at most {n} characters)",
                n=LONGEST_NOTE,
            )
        )
    return note


def _missing(asked: Field) -> Problem:
    return _problem("missing_field", "{label} saknas", "{label} is missing", label=asked.label)


def _contents_problem(position: int, quantity: int) -> Problem:
    return _problem(
        "parcel_contents", "rad {position} har inte {quantity} att skicka", "line {position} has not {quantity} to send",
        position=position, quantity=quantity,
    )  # fmt: skip


def _problem(code: str, sv: str, en: str, /, **values: object) -> Problem:
    return Problem(code, Text(sv, en).fill(**values))
