"""SQLite in particular: how files are opened, what a connection dug out of a handle may do, full disks, backups."""

import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ashop_core.errors import ConstraintError, InvalidInput, StorageError
from ashop_core.sqlite import SQLiteDatabase, unsafe_version
from ashop_core.storage import Database, Reader, Writer
from ashop_core.testing.store_suite import STEPS, add, codes, elsewhere, undone, values


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteDatabase]:
    store = SQLiteDatabase(tmp_path / "shop.db", synchronous="OFF")
    store.migrate({"gadgets": STEPS})
    yield store
    store.close()


def dug_out(handle: Reader) -> sqlite3.Connection:
    """The raw connection, which no plugin is given but any can find."""
    connection = getattr(handle, "_connection")  # noqa: B009 - the protocol has no such thing
    assert isinstance(connection, sqlite3.Connection)
    return connection


def test_it_is_a_store(store: SQLiteDatabase) -> None:
    as_any_store: Database = store

    assert as_any_store.check() == []


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────────────


def test_opening_a_current_shop_writes_nothing_and_takes_no_lock(store: SQLiteDatabase) -> None:
    store.close()
    locks = [store.path.with_name(name) for name in ("shop.db.lock", "shop.db.queue")]
    for lock in locks:
        lock.unlink()
    before = store.path.stat().st_mtime_ns
    again = SQLiteDatabase(store.path)

    assert again.migrate({"gadgets": STEPS}) == []
    again.close()

    assert [lock for lock in locks if lock.exists()] == []
    assert store.path.stat().st_mtime_ns == before


def test_opening_a_current_shop_does_not_even_load_sqlite_utils(store: SQLiteDatabase) -> None:
    code = (
        "import sys; from ashop_core.sqlite import SQLiteDatabase; from ashop_core.testing.store_suite import STEPS;"
        "SQLiteDatabase(sys.argv[1]).migrate({'gadgets': STEPS}); sys.exit('sqlite_utils' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, store.path], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=False
    )

    assert done.returncode == 0


@pytest.mark.parametrize(("synchronous", "number"), [("OFF", 0), ("NORMAL", 1), ("FULL", 2)])
def test_connections_are_set_up_for_safety(tmp_path: Path, synchronous: str, number: int) -> None:
    store = SQLiteDatabase(tmp_path / "shop.db", synchronous=synchronous)
    store.migrate({})
    asked = ("journal_mode", "foreign_keys", "busy_timeout", "synchronous", "recursive_triggers")
    with store.write() as tx:
        dug_out(tx).set_authorizer(None)
        writer = [dug_out(tx).execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
    with store.read() as reader:
        query_only = dug_out(reader).execute("PRAGMA query_only").fetchone()[0]
    store.close()

    assert writer == ["wal", 1, 10_000, number, 1]
    assert query_only == 1


def test_a_commit_survives_a_power_cut_unless_told_otherwise(tmp_path: Path) -> None:
    assert SQLiteDatabase(tmp_path / "shop.db")._synchronous == "FULL"
    with pytest.raises(InvalidInput, match="EXTRA"):
        SQLiteDatabase(tmp_path / "shop.db", synchronous="EXTRA")


def test_any_folder_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "Villa & Värme #1?mode=memory%20"
    folder.mkdir()
    store = SQLiteDatabase(folder / "butik 1.db")
    store.migrate({"gadgets": STEPS})
    add(store, "lamp")
    store.close()

    assert sorted(path.name for path in folder.iterdir()) == [
        "butik 1.db",
        "butik 1.db.lock",
        "butik 1.db.queue",
    ]


def test_two_names_of_a_file_share_one_lock(store: SQLiteDatabase, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere.db"
    link.symlink_to(store.path)

    assert SQLiteDatabase(link).path == store.path


def test_a_shop_is_never_made_by_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"

    for use in (SQLiteDatabase(path).read, SQLiteDatabase(path).write):
        with pytest.raises(StorageError, match=r"no database .*shop\.db.*ashop init"), use():
            pass

    assert not path.exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no folder .*nowhere"):
        SQLiteDatabase(tmp_path / "nowhere" / "shop.db").migrate({})


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a folder"):
        SQLiteDatabase(tmp_path).migrate({})


def test_another_file_is_no_database_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text("[shop]\nname = 'Villa & Värme'\n" * 100)
    before = path.read_bytes()

    for use in (
        lambda: SQLiteDatabase(path).migrate({}),
        lambda: SQLiteDatabase(path).backup(tmp_path / "b.db"),
    ):
        with pytest.raises(StorageError, match="is not a SQLite database"):
            use()

    assert path.read_bytes() == before


def test_a_damaged_database_is_told_by_check(store: SQLiteDatabase) -> None:
    with store.write() as tx:
        tx.insert_all("gadgets", [{"code": f"{n:04}", "note": "x" * 500} for n in range(200)])
    store.close()
    with store.path.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096 * 5)

    assert store.check() != []


def test_a_row_that_refers_to_nothing_is_told_by_check(store: SQLiteDatabase) -> None:
    store.close()
    outsider = sqlite3.connect(store.path)
    with outsider:
        outsider.execute("INSERT INTO parts VALUES (7, 1, 'screw')")
    outsider.close()

    assert store.check() == ["parts: row 1 refers to a missing row of gadgets"]


# ── A plugin that digs out the connection ────────────────────────────────────────────────────────────────


def used_as_a_context(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("INSERT INTO gadgets (code) VALUES ('smuggled')")


@pytest.mark.parametrize(
    "meddle",
    [
        lambda c: c.commit(),
        lambda c: c.rollback(),
        lambda c: c.executescript("SELECT 1"),
        lambda c: setattr(c, "isolation_level", None),
        used_as_a_context,
        *(
            lambda c, sql=sql: c.execute(sql)
            for sql in (
                "COMMIT", "END", "ROLLBACK", "BEGIN", "SAVEPOINT a", "PRAGMA foreign_keys = OFF", "PRAGMA user_version",
                "ATTACH ':memory:' AS other", "DETACH other", "DROP TRIGGER diary_no_delete", "CREATE TABLE t (x)",
                "ALTER TABLE gadgets ADD COLUMN x", "DROP TABLE parts", "CREATE TEMP TABLE t (x)", "ANALYZE", "REINDEX",
            )
        ),
    ],
)  # fmt: skip
def test_only_the_store_ends_a_transaction_or_changes_the_rules(
    store: SQLiteDatabase, meddle: Callable[[sqlite3.Connection], object]
) -> None:
    add(store, "earlier")  # so that the store's own statements are in the connection's cache

    with undone(store) as tx:
        tx.insert("gadgets", {"code": "lamp"})
        with pytest.raises(sqlite3.Error, match=r"not authorized|within a transaction"):
            meddle(dug_out(tx))
        tx.ensure_open()

    assert codes(store) == ["earlier"]


def test_a_connection_kept_after_the_change_cannot_change_the_rules_either(store: SQLiteDatabase) -> None:
    with store.write() as tx:
        pass

    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        dug_out(tx).execute("PRAGMA foreign_keys = OFF")


def test_a_closed_connection_is_noticed_and_replaced(store: SQLiteDatabase) -> None:
    def change() -> None:
        with store.write() as tx:
            tx.insert("gadgets", {"code": "lamp"})
            dug_out(tx).close()

    with pytest.raises(StorageError, match="no longer open"):
        change()

    add(store, "fan")
    assert codes(store) == ["fan"]


def test_a_statement_that_rolls_back_by_itself_is_noticed(store: SQLiteDatabase) -> None:
    add(store, "lamp")

    def change() -> None:
        with store.write() as tx:
            tx.insert("gadgets", {"code": "first half"})
            with pytest.raises(ConstraintError):
                tx.execute("INSERT OR ROLLBACK INTO gadgets (code) VALUES ('lamp')")
            with pytest.raises(StorageError, match="no longer open"):
                tx.ensure_open()
            with pytest.raises(StorageError, match="no longer open"):
                tx.insert("gadgets", {"code": "second half"})

    with pytest.raises(StorageError, match="no longer open"):
        change()

    assert codes(store) == ["lamp"]


def test_a_snapshot_cannot_be_written_through(store: SQLiteDatabase) -> None:
    with store.read() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        dug_out(reader).execute("DELETE FROM gadgets")


@pytest.mark.parametrize(
    "row", ["(1, '1', 'forged')", "(NULL, '1', 'forged')"], ids=["by key", "by unique column"]
)
def test_history_cannot_be_replaced(store: SQLiteDatabase, row: str) -> None:
    with store.write() as tx:
        tx.insert("diary", {"id": 1, "at": "1", "what": "lamp made"})

    with pytest.raises(StorageError), store.write() as tx:
        tx.execute(f"INSERT OR REPLACE INTO diary (id, at, what) VALUES {row}")
    with pytest.raises(StorageError), store.write() as tx:
        tx.execute("UPDATE diary SET rowid = 7")

    assert values(store, "SELECT id || what FROM diary") == ["1lamp made"]


def test_the_full_text_search_works_inside_a_change(store: SQLiteDatabase) -> None:
    store.close()
    outsider = sqlite3.connect(store.path)
    outsider.executescript(
        "CREATE VIRTUAL TABLE found USING fts5 (code, content=gadgets, content_rowid=id);"
        "CREATE TRIGGER gadgets_found AFTER INSERT ON gadgets BEGIN"
        " INSERT INTO found (rowid, code) VALUES (new.id, new.code); END;"
    )
    outsider.close()

    with store.write() as tx:
        tx.insert("gadgets", {"code": "lamp"})
        assert len(tx.rows("SELECT rowid FROM found WHERE found MATCH 'lamp'")) == 1


# ── Full disks ───────────────────────────────────────────────────────────────────────────────────────────


def fill_disk(tx: Writer, *, full: bool) -> None:
    connection = dug_out(tx)
    connection.set_authorizer(None)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2 if full else 1 << 30}")


def test_a_full_disk_keeps_nothing_even_if_a_plugin_swallows_the_error(store: SQLiteDatabase) -> None:
    def change() -> None:
        with store.write() as tx:
            fill_disk(tx, full=True)
            tx.insert("gadgets", {"code": "order"})
            with pytest.raises(StorageError, match="disk is full"):
                tx.insert("gadgets", {"code": "movement", "note": "x" * 100_000})
            with pytest.raises(StorageError, match="no longer open"):
                tx.insert("gadgets", {"code": "history"})

    with pytest.raises(StorageError, match="no longer open"):
        change()

    assert codes(store) == []
    with store.write() as tx:
        fill_disk(tx, full=False)
        tx.insert("gadgets", {"code": "next order"})
    assert codes(store) == ["next order"]


def test_the_full_disk_test_can_fail(store: SQLiteDatabase) -> None:
    """Its twin: past the handle, the statement after the swallowed error does commit, alone."""
    with suppress(StorageError), store.write() as tx:
        fill_disk(tx, full=True)
        tx.insert("gadgets", {"code": "order"})
        with suppress(StorageError):
            tx.insert("gadgets", {"code": "movement", "note": "x" * 100_000})
        dug_out(tx).execute("INSERT INTO gadgets (code) VALUES ('history')")

    assert codes(store) == ["history"]


def test_a_commit_that_fails_keeps_nothing(store: SQLiteDatabase) -> None:
    def refuse_to_end(action: int, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK

    def change() -> None:
        with store.write() as tx:
            tx.insert("gadgets", {"code": "lamp"})
            dug_out(tx).set_authorizer(refuse_to_end)

    with pytest.raises(StorageError):
        change()

    assert codes(store) == []
    add(store, "fan")
    assert codes(store) == ["fan"]


def test_a_closed_snapshot_is_replaced(store: SQLiteDatabase) -> None:
    with store.read() as reader:
        dug_out(reader).close()
        with pytest.raises(StorageError):
            reader.rows("SELECT code FROM gadgets")

    assert codes(store) == []


def test_no_other_program_can_write_between_our_reading_and_our_writing(store: SQLiteDatabase) -> None:
    outsider = sqlite3.connect(store.path, timeout=0)

    with store.write() as tx:
        tx.rows("SELECT code FROM gadgets")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            outsider.execute("INSERT INTO gadgets (code) VALUES ('from outside')")
        tx.insert("gadgets", {"code": "lamp"})
    outsider.close()

    assert codes(store) == ["lamp"]


def test_the_lock_is_held_until_the_commit_is_done(store: SQLiteDatabase) -> None:
    def look(sql: str) -> None:
        seen.append((sql, lock_is_free(store)))

    seen: list[tuple[str, bool]] = []
    with store.write() as tx:
        tx.insert("gadgets", {"code": "lamp"})
        dug_out(tx).set_trace_callback(look)

    assert seen == [("COMMIT", False)]
    assert lock_is_free(store)


def test_the_lock_is_given_back_when_another_program_keeps_the_file(store: SQLiteDatabase) -> None:
    with store.write() as tx:
        dug_out(tx).set_authorizer(None)
        dug_out(tx).execute("PRAGMA busy_timeout = 0")
    outsider = sqlite3.connect(store.path, isolation_level=None)
    outsider.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError, match=r"Another program keeps .* locked"):
        add(store, "lamp")

    assert lock_is_free(store)
    outsider.close()
    add(store, "fan")


def lock_is_free(store: SQLiteDatabase) -> bool:
    with store.path.with_name("shop.db.lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


# ── Threads ──────────────────────────────────────────────────────────────────────────────────────────────


def test_threads_that_have_ended_leave_no_connections(store: SQLiteDatabase) -> None:
    for number in range(20):
        thread = threading.Thread(target=add, args=(store, str(number)))
        thread.start()
        thread.join()

    assert len(store._sessions) <= 2


def test_a_snapshot_belongs_to_its_thread(store: SQLiteDatabase) -> None:
    with store.read() as mine, pytest.raises(StorageError, match="in the thread and process that opened it"):
        elsewhere(lambda: mine.rows("SELECT code FROM gadgets"))


def test_neither_writing_nor_closing_nor_migrating_inside_a_change_waits_for_itself(
    store: SQLiteDatabase,
) -> None:
    with store.write() as tx:
        with pytest.raises(StorageError, match="under way in this thread"), store.write():
            pytest.fail("opened within another")
        with pytest.raises(StorageError, match="under way in this thread"):
            store.close()
        with pytest.raises(StorageError, match="under way in this thread"):
            store.migrate({"gadgets": STEPS, "more": STEPS})
        tx.insert("gadgets", {"code": "lamp"})

    assert codes(store) == ["lamp"]


# ── Backups ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_backup_holds_what_was_committed_and_can_be_opened_as_a_shop(
    store: SQLiteDatabase, tmp_path: Path
) -> None:
    add(store, "lamp")
    with store.write() as tx:
        tx.insert("gadgets", {"code": "not yet"})
        elsewhere(lambda: store.backup(tmp_path / "copy.db"))

    copy = SQLiteDatabase(tmp_path / "copy.db")

    assert (codes(copy), copy.check()) == (["lamp"], [])
    assert copy.migrate({"gadgets": STEPS}) == []
    add(copy, "fan")
    copy.close()
    assert codes(store) == ["lamp", "not yet"]


def test_a_backup_is_for_its_owner_only(store: SQLiteDatabase, tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.db")

    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def test_a_backup_overwrites_nothing(store: SQLiteDatabase, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")

    with pytest.raises(StorageError, match="not overwritten"):
        store.backup(target)

    assert target.read_text() == "precious"


def test_a_backup_that_fails_leaves_nothing(store: SQLiteDatabase, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere/copy\.db"):
        store.backup(tmp_path / "nowhere" / "copy.db")

    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("version", "unsafe"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False),
        ((3, 44, 7), False), ((3, 45, 0), True), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 0), True),
        ((3, 51, 2), True), ((3, 51, 3), False), ((3, 52, 0), False), ((4, 0, 0), False),
    ],
)  # fmt: skip
def test_versions_that_can_corrupt_a_file_are_known(version: tuple[int, int, int], unsafe: bool) -> None:
    assert unsafe_version(version) is unsafe
