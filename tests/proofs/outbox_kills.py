"""Workers that are killed while they deliver: no message is lost, and a second copy has its reason.

A message may only come twice if its worker died between sending and marking. The spool (`spool_plugin`)
writes a line for each copy; a worker notes in shared numbers when it begins to send and when it has marked one.
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
from ashop_core.outbox import LEASE, Outbox
from ashop_core.testing import FixedClock, place_order, some_customer, some_lines, write_shop
from tests.proofs.harness import KILLED, Child, Gate, Numbers
from tests.proofs.points import Fuse, after, at_statements, before
from tests.proofs.use_cases import SPOOL

WORKERS = 4
BATCH = 5
MOST_YIELDS = 200
MOST_STATEMENTS = 120
SENDING, MARKED = 0, 1
TOML = '[statuses.received]\nnotify = ["spool"]\n'


@dataclass
class Deliveries:
    """What came of delivering under kills."""

    messages: int
    kills: int = 0
    between: int = 0
    """Kills that hit after a message was begun to be sent and before it was marked."""
    copies: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def doubled(self) -> int:
        """How many copies there were beyond one of each."""
        return self.copies - self.messages


def make_shop(folder: Path, messages: int) -> None:
    """Make a shop with so many orders, each with a message that waits."""
    write_shop(
        folder, "local:spool", toml=TOML, files={"plugins/spool.py": SPOOL.read_text(encoding="utf-8")}
    )
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        for n in range(messages):
            place_order(shop, some_lines("LAMPA"), customer=some_customer(email=f"kund{n}@example.se"))


def deliver_under_kills(
    folder: Path, messages: int, kills: int, seed: int, fault: Callable[[], object] | None = None
) -> Deliveries:
    """Have four workers deliver, kill all of them at some moment, and again, until nothing waits.

    Between two rounds the clock goes past the leases; while workers run it stands still, so that only the
    dead lose theirs.
    """
    make_shop(folder, messages)
    clock, chance, found = FixedClock(), random.Random(seed), Deliveries(messages)
    while found.kills < kills and _waiting(folder, clock):
        _round(folder, clock, chance, found, fault)
        clock.now += LEASE + timedelta(seconds=1)
    assert Child(partial(_work, folder, clock, Numbers(2), fault)).wait() == 0
    _check(folder, found)
    return found


@dataclass
class _Worker:
    """One process that delivers. With a `leave` it asks before each message, and tells of each that it sends."""

    child: Child
    seen: Numbers
    leave: Gate
    sent: Gate
    share: int = 0


def _round(
    folder: Path,
    clock: FixedClock,
    chance: random.Random,
    found: Deliveries,
    fault: Callable[[], object] | None,
) -> None:
    """Half of the workers die at some statement, the others whenever their killer gets there."""
    workers = [_hire(folder, clock, chance, fault, killed=bool(n % 2)) for n in range(WORKERS)]
    for worker in workers:
        worker.sent.wait_at_most(worker.share - 1)
        for _ in range(chance.randrange(MOST_YIELDS)):
            os.sched_yield()
        if (worker.child.kill() if worker.share else worker.child.wait()) == KILLED:
            found.kills += 1
            found.between += worker.seen[SENDING] > worker.seen[MARKED]
        worker.leave.close()
        worker.sent.close()


def _hire(
    folder: Path,
    clock: FixedClock,
    chance: random.Random,
    fault: Callable[[], object] | None,
    *,
    killed: bool,
) -> _Worker:
    seen, leave, sent = Numbers(2), Gate(), Gate()
    if not killed:
        fuse = chance.randrange(1, MOST_STATEMENTS)
        return _Worker(Child(partial(_work, folder, clock, seen, fault, fuse=fuse)), seen, leave, sent)
    share = chance.randrange(1, 8)
    leave.give(share)
    child = Child(partial(_work, folder, clock, seen, fault, leave=leave, sent=sent))
    return _Worker(child, seen, leave, sent, share)


def _work(
    folder: Path, clock: FixedClock, seen: Numbers, fault: Callable[[], object] | None, *,
    fuse: int | None = None, leave: Gate | None = None, sent: Gate | None = None,
) -> None:  # fmt: skip
    if fault is not None:
        fault()
    burning = Fuse(at_statements, fuse or 0)
    try:
        with Shop.open(folder, clock=clock, synchronous="OFF") as shop:
            before(shop.channels["spool"], "send", lambda: _count(seen, SENDING, sent))
            after(Outbox, "_mark", lambda: _count(seen, MARKED))
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


def _count(seen: Numbers, which: int, sent: Gate | None = None) -> None:
    seen[which] += 1
    if sent is not None:
        sent.give()


def _waiting(folder: Path, clock: FixedClock) -> int:
    with Shop.open(folder, clock=clock, synchronous="OFF") as shop, shop.database.read() as reader:
        row = reader.row("SELECT COUNT(*) AS n FROM outbox WHERE delivery IN ('waiting', 'claimed')")
    assert row is not None
    return int(row["n"])


def _check(folder: Path, found: Deliveries) -> None:
    lines = (folder / "spool").read_text(encoding="ascii").splitlines()
    copies: dict[str, Counter[str]] = {}
    for line in lines:
        row, message_id = line.split()
        copies.setdefault(row, Counter())[message_id] += 1
    found.copies = len(lines)
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        found.wrong += [str(finding.text) for finding in examine_shop(shop) if finding.serious]
        with shop.database.read() as reader:
            rows = {str(r["id"]): r for r in reader.rows("SELECT id, delivery, message_id FROM outbox")}
    lost = [row for row in rows if row not in copies]
    unsent = [row for row, values in rows.items() if values["delivery"] != "sent"]
    mixed = [row for row, ids in copies.items() if set(ids) != {rows[row]["message_id"]}]
    for complaint, ids in (
        ("lost", lost),
        ("not marked as sent", unsent),
        ("under several message ids", mixed),
    ):
        if ids:
            found.wrong.append(f"{len(ids)} messages {complaint}")
    if len(rows) != found.messages:
        found.wrong.append(f"{len(rows)} rows for {found.messages} messages")
    if found.doubled > found.between:
        found.wrong.append(f"{found.doubled} second copies, but {found.between} kills after sending")
