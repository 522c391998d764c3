"""Orders that are paid but short, cancelled after the fact where the shop wants that: money is given back by staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.changes import CancelRequest
from ashop_core.errors import DeliveryError, Refused
from ashop_core.models import Effect, Job, Role
from ashop_core.outbox import JobHandler
from ashop_core.texts import Text, counted
from ashop_stock_control import stock
from ashop_strict_stock.settings import PaidShort, StrictSettings

if TYPE_CHECKING:
    from ashop_core import Change, ChangeTransaction, Order, Shop

ACTOR = "strict_stock"
FLAG = "paid_short"
_JOB = "strict_stock_second_look"
_REASON = Text("betald men slut", "paid but short")
_WILL = Text("makuleras {when} om varor fortfarande saknas", "cancelled {when} if goods are still missing")
_AT_ONCE = Text("strax", "shortly")
_HOUR, _HOURS = Text("om {n} timme", "in {n} hour"), Text("om {n} timmar", "in {n} hours")


def ask_for_second_look(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect]:
    """Enqueue a second look at an order that was just placed short, where the settings say so."""
    settings = tx.settings.for_plugin(StrictSettings)
    # Plugins have their turn in the order of their names: stock_control has said by now whether it is short.
    if settings.paid_short is PaidShort.KEEP or not change.places or not tx.flags.get(FLAG):
        return []
    tx.enqueue(_JOB, {"order": order.reference}, key=FLAG, delay=timedelta(hours=settings.cancel_after_hours))
    words = _WILL.fill(when=when_words(settings.cancel_after_hours))
    return [Effect(subject=f"order:{FLAG}", before="", after=PaidShort.CANCEL.value, text=words)]


def when_words(hours: int) -> Text:
    """Return when a second look comes, counted from the placement."""
    return counted(hours, _HOUR, _HOURS) if hours else _AT_ONCE


def cancel_if_short(shop: Shop, payload: Mapping[str, Any]) -> None:
    """Cancel the order unless goods have come in for it or somebody has taken it on; harmless the second time."""
    with shop.database.read():
        order = shop.order(payload["order"])
        wanted = is_untouched(shop, order) and stock.still_short(shop, order)
    if not wanted or shop.settings.for_plugin(StrictSettings).paid_short is PaidShort.KEEP:
        return
    request = CancelRequest(reason=_REASON.to(shop.settings.shop.language))
    try:
        shop.change(order, request, actor=ACTOR, expected_version=order.version)
    except Refused as refusal:
        # To try again would be refused again: staff see it among what could not be delivered.
        raise DeliveryError(refusal.staff_text) from refusal


def is_untouched(shop: Shop, order: Order) -> bool:
    """Tell whether an order is still where it was placed: short, not approved, and nothing of it sent."""
    placed = shop.flows.status(order.status).role is Role.PLACED
    gone = any(line.gone for line in order.lines)
    return placed and FLAG in order.flags and order.approved_at is None and not gone


HANDLER = JobHandler(
    Job(
        code=_JOB,
        label=Text("Makulera betalda ordrar som saknar varor", "Cancel paid orders that lack goods"),
    ),
    cancel_if_short,
)
