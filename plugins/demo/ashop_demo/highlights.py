"""What is worth looking at in a shop that was just played: orders with a story, and what to do with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ashop_core.changes import StatusRequest
from ashop_core.models import Order
from ashop_core.order_filter import OrderFilter
from ashop_core.texts import Text
from ashop_demo.parcels import parcel_number_of
from ashop_demo.show import Scene, typed
from ashop_stock_control import stock

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def scenes(shop: Shop) -> list[Scene]:
    """Return the commands that show what became of the play."""
    story = _first(shop, ("delivery_booked", "shipped", "reviewed", "received"))
    found = [Scene(Text("Senaste ordrarna", "The latest orders"), ("order", "list", "--limit", "15"))]
    if story is not None:
        found.append(
            Scene(Text("En order, med allt", "One order, with everything"), ("order", "show", story.name))
        )
    found += [
        Scene(Text("Det som tagit slut i lagret", "What has sold out"), ("stock", "list", "--status", "sold_out")),
        Scene(Text("Det som snart är slut eller översålt", "What runs out or is oversold"), ("stock", "alerts")),
        Scene(Text("Mejl och sms till kunderna", "Mail and SMS to customers"), ("message", "list", "--limit", "10")),
    ]  # fmt: skip
    letter = None if story is None else _letter(shop, story)
    if letter is not None:
        found.append(
            Scene(Text("Ett av meddelandena", "One of the messages"), ("message", "show", str(letter)))
        )
    found.append(Scene(Text("Vad som väntar i dag", "What waits today"), ("today",)))
    return found


def suggestions(shop: Shop) -> Iterator[tuple[str, Text]]:
    """Yield commands to try, with the numbers of orders for which they work."""
    waiting = _ready_for(shop, "reviewed", _orders(shop, "received"))
    if waiting is not None:
        yield (
            typed("order", "status", waiting.name, "reviewed"),
            Text("Granska en ny order", "Review a new order"),
        )
    packed = _ready_for(shop, "shipped", _orders(shop, "reviewed", "post"))
    if packed is not None:
        number = parcel_number_of(packed.name)
        yield (
            typed("order", "status", packed.name, "shipped", "--parcel", number),
            Text(
                "Skicka en order: lagret minskar, kunden får mejl och sms",
                "Ship an order: the stock falls, the customer gets mail and SMS",
            ),
        )
    invoiced = _unapproved(shop)
    if invoiced is not None:
        yield (
            typed("order", "approve", invoiced.name),
            Text("Godkänn en fakturaorder", "Approve an invoiced order"),
        )
    yield typed("order", "abandoned"), Text("Vilka gick ifrån kassan?", "Who left the checkout?")
    gone = stock.items(shop, stock.ItemFilter(status="sold_out"), limit=1).rows
    if gone:
        yield typed("stock", "explain", gone[0].sku), Text("Varför är den slut?", "Why is it sold out?")
    yield (
        typed("stock", "simulate", "--policy", "strict"),
        Text("Om ingen fått köpa mer än som finns?", "What if nobody could buy more than there is?"),
    )
    yield (
        typed("message", "mailbox", "--open"),
        Text("Alla mejl och sms, i webbläsaren", "Every mail and SMS, in the browser"),
    )
    yield (
        typed("flow", "show"),
        Text("Statusarna och vägarna mellan dem", "The statuses and the ways between them"),
    )
    yield typed("doctor"), Text("Stämmer allt?", "Is all well?")


def replay_scenes() -> list[Scene]:
    """Return the commands that show what became of a file of orders."""
    return [
        Scene(Text("Senaste ordrarna", "The latest orders"), ("order", "list", "--limit", "10")),
        Scene(
            Text("Det som tagit slut i lagret", "What has sold out"),
            ("stock", "list", "--status", "sold_out", "--limit", "10"),
        ),
    ]


def replay_suggestions() -> Iterator[tuple[str, Text]]:
    """Yield commands to try in a shop that replayed a file."""
    yield typed("order", "list", "--all", "--csv"), Text("Alla ordrar som CSV", "All orders as CSV")
    yield (
        typed("order", "abandoned"),
        Text("Kassor som stupade på lagret", "Checkouts that the stock stopped"),
    )
    yield typed("doctor"), Text("Stämmer allt?", "Is all well?")


def _first(shop: Shop, statuses: tuple[str, ...]) -> Order | None:
    return next((order for status in statuses for order in _orders(shop, status)), None)


def _orders(shop: Shop, status: str, delivery: str | None = None) -> Iterator[Order]:
    """Yield the orders in a status, newest first; none where this shop has no such status."""
    if status not in shop.flows.statuses:
        return
    for row in shop.every_order(OrderFilter(statuses=(status,), delivery=delivery)):
        yield shop.order(row.reference)


def _ready_for(shop: Shop, status: str, orders: Iterable[Order]) -> Order | None:
    """Return the first order that nothing keeps from that status."""
    request = StatusRequest(to=status)
    return next((order for order in orders if not shop.preview(order, request).problems), None)


def _unapproved(shop: Shop) -> Order | None:
    asked = {m.code for m in shop.flows.payment_methods.values() if m.needs_approval}
    return next(
        (o for o in _orders(shop, "reviewed") if o.payment_method in asked and o.approved_at is None), None
    )


def _letter(shop: Shop, order: Order) -> int | None:
    """Return the last mail that an order sent."""
    mails = [message.id for message in shop.messages(order) if message.channel == "email"]
    return mails[-1] if mails else None
