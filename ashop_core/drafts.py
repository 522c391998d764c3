"""What every change of an order is worked out from and to: where it is asked, the draft, the order after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from ashop_core.asked import deadline_of
from ashop_core.errors import Problem, problem
from ashop_core.flows import Flows
from ashop_core.models import Change, Kind, Move, Order, OrderLine
from ashop_core.texts import Text

LONGEST_NOTE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Where and when a change is asked for, and by whom."""

    flows: Flows
    at: datetime
    actor: str
    timezone: str


@dataclass(kw_only=True, slots=True)
class Draft:
    """A change worked out but not made. `contents` is what goes into its parcel, by line position."""

    change: Change
    after: Order
    problems: list[Problem] = field(default_factory=list)
    contents: Mapping[int, int] = field(default_factory=dict)


class Request(Protocol):
    """Something that can be asked of an order."""

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change; None where there is nothing to change."""
        ...


def plain_change(order: Order, desk: Desk, kind: Kind, **given: Any) -> Change:
    """Return a change that leaves the status as it is and tells the customer nothing, unless `given` says so."""
    return Change(
        kind=kind,
        seq=order.version + 1,
        from_status=order.status,
        at=desk.at,
        actor=desk.actor,
        **{"to_status": order.status, "notify": False, **given},
    )


def goods(order: Order, moves: tuple[Move, ...]) -> dict[str, Any]:
    """Return what a change says of its moves: plugins act on those of an order that moves stock, on no others."""
    return {"moves" if order.moves_stock else "silent_moves": moves}


def after_change(
    order: Order,
    change: Change,
    desk: Desk,
    lines: tuple[OrderLine, ...] | None = None,
    **given: Any,
) -> Order:
    """Return the order as the change leaves it: its status, its fields, its parcels, and what is `given`."""
    fields = {**order.fields, **change.fields} if change.fields else order.fields
    parcel = change.parcel
    numbers = (parcel.number,) if parcel is not None and parcel.number else ()
    values: dict[str, Any] = {
        "version": change.seq,
        "status": change.to_status,
        "changed_at": change.at,
        "placed_at": change.at if change.places else order.placed_at,
        "lines": order.lines if lines is None else lines,
        "fields": fields,
        "parcel_count": order.parcel_count + (parcel is not None),
        "parcel_numbers": order.parcel_numbers + numbers,
    }
    if change.enters or change.fields:
        values["deadline"] = deadline_of(desk.flows.status(change.to_status), fields)
    return replace(order, **{**values, **given})


def with_flags(flags: Iterable[str], given: Mapping[str, bool]) -> tuple[str, ...]:
    """Return an order's flags with these put up (True) or taken down."""
    kept = set(flags) - {code for code, on in given.items() if not on}
    return tuple(sorted(kept | {code for code, on in given.items() if on}))


_NOTE = Text("anteckningen", "the note")
WORDS = Text("orden till kunden", "the words to the customer")


def checked_note(note: str, problems: list[Problem], name: Text = _NOTE) -> str:
    """Return words of staff without stray spaces; add a problem where they are too many or cannot be kept."""
    note = note.strip()
    if len(note) > LONGEST_NOTE or not _storable(note):
        problems.append(
            problem(
                "note",
                "{name} går inte att spara: för många tecken (högst {n}), eller några som inte är text",
                "{name} cannot be kept: too many characters (at most {n}), or some that are not text",
                name=name, n=LONGEST_NOTE,
            )
        )  # fmt: skip
    return note


def _storable(text: str) -> bool:
    """Tell whether every store keeps it; a terminal gives bytes that are no text as halves of characters."""
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
