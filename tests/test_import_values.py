"""Cells as people and programs write them: read right or refused, never read as something else."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_order_import.found import ReadOptions, RefusedError
from ashop_order_import.values import amount, article, instant, quantity, words

OPTIONS = ReadOptions()


@pytest.mark.parametrize(
    ("cell", "value"), [("6", 6), (" 6 ", 6), ("6.0", 6), ("6,00", 6), ("1000000", 10**6), ("007", 7)]
)
def test_quantities_that_can_be_ordered(cell: str, value: int) -> None:
    assert quantity(cell) == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((cell, "bad_quantity") for cell in ("", "0", "-0", "1.5", "1,5", "1e3", "+5", "0x10", "１２", "٣", "1 000")),
        *((cell, "bad_quantity") for cell in ("1000001", "9" * 5000, "NaN", "inf", "true", "6_0", "--1", "²")),
        ("-1", "negative_quantity"),
        ("-12.0", "negative_quantity"),
    ],
)  # fmt: skip
def test_quantities_that_are_refused(cell: str, code: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        quantity(cell)

    assert refusal.value.problem.code == code


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    [
        ("4.95", "GBP", 495),
        ("1,5", "SEK", 150),
        ("0.0", "SEK", 0),
        ("1 234,50", "SEK", 123450),
        ("1.2500", "SEK", 125),
        ("120", "JPY", 120),
        ("1.234", "BHD", 1234),
    ],
)
def test_amounts(cell: str, currency: str, minor: int) -> None:
    assert amount(cell, currency) == minor


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((cell, "bad_amount") for cell in ("", "1e3", "0x10", "１２", "٣.5", "1,234.50", "1.234", "1,234", "kr 5")),
        *((cell, "bad_amount") for cell in ("NaN", "Infinity", "4.955", "1_0", "9" * 20, "9" * 100_000, "{0}")),
        ("-1", "negative_amount"),
    ],
)  # fmt: skip
def test_amounts_that_are_refused(cell: str, code: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        amount(cell, "SEK")

    assert refusal.value.problem.code == code


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2010-12-01 08:34:00", "2010-12-01T07:34"),
        ("2011-06-01 08:34", "2011-06-01T06:34"),
        ("2011-06-01 8:34", "2011-06-01T06:34"),
        ("2010-12-01", "2010-11-30T23:00"),
        ("2026-08-12 16:24:51 +0500", "2026-08-12T11:24"),
        ("2026-08-12T16:24:51Z", "2026-08-12T16:24"),
        ("2026-08-12 16:24:51 UTC", "2026-08-12T16:24"),
        ("2026-08-12T16:24:51.123456+02:00", "2026-08-12T14:24"),
    ],
)
def test_times_have_their_own_zone_or_the_given_one(cell: str, utc: str) -> None:
    assert instant(cell, OPTIONS) == datetime.fromisoformat(utc).replace(
        tzinfo=UTC, second=instant(cell, OPTIONS).second
    )


def test_other_ways_to_write_a_time_are_told_by_a_pattern() -> None:
    options = ReadOptions(date_format="%m/%d/%Y %H:%M", timezone="Europe/London")

    assert instant("12/1/2010 8:26", options) == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    with pytest.raises(RefusedError):
        instant("2010-12-01 08:26", options)


@pytest.mark.parametrize(
    "cell",
    [
        "", "12/1/2010 8:26", "2010-13-01", "2010-02-30", "20101201", "２０１０-12-01", "2010-12-01 25:00",
        "0001-01-01", "9999-12-31 23:59", "1899-12-30", "2026-03-29 02:30", "2010-12-01 08:26 CET", "now",
    ],
)  # fmt: skip
def test_times_that_are_refused(cell: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        instant(cell, OPTIONS)

    assert refusal.value.problem.code == "bad_time"


def test_words_lose_stray_spaces_and_invisible_marks() -> None:
    assert words("  RED\u00a0 HEART\r\n\tHOLDER ", "x") == "RED HEART HOLDER"
    assert words("soft\u00adhyphen\u202e", "x") == "softhyphen"
    for bad in ("\x00", "a\x1bb", "\x7f", "x" * 501):
        with pytest.raises(RefusedError):
            words(bad, "x")


def test_an_article_without_a_number_gets_one_from_its_name() -> None:
    assert article(" 85123A ", "Hjärta") == "85123A"
    assert article("", "Blå vas, stor") == "NOSKU-bla-vas-stor"
    made = {article("", name) for name in ("花瓶 large", "茶碗 large", "花瓶", "مزهرية")}
    assert len(made) == 4
    assert all(sku.isascii() and len(sku) < 100 for sku in made)
    assert article("", "花瓶") == article("", "花瓶")
    with pytest.raises(RefusedError) as refusal:
        article(" ", "")
    assert refusal.value.problem.code == "no_sku"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_cell_is_a_value_or_a_refusal(cell: str) -> None:
    reads = {
        quantity: int,
        (lambda c: amount(c, "SEK")): int,
        (lambda c: instant(c, OPTIONS)): datetime,
        (lambda c: words(c, "x")): str,
    }
    for read, kind in reads.items():
        with suppress(RefusedError):
            assert type(read(cell)) is kind


@settings(deadline=None)
@given(st.integers(-(10**13), 10**13))
def test_a_whole_number_is_never_read_as_another(number: int) -> None:
    try:
        assert quantity(str(number)) == number
    except RefusedError:
        assert not 1 <= number <= 10**6
