"""Where a finished SMS goes: to a file in the shop's folder, or to the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ashop_core.clock import to_iso
from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.files import write_message
from ashop_core.texts import NOTHING, Text
from ashop_sms.segments import length

if TYPE_CHECKING:
    from ashop_core.models import Message, Rendered
    from ashop_sms.gateways import Gateway

MOST_UNSURE = 3
"""After so many attempts of which nobody knows whether they arrived, an SMS is left: each may have cost money."""


class Sink(Protocol):
    """Takes a finished SMS and returns a receipt."""

    def deliver(self, message: Message, rendered: Rendered, within: timedelta) -> str:
        """Deliver, or raise TemporaryDeliveryError or DeliveryError."""
        ...


@dataclass(frozen=True)
class Provider:
    """Hands each SMS to a provider, which is asked to report to `report_url` if there is one."""

    gateway: Gateway
    report_url: str

    def deliver(self, message: Message, rendered: Rendered, within: timedelta) -> str:
        """Send; return the provider's id. What may have arrived is tried again, but not for ever."""
        from ashop_sms.answers import hand_over
        from ashop_sms.reports import report_address

        if message.unsure >= MOST_UNSURE:
            raise DeliveryError(_may_have_arrived(message.unsure, NOTHING))
        form = self.gateway.form(
            sender=rendered.sender,
            to=message.recipient,
            text=rendered.body,
            report_url=report_address(self.report_url, self.gateway, message.message_id),
        )
        try:
            return hand_over(self.gateway, form, within)
        except TemporaryDeliveryError as error:
            if error.unsure and message.unsure + 1 >= MOST_UNSURE:
                words = _may_have_arrived(
                    message.unsure + 1, Text(f" ({error.text.sv})", f" ({error.text.en})")
                )
                raise DeliveryError(words, unsure=True) from error
            raise


@dataclass(frozen=True)
class Files:
    """Writes each SMS as a text file, with a short header."""

    folder: Path

    def deliver(self, message: Message, rendered: Rendered, within: timedelta) -> str:
        """Write the file; return its name."""
        counted = length(rendered.body)
        header = (
            f"To: {message.recipient}\nFrom: {rendered.sender}\nDate: {to_iso(message.planned_at)}\n"
            f"Parts: {counted.parts} ({counted.encoding}, {counted.units} characters)\n\n"
        )
        return write_message(self.folder, message, ".txt", (header + rendered.body + "\n").encode())


def _may_have_arrived(times: int, why: Text) -> Text:
    return Text(
        "sms:et kan ha kommit fram: {n} försök fick inget säkert svar, och varje försök kan kosta{why}. Har kunden inte "
        "fått det, skicka det igen med `ashop message resend`.",
        "the SMS may have arrived: {n} attempts got no sure answer, and each may cost{why}. If the customer has not got "
        "it, send it again with `ashop message resend`.",
    ).fill(n=times, why=why)
