"""A mail server that speaks SMTP word by word and goes wrong where it is told to, and the table of what follows."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from enum import Enum

POINTS = (
    "connect",
    "banner",
    "EHLO",
    "STARTTLS",
    "AUTH",
    "MAIL",
    "RCPT",
    "DATA",
    "body",
    "last line",
    "QUIT",
)
FAULTS = ("4xx", "5xx", "drop", "stall", "garbage", "1 byte/s")


class Then(Enum):
    """What becomes of the mail, in the words of the table."""

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    DOMAIN = "domain rests"
    CHANNEL = "channel rests"
    UNSURE = "unsure"


S, R, L, D, C, U = Then.SENT, Then.REFUSED, Then.LATER, Then.DOMAIN, Then.CHANNEL, Then.UNSURE

TABLE = {
    #            4xx 5xx drop stall garbage 1 byte/s
    "connect":   (C,  C,  C,   C,    C,     C),
    "banner":    (C,  C,  C,   C,    C,     C),
    "EHLO":      (C,  C,  C,   C,    C,     C),
    "STARTTLS":  (C,  C,  C,   C,    C,     C),
    "AUTH":      (C,  C,  C,   C,    C,     C),
    "MAIL":      (C,  C,  C,   C,    C,     C),
    "RCPT":      (L,  R,  L,   D,    L,     D),
    "DATA":      (L,  R,  L,   C,    L,     C),
    "body":      (L,  R,  L,   U,    L,     C),
    "last line": (L,  R,  U,   U,    U,     U),
    "QUIT":      (S,  S,  S,   S,    S,     S),
}  # fmt: skip

CASES = [
    (point, fault, then) for point, row in TABLE.items() for fault, then in zip(FAULTS, row, strict=True)
]

TAKEN_UNSEEN = {("last line", fault) for fault in ("drop", "stall", "garbage", "1 byte/s")}
"""Where the server has the mail though it never said so."""


def table() -> str:
    """Return the table as Markdown."""
    rows = [f"| {' | '.join(('', *FAULTS))} |", f"|{'---|' * (len(FAULTS) + 1)}"]
    rows += [f"| **{point}** | {' | '.join(then.value for then in row)} |" for point, row in TABLE.items()]
    return "\n".join(rows)


ANSWERS = {
    "connect": "220 mail.example.se", "banner": "220 mail.example.se",
    "EHLO": "250-mail.example.se\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250-DSN\r\n250 SMTPUTF8",
    "HELO": "250 mail.example.se",
    "STARTTLS": "220 go on", "AUTH": "235 2.7.0 ok", "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok", "RSET": "250 2.0.0 ok",
    "DATA": "354 go on", "last line": "250 2.0.0 taken as 42", "QUIT": "221 2.0.0 bye",
}  # fmt: skip
NOW = {
    "connect": "421 4.3.2 too many connections", "STARTTLS": "454 4.7.0 no TLS now", "AUTH": "454 4.7.0 not now",
    "RCPT": "450 4.2.0 greylisted", "body": "452 4.2.2 mailbox full",
}  # fmt: skip
FOR_GOOD = {
    "connect": "554 5.7.1 blocked", "STARTTLS": "502 5.5.1 unknown", "AUTH": "535 5.7.8 wrong password",
    "RCPT": "550 5.1.1 no such user", "body": "552 5.3.4 too large",
}  # fmt: skip


class ScriptedServer:
    """Speaks SMTP on loopback; `fault` is a point and what goes wrong there, None for nothing.

    `answers` may give the answers to one word, one after the other. `taken` holds the mails whose last line it saw and
    did not refuse, `said` all that it was told, `connections` how many there were; `goodbye` is set by QUIT.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, fault: tuple[str, str] | None = None) -> None:
        self.fault = fault
        self.taken: list[bytes] = []
        self.said: list[str] = []
        self.answers: dict[str, list[str]] = {}
        self.connections = 0
        self._tls = tls
        self.goodbye = threading.Event()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._fillers: list[socket.socket] = []
        self._sessions: list[_Session] = []
        self._door = socket.socket()
        self._door.bind(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])

    def __enter__(self) -> ScriptedServer:
        if self.fault == ("connect", "stall"):
            self._door.listen(0)
            self._fill()
        elif self.fault != ("connect", "drop"):  # bound and not listening: who calls is refused
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in (self._door, *(session.connection for session in self._sessions)):
            with contextlib.suppress(OSError):  # it wakes whoever waits there, if anybody does
                each.shutdown(socket.SHUT_RDWR)
        for each in (self._door, *self._fillers):
            each.close()
        for thread in self._threads:
            thread.join(10)

    def mend(self) -> None:
        """Let everything go well from now on."""
        fault, self.fault = self.fault, None
        if fault is not None and fault[0] == "connect" and fault[1] in ("drop", "stall"):
            for filler in self._fillers:
                filler.close()
            self._open()

    def _fill(self) -> None:
        """Take every place in the queue of those who call, so that nobody else gets through."""
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)

    def _open(self) -> None:
        self._door.listen(50)
        self._start(self._accept)

    def _start(self, what: object, *args: object) -> None:
        thread = threading.Thread(target=what, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the door is closed at the end
            while not self._over.is_set():
                connection, _ = self._door.accept()
                self.connections += 1
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other side may hang up whenever it likes
            session = _Session(self, connection)
            self._sessions.append(session)
            session.run()


class _Session:
    """One connection to the server."""

    def __init__(self, server: ScriptedServer, connection: socket.socket) -> None:
        self._server = server
        self.connection = connection
        self._lines = connection.makefile("rb")

    def run(self) -> None:
        try:
            self._talk()
        finally:
            self._lines.close()
            self.connection.close()

    def _talk(self) -> None:
        point = "connect" if self._faulty("connect") else "banner"
        if not self._say(point) or point == "connect":
            return
        while line := self._lines.readline():
            self._server.said.append(line.decode().rstrip("\r\n"))
            word = line.split()[0].decode().upper()
            if not self._obey("EHLO" if word == "HELO" and self._faulty("EHLO") else word):
                return

    def _obey(self, word: str) -> bool:
        if word == "DATA":
            return self._take()
        going = self._say(word)
        if word == "QUIT":
            self._server.goodbye.set()
        if word == "STARTTLS" and not self._faulty("STARTTLS"):
            assert self._server._tls is not None
            self._lines.close()
            self.connection = self._server._tls.wrap_socket(self.connection, server_side=True)
            self._lines = self.connection.makefile("rb")
        return going and word != "QUIT"

    def _take(self) -> bool:
        if self._faulty("DATA") or self._faulty("body"):
            # What goes wrong with the body is said in one breath with the request for it: then the sender has
            # heard it before the last line is given, however the two sides are scheduled.
            if not self._say("DATA" if self._faulty("DATA") else "body"):
                return False
            if self._faulty("DATA"):
                return True
        else:
            going = (self._server.answers.get("DATA") or ["354"])[0].startswith("354")
            self._say("DATA")
            if not going:
                return True
        mail = b""
        while (line := self._lines.readline()) != b".\r\n":
            if not line:
                return False
            mail += line.removeprefix(b".")
        refused = self._faulty("last line") and self._server.fault[1] in ("4xx", "5xx")  # type: ignore[index]
        planned = (self._server.answers.get("last line") or ["250"])[0]
        if not refused and planned.startswith("250") and not self._faulty("body"):
            self._server.taken.append(mail)
        return self._say("last line")

    def _faulty(self, point: str) -> bool:
        return self._server.fault is not None and self._server.fault[0] == point

    def _say(self, point: str) -> bool:
        """Answer, well or badly; tell whether the talk goes on."""
        if not self._faulty(point):
            planned = self._server.answers.get(point)
            self._send(planned.pop(0) if planned else ANSWERS.get(point, "502 5.5.2 what?"))
            return True
        assert self._server.fault is not None
        fault = self._server.fault[1]
        before = b"354 go on\r\n" if point == "body" else b""
        if fault == "drop":
            self._drop(before)
            return False
        if fault in ("stall", "1 byte/s"):
            again = b"220-still here\r\n" if point == "banner" else b"2"
            self.connection.sendall(before + (again if fault == "1 byte/s" else b""))
            while not self._server._over.wait(0.05):
                if fault == "1 byte/s":
                    self.connection.sendall(again)
            return False
        words = {"4xx": NOW, "5xx": FOR_GOOD}.get(fault, {}).get(point)
        usual = {"4xx": "451 4.3.0 not now", "5xx": "554 5.7.1 never", "garbage": "Hej! <p>\0\xff"}
        self.connection.sendall(before + (words or usual[fault]).encode("latin-1") + b"\r\n")
        return point not in ("connect", "QUIT")

    def _drop(self, before: bytes) -> None:
        """Hang up, in the same packet as the last words."""
        if before:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            self.connection.sendall(before)

    def _send(self, words: str) -> None:
        self.connection.sendall(words.encode() + b"\r\n")


@contextlib.contextmanager
def scripted(
    tls: ssl.SSLContext | None = None, fault: tuple[str, str] | None = None
) -> Iterator[ScriptedServer]:
    """Give a server that runs while the block lasts."""
    with ScriptedServer(tls, fault) as server:
        yield server
