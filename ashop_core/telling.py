"""What the customer is told: the one view of an order, and the context that every message is rendered from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ashop_core.customer import CustomerOrder, MessageContext, customer_view, occasion_of
from ashop_core.drafts import Draft
from ashop_core.models import (
    Change,
    Entry,
    Message,
    Order,
    Parcel,
    ParcelInfo,
    PlannedMessage,
    Rendered,
)
from ashop_core.order_records import history_of, parcels_of
from ashop_core.orders import load_order_by_id
from ashop_core.parcels import parcel_info
from ashop_core.plugins import by_name
from ashop_core.storage import Reader
from ashop_core.visible import asked_for, is_undone

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def view_of(shop: Shop, reader: Reader, order: Order) -> CustomerOrder | None:
    """Return what the customer may see of an order now."""
    parcels = _described(shop, order, parcels_of(reader, order))
    return customer_view(order, history_of(reader, order.id), parcels, shop.flows)


def message_context(shop: Shop, message: Message) -> MessageContext | None:
    """Return what a message may say; None where the customer may not know of it, or it is no longer true."""
    with shop.database.read() as reader:
        order = load_order_by_id(reader, message.order_id)
        history = history_of(reader, order.id)
        parcels = parcels_of(reader, order)
    # As it was at that change: a late message tells of no later status, field or parcel.
    told = [entry for entry in history if entry.seq <= message.seq]
    if is_undone(told[-1], history):
        return None
    return _context(shop, order, told, parcels, (message.template, message.language, message.recipient))


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
        context = _context(shop, order, history, parcels, (p.template, p.language, p.recipient))
        if context is not None:
            rendered.append((p, by_name(p.channel, "render", shop.channels[p.channel].render, context)))
    return tuple(rendered)


def _context(
    shop: Shop, order: Order, history: list[Entry], parcels: list[Parcel], words: tuple[str, str, str]
) -> MessageContext | None:
    """Return the context of a message about the last of these changes; `words` are template, language, recipient."""
    entry = history[-1]
    status = shop.flows.status(entry.to_status)
    described = _described(shop, order, [p for p in parcels if p.seq <= entry.seq])
    view = customer_view(order, history, described, shop.flows)
    # What has become hidden since is not told either.
    if view is None or status.customer_label is None or not status.visible:
        return None
    template, language, recipient = words
    fields = asked_for(entry, status)
    if entry.parcel:
        fields["parcel_number"] = entry.parcel
    return MessageContext(
        shop_name=shop.settings.shop.name,
        language=language,
        timezone=shop.settings.shop.timezone,
        template=template,
        status=status.customer_label,
        order=view,
        recipient=recipient,
        fields=fields,
        words=entry.words,
        parcel=view.parcels[-1] if any(p.seq == entry.seq for p, _ in described) else None,
        occasion=occasion_of(entry),
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
    )
