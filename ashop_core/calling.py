"""One call to a service on the web: bounded in time and size, and clear about whether it may have been taken.

For channels and for whoever asks a provider. Plugins that call need ``httpcore2`` in their extra.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from ashop_core.errors import Reach, TemporaryDeliveryError
from ashop_core.texts import Text

LARGEST_ANSWER = 64 * 1024
LONGEST_PAUSE = 24 * 60 * 60
LONGEST_WORDS = 200
HIDDEN = "***"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service said: status, headers by lower-case name, and the body unless it was too long or too slow.

    `words` is its beginning as one line for people, without anything that was secret in the call.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    words: str = ""

    @property
    def is_yes(self) -> bool:
        """Whether the service says that it did what it was asked."""
        return 200 <= self.status <= 299

    @property
    def summary(self) -> str:
        """Status and words as one line for people."""
        return f"HTTP {self.status} {self.words}".strip()

    @property
    def said(self) -> dict[str, Any]:
        """The JSON object in the body; empty where there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def retry_after(self) -> float | None:
        """The pause that the service asks for, in seconds, a day at most; a date counts from the answer's own."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(min(int(asked[:9]), LONGEST_PAUSE))
        try:
            until, now = (parsedate_to_datetime(text) for text in (asked, self.headers.get("date", "")))
            return min(max((until - now).total_seconds(), 0.0), LONGEST_PAUSE)
        except (ValueError, TypeError, OverflowError):
            return None


def post(
    url: str,
    *,
    within: timedelta,
    form: Mapping[str, str] | None = None,
    document: Mapping[str, Any] | None = None,
    account: tuple[str, str] | None = None,
    bearer: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Post a form or a JSON document and return the answer, whatever it is; it all ends `within`.

    Redirects are not followed, and no proxy of the surroundings is used. `account` is the user and password of Basic
    authentication, `bearer` a key. Raises TemporaryDeliveryError that reaches the whole channel where no answer comes;
    it is `unsure` unless no connection was made: then nothing can have been taken.
    """
    import httpcore2

    from ashop_core.timed_connections import DeadlineBackend

    content, kind = _content(form, document)
    authorization = _authorization(account, bearer)
    secrets = (authorization, authorization.partition(" ")[2], account[1] if account else "")
    sent = {
        "User-Agent": "Ashop",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": kind,
        **({"Authorization": authorization} if authorization else {}),
        **(headers or {}),
    }
    certain = (
        httpcore2.ConnectError,
        httpcore2.ConnectTimeout,
        httpcore2.LocalProtocolError,
        httpcore2.UnsupportedProtocol,
    )
    backend = DeadlineBackend(within)
    try:
        with (
            httpcore2.ConnectionPool(network_backend=backend) as pool,
            pool.stream("POST", url, headers=tuple(sent.items()), content=content) as response,
        ):
            body = _body(response)
            return Answer(
                status=response.status,
                headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers},
                body=body,
                words=_words(body, secrets),
            )
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, *certain) as error:
        raise _lost(url, error, secrets, unsure=not isinstance(error, certain)) from error


def _content(form: Mapping[str, str] | None, document: Mapping[str, Any] | None) -> tuple[bytes, str]:
    if document is not None:
        return json.dumps(document).encode(), "application/json"
    return urlencode(form or {}).encode(), "application/x-www-form-urlencoded"


def _authorization(account: tuple[str, str] | None, bearer: str) -> str:
    if account is not None:
        return "Basic " + b64encode(":".join(account).encode()).decode()
    return f"Bearer {bearer}" if bearer else ""


def _body(response: Any) -> bytes:
    """Return the body, or nothing of it when it is too long, too slow or breaks off: the status stands by itself."""
    import httpcore2

    body = b""
    try:
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                return b""
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError):
        return b""
    return body


def _words(body: bytes, secrets: tuple[str, ...]) -> str:
    """Return the beginning of a body as one line; a service may repeat in it what it was sent."""
    return _line(body.decode("utf-8", "replace"), secrets)


def _line(text: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        text = text.replace(secret, HIDDEN)
    line = " ".join(text[: 2 * LONGEST_WORDS].split())[:LONGEST_WORDS]
    return "".join(c for c in line if c.isprintable())


_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
"""The number that the system has for a failure, before its words."""


def _lost(url: str, error: Exception, secrets: tuple[str, ...], unsure: bool) -> TemporaryDeliveryError:
    # The host alone: the rest of an address may name the account.
    words = Text("inget svar från {host}: {why}", "no answer from {host}: {why}")
    why = _ERRNO.sub("", _line(str(error), secrets)) or type(error).__name__
    filled = words.fill(host=urlsplit(url).hostname, why=why)
    return TemporaryDeliveryError(filled, reach=Reach.CHANNEL, unsure=unsure)
