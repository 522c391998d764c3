"""Pages of the order list as the shop grows, in the short form."""

from __future__ import annotations

from pathlib import Path

from ashop_core import Shop
from tests.proofs.long_lists import COMMON, COUNTS, QUERIES, growth, measure, steps_by_offset

SMALL, LARGE = 6_000, 24_000
"""The smaller one is large enough for every list to fill its page."""


def test_no_page_costs_more_with_four_times_the_orders(tmp_path: Path) -> None:
    found = list(measure(tmp_path / "shop", (SMALL, LARGE)))

    grown = {query: growth(found, query, SMALL, LARGE) for query in QUERIES.keys() - COUNTS - COMMON}
    assert {query: times for query, times in grown.items() if times > 1.5} == {}


def test_a_page_that_is_read_by_counting_rows_is_found_out(tmp_path: Path) -> None:
    steps: list[int] = []
    for _ in measure(tmp_path / "shop", (SMALL, LARGE)):
        with Shop.open(tmp_path / "shop") as shop:
            steps.append(steps_by_offset(shop, SMALL if len(steps) < len(QUERIES) else LARGE))

    assert steps[-1] / steps[0] > 1.5
