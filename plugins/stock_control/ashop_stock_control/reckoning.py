"""What the movements of one order line should add up to, and which rows bring them there: pure, for `doctor --fix`.

A movement is never taken away; what is wrong is made good by another one. The order's line says how much is held
and how much at most has gone, since every later change of the order starts from that. Each take must have no less
than nothing held and gone, and no more in all than was taken. What refers to a take that is not the line's own, or is
held without any, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What an order line says of its goods: pieces held, and pieces that have left."""

    held: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Compensation:
    """A row to be written; `origin` is the movement it refers to, None for one that begins a take."""

    origin: int | None
    d_on_hand: int
    d_held: int


@dataclass(slots=True)
class _Pieces:
    """What goes back to one movement: a take, one that stands by itself, or one that is not the line's."""

    origin: int
    held: int = 0
    gone: int = 0
    is_take: bool = False
    is_own: bool = False
    fewest_gone: int = 0
    most: int = 0
    was: tuple[int, int] = (0, 0)

    def row(self) -> Compensation | None:
        """Return what brings it from what it was to what it is now."""
        held, gone = self.was
        if (held, gone) == (self.held, self.gone):
            return None
        return Compensation(self.origin, gone - self.gone, self.held - held)


def compensations(rows: Iterable[Any], line: Line) -> list[Compensation]:
    """Return the rows that bring an order line's movements, oldest first, to what the line says; none where they are.

    `rows` are those of one order, position and SKU.
    """
    every = _gathered(rows)
    takes = [pieces for pieces in every if pieces.is_take]
    alone = [pieces for pieces in every if pieces.is_own and not pieces.is_take]
    for pieces in every:
        if not pieces.is_take and (pieces.held or not pieces.is_own):
            pieces.held = pieces.gone = 0  # no movement of Ashop's is like that
    for take in takes:
        take.held, take.gone = max(take.held, 0), max(take.gone, take.fewest_gone)
    _lower_gone(takes, alone, line.gone)
    _lower_held(takes, line.held)
    for take in takes:
        _keep_within(take)
    begun = max(0, line.held - sum(take.held for take in takes))
    unclear = [take for take in takes if take.held < take.was[0] or take.was[1] < take.fewest_gone]
    _raise_gone(unclear, takes, alone, line.gone)
    found = [row for pieces in every if (row := pieces.row()) is not None]
    # A take of its own: one that was let go once cannot be let go again.
    return [*found, Compensation(None, 0, begun)] if begun else found


def _gathered(rows: Iterable[Any]) -> list[_Pieces]:
    found: dict[int, _Pieces] = {}
    for row in rows:
        if row["origin"] is None:
            own = found.setdefault(row["id"], _Pieces(row["id"]))
            own.is_own, own.is_take = True, row["d_held"] > 0
            own.fewest_gone = min(0, -row["d_on_hand"])  # came back, though nobody counted it when it left
            own.most = row["d_held"] - row["d_on_hand"]
        pieces = found.setdefault(
            row["id"] if row["origin"] is None else row["origin"], _Pieces(row["origin"])
        )
        pieces.held += row["d_held"]
        pieces.gone -= row["d_on_hand"]
    for pieces in found.values():
        pieces.was = pieces.held, pieces.gone
    return list(found.values())


def _lower_gone(takes: list[_Pieces], alone: list[_Pieces], most: int) -> None:
    """Take back to the shelf what has left beyond what the line says, the newest first."""
    over = sum(t.gone for t in takes) + max(0, sum(p.gone for p in alone)) - most
    for pieces in [*reversed(takes), *reversed(alone)]:
        back = min(over, pieces.gone)
        if back > 0:
            pieces.gone -= back
            over -= back


def _raise_gone(unclear: list[_Pieces], takes: list[_Pieces], alone: list[_Pieces], wanted: int) -> None:
    """Let as much have left as the line says of the takes that held, or got back, more than they can have."""
    short = wanted - sum(t.gone for t in takes) - max(0, sum(p.gone for p in alone))
    for take in unclear:
        more = min(short, take.most - take.held - take.gone)
        if more > 0:
            take.gone += more
            short -= more


def _lower_held(takes: list[_Pieces], most: int) -> None:
    over = sum(take.held for take in takes) - most
    for take in reversed(takes):
        less = min(over, take.held)
        if less > 0:
            take.held -= less
            over -= less


def _keep_within(take: _Pieces) -> None:
    """Let no more be held and gone of a take than was taken."""
    over = max(0, take.held + take.gone - take.most)
    less = min(over, take.held)
    take.held -= less
    take.gone -= over - less
