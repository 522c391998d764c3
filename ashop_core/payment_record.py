"""What the entries of an order's payment record add up to."""

from __future__ import annotations

from dataclasses import replace

from ashop_core.models import NewPayment, Order, PaymentKind, PaymentStatus


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


PAYMENT_FAILED = "payment_failed"
"""The flag of a placed order whose latest payment entry failed: it stays where it is and cannot ship."""


def with_payment(order: Order, entry: NewPayment) -> Order:
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
