"""Undoing the last change of an order: a change of its own, which puts back what that one moved and set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ashop_core.asked import deadline_of
from ashop_core.drafts import Desk, Draft, after_change, checked_note, goods, plain_change, with_flags
from ashop_core.errors import Problem, problem
from ashop_core.flows import Flows
from ashop_core.models import Change, Edit, Entry, Kind, Move, Order, OrderLine, Stage
from ashop_core.moves import moved, reversed_moves, with_returned
from ashop_core.payment_record import recounted
from ashop_core.texts import Text

UNDOABLE = frozenset({Kind.STATUS, Kind.PARCEL, Kind.LINES, Kind.DETAILS, Kind.RETURN, Kind.APPROVAL})
_PASSED_OVER = frozenset({Kind.NOTE, Kind.PAYMENT, Kind.REMINDER})
"""Kinds that an undo looks past: they moved nothing that the change before them set."""


_SOMETHING = Text("en anteckning", "a record")
_FINAL = {
    Kind.CREATED: Text("kassan påbörjades", "the checkout began"),
    Kind.PLACED: Text("ordern lades", "the order was placed"),
    Kind.IMPORTED: Text("ordern importerades", "the order was imported"),
    Kind.UNDO: Text("en ändring ångrades", "a change was undone"),
    Kind.FOLLOW_UP: Text("ett påbörjat köp följdes upp", "a checkout was followed up"),
    Kind.MIGRATED: Text("ordern flyttades ur en gammal status", "the order was moved out of an old status"),
    Kind.ANONYMISED: Text("köpet avidentifierades", "the checkout was anonymised"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the history says an order had before its last change: fields, and who had approved it when."""

    fields: Mapping[str, str]
    approved_at: datetime | None
    approved_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoRequest:
    """Take back the last change that moved or set anything, within the shop's `undo_minutes`.

    Goods go back the way they came, the customer's order is as it was, messages not yet sent are stopped.
    Money is never undone: a payment is corrected by another entry. Made by `Shop.undo_request` for the order
    at one `version`.
    """

    entry: Entry | None
    before: Standing
    window: timedelta
    version: int
    refunded: bool = False
    note: str = ""
    notify: bool = False

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change that takes the entry back, and why it cannot be."""
        entry = self.entry
        if entry is None:
            change = plain_change(order, desk, Kind.UNDO)
            nothing = problem(
                "nothing_to_undo", "det finns ingen ändring att ångra", "there is no change to undo"
            )
            return Draft(change=change, after=order, problems=[nothing])
        problems = list(self._objections(entry, order, desk))
        moves = reversed_moves(entry.moves)
        change = plain_change(
            order,
            desk,
            Kind.UNDO,
            to_status=entry.from_status or order.status,
            **goods(order, moves),
            note=checked_note(self.note, problems),
            notify=self.notify,
            undoes=entry.seq,
            edits=tuple(Edit(edit.path, edit.after, edit.before) for edit in reversed(entry.edits)),
        )
        if problems:
            return Draft(change=change, after=order, problems=problems)
        after = after_change(order, change, desk, **self._restored(order, entry, desk))
        return Draft(change=change, after=recounted(_uncorrected(after, change.edits, moves)))

    def _objections(self, entry: Entry, order: Order, desk: Desk) -> Iterable[Problem]:
        if order.version != self.version:
            yield problem(
                "changed_meanwhile", "ordern har ändrats sedan dess; läs om den",
                "the order has changed since; read it again",
            )  # fmt: skip
        if entry.kind not in UNDOABLE or entry.from_status is None:
            yield problem(
                "not_undoable", "det senaste som hände ({what}) kan inte ångras",
                "the last thing that happened ({what}) cannot be undone", what=_FINAL.get(entry.kind, _SOMETHING),
            )  # fmt: skip
        elif not self.window:
            yield problem(
                "undo_off", "butiken ångrar inga ändringar ([shop] undo_minutes = 0); gör en ny i stället",
                "the shop undoes no changes ([shop] undo_minutes = 0); make a new one instead",
            )  # fmt: skip
        elif desk.at - entry.at > self.window:
            yield problem(
                "too_late",
                "ändringen är äldre än {n} minuter ([shop] undo_minutes); gör en ny i stället",
                "the change is older than {n} minutes ([shop] undo_minutes); make a new one instead",
                n=int(self.window.total_seconds()) // 60,
            )  # fmt: skip
        elif entry.from_status not in desk.flows.statuses:
            yield problem(
                "unknown_status", "statusen {code} finns inte längre", "the status {code} is no more",
                code=entry.from_status,
            )  # fmt: skip
        elif desk.flows.status(entry.from_status).stage is Stage.CHECKOUT:
            yield problem(
                "in_checkout", "ett påbörjat köp ångras inte", "a checkout is not undone"
            )  # fmt: skip
        if self.refunded and entry.kind is Kind.RETURN:
            yield problem(
                "refunded", "pengar gick tillbaka med returen; bokför en ny betalning i stället",
                "money went back with the return; record a new payment instead",
            )  # fmt: skip

    def _restored(self, order: Order, entry: Entry, desk: Desk) -> dict[str, Any]:
        status = desk.flows.status(entry.from_status or order.status)
        numbers = order.parcel_numbers[:-1] if entry.parcel else order.parcel_numbers  # it came last
        given: dict[str, Any] = {
            "fields": dict(self.before.fields),
            "deadline": deadline_of(status, self.before.fields),
            "parcel_count": order.parcel_count - entry.parcels,
            "parcel_numbers": numbers,
            "flags": with_flags(order.flags, {code: not on for code, on in entry.flags.items()}),
            "lines": with_returned(order.lines, entry.returned, -1),
        }
        if entry.kind is Kind.APPROVAL:
            given |= {"approved_at": self.before.approved_at, "approved_by": self.before.approved_by}
        return given


def can_be_undone(change: Change, flows: Flows) -> bool:
    """Tell whether a change is of a kind that an undo can take back, while there is time."""
    source = change.from_status
    return (
        change.kind in UNDOABLE
        and source is not None
        and flows.status(source).stage is not Stage.CHECKOUT
        and change.payment is None
    )


def last_undoable(entries: Iterable[Entry]) -> Entry | None:
    """Return the change that an undo would take back: the last one that set or moved anything.

    One that cannot be undone, an undo among them, is returned too, so that the reason can be told.
    """
    return next((e for e in reversed(tuple(entries)) if e.kind not in _PASSED_OVER), None)


def standing(entries: Iterable[Entry]) -> Standing:
    """Return what these entries leave an order with, those left out that were undone."""
    history = tuple(entries)
    undone = {e.undoes for e in history if e.undoes is not None}
    fields: dict[str, str] = {}
    approval: tuple[datetime | None, str | None] = (None, None)
    for entry in history:
        if entry.seq in undone or entry.kind is Kind.UNDO:
            continue
        fields |= entry.fields
        if entry.approved is not None:
            approval = (entry.at, entry.actor) if entry.approved else (None, None)
    return Standing(fields=fields, approved_at=approval[0], approved_by=approval[1])


def _uncorrected(order: Order, edits: Iterable[Edit], moves: Iterable[Move]) -> Order:
    """Return the order with these edits carried out, and its goods where the moves bring them."""
    lines = {line.position: line for line in order.lines}
    customer, sums = order.customer, dict[str, int]()
    for edit in edits:
        scope, _, rest = edit.path.partition(".")
        if scope == "customer":
            customer = replace(customer, **{rest: edit.after})
        elif scope == "line":
            _edit_line(lines, rest, edit)
        else:
            sums[edit.path] = edit.after
    ordered = tuple(lines[position] for position in sorted(lines))
    here = [move for move in moves if move.position in lines]
    return replace(order, customer=customer, lines=moved(ordered, here), **sums)  # type: ignore[arg-type]


def _edit_line(lines: dict[int, OrderLine], path: str, edit: Edit) -> None:
    position, _, name = path.partition(".")
    if name:
        lines[int(position)] = replace(lines[int(position)], **{name: edit.after})
    elif edit.after is None:
        del lines[int(position)]
    else:
        sku, words, quantity, price, rate, discount = edit.after
        lines[int(position)] = OrderLine(
            position=int(position), sku=sku, name=words, quantity=quantity, unit_price=price,
            vat_rate=None if rate is None else Decimal(rate), discount=discount,
        )  # fmt: skip
