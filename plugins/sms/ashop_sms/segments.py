"""How many parts an SMS is sent and paid as, and about what that costs.

A part holds 160 characters of the SMS alphabet (GSM 03.38), or 70 UTF-16 units as soon as one character
is not in it. In a longer message each part gives up room for its number: 153 and 67.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from gsm0338 import Codec

from ashop_core.money import money_text
from ashop_core.texts import NOTHING, Text

_ALPHABET = Codec()
_LIMITS = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000\t\v\f]")
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x09\x0b-\x1f\x7f-\x9f]"
)
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−⁃•", "-"),
        **dict.fromkeys("’‘‚‛′‹›`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("\u2028\u2029", "\n"),
        "…": "...",
        "×": "x",
        "·": ".",
    }
)

_ONE = Text("{n} del ({encoding}, {units} tecken){price}", "{n} part ({encoding}, {units} characters){price}")
_MORE = Text(
    "{n} delar ({encoding}, {units} tecken){price}", "{n} parts ({encoding}, {units} characters){price}"
)
_PRICE = Text(", ca {amount}", ", about {amount}")


@dataclass(frozen=True)
class Length:
    """The length of an SMS: `units` of its `encoding`, sent as so many `parts`."""

    encoding: str
    units: int
    parts: int


def length(text: str) -> Length:
    """Return how long `text` is as an SMS."""
    encoding, sizes = _sizes(text)
    return Length(encoding, sum(sizes), _parts(sizes, *_LIMITS[encoding]))


def plain(text: str) -> str:
    """Return `text` with spaces, dashes and quotes that the SMS alphabet has; other characters stay.

    A no-break space, as in every amount that Babel writes, would more than double the price of the SMS, and so would
    an å that somebody's keyboard put together of an a and a ring.
    """
    return _INVISIBLE.sub("", _SPACES.sub(" ", normalize("NFC", text))).translate(_PLAIN)


def cut(text: str, parts: int) -> str:
    """Return as much of the beginning of `text` as goes into so many parts."""
    text = text[: parts * _LIMITS["GSM-7"][0]]
    while length(text).parts > parts:
        text = text[:-1]
    return text


def size_and_price(body: str, part_price: int | None, currency: str) -> Text:
    """Return the size of an SMS in words, and about what it costs where the price of a part is known."""
    size = length(body)
    price = NOTHING
    if part_price is not None:
        price = _PRICE.fill(amount=money_text(size.parts * part_price, currency))
    words = _ONE if size.parts == 1 else _MORE
    return words.fill(n=size.parts, encoding=size.encoding, units=size.units, price=price)


def _sizes(text: str) -> tuple[str, list[int]]:
    """Return the encoding, and what each character takes in it: an extension such as € takes two."""
    try:
        return "GSM-7", [len(_ALPHABET.encode(character)[0]) for character in text]
    except UnicodeEncodeError:
        return "UCS-2", [len(character.encode("utf-16-be")) // 2 for character in text]


def _parts(sizes: list[int], single: int, each: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, room = 1, each
    for size in sizes:
        if size > room:  # a character is never split over two parts
            parts, room = parts + 1, each
        room -= size
    return parts
