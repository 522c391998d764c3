"""Where a finished SMS goes: to a file in the shop's folder, or to the provider."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ashop_core.errors import TemporaryDeliveryError
from ashop_core.files import safe_name, write_atomically
from ashop_core.texts import Text
from ashop_sms.segments import length

if TYPE_CHECKING:
    from ashop_core.models import Message
    from ashop_sms.settings import SmsSettings


class Sink(Protocol):
    """Takes a finished SMS and returns a receipt."""

    def deliver(self, message: Message, text: str) -> str:
        """Deliver, or raise TemporaryDeliveryError or DeliveryError."""
        ...


def sink_for(settings: SmsSettings, folder: Path, sender: str) -> Sink:
    """Return the provider if the settings name one, otherwise the folder."""
    if settings.elks is None:
        return Files(folder, sender)
    from ashop_sms.elks import Elks

    return Elks(settings.elks, sender)


@dataclass(frozen=True)
class Files:
    """Writes each SMS as a text file, with a short header."""

    folder: Path
    sender: str

    def deliver(self, message: Message, text: str) -> str:
        """Write the file; the same message gives the same file. Return its name, folder included."""
        path = self.folder / f"{message.id:08}-{safe_name(message.template)}.txt"
        counted = length(text)
        header = (
            f"To: {message.recipient}\nFrom: {self.sender}\n"
            f"Parts: {counted.parts} ({counted.encoding}, {counted.units} characters)\n\n"
        )
        try:
            write_atomically(path, (header + text + "\n").encode())
        except OSError as error:
            why = f"{path}: {error.strerror}"
            raise TemporaryDeliveryError(
                Text("sms:et kunde inte skrivas: {why}", "the SMS could not be written: {why}").fill(why=why)
            ) from error
        return f"{self.folder.name}/{path.name}"
