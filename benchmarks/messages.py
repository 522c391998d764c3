"""Messages: how fast one worker sends them, what a dead mail server costs whoever places orders, what a claim costs.

The mail server is one that takes everything at once, in a process of its own; what is measured is the way there.
"""

from __future__ import annotations

import signal
import smtplib
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter_ns
from typing import Any

from ashop_core import Shop
from ashop_core.leases import Wanted, claim
from ashop_core.testing import place_order, some_customer, some_lines, write_shop
from ashop_core.worker import send_once, work
from ashop_stock_control import stock
from benchmarks import filling
from benchmarks.cases import CASES
from benchmarks.measure import BLOCK, commits, interleaved, microseconds, share
from benchmarks.sides import LINES, PLENTY, Ashop
from tests.proofs.harness import Child
from tests.proofs.mail_server import mail_server

SMTP = """
[plugins.email]
sender = "shop@example.se"
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
"""
PLACING = CASES[0]
WAITING = (0, 10_000, 100_000)
CLAIMS = 50
BASELINE = "e-mail, nobody sends it"


def measure(folder: Path | None, operations: int) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of all three."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        home = Path(name)
        sending = [_sending(home / mode, mode, operations) for mode in ("FULL", "OFF")]
        return {
            "sending": sending,
            "placing": _placing(home / "placing", operations),
            "claims": [_claiming(home / str(n), n) for n in WAITING],
        }


# ── Sending ──────────────────────────────────────────────────────────────────────────────────────


def _sending(folder: Path, mode: str, messages: int) -> dict[str, Any]:
    """Return messages per second of a worker and of a loop that hands the same mails over, in blocks that take turns."""
    with mail_server(folder / "copies") as server:
        home = write_shop(folder / "shop", "email", toml=SMTP.format(port=server.port))
        with Shop.open(home, synchronous=mode) as shop, smtplib.SMTP("127.0.0.1", server.port) as connection:
            mails = _mails_of(shop)
            worker, bare, inside = [], [], _time_inside(shop.channels["email"], "render", "send")
            for number in range(1 + -(-messages // BLOCK)):
                _queue(shop, BLOCK)
                if number == 1:  # the first block warms up
                    worker, bare = [], []
                    inside.clear()
                worker.append(_timed(partial(send_once, shop)))
                bare.append(_timed(partial(_hand_over, connection, mails)))
            in_channel = sum(inside) / sum(worker)
            seen = _statements(shop, BLOCK)
    return {
        "mode": mode,
        "ashop": BLOCK * 1e9 / median(worker),
        "bare": BLOCK * 1e9 / median(bare),
        "share": median(b / a for a, b in zip(worker, bare, strict=True)),
        "in_channel": in_channel,
        "statements": len(seen) / BLOCK,
        "commits": commits(seen) / BLOCK,
    }


def _queue(shop: Shop, messages: int) -> None:
    for n in range(messages):
        place_order(shop, some_lines("LAMPA"), customer=some_customer(email=f"kund{n}@example.se"))


def _mails_of(shop: Shop) -> list[bytes]:
    """Return a block of mails as the channel hands them over, taken from its own hands."""
    channel: Any = shop.channels["email"]
    mails: list[bytes] = []
    deliver = channel._sink.deliver

    def noted(message: Any, data: bytes, within: timedelta) -> str:
        mails.append(data)
        return str(deliver(message, data, within))

    channel._sink.deliver = noted
    _queue(shop, BLOCK)
    send_once(shop)
    channel._sink.deliver = deliver
    return mails


def _time_inside(owner: Any, *names: str) -> list[int]:
    """Return a list that grows by the ns of each call of these methods."""
    found: list[int] = []
    for name in names:
        original = getattr(owner, name)

        def timed(*given: Any, _original: Any = original) -> Any:
            begun = perf_counter_ns()
            try:
                return _original(*given)
            finally:
                found.append(perf_counter_ns() - begun)

        setattr(owner, name, timed)
    return found


def _hand_over(connection: smtplib.SMTP, mails: list[bytes]) -> None:
    for mail in mails:
        connection.sendmail("shop@example.se", ["kund@example.se"], mail)


def _statements(shop: Shop, messages: int) -> list[str]:
    seen: list[str] = []
    _queue(shop, messages)
    session = shop.database._local.session  # type: ignore[attr-defined]
    connections = [session.reading._connection, session.writing._connection]
    for connection in connections:
        connection.set_trace_callback(seen.append)
    send_once(shop)
    for connection in connections:
        connection.set_trace_callback(None)
    return [sql for sql in seen if not sql.startswith("--")]


def _timed(run: Callable[[], object]) -> int:
    begun = perf_counter_ns()
    run()
    return perf_counter_ns() - begun


# ── Placing beside a worker ──────────────────────────────────────────────────────────────────────


def _placing(folder: Path, operations: int) -> list[dict[str, Any]]:
    """Return what placing costs where nobody sends what it puts in the outbox, and where a worker tries and cannot."""
    names = ("no channels", BASELINE, "e-mail, a worker and a dead server")
    with ExitStack() as opened:
        homes = {name: _shop(folder / str(n), _free_port() if n else None) for n, name in enumerate(names)}
        opened.enter_context(_worker(homes[names[-1]]))
        sides = {name: Ashop(home, "OFF") for name, home in homes.items()}
        for side in sides.values():
            opened.callback(side.close)
        times = interleaved(PLACING, sides, operations)
    return [
        {"name": name, "us": microseconds(times[name]), "share": share(times, name, BASELINE)}
        for name in names
    ]


def _shop(folder: Path, port: int | None) -> Path:
    plugins = ("stock_control", "installation_booking", *(("email",) if port else ()))
    write_shop(folder, *plugins, toml=SMTP.format(port=port) if port else "")
    with Shop.open(folder, synchronous="OFF") as shop:
        for line in LINES:
            stock.add_item(shop, line.sku, line.name, balance=PLENTY)
    return folder


@contextmanager
def _worker(folder: Path) -> Iterator[None]:
    """Let a process send what waits, over and over."""
    child = Child(partial(_work, folder))
    try:
        yield
    finally:
        child.kill()


def _work(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with Shop.open(folder, synchronous="OFF") as shop:
        work(shop, Event(), timedelta(seconds=1), once=send_once)


def _free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# ── Claiming ─────────────────────────────────────────────────────────────────────────────────────


def _claiming(folder: Path, waiting: int) -> dict[str, Any]:
    """Return what a claim costs that finds nothing, while so many messages wait in a lane that is down."""
    home = write_shop(folder, "email")
    Shop.open(home, synchronous="OFF").close()
    if waiting:
        filling.add_waiting(home / "shop.db", waiting, is_down=True)
    with Shop.open(home, synchronous="OFF") as shop:
        order = place_order(shop)
        send_once(shop)
        wanted = {"us": Wanted(), "order_us": Wanted(order_id=order.id)}
        return {"waiting": waiting} | {name: _claim(shop, which) for name, which in wanted.items()}


def _claim(shop: Shop, wanted: Wanted) -> float:
    times = []
    for _ in range(CLAIMS):
        with shop.database.write() as tx:
            times.append(_timed(lambda: _ensure_nothing(claim(tx, shop.clock(), wanted))))
    return median(times) / 1000


def _ensure_nothing(rows: list[Any]) -> None:
    if rows:
        raise SystemExit("a claim took what stands in a lane that is down")
