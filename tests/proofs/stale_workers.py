"""A worker that is stopped in the middle of its work until another one has taken it over, and then goes on.

The other one's clock may go a minute fast or slow. Whatever the first one does when it wakes up, it changes nothing
that the other one did, and of a message that it had not begun with it sends no copy.
"""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ashop_core import Shop
from ashop_core.leases import LEASE
from ashop_core.outbox import Outbox
from tests.proofs.harness import Child, Numbers
from tests.proofs.mail_server import MailServer, mail_server
from tests.proofs.outbox_kills import Fault, make_shop
from tests.proofs.points import after, before

MESSAGES = 4
BEGUN = 2
"""With which of its messages the worker is stopped."""
POINTS = {
    "after claim": (after, "_claim"),
    "after begin": (before, "_attempt"),
    "after send": (after, "_attempt"),
}
SKEWS = (timedelta(seconds=-60), timedelta(), timedelta(seconds=60))
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Stale:
    """What came of stopping workers."""

    rounds: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)


def stop_workers(folder: Path, rounds: int, seed: int, fault: Fault | None = None) -> Stale:
    """Stop a worker at each point in turn, let another one take over, let the first one go on; look after each."""
    found, chance = Stale(), random.Random(seed)
    with mail_server(folder / "copies") as server:
        for number in range(rounds):
            where = list(POINTS)[number % len(POINTS)]
            skew = chance.choice(SKEWS)
            _stop_one(folder / str(number), server, where, skew, found, fault)
            found.rounds += 1
    return found


def _stop_one(
    folder: Path, server: MailServer, where: str, skew: timedelta, found: Stale, fault: Fault | None
) -> None:
    make_shop(folder, MESSAGES, server.port)
    seconds = Numbers(1)
    stopped = Child(partial(_work, folder, seconds, timedelta(), fault, where))
    assert os.WIFSTOPPED(os.waitpid(stopped.pid, os.WUNTRACED)[1]), f"{where}: it was never stopped"
    ours = _rows(folder)

    seconds[0] = int(LEASE.total_seconds()) // 2
    assert Child(partial(_work, folder, seconds, skew, fault)).wait() == 0
    early = [
        id_ for id_, row in _rows(folder).items() if row != ours[id_] and ours[id_]["delivery"] == "claimed"
    ]

    seconds[0] = int((LEASE - skew).total_seconds()) + 1
    if Child(partial(_work, folder, seconds, skew, fault)).wait():
        found.wrong.append(f"{where}: whoever took over ended in an error")
    taken_over, before_it = _rows(folder), server.copies().of

    os.kill(stopped.pid, signal.SIGCONT)
    if stopped.wait():
        found.wrong.append(f"{where}: whoever came back ended in an error")
    at_last, copies = _rows(folder), server.copies()
    at_once = {id_: 1 if where == "after claim" or row["attempts"] < 2 else 2 for id_, row in at_last.items()}
    complaints = {
        "taken over before its lease was out": early,
        "not sent": [id_ for id_, row in at_last.items() if row["delivery"] != "sent" or not copies.of[id_]],
        "overwritten": [id_ for id_, row in at_last.items() if row != taken_over[id_]],
        "in too many copies": [id_ for id_ in at_last if copies.of[id_] > at_once[id_]],
        "sent again though marked": [
            id_ for id_ in at_last if where != "after begin" and copies.of[id_] > before_it[id_]
        ],
        "in copies that differ": [id_ for id_ in at_last if id_ in copies.mixed],
    }
    found.wrong += [f"{where}, {skew}: {len(ids)} {words}" for words, ids in complaints.items() if ids]
    found.doubled += sum(copies.of[id_] - 1 for id_ in at_last)


def _work(
    folder: Path, seconds: Numbers, skew: timedelta, fault: Fault | None, stop_at: str | None = None
) -> None:
    if fault is not None:
        fault()
    with Shop.open(
        folder, clock=lambda: START + timedelta(seconds=seconds[0]) + skew, synchronous="OFF"
    ) as shop:
        if stop_at is not None:
            _stop_at(stop_at)
        while shop.deliver():
            pass


def _stop_at(where: str) -> None:
    """Stop this process, once: at its claim, or with one of the messages that it claimed."""
    left = [1 if where == "after claim" else BEGUN]

    def hit() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGSTOP)

    arm, name = POINTS[where]
    arm(Outbox, name, hit)


def _rows(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the outbox by message id."""
    with Shop.open(folder, synchronous="OFF") as shop, shop.database.read() as reader:
        return {row["message_id"]: dict(row) for row in reader.rows("SELECT * FROM outbox")}
