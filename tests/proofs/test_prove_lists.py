"""A page of the order list costs the same with a million orders as with ten thousand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.proofs.conftest import Record
from tests.proofs.long_lists import COMMON, COUNTS, FEW, QUERIES, growth, measure

pytestmark = pytest.mark.prove

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def test_no_page_costs_more_with_a_million_orders(tmp_path: Path, record: Record) -> None:
    try:
        found = list(measure(tmp_path / "shop", SIZES))
    finally:
        shutil.rmtree(tmp_path / "shop")  # a gigabyte that pytest would keep

    grown = {query: growth(found, query, 10_000, 1_000_000) for query in QUERIES}
    for query, times in grown.items():
        takes = [m for m in found if m.query == query]
        figure = " · ".join(f"{m.shop_us:.0f} ({m.bare_us:.0f})" for m in takes)
        words = f"SQLite's steps × {times:.2f}; µs (bare SQL) at 1k, 10k, 100k, 1M: {figure}"
        record("list", query, len(takes), int(times > 1.5 and query not in COMMON), words)
    full = [m for m in found if m.query not in FEW | COUNTS and m.orders >= 10_000]
    assert all(m.rows == 50 for m in full), "not a page's worth: nothing is shown by it"
    assert {query for query, times in grown.items() if times > 1.5} <= COMMON
