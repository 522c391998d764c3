"""When a message that has not left yet is no longer worth sending: undone, overtaken, or said anew."""

from __future__ import annotations

from collections.abc import Sequence

from ashop_core.customer import Occasion, occasion_of
from ashop_core.flows import Flows
from ashop_core.models import EVEN_LATER, Audience, Entry, Message, Role, Stage, Status
from ashop_core.visible import Visible, is_undone, visible

_FACTS = (Occasion.RETURN, Occasion.CORRECTION)
"""What such a message tells stays true whatever the order's status becomes."""


def stale(message: Message, entry: Entry, history: Sequence[Entry], flows: Flows, told_again: bool) -> str:
    """Return why a message about a change is not to be sent any more, or nothing where it is.

    `flows` are as the recipient may know them: what is hidden from customers does not overtake what they are told, so
    that they cannot learn of it by what they are not sent. `told_again`: a later message says the same anew.
    """
    if is_undone(entry, history):
        return "undone"
    seen = visible(history, flows)
    if seen is None:
        return ""  # nothing of the order may be told, which is found out elsewhere
    even_later = message.only_in == EVEN_LATER
    if message.only_in and not even_later and _has_left(message.only_in, entry, seen):
        return "moved_on"
    if message.audience is Audience.STAFF or occasion_of(entry) in _FACTS:
        return ""
    if _is_overtaken(flows.status(entry.to_status), seen.status, entry, even_later):
        return "overtaken"
    return "told_again" if told_again and not _reports_parcel(entry) else ""


def _has_left(code: str, entry: Entry, seen: Visible) -> bool:
    """Tell whether the order has been in another status since: one that it came back to begins anew."""
    later = (status for change, status in seen.changes if change.seq > entry.seq)
    return any(status.visible and status.code != code for status in later)


def _is_overtaken(told: Status, now: Status, entry: Entry, even_later: bool) -> bool:
    """Tell whether the order has come so far that the message would confuse.

    The confirmation of an order is wanted until the order is void, and so are a parcel's number and what is to be
    sent even later.
    """
    if now.stage is Stage.VOID:
        return told.stage is not Stage.VOID
    if told.role is Role.PLACED or _reports_parcel(entry) or even_later:
        return False
    return told.stage is Stage.OPEN and now.stage is Stage.DONE


def _reports_parcel(entry: Entry) -> bool:
    return entry.parcel is not None or entry.parcels > 0
