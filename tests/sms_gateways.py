"""46elks and Twilio as the tests have them: real servers on loopback, made after what both publish.

`Provider` speaks their forms and answers over pytest-httpserver; `raw_server` says byte for byte what it is told, or
nothing at all.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ashop_core import Shop
from ashop_core.models import Message, Order
from ashop_core.testing import MakeShop, place_order

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
SECRET = "s3cret-of-the-account"
REPORTS = "https://shop.example/reports/sms"


@dataclass(frozen=True)
class Kind:
    """What tells one provider's API from the other's."""

    code: str
    path: str
    base: str
    login: str
    id: str
    to: str
    words: str
    report: str
    status: str

    def yes(self, id_: str, status: str = "created") -> str:
        """Return the answer of a provider that took an SMS."""
        return json.dumps({self.id: id_, "status": status, "cost": 3500, "parts": 1})

    def toml(self, host: str, more: str = "", report_url: str = "") -> str:
        """Return the settings of a shop that uses it at this host."""
        own = f'[plugins.sms]\nreport_url = "{report_url}"\n{more}\n'
        return f'{own}[plugins.sms.{self.code}]\nurl = "{host}{self.base}"\ntimeout = 1\n{self.login}\n'


ELKS = Kind(
    code="elks", path="/a1/sms", base="/a1/sms", id="id", to="to", words="message", report="whendelivered",
    status="status", login='user = "u123"\npassword = { env = "SMS_SECRET" }',
)  # fmt: skip
TWILIO = Kind(
    code="twilio", path=f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", base="", id="sid", to="To", words="Body",
    report="StatusCallback", status="MessageStatus",
    login=f'account = "{ACCOUNT}"\ntoken = {{ env = "SMS_SECRET" }}',
)  # fmt: skip
KINDS = (ELKS, TWILIO)


class Provider:
    """A provider that takes every SMS, unless it is told what to answer instead; it keeps all that it was asked."""

    def __init__(self, kind: Kind, server: HTTPServer) -> None:
        self.kind = kind
        self.host = server.url_for("")
        self.asked: list[Request] = []
        self.answers: list[Response] = []
        self.before: Callable[[Request], object] = lambda request: None
        server.expect_request(kind.path, method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        request.get_data()
        self.asked.append(request)
        self.before(request)
        return self.answers.pop(0) if self.answers else Response(self.kind.yes(f"s{len(self.asked)}"), 201)

    @property
    def numbers(self) -> list[str]:
        """Return whom each SMS was for."""
        return [request.form[self.kind.to] for request in self.asked]


def open_shop(
    make_shop: MakeShop, kind: Kind, host: str, *, more: str = "", report_url: str = "", toml: str = ""
) -> Shop:
    """Return a shop that sends SMS by this provider."""
    return make_shop("sms", toml=kind.toml(host, more, report_url) + toml)


def shipped(shop: Shop, **customer: str) -> Order:
    """Return an order that was just sent, so that its SMS is due."""
    order = place_order(shop, **({"customer": _customer(**customer)} if customer else {}))
    shop.approve(order)
    shop.change_status(order, "reviewed")
    return shop.change_status(order, "shipped").order


def _customer(**changed: str):
    from ashop_core.testing import some_customer

    return some_customer(**changed)


def the_sms(shop: Shop, order: Order) -> Message:
    """Return the only SMS of an order."""
    (message,) = shop.messages(order)
    return message


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class RawServer:
    """A server on a socket of its own: it reads a whole request, keeps it, and then does as `says` tells.

    None says nothing more, an empty text breaks off; what ends in ``...`` goes on a byte at a time.
    """

    def __init__(self, says: bytes | None) -> None:
        self.says = says
        self.asked: list[bytes] = []
        self.over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let everybody go."""
        self.over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return  # closed: the test is over
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue  # the other side has gone, as it should

    def _talk(self, connection: socket.socket) -> None:
        self.asked.append(_request(connection))
        if self.says is None:
            while not self.over.wait(0.05) and not _is_gone(connection):
                pass
            return
        connection.sendall(self.says.removesuffix(b"..."))
        while self.says.endswith(b"...") and not self.over.wait(0.05):
            connection.sendall(b".")


def _request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise ConnectionError
    return got


def _is_gone(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False


@contextmanager
def raw_server(says: bytes | None) -> Iterator[RawServer]:
    """Give a server that says just this."""
    server = RawServer(says)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def nobody() -> Iterator[str]:
    """Give an address where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def full_house() -> Iterator[str]:
    """Give an address where everybody stands in line and nobody is let in: no connection comes about."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
