"""Code 128: check values and bars that are known from elsewhere, and that every symbol is as it must be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashop_slips import code128
from ashop_slips.code128 import barcode, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abcdef", [104, 65, 66, 67, 68, 69, 70, 97]),  # set B: 1539 mod 103
        ("345678", [105, 34, 56, 78, 73]),  # set C: 485 mod 103
        ("100001", [105, 10, 0, 1, 15]),
        ("12345", [104, 17, 18, 19, 20, 21, 90]),  # an odd number of digits
        ("K-7F3QX2", [104, 43, 13, 23, 38, 19, 49, 56, 18, 83]),
    ],
)
def test_known_check_values(text, expected):
    assert values(text) == expected


def test_the_bars_of_an_order_number_are_those_of_the_standard():
    #        start C  10     00     01     check  stop
    widths = "211232 221312 212222 222122 113222 2331112".replace(" ", "")

    svg = barcode("100001")

    starts = [(int(x) - 10, int(width)) for x, width in re.findall(r"M(\d+) 0h(\d+)v1h-\d+z", svg)]
    edges = [sum(map(int, widths[:n])) for n in range(len(widths))]
    assert starts == [(edges[n], int(widths[n])) for n in range(0, len(widths), 2)]
    assert 'viewBox="0 0 88 1"' in svg, "68 modules and a quiet zone of ten on either side"


def test_every_symbol_is_eleven_modules_its_bars_an_even_number_and_no_two_alike():
    table = code128._WIDTHS

    assert len(table) == len(set(table)) == 106
    assert {sum(map(int, widths)) for widths in table} == {11}
    assert {sum(map(int, widths[::2])) % 2 for widths in table} == {0}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_any_plain_text_has_a_symbol_of_the_right_length(text):
    widths = re.findall(r"h(\d+)v", barcode(text))
    symbols = len(values(text))

    assert len(widths) == 3 * symbols + 4
    assert f'viewBox="0 0 {11 * symbols + 13 + 20} 1"' in barcode(text)


@pytest.mark.parametrize("text", ["", "å", "\n", "²2", "\x7f"])
def test_what_set_b_lacks_is_told(text):
    with pytest.raises(ValueError, match="Code 128"):
        values(text)
