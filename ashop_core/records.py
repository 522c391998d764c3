"""What is put on an order's record without moving it: payments, approval, notes, a follow-up, a reminder."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ashop_core.asked import has_deadline
from ashop_core.drafts import Desk, Draft, after_change, checked_note, plain_change
from ashop_core.errors import Problem, problem
from ashop_core.models import Customer, FollowUp, Kind, NewPayment, Order, PaymentKind, Stage
from ashop_core.money import LARGEST, money_text
from ashop_core.payment_record import with_payment


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRequest:
    """Add an entry to the payment record. It never moves the order's status."""

    payment: NewPayment
    note: str = ""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the entry and what the payment adds up to afterwards."""
        problems: list[Problem] = []
        entry = checked_payment(order, self.payment, problems)
        note = checked_note(self.note, problems)
        change = plain_change(order, desk, Kind.PAYMENT, note=note, payment=entry)
        after = with_payment(after_change(order, change, desk), entry)
        return Draft(change=change, after=after, problems=problems)


def checked_payment(order: Order, entry: NewPayment, problems: list[Problem]) -> NewPayment:
    """Return a payment entry that can be counted; add a problem where it cannot be so."""
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
                "refund_too_large", "återbetalningen är {a} men bara {most} kan återbetalas",
                "the refund is {a} but only {most} can be refunded",
                a=money_text(entry.amount, order.currency),
                most=money_text(order.paid - order.refunded, order.currency),
            )
        )  # fmt: skip
    return entry


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalRequest:
    """Approve the order, as some payment methods call for, or withdraw the approval before anything has left."""

    note: str = ""
    withdraw: bool = False

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the approval; what is approved is not approved again, nor withdrawn twice."""
        if (order.approved_at is None) == self.withdraw:
            return None
        problems = _withdrawal_problems(order) if self.withdraw else _approval_problems(order, desk)
        note = checked_note(self.note, problems)
        change = plain_change(order, desk, Kind.APPROVAL, note=note, approved=not self.withdraw)
        given = (None, None) if self.withdraw else (desk.at, desk.actor)
        after = after_change(order, change, desk, approved_at=given[0], approved_by=given[1])
        return Draft(change=change, after=after, problems=problems)


def _approval_problems(order: Order, desk: Desk) -> list[Problem]:
    problems = []
    if desk.flows.status(order.status).stage is not Stage.OPEN:
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
    return problems


def _withdrawal_problems(order: Order) -> list[Problem]:
    if not any(line.gone or line.returned for line in order.lines):
        return []
    return [
        problem(
            "has_left", "varor har redan lämnat butiken; godkännandet kan inte tas tillbaka",
            "goods have left already; the approval cannot be withdrawn",
        )
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteRequest:
    """Write a note for staff on the order."""

    note: str

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the note; an empty one is refused."""
        problems: list[Problem] = []
        note = checked_note(self.note, problems)
        if not note:
            problems.append(problem("empty_note", "anteckningen är tom", "the note is empty"))
        change = plain_change(order, desk, Kind.NOTE, note=note)
        return Draft(change=change, after=after_change(order, change, desk), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUpRequest:
    """Write down what came of getting in touch with somebody who did not finish the checkout."""

    outcome: FollowUp
    note: str = ""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the mark; the same mark with nothing new is no change, and a placed order has none."""
        if order.follow_up is self.outcome and not self.note.strip():
            return None
        problems: list[Problem] = []
        if desk.flows.status(order.status).stage is not Stage.CHECKOUT:
            problems.append(
                problem(
                    "not_in_checkout",
                    "ordern är lagd; bara ett köp som inte blev klart följs upp",
                    "the order is placed; only a checkout that was not finished is followed up",
                )
            )
        change = plain_change(order, desk, Kind.FOLLOW_UP, note=checked_note(self.note, problems))
        after = after_change(order, change, desk, follow_up=self.outcome)
        return Draft(change=change, after=after, problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderRequest:
    """Remind the customer of the deadline that the order's status has, by the channels that the status uses."""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the reminder; a status without a deadline has nothing to remind of."""
        problems = []
        if order.deadline is None or not has_deadline(desk.flows.status(order.status)):
            problems.append(
                problem("no_deadline", "statusen har ingen tidsgräns", "the status has no deadline")
            )
        change = plain_change(order, desk, Kind.REMINDER, notify=True)
        return Draft(change=change, after=after_change(order, change, desk), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnonymiseRequest:
    """Take everything about the person away from a checkout that became no order; what was in it stays."""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the order without its person. One that was placed is kept, as the accounting rules demand."""
        problems = []
        if order.placed_at is not None:
            problems.append(
                problem(
                    "placed", "ordern är lagd och hör till bokföringen; den avidentifieras inte",
                    "the order is placed and belongs to the accounts; it is not anonymised",
                )
            )  # fmt: skip
        change = plain_change(order, desk, Kind.ANONYMISED)
        after = after_change(
            order, change, desk, customer=Customer(), fields={}, parcel_numbers=(), checkout_key=None
        )
        return Draft(change=change, after=after, problems=problems)
