"""The command that changes many orders, killed again and again and then run to its end: each order once, each message once.

A run kills itself at some SQL statement, whichever comes as the n-th: while it looks, while it changes, while
it sends. Letters that were claimed by one that was killed wait until its lease is over, which it is for the
last worker's clock.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.leases import LEASE
from ashop_core.models import ImportedOrder
from ashop_core.testing import FixedClock, some_customer, some_lines, write_shop
from ashop_stock_control import stock
from tests.proofs.harness import KILLED
from tests.proofs.use_cases import SPOOL

ROOT = Path(__file__).parents[2]
STATEMENTS, LOOKING = 32, 9
"""So many statements an order takes, about, until its letter is sent, and of these before the first is changed."""
TOML = '[statuses.reviewed]\nnotify = ["spool"]\n'
CHANGE = ("order", "status", "--where", "status=received", "reviewed", "--yes")
WORK = ("work", "--once")
FAULTS = {
    "without_one_transaction": "INSERT INTO history",
    "marked_before_sent": "UPDATE outbox SET subject",
}
"""Faults of `kill_mutants`, each with the statement that follows on the harm."""
# The peak of this process alone: what the system tells of a child counts its parent in.
_RUN = """
import sys
from pathlib import Path
from ashop_core.cli import main
try:
    main()
finally:
    peak = [w.split()[1] for w in Path("/proc/self/status").read_text().splitlines() if w.startswith("VmHWM")]
    Path(sys.argv[2], "peak").write_text(peak[0])
"""


@dataclass
class Bulk:
    """What came of changing so many orders."""

    orders: int
    kills: int = 0
    copies: int = 0
    seconds: float = 0.0
    peak_kb: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Orders changed and told of in a second, in the run that was not killed."""
        return self.orders / self.seconds


def make_orders(folder: Path, orders: int) -> None:
    """Make a shop with so many orders that are received and wait to be reviewed; their goods are held."""
    spool = SPOOL.read_text(encoding="utf-8")
    write_shop(folder, "local:spool", "stock_control", toml=TOML, files={"plugins/spool.py": spool})
    with Shop.open(folder, synchronous="OFF") as shop:
        stock.add_item(shop, "LAMPA", "Lampa", balance=1_000_000)
        for n in range(orders):
            shop.import_order(_order(n), move_stock=True)


def _order(n: int) -> ImportedOrder:
    return ImportedOrder(
        source="proof", external_id=f"{n}", status="received", at=datetime(2026, 11, 1, tzinfo=UTC),
        lines=some_lines("LAMPA"), customer=some_customer(email=f"kund{n}@example.se"), delivery="post",
        payment_method="invoice", currency="SEK", language="sv",
    )  # fmt: skip


def change_in_peace(folder: Path, orders: int) -> Bulk:
    """Change them all in one run, and tell how long it took and how much room."""
    make_orders(folder, orders)
    done, begun = Bulk(orders), perf_counter()
    code = _start(folder, *CHANGE).wait()
    done.seconds = perf_counter() - begun
    if code:
        done.wrong.append(f"ended with {code}")
    done.peak_kb = int((folder / "peak").read_text(encoding="ascii"))
    _check(folder, done)
    return done


def change_under_kills(folder: Path, orders: int, kills: int, seed: int, fault: str = "") -> Bulk:
    """Have the command kill itself so often, and let it end at last.

    `fault` is one of `FAULTS`, built into every run that is killed; it is then killed where that decides.
    """
    make_orders(folder, orders)
    chance, done = random.Random(seed), Bulk(orders)
    while done.kills < kills:
        received = _left(folder, _RECEIVED)
        left = received or _left(folder, _WAITING)
        if not left:
            break
        point = chance.randrange(1, left + 1 if fault else STATEMENTS * orders // kills)
        if received and not fault:
            point += chance.choice((0, LOOKING * left))  # half of them when it has begun to change
        process = _start(folder, *(CHANGE if received else WORK), plant=_fuse(point, fault))
        done.kills += process.wait() == KILLED
    for command in (CHANGE, WORK):
        if code := _start(folder, *command).wait():
            done.wrong.append(f"{command[0]} ended with {code} at last")
    with Shop.open(folder, clock=FixedClock(datetime.now(UTC) + 2 * LEASE), synchronous="OFF") as shop:
        while shop.deliver():
            pass
    _check(folder, done)
    return done


# ── The command ──────────────────────────────────────────────────────────────────────────────────


def _start(folder: Path, *command: str, plant: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", plant + _RUN, "--shop", str(folder), *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _fuse(point: int, fault: str) -> str:
    """Return what has a run kill itself at its n-th statement, with a fault built in if one is named."""
    planted = f"from tests.proofs import kill_mutants\nkill_mutants.{fault}()\n" if fault else ""
    arm = f"points.at({FAULTS[fault]!r})" if fault else "points.at_statements"
    return f"{planted}from tests.proofs import points\npoints.Fuse({arm}, {point}).light()\n"


def _left(folder: Path, sql: str) -> int:
    with Shop.open(folder, synchronous="OFF") as shop, shop.database.read() as reader:
        row = reader.row(sql)
    return int(row["n"]) if row is not None else 0


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────

_RECEIVED = "SELECT COUNT(*) AS n FROM orders WHERE status = 'received'"
_WAITING = "SELECT COUNT(*) AS n FROM outbox WHERE delivery = 'waiting'"
_UNCHANGED_ONCE = """
SELECT COUNT(*) AS n FROM orders AS o
WHERE o.status <> 'reviewed' OR o.version <> 2
   OR (SELECT COUNT(*) FROM history AS h WHERE h.order_id = o.id AND h.to_status = 'reviewed') <> 1
"""
_NOT_TOLD_ONCE = """
SELECT COUNT(*) AS n FROM orders AS o
WHERE (SELECT COUNT(*) FROM outbox AS x WHERE x.order_id = o.id AND x.kind = 'message') <> 1
   OR (SELECT COUNT(*) FROM outbox AS x WHERE x.order_id = o.id AND x.delivery = 'sent') <> 1
"""


def _check(folder: Path, done: Bulk) -> None:
    with Shop.open(folder, synchronous="OFF") as shop:
        done.wrong += [str(f.text) for f in examine_shop(shop) if f.serious]
        with shop.database.read() as reader:
            ids = {str(row["id"]) for row in reader.rows("SELECT id FROM outbox WHERE kind = 'message'")}
    for words, sql in (
        ("were not changed exactly once", _UNCHANGED_ONCE),
        ("were not told of exactly once", _NOT_TOLD_ONCE),
    ):
        if n := _left(folder, sql):
            done.wrong.append(f"{n} orders {words}")
    copies = Counter(line.split()[0] for line in (folder / "spool").read_text(encoding="ascii").splitlines())
    done.copies = copies.total()
    if set(copies) != ids or len(ids) != done.orders:
        done.wrong.append(f"{len(copies)} letters for {len(ids)} messages of {done.orders} orders")
    if done.copies - len(copies) > done.kills:
        done.wrong.append(f"{done.copies - len(copies)} second copies, but only {done.kills} kills")
