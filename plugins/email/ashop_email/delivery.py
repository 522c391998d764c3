"""Where a finished mail goes: to a file in the shop's folder, or to the shop's mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import SHUT_RDWR
from threading import Timer
from typing import TYPE_CHECKING, Protocol

from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.files import safe_name, write_atomically
from ashop_core.texts import Text
from ashop_email.addresses import domain
from ashop_email.settings import EmailSettings, Security, SmtpSettings

if TYPE_CHECKING:
    from ashop_core.models import Message

ACCEPTED = (250, 251)
NOT_LOGGED_IN = (530, 534, 535, 538)
"""Refusals that are about the shop's account and not about the mail: they pass once the settings are right."""


class Sink(Protocol):
    """Takes a finished mail and returns a receipt."""

    def deliver(self, message: Message, data: bytes) -> str:
        """Deliver, or raise TemporaryDeliveryError or DeliveryError."""
        ...


def sink_for(settings: EmailSettings, folder: Path, sender: str) -> Sink:
    """Return the mail server if the settings name one, otherwise the folder."""
    return Files(folder) if settings.smtp is None else Server(settings.smtp, sender)


@dataclass(frozen=True)
class Files:
    """Writes each mail as an `.eml` file, which mail programs open."""

    folder: Path

    def deliver(self, message: Message, data: bytes) -> str:
        """Write the file; the same message gives the same file. Return its name, folder included."""
        path = self.folder / f"{message.id:08}-{safe_name(message.template)}.eml"
        try:
            write_atomically(path, data)
        except OSError as error:
            raise _later(f"{path}: {error.strerror}") from error
        return f"{self.folder.name}/{path.name}"


@dataclass(frozen=True)
class Server:
    """Hands each mail to a mail server, one recipient and one connection at a time."""

    settings: SmtpSettings
    sender: str

    def deliver(self, message: Message, data: bytes) -> str:
        """Send; return the server's last answer.

        A connection lost after the last byte leaves it open whether the server has the mail: it is tried
        again, and the receiver knows the second copy by its Message-ID.
        """
        try:
            with self._connection() as connection:
                return _hand_over(connection, self.sender, message.recipient, data)
        except smtplib.SMTPResponseException as error:
            # Greeting, EHLO, STARTTLS or login was refused: that is not about the mail, so any code may pass.
            raise _later(_answer(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise _later(f"{self.settings.host}: {str(error) or type(error).__name__}") from error

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Give a protected and logged-in connection, cut when the talk takes more than `timeout` in all."""
        connection = self._connected()
        cut = Timer(self.settings.timeout, _cut, [connection])
        cut.daemon = True
        cut.start()
        try:
            self._log_in(connection)
            yield connection
        finally:
            cut.cancel()
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        known = self.settings
        host, port, name, timeout = known.host, known.real_port, domain(self.sender), known.timeout
        if known.security is Security.TLS:
            return smtplib.SMTP_SSL(host, port, name, timeout=timeout, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, name, timeout=timeout)

    def _log_in(self, connection: smtplib.SMTP) -> None:
        if self.settings.security is Security.STARTTLS:
            connection.starttls(context=ssl.create_default_context())
        connection.ehlo_or_helo_if_needed()
        if self.settings.password is not None:
            connection.login(self.settings.user, self.settings.password.reveal())


def _hand_over(connection: smtplib.SMTP, sender: str, recipient: str, data: bytes) -> str:
    """Give the server sender, recipient and mail; return its last answer."""
    _ensure_accepted(*connection.mail(sender))
    _ensure_accepted(*connection.rcpt(recipient))
    try:
        code, words = connection.data(data)
    except smtplib.SMTPDataError as error:
        code, words = error.smtp_code, _bytes(error.smtp_error)
    _ensure_accepted(code, words)
    # The server has the mail; how it says goodbye does not matter.
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    return _answer(code, words)


def _ensure_accepted(code: int, words: bytes) -> None:
    """Raise what a refusal means: 5xx for good, anything else for now."""
    if code in ACCEPTED:
        return
    if 500 <= code <= 599 and code not in NOT_LOGGED_IN:
        raise DeliveryError(_refused(_answer(code, words)))
    raise _later(_answer(code, words))


def _cut(connection: smtplib.SMTP) -> None:
    with suppress(OSError):  # closed just before, then there is nothing to cut
        if connection.sock is not None:
            connection.sock.shutdown(SHUT_RDWR)


def _answer(code: int, words: bytes | str) -> str:
    """Return a server's answer as one short line."""
    text = " ".join(_bytes(words).decode("utf-8", "replace").split())
    return f"{code} {text}"[:300]


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _refused(why: str) -> Text:
    return Text(
        "mejlservern tar inte emot mejlet: {why}", "the mail server does not take the mail: {why}"
    ).fill(why=why)


def _later(why: str) -> TemporaryDeliveryError:
    return TemporaryDeliveryError(
        Text("mejlet kunde inte levereras nu: {why}", "the mail could not be delivered now: {why}").fill(
            why=why
        )
    )
