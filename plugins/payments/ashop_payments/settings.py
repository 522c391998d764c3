"""`[plugins.payments]`: which payment methods have a provider that is asked for the money, and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ashop_core.setting_faults import range_fault, refuse_faults, url_fault
from ashop_core.texts import Text
from ashop_core.validation import Secret

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
        refuse_faults(
            url=url_fault(self.url, query=False),
            timeout=range_fault(self.timeout, 1, LONGEST_TIMEOUT),
            key=_key_fault(self.key.reveal()),
        )


def _key_fault(key: str) -> Text | None:
    if not key or (key.isascii() and key.isprintable() and " " not in key):
        return None
    return Text(
        "får bara ha tecken som går i en HTTP-rubrik", "may only have characters that an HTTP header takes"
    )


@dataclass(frozen=True, kw_only=True)
class PaymentsSettings:
    """`[plugins.payments]`. Without `activate` nothing is asked of anybody: staff record payments themselves."""

    activate: dict[str, Activation] = field(default_factory=dict)
