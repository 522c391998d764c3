"""Sums spread over lines: always right to the last öre."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_core.models import NewLine
from ashop_order_import.discounts import spread

LINES = st.lists(
    st.builds(
        NewLine,
        sku=st.sampled_from("ABC"),
        name=st.just("x"),
        quantity=st.integers(1, 1000),
        unit_price=st.integers(0, 10**7),
    ),
    min_size=1,
    max_size=8,
)


def gross(lines: tuple[NewLine, ...] | list[NewLine]) -> int:
    return sum(line.quantity * line.unit_price for line in lines)


@settings(deadline=None)
@given(LINES, st.integers(-(10**8), 10**8))
def test_what_is_spread_and_what_is_left_add_up(lines: list[NewLine], difference: int) -> None:
    after, rest = spread(lines, difference)

    assert gross(after) + rest == gross(lines) + difference
    assert all(line.unit_price >= 0 and line.quantity >= 1 for line in after)
    assert sum(line.quantity for line in after) == sum(line.quantity for line in lines)
    assert len(after) <= 2 * len(lines)
    assert rest == 0 or gross(after) == 0 or difference == 0


@settings(deadline=None)
@given(LINES)
def test_nothing_to_spread_leaves_the_lines(lines: list[NewLine]) -> None:
    assert spread(lines, 0) == (tuple(lines), 0)


def test_an_uneven_share_makes_two_lines_of_the_article() -> None:
    line = NewLine(sku="A", name="A", quantity=3, unit_price=10000)

    after, rest = spread([line], -1000)

    assert [(x.quantity, x.unit_price) for x in after] == [(2, 9667), (1, 9666)]
    assert rest == 0
