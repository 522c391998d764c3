"""The receiving side of a channel in its tests: it works, refuses, fails or goes silent, and keeps what it took.

`WebReceiver` is one for channels that call a web address; for another kind of channel write a class with the methods
of `Receiver`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Protocol


class Behaviour(StrEnum):
    """How a receiving side behaves.

    `refuses` is a no for good and `fails` one for now, both said before anything was taken. When it is `down` nobody
    answers at all. `drops` and `silent` take the message whole and then break off, or never say a word: from outside
    nobody can tell whether it arrived.
    """

    WORKS = "works"
    REFUSES = "refuses"
    FAILS = "fails"
    DOWN = "down"
    DROPS = "drops"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One copy of a message as it arrived: to whom, the words as they are read, what tells a repetition.

    `id` must be what the receiving side was given of ``message.message_id``; None where it has no place for it.
    """

    to: str
    words: str
    id: str | None = None


class Receiver(Protocol):
    """The receiving side, on loopback."""

    def behave(self, how: Behaviour) -> None:
        """Behave so from now on; it works to begin with. Call ``pytest.skip`` for what it cannot do."""
        ...

    def copies(self) -> list[Copy]:
        """Return all that was taken, the first first, also what nobody was told of."""
        ...


@dataclass(frozen=True, kw_only=True)
class Request:
    """A web request as it came; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class WebReceiver:
    """A web server that takes messages; `read` turns a request into the copy that it holds.

    Use it with ``with``; `url` is its address. `answer` is what it says when it works.
    """

    def __init__(self, read: Callable[[Request], Copy], answer: bytes = b"ok") -> None:
        self._read = read
        self._answer = answer
        self._how = Behaviour.WORKS
        self._copies: list[Copy] = []
        self._over = Event()
        self._server = self._listening(0)
        self._port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self._port}/"

    def __enter__(self) -> WebReceiver:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._how is not Behaviour.DOWN:
            self._close()

    def behave(self, how: Behaviour) -> None:
        """Behave so from the next request on."""
        if how is Behaviour.DOWN and self._how is not how:
            self._close()
        elif how is not Behaviour.DOWN and self._how is Behaviour.DOWN:
            self._server = self._listening(self._port)
        self._how = how

    def copies(self) -> list[Copy]:
        """Return all that was taken."""
        return list(self._copies)

    def _listening(self, port: int) -> ThreadingHTTPServer:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver._take(Request(path=self.path, headers=headers, body=body))
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(receiver._answer)))
                self.end_headers()
                self.wfile.write(receiver._answer)

            def log_message(self, format: str, *args: object) -> None:
                """Write nothing: the tests look at what was taken."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, request: Request) -> int | None:
        """Return the status to answer with, or None to break off without an answer."""
        if self._how is Behaviour.REFUSES:
            return 400
        if self._how is Behaviour.FAILS:
            return 503
        self._copies.append(self._read(request))
        if self._how is Behaviour.SILENT:
            self._over.wait()
        return 200 if self._how is Behaviour.WORKS else None
