"""How many parts an SMS becomes: the table of the standard, and the characters that make it dearer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashop_sms.segments import cut, length, plain

TRUCK = "\N{DELIVERY TRUCK}"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("a" * 459, "GSM-7", 459, 3),
        ("a" * 460, "GSM-7", 460, 4),
        ("a" * 158 + "€", "GSM-7", 160, 1),
        ("a" * 159 + "€", "GSM-7", 161, 2),
        ("€[]{}\\^~|", "GSM-7", 18, 1),
        (
            "a" * 152 + "€" + "a" * 152,
            "GSM-7",
            306,
            3,
        ),  # the euro goes whole into part two, which then is too full
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2),
        ("åäöÅÄÖéÇñ£¥ßΩ\n@" * 10, "GSM-7", 150, 1),
        ("ç", "UCS-2", 1, 1),
        ("`", "UCS-2", 1, 1),
        ("’", "UCS-2", 1, 1),
        ("–", "UCS-2", 1, 1),
        ("\N{NO-BREAK SPACE}", "UCS-2", 1, 1),
        ("ж" * 70, "UCS-2", 70, 1),
        ("ж" * 71, "UCS-2", 71, 2),
        ("ж" * 134, "UCS-2", 134, 2),
        ("ж" * 135, "UCS-2", 135, 3),
        (TRUCK * 35, "UCS-2", 70, 1),
        (TRUCK * 36, "UCS-2", 72, 2),
        (TRUCK * 66, "UCS-2", 132, 2),
        (TRUCK * 67, "UCS-2", 134, 3),  # 33 whole ones to a part of 67
        ("a" * 100 + "’", "UCS-2", 101, 2),
        ("åäö" * 53 + "Å", "GSM-7", 160, 1),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("€" * 152, "GSM-7", 304, 2),
        ("€" * 153, "GSM-7", 306, 3),  # 76 whole ones to a part of 153
        ("a" * 69 + TRUCK, "UCS-2", 71, 2),
        (
            "a" * 66 + TRUCK + "a" * 66,
            "UCS-2",
            134,
            3,
        ),  # the truck goes whole into part two, which then is too full
        ("a\N{COMBINING RING ABOVE}", "UCS-2", 2, 1),
    ],
)
def test_parts_are_counted_as_the_network_counts_them(text, encoding, units, parts):
    found = length(text)

    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("25\N{NO-BREAK SPACE}238,00\N{NO-BREAK SPACE}kr", "25 238,00 kr"),
        ("1\N{NARROW NO-BREAK SPACE}000", "1 000"),
        ("kl. 8–12 — ungefär", "kl. 8-12 - ungefär"),
        ("”Åsa’s” …", '"Åsa\'s" ...'),
        ("väl\N{SOFT HYPHEN}kom\N{ZERO WIDTH SPACE}men\ufeff", "välkommen"),
        ("a\tb\x00c\x1bd\x7fe\re\u202ef", "a bcdeef"),
        ("två\nrader", "två\nrader"),
        ("façade 🚚 naïve", "façade 🚚 naïve"),
        ("A\N{COMBINING RING ABOVE}sa O\N{COMBINING DIAERESIS}berg", "Åsa Öberg"),
        ("«Hej» ‹du› `nu´ 5′ 6″ ‚så‛ „ja‟", "\"Hej\" 'du' 'nu' 5' 6\" 'så' \"ja\""),
        ("120×60 • Vit · Matt ― ny", "120x60 - Vit . Matt - ny"),
        ("två\N{LINE SEPARATOR}rader\r\nblir tre", "två\nrader\nblir tre"),
    ],
)
def test_typographic_signs_become_plain_and_letters_stay(typed, sent):
    assert plain(typed) == sent


def test_an_amount_does_not_make_an_sms_dearer():
    amount = "Summa 25\N{NO-BREAK SPACE}238,00\N{NO-BREAK SPACE}kr. "

    assert length(amount * 5).parts == 2
    assert length(plain(amount * 5)).parts == 1


@given(st.text(max_size=700), st.integers(1, 4))
def test_cutting_gives_the_longest_beginning_that_fits(text, parts):
    kept = cut(text, parts)

    assert text.startswith(kept)
    assert length(kept).parts <= parts
    if kept != text:
        assert length(kept + text[len(kept)]).parts > parts or len(kept) == parts * 160


@given(st.text(max_size=400), st.text(max_size=400))
def test_more_text_never_makes_fewer_parts(text, more):
    assert length(text + more).parts >= length(text).parts


@pytest.mark.parametrize(
    "text", ["a" * 159 + "€" + "a" * 200, TRUCK * 200, "a" * 66 + TRUCK * 200, "€" * 400]
)
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_cut_never_goes_through_a_character(text, parts):
    kept = cut(text, parts)

    assert kept.encode("utf-16").decode("utf-16") == kept
    assert set(kept) <= set(text)
    assert length(kept).parts == parts


@pytest.mark.parametrize(
    "typed", ["å", "ä", "ö", "Å", "Ä", "Ö", "é", "’", "”", "–", "…", "\N{NO-BREAK SPACE}"]
)
def test_what_swedish_keyboards_write_stays_cheap(typed):
    assert length(plain(typed * 50)).encoding == "GSM-7"
