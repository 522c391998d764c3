"""How wide words will be, near enough to draw a box around them without knowing the reader's fonts."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

_NARROW = frozenset("iljtfrI.,;:!'|()[]{}·’ -/")
_WIDE = frozenset("mwMW@%&ÆæŒœ…—")


def text_width(words: str, size: int, *, bold: bool = False, mono: bool = False) -> int:
    """Return the width of one line in pixels, rather too much than too little."""
    ems = sum(_ems(c, mono) for c in words)
    return round(ems * size * (1.13 if bold else 1.0) + 0.5)


def wrapped(words: str, size: int, room: int, *, bold: bool = False) -> tuple[str, ...]:
    """Return the words broken into lines no wider than `room`; a word too long for a line is cut."""
    lines = [""]
    for word in words.split():
        joined = f"{lines[-1]} {word}".strip()
        if text_width(joined, size, bold=bold) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if text_width(lines[-1] + character, size, bold=bold) > room:
                lines.append("")
            lines[-1] += character
    return tuple(lines)


def _ems(character: str, mono: bool) -> float:
    if combining(character):
        return 0.0
    if east_asian_width(character) in ("W", "F"):
        return 1.05
    if mono:
        return 0.62
    if character in _NARROW:
        return 0.36
    if character in _WIDE:
        return 0.95
    return 0.72 if character.isupper() else 0.6
