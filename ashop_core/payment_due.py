"""When an order is due to be paid: the day that its payment method set, moved by staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ashop_core.drafts import Desk, Draft, after_change, checked_note, plain_change
from ashop_core.errors import Problem, problem
from ashop_core.models import Edit, Kind, Order, Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentDueRequest:
    """Set the last day to pay, or none. It is not asked about once the order is paid."""

    due: date | None
    note: str = ""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change; the day that it has already is no change."""
        if order.payment_due == self.due:
            return None
        problems: list[Problem] = []
        if order.placed_at is None or desk.flows.status(order.status).stage is Stage.VOID:
            problems.append(
                problem(
                    "not_due",
                    "bara en lagd order som inte är makulerad eller returnerad har en sista betalningsdag",
                    "only a placed order that is neither cancelled nor returned is due to be paid",
                )
            )
        elif order.left_to_pay <= 0:
            problems.append(problem("paid", "ordern är betald", "the order is paid"))
        change = plain_change(
            order,
            desk,
            Kind.PAYMENT,
            note=checked_note(self.note, problems),
            edits=(Edit("payment_due", _text(order.payment_due), _text(self.due)),),
        )
        return Draft(
            change=change, after=after_change(order, change, desk, payment_due=self.due), problems=problems
        )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
