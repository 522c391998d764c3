"""What is said of a change that the customer does not hear of, and of what did not reach the address before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.cli.output import clean, note
from ashop_core.models import Arrival, Audience, Delivery, Kind
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Message
    from ashop_core.outcomes import Outcome
    from ashop_core.shop import Shop

_CONTACT = ("customer.email", "customer.phone")


def note_untold(shop: Shop, outcome: Outcome, asked: bool | None) -> None:
    """Say that no message goes to the customer where somebody may think so.

    `asked`: what whoever makes the change said of messages, None where nothing.
    """
    if outcome.problems or any(m.audience is Audience.CUSTOMER for m in outcome.messages):
        return
    status, change = shop.flows.status(outcome.order.status), outcome.change
    moved = change is not None and change.kind is Kind.STATUS and not change.enters
    if change is None:
        words = _SAME if asked else None
    elif asked:
        words = _HIDDEN if not status.visible else _UNFIT if status.tells else _SILENT
    else:
        words = _UNASKED if asked is None and moved and status.tells else None
    if words is not None:
        note(words.fill(status=status.label, code=status.code, order=outcome.order.name))


_SAME = Text(
    "Inget ändras, så inget skickas. Ett tidigare meddelande skickas på nytt med `ashop message resend`.",
    "Nothing changes, so nothing is sent. `ashop message resend` sends an earlier message once more.",
)
_HIDDEN = Text(
    "Kunden får inget meddelande: {status} är en dold status.",
    "The customer gets no message: {status} is a hidden status.",
)
_SILENT = Text(
    "Kunden får inget meddelande: {status} skickar inget till kunden. Sätt notify under [statuses.{code}] i ashop.toml.",
    "The customer gets no message: {status} sends the customer none. Set notify under [statuses.{code}] in ashop.toml.",
)
_UNFIT = Text(
    "Kunden får inget meddelande: `ashop message preview --order {order} --status {code}` visar varför.",
    "The customer gets no message: `ashop message preview --order {order} --status {code}` shows why.",
)
_UNASKED = Text(
    "Kunden får inget meddelande om det: ange --notify om kunden ska få veta.",
    "The customer gets no message of that: give --notify if the customer is to know.",
)


def note_given_up(shop: Shop, outcome: Outcome) -> None:
    """Say which messages were given up at an address that a correction has replaced, and how to send them again."""
    change = outcome.change
    if change is None or not any(edit.path in _CONTACT for edit in change.edits):
        return
    messages = shop.messages(outcome.order)
    again = {message.resends for message in messages}
    for message in messages:
        if message.id not in again and (new := _new_address(shop, outcome, message)):
            words = Text(
                "Meddelande {id} kom aldrig fram till {old}: `ashop message resend {id} --to {new}`",
                "Message {id} never reached {old}: `ashop message resend {id} --to {new}`",
            )
            note(words.fill(id=message.id, old=clean(message.recipient), new=clean(new)))


def _new_address(shop: Shop, outcome: Outcome, message: Message) -> str | None:
    """Return where a message that did not arrive would go now; None where it did, or would go there again."""
    channel = shop.channels.get(message.channel)
    lost = message.delivery is Delivery.DEAD or message.arrival is Arrival.FAILED
    if channel is None or not lost or message.audience is not Audience.CUSTOMER:
        return None
    new = channel.recipient(outcome.order.customer)
    return new if new != message.recipient else None
