"""A change of status, which is also the placement, and the parcels that go with it or come after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ashop_core.asked import (
    deadline_of,
    default_fields,
    parcel_of,
    parcel_problems,
    read_fields,
    required_fields,
)
from ashop_core.drafts import WORDS, Desk, Draft, after_change, checked_note, goods, plain_change
from ashop_core.errors import Problem, problem
from ashop_core.guards import flow_problems, guard_problems
from ashop_core.models import Change, Kind, Move, NewParcel, NewReturn, Order, Place, Role
from ashop_core.moves import change_moves, contents_problem, is_piece, moved, part_moves, with_returned
from ashop_core.payment_record import due_date
from ashop_core.texts import Text

REASON = Text("orsaken", "the reason")


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusRequest:
    """Move the order to another status, with the fields that it asks for.

    `words` are staff's own, for the customer to read in the message that the status sends.
    """

    to: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parcel: NewParcel | None = None
    note: str = ""
    reason: str = ""
    words: str = ""
    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change of status; the same status with nothing new is no change."""
        status = desk.flows.find_status(self.to)
        problems: list[Problem] = []
        fields = read_fields(status, self.fields, desk.timezone, problems)
        parcel = parcel_of(status, self.parcel, fields)
        if status.code == order.status:
            return self._same(order, desk, fields, parcel, problems)
        fields |= default_fields(status, fields, desk.at, desk.timezone)
        problems += flow_problems(order, status, desk.flows)
        problems += guard_problems(order, status, desk.flows, self.reason)
        problems += required_fields(order, status, fields, parcel, desk.flows)
        problems += parcel_problems(order, parcel, desk.flows)
        moves, contents = change_moves(order, status, parcel, problems)
        places = status.role is Role.PLACED and order.placed_at is None
        sends = any(move.target is Place.GONE for move in moves) or parcel is not None
        change = Change(
            kind=Kind.PLACED if places else Kind.STATUS,
            seq=order.version + 1,
            from_status=order.status,
            to_status=status.code,
            at=desk.at,
            actor=desk.actor,
            **goods(order, moves),
            fields=fields,
            note=checked_note(self.note, problems),
            reason=checked_note(self.reason, problems, REASON),
            words=checked_note(self.words, problems, WORDS),
            notify=self.notify,
            parcel=parcel if sends else None,
            places=places,
            returned=_returned(moves),
        )
        lines = with_returned(moved(order.lines, moves), change.returned) if moves else order.lines
        after = after_change(order, change, desk, lines)
        if places:
            method = desk.flows.payment_methods.get(order.payment_method)
            after = replace(after, payment_due=due_date(method, desk.at, desk.timezone))
        return Draft(change=change, after=after, problems=problems, contents=contents)

    def _same(
        self,
        order: Order,
        desk: Desk,
        fields: Mapping[str, str],
        parcel: NewParcel | None,
        problems: list[Problem],
    ) -> Draft | None:
        """The status it already has: a new parcel, time or note is a change of that kind, nothing else is."""
        new = {code: value for code, value in fields.items() if order.fields.get(code, "") != value}
        if parcel is not None and (parcel.contents or parcel.number not in order.fields.values()):
            request = ParcelRequest(parcel=parcel, note=self.note, words=self.words, notify=self.notify)
            draft = request.draft(order, desk)
            change = replace(draft.change, fields=new)
            fields = {**order.fields, **new}
            after = replace(
                draft.after, fields=fields, deadline=deadline_of(desk.flows.status(order.status), fields)
            )
            return replace(draft, change=change, after=after, problems=problems + draft.problems)
        if not new and not self.note and not self.words and not problems:
            return None
        change = plain_change(
            order,
            desk,
            Kind.STATUS if new else Kind.NOTE,
            fields=new,
            note=checked_note(self.note, problems),
            words=checked_note(self.words, problems, WORDS),
            notify=bool(self.notify or self.words),
        )
        return Draft(change=change, after=after_change(order, change, desk), problems=problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRequest:
    """Place the order, once."""

    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the placement; an order that is placed already stays as it is, wherever it has come to."""
        if order.placed_at is not None:
            return None
        placed = desk.flows.with_role(Role.PLACED).code
        return StatusRequest(to=placed, notify=self.notify).draft(order, desk)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParcelRequest:
    """Add a parcel: the next one of an order that is partly sent, or a number for goods that have left.

    In a partial status its contents leave with it, and the status's message goes out as `notify` says, or
    as the status does; otherwise they must be goods that are gone, and nothing is sent unless asked for.
    """

    parcel: NewParcel
    note: str = ""
    words: str = ""
    notify: bool | None = None

    def draft(self, order: Order, desk: Desk) -> Draft:
        """Work out the parcel and what leaves with it."""
        problems = parcel_problems(order, self.parcel, desk.flows)
        contents, moves = dict(self.parcel.contents), tuple[Move, ...]()
        if desk.flows.status(order.status).role is Role.PARTIAL and contents:
            moves = part_moves(order, contents, problems)
        else:
            problems += _label_problems(order, contents)
        change = plain_change(
            order,
            desk,
            Kind.PARCEL,
            parcel=self.parcel,
            **goods(order, moves),
            note=checked_note(self.note, problems),
            words=checked_note(self.words, problems, WORDS),
            notify=self.notify if moves else bool(self.notify or self.words),
        )
        lines = moved(order.lines, moves) if moves else None
        after = after_change(order, change, desk, lines)
        return Draft(change=change, after=after, problems=problems, contents=contents)


def _label_problems(order: Order, contents: Mapping[int, int]) -> list[Problem]:
    """Return what stands against a parcel for goods that have left already."""
    gone = {line.position: line.gone for line in order.lines if line.gone}
    if not gone:
        return [
            problem(
                "nothing_sent", "inget är skickat än: sätt statusen och ange kollit då",
                "nothing has been sent yet: set the status and give the parcel then",
            )
        ]  # fmt: skip
    return [
        contents_problem(position, quantity)
        for position, quantity in contents.items()
        if not is_piece(position, quantity, gone.get(position, 0))
    ]


def _returned(moves: tuple[Move, ...]) -> NewReturn | None:
    """Return what comes back with a change of status: all of it is put on the shelf again."""
    back = {m.position: m.quantity for m in moves if m.source is Place.GONE and m.target is Place.FREE}
    return NewReturn(restocked=back) if back else None
