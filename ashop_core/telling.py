"""What the customer is told: the one view of an order, and the context that every message is rendered from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ashop_core.changes import Draft
from ashop_core.customer import CustomerOrder, MessageContext, customer_view
from ashop_core.models import Entry, Message, Order, Parcel, PlannedMessage, Rendered
from ashop_core.orders import history_of, load_order_by_id, parcels_of
from ashop_core.plugins import by_name
from ashop_core.storage import Reader

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def view_of(shop: Shop, reader: Reader, order: Order) -> CustomerOrder | None:
    """Return what the customer may see of an order now."""
    return _view(shop, order, history_of(reader, order.id), parcels_of(reader, order))


def _view(shop: Shop, order: Order, entries: list[Entry], parcels: list[Parcel]) -> CustomerOrder | None:
    return customer_view(order, [(e.to_status, e.fields) for e in entries], parcels, shop.flows)


def message_context(shop: Shop, message: Message) -> MessageContext | None:
    """Return what a message may say; None where the customer may not know of its order."""
    with shop.database.read() as reader:
        order = load_order_by_id(reader, message.order_id)
        # As it was at that change: a late message tells of no later status, field or parcel.
        entries = [e for e in history_of(reader, order.id) if e.seq <= message.seq]
        entry = entries[-1]
        parcels = [p for p in parcels_of(reader, order) if p.sent_at <= entry.at]
    view = _view(shop, order, entries, parcels)
    # What has become hidden since is not told either.
    if view is None or not shop.flows.status(entry.to_status).visible:
        return None
    fields = dict(entry.fields)
    if entry.parcel:
        fields["parcel_number"] = entry.parcel
    words = (message.template, message.language, message.recipient)
    return _context(shop, view, *words, entry.to_status, fields)


def render_planned(
    shop: Shop, draft: Draft, planned: Iterable[PlannedMessage]
) -> tuple[tuple[PlannedMessage, Rendered], ...]:
    """Return the messages that a draft would cause, as their recipients would read them."""
    order = draft.after
    with shop.database.read() as reader:
        seen = [(entry.to_status, entry.fields) for entry in history_of(reader, order.id)]
        parcels = parcels_of(reader, order)
    if (new := draft.change.parcel) is not None:
        parcels.append(
            Parcel(
                position=order.parcel_count,
                seq=draft.change.seq,
                number=new.number,
                carrier=new.carrier,
                sent_at=draft.change.at,
                contents=draft.contents,
            )
        )
    seen.append((order.status, draft.change.fields))
    view = customer_view(order, seen, parcels, shop.flows)
    if view is None:
        return ()
    fields = dict(draft.change.fields)
    if draft.change.parcel and draft.change.parcel.number:
        fields["parcel_number"] = draft.change.parcel.number
    return tuple(
        (
            p,
            by_name(
                p.channel,
                "render",
                shop.channels[p.channel].render,
                _context(shop, view, p.template, p.language, p.recipient, order.status, fields),
            ),
        )
        for p in planned
    )


def _context(
    shop: Shop,
    view: CustomerOrder,
    template: str,
    language: str,
    recipient: str,
    status: str,
    fields: Mapping[str, str],
) -> MessageContext:
    return MessageContext(
        shop_name=shop.settings.shop.name,
        language=language,
        timezone=shop.settings.shop.timezone,
        template=template,
        status=shop.flows.status(status).customer_label or view.status,
        order=view,
        recipient=recipient,
        fields=fields,
    )
