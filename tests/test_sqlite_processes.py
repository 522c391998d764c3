"""SQLite between processes: turns are fair, a killed process leaves all or nothing, a fork loses nothing.

Children are forked from a parent that has closed its store. What they wait for is a byte in a pipe, never a time.
"""

import fcntl
import logging
import os
import signal
import sqlite3
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import pytest

from ashop_core import sqlite_connections, sqlite_lock
from ashop_core.errors import StorageError
from ashop_core.sqlite import SQLiteDatabase
from ashop_core.sqlite_lock import PATIENCE
from ashop_core.storage import Writer
from ashop_core.tables import Index, Migration, Table, integer, text
from ashop_core.testing.store_suite import STEPS, add, codes, elsewhere, values

KILLED = -signal.SIGKILL


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A shop's database, closed."""
    path = tmp_path / "shop.db"
    with_tables = SQLiteDatabase(path, synchronous="OFF")
    with_tables.migrate({"gadgets": STEPS})
    with_tables.close()
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteDatabase]:
    store = SQLiteDatabase(path, synchronous="OFF")
    yield store
    Child.kill_all()  # first, since one of them may hold the lock where a test has failed
    store.close()


class Child:
    """A forked process that runs one function and then is gone, without any clearing up."""

    running: ClassVar[set["Child"]] = set()

    def __init__(self, work: Callable[[], object]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the test runner may have threads of its own
            self.pid = os.fork()
        if self.pid == 0:
            _run_and_leave(work)
        self.running.add(self)

    def wait(self) -> int:
        """Return the exit code, or minus the number of the signal."""
        self.running.discard(self)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    @classmethod
    def kill_all(cls) -> None:
        for child in list(cls.running):
            child.kill()


def _run_and_leave(work: Callable[[], object]) -> NoReturn:
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    Child.kill_all()


class Signal:
    """Something one process waits for and another gives, once for each that waits."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def give(self, times: int = 1) -> None:
        os.write(self._write, b"x" * times)

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert os.read(self._read, 1) == b"x"


def committed(path: Path, sql: str) -> list[Any]:
    """Return the one column of a query, as whoever opens the file afterwards sees it."""
    store = SQLiteDatabase(path)
    found = values(store, sql)
    store.close()
    return found


def is_free(path: Path, what: str = "lock") -> bool:
    with path.with_name(f"{path.name}.{what}").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


# ── Fairness ─────────────────────────────────────────────────────────────────────────────────────────────


def test_of_processes_in_a_tight_loop_the_slowest_gets_half_its_share(path: Path) -> None:
    turns, processes = 1000, 4
    go = Signal()

    def take_turns(process: int) -> None:
        store = SQLiteDatabase(path)  # FULL: the fsync is where whoever has just let go would push in again
        go.wait()
        turn = 0
        while turn < turns:
            with store.write() as tx:
                turn = tx.next_number("turns", 1)
                tx.insert("gadgets", {"code": str(turn), "price": process})

    children = [Child(partial(take_turns, process)) for process in range(processes)]
    go.give(processes)
    assert [child.wait() for child in children] == [0] * processes
    order = committed(path, f"SELECT price FROM gadgets WHERE id <= {turns} ORDER BY id")

    shares = [order.count(process) for process in range(processes)]
    assert min(shares) >= turns / processes / 2, shares


def test_nobody_takes_the_lock_again_before_the_one_at_the_head_of_the_queue(path: Path) -> None:
    store = SQLiteDatabase(path, synchronous="OFF")

    def take_turns() -> None:
        for number in count():
            with store.write() as tx:
                if tx.row("SELECT id FROM gadgets WHERE code = 'over'"):
                    return
                tx.insert("gadgets", {"code": f"child {number}"})

    child = Child(take_turns)
    for number in range(20):
        with store.write() as tx:
            while is_free(path, "queue"):
                os.sched_yield()
            tx.insert("gadgets", {"code": f"parent {number}"})
    add(store, "over")
    store.close()

    assert child.wait() == 0
    turns = [code.split()[0] for code in committed(path, "SELECT code FROM gadgets ORDER BY id")]
    assert turns.count("parent") == 20
    assert ("parent", "parent") not in pairwise(turns)


def test_processes_lose_no_update(path: Path) -> None:
    prepare = SQLiteDatabase(path)
    add(prepare, "lamp")
    prepare.close()

    def raise_price() -> None:
        store = SQLiteDatabase(path, synchronous="OFF")
        for _ in range(100):
            with store.write() as tx:
                row = tx.row("SELECT price FROM gadgets")
                assert row is not None
                tx.execute("UPDATE gadgets SET price = :price", {"price": row["price"] + 1})

    children = [Child(raise_price) for _ in range(4)]

    assert [child.wait() for child in children] == [0] * 4
    assert committed(path, "SELECT price FROM gadgets") == [400]


# ── Kill -9 ──────────────────────────────────────────────────────────────────────────────────────────────


def kill_at(connection: sqlite3.Connection, statement: int) -> None:
    """Have this process killed when the connection begins its n-th statement from here."""
    counted = count(1)
    connection.set_trace_callback(
        lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(counted) == statement else None
    )


def change_something(tx: Writer) -> None:
    number = tx.next_number("orders", 1)
    tx.insert("gadgets", {"code": "lamp", "price": number})
    tx.execute("UPDATE gadgets SET price = price + 1")
    tx.insert("diary", {"at": "1", "what": "lamp made"})


def test_a_process_killed_at_any_statement_leaves_all_or_nothing(path: Path) -> None:
    def change(statement: int) -> None:
        with SQLiteDatabase(path, synchronous="OFF").write() as tx:
            kill_at(tx._connection, statement)
            change_something(tx)

    for statement in count(1):
        outcome = Child(partial(change, statement)).wait()
        store = SQLiteDatabase(path)
        made = (
            codes(store),
            values(store, "SELECT what FROM diary"),
            values(store, "SELECT value FROM number_series"),
        )
        complaints = store.check()
        store.close()

        assert is_free(path)
        assert complaints == []
        if outcome == 0:
            break
        assert (outcome, made) == (KILLED, ([], [], []))
    assert statement == 6  # four, the COMMIT, and then none is left
    assert made == (["lamp"], ["lamp made"], [1])


MORE = {
    "gadgets": (
        *STEPS,
        Migration(
            name="m002_more",
            add_columns=(("gadgets", integer("weight", default=1)), ("diary", text("why", default=""))),
            add_indexes=(("gadgets", Index(name="gadgets_weight", columns=("weight",))),),
        ),
    ),
    "plugin": (
        Migration(name="m001_one", create=(Table(name="one", columns=(integer("id"),), key=("id",)),)),
        Migration(
            name="m002_two",
            create=(Table(name="two", columns=(integer("id"), text("word")), key=("id",), append_only=True),),
        ),
    ),
}


def schema_of(path: Path) -> list[tuple[str, ...]]:
    outsider = sqlite3.connect(path)
    tables = outsider.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    steps = outsider.execute("SELECT migration_set, name FROM _sqlite_migrations ORDER BY id").fetchall()
    outsider.close()
    return [*tables, *steps]


@pytest.mark.parametrize("fresh", [True, False], ids=["a new file", "an older file"])
def test_a_migration_killed_at_any_statement_can_be_run_again(
    tmp_path: Path, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(name: str) -> Path:
        path = tmp_path / f"{name}.db"
        if not fresh:
            older = SQLiteDatabase(path, synchronous="OFF")
            older.migrate({"gadgets": STEPS})
            older.close()
        return path

    def migrate(path: Path, statement: int) -> None:
        def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
            connection = original(path, mode=mode)
            if mode == "rwc":
                kill_at(connection, statement)
            return connection

        original = sqlite_connections.connect
        monkeypatch.setattr("ashop_core.sqlite.connect", connect)
        SQLiteDatabase(path, synchronous="OFF").migrate(MORE)

    whole = begin("whole")
    uninterrupted = SQLiteDatabase(whole)
    uninterrupted.migrate(MORE)
    uninterrupted.close()
    wanted = schema_of(whole)
    for statement in count(1):
        path = begin(str(statement))
        outcome = Child(partial(migrate, path, statement)).wait()
        again = SQLiteDatabase(path, synchronous="OFF")
        done = again.migrate(MORE)
        assert again.check() == []
        again.close()

        assert schema_of(path) == wanted
        if outcome == 0:
            break
        assert (outcome, len(done)) == (KILLED, 5 if fresh else 3)
    assert statement > 20


# ── Forks ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_of_an_idle_shop_works_on_and_nothing_it_commits_is_lost(path: Path) -> None:
    store = SQLiteDatabase(path, synchronous="OFF")
    add(store, "by the parent, before")
    codes(store)
    begun, parent_closed = Signal(), Signal()

    def work() -> None:
        add(store, "by the child")
        begun.give()
        parent_closed.wait()
        add(store, "by the child, alone")

    child = Child(work)
    begun.wait()
    add(store, "by the parent, after")
    store.close()
    parent_closed.give()

    assert child.wait() == 0
    assert len(committed(path, "SELECT code FROM gadgets")) == 4


def test_the_fork_test_can_fail(path: Path) -> None:
    """Its twin: with a connection inherited, the second row of the child is lost once the parent closes."""
    parent = sqlite3.connect(path, isolation_level=None)
    parent.execute("INSERT INTO gadgets (code) VALUES ('by the parent')")
    begun, parent_closed = Signal(), Signal()

    def work() -> None:
        child = sqlite3.connect(path, isolation_level=None)
        child.execute("INSERT INTO gadgets (code) VALUES ('by the child')")
        begun.give()
        parent_closed.wait()
        child.execute("INSERT INTO gadgets (code) VALUES ('by the child, alone')")

    child = Child(work)
    begun.wait()
    parent.close()
    parent_closed.give()

    assert child.wait() == 0
    assert committed(path, "SELECT code FROM gadgets ORDER BY 1") == ["by the child", "by the parent"]


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_child_of_an_open_transaction_can_use_neither_it_nor_the_file(
    store: SQLiteDatabase, how: str
) -> None:
    add(store, "lamp")

    def work() -> None:
        for use in (
            lambda: handle.rows("SELECT code FROM gadgets"),
            handle.ensure_open,
            lambda: codes(store),
            lambda: add(store, "by the child"),
            lambda: add(SQLiteDatabase(store.path), "by the child"),
        ):
            with pytest.raises(StorageError, match="process"):
                use()

    with getattr(store, how)() as handle:
        handle.rows("SELECT code FROM gadgets")
        assert Child(work).wait() == 0

    assert codes(store) == ["lamp"]


def test_a_child_that_leaves_its_parents_change_neither_commits_nor_unlocks(store: SQLiteDatabase) -> None:
    block = store.write()

    def leave() -> None:
        with pytest.raises(StorageError):
            block.__exit__(None, None, None)

    with block as tx:
        tx.insert("gadgets", {"code": "lamp"})
        assert Child(leave).wait() == 0
        assert not is_free(store.path)
        assert elsewhere(lambda: codes(store)) == []

    assert codes(store) == ["lamp"]


def test_a_child_that_lives_on_does_not_keep_the_lock_of_a_killed_parent(path: Path) -> None:
    forked, over = Signal(), Signal()

    def live_on() -> None:
        forked.give()
        over.wait()

    def fork_and_hang() -> None:
        with SQLiteDatabase(path, synchronous="OFF").write():
            Child(live_on)
            over.wait()

    parent = Child(fork_and_hang)
    forked.wait()
    held = not is_free(path)
    parent.kill()
    left = is_free(path)
    over.give()

    assert (held, left) == (True, True)


# ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────────


class Holder:
    """Another process inside a write transaction, until it is let go."""

    def __init__(self, path: Path) -> None:
        self._holding, self._enough = Signal(), Signal()
        self.child = Child(lambda: self._hold(path))
        self._holding.wait()

    def _hold(self, path: Path) -> None:
        with SQLiteDatabase(path, synchronous="OFF").write():
            self._holding.give()
            self._enough.wait()

    def let_go(self) -> None:
        self._enough.give()
        assert self.child.wait() == 0


def until_waiting(store: SQLiteDatabase) -> None:
    """Return once a thread of this process stands in line."""
    while not store._watchdog.waiting:
        os.sched_yield()


def test_whoever_waits_too_long_is_told_once_who_holds_the_lock(
    path: Path, store: SQLiteDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    holder = Holder(path)
    waiting = threading.Thread(target=add, args=(store, "lamp"))
    waiting.start()
    until_waiting(store)
    (since,) = store._watchdog.waiting.values()

    with caplog.at_level(logging.WARNING):
        for seconds in (PATIENCE - 1, PATIENCE + 1, PATIENCE + 10):
            store._watchdog.look(since + seconds)
    holder.let_go()
    waiting.join()

    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith("Waited 6 s for the write lock of ")
    assert f"held by process {holder.child.pid} since {time.strftime('%Y-%m-%d', time.gmtime())}" in message
    assert codes(store) == ["lamp"]


def test_the_watchdog_looks_by_itself_and_stops_when_the_store_is_closed(
    store: SQLiteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()
    monkeypatch.setattr(sqlite_lock, "LOOK_EVERY", 0)
    monkeypatch.setattr(sqlite_lock.Watchdog, "look", lambda self, now: looked.set())

    add(store, "lamp")
    thread = store._watchdog.thread
    looked.wait()
    store.close()

    assert thread is not None
    assert not thread.is_alive()


def test_waiting_can_be_broken_off_and_leaves_the_lock_alone(path: Path, store: SQLiteDatabase) -> None:
    holder, broken_off = Holder(path), threading.Event()

    def break_off(*_: object) -> None:
        if not broken_off.is_set():
            broken_off.set()
            raise KeyboardInterrupt

    def press_ctrl_c() -> None:
        until_waiting(store)
        # Again until it takes: one that comes just before the waiting begins breaks nothing off.
        while not broken_off.wait(0.05):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, break_off)
    presser = threading.Thread(target=press_ctrl_c)
    presser.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            add(store, "lamp")
        presser.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert is_free(path, "queue")
    holder.let_go()

    add(store, "fan")
    assert codes(store) == ["fan"]


# ── Rights ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_ordinary_user(work: Callable[[], object]) -> int:
    def demoted() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        work()

    return Child(demoted).wait()


def test_a_folder_without_write_permission_is_named_with_the_remedy(open_folder: Path) -> None:
    path = open_folder / "shop.db"
    store = SQLiteDatabase(path)
    store.migrate({})
    store.close()
    for file in open_folder.iterdir():
        file.chmod(0o444)
    open_folder.chmod(0o555)

    def try_everything() -> None:
        for use in (
            lambda: SQLiteDatabase(path).write().__enter__(),
            lambda: SQLiteDatabase(path).migrate({"gadgets": STEPS}),
            lambda: SQLiteDatabase(open_folder / "new.db").migrate({}),
        ):
            with pytest.raises(StorageError, match="Let the user who runs the shop") as caught:
                use()
            assert str(open_folder) in caught.value.text.sv

    assert as_ordinary_user(try_everything) == 0


def test_a_file_without_write_permission_is_named_with_the_remedy(open_folder: Path) -> None:
    path = open_folder / "shop.db"
    store = SQLiteDatabase(path)
    store.migrate({})
    store.close()
    path.chmod(0o444)
    for other in ("shop.db.lock", "shop.db.queue"):
        path.with_name(other).chmod(0o666)
    open_folder.chmod(0o777)

    def write() -> None:
        with pytest.raises(StorageError, match=r"shop\.db is read-only"), SQLiteDatabase(path).write() as tx:
            tx.next_number("orders", 1)

    assert as_ordinary_user(write) == 0
