"""The write lock of a SQLite shop: fair between threads and processes, with a watchdog instead of a time-out.

Whoever wants it takes ``<database>.queue`` first, waits for ``<database>.lock`` at its head, and then lets the next to
the head. With one file alone, whoever has just let go takes the lock again before the kernel has woken those who wait
(seen with 16 writers at synchronous=FULL: 82 to 846 turns each and waits of up to 544 ms, with the queue 241 to 261 and
50 ms). Both waits block: to ask again and again with LOCK_NB would be no queue at all.
"""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path
from time import monotonic, time

from ashop_core.errors import StorageError
from ashop_core.texts import Text

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""How many seconds a thread waits before the log says who holds the lock."""
LOOK_EVERY = 2.0

_CANNOT_LOCK = Text(
    "Låsfilen {file} kan inte öppnas ({reason}). Ge användaren som kör butiken skrivrätt till mappen.",
    "The lock file {file} cannot be opened ({reason}). Let the user who runs the shop write to the folder.",
)


class FairLock:
    """One thread's key to the lock; threads of one process need a key each, just as processes do."""

    __slots__ = ("_lock", "_mark", "_queue", "_watchdog")

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self._lock = self._queue = -1
        self._mark = b""

    def acquire(self) -> None:
        """Wait for the lock, however long it takes, and write down who has it."""
        if self._lock < 0:
            self._open()
        watchdog = self._watchdog
        if watchdog.thread is None:
            watchdog.start()
        watchdog.waiting[self] = monotonic()
        try:
            flock(self._queue, LOCK_EX)
            flock(self._lock, LOCK_EX)
        finally:
            flock(self._queue, LOCK_UN)
            del watchdog.waiting[self]
        os.pwrite(self._lock, self._mark % time(), 0)

    def release(self) -> None:
        """Give the lock to the head of the queue."""
        if self._lock >= 0:
            flock(self._lock, LOCK_UN)

    def close(self) -> None:
        """Give the key back. In a forked child this does not release the parent's lock."""
        for descriptor in (self._lock, self._queue):
            if descriptor >= 0:
                os.close(descriptor)
        self._lock = self._queue = -1

    def _open(self) -> None:
        watchdog = self._watchdog
        self._queue = _open(watchdog.queue_path)
        self._lock = _open(watchdog.path)
        self._mark = b"%d since %%.3f\n" % os.getpid()


class Watchdog:
    """Looks every few seconds for threads of this process that wait too long, and logs each wait once."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self.queue_path = database.with_name(database.name + ".queue")
        self.waiting: dict[FairLock, float] = {}
        self.thread: threading.Thread | None = None
        self._reported: dict[FairLock, float] = {}
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to look, on a thread that does not keep the process alive."""
        self._stop = threading.Event()
        self.thread = threading.Thread(
            target=_watch, args=(self, self._stop), name=f"ashop-lock-watchdog-{self.path.name}", daemon=True
        )
        self.thread.start()

    def stop(self) -> None:
        """Stop looking; the next one who asks for the lock starts it again."""
        thread, self.thread = self.thread, None
        if thread is not None:
            self._stop.set()
            if thread is not threading.current_thread():
                thread.join()

    def forget(self) -> None:
        """Forget the threads of the parent, in a forked child."""
        self.thread = None
        self.waiting = {}

    def look(self, now: float) -> None:
        """Log a warning for every wait longer than PATIENCE that was not reported yet."""
        waiting = dict(self.waiting)
        self._reported = {key: since for key, since in self._reported.items() if waiting.get(key) == since}
        for key, since in waiting.items():
            if now - since >= PATIENCE and key not in self._reported:
                self._reported[key] = since
                log.warning(
                    "Waited %.0f s for the write lock of %s, %s", now - since, self.path, self.holder()
                )

    def holder(self) -> str:
        """Say which process took the lock last, and when."""
        try:
            pid, _, since = self.path.read_text("ascii").splitlines()[0].split()
            moment = datetime.fromtimestamp(float(since), UTC)
        except (OSError, ValueError, IndexError):
            return "held by an unknown process"
        return f"held by process {pid} since {moment:%Y-%m-%d %H:%M:%S} UTC"


def _watch(watchdog: Watchdog, stop: threading.Event) -> None:
    while not stop.wait(LOOK_EVERY):
        watchdog.look(monotonic())


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StorageError(_CANNOT_LOCK.fill(file=path, reason=error.strerror)) from error
