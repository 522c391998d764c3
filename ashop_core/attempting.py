"""One attempt to deliver a message: what it may say, rendered once and kept, counted, handed to its channel.

And what a failure means: another attempt after a pause, a lane that is down, or none ever again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ashop_core.channel_answers import words_of
from ashop_core.channels import Channel, CountsSendings, Sending
from ashop_core.clock import Clock, to_iso
from ashop_core.customer import MessageContext
from ashop_core.errors import AshopError, DeliveryError, Reach, TemporaryDeliveryError
from ashop_core.kept_words import storable
from ashop_core.lanes import channel_lane, growing_pause
from ashop_core.leases import Ended, keep_words
from ashop_core.models import AttemptOutcome, Delivery, Order, Status
from ashop_core.outbox_rows import message_of
from ashop_core.plugins import by_name
from ashop_core.storage import Database
from ashop_core.texts import Text, counted

LONGEST_ATTEMPT = timedelta(seconds=30)
"""The most that a channel may take for one message."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_WAIT = timedelta(days=1)
"""The most that a receiver's own ``Retry-After`` is listened to."""
MOST_ATTEMPTS = 12


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What a message may say now; without a `context` nothing, and `why` says why not (see `kept_words.WHY`)."""

    order: Order
    status: Status
    context: MessageContext | None = None
    why: str = ""


def ensure_not_worn_out(row: Mapping[str, Any]) -> None:
    """Raise DeliveryError for a row that never gets as far as an answer: it ends its worker each time."""
    if row["tries"] > MOST_ATTEMPTS:
        raise DeliveryError(
            Text("gavs upp efter {n} försök", "given up after {n} attempts").fill(n=MOST_ATTEMPTS)
        )


def ensure_young_enough(row: Mapping[str, Any], now: datetime) -> str:
    """Return why a message that nobody has tried is not sent any more, or nothing; one that was tried is given up."""
    if row["expires_at"] > to_iso(now):
        return ""
    tried = row["attempts"] - 1
    if not tried:
        return "too_old"
    once = Text("för gammalt efter ett försök", "too old after one attempt")
    raise DeliveryError(
        counted(tried, once, Text("för gammalt efter {n} försök", "too old after {n} attempts"))
    )


def hand_over(
    database: Database,
    clock: Clock,
    channel: Channel,
    row: Mapping[str, Any],
    telling: Telling,
    within: timedelta,
) -> str:
    """Give a message to its channel; return the receiving side's receipt. Raises whatever the channel raises.

    It is rendered once and kept, so that every attempt and the order's page show the same.
    """
    message = replace(message_of(row), unsure=row["unsure"])
    assert telling.context is not None
    rendered = message.rendered or words_of(channel, telling.context)
    if message.rendered is None or isinstance(channel, CountsSendings):
        with database.write() as tx:
            keep_words(tx, row, rendered)
            if isinstance(channel, CountsSendings):
                sending = Sending(
                    message=message,
                    rendered=rendered,
                    order=telling.order,
                    status=telling.status,
                    now=clock(),
                )
                by_name(channel.code, "count", channel.count, tx, sending)
    return _receipt(by_name(channel.code, "send", channel.send, message, rendered, within))


def _receipt(answer: object) -> str:
    """Return what a channel answered as text, whatever it is: the message has left, so nothing may fail now."""
    return "" if answer is None else storable(answer)


def ended_by(row: Mapping[str, Any], error: BaseException, now: datetime, down: Collection[str]) -> Ended:
    """Return what it means that an attempt ended like this; `down` are the lanes that had failed the last time."""
    if isinstance(error, DeliveryError):
        outcome = AttemptOutcome.UNSURE if error.unsure else AttemptOutcome.REFUSED
        return Ended(outcome, Delivery.DEAD, error.text, row["due_at"])
    if not isinstance(error, TemporaryDeliveryError):  # a plugin's fault
        words = error.text if isinstance(error, AshopError) else f"{type(error).__name__}: {storable(error)}"
        error = TemporaryDeliveryError(words)
    return _again(row, error, now, down)


def _again(
    row: Mapping[str, Any], error: TemporaryDeliveryError, now: datetime, down: Collection[str]
) -> Ended:
    """Return what a failure that may pass means: another attempt later, unless there were enough of them."""
    asked, lane = _asked(error.retry_after), _lane(row, error.reach)
    # It met this before, and since then others got through: it may be this very one that stops them.
    suspect = row["attempts"] > row["tries"] and lane not in down
    if lane and not error.unsure and not suspect:
        # The lane rests, so the row need not; and that a channel is down is not held against it.
        return Ended(AttemptOutcome.UNREACHABLE, Delivery.WAITING, error.text, to_iso(now), lane, asked)
    outcome = AttemptOutcome.UNSURE if error.unsure else AttemptOutcome.LATER
    if row["tries"] >= MOST_ATTEMPTS:
        return Ended(outcome, Delivery.DEAD, error.text, row["due_at"], lane, asked)
    # Not beyond its last day: it would keep later messages of the order waiting for nothing.
    due = min(
        to_iso(now + max(growing_pause(row["tries"], FIRST_PAUSE, LONGEST_PAUSE), asked)), row["expires_at"]
    )
    return Ended(outcome, Delivery.WAITING, error.text, due, lane, asked)


def _asked(seconds: object) -> timedelta:
    """Return the pause that a receiver asks for, within reason; rubbish asks for none."""
    if not isinstance(seconds, int | float) or not seconds > 0:
        return timedelta()
    return timedelta(seconds=min(LONGEST_WAIT.total_seconds(), seconds))


def _lane(row: Mapping[str, Any], reach: Reach) -> str:
    """Return the lane that a failure says is down, if it says so."""
    if row["kind"] != "message" or reach is Reach.MESSAGE:
        return ""
    return channel_lane(row["code"]) if reach is Reach.CHANNEL else str(row["lane"])
