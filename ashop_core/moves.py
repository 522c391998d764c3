"""Moves: how much of which line goes from where to where, and what the lines are after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ashop_core.errors import Problem, problem
from ashop_core.models import Move, NewParcel, NewReturn, Order, OrderLine, Place, Status


def status_moves(lines: Iterable[OrderLine], target: Place) -> tuple[Move, ...]:
    """Return the moves that bring everything of these lines to one place, but for what came back already."""
    moves = []
    for line in lines:
        never_held = line.free - line.restocked
        for source, quantity in ((Place.HELD, line.held), (Place.GONE, line.away), (Place.FREE, never_held)):
            if quantity and source is not target:
                moves.append(Move(line.position, line.sku, quantity, source, target))
    return tuple(moves)


def change_moves(
    order: Order, status: Status, parcel: NewParcel | None, problems: list[Problem]
) -> tuple[tuple[Move, ...], Mapping[int, int]]:
    """Return the moves of a change of status, and what its parcel holds."""
    if status.stock is not None:
        moves = status_moves(order.lines, status.stock)
        sent = {m.position: m.quantity for m in moves if m.target is Place.GONE}
        if parcel is not None and parcel.contents and dict(parcel.contents) != sent:
            problems.append(
                problem(
                    "not_everything", "{status} skickar allt som är kvar; för en del av det finns en delstatus",
                    "{status} sends all that is left; for a part of it there is a partial status",
                    status=status.label,
                )
            )  # fmt: skip
        return moves, sent
    return _partial_moves(order, parcel, problems)


def _partial_moves(
    order: Order, parcel: NewParcel | None, problems: list[Problem]
) -> tuple[tuple[Move, ...], Mapping[int, int]]:
    contents = dict(parcel.contents) if parcel else {}
    return part_moves(order, contents, problems), contents


def part_moves(order: Order, contents: Mapping[int, int], problems: list[Problem]) -> tuple[Move, ...]:
    """Return the moves of a parcel that takes a part of what is held, and leaves some of it."""
    lines = {line.position: line for line in order.lines}
    moves = []
    for position, quantity in contents.items():
        line = lines.get(position)
        if line is None or not is_piece(position, quantity, line.held):
            problems.append(contents_problem(position, quantity))
        else:
            moves.append(Move(position, line.sku, quantity, Place.HELD, Place.GONE))
    left = sum(line.held for line in order.lines) - sum(m.quantity for m in moves)
    if not contents or left <= 0:
        problems.append(
            problem(
                "not_partial", "ange vad som är i kollit (--content); är det allt som är kvar, sätt statusen som skickad",
                "say what is in the parcel (--content); if it is all that is left, set the status for sent",
            )
        )  # fmt: skip
    return tuple(moves)


def reversed_moves(moves: Iterable[Move]) -> tuple[Move, ...]:
    """Return the moves that take these back, last one first."""
    return tuple(replace(m, source=m.target, target=m.source) for m in reversed(tuple(moves)))


def with_returned(
    lines: tuple[OrderLine, ...], returned: NewReturn | None, sign: int = 1
) -> tuple[OrderLine, ...]:
    """Return the lines with what came back counted, or with `sign` -1 as if it had not come."""
    if returned is None:
        return lines
    back, off = returned.restocked, returned.written_off
    return tuple(
        replace(
            line,
            returned=line.returned + sign * (back.get(line.position, 0) + off.get(line.position, 0)),
            written_off=line.written_off + sign * off.get(line.position, 0),
        )
        if line.position in back or line.position in off
        else line
        for line in lines
    )


def moved(lines: tuple[OrderLine, ...], moves: Iterable[Move]) -> tuple[OrderLine, ...]:
    """Return the lines with the moves carried out; the same lines, which need no writing, where nothing moves."""
    moves = tuple(moves)
    if not moves:
        return lines
    deltas: dict[int, list[int]] = {}
    for move in moves:
        delta = deltas.setdefault(move.position, [0, 0])
        for place, sign in ((move.source, -1), (move.target, 1)):
            if place is Place.HELD:
                delta[0] += sign * move.quantity
            elif place is Place.GONE:
                delta[1] += sign * move.quantity
    return tuple(
        [
            replace(
                line, held=line.held + deltas[line.position][0], gone=line.gone + deltas[line.position][1]
            )
            if line.position in deltas
            else line
            for line in lines
        ]
    )


def is_part(quantity: int, whole: int) -> bool:
    """Tell whether this is a quantity, and one that `whole` has; a parcel's contents come from outside."""
    return type(quantity) is int and 1 <= quantity <= whole


def is_piece(position: int, quantity: int, whole: int) -> bool:
    """Tell whether this is a line's number too, as it is written down, and not just equal to one as 1.0 is."""
    return type(position) is int and is_part(quantity, whole)


def contents_problem(position: int, quantity: int) -> Problem:
    return problem(
        "parcel_contents", "rad {position} har inte {quantity} att skicka", "line {position} has not {quantity} to send",
        position=position, quantity=quantity,
    )  # fmt: skip
