"""Entry points of the installed distributions, read in a millisecond or two.

importlib.metadata does this with more care and takes half as long as all of click, most of it to be imported;
help waits for this. So the folders of ``sys.path`` are looked through here for what importlib.metadata looks
for: ``entry_points.txt`` in ``*.dist-info`` and ``*.egg-info``. Whatever is installed in a stranger way (in a
zip file, by a finder of its own) is not seen here, and so the callers ask importlib.metadata where a name is
missing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache

Found = dict[str, str]


def find(group: str) -> Found:
    """Return the names and values (``"module:attribute"``) of a group; of a name given twice, the first."""
    found: Found = {}
    for name, value in _of_group(group):
        found.setdefault(name, value)
    return found


def find_carefully(group: str) -> Found:
    """Return the same by importlib.metadata, for when a name is missing."""
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=group)}


def _of_group(group: str) -> Iterator[tuple[str, str]]:
    for text in _texts():
        inside = False
        for line in text.splitlines():
            line = line.strip()
            if line.startswith("["):
                inside = line == f"[{group}]"
            elif inside and "=" in line and not line.startswith(("#", ";")):
                name, _, value = line.partition("=")
                yield name.strip(), value.partition("[")[0].strip()


@cache
def _texts() -> list[str]:
    """Return the contents of every entry_points.txt; of a distribution found twice, the first."""
    texts, seen = [], set[str]()
    for folder in sys.path:
        for name in _infos(folder):
            distribution = name.partition("-")[0].lower()
            if distribution not in seen:
                seen.add(distribution)
                texts.append(_read(os.path.join(folder, name, "entry_points.txt")))  # noqa: PTH118 - for speed
    return texts


def _infos(folder: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(folder or ".") if n.endswith((".dist-info", ".egg-info")))  # noqa: PTH208
    except OSError:  # a zip file, or a folder that is not there
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return file.read()
    except OSError:  # most distributions have no entry points
        return ""
