"""A mail server in a process of its own that takes every mail and writes down each copy before it says that it has it."""

from __future__ import annotations

import os
import re
import socket
import socketserver
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.proofs.harness import Child

_ID = re.compile(rb"^Message-ID: <([0-9a-f]+)@", re.MULTILINE | re.IGNORECASE)
# What the client says decides nothing: the answers to EHLO, MAIL, RCPT and so on are all yes.
_ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


@dataclass(frozen=True)
class Copies:
    """What the server has: how many copies of each message, and how many different mails under each id."""

    of: Counter[str] = field(default_factory=Counter)
    contents: dict[str, set[str]] = field(default_factory=dict)

    @property
    def mixed(self) -> list[str]:
        """The messages whose copies were not the same bytes."""
        return [id_ for id_, found in self.contents.items() if len(found) > 1]


@dataclass(frozen=True)
class MailServer:
    """A server that runs; `port` is where, on loopback."""

    port: int
    file: Path

    def copies(self) -> Copies:
        """Return what it has taken until now."""
        found = Copies()
        for line in self.file.read_text(encoding="ascii").splitlines():
            id_, content = line.split()
            found.of[id_] += 1
            found.contents.setdefault(id_, set()).add(content)
        return found


@contextmanager
def mail_server(file: Path) -> Iterator[MailServer]:
    """Run a server that writes a line for each copy to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    child = Child(lambda: _serve(listening, file))
    try:
        yield MailServer(listening.getsockname()[1], file)
    finally:
        child.kill()
        listening.close()


def _serve(listening: socket.socket, file: Path) -> None:
    written = os.open(file, os.O_WRONLY | os.O_APPEND)

    class Talk(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline():
                word = line[:4].strip().upper()
                self.wfile.write(_ANSWERS.get(word, b"250 yes\r\n"))
                if word == b"QUIT":
                    return
                if word == b"DATA" and not self._take():
                    return

        def _take(self) -> bool:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                if not line:
                    return False  # cut off in the middle: that is no mail
                lines.append(line)
            data = b"".join(lines)
            found = _ID.search(data)
            id_ = found[1].decode() if found else "none"
            os.write(written, f"{id_} {sha256(data).hexdigest()}\n".encode())
            self.wfile.write(b"250 taken\r\n")
            return True

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that was killed is nothing to tell of."""

    server = Server(listening.getsockname(), Talk, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.serve_forever()
