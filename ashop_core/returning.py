"""Returns: some or all of what was sent has come back, to the shelf or to be written off, and money with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ashop_core.amending import no_line
from ashop_core.cancelling import no_reason, void_after
from ashop_core.drafts import WORDS, Desk, Draft, after_change, checked_note, goods, plain_change
from ashop_core.errors import Problem, problem
from ashop_core.models import (
    Kind,
    Move,
    NewPayment,
    NewReturn,
    Order,
    OrderLine,
    PaymentKind,
    Place,
    Stage,
)
from ashop_core.moves import is_part, moved, with_returned
from ashop_core.payment_record import with_payment
from ashop_core.records import checked_payment
from ashop_core.status_change import REASON


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnRequest:
    """Write down goods that came back, as quantities by line, and a refund if money went back with them.

    When nothing is left with the customer, the order comes to the void status that its flow leads to.
    `refund` is minor units; a refund is an entry of the payment record like any other.
    """

    restocked: Mapping[int, int] = field(default_factory=dict)
    written_off: Mapping[int, int] = field(default_factory=dict)
    refund: int | None = None
    reference: str = ""
    reason: str = ""
    note: str = ""
    words: str = ""
    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the return; there is none of nothing."""
        problems: list[Problem] = []
        back = NewReturn(restocked=dict(self.restocked), written_off=dict(self.written_off))
        moves = _moves(order, back, problems)
        lines = with_returned(moved(order.lines, moves), None if problems else back)
        status = _status_after(order, lines, desk)
        if desk.flows.status(status).reason_required and status != order.status and not self.reason.strip():
            problems.append(no_reason())
        payment = None
        if self.refund is not None:
            entry = NewPayment(
                kind=PaymentKind.REFUNDED, amount=self.refund, reference=self.reference.strip()
            )
            payment = checked_payment(order, entry, problems)
        change = plain_change(
            order,
            desk,
            Kind.RETURN,
            to_status=status,
            **goods(order, moves),
            returned=back,
            payment=payment,
            reason=checked_note(self.reason, problems, REASON),
            note=checked_note(self.note, problems),
            words=checked_note(self.words, problems, WORDS),
            notify=self.notify,
        )
        after = after_change(order, change, desk, lines)
        if payment is not None:
            after = with_payment(after, payment)
        return Draft(change=change, after=after, problems=problems)


def everything_away(order: Order) -> dict[int, int]:
    """Return all that the customer has of the order, as quantities by line."""
    return {line.position: line.away for line in order.lines if line.away}


def _moves(order: Order, back: NewReturn, problems: list[Problem]) -> tuple[Move, ...]:
    lines = {line.position: line for line in order.lines}
    positions = sorted({*back.restocked, *back.written_off})
    if not positions:
        problems.append(
            problem(
                "nothing_returned", "ange vad som har kommit tillbaka: --line, --written-off eller --all",
                "say what has come back: --line, --written-off or --all",
            )
        )  # fmt: skip
    for position in positions:
        if position not in lines:
            problems.append(no_line(position, lines))
            continue
        parts = [p[position] for p in (back.restocked, back.written_off) if position in p]
        away = lines[position].away
        if not all(is_part(part, away) for part in parts) or sum(parts) > away:
            problems.append(
                problem(
                    "not_away", "rad {n}: kunden har {away}, så {value} kan inte komma tillbaka",
                    "line {n}: the customer has {away}, so {value} cannot come back",
                    n=position, away=away, value=" + ".join(map(str, parts)),
                )
            )  # fmt: skip
    if problems:
        return ()
    return tuple(
        Move(position, lines[position].sku, quantity, Place.GONE, Place.FREE)
        for position, quantity in sorted(back.restocked.items())
    )


def _status_after(order: Order, lines: tuple[OrderLine, ...], desk: Desk) -> str:
    """Return the status after it: the flow's void one when a done order is all back, otherwise the same."""
    all_back = not any(line.away or line.held for line in lines)
    target = void_after(desk.flows, order) if all_back else None
    done = desk.flows.status(order.status).stage is Stage.DONE
    return target.code if done and target is not None else order.status
