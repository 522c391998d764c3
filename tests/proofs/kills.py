"""Kill -9 at every point of an operation: afterwards it is there as a whole or not at all, and can be done again.

A forked child does the operation on a copy of a shop that was made for it, and kills itself when SQLite
begins its n-th statement, or has run its n-th dozen of machine steps within statements. A shared number tells
how many commits had returned by then: exactly those must be in the file.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.outbox import LEASE
from ashop_core.testing import FixedClock
from tests.proofs.harness import KILLED, Child, Numbers, hand_in, handed_in
from tests.proofs.points import Arm, Fuse, on_commit
from tests.proofs.use_cases import UseCase, make_shop

_REFERENCE = re.compile(r"K-[2-9A-HJ-NP-Z]{6}")
_TOKEN = re.compile(r"[0-9a-f]{16,32}")


@dataclass
class Kills:
    """What came of killing one use case again and again."""

    name: str
    trials: int = 0
    kept: int = 0
    wrong: list[str] = field(default_factory=list)


def kill_everywhere(
    folder: Path, use_case: UseCase, arm: Arm, *, stride: int = 1, fault: Callable[[], object] | None = None
) -> Kills:
    """Kill the use case at its first point, its second and so on, until it is through; check after each."""
    clock = FixedClock()
    make_shop(folder / "before", clock, use_case.prepare)
    states = [_state(folder / "before"), *_states_after_commits(folder, use_case)]
    found = Kills(use_case.name)
    for point in count(1, stride):
        trial = folder / "trial"
        shutil.copytree(folder / "before", trial)
        commits = Numbers(1)
        outcome = Child(partial(_act, trial, use_case, arm, point, commits, fault)).wait()
        if outcome not in (0, KILLED):
            found.wrong.append(f"{use_case.name}, point {point}: ended with {outcome}")
        _check(found, f"{use_case.name}, point {point}", trial, states, commits[0])
        found.trials += outcome == KILLED
        found.kept += outcome == KILLED and commits[0] > 0
        if outcome == 0:
            if commits[0] != len(states) - 1:
                found.wrong.append(f"{use_case.name}: through after {commits[0]} commits")
            break
        found.wrong += _do_again(trial, use_case, states, commits[0])
        shutil.rmtree(trial)
    return found


def _act(
    folder: Path,
    use_case: UseCase,
    arm: Arm,
    point: int,
    commits: Numbers,
    fault: Callable[[], object] | None,
) -> None:
    if fault is not None:
        fault()
    fuse = Fuse(arm, point)
    shop = Shop.open(folder, clock=FixedClock(), synchronous="OFF")
    on_commit(lambda: commits.__setitem__(0, commits[0] + 1))
    fuse.light()
    use_case.act(shop)


# ── What may be in the file ──────────────────────────────────────────────────────────────────────

State = dict[str, list[tuple[object, ...]]]


def _states_after_commits(folder: Path, use_case: UseCase) -> list[State]:
    """Return what is in the tables after each commit of the operation, when nothing interrupts it."""
    whole = folder / "whole"
    shutil.copytree(folder / "before", whole)

    def act() -> None:
        shop = Shop.open(whole, clock=FixedClock(), synchronous="OFF")
        states: list[State] = []
        on_commit(lambda: states.append(_state(whole)))
        use_case.act(shop)
        hand_in(folder, "states", states)

    assert Child(act).wait() == 0
    return [
        {t: [tuple(row) for row in rows] for t, rows in state.items()}
        for state in handed_in(folder, "states")
    ]


def _state(folder: Path) -> State:
    """Return every row of every table, random words left out."""
    with closing(sqlite3.connect(f"file:{folder / 'shop.db'}?mode=ro", uri=True)) as connection:
        names = [
            r[0]
            for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {
            name: [
                tuple(map(_plain, row)) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")
            ]
            for name in names
        }


def _plain(value: object) -> object:
    if not isinstance(value, str):
        return value
    return "a token" if _TOKEN.fullmatch(value) else _REFERENCE.sub("K-", value)


def _check(found: Kills, where: str, folder: Path, states: list[State], commits: int) -> None:
    state = _state(folder)
    if state != states[commits]:
        torn = [name for name, rows in state.items() if rows != states[commits][name]]
        found.wrong.append(f"{where}: after {commits} commits something else is in {', '.join(torn)}")
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        found.wrong += [f"{where}: {finding.text}" for finding in examine_shop(shop) if finding.serious]


def _do_again(folder: Path, use_case: UseCase, states: list[State], commits: int) -> list[str]:
    """Do the operation again, as whoever got no answer would; what it left half done must not be in the way."""
    clock = FixedClock()
    if commits:
        clock.advance(seconds=LEASE.total_seconds() + 1)
    with Shop.open(folder, clock=clock, synchronous="OFF") as shop:
        if not commits:
            use_case.act(shop)
        else:
            while shop.deliver():
                pass
            waiting = shop.database.read()
            with waiting as reader:
                rows = reader.rows("SELECT id FROM outbox WHERE delivery NOT IN ('sent', 'suppressed')")
            return [f"{use_case.name}: {len(rows)} messages not delivered"] if rows else []
    differ = [name for name, rows in _state(folder).items() if rows != states[-1][name]]
    return [f"{use_case.name}: done again, it comes out differently in {', '.join(differ)}"] if differ else []
