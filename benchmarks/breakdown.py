"""Where a use case spends its time: a cProfile run, its seconds shared out to parts of the program.

What Python or a library does for somebody is counted to the part of the program that asked for it. The
profiler makes calls of Python functions dearer than they are, so the shares are read, not the seconds.
"""

from __future__ import annotations

import cProfile
import pstats
from collections import defaultdict
from typing import Any

from benchmarks.cases import Case
from benchmarks.measure import prepare
from benchmarks.sides import Side

Function = tuple[str, int, str]

_BUILTINS = (
    ("'commit' of 'sqlite3", "commit"),
    ("'rollback' of 'sqlite3", "SQL"),
    ("of 'sqlite3", "SQL"),
    ("fcntl.flock", "lock"),
    ("posix.pwrite", "lock"),
)
_FILES = (
    ("/json/", "json"),
    ("/ashop_stock_control/", "plugin stock_control"),
    ("/ashop_email/", "plugin email"),
    ("/ashop_sms/", "plugin sms"),
    ("/ashop_installation_booking/", "plugin installation_booking"),
    ("/ashop_core/sqlite_lock", "lock"),
    ("/ashop_core/sqlite", "store: handles and guards"),
    ("/ashop_core/storage", "store: handles and guards"),
    ("/ashop_core/plugins", "calling hooks"),
    ("/ashop_core/planning", "planning messages"),
    ("/ashop_core/telling", "planning messages"),
    ("/ashop_core/customer", "planning messages"),
    ("/ashop_core/orders", "orders to and from rows"),
    ("/ashop_core/queries", "orders to and from rows"),
    ("/ashop_core/clock", "orders to and from rows"),
    ("/ashop_core/models", ""),
    ("/ashop_core/texts", ""),
    ("/ashop_core/lifecycle", "life cycle"),
    ("/ashop_core/shop", "life cycle"),
    ("/ashop_core/transaction", "life cycle"),
    ("/ashop_core/checkout", "life cycle"),
    ("/ashop_core/", "drafting the change"),
    ("/benchmarks/", "(the measurement itself)"),
)
"""Parts by where a function stands, first match first; "" counts to whoever called it."""


def breakdown(case: Case, side: Side, operations: int) -> dict[str, float]:
    """Return each part's share of the time of a use case, largest first."""
    waiting = prepare(case, side, operations)
    profile = cProfile.Profile()
    run = case.run
    profile.enable()
    for prepared in waiting:
        run(side, prepared)
    profile.disable()
    shares = _shared_out(pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    total = sum(shares.values())
    return {part: spent / total for part, spent in sorted(shares.items(), key=lambda item: -item[1])}


def _shared_out(stats: dict[Function, Any]) -> dict[str, float]:
    known: dict[Function, dict[str, float]] = {}
    shares: dict[str, float] = defaultdict(float)
    for function, (_, _, own, _, _) in stats.items():
        for part, weight in _parts(function, stats, known, frozenset()).items():
            shares[part] += own * weight
    return dict(shares)


def _parts(
    function: Function,
    stats: dict[Function, Any],
    known: dict[Function, dict[str, float]],
    above: frozenset[Function],
) -> dict[str, float]:
    """Return to which parts a function's own time belongs, and how much of it to each."""
    part = _part(function)
    if part:
        return {part: 1.0}
    if function in known:
        return known[function]
    callers = (
        {f: c for f, c in stats[function][4].items() if f not in above and f in stats}
        if function in stats
        else {}
    )
    total = sum(c[2] for c in callers.values()) or 1.0
    parts: dict[str, float] = defaultdict(float)
    for caller, (_, _, own, _) in callers.items():
        for name, weight in _parts(caller, stats, known, above | {function}).items():
            parts[name] += weight * own / total
    if not above:
        known[function] = dict(parts)
    return dict(parts) or {"other": 1.0}


def _part(function: Function) -> str:
    file, _, name = function
    if file == "~":
        return next((part for words, part in _BUILTINS if words in name), "")
    return next((part for words, part in _FILES if words in file), "")
