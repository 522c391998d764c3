"""The words of messages, jobs and the order page's sections as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ashop_core.flow_models import Audience
from ashop_core.texts import NOTHING, Text

EVEN_LATER = "*"
"""Stands in `only_in` for a delayed message that is wanted whatever status the order has come to."""


class Delivery(StrEnum):
    """How far an outbox row has come. `sent`, `dead` and `suppressed` are for good."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


class Arrival(StrEnum):
    """What the receiving side has told of a message since it took it; `delivered` and `failed` are for good."""

    UNKNOWN = ""
    UNDERWAY = "underway"
    DELIVERED = "delivered"
    FAILED = "failed"


class AttemptOutcome(StrEnum):
    """What came of one attempt to deliver.

    After `started` nobody told more: the worker ended in the middle of it. It is as open as `unsure` whether such a
    message arrived. `unreachable` is a channel that was down: nothing was handed over, and it is not held against the
    message.
    """

    STARTED = "started"
    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNSURE = "unsure"
    UNREACHABLE = "unreachable"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt to deliver a message: when, what came of it, and what the receiving side said.

    `said` is for people what `words` are for programs.
    """

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: AttemptOutcome
    words: str = ""
    said: Text = NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A message as the recipient reads it; `html` only where the channel has it.

    `sender` and `reply_to` are as the recipient sees them. All of it is kept, so that every attempt hands over the
    same bytes whatever the settings have become meanwhile.
    """

    subject: str
    body: str
    html: str | None = None
    sender: str = ""
    reply_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message of an order as the outbox holds it. `rendered` is None until it was first tried.

    `message_id` is the same for every attempt, so that a receiver can tell a repetition; `unsure` counts the attempts
    of which nobody knows whether they arrived. `planned_at` is when it was to leave, `due_at` when it is tried next.
    `error` is a code of the core or a channel's words, `why` the same as people read it. `only_in` is the status that
    the order must still be in, or `EVEN_LATER`. `resends` is the message that this one repeats, `actor` who
    asked for that.
    """

    id: int
    order_id: int
    seq: int
    channel: str
    template: str
    recipient: str
    language: str
    delivery: Delivery
    attempts: int
    message_id: str
    created_at: datetime
    due_at: datetime
    planned_at: datetime
    audience: Audience = Audience.CUSTOMER
    only_in: str = ""
    rendered: Rendered | None = None
    sent_at: datetime | None = None
    receipt: str = ""
    error: str = ""
    why: Text = NOTHING
    arrival: Arrival = Arrival.UNKNOWN
    arrival_at: datetime | None = None
    arrival_words: str = ""
    resends: int | None = None
    actor: str = ""
    unsure: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedMessage:
    """A message that a change would cause: to whom, by which channel, from which template, how long after it."""

    rule: str
    channel: str
    template: str
    recipient: str
    language: str
    audience: Audience = Audience.CUSTOMER
    delay: timedelta = timedelta()
    only_in: str = ""
    lane: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivalReport:
    """What the receiving side told of a message later: `message_id` is the token that every attempt carried.

    An `arrival` that is unknown tells nothing.
    """

    message_id: str
    arrival: Arrival
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Work for `ashop work`: timed if it has `every`, otherwise run for each row enqueued under its code.

    `lasting`: what it does in the world stays done though the change that asked for it is undone.
    """

    code: str
    label: Text
    every: timedelta | None = None
    lasting: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A titled part of the order page, as a plugin describes it: rows of label and words."""

    title: Text
    rows: tuple[tuple[Text, Text | str], ...]
