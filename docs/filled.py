"""The tables of the hand-written pages that are made from the code: what stands between their two marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reference import shipped_parts

from ashop_core.kept_words import WHY

_TABLE = re.compile(r"^<!-- table: (\w+) -->\n.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)


def filled(page: str) -> str:
    """Return a page with its tables as the code is now."""
    return _TABLE.sub(lambda found: f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->", page)


def _sends() -> str:
    """Return what each status tells the customer when nobody has set anything."""
    statuses = (status for _, part in shipped_parts() for status in part.statuses)
    return _table(
        ("status", "sends the customer"),
        ((f"{s.label.en} (`{s.code}`)", ", ".join(s.tells)) for s in statuses if s.tells),
    )


def _why() -> str:
    shown = ("undone", "moved_on", "overtaken", "told_again", "too_old", "switched_off", "hidden")
    return _table(("code", "why"), ((f"`{code}`", WHY[code].en) for code in shown))


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


TABLES: dict[str, Callable[[], str]] = {"sends": _sends, "why": _why}
