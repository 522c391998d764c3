"""Measuring side by side: blocks of operations in turn, so that whatever drifts on the machine hits all alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from itertools import count
from statistics import median
from time import perf_counter_ns

from benchmarks.cases import Case
from benchmarks.sides import Side

BLOCK = 50

_keys = count(1)


Times = dict[str, list[list[int]]]
"""The ns of every operation, in blocks, for each side."""


def interleaved(case: Case, sides: Mapping[str, Side], operations: int) -> Times:
    """Return how long a use case takes on each side, measured in blocks that take turns.

    The first block of each side warms up and does not count; the order of the sides changes every round.
    """
    times: Times = {name: [] for name in sides}
    names = list(sides)
    for round_ in range(1 + -(-operations // BLOCK)):
        for name in names if round_ % 2 else reversed(names):
            block = _block(case, sides[name])
            times[name] += [block] if round_ else []
    return times


def microseconds(blocks: list[list[int]]) -> float:
    """Return the median of all operations."""
    return median(ns for block in blocks for ns in block) / 1000


def share(times: Times, one: str, other: str) -> float:
    """Return what share of the other side's rate one side reaches: the median over the rounds.

    Two blocks of a round follow each other, so that a disk that is slow for a while is slow for both.
    """
    return median(median(b) / median(a) for a, b in zip(times[one], times[other], strict=True))


def _block(case: Case, side: Side) -> list[int]:
    run, found = case.run, []
    for prepared in prepare(case, side, BLOCK):
        begun = perf_counter_ns()
        run(side, prepared)
        found.append(perf_counter_ns() - begun)
    return found


def prepare(case: Case, side: Side, number: int) -> list[object]:
    """Return what so many runs of a use case need."""
    return [case.prepare(side, new_key()) for _ in range(number)]


def new_key() -> str:
    """Return a checkout key that was not used before."""
    return f"bench-{next(_keys)}"


def statements(case: Case, side: Side) -> list[str]:
    """Return the statements that one run of a use case makes; a trigger's own are left out."""
    seen: list[str] = []
    prepared = case.prepare(side, new_key())
    for connection in side.connections:
        connection.set_trace_callback(seen.append)
    case.run(side, prepared)
    for connection in side.connections:
        connection.set_trace_callback(None)
    return [sql for sql in seen if not sql.startswith("--")]


def commits(found: list[str]) -> int:
    """Return how many of the statements begin a write transaction."""
    return sum(sql == "BEGIN IMMEDIATE" for sql in found)


def sqlite_version() -> str:
    """Return the version of SQLite that all sides use."""
    return sqlite3.sqlite_version
