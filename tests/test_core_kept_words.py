"""Why a message did not leave: kept as a code or in both languages, read in either, never as a bare code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ashop_core
from ashop_core.kept_words import LONGEST, WHY, bare, kept, said
from ashop_core.models import Delivery
from ashop_core.shop import Shop
from ashop_core.testing import MakeShop
from ashop_core.texts import Text, same
from tests.letters import letters, told


@pytest.mark.parametrize(
    ("words", "read", "program"),
    [
        ("450 come back later", same("450 come back later"), "450 come back later"),
        (same("450 later"), same("450 later"), "450 later"),
        (Text("nej: åäö “x”\n", "no: åäö"), Text("nej: åäö “x”\n", "no: åäö"), "no: åäö"),
        ("undone", WHY["undone"], "undone"),
        ('{"sv": "half', same('{"sv": "half'), '{"sv": "half'),
        ('{"sv": 1, "en": 2}', same('{"sv": 1, "en": 2}'), '{"sv": 1, "en": 2}'),
        ('{"sv": "a"}', same('{"sv": "a"}'), '{"sv": "a"}'),
        ("", same(""), ""),
    ],
)
def test_what_is_kept_is_read_as_it_was(words: Text | str, read: Text, program: str) -> None:
    assert said(kept(words)) == read
    assert bare(kept(words)) == program


@pytest.mark.parametrize(
    "words", ["x" * 99_999, Text("å" * 99_999, "o" * 99_999), Text("a\0\udc80", "b\0\udc80")]
)
def test_whatever_is_said_every_store_can_keep_it(words: Text | str) -> None:
    stored = kept(words)

    assert len(stored) <= LONGEST + 40
    assert "\0" not in stored
    assert "\\u0000" not in stored
    stored.encode()
    assert said(stored).sv != stored or isinstance(words, str)


def test_every_code_that_the_core_keeps_has_words() -> None:
    folder = Path(ashop_core.__file__).parent
    code = re.compile(r"""(?:return|SUPPRESSED,|why or|error = |THEN|else) ?["']([a-z]+_?[a-z]*)["']""")
    files = ("stale", "attempting", "outbox", "telling", "undone", "erasing", "holds")
    found = {c for name in files for c in code.findall((folder / f"{name}.py").read_text(encoding="utf-8"))}
    found -= {"erased", "message"}

    assert {"undone", "overtaken", "held", "no_job", "hidden", "anonymised"} <= found
    assert found <= WHY.keys()
    assert all(text.sv != text.en and code not in (text.sv, text.en) for code, text in WHY.items())


def test_a_channels_words_reach_either_reader(make_shop: MakeShop) -> None:
    shop: Shop = letters(make_shop)
    _, message = told(shop, "never@example.se")

    words = Text("mottagaren sade nej: 550 okänd", "the receiver said no: 550 unknown")
    assert (message.delivery, message.why, message.error) == (Delivery.DEAD, words, words.en)
    assert [(a.said, a.words) for a in shop.message(message.id).attempts] == [(words, words.en)]


def test_a_lane_that_is_down_says_why_in_either_language(make_shop: MakeShop) -> None:
    shop = letters(make_shop)
    told(shop, "down@example.se")

    assert [(lane.code, lane.said) for lane in shop.lanes()] == [
        ("email/", Text("servern svarar inte", "the server is down"))
    ]
