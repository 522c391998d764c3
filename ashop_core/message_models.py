"""The words of messages, jobs and the order page's sections as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ashop_core.texts import Text


class Delivery(StrEnum):
    """How far an outbox row has come. `sent`, `dead` and `suppressed` are for good."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A message as the recipient reads it; `html` only where the channel has it."""

    subject: str
    body: str
    html: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message of an order as the outbox holds it. `rendered` is None until it was first tried.

    `message_id` is the same for every attempt, so that a receiver can tell a repetition.
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
    rendered: Rendered | None = None
    sent_at: datetime | None = None
    receipt: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedMessage:
    """A message that a change would cause: to whom, by which channel, from which template."""

    rule: str
    channel: str
    template: str
    recipient: str
    language: str


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
