"""What a message may tell: the customer's view of an order, and the context that every message is rendered from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.attempting import Telling
from ashop_core.channel_answers import words_of
from ashop_core.clock import to_iso
from ashop_core.customer import CustomerOrder, MessageContext, StaffView, customer_view, occasion_of
from ashop_core.drafts import Draft
from ashop_core.flows import Flows
from ashop_core.models import (
    EVEN_LATER,
    Audience,
    Change,
    Entry,
    Message,
    Order,
    Parcel,
    ParcelInfo,
    PlannedMessage,
    Rendered,
    Role,
    Status,
)
from ashop_core.order_records import history_of, parcels_of
from ashop_core.orders import load_order_by_id
from ashop_core.parcels import parcel_info
from ashop_core.stale import stale
from ashop_core.storage import Reader
from ashop_core.transaction import flag_label
from ashop_core.visible import asked_for

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def view_of(shop: Shop, reader: Reader, order: Order) -> CustomerOrder | None:
    """Return what the customer may see of an order now."""
    parcels = _described(shop, order, parcels_of(reader, order))
    return customer_view(order, history_of(reader, order.id), parcels, shop.flows)


def telling_of(shop: Shop, message: Message) -> Telling:
    """Return what a message may say, or why it says nothing: nobody may know of it, or it is no longer true."""
    with shop.database.read() as reader:
        order = load_order_by_id(reader, message.order_id)
        history = history_of(reader, order.id)
        parcels = parcels_of(reader, order)
        repeated = _told_again(reader, message)
    # As it was at that change: a late message tells of no later status, field or parcel. One that was to wait and see
    # whether the order is still in the status tells how that status stands by now.
    until, words = [entry for entry in history if entry.seq <= message.seq], words_for(message)
    entry = until[-1]
    status = shop.flows.status(entry.to_status)
    flows = flows_for(shop, message.audience)
    why = "" if message.resends is not None else stale(message, entry, history, flows, repeated)
    told = history if words.waited else until
    context = None if why else _context(shop, order, entry, told, parcels, words)
    return Telling(order=order, status=status, context=context, why=why or "hidden")


def _told_again(reader: Reader, message: Message) -> bool:
    """Tell whether a later message of the order says the same anew, such as another booked time.

    One that was to leave before this one does not: this one was delayed so as to come after it.
    """
    sql = (
        "SELECT 1 FROM outbox WHERE order_id = :order_id AND code = :code AND template = :template "
        "AND recipient = :recipient AND audience = :audience AND seq > :seq AND planned_at >= :planned_at "
        "AND kind = 'message' AND delivery <> 'suppressed' AND resends IS NULL"
    )
    which = {
        "order_id": message.order_id, "code": message.channel, "template": message.template,
        "recipient": message.recipient, "audience": message.audience.value, "seq": message.seq,
        "planned_at": to_iso(message.planned_at),
    }  # fmt: skip
    return reader.row(sql, which) is not None


def flows_for(shop: Shop, audience: Audience) -> Flows:
    """Return the flows as whoever a message is for may know them."""
    return shop.flows.seen_by_staff if audience is Audience.STAFF else shop.flows


@dataclass(frozen=True, kw_only=True)
class Words:
    """What decides how a message is worded: which template, in which language, to whom.

    `waited`: it was to see whether the order stays in its status, and tells how that status stands by now.
    """

    template: str
    language: str
    recipient: str
    audience: Audience
    waited: bool


def words_for(message: Message | PlannedMessage) -> Words:
    """Return what decides how a message is worded."""
    return Words(
        template=message.template,
        language=message.language,
        recipient=message.recipient,
        audience=message.audience,
        waited=message.only_in not in ("", EVEN_LATER),
    )


def render_planned(
    shop: Shop, draft: Draft, planned: Iterable[PlannedMessage]
) -> tuple[tuple[PlannedMessage, Rendered], ...]:
    """Return the messages that a draft would cause, exactly as their recipients would read them."""
    order, change = draft.after, draft.change
    with shop.database.read() as reader:
        history = [*history_of(reader, order.id), _entry(change)]
        parcels = parcels_of(reader, order)
    if (new := change.parcel) is not None:
        parcels.append(
            Parcel(
                position=order.parcel_count,
                seq=change.seq,
                number=new.number,
                carrier=new.carrier,
                sent_at=change.at,
                contents=draft.contents,
            )
        )
    rendered = []
    for p in planned:
        context = _context(shop, order, history[-1], history, parcels, words_for(p))
        if context is not None:
            rendered.append((p, words_of(shop.channels[p.channel], context)))
    return tuple(rendered)


def _context(
    shop: Shop, order: Order, entry: Entry, history: list[Entry], parcels: list[Parcel], words: Words
) -> MessageContext | None:
    """Return the context of a message about one of these changes, as it stands after the last of them.

    None where nobody may be told of it.
    """
    flows = flows_for(shop, words.audience)
    status = flows.status(entry.to_status)
    described = _described(shop, order, [p for p in parcels if p.seq <= history[-1].seq])
    view = customer_view(order, history, described, flows)
    # What has become hidden since is not told either.
    if view is None or status.customer_label is None or not status.visible:
        return None
    fields = asked_for(entry, status)
    if words.waited:
        fields = {f.code: view.fields[f.code] for f in status.fields if f.code in view.fields}
    if entry.parcel:
        fields["parcel_number"] = entry.parcel
    return MessageContext(
        shop_name=shop.settings.shop.name,
        customer_url=shop.settings.shop.customer_url,
        language=words.language,
        timezone=shop.settings.shop.timezone,
        template=words.template,
        status=status.customer_label,
        order=view,
        recipient=words.recipient,
        fields=fields,
        words=entry.words,
        parcel=view.parcels[-1] if any(p.seq == entry.seq for p, _ in described) else None,
        occasion=occasion_of(entry),
        staff=_staff_view(order, entry, status) if words.audience is Audience.STAFF else None,
    )


def _staff_view(order: Order, entry: Entry, status: Status) -> StaffView:
    return StaffView(
        name=order.name,
        reference=order.reference,
        status=status.label,
        customer=order.customer,
        actor=entry.actor,
        note=entry.note,
        flags=tuple(flag_label(code) for code in order.flags),
        is_new=status.role is Role.PLACED and entry.from_status != entry.to_status,
    )


def _described(shop: Shop, order: Order, parcels: list[Parcel]) -> list[tuple[Parcel, ParcelInfo]]:
    return [(parcel, parcel_info(shop, order, parcel)) for parcel in parcels]


def _entry(change: Change) -> Entry:
    """Return the row that a change would have in the history."""
    return Entry(
        seq=change.seq,
        kind=change.kind,
        from_status=change.from_status,
        to_status=change.to_status,
        at=change.at,
        actor=change.actor,
        note=change.note,
        reason=change.reason,
        fields=change.fields,
        moves=change.moves,
        effects=(),
        parcel=(change.parcel.number or None) if change.parcel else None,
        words=change.words,
        edits=change.edits,
        returned=change.returned,
        undoes=change.undoes,
        notify=change.notify,
    )
