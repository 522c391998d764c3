"""What came of a change that was asked for, in a form for whoever asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core.errors import Problem
from ashop_core.models import Change, Effect, Kind, Order, PlannedMessage, Rendered
from ashop_core.settling import Work
from ashop_core.texts import Text, counted
from ashop_core.undoing import can_be_undone

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a request. `change` is None when there was nothing to change (`unchanged`).

    In a preview nothing was kept: `problems` are the reasons against it, `previews` the messages as they
    would read. Otherwise `problems` is empty: a refusal is raised. `lasting` says what no undo takes back;
    until `undo_until` the change itself can be undone, None if it cannot.
    """

    order: Order
    change: Change | None = None
    effects: tuple[tuple[str, Effect], ...] = ()
    messages: tuple[PlannedMessage, ...] = ()
    problems: tuple[Problem, ...] = ()
    previews: tuple[tuple[PlannedMessage, Rendered], ...] = ()
    lasting: tuple[Text, ...] = ()
    undo_until: datetime | None = None

    @property
    def unchanged(self) -> bool:
        """Tell whether the order already was as asked."""
        return self.change is None and not self.problems


def undo_until(shop: Shop, change: Change) -> datetime | None:
    """Return until when a change can be undone; None if it cannot."""
    window = timedelta(minutes=shop.settings.shop.undo_minutes)
    return change.at + window if window and can_be_undone(change, shop.flows) else None


def lasting(shop: Shop, work: Work) -> Iterator[Text]:
    """Yield what stays though the change is undone: what has left the house, and entries of the records."""
    change, wait = work.draft.change, shop.settings.shop.message_delay_seconds
    soon = sum(message.delay <= timedelta(seconds=wait) for message in work.planned)
    if soon:
        yield _leaving(soon, wait)
    for job in work.jobs:
        if job.lasting:
            yield job.label
    if change.payment is not None:
        yield Text("posten i betalningarna", "the entry of the payment record")
    if change.places:
        yield Text("ordern får sitt nummer", "the order gets its number")
    if change.kind is Kind.ANONYMISED:
        yield Text("personuppgifterna försvinner för gott", "the personal data are gone for good")


def _leaving(n: int, wait: int) -> Text:
    if not wait:
        return counted(
            n,
            Text("ett meddelande går genast", "a message leaves at once"),
            Text("{n} meddelanden går genast", "{n} messages leave at once"),
        )
    one = Text(
        "ett meddelande går efter {s} sekunder; tills dess stoppar en ångring det",
        "a message leaves after {s} seconds; until then an undo stops it",
    )
    more = Text(
        "{n} meddelanden går efter {s} sekunder; tills dess stoppar en ångring dem",
        "{n} messages leave after {s} seconds; until then an undo stops them",
    )
    return (one if n == 1 else more).fill(n=n, s=wait)
