"""46elks: one POST for each SMS, and what its answers mean for the outbox.

The provider has no key by which it could tell a repetition, so an attempt whose outcome is unknown (a time-out,
an answer that cannot be understood) may give the customer the same SMS again.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ashop_core.errors import AshopError, DeliveryError, TemporaryDeliveryError
from ashop_core.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpx2 import Response

    from ashop_core.models import Message
    from ashop_sms.settings import ElksSettings

LARGEST_ANSWER = 64 * 1024
LONGEST_PAUSE = 24 * 60 * 60
NOT_ABOUT_THE_SMS = (401, 402, 403, 404, 407, 408, 425, 429)
"""Refusals that pass once the account has money or the settings are right, or simply later."""
UNCLEAR_ATTEMPTS = 3
"""After so many attempts, an answer that looks like a yes but has no id ends the matter: the SMS has very likely
gone out, each time."""


@dataclass(frozen=True)
class Answer:
    """What the provider said: status, headers and, unless it was far too long, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Elks:
    """Hands each SMS to 46elks."""

    settings: ElksSettings
    sender: str

    def deliver(self, message: Message, text: str) -> str:
        """Send; return the provider's id."""
        answer = self._post({"from": self.sender, "to": message.recipient, "message": text})
        if 200 <= answer.status <= 299:
            return _receipt(answer, message.attempts)
        raise _refusal(answer)

    def _post(self, form: dict[str, str]) -> Answer:
        """Post the form. Redirects are not followed, and nothing of the environment (proxies, .netrc) is used."""
        import httpx2

        account = (self.settings.user, self.settings.password.reveal())
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        until = time.monotonic() + self.settings.timeout
        try:
            with (
                httpx2.Client(
                    auth=account,
                    headers=headers,
                    timeout=self.settings.timeout,
                    follow_redirects=False,
                    trust_env=False,
                ) as client,
                client.stream("POST", self.settings.url, data=form) as response,
            ):
                return Answer(response.status_code, response.headers, _body(response, until))
        except httpx2.HTTPError as error:
            raise _later(str(error) or type(error).__name__) from error


def _body(response: Response, until: float) -> bytes:
    """Return the body as it came, or nothing of it when it is too long or too slow."""
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER or time.monotonic() > until:
            return b""
    return body


def _receipt(answer: Answer, attempts: int) -> str:
    """Return the id in a 2xx answer; without one the outcome is unknown."""
    said = _json(answer.body)
    id_ = said.get("id")
    if not isinstance(id_, str) or not id_ or len(id_) > 100 or not id_.isprintable():
        why = f"HTTP {answer.status}, {_words(answer.body) or 'no usable answer'}"
        raise _unclear(why) if attempts >= UNCLEAR_ATTEMPTS else _later(why)
    if said.get("status") == "failed":
        raise DeliveryError(_refused(f"{id_}: failed"))
    return id_


def _refusal(answer: Answer) -> AshopError:
    """Return what an answer means that is no success."""
    why = f"HTTP {answer.status} {_words(answer.body)}".strip()
    if 400 <= answer.status <= 499 and answer.status not in NOT_ABOUT_THE_SMS:
        return DeliveryError(_refused(why))
    return _later(why, _retry_after(answer.headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the pause the provider asks for, in seconds; a date counts from the answer's own date."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(min(int(asked[:9]), LONGEST_PAUSE))
    try:
        pause = (
            parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
        ).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(pause, 0.0), LONGEST_PAUSE)


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _words(body: bytes) -> str:
    """Return the answer as one short line."""
    return " ".join(body[:400].decode("utf-8", "replace").split())[:200]


def _refused(why: str) -> Text:
    return Text("46elks skickar inte sms:et: {why}", "46elks does not send the SMS: {why}").fill(why=why)


def _later(why: str, retry_after: float | None = None) -> TemporaryDeliveryError:
    words = Text("sms:et kunde inte skickas nu: {why}", "the SMS could not be sent now: {why}").fill(why=why)
    return TemporaryDeliveryError(words, retry_after=retry_after)


def _unclear(why: str) -> DeliveryError:
    return DeliveryError(
        Text(
            "46elks svar går inte att förstå, och sms:et kan ha gått fram: {why}",
            "the answer of 46elks cannot be understood, and the SMS may have arrived: {why}",
        ).fill(why=why)
    )
