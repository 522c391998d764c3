"""The provider behind `http`: one POST for each request, and what its answers mean. See docs/payments.md.

Every attempt of a request has the same Idempotency-Key, so that asking again can never take money twice.
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

    from ashop_payments.settings import Activation

LARGEST_ANSWER = 64 * 1024
LONGEST_PAUSE = 24 * 60 * 60
LONGEST_REFERENCE = 100
MADE_ALREADY = 409
PASSING = (401, 403, 407, 408, 425, 429)
"""Refusals that are not about the payment: they pass once the settings are right, or simply later."""


@dataclass(frozen=True)
class Answer:
    """What the provider said: status, headers and, unless it was far too long or slow, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(settings: Activation, path: str, key: str, document: Mapping[str, Any]) -> str:
    """Ask for something once; return the provider's reference for it.

    Raises DeliveryError where the provider refuses, TemporaryDeliveryError where it is to be asked again.
    """
    answer = _post(settings, path, key, document)
    if 200 <= answer.status <= 299:
        reference = _reference(answer.body)
        if reference is None:
            raise _later(f"HTTP {answer.status}, {_words(answer.body) or 'no usable answer'}")
        return reference
    if answer.status == MADE_ALREADY:
        return _reference(answer.body) or key
    raise _refusal(answer)


def _post(settings: Activation, path: str, key: str, document: Mapping[str, Any]) -> Answer:
    """Post the document. Redirects are not followed, and nothing of the environment (proxies, .netrc) is used."""
    import httpx2

    headers = {
        "Authorization": f"Bearer {settings.key.reveal()}",
        "Idempotency-Key": key,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    until = time.monotonic() + settings.timeout
    url = f"{settings.url.rstrip('/')}/{path}"
    try:
        with (
            httpx2.Client(
                headers=headers, timeout=settings.timeout, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("POST", url, json=dict(document)) as response,
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


def _reference(body: bytes) -> str | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = said.get("reference") if isinstance(said, dict) else None
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_REFERENCE or not found.isprintable():
        return None
    return found


def _refusal(answer: Answer) -> AshopError:
    why = f"HTTP {answer.status} {_words(answer.body)}".strip()
    if 400 <= answer.status <= 499 and answer.status not in PASSING:
        return DeliveryError(
            Text("betaltjänsten säger nej: {why}", "the payment provider says no: {why}").fill(why=why)
        )
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


def _words(body: bytes) -> str:
    """Return the answer as one short line."""
    line = " ".join(body[:400].decode("utf-8", "replace").split())[:200]
    return "".join(c for c in line if c.isprintable())


def _later(why: str, retry_after: float | None = None) -> TemporaryDeliveryError:
    words = Text("betaltjänsten svarade inte: {why}", "the payment provider gave no answer: {why}")
    return TemporaryDeliveryError(words.fill(why=why), retry_after=retry_after)
