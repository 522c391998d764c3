"""The shop's mail server: each mail is handed to it over a protected connection that is kept for the next one."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from base64 import b64encode
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_email.addresses import domain
from ashop_email.answers import Step, answer, is_accepted, lost, no_smtputf8, refused
from ashop_email.connections import IDLE, Connection, Connections
from ashop_email.settings import Security, SmtpSettings
from ashop_email.talk import Talk

if TYPE_CHECKING:
    from ashop_core.models import Message


class Server:
    """Hands each mail to a mail server; `sender` is who gets it back when it cannot be delivered."""

    def __init__(
        self, settings: SmtpSettings, sender: str, *, ca: Path | None = None, idle: float = IDLE
    ) -> None:
        self.settings = settings
        self.sender = sender
        self._ca = ca
        self._connections = Connections(idle)

    def deliver(self, message: Message, data: bytes, within: timedelta) -> str:
        """Hand the mail over, in no more time than `within` and the settings allow; return the server's last answer.

        Raises TemporaryDeliveryError and DeliveryError; see `answers` for which, and how far it reaches.
        """
        seconds = min(within.total_seconds(), self.settings.timeout)
        with self._connections.of_thread() as connection:
            return _HandingOver(self, connection, message, seconds).give(data)

    def close(self) -> None:
        """Say goodbye to the server."""
        self._connections.close()

    def opened(self, seconds: float) -> Talk:
        """Return a new connection, protected and logged in."""
        known = self.settings
        talk = Talk(domain(self.sender), self._tls if known.security is Security.TLS else None)
        talk.allow(seconds)
        try:
            talk.call(known.host, known.real_port)
            if known.security is Security.STARTTLS:
                talk.starttls(context=self._tls)
            talk.ehlo_or_helo_if_needed()
            if known.password is not None:
                _log_in(talk, known.user, known.password.reveal())
        except BaseException:
            talk.close()
            raise
        return talk

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """What says whom to trust; it is made once, since reading all the authorities takes its time."""
        try:
            return ssl.create_default_context(cafile=None if self._ca is None else str(self._ca))
        except OSError as error:
            raise OSError(f"{self._ca}: {error}") from error


def _log_in(talk: Talk, user: str, password: str) -> None:
    """Log in. A server may repeat in its no what it was sent: the password is taken out, as it was typed or encoded."""
    try:
        talk.login(user, password)
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error.encode() if isinstance(error.smtp_error, str) else error.smtp_error
        secret = password.encode()
        for sent in (b64encode(f"\0{user}\0{password}".encode()), b64encode(secret), secret):
            words = words.replace(sent, b"***")
        raise smtplib.SMTPAuthenticationError(error.smtp_code, words) from error


class _HandingOver:
    """One mail on its way, in a given time; `_step` tells what a failure would mean."""

    def __init__(self, server: Server, connection: Connection, message: Message, seconds: float) -> None:
        self._server = server
        self._connection = connection
        self._recipient = message.recipient
        self._token = message.message_id
        self._end = time.monotonic() + seconds
        self._step = Step.SESSION
        self._in_step = False

    def give(self, data: bytes) -> str:
        """Give the mail to the server and keep the connection if it can be used again; return the last answer."""
        try:
            return self._given(self._begun(), data)
        except smtplib.SMTPResponseException as error:
            raise refused(self._step, error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            settings = self._server.settings
            why = f"{settings.host}:{settings.real_port}: {_said(error)}"
            raise lost(self._step, why, late=time.monotonic() >= self._end) from error
        finally:
            if self._in_step and self._connection.talk is not None:
                self._connection.keep(self._connection.talk)
            else:
                self._connection.drop()

    def _begun(self) -> Talk:
        """Return a connection that the sender was named on: the one that was kept, as long as it works."""
        if self._connection.talk is not None:
            with suppress(smtplib.SMTPException, OSError):  # the server has ended it: then a new one
                talk = self._connection.talk
                talk.allow(self._end - time.monotonic())
                if is_accepted(talk.rset()[0]) and is_accepted(self._name_sender(talk)[0]):
                    return talk
            self._connection.drop()
        talk = self._connection.talk = self._server.opened(self._end - time.monotonic())
        self._step = Step.SENDER
        self._ensure(*self._name_sender(talk))
        return talk

    def _name_sender(self, talk: Talk) -> tuple[int, bytes]:
        """Name who gets the mail back, and what we ask for: letters in the address, and the token in any report."""
        options = []
        if not self._recipient.isascii():
            if not talk.has_extn("smtputf8"):
                self._in_step = True
                raise no_smtputf8(self._recipient)
            options.append("SMTPUTF8")
        if talk.has_extn("dsn"):
            options += ["RET=HDRS", f"ENVID={self._token}"]
        return talk.mail(self._server.sender, options)

    def _given(self, talk: Talk, data: bytes) -> str:
        self._step = Step.RECIPIENT
        reports = ["NOTIFY=FAILURE,DELAY"] if talk.has_extn("dsn") else []
        self._ensure(*talk.rcpt(self._recipient, reports))
        self._step = Step.DATA
        code, words = talk.docmd("DATA")
        if code != 354:
            self._ensure(code if code >= 400 else -1, words)
        talk.send(re.sub(rb"(?m)^\.", b"..", data))
        talk.ensure_silent()
        # From here on the server may have the whole mail.
        self._step = Step.LAST_LINE
        talk.send(b".\r\n")
        code, words = talk.getreply()
        self._ensure(code, words)
        self._in_step = True
        return answer(code, words)

    def _ensure(self, code: int, words: bytes) -> None:
        """Raise an answer that says no; after a proper one the next mail may go over the same connection."""
        if not is_accepted(code):
            self._in_step = 400 <= code <= 599 and code != 421
            raise smtplib.SMTPResponseException(code, words)


def _said(error: Exception) -> str:
    """Return what went wrong as a person reads it, without the number that the system has for it."""
    words = error.strerror if isinstance(error, OSError) else None
    return words or str(error) or type(error).__name__
