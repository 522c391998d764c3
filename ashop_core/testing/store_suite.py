"""The conformance suite of stores: what the shop counts on, whichever database stands behind it.

Put a store through it by subclassing, with a fixture that gives an empty one::

    class TestMyStore(StoreSuite):
        @pytest.fixture
        def database(self, tmp_path):
            database = MyDatabase(tmp_path)
            yield database
            database.close()
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import pytest

from ashop_core.errors import ConstraintError, StorageError
from ashop_core.storage import Database, Writer
from ashop_core.tables import Index, Migration, Search, Table, integer, text

GADGETS = Table(
    name="gadgets",
    columns=(
        integer("id"),
        text("code"),
        integer("price", default=0),
        text("note", null=True, default="it's"),
    ),
    key=("id",),
    unique=(("code",),),
    checks=("price >= -9223372036854775807 - 1", "code <> 'forbidden'"),
    indexes=(Index(name="gadgets_price", columns=("price", "id"), where="price > 0"),),
)
PARTS = Table(
    name="parts",
    columns=(integer("gadget_id", references="gadgets.id"), integer("position"), text("name")),
    key=("gadget_id", "position"),
)
DIARY = Table(
    name="diary",
    columns=(integer("id"), text("at"), text("what"), text("actor", default="")),
    key=("id",),
    unique=(("at",),),
    append_only=True,
    erasable=("actor",),
)
LETTERS = Table(
    name="letters",
    columns=(integer("id"), text("words", default=""), text("at"), integer("opened", default=0)),
    key=("id",),
    search=Search(words="words", time="at"),
)
STEPS = (Migration(name="m001_gadgets", create=(GADGETS, PARTS, DIARY, LETTERS)),)

NOT_ABOUT_ROWS = (
    "COMMIT", "commit;", "END", "ROLLBACK", "BEGIN", "BEGIN IMMEDIATE", "START TRANSACTION", "SAVEPOINT a",
    "RELEASE a", "PRAGMA foreign_keys = OFF", "ATTACH 'other.db' AS other", "VACUUM", "SET x = 1",
    "CREATE TABLE more (id INTEGER)", "DROP TABLE gadgets", "ALTER TABLE gadgets ADD COLUMN x TEXT",
    "SELECT 1; COMMIT", "SELECT 1; SELECT 2", "SELECT ';'; COMMIT", "/* x */ COMMIT", "-- x\nCOMMIT",
    "SELECT '''; COMMIT; --' ; COMMIT", "SELECT $$'$$; COMMIT; --'", "SELECT $a$'$a$; COMMIT; --'",
    r"SELECT E'\''; COMMIT; --'", "", " ; ", "-- nothing",
)  # fmt: skip
"""What no handle runs: no statement, one about something else than rows, or two in one (as one store reads it)."""

Result = TypeVar("Result")


class Colour(StrEnum):
    """Text by another name, as the shop's codes are."""

    RED = "red"
    BROKEN = "r\0d"


class StoreSuite:
    """Every test takes `store`: the subclass's `database` with a few tables in it."""

    @pytest.fixture
    def store(self, database: Database) -> Database:
        """The store under test, its tables made."""
        database.migrate({"gadgets": STEPS})
        return database

    # ── Transactions ─────────────────────────────────────────────────────────────────────────────

    def test_leaving_the_block_commits(self, store: Database) -> None:
        with store.write() as tx:
            tx.insert("gadgets", {"code": "lamp"})

        assert codes(store) == ["lamp"]

    def test_an_exception_rolls_everything_back_and_is_passed_on(self, store: Database) -> None:
        def change() -> None:
            with store.write() as tx:
                tx.insert("gadgets", {"code": "lamp"})
                tx.insert("diary", {"at": "1", "what": "lamp made"})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            change()

        assert codes(store) == []
        assert values(store, "SELECT what FROM diary") == []

    def test_nothing_is_seen_before_the_commit(self, store: Database) -> None:
        with store.write() as tx:
            tx.insert("gadgets", {"code": "lamp"})
            seen_outside = elsewhere(lambda: codes(store))
            seen_inside = [row["code"] for row in tx.rows("SELECT code FROM gadgets")]

        assert (seen_inside, seen_outside) == (["lamp"], [])

    def test_a_read_keeps_to_its_snapshot_while_others_write(self, store: Database) -> None:
        with store.read() as reader:
            before = reader.rows("SELECT code FROM gadgets")
            elsewhere(lambda: add(store, "lamp"))
            after = reader.rows("SELECT code FROM gadgets")

        assert (before, after) == ([], [])
        assert codes(store) == ["lamp"]

    def test_a_read_inside_a_read_sees_the_same_rows(self, store: Database) -> None:
        with store.read() as outer:
            assert outer.rows("SELECT code FROM gadgets") == []
            elsewhere(lambda: add(store, "lamp"))
            with store.read() as inner:
                assert inner.rows("SELECT code FROM gadgets") == []
            assert outer.rows("SELECT code FROM gadgets") == []

    @pytest.mark.parametrize("how", ["read", "write"])
    def test_a_transaction_inside_a_write_is_an_error_and_harms_nothing(
        self, store: Database, how: str
    ) -> None:
        with store.write() as tx:
            tx.insert("gadgets", {"code": "lamp"})
            with pytest.raises(StorageError), getattr(store, how)():
                pytest.fail("opened within another")
            tx.insert("gadgets", {"code": "fan"})

        assert codes(store) == ["fan", "lamp"]

    @pytest.mark.parametrize("how", ["read", "write"])
    def test_a_handle_is_of_no_use_after_its_transaction(self, store: Database, how: str) -> None:
        with getattr(store, how)() as handle:
            pass

        with pytest.raises(StorageError):
            handle.rows("SELECT code FROM gadgets")

    def test_a_handle_kept_after_its_transaction_writes_nothing(self, store: Database) -> None:
        with store.write() as tx:
            pass

        for attempt in (
            lambda: tx.insert("gadgets", {"code": "late"}),
            lambda: tx.insert_all("gadgets", [{"code": "late"}]),
            lambda: tx.execute("INSERT INTO gadgets (code) VALUES ('late')"),
            lambda: tx.next_number("orders", 1),
            lambda: tx.lock("gadgets", [{"id": 1}]),
            tx.ensure_open,
        ):
            with pytest.raises(StorageError):
                attempt()
        assert codes(store) == []

    def test_a_handle_belongs_to_its_thread(self, store: Database) -> None:
        with store.write() as tx, pytest.raises(StorageError):
            elsewhere(lambda: tx.insert("gadgets", {"code": "lamp"}))

        assert codes(store) == []

    def test_a_swallowed_error_leaves_all_or_nothing(self, store: Database) -> None:
        try:
            with store.write() as tx:
                tx.insert("gadgets", {"code": "first"})
                with suppress(StorageError):  # this is the mistake under test
                    tx.insert("gadgets", {"code": "first"})
                tx.insert("gadgets", {"code": "last"})
        except StorageError:
            assert codes(store) == []
        else:
            assert codes(store) == ["first", "last"]

    def test_an_open_transaction_says_so(self, store: Database) -> None:
        with store.write() as tx:
            tx.ensure_open()

    # ── Statements ───────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("sql", NOT_ABOUT_ROWS)
    def test_only_one_statement_about_rows_is_run(self, store: Database, sql: str) -> None:
        with undone(store) as tx:
            tx.insert("gadgets", {"code": "lamp"})
            for run in (tx.execute, tx.rows, tx.row):
                with pytest.raises(StorageError):
                    run(sql)

        assert codes(store) == []

    @pytest.mark.parametrize(
        ("sql", "value"),
        [
            ("SELECT ';' AS value", ";"),
            ("SELECT 'it''s; so' AS value;", "it's; so"),
            ("SELECT 'COMMIT' AS value -- ; that was all", "COMMIT"),
            ("SELECT /* ; */ 'e' AS value", "e"),
            ("SELECT '$x$' AS \"value\"", "$x$"),
            ("WITH one AS (SELECT 'a' AS value) SELECT value FROM one", "a"),
        ],
    )
    def test_semicolons_in_literals_and_comments_do_no_harm(
        self, store: Database, sql: str, value: str
    ) -> None:
        with store.read() as reader:
            row = reader.row(sql)

        assert row is not None
        assert row["value"] == value

    @pytest.mark.parametrize(
        "sql",
        [
            "INSERT INTO gadgets (code) VALUES ('lamp')",
            "DELETE FROM gadgets",
            "WITH one AS (SELECT 'lamp' AS code) INSERT INTO gadgets (code) SELECT code FROM one",
        ],
    )
    def test_a_reader_cannot_write(self, store: Database, sql: str) -> None:
        with store.read() as reader, pytest.raises(StorageError):
            reader.rows(sql)

        assert codes(store) == []

    def test_a_row_is_read_by_column_name(self, store: Database) -> None:
        add(store, "lamp", price=5)

        with store.read() as reader:
            row = reader.row("SELECT code, price FROM gadgets WHERE code = :code", {"code": "lamp"})
            none = reader.row("SELECT code FROM gadgets WHERE code = :code", {"code": "fan"})

        assert row is not None
        assert (row["code"], row["price"], list(row.keys())) == ("lamp", 5, ["code", "price"])
        assert none is None

    @pytest.mark.parametrize(
        ("sql", "touched"),
        [
            ("UPDATE gadgets SET price = 7 WHERE price >= 1", 2),
            ("UPDATE gadgets SET price = 7 WHERE price > 99", 0),
            ("UPDATE gadgets SET price = 7 WHERE price >= 1 RETURNING code", 2),
            ("WITH p AS (SELECT 7 AS price) UPDATE gadgets SET price = (SELECT price FROM p)", 3),
            ("DELETE FROM gadgets WHERE code = 'a'", 1),
            ("INSERT INTO gadgets (code) VALUES ('d'), ('e')", 2),
            ("INSERT INTO gadgets (code) VALUES ('a') ON CONFLICT (code) DO NOTHING", 0),
        ],
    )
    def test_execute_tells_how_many_rows_it_touched(self, store: Database, sql: str, touched: int) -> None:
        for price, code in enumerate("abc"):
            add(store, code, price=price)

        with store.write() as tx:
            assert tx.execute(sql) == touched

    def test_upsert_and_returning_work(self, store: Database) -> None:
        upsert = (
            "INSERT INTO gadgets (code, price) VALUES (:code, :price) "
            "ON CONFLICT (code) DO UPDATE SET price = gadgets.price + excluded.price RETURNING price"
        )

        with store.write() as tx:
            found = [
                tx.row(upsert, {"code": "lamp", "price": 5}),
                tx.row(upsert, {"code": "lamp", "price": 2}),
            ]

        assert [row["price"] for row in found if row is not None] == [5, 7]
        assert values(store, "SELECT price FROM gadgets") == [7]

    @pytest.mark.parametrize(
        "sql", ["SELECT nothing FROM gadgets", "SELECT FROM WHERE", "SELECT :missing AS x"]
    )
    def test_a_statement_that_cannot_be_run_is_a_storage_error(self, store: Database, sql: str) -> None:
        with store.read() as reader, pytest.raises(StorageError):
            reader.rows(sql)

    # ── Values ───────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "Åsa 👩‍👩‍👧 ﷺ \u202e",
            "x" * 100_000,
            "two\nlines",
            "'; DROP TABLE gadgets; --",
            Colour.RED,
            None,
        ],
    )
    def test_text_comes_back_as_it_was_stored(self, store: Database, value: str | None) -> None:
        add(store, "lamp", note=value)

        assert values(store, "SELECT note FROM gadgets") == [value]

    @pytest.mark.parametrize("value", [0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
    def test_integers_of_64_bits_come_back_exact(self, store: Database, value: int) -> None:
        add(store, "lamp", price=value)

        assert values(store, "SELECT price FROM gadgets") == [value]

    @pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**100])
    def test_larger_integers_are_refused(self, store: Database, value: int) -> None:
        with pytest.raises(StorageError):
            add(store, "lamp", price=value)

        assert codes(store) == []

    @pytest.mark.parametrize(
        "value", ["nul \0 here", Colour.BROKEN, 1.5, float("nan"), b"bytes", Decimal("1.5"),
                  datetime(2026, 11, 23, tzinfo=UTC), ["list"], "\ud800"],
    )  # fmt: skip
    def test_what_the_stores_would_not_keep_alike_is_refused(self, store: Database, value: object) -> None:
        attempts: list[Callable[[Writer], object]] = [
            lambda tx: tx.insert("gadgets", {"code": "lamp", "note": value}),
            lambda tx: tx.insert_all(
                "gadgets", [{"code": "lamp", "note": "fine"}, {"code": "fan", "note": value}]
            ),
            lambda tx: tx.execute("INSERT INTO gadgets (code, note) VALUES ('lamp', :note)", {"note": value}),
            lambda tx: tx.rows("SELECT code FROM gadgets WHERE note = :note", {"note": value}),
        ]
        for attempt in attempts:
            with pytest.raises(StorageError), store.write() as tx:
                attempt(tx)

        assert codes(store) == []

    # ── Rows and rules ───────────────────────────────────────────────────────────────────────────

    def test_insert_returns_the_growing_id_and_fills_in_defaults(self, store: Database) -> None:
        with store.write() as tx:
            ids = [tx.insert("gadgets", {"code": code}) for code in "abc"]

        assert ids == sorted(set(ids))
        with store.read() as reader:
            rows = reader.rows("SELECT id, price, note FROM gadgets ORDER BY id")
        assert [(row["id"], row["price"], row["note"]) for row in rows] == [(i, 0, "it's") for i in ids]

    def test_many_rows_are_inserted_at_once(self, store: Database) -> None:
        with store.write() as tx:
            tx.insert_all("gadgets", [{"code": f"{n:03}", "price": n} for n in range(200)])
            tx.insert_all("gadgets", [])

        assert values(store, "SELECT price FROM gadgets ORDER BY code") == list(range(200))

    @pytest.mark.parametrize("second", [{"code": "b", "price": 2, "note": "x"}, {"code": "b"}])
    def test_rows_of_unequal_columns_are_refused_and_nothing_is_dropped(
        self, store: Database, second: dict[str, Any]
    ) -> None:
        with undone(store) as tx, pytest.raises(StorageError):
            tx.insert_all("gadgets", [{"code": "a", "price": 1}, second])

        assert codes(store) == []

    @pytest.mark.parametrize(
        "name", ["gadgets; DROP TABLE gadgets", "gädgets", "", "a b", '"gadgets"', "a.b"]
    )
    def test_what_is_no_name_is_refused(self, store: Database, name: str) -> None:
        with store.write() as tx:
            for attempt in (
                lambda: tx.insert(name, {"code": "lamp"}),
                lambda: tx.insert("gadgets", {name: "lamp"}),
                lambda: tx.insert_all("gadgets", [{name: "lamp"}]),
                lambda: tx.lock(name, [{"id": 1}]),
                lambda: tx.lock("gadgets", [{name: 1}]),
            ):
                with pytest.raises(StorageError):
                    attempt()

    @pytest.mark.parametrize(
        "sql",
        [
            "INSERT INTO gadgets (code) VALUES ('lamp')",
            "INSERT INTO gadgets (code) VALUES ('forbidden')",
            "INSERT INTO gadgets (code) VALUES (NULL)",
            "INSERT INTO gadgets (id, code) SELECT id, 'fan' FROM gadgets",
            "INSERT INTO parts (gadget_id, position, name) VALUES (999, 1, 'screw')",
            "DELETE FROM gadgets",
        ],
        ids=["unique", "check", "not null", "key", "foreign key", "foreign key of others"],
    )
    def test_a_row_that_breaks_a_rule_is_a_constraint_error(self, store: Database, sql: str) -> None:
        with store.write() as tx:
            lamp = tx.insert("gadgets", {"code": "lamp"})
            tx.insert("parts", {"gadget_id": lamp, "position": 1, "name": "bulb"})

        with pytest.raises(ConstraintError), store.write() as tx:
            tx.execute(sql)

        assert codes(store) == ["lamp"]

    def test_words_do_not_fit_in_a_column_of_numbers(self, store: Database) -> None:
        with pytest.raises(StorageError):
            add(store, "lamp", price="many")

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM diary",
            "UPDATE diary SET what = 'nothing'",
            "UPDATE diary SET actor = '', at = '2'",
            "UPDATE diary SET id = id + 1",
            "INSERT INTO diary (at, what) VALUES ('1', 'x') ON CONFLICT (at) DO UPDATE SET what = excluded.what",
        ],
    )
    def test_history_can_be_neither_changed_nor_deleted(self, store: Database, sql: str) -> None:
        with store.write() as tx:
            tx.insert("diary", {"at": "1", "what": "lamp made", "actor": "Åsa"})

        with pytest.raises(StorageError), store.write() as tx:
            tx.execute(sql)

        assert values(store, "SELECT at || what || actor FROM diary") == ["1lamp madeÅsa"]

    def test_personal_words_in_history_can_be_erased(self, store: Database) -> None:
        with store.write() as tx:
            tx.insert("diary", {"at": "1", "what": "lamp made", "actor": "Åsa"})

        with store.write() as tx:
            tx.execute("UPDATE diary SET actor = '' WHERE at = '1'")

        assert values(store, "SELECT what || actor FROM diary") == ["lamp made"]

    # ── Numbers and locks ────────────────────────────────────────────────────────────────────────

    def test_numbers_begin_where_told_and_each_series_has_its_own(self, store: Database) -> None:
        with store.write() as tx:
            found = [tx.next_number("orders", 100), tx.next_number("orders", 100), tx.next_number("slips", 1)]
            later = tx.next_number("orders", 500)

        assert found == [100, 101, 1]
        assert later == 500

    def test_a_number_is_given_to_one_committed_change_only(self, store: Database) -> None:
        def take() -> int:
            with store.write() as tx:
                return tx.next_number("orders", 1)

        with undone(store) as tx:
            tx.next_number("orders", 1)
        with ThreadPoolExecutor(4) as pool:
            given = [number.result() for number in [pool.submit(take) for _ in range(40)]]

        assert len(set(given)) == 40
        assert take() > max(given)

    def test_many_threads_lose_no_update_of_a_locked_row(self, store: Database) -> None:
        add(store, "lamp")

        def raise_price() -> None:
            for _ in range(20):
                with store.write() as tx:
                    tx.lock("gadgets", [{"code": "lamp"}])
                    row = tx.row("SELECT price FROM gadgets WHERE code = 'lamp'")
                    assert row is not None
                    tx.execute("UPDATE gadgets SET price = :price", {"price": row["price"] + 1})

        together(raise_price, threads=6)

        assert values(store, "SELECT price FROM gadgets") == [120]

    def test_many_threads_never_take_more_than_there_is(self, store: Database) -> None:
        add(store, "lamp", price=50)
        taken: list[int] = []

        def take() -> None:
            for _ in range(20):
                with store.write() as tx:
                    taken.append(tx.execute("UPDATE gadgets SET price = price - 1 WHERE price >= 1"))

        together(take, threads=6)

        assert sum(taken) == 50
        assert values(store, "SELECT price FROM gadgets") == [0]

    # ── Migrations ───────────────────────────────────────────────────────────────────────────────

    def test_migrating_again_does_nothing(self, store: Database) -> None:
        add(store, "lamp")

        assert store.migrate({"gadgets": STEPS}) == []
        assert codes(store) == ["lamp"]

    def test_each_set_has_its_own_steps(self, store: Database) -> None:
        trinkets = Table(name="trinkets", columns=(integer("id"), text("name")), key=("id",))
        more = {"gadgets": STEPS, "trinkets": (Migration(name="m001_gadgets", create=(trinkets,)),)}

        assert store.migrate(more) == ["trinkets/m001_gadgets"]
        assert store.migrate(more) == []

    def test_a_later_step_adds_columns_and_indexes_to_rows_that_are_there(self, store: Database) -> None:
        add(store, "lamp")
        later = Migration(
            name="m002_weight",
            add_columns=(("gadgets", integer("weight", default=3)), ("gadgets", text("maker", null=True))),
            add_indexes=(("gadgets", Index(name="gadgets_maker", columns=("maker",), unique=True)),),
        )

        assert store.migrate({"gadgets": (*STEPS, later)}) == ["gadgets/m002_weight"]
        assert values(store, "SELECT weight FROM gadgets WHERE maker IS NULL") == [3]
        with pytest.raises(ConstraintError), store.write() as tx:
            tx.insert_all("gadgets", [{"code": code, "maker": "Osram"} for code in "ab"])

    def test_a_column_added_to_history_is_kept_like_the_others(self, store: Database) -> None:
        store.migrate(
            {"gadgets": (*STEPS, Migration(name="m002", add_columns=(("diary", text("why", default="")),)))}
        )
        with store.write() as tx:
            tx.insert("diary", {"at": "1", "what": "lamp made", "why": "ordered"})

        with pytest.raises(StorageError), store.write() as tx:
            tx.execute("UPDATE diary SET why = ''")
        with store.write() as tx:
            tx.execute("UPDATE diary SET actor = 'Åsa'")

        assert values(store, "SELECT why || actor FROM diary") == ["orderedÅsa"]

    def test_a_step_that_fails_leaves_nothing_and_can_be_mended(self, store: Database) -> None:
        fine = Table(name="fine", columns=(integer("id"),), key=("id",))
        broken = Table(name="broken", columns=(integer("id"),), key=("id",), checks=("no such thing(",))
        mended = Table(name="broken", columns=(integer("id"),), key=("id",))

        with pytest.raises(StorageError):
            store.migrate({"gadgets": STEPS, "more": (Migration(name="m001", create=(fine, broken)),)})
        done = store.migrate({"gadgets": STEPS, "more": (Migration(name="m001", create=(fine, mended)),)})

        assert done == ["more/m001"]
        assert values(store, "SELECT count(*) AS n FROM fine") == [0]

    # ── The whole ────────────────────────────────────────────────────────────────────────────────

    # ── Search ───────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        ("terms", "found"),
        [
            ((("anna",),), [2, 3, 1]),
            ((("ann",),), [2, 3, 4, 1]),
            ((("a",), ("berg",)), [3, 1]),
            ((("berg", "ek"),), [2, 3, 1]),
            ((("berg", "ek"), ("annab",)), []),
            ((("östra",),), [4]),
            ((("ostra",),), []),
            ((("12345678901",),), [1]),
            ((("nobody",),), []),
            ((("and",),), []),
        ],
    )
    def test_a_search_finds_what_meets_every_term_newest_first(
        self, store: Database, terms: tuple[tuple[str, ...], ...], found: list[int]
    ) -> None:
        write_letters(store)

        assert search(store, terms) == found

    def test_a_search_goes_on_after_a_row(self, store: Database) -> None:
        write_letters(store)

        assert search(store, (("ann",),), after=(3, "2026-11-23T12:00:02.000000Z")) == [4, 1]

    def test_a_search_follows_every_change_of_the_words_and_the_time(self, store: Database) -> None:
        write_letters(store)

        with store.write() as tx:
            tx.execute("UPDATE letters SET words = 'bo berg' WHERE id = 1")
            tx.execute("UPDATE letters SET words = '' WHERE id = 2")
            tx.execute("UPDATE letters SET at = '2026-11-23T11:00:00.000000Z' WHERE id = 3")
            tx.execute("UPDATE letters SET words = 'anna ny' WHERE id = 5")
            tx.execute("UPDATE letters SET opened = 1")

        assert search(store, (("ann",),)) == [5, 4, 3]
        assert search(store, (("bo",),)) == [1]
        with store.write() as tx:
            tx.execute("DELETE FROM letters WHERE id = 5")
        assert search(store, (("anna",),)) == [3]

    def test_a_search_sees_what_was_committed_and_nothing_else(self, store: Database) -> None:
        def change() -> None:
            with store.write() as tx:
                tx.insert("letters", {"words": "anna", "at": "2026-11-23T12:00:00.000000Z"})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            change()

        assert search(store, (("anna",),)) == []

    def test_the_id_of_a_searched_row_is_returned(self, store: Database) -> None:
        with store.write() as tx:
            ids = [tx.insert("letters", {"words": "a b", "at": "2026-11-23T12:00:00.000000Z"}) for _ in "ab"]

        assert ids == [1, 2]

    @pytest.mark.parametrize("terms", [(), ((),), (("",),), (("a b",),), (("a*",),), (('"',),), (("a_b",),)])
    def test_what_is_no_word_cannot_be_searched_for(
        self, store: Database, terms: tuple[tuple[str, ...], ...]
    ) -> None:
        with store.read() as reader, pytest.raises(StorageError):
            reader.matching(LETTERS, "l", terms)

    def test_purging_the_search_loses_nothing(self, store: Database) -> None:
        write_letters(store)
        with store.write() as tx:
            tx.execute("UPDATE letters SET words = 'bo' WHERE id = 1")

        store.purge_search()

        assert search(store, (("ann",),)) == [2, 3, 4]
        assert search(store, (("bo",),)) == [1]
        assert store.check() == []

    def test_a_sound_store_has_nothing_to_complain_about(self, store: Database) -> None:
        add(store, "lamp")

        assert store.check() == []

    def test_closing_keeps_what_was_committed(self, store: Database) -> None:
        add(store, "lamp")

        store.close()

        assert codes(store) == ["lamp"]


class Undo(Exception):
    """Ends a change that is to be rolled back."""


@contextmanager
def undone(store: Database) -> Iterator[Writer]:
    """A change that an exception ends, so that nothing of it is kept."""
    with suppress(Undo), store.write() as tx:
        yield tx
        raise Undo


def add(store: Database, code: str, **columns: Any) -> int:
    """Insert a gadget in a transaction of its own."""
    with store.write() as tx:
        return tx.insert("gadgets", {"code": code, **columns})


def write_letters(store: Database) -> None:
    """Write letters that a search can tell apart; the second is the newest with words, the last has none."""
    words = ("anna berg 12345678901", "anna ek", "anna alberg berg", "annika östra", "")
    seconds = (0, 3, 2, 1, 4)
    with store.write() as tx:
        for text_, second in zip(words, seconds, strict=True):
            tx.insert("letters", {"words": text_, "at": f"2026-11-23T12:00:0{second}.000000Z"})


def search(
    store: Database, terms: tuple[tuple[str, ...], ...], after: tuple[int, str] | None = None
) -> list[int]:
    """Return the ids of the letters that a search finds, in its order."""
    with store.read() as reader:
        match = reader.matching(LETTERS, "l", terms)
        older = f"AND {match.key} < {match.mark}" if after else ""
        params = {"mark_id": after[0], "mark_time": after[1]} if after else {}
        sql = f"SELECT l.id FROM {match.source} WHERE {match.condition} {older} ORDER BY {match.key} DESC"  # noqa: S608
        return [row["id"] for row in reader.rows(sql, {**match.params, **params})]


def codes(store: Database) -> list[str]:
    """Return the codes of all gadgets, sorted."""
    return values(store, "SELECT code FROM gadgets ORDER BY code")


def values(store: Database, sql: str) -> list[Any]:
    """Return the one column of a query, read in a snapshot of its own."""
    with store.read() as reader:
        rows = reader.rows(sql)
    return [row[next(iter(row.keys()))] for row in rows]


def elsewhere(function: Callable[[], Result]) -> Result:
    """Call the function in another thread and return what it returns, or raise what it raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def together(function: Callable[[], object], *, threads: int) -> None:
    """Call the function in many threads at once."""
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(function) for _ in range(threads)]:
            future.result()
