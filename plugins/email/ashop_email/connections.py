"""Connections to the mail server that are kept from one mail to the next: one for each thread that sends."""

from __future__ import annotations

import os
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer, local
from weakref import WeakSet

from ashop_email.talk import Talk

IDLE = 15.0
"""Seconds without a mail after which a connection is closed: the server has others to serve."""
GOODBYE = 1.0
"""Seconds that the server gets to answer a goodbye; nothing depends on it."""
MOST_MAILS = 100
"""Mails over one connection; many servers end it themselves soon after."""


class Connection:
    """The connection of one thread, as long as it is worth keeping. Only who holds `lock` may touch `talk`."""

    def __init__(self, idle: float) -> None:
        self.lock = Lock()
        self.talk: Talk | None = None
        self.mails = 0
        self.process = os.getpid()
        self._idle = idle
        self._used = 0.0
        self._timer: Timer | None = None

    def keep(self, talk: Talk) -> None:
        """Keep a connection that a mail went over, for the next one."""
        self.talk, self.mails, self._used = talk, self.mails + 1, time.monotonic()
        if self.mails >= MOST_MAILS:
            self.end()
        elif self._timer is None:
            self._wait(self._idle)

    def end(self) -> None:
        """Say goodbye, if there is a connection, and close it."""
        talk, self.talk, self.mails = self.talk, None, 0
        if talk is None:
            return
        talk.allow(GOODBYE)
        with suppress(smtplib.SMTPException, OSError):  # the mails are delivered, whatever it says now
            talk.quit()
        talk.close()

    def drop(self) -> None:
        """Close the connection without a word: something is wrong with it, or it is another process's."""
        talk, self.talk, self.mails = self.talk, None, 0
        if talk is not None:
            talk.close()

    def _wait(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._end_if_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_if_idle(self) -> None:
        with self.lock:
            self._timer = None
            left = self._used + self._idle - time.monotonic()
            if self.talk is not None and left > 0:
                self._wait(left)
            else:
                self.end()


class Connections:
    """The connections of all threads of this process, each ended after `idle` seconds without a mail."""

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        self._mine = local()
        self._all: WeakSet[Connection] = WeakSet()
        self._adding = Lock()

    @contextmanager
    def of_thread(self) -> Iterator[Connection]:
        """Give this thread's connection, for as long as the block lasts."""
        mine: Connection | None = getattr(self._mine, "connection", None)
        if mine is not None and mine.process != os.getpid():
            # Made before a fork: it is our parent who talks over it. Ours is only a copy of its end.
            mine.drop()
            mine = None
        if mine is None:
            mine = self._mine.connection = Connection(self._idle)
            with self._adding:
                self._all.add(mine)
        with mine.lock:
            yield mine

    def close(self) -> None:
        """End every connection; the next mail opens one anew."""
        with self._adding:
            connections = list(self._all)
        for connection in connections:
            if connection.process == os.getpid():
                with connection.lock:
                    connection.end()
