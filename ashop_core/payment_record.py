"""What the entries of an order's payment record add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from ashop_core.clock import local
from ashop_core.errors import Problem, problem
from ashop_core.models import (
    NewPayment,
    Order,
    Payment,
    PaymentKind,
    PaymentMethod,
    PaymentStatus,
    Stage,
    Status,
)
from ashop_core.money import money_text


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


def due_date(method: PaymentMethod | None, at: datetime, timezone: str) -> date | None:
    """Return the last day to pay for what is placed at this instant, in the shop's zone; None where none is set."""
    if method is None or method.due_days is None:
        return None
    return local(at, timezone).date() + timedelta(days=method.due_days)


def recounted(order: Order) -> Order:
    """Return the order with its payment status as its total now makes it."""
    failed = order.payment is PaymentStatus.FAILED or PAYMENT_FAILED in order.flags
    status = payment_status(order.total, order.authorised, order.paid, order.refunded, failed=failed)
    return replace(order, payment=status)


def is_covered(order: Order) -> bool:
    """Tell whether what is authorised or paid, less refunds, covers what is owed."""
    return max(order.authorised, order.paid) - order.refunded >= order.owed


def to_refund(order: Order, status: Status) -> int:
    """Return what the shop has of the customer's money and should give back, given the order's status.

    Of an order that came to nothing that is everything; of another one what is beyond what is owed.
    """
    if status.stage is Stage.VOID:
        return order.paid - order.refunded
    return max(0, -order.left_to_pay)


def repeated_entry(entry: NewPayment, known: Iterable[Payment]) -> Payment | None:
    """Return the entry that an order has already under this kind and the provider's reference.

    Providers tell the same thing again until they are sure that it was heard. Without a reference every
    entry is a new one.
    """
    if not entry.reference:
        return None
    return next((p for p in known if (p.kind, p.reference) == (entry.kind, entry.reference)), None)


def reference_taken(known: Payment, currency: str) -> Problem:
    """Return the reason against an entry whose reference stands for another amount already."""
    return problem(
        "reference_taken", "referensen {r} är redan bokförd med {amount}; ge en annan post en egen referens",
        "the reference {r} is recorded already with {amount}; give another entry a reference of its own",
        r=known.reference,
        amount=money_text(known.amount, currency),
    )  # fmt: skip


PAYMENT_FAILED = "payment_failed"
"""The flag of a placed order whose latest payment entry failed: it stays where it is and cannot ship."""


def with_payment(order: Order, entry: NewPayment | Payment) -> Order:
    """Return the order with an entry counted into its payment record."""
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
    flags = set(order.flags) - {PAYMENT_FAILED} | ({PAYMENT_FAILED} if failed and placed else set())
    return replace(
        order,
        authorised=authorised,
        paid=paid,
        refunded=refunded,
        payment=payment_status(order.total, authorised, paid, refunded, failed=failed),
        flags=tuple(sorted(flags)),
    )
