"""Why something did not leave, as it is kept: codes of the core, words in both languages, others' as they came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from ashop_core.texts import Text, same

LONGEST: Final = 4000
"""The most that is kept of what somebody outside said."""

WHY: Final[Mapping[str, Text]] = {
    "undone": Text("ändringen ångrades", "the change was undone"),
    "moved_on": Text(
        "ordern hade redan lämnat den status som det gäller",
        "the order had already left the status that it is about",
    ),
    "overtaken": Text("ordern hade redan kommit längre", "the order had already come further"),
    "told_again": Text("ett nyare meddelande säger samma sak", "a newer message says the same"),
    "too_old": Text(
        "hann bli för gammalt innan någon försökte skicka det",
        "it had grown too old before anybody tried to send it",
    ),
    "switched_off": Text("kanalen är avslagen", "the channel is switched off"),
    "no_job": Text("jobbet finns inte längre", "there is no such job any more"),
    "hidden": Text(
        "ordern får inte nämnas för kunden i den statusen",
        "the customer may not be told of the order in that status",
    ),
    "held": Text("stoppades när pausen hävdes", "stopped when the hold was released"),
    "anonymised": Text("köpet avidentifierades", "the checkout was anonymised"),
}
"""Why a message or job was not even tried, by the code that the outbox keeps."""


def kept(words: Text | str) -> str:
    """Return words as they are kept: those of both languages together where they differ."""
    if isinstance(words, str) or words.sv == words.en:
        return storable(words)
    half = LONGEST // 2
    both = {"sv": storable(words.sv)[:half], "en": storable(words.en)[:half]}
    return json.dumps(both, ensure_ascii=False)


def said(stored: str) -> Text:
    """Return what `kept` kept, or a code of `WHY`, as words to read."""
    if stored in WHY:
        return WHY[stored]
    if stored.startswith('{"sv": '):
        try:
            both = json.loads(stored)
        except ValueError:  # somebody else's words that only begin like ours
            return same(stored)
        if (
            isinstance(both, dict)
            and both.keys() == {"sv", "en"}
            and all(isinstance(w, str) for w in both.values())
        ):
            return Text(both["sv"], both["en"])
    return same(stored)


def bare(stored: str) -> str:
    """Return what was kept for a program: a code, or the words, in English where they are the program's own."""
    return stored if stored in WHY else said(stored).en


def storable(words: object) -> str:
    """Return words that came from outside as text that every store keeps, cut where they are very long."""
    try:
        text = str(words)[:LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}")
    except Exception:  # a plugin's own object that cannot say what it is, where a message has left already
        text = type(words).__name__
    return text.encode("utf-8", "replace").decode("utf-8")
