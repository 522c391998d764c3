"""A talk with a mail server: it must be over in time, and counts as an answer only what was said after the question."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from typing import Any

LONGEST_ANSWER = 65_536
LONGEST_LINE = 4_096
PIECE = 16_384


class Talk(smtplib.SMTP):
    """`smtplib.SMTP` with one deadline for all that is said, however slowly the server says it.

    smtplib itself allows its time-out for each read anew: a byte now and then would hold a worker for ever.
    """

    def __init__(self, name: str, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._kept = bytearray()
        self._heard = 0
        self._end = 0.0
        super().__init__(local_hostname=name)

    def allow(self, seconds: float) -> None:
        """Give the talk so much time from now on."""
        self._end = time.monotonic() + seconds

    def call(self, host: str, port: int) -> None:
        """Connect, protected from the first byte if there is a TLS context, and hear the greeting."""
        self._host = host  # smtplib checks the certificate of STARTTLS against it
        code, words = self.connect(host, port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, words)

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's next answer; see `smtplib.SMTP.getreply`."""
        self._attend()
        self._heard = 0
        return super().getreply()

    def readline(self, _most: int = 0) -> bytes:
        """Return the next line; smtplib reads the server's words by this."""
        while (end := self._kept.find(b"\n") + 1) == 0:
            more = self._receive()
            if not more:
                return b""
            self._keep(more)
        if end > LONGEST_LINE:
            raise OSError("the answer makes no sense")
        line = bytes(self._kept[:end])
        del self._kept[:end]
        return line

    def send(self, words: Any) -> None:
        """Say something, unless the server has spoken first: its words would be taken for the answer."""
        data = words.encode(self.command_encoding) if isinstance(words, str) else bytes(words)
        for start in range(0, len(data), PIECE):
            self.ensure_silent()
            self._limit()
            super().send(data[start : start + PIECE])

    def ensure_silent(self) -> None:
        """Raise what the server says though it was not asked, be it that it hung up."""
        if self._has_spoken():
            raise smtplib.SMTPResponseException(*self.getreply())

    def close(self) -> None:
        """Close the connection without a word."""
        self.file = None  # that is this very object
        self._kept.clear()
        super().close()

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        """Return a connection; smtplib's own would allow each of the host's addresses the whole time-out."""
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        failure = OSError(f"no address for {host}")
        for number, (family, kind, protocol, _, address) in enumerate(addresses):
            found = socket.socket(family, kind, protocol)
            try:
                found.settimeout(self._left() / (len(addresses) - number))
                found.connect(address)
            except OSError as error:
                found.close()
                failure = error
                continue
            return self._protected(found, host)
        raise failure

    def _protected(self, found: socket.socket, host: str) -> socket.socket:
        # A mail ends in a small packet, which must not wait for the answer to a large one.
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.settimeout(self._left())
        return found if self._tls is None else self._tls.wrap_socket(found, server_hostname=host)

    def _attend(self) -> None:
        if self.file is None:
            self._kept.clear()  # said before the connection was protected: anybody may have put it there
            self.file = self

    def _has_spoken(self) -> bool:
        """Tell whether there is something to hear, the end of the connection included."""
        if self.sock is None:
            return False
        self._attend()
        if self._kept:
            return True
        self.sock.settimeout(0)
        try:
            more = self.sock.recv(PIECE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        self._keep(more)
        return True

    def _keep(self, more: bytes) -> None:
        self._heard += len(more)
        if self._heard > LONGEST_ANSWER:
            raise OSError("the answer does not end")
        self._kept += more

    def _receive(self) -> bytes:
        self._limit()
        return self.sock.recv(PIECE) if self.sock is not None else b""

    def _limit(self) -> None:
        left = self._left()
        if self.sock is not None:
            self.sock.settimeout(left)

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left
