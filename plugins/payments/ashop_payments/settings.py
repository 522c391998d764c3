"""`[plugins.payments]`: which payment methods have a provider that is asked for the money, and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ashop_core.calling import url_fault
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, joined
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
        faults = []
        if fault := url_fault(self.url, query=False):
            faults.append(Text(f"url: {fault.sv}", f"url: {fault.en}"))
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
