"""Where a finished mail goes: to a file in the shop's folder, or to the shop's mail server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ashop_core.files import write_message
from ashop_email.settings import EmailSettings

if TYPE_CHECKING:
    from ashop_core.models import Message


class Sink(Protocol):
    """Takes a finished mail and returns a receipt."""

    def deliver(self, message: Message, data: bytes, within: timedelta) -> str:
        """Deliver, or raise TemporaryDeliveryError or DeliveryError."""
        ...

    def close(self) -> None:
        """Let go of what it keeps open between two mails."""
        ...


def sink_for(settings: EmailSettings, folder: Path, bounces: str, ca: Path | None) -> Sink:
    """Return the mail server if the settings name one, otherwise the folder.

    What cannot be delivered comes back to `bounces`; `ca` is the file of authorities to trust instead of the usual.
    """
    if settings.smtp is None:
        return Files(folder)
    from ashop_email.server import Server

    return Server(settings.smtp, bounces, ca=ca)


@dataclass(frozen=True)
class Files:
    """Writes each mail as an `.eml` file, which mail programs open."""

    folder: Path

    def deliver(self, message: Message, data: bytes, _within: timedelta) -> str:
        """Write the file; return its name."""
        return write_message(self.folder, message, ".eml", data)

    def close(self) -> None:
        """Do nothing: no file stays open."""
