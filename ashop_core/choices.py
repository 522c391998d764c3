"""Where an order may go from here: every status of its flow, with all that speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.changes import StatusRequest
from ashop_core.errors import Problem, problem
from ashop_core.guards import flow_problems
from ashop_core.lifecycle import desk_of, objections, read_order
from ashop_core.models import Order, Stage, Status

if TYPE_CHECKING:
    from ashop_core.shop import Shop

ASKED_FOR = frozenset({"missing_field", "no_reason", "not_partial"})
"""Codes of the reasons that go away when the change brings what the status asks for."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A status of an order's flow, and every reason why the order cannot enter it now; none means it can."""

    status: Status
    problems: tuple[Problem, ...]

    @property
    def allowed(self) -> bool:
        """Tell whether the order may enter it, given what it asks for (a booked time, a reason, contents)."""
        return all(p.code in ASKED_FOR for p in self.problems)


def choices_of(shop: Shop, who: str | int | Order, actor: str) -> tuple[Order, list[Choice]]:
    """Return every status of the order's flow but its own, each with what speaks against it now.

    Fields and reasons not yet given count against it too. Where the flow itself has no step, that is the one
    reason: the guards of a status that cannot be next are not asked. A placed order has no way back to its
    checkout, and its statuses there are not among the choices.
    """
    order = read_order(shop, who, None)
    statuses = shop.flows.of_flow(shop.flows.flow_of(order.delivery))
    return order, [
        _choice(shop, order, status, actor)
        for status in statuses
        if status.code != order.status and (order.placed_at is None or status.stage is not Stage.CHECKOUT)
    ]


def _choice(shop: Shop, order: Order, status: Status, actor: str) -> Choice:
    if flow_problems(order, status, shop.flows):
        return Choice(status=status, problems=(problem("not_in_flow", "inte härifrån", "not from here"),))
    draft = StatusRequest(to=status.code).draft(order, desk_of(shop, actor))
    assert draft is not None, "another status is always a change"
    return Choice(status=status, problems=(*draft.problems, *objections(shop, draft)))
