"""Who orders and how, filled in step by step while the order is in its checkout."""

from __future__ import annotations

from dataclasses import dataclass

from ashop_core.drafts import Desk, Draft, after_change, goods, plain_change
from ashop_core.errors import problem
from ashop_core.guards import flow_problems
from ashop_core.intake import total_problems
from ashop_core.models import Customer, Kind, Order, Role, Stage
from ashop_core.moves import change_moves, moved
from ashop_core.payment_record import recounted


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
        payment = flows.find_payment(self.payment_method or order.payment_method)
        customer = self.customer or order.customer
        language = self.language or order.language
        same = (customer, method.code, payment.code, language) == (
            order.customer, order.delivery, order.payment_method, order.language,
        )  # fmt: skip
        if same and order.status == details.code:
            return None
        moves, _ = ((), {}) if order.status == details.code else change_moves(order, details, None, problems)
        change = plain_change(order, desk, Kind.DETAILS, to_status=details.code, **goods(order, moves))
        after = after_change(
            order, change, desk, moved(order.lines, moves), customer=customer, delivery=method.code,
            shipping_price=method.price, payment_method=payment.code, payment_fee=payment.fee, language=language,
        )  # fmt: skip
        after = recounted(after)  # another delivery has another price
        return Draft(change=change, after=after, problems=problems + total_problems(after))
