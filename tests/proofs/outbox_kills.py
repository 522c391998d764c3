"""Workers that are killed while they send to a real mail server: nothing is lost, and a second copy has its reason.

A message may only come twice if its worker died between sending and marking. The server counts copies; a worker notes
in shared numbers when it begins to send and when it has marked one.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.leases import LEASE
from ashop_core.outbox import Outbox
from ashop_core.testing import FixedClock, place_order, some_customer, some_lines, write_shop
from tests.proofs.harness import KILLED, Child, Gate, Numbers, kill_me
from tests.proofs.mail_server import MailServer, mail_server
from tests.proofs.points import Fuse, after, at_statements, before

WORKERS = 4
BATCH = 5
MOST_YIELDS = 200
MOST_STATEMENTS = 120
SENDING, MARKED = 0, 1
REFUSED = "the orders could not be placed"
POINTS = ("before claim", "after claim", "after begin", "after send", "after mark")
ANYWHERE = ("at a statement", "at any moment")
TOML = """
[plugins.email]
sender = "shop@example.se"
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
"""

Fault = Callable[[], object]


@dataclass
class Deliveries:
    """What came of delivering under kills."""

    messages: int
    kills: Counter[str] = field(default_factory=Counter)
    """By where the worker was when it died."""
    between: int = 0
    """Kills that hit after a message was begun to be sent and before it was marked."""
    copies: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def doubled(self) -> int:
        """How many copies there were beyond one of each."""
        return self.copies - self.messages


def make_shop(folder: Path, messages: int, port: int) -> None:
    """Make a shop with so many orders, each with a mail that waits."""
    write_shop(folder, "email", toml=TOML.format(port=port))
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        for n in range(messages):
            place_order(shop, some_lines("LAMPA"), customer=some_customer(email=f"kund{n}@example.se"))


def deliver_under_kills(
    folder: Path,
    messages: int,
    kills: int,
    seed: int,
    fault: Fault | None = None,
    *,
    put_in: Fault | None = None,
) -> Deliveries:
    """Have four workers deliver, kill all of them at some moment, and again; then let four finish in peace.

    Between two rounds the clock goes past the leases; while workers run it stands still, so that only the dead lose
    theirs. `fault` is built into every worker, `put_in` into whoever makes the orders.
    """
    with mail_server(folder.parent / f"{folder.name}.copies") as server:
        clock, chance, found = FixedClock(), random.Random(seed), Deliveries(messages)
        if Child(partial(_prepare, folder, messages, server.port, put_in)).wait():
            found.wrong.append(REFUSED)
            return found
        share = max(8, 2 * messages // max(kills, 1))
        while found.kills.total() < kills and _waiting(folder, clock):
            sent = _sent(folder, clock)
            copies = server.copies().of
            _round(folder, clock, chance, found, fault, share)
            later = server.copies().of
            if again := [id_ for id_ in sent if later[id_] > copies[id_]]:
                found.wrong.append(f"{len(again)} messages came again after they were marked as sent")
            clock.now += LEASE + timedelta(seconds=1)
        for _ in range(2):  # the second time there is nothing left to send, long afterwards too
            finishing = [Child(partial(_work, folder, clock, Numbers(2), fault)) for _ in range(WORKERS)]
            if sum(child.wait() != 0 for child in finishing):
                found.wrong.append("a worker ended in an error")
            clock.now += timedelta(hours=1)
        _check(folder, server, found)
    return found


def _prepare(folder: Path, messages: int, port: int, fault: Fault | None) -> None:
    if fault is not None:
        fault()
    make_shop(folder, messages, port)


@dataclass
class _Worker:
    """One process that delivers. With a `leave` it asks before each message, and tells of each that it sends."""

    child: Child
    where: str
    seen: Numbers
    leave: Gate
    sent: Gate
    share: int = 0


def _round(
    folder: Path, clock: FixedClock, chance: random.Random, found: Deliveries, fault: Fault | None, share: int
) -> None:
    """Of the workers some die at a named point, some at a statement, some whenever their killer gets there."""
    workers = [_hire(folder, clock, chance, fault, share) for _ in range(WORKERS)]
    for worker in workers:
        worker.sent.wait_at_most(worker.share - 1)
        for _ in range(chance.randrange(MOST_YIELDS)):
            os.sched_yield()
        if (worker.child.kill() if worker.share else worker.child.wait()) == KILLED:
            found.kills[worker.where] += 1
            found.between += worker.seen[SENDING] > worker.seen[MARKED]
        worker.leave.close()
        worker.sent.close()


def _hire(folder: Path, clock: FixedClock, chance: random.Random, fault: Fault | None, share: int) -> _Worker:
    seen, leave, sent = Numbers(2), Gate(), Gate()
    where = chance.choice((*POINTS, *ANYWHERE))
    work = partial(_work, folder, clock, seen, fault)
    if where in POINTS:
        times = chance.randrange(1, 3) if where.endswith("claim") else chance.randrange(1, share)
        return _Worker(Child(partial(work, point=(where, times))), where, seen, leave, sent)
    if where == "at a statement":
        fuse = chance.randrange(1, MOST_STATEMENTS)
        return _Worker(Child(partial(work, fuse=fuse)), where, seen, leave, sent)
    most = chance.randrange(1, share)
    leave.give(most)
    return _Worker(Child(partial(work, leave=leave, sent=sent)), where, seen, leave, sent, most)


def _work(
    folder: Path, clock: FixedClock, seen: Numbers, fault: Fault | None, *, point: tuple[str, int] | None = None,
    fuse: int = 0, leave: Gate | None = None, sent: Gate | None = None,
) -> None:  # fmt: skip
    if fault is not None:
        fault()
    burning = Fuse(at_statements, fuse)
    try:
        with Shop.open(folder, clock=clock, synchronous="OFF") as shop:
            channel = shop.channels["email"]
            before(channel, "send", lambda: _count(seen, SENDING, sent))
            after(Outbox, "_mark", lambda: _count(seen, MARKED))
            if point is not None:
                _die_at(channel, *point)
            if leave is not None:
                before(Outbox, "_deliver_one", leave.wait)
            burning.light()
            while shop.deliver(most=BATCH):
                pass
    finally:
        if sent is not None:
            sent.give_up()
    while leave is not None:
        leave.wait()  # to be killed, like the others


def _die_at(channel: object, where: str, times: int) -> None:
    """Kill this process when it comes to a point for the so-manieth time."""
    left = [times]

    def hit() -> None:
        left[0] -= 1
        if not left[0]:
            kill_me()

    arm, owner, name = {
        "before claim": (before, Outbox, "_claim"),
        "after claim": (after, Outbox, "_claim"),
        "after begin": (before, Outbox, "_attempt"),
        "after send": (after, channel, "send"),
        "after mark": (after, Outbox, "_mark"),
    }[where]
    arm(owner, name, hit)


def _count(seen: Numbers, which: int, sent: Gate | None = None) -> None:
    seen[which] += 1
    if sent is not None:
        sent.give()


def _waiting(folder: Path, clock: FixedClock) -> int:
    with Shop.open(folder, clock=clock, synchronous="OFF") as shop, shop.database.read() as reader:
        row = reader.row("SELECT COUNT(*) AS n FROM outbox WHERE delivery IN ('waiting', 'claimed')")
    assert row is not None
    return int(row["n"])


def _sent(folder: Path, clock: FixedClock) -> list[str]:
    """Return the ids of what is marked as sent."""
    with Shop.open(folder, clock=clock, synchronous="OFF") as shop, shop.database.read() as reader:
        return [
            row["message_id"] for row in reader.rows("SELECT message_id FROM outbox WHERE delivery = 'sent'")
        ]


_ROWS = """
SELECT o.*, (
    SELECT COUNT(*) FROM outbox_attempts AS a WHERE a.outbox_id = o.id AND a.outcome IN ('started', 'unsure')
) AS unsure FROM outbox AS o
"""


def _check(folder: Path, server: MailServer, found: Deliveries) -> None:
    copies = server.copies()
    found.copies = copies.of.total()
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        found.wrong += [str(finding.text) for finding in examine_shop(shop) if finding.serious]
        with shop.database.read() as reader:
            rows = {row["message_id"]: row for row in reader.rows(_ROWS)}
    complaints = {
        "lost": [id_ for id_ in rows if not copies.of[id_]],
        "not marked as sent": [id_ for id_, row in rows.items() if row["delivery"] != "sent"],
        "that nobody asked for": [id_ for id_ in copies.of if id_ not in rows],
        "in copies that differ": copies.mixed,
        "in more copies than their attempts account for": [
            id_ for id_, row in rows.items() if copies.of[id_] > 1 + row["unsure"]
        ],
    }
    found.wrong += [f"{len(ids)} messages {words}" for words, ids in complaints.items() if ids]
    if len(rows) != found.messages:
        found.wrong.append(f"{len(rows)} rows for {found.messages} messages")
    if found.doubled > found.between:
        found.wrong.append(f"{found.doubled} second copies, but {found.between} kills after sending")
