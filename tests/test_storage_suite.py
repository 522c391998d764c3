"""The SQLite store goes through the suite that every store must pass."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ashop_core.sqlite import SQLiteDatabase
from ashop_core.storage import Database
from ashop_core.testing.store_suite import StoreSuite


class TestSQLiteStore(StoreSuite):
    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Database]:
        database = SQLiteDatabase(tmp_path / "shop.db", synchronous="OFF")
        yield database
        database.close()
