"""What still waits for a customer whose address is corrected: it goes to the new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ashop_core.channel_answers import lane_of, recipient_of
from ashop_core.channels import Channel
from ashop_core.clock import to_iso
from ashop_core.models import Change, Customer, Effect
from ashop_core.storage import Writer
from ashop_core.texts import Text, counted

# What is being delivered just now goes where it was going, and what a worker only holds in its hands is taken from it;
# a copy has the address that staff gave it.
_MOVE = """
UPDATE outbox AS o SET recipient = :new, lane = :lane, delivery = 'waiting', lease = NULL, lease_until = NULL,
    due_at = CASE WHEN planned_at > :at THEN planned_at ELSE :at END
WHERE order_id = :id AND kind = 'message' AND audience = 'customer' AND code = :code AND recipient = :old
AND resends IS NULL AND (delivery = 'waiting' OR (delivery = 'claimed' AND NOT EXISTS (
    SELECT 1 FROM outbox_attempts AS a WHERE a.outbox_id = o.id AND a.number = o.attempts AND a.ended_at IS NULL
)))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAddress:
    """The address by which a channel reaches a customer from now on, in place of another."""

    channel: str
    old: str
    new: str
    lane: str


def new_addresses(channels: Mapping[str, Channel], before: Customer, after: Customer) -> list[NewAddress]:
    """Return the addresses that a correction replaces; one that is only taken away is none."""
    if before == after:
        return []
    found = []
    for code, channel in channels.items():
        old, new = (recipient_of(channel, customer) for customer in (before, after))
        if old and new and old != new:
            lane = lane_of(channel, new)
            found.append(NewAddress(channel=code, old=old, new=new, lane=lane))
    return found


def readdress(tx: Writer, order_id: int, change: Change, addresses: Iterable[NewAddress]) -> list[Effect]:
    """Send what waits to the new addresses, at once where its time has come; tell how much that was."""
    told = []
    for address in addresses:
        which = {"code": address.channel, "old": address.old, "new": address.new, "lane": address.lane}
        moved = tx.execute(_MOVE, {**which, "id": order_id, "at": to_iso(change.at)})
        if moved:
            one = Text("ett meddelande som väntade går till {{new}}", "a message that waited goes to {{new}}")
            more = Text(
                "{n} meddelanden som väntade går till {{new}}", "{n} messages that waited go to {{new}}"
            )
            text = counted(moved, one, more).fill(new=address.new)
            told.append(
                Effect(
                    subject=f"messages:{address.channel}", before=address.old, after=address.new, text=text
                )
            )
    return told
