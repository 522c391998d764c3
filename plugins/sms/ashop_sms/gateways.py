"""What sets one SMS provider apart from another, as data: addresses, names of fields, words for what became of an SMS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.models import Arrival, ArrivalReport

if TYPE_CHECKING:
    from ashop_core.channels import IncomingReport
    from ashop_sms.settings import SmsSettings

LONGEST_ID = 100

IsSigned = Callable[[str, Mapping[str, str], "IncomingReport"], bool]
"""Tells whether the provider signed a report: given the address it was asked to call, and what it sent."""


def _needs_no_signature(url: str, form: Mapping[str, str], report: IncomingReport) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A provider and the account there. `account` is user and password, of which the password also makes our tokens.

    The names of its form's fields are `sender`, `to`, `text` and `report`; its yes has the SMS's id under `id`. The
    rest tells what its words mean: `failed` in a yes, `account_codes` in a no that is about the account and not the
    SMS, and in a report the `status`, the `error` and the `moment`.
    """

    name: str
    url: str
    account: tuple[str, str]
    timeout: timedelta
    sender: str
    to: str
    text: str
    report: str
    id: str
    failed: frozenset[str]
    account_codes: frozenset[int] = frozenset()
    status: str
    error: str = ""
    moment: str = ""
    arrivals: Mapping[str, Arrival] = field(default_factory=dict)
    is_signed: IsSigned = _needs_no_signature

    def form(self, *, sender: str, to: str, text: str, report_url: str) -> dict[str, str]:
        """Return the form to post for one SMS."""
        asked = {self.report: report_url} if report_url else {}
        return {self.sender: sender, self.to: to, self.text: text, **asked}

    def id_in(self, said: Mapping[str, Any]) -> str | None:
        """Return the id of an SMS in a yes, or None where there is none that can be used."""
        found = said.get(self.id)
        usable = isinstance(found, str) and 0 < len(found) <= LONGEST_ID and found.isprintable()
        return found if usable else None

    def has_failed(self, said: Mapping[str, Any]) -> bool:
        """Tell whether a yes says that the SMS failed at once."""
        return str(said.get("status")) in self.failed

    def blames_account(self, said: Mapping[str, Any]) -> bool:
        """Tell whether a no is about the account, although it looks like one to this SMS."""
        code = said.get("code")
        return isinstance(code, int) and code in self.account_codes

    def arrival(self, message_id: str, form: Mapping[str, str]) -> ArrivalReport | None:
        """Return what a report says became of a message; None for a word that tells nothing."""
        word = form.get(self.status, "")
        arrival = self.arrivals.get(word)
        if arrival is None:
            return None
        error = form.get(self.error, "") if self.error else ""
        words = f"{self.name}: {word} {error}".strip()
        return ArrivalReport(
            message_id=message_id, arrival=arrival, words=words, at=_instant(form.get(self.moment, ""))
        )


def gateway_of(settings: SmsSettings) -> Gateway | None:
    """Return the provider that the settings name, or None where they name none."""
    if settings.elks is not None:
        from ashop_sms.elks import elks

        return elks(settings.elks)
    if settings.twilio is not None:
        from ashop_sms.twilio import twilio

        return twilio(settings.twilio)
    return None


def _instant(text: str) -> datetime | None:
    """Return a time in UTC as providers write it, with or without a zone; None for what is no time."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
