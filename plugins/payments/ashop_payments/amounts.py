"""How much to ask for when goods leave: what has gone and not come back, less what has been asked for and paid."""

from __future__ import annotations

from ashop_core.models import Change, Order, OrderLine, Place, Stage
from ashop_payments.requests import Request, State, What

_UNDER_WAY = (State.WAITING, State.ASKING)


def to_capture(order: Order, change: Change, asked: list[Request]) -> int:
    """Return the amount to ask for because of a change; 0 where it sends nothing, or all of it is paid.

    Each time, the goods that have left so far are reckoned anew, a line's discount in proportion, rounded
    down. The last time, when nothing is held any more, it is the whole total: shipping, fee and the order's
    discount go with it, and the amounts together are the total to the last minor unit. What came back and
    has not been refunded is the customer's: that much less is asked for.
    """
    sends = any(move.target is Place.GONE for move in change.moves)
    settles = any(move.source is Place.HELD for move in change.moves) and any(x.gone for x in order.lines)
    still_held = any(line.held for line in order.lines)
    if not sends and not (settles and not still_held):
        return 0
    so_far = min(sum(map(_sent, order.lines)), order.total) if still_held else order.total
    back = sum(line.value_of(line.returned) for line in order.lines)
    return max(0, so_far - max(0, back - order.refunded) - order.paid - under_way(asked))


def to_release(order: Order, change: Change, stage: Stage, asked: list[Request]) -> int:
    """Return how much of what is reserved to let go of: all that nobody will ask for, once the order is void."""
    if stage is not Stage.VOID or not change.enters:
        return 0
    return max(0, order.authorised - order.paid - under_way(asked))


def under_way(asked: list[Request]) -> int:
    """Return what is asked for and neither answered nor withdrawn yet."""
    return sum(r.amount for r in asked if r.what is What.CAPTURE and r.state in _UNDER_WAY)


def _sent(line: OrderLine) -> int:
    """Return what the pieces of a line that have left cost, those that came back included."""
    return line.value_of(line.gone + line.restocked)
