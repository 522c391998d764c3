"""What staff see on the page of an order that is paid but short: what it lacks, and the ways on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.clock import local
from ashop_core.models import Section
from ashop_core.texts import Text, same
from ashop_stock_control import stock
from ashop_strict_stock.cancelling import FLAG, is_untouched, when_words
from ashop_strict_stock.settings import PaidShort, StrictSettings

if TYPE_CHECKING:
    from ashop_core import Order, Shop

_TITLE = Text("Betald men slut", "Paid but short")
_LACKS = Text("Saknas", "Lacking")
_WAIT = (
    Text("Vänta på varor", "Wait for goods"),
    Text("ta emot dem med `ashop stock receive`", "receive them with `ashop stock receive`"),
)
_CANCEL = (
    Text("Eller makulera", "Or cancel"),
    Text(
        "`ashop order cancel {order} --reason …`, och betala tillbaka: `ashop order payment {order} refunded`",
        "`ashop order cancel {order} --reason …`, and give the money back: `ashop order payment {order} refunded`",
    ),
)
_BY_ITSELF = Text("Makuleras", "Will be cancelled")
_UNLESS = Text(
    "{when}, om varor fortfarande saknas och ingen har rört ordern",
    "{when}, if goods are still missing and nobody has touched the order",
)
_THERE = (
    Text("Varorna", "The goods"),
    Text("finns nu: ordern kan skickas", "are there now: the order can be sent"),
)


def sections(shop: Shop, order: Order) -> list[Section]:
    """Return what the order lacks by now and what can be done; nothing for one that is not flagged."""
    if FLAG not in order.flags:
        return []
    lacking = stock.still_short(shop, order)
    if not lacking:
        return [Section(title=_TITLE, rows=(_THERE,))]
    rows: list[tuple[Text, Text | str]] = [(_LACKS, reason.staff_text) for reason in lacking]
    rows += [_WAIT, (_CANCEL[0], _CANCEL[1].fill(order=order.name))]
    if shop.settings.for_plugin(StrictSettings).paid_short is PaidShort.CANCEL and is_untouched(shop, order):
        rows.append((_BY_ITSELF, _UNLESS.fill(when=_second_look(shop, order))))
    return [Section(title=_TITLE, rows=tuple(rows))]


def _second_look(shop: Shop, order: Order) -> Text:
    """Return when the order is looked at again, in the shop's zone."""
    hours = shop.settings.for_plugin(StrictSettings).cancel_after_hours
    if order.placed_at is None or not hours:
        return when_words(0)
    return same(
        f"{local(order.placed_at + timedelta(hours=hours), shop.settings.shop.timezone):%Y-%m-%d %H:%M}"
    )
