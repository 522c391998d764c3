"""The core's own reasons against a change of status: the flow, the placement, payment and approval."""

from __future__ import annotations

from ashop_core.errors import Problem, problem
from ashop_core.flows import Flows
from ashop_core.models import Order, PaymentMethod, PaymentStatus, Role, Status
from ashop_core.naming import status_choices
from ashop_core.payment_record import PAYMENT_FAILED, is_covered
from ashop_core.texts import Text


def flow_problems(order: Order, status: Status, flows: Flows) -> list[Problem]:
    flow = flows.flow_of(order.delivery)
    targets = flows.targets(flow, order.status)
    if status.code in targets:
        return []
    words = Text(
        "från {source} går det inte till {target}; härifrån går det till: {allowed}",
        "{source} cannot be followed by {target}; from here an order may become: {allowed}",
    )
    if not targets:
        words = Text(
            "från {source} går det inte till {target}; ingen väg leder härifrån",
            "{source} cannot be followed by {target}; no way leads on from here",
        )
    allowed = status_choices(map(flows.status, targets))
    source = flows.status(order.status).label
    return [Problem("not_in_flow", words.fill(source=source, target=status.label, allowed=allowed))]


def guard_problems(order: Order, status: Status, flows: Flows, reason: str) -> list[Problem]:
    problems = []
    method = flows.payment_methods.get(order.payment_method)
    if status.role is Role.PLACED and order.placed_at is None:
        problems += _placement_problems(order, flows)
    if _must_be_covered(method, status) and not is_covered(order):
        problems.append(problem("not_paid", "inte betald", "not paid"))
    elif status.must_be_paid and (order.payment is PaymentStatus.FAILED or PAYMENT_FAILED in order.flags):
        # Also where it was paid before: a payment that came back keeps the goods until a later entry says more.
        problems.append(problem("payment_failed", "betalningen misslyckades", "the payment failed"))
    if status.must_be_approved and method is not None and method.needs_approval and order.approved_at is None:
        problems.append(problem("not_approved", "inte godkänd", "not approved"))
    if status.reason_required and not reason.strip():
        problems.append(problem("no_reason", "ange en orsak (--reason)", "give a reason (--reason)"))
    return problems


def _must_be_covered(method: PaymentMethod | None, status: Status) -> bool:
    """Tell whether an order paid this way has to be paid, or its money secured, to enter a status."""
    if method is None:
        return False
    if method.pays_first and status.role is Role.PLACED:
        return True
    return status.must_be_paid and (method.pays_first or method.paid_before_shipping)


def _placement_problems(order: Order, flows: Flows) -> list[Problem]:
    customer, problems = order.customer, []
    if not order.lines:
        problems.append(problem("no_lines", "ordern har inga rader", "the order has no lines"))
    if not customer.name.strip():
        problems.append(problem("no_name", "kundens namn saknas", "the customer's name is missing"))
    if not (customer.email.strip() or customer.phone.strip()):
        problems.append(problem("no_contact", "e-post eller telefon saknas", "e-mail or phone is missing"))
    delivery = flows.delivery_methods.get(order.delivery)
    if delivery is None:
        problems.append(problem("no_delivery", "leveranssätt saknas", "the delivery method is missing"))
    elif delivery.needs_address and not (customer.street and customer.postal_code and customer.city):
        problems.append(problem("no_address", "leveransadress saknas", "the delivery address is missing"))
    if order.payment_method not in flows.payment_methods:
        problems.append(problem("no_payment_method", "betalsätt saknas", "the payment method is missing"))
    return problems
