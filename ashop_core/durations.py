"""Lengths of time as people write and read them: ``45m``, ``12h``, ``3d``, ``2w``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ashop_core.texts import Text, counted

_UNITS: Final[Mapping[str, timedelta]] = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}
_WORDS: Final[Mapping[str, tuple[Text, Text]]] = {
    "w": (Text("{n} vecka", "{n} week"), Text("{n} veckor", "{n} weeks")),
    "d": (Text("{n} dag", "{n} day"), Text("{n} dagar", "{n} days")),
    "h": (Text("{n} timme", "{n} hour"), Text("{n} timmar", "{n} hours")),
    "m": (Text("{n} minut", "{n} minute"), Text("{n} minuter", "{n} minutes")),
}


def parse_duration(text: str) -> timedelta | None:
    """Return the length of time that a text such as ``45m`` or ``3d`` means, or None for any other text."""
    found = re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.strip().lower(), re.ASCII)
    return int(found[1]) * _UNITS[found[2]] if found else None


def written_duration(length: timedelta) -> str:
    """Return a length of time as it is written: ``72h`` as ``3d``. Parts of a minute are left out."""
    n, unit = _in_units(length)
    return f"{n}{unit}"


def duration_words(length: timedelta) -> Text:
    """Return a length of time as it is read: ``3 days``. Parts of a minute are left out."""
    n, unit = _in_units(length)
    return counted(n, *_WORDS[unit])


def _in_units(length: timedelta) -> tuple[int, str]:
    """Return a length as a number of the largest unit that it is a whole number of; weeks only from two on."""
    for unit, size in _UNITS.items():
        n, rest = divmod(length, size)
        if n > (unit == "w") and not rest:
            return n, unit
    return length // _UNITS["m"], "m"
