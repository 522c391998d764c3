"""Channels: what a plugin gives that can carry a message to somebody, and what it may offer beside that.

`Channel` is what every channel is. The other protocols are for those that can do more: the core looks whether a channel
has the method and uses it if so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ashop_core.customer import MessageContext
from ashop_core.models import ArrivalReport, Customer, Message, Order, Rendered, Status
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.errors import Problem
    from ashop_core.storage import Writer


@runtime_checkable
class Channel(Protocol):
    """A way to reach people. `code` is what settings name it; it is also the plugin's name as a rule."""

    code: str
    label: Text

    def recipient(self, customer: Customer) -> str | None:
        """Return the address to use, normalised, or None where the customer has none that is usable."""
        ...

    def address(self, text: str) -> str | None:
        """Return an address that somebody typed (staff in the settings, a resend), normalised; None if unusable."""
        ...

    def render(self, context: MessageContext) -> Rendered:
        """Return the message as the recipient will read it; no network, no database."""
        ...

    def send(self, message: Message, rendered: Rendered, within: timedelta) -> str:
        """Deliver, in no more time than `within`, and return the receiving side's receipt.

        Raises TemporaryDeliveryError to be called again later, DeliveryError when that is no use. Called
        outside any transaction; every attempt has the same ``message.message_id`` and the same `rendered`.
        """
        ...


@runtime_checkable
class KnowsTemplates(Protocol):
    """A channel with templates, for `ashop flow check` and `ashop settings check`."""

    def has_template(self, template: str, language: str) -> bool:
        """Tell whether there are words of its own for this template, and not only those for any status."""
        ...

    def template_problems(self, samples: Iterable[MessageContext]) -> Iterable[Problem]:
        """Yield what is wrong with the templates, the shop's and the channel's own, tried on made-up orders."""
        ...

    def unused_templates(self, samples: Iterable[MessageContext]) -> Iterable[Problem]:
        """Yield the shop's templates that no such message is made from: their names may be misspelt."""
        ...


@runtime_checkable
class HasDomains(Protocol):
    """A channel whose recipients belong to domains, of which one may be down while the others work."""

    def domain(self, recipient: str) -> str:
        """Return what a recipient has in common with those who fail together with it, such as ``example.com``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A message that is about to be sent, and the order that it is about as it stands now."""

    message: Message
    rendered: Rendered
    order: Order
    status: Status
    now: datetime


@runtime_checkable
class CountsSendings(Protocol):
    """A channel with limits of its own, such as what it may cost in a day."""

    def count(self, tx: Writer, sending: Sending) -> None:
        """Count an attempt against the limits, in the plugin's own tables, or refuse it.

        Called in a write transaction of its own before each attempt: be quick, touch only the database.
        Raises DeliveryError for what must not be sent, TemporaryDeliveryError for what must wait; nothing is
        kept then.
        """
        ...


@runtime_checkable
class DescribesWords(Protocol):
    """A channel that knows more of a message than its words, such as its length and its price."""

    def describe(self, rendered: Rendered, recipient: str) -> Text:
        """Return it in a few words for staff; an empty text where there is nothing to say."""
        ...


@dataclass(frozen=True, kw_only=True)
class IncomingReport:
    """Something that the receiving side sent about messages it took: a web request, or a mail that came back.

    `url` is the whole address that was called, as the caller wrote it; `form` its parameters, those of the query
    included; header names are in lower case.
    """

    url: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@runtime_checkable
class TakesReports(Protocol):
    """A channel whose receiving side tells later what became of a message."""

    def read_report(self, report: IncomingReport) -> Iterable[ArrivalReport]:
        """Return what a report tells. Raises InvalidInput where it cannot be read, Forbidden where it is not genuine."""
        ...


@runtime_checkable
class KeepsOpen(Protocol):
    """A channel that keeps something open from one message to the next, such as a connection."""

    def close(self) -> None:
        """Let go of it: the shop closes. A message sent after that opens it anew."""
        ...


@dataclass(frozen=True, kw_only=True)
class WrittenFile:
    """A message that was written to a file instead of being sent; `html` only where it has that, too."""

    path: Path
    at: datetime
    to: str
    subject: str = ""
    body: str = ""
    html: str | None = None


@runtime_checkable
class WritesFiles(Protocol):
    """A channel that writes files until the shop has somebody to send for it, for `ashop message mailbox`."""

    def written(self) -> Iterable[WrittenFile]:
        """Yield what was written so far, in any order."""
        ...
