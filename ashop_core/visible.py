"""What of an order's history its customer may know: which changes count, and how far the visible ones reach.

What was undone never was. What happened in a hidden status is not known until a visible one has been reached
after it; and then only what came of it, not that there was a hidden status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ashop_core.flows import Flows
from ashop_core.models import Entry, FieldType, Kind, Order, Parcel, Place, Status


@dataclass(frozen=True, kw_only=True)
class Visible:
    """What a customer may know of a history: the status to show, and what was given by then.

    `until` is the last change that was made in a visible status; `changes` are all those that count, each
    with the status that the order then had. `deadline` is the last day that the shown status gives.
    """

    status: Status
    until: int
    changes: tuple[tuple[Entry, Status], ...]
    fields: Mapping[str, str]
    deadline: date | None


def visible(history: Iterable[Entry], flows: Flows) -> Visible | None:
    """Return what of a history, oldest first, the customer may know; None where there is nothing."""
    changes = tuple(_with_status(_standing(history), flows))
    shown = [(entry, status) for entry, status in changes if status.visible]
    if not shown:
        return None
    last, status = shown[-1]
    fields = _fields(shown)
    days = [date.fromisoformat(fields[code]) for code in _deadlines(status) if fields.get(code)]
    return Visible(
        status=status, until=last.seq, changes=changes, fields=fields, deadline=min(days, default=None)
    )


def is_undone(entry: Entry, history: Iterable[Entry]) -> bool:
    """Tell whether a later change took this one back, or the one in whose status it was made."""
    return any(e.undoes is not None and e.undoes <= entry.seq < e.seq for e in history)


def reached(parcels: Iterable[Parcel], seen: Visible) -> list[Parcel]:
    """Return the parcels that the customer may know of."""
    known = {entry.seq for entry, _ in seen.changes if entry.seq <= seen.until}
    return [parcel for parcel in parcels if parcel.seq in known]


@dataclass(frozen=True, kw_only=True)
class Goods:
    """How many pieces of each line, by position, have left and how many of these have come back.

    `left_with` says the same of each visible change that something left with.
    """

    sent: Mapping[int, int]
    returned: Mapping[int, int]
    left_with: Mapping[int, Mapping[int, int]]


def goods_of(order: Order, seen: Visible, parcels: Iterable[Parcel]) -> Goods:
    """Return how many pieces have left and come back, as far as the customer may know.

    A return is known at once, but only of goods that are known to have left. A change of status that brings
    goods back may follow on a hidden one that sent them: of such goods nothing is known, before or after.
    """
    contents = {parcel.seq: parcel.contents for parcel in parcels}
    gone, sent = Counter[int](), Counter[int]()
    restocked, written_off = Counter[int](), Counter[int]()
    left_with = dict[int, Mapping[int, int]]()
    for entry, status in seen.changes:
        if (back := entry.returned) is not None:
            away = sent - restocked - written_off
            known = back.restocked if entry.kind is Kind.RETURN else Counter(back.restocked) & away
            restocked.update(known)
            written_off.update(back.written_off)
        if order.moves_stock:
            _count(entry, gone)
        else:
            gone = _told_by(status, order, gone, restocked, written_off, contents.get(entry.seq, {}))
        if status.visible:
            now = gone + restocked
            left_with[entry.seq], sent = now - sent, now
    return Goods(sent=sent, returned=(restocked + written_off) & sent, left_with=left_with)


def _count(entry: Entry, gone: Counter[int]) -> None:
    for move in entry.moves:
        if Place.GONE in (move.source, move.target):
            gone[move.position] += move.quantity if move.target is Place.GONE else -move.quantity


def _told_by(
    status: Status,
    order: Order,
    gone: Counter[int],
    restocked: Counter[int],
    written_off: Counter[int],
    contents: Mapping[int, int],
) -> Counter[int]:
    """Return what is gone of an order that moves no stock: it has no moves to count, but status and parcels."""
    if status.stock is None:
        return gone + Counter(contents)
    if status.stock is Place.GONE:
        return Counter({line.position: line.quantity for line in order.lines}) - restocked
    return written_off


def _standing(history: Iterable[Entry]) -> Sequence[Entry]:
    """Return the changes that were not undone, without the undoing of the others."""
    taken_back, kept = set[int](), list[Entry]()
    for entry in sorted(history, key=lambda e: e.seq, reverse=True):
        if entry.seq in taken_back:
            continue
        if entry.undoes is None:
            kept.append(entry)
        else:
            taken_back.add(entry.undoes)
    return kept[::-1]


def _with_status(entries: Iterable[Entry], flows: Flows) -> Iterator[tuple[Entry, Status]]:
    """Yield each change with its status; a note made in a status that was undone has the one before that."""
    code = ""
    for entry in entries:
        if entry.from_status != entry.to_status or not code:
            code = entry.to_status
        yield entry, flows.status(code)


def _fields(shown: Iterable[tuple[Entry, Status]]) -> dict[str, str]:
    """Return the values that visible statuses ask for; a deadline only while its status is the shown one."""
    fields, before = dict[str, str](), None
    for entry, status in shown:
        if before is not None and before.code != status.code:
            for code in _deadlines(before):
                fields.pop(code, None)
        fields |= asked_for(entry, status)
        before = status
    return fields


def asked_for(entry: Entry, status: Status) -> dict[str, str]:
    """Return the values that a change brought, as far as its status still asks for them."""
    asked = {field.code for field in status.fields}
    return {code: value for code, value in entry.fields.items() if code in asked}


def _deadlines(status: Status) -> list[str]:
    return [field.code for field in status.fields if field.type is FieldType.DEADLINE]
