"""How the commands that show messages name things: how far one has come and why, its attempts, lanes that are down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import usage_error
from ashop_core.cli.language import say
from ashop_core.cli.names import ARRIVALS, ATTEMPTS, AUDIENCES, DELIVERIES, DONE, actor_label
from ashop_core.cli.outcome import sender_label, show_words
from ashop_core.cli.output import clean, note, show_pairs, when
from ashop_core.cli.values import clock_time
from ashop_core.models import Arrival, Attempt, AttemptOutcome, Audience, Delivery, Message
from ashop_core.texts import Text, joined

if TYPE_CHECKING:
    from ashop_core.lanes import Lane
    from ashop_core.outbox import Delivered
    from ashop_core.shop import Shop


def message_id(text: str) -> int:
    """Return the id that somebody wrote; a usage error where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        usage_error(
            Text(
                "”{t}” är inget id; se `ashop message list`", "“{t}” is no id; see `ashop message list`"
            ).fill(t=text)
        )
    return int(text)


def standing_words(message: Message, kind: str = "message") -> Text:
    """Return how far it has come, and what the receiving side told since; a job is done, not sent."""
    done = message.delivery is Delivery.SENT and kind != "message"
    words = [DONE if done else DELIVERIES[message.delivery]]
    if message.arrival is not Arrival.UNKNOWN:
        words.append(ARRIVALS[message.arrival])
    return joined(words)


def course_words(message: Message) -> str:
    """Return how far it has come with the time it was sent: ``skickat 2026-11-23 13:00, framme``."""
    words = f"{say(DELIVERIES[message.delivery])} {when(message.sent_at)}".rstrip()
    arrived = message.arrival is not Arrival.UNKNOWN
    return f"{words}, {say(ARRIVALS[message.arrival])}" if arrived else words


def why_words(message: Message) -> str:
    """Return why it did not leave or arrive, in one line; nothing where it did."""
    said = message.arrival_words if message.arrival is Arrival.FAILED else say(message.why)
    return " ".join(said.split())


def recipient_words(message: Message) -> str:
    """Return whom it is to; staff are named, the customer goes without saying."""
    to = clean(message.recipient) or say(_NOBODY)
    return f"{to} ({say(AUDIENCES[Audience.STAFF])})" if message.audience is Audience.STAFF else to


_NOBODY = Text("(avidentifierad)", "(anonymised)")


def attempt_words(attempt: Attempt, message: Message, attempts: int, kind: str = "message") -> Text:
    """Return what came of an attempt; the last of a message that is being sent may still be going on."""
    last = attempt.number == attempts and message.delivery is Delivery.CLAIMED
    if attempt.outcome is AttemptOutcome.STARTED and last:
        return _UNDER_WAY
    done = attempt.outcome is AttemptOutcome.SENT and kind != "message"
    return DONE if done else ATTEMPTS[attempt.outcome]


_UNDER_WAY = Text("pågår", "under way")


def attempt_lines(message: Message, attempts: Iterable[Attempt], kind: str = "message") -> list[str]:
    """Return a line for each attempt: number, time, outcome, what was said."""
    found = list(attempts)
    lines = []
    for attempt in found:
        words = [
            str(attempt.number), when(attempt.started_at), say(attempt_words(attempt, message, len(found), kind)),
            " ".join(say(attempt.said).split()),
        ]  # fmt: skip
        lines.append("  ".join(clean(word) for word in words if word))
    return lines


def show_message(shop: Shop, message: Message, attempts: Sequence[Attempt], most: int | None) -> None:
    """Print a message under the change that caused it: to whom, how far it came, attempts, its first lines."""
    words = [
        str(message.id), f"{sender_label(shop, message.channel)} → {recipient_words(message)}",
        course_words(message),
    ]  # fmt: skip
    if message.resends is not None:
        again = Text("({id} igen, begärt av {who})", "({id} again, asked for by {who})")
        words.append(say(again.fill(id=message.resends, who=actor_label(message.actor))))
    click.echo(f"    {'  '.join(words)}")
    lines = attempt_lines(message, attempts) if len(attempts) > 1 else []
    planned = message.planned_at if message.delivery is Delivery.WAITING and not attempts else None
    show_pairs(
        [
            (Text("Varför", "Why"), why_words(message)),
            (Text("Går tidigast", "Leaves after"), when(planned)),
            (Text("Försök", "Attempts"), "\n".join(lines)),
        ],
        6,
    )
    if message.rendered is not None:
        show_words(message.rendered.subject, message.rendered.body, most, indent=6)


def show_delivered(name: str, delivered: Iterable[Delivered]) -> None:
    """Print what became of the messages that were tried just now."""
    for item in delivered:
        words = (item.recipient, say(DELIVERIES[item.delivery]), say(item.said))
        show_pairs([(name, "  ".join(word for word in words if word))])


def lane_words(shop: Shop, lane: Lane) -> Text:
    """Return that a channel, or a domain of it, rests, until when and why."""
    channel = shop.channels.get(lane.channel)
    whole = Text("{channel} vilar till {time}: {why}", "{channel} rests until {time}: {why}")
    part = Text(
        "{channel} till {domain} vilar till {time}: {why}", "{channel} to {domain} rests until {time}: {why}"
    )
    return (part if lane.domain else whole).fill(
        channel=channel.label if channel else lane.channel,
        domain=lane.domain,
        time=clock_time(lane.resume_at, seconds=True),
        why=lane.said,
    )


def note_lanes(shop: Shop, codes: Collection[str] | None = None) -> None:
    """Say which channels and domains rest since they are down, of those in `codes` or of all; else nothing."""
    for lane in shop.lanes():
        if lane.resume_at > shop.clock() and (codes is None or lane.code in codes):
            note(lane_words(shop, lane))
