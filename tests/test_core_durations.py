"""Lengths of time as people write and read them: `45m`, `3d`, two weeks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_core.durations import duration_words, parse_duration, written_duration


@pytest.mark.parametrize(
    ("text", "length", "written", "sv", "en"),
    [
        ("45m", timedelta(minutes=45), "45m", "45 minuter", "45 minutes"),
        ("1m", timedelta(minutes=1), "1m", "1 minut", "1 minute"),
        ("12h", timedelta(hours=12), "12h", "12 timmar", "12 hours"),
        ("60m", timedelta(hours=1), "1h", "1 timme", "1 hour"),
        (" 3 D ", timedelta(days=3), "3d", "3 dagar", "3 days"),
        ("1w", timedelta(days=7), "7d", "7 dagar", "7 days"),
        ("2w", timedelta(days=14), "2w", "2 veckor", "2 weeks"),
        ("90m", timedelta(minutes=90), "90m", "90 minuter", "90 minutes"),
        ("0d", timedelta(), "0m", "0 minuter", "0 minutes"),
    ],
)
def test_a_length_of_time_is_read_and_told(text, length, written, sv, en):
    assert parse_duration(text) == length
    assert written_duration(length) == written
    assert (duration_words(length).sv, duration_words(length).en) == (sv, en)


@pytest.mark.parametrize("text", ["", "3", "d", "-3d", "1.5h", "3 days", "٣d", "1234567d", "3d 4h", "3s"])
def test_other_texts_are_no_length_of_time(text):
    assert parse_duration(text) is None


@given(st.integers(0, 999_999))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_what_is_written_reads_as_the_same_length(minutes):
    assert parse_duration(written_duration(timedelta(minutes=minutes))) == timedelta(minutes=minutes)
