"""The SQLite store goes through the suite that every store must pass; what all stores share is tried by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ashop_core.errors import StorageError
from ashop_core.sqlite import SQLiteDatabase
from ashop_core.storage import Database, ensure_statement
from ashop_core.testing.store_suite import NOT_ABOUT_ROWS, StoreSuite


class TestSQLiteStore(StoreSuite):
    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Database]:
        database = SQLiteDatabase(tmp_path / "shop.db", synchronous="OFF")
        yield database
        database.close()


@pytest.mark.parametrize("sql", NOT_ABOUT_ROWS)
@pytest.mark.parametrize("writes", [False, True])
def test_statements_are_refused_before_any_driver_sees_them(sql: str, writes: bool) -> None:
    with pytest.raises(StorageError, match="may not be run here"):
        ensure_statement(sql, writes)
