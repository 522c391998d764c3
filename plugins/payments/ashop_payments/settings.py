"""`[plugins.payments]`: which payment methods have a provider that is asked for the money, and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, joined
from ashop_core.validation import Secret

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
LONGEST_TIMEOUT = 120


class Kind(StrEnum):
    """How a provider is spoken to; docs/payments.md describes `http`."""

    HTTP = "http"


@dataclass(frozen=True, kw_only=True)
class Activation:
    """`activate.<payment method>`: the provider that is asked when goods leave. `timeout` is seconds."""

    provider: Kind
    url: str
    key: Secret
    timeout: int = 20

    def __post_init__(self) -> None:
        faults = []
        if not _is_safe(self.url):
            faults.append(
                Text(
                    "url: måste börja med https:// (http:// bara till den egna datorn)",
                    "url: must begin with https:// (http:// only to this very computer)",
                )
            )
        if not 1 <= self.timeout <= LONGEST_TIMEOUT:
            faults.append(
                Text("timeout: måste vara mellan 1 och {most}", "timeout: must be between 1 and {most}").fill(
                    most=LONGEST_TIMEOUT
                )
            )
        key = self.key.reveal()
        if key and not (key.isascii() and key.isprintable() and " " not in key):
            faults.append(
                Text(
                    "key: får bara ha tecken som går i en HTTP-rubrik",
                    "key: may only have characters that an HTTP header takes",
                )
            )
        if faults:
            raise InvalidInput(joined(faults, "; "))


@dataclass(frozen=True, kw_only=True)
class PaymentsSettings:
    """`[plugins.payments]`. Without `activate` nothing is asked of anybody: staff record payments themselves."""

    activate: dict[str, Activation] = field(default_factory=dict)


def _is_safe(url: str) -> bool:
    """Tell whether what is sent there can be read by the receiver only."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        usable = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return safe and usable and plain and not parts.fragment and not parts.query
