"""Cancelling: an order whose goods have not left, or what is still to be sent of one that is partly gone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ashop_core.amending import LineEdit, amending_moves, edited_lines, edits_between, placed_lines
from ashop_core.drafts import WORDS, Desk, Draft, after_change, checked_note, goods, plain_change
from ashop_core.errors import Problem, problem
from ashop_core.flows import Flows
from ashop_core.guards import guard_problems
from ashop_core.models import Kind, Order, Place, Role, Stage, Status
from ashop_core.naming import status_choices
from ashop_core.payment_record import recounted
from ashop_core.status_change import REASON, StatusRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelRequest:
    """Cancel an order, with a reason. Of one that is partly sent the rest is cancelled, and it is sent then.

    Goods that were held are released, always. `notify` None lets the status decide.
    """

    reason: str
    note: str = ""
    words: str = ""
    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the cancellation; what is cancelled already stays as it is."""
        now = desk.flows.status(order.status)
        if now.role is Role.PARTIAL:
            return self._rest(order, desk)
        target = void_after(desk.flows, order)
        if target is None or now.stage is not Stage.OPEN:
            return None if now.stage is Stage.VOID else self._impossible(order, desk, now)
        request = StatusRequest(
            to=target.code, reason=self.reason, note=self.note, words=self.words, notify=self.notify
        )
        draft = request.draft(order, desk)
        if draft is not None and not self.reason.strip() and not target.reason_required:
            draft.problems.append(no_reason())
        return draft

    def _rest(self, order: Order, desk: Desk) -> Draft:
        """Take what is still held out of the order: its lines, total and VAT are then those of what was sent."""
        problems: list[Problem] = [] if self.reason.strip() else [no_reason()]
        fewer = [LineEdit(position=x.position, quantity=x.quantity - x.held) for x in order.lines if x.held]
        lines = edited_lines(order.lines, fewer, problems)
        moves = amending_moves(order.lines, lines)
        left = _discounted(replace(order, lines=placed_lines(order.lines, lines, moves)))
        left = recounted(left)
        target = _sent_after(desk.flows, order)
        if target is None:
            return self._impossible(order, desk, desk.flows.status(order.status))
        problems += guard_problems(left, target, desk.flows, self.reason)
        change = plain_change(
            order,
            desk,
            Kind.STATUS,
            to_status=target.code,
            edits=edits_between(order, left),
            **goods(order, moves),
            reason=checked_note(self.reason, problems, REASON),
            note=checked_note(self.note, problems),
            words=checked_note(self.words, problems, WORDS),
            notify=self.notify,
        )
        after = after_change(order, change, desk, left.lines, payment=left.payment, discount=left.discount)
        return Draft(change=change, after=after, problems=problems)

    def _impossible(self, order: Order, desk: Desk, now: Status) -> Draft:
        change = plain_change(order, desk, Kind.STATUS)
        choices = status_choices(desk.flows.next_statuses(order))
        reason = problem(
            "not_cancellable", "{name} är {status} och kan inte makuleras; härifrån går det till: {choices}",
            "{name} is {status} and cannot be cancelled; from here it may become: {choices}",
            name=order.name, status=now.label, choices=choices,
        )  # fmt: skip
        return Draft(change=change, after=order, problems=[reason])


def _discounted(order: Order) -> Order:
    """Return the order with no more taken off than what is left of it."""
    return replace(order, discount=min(order.discount, order.total + order.discount))


def void_after(flows: Flows, order: Order) -> Status | None:
    """Return the void status that the flow leads to from where the order is; None where there is not one."""
    found = [s for s in flows.next_statuses(order) if s.stage is Stage.VOID]
    return found[0] if len(found) == 1 else None


def _sent_after(flows: Flows, order: Order) -> Status | None:
    """Return the status that an order comes to when all that is to be sent of it has left."""
    found = [s for s in flows.next_statuses(order) if s.stage is Stage.DONE and s.stock is Place.GONE]
    return found[0] if found else None


def no_reason() -> Problem:
    """Return what is said where a reason is demanded and none is given."""
    return problem("no_reason", "ange en orsak (--reason)", "give a reason (--reason)")
