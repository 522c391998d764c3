"""Kill -9 at every point of an operation: afterwards it is there as a whole or not at all, and can be done again.

A forked child does the operation on a copy of a shop that was made for it, and kills itself when SQLite
begins its n-th statement, or has run its n-th dozen of machine steps within statements. A shared number tells
how many commits had returned by then: exactly those must be in the file.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.errors import AshopError
from ashop_core.leases import LEASE
from ashop_core.settings import FILE
from ashop_core.testing import FixedClock
from tests.proofs.harness import KILLED, Child, Numbers, hand_in, handed_in
from tests.proofs.points import Arm, Fuse, on_commit
from tests.proofs.use_cases import UseCase, make_shop

_REFERENCE = re.compile(r"\bK-[2-9A-HJ-NP-Z]{6}\b", re.IGNORECASE)  # also in what a search looks in
_FOUND = re.compile(r"\bk (\w{6}) k\1\b")
"""A reference as the words that a search finds it by."""
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
    make_shop(folder / "before", clock, use_case)
    _warm_up(folder, use_case)
    states = [_state(folder / "before"), *_states_after_commits(folder, use_case)]
    found = Kills(use_case.name)
    for point in count(1, stride):
        trial = folder / "trial"
        shutil.copytree(folder / "before", trial)
        commits = Numbers(1)
        outcome = Child(partial(_act, trial, use_case, arm, point, commits, fault)).wait()
        if outcome not in (0, KILLED):
            found.wrong.append(f"{use_case.name}, point {point}: ended with {outcome}")
        found.trials += outcome == KILLED
        found.kept += outcome == KILLED and commits[0] > 0
        if outcome == 0 and commits[0] != len(states) - 1:
            found.wrong.append(f"{use_case.name}: through after {commits[0]} commits")
        # A shop with a torn file cannot even be opened.
        wrong = list(_torn_settings(trial, folder / "before", folder / "warm"))
        wrong = wrong or list(_look_and_do_again(trial, use_case, states, commits[0]))
        found.wrong += [f"{use_case.name}, point {point}: {words}" for words in wrong]
        shutil.rmtree(trial)
        if outcome != KILLED:
            break
    return found


def _warm_up(folder: Path, use_case: UseCase) -> None:
    """Do it once here, so that children find every module imported."""
    shutil.copytree(folder / "before", folder / "warm")
    with Shop.open(folder / "warm", clock=FixedClock(), synchronous="OFF") as shop:
        use_case.act(shop)


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
    """Return every row of every table, random words left out, but for the search index and its own tables."""
    with closing(sqlite3.connect(f"file:{folder / 'shop.db'}?mode=ro", uri=True)) as connection:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND {} ORDER BY name"
        indexes = tuple(r[0] for r in connection.execute(tables.format("sql LIKE 'CREATE VIRTUAL%'")))
        names = [
            r[0]
            for r in connection.execute(tables.format("1 = 1"))
            if not r[0].startswith(indexes or ("\0",))
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
    return "a token" if _TOKEN.fullmatch(value) else _FOUND.sub("k", _REFERENCE.sub("K-", value))


def _look_and_do_again(folder: Path, use_case: UseCase, states: list[State], commits: int) -> Iterator[str]:
    """Yield what is wrong in the file, and what comes out differently when it is done again.

    That is what whoever got no answer would do; what was left half done must not be in the way.
    """
    if commits >= len(states):
        yield f"{commits} commits of {len(states) - 1}"
        return
    yield from _differences("something else is in", _state(folder), states[commits])
    clock = FixedClock()
    with Shop.open(folder, clock=clock, synchronous="OFF") as shop:
        yield from _faults(shop, use_case.unfinished)
        try:
            yield from _do_again(shop, clock, use_case, commits)
            yield from _faults(shop)
        except AshopError as error:
            yield f"done again, it fails: {error}"
    if use_case.repeated:
        yield from _torn_settings(folder, folder.parent / "warm")
    if not commits or use_case.repeated:
        yield from _differences("done again, it comes out differently in", _state(folder), states[-1])


def _do_again(shop: Shop, clock: FixedClock, use_case: UseCase, commits: int) -> Iterator[str]:
    if not commits or use_case.repeated:
        use_case.act(shop)
        return
    # Something was kept: the operation, or a part of the deliveries, whose claims run out.
    clock.advance(seconds=LEASE.total_seconds() + 1)
    while shop.deliver():
        pass
    with shop.database.read() as reader:
        rows = reader.rows("SELECT id FROM outbox WHERE delivery IN ('claimed', 'dead')")
    if rows:
        yield f"{len(rows)} messages were never delivered"


def _faults(shop: Shop, expected: frozenset[str] = frozenset()) -> Iterator[str]:
    for finding in examine_shop(shop):
        if finding.serious and finding.code not in expected:
            yield str(finding.text)


def _torn_settings(folder: Path, *whole: Path) -> Iterator[str]:
    """Yield that the settings' file is none of those that it may be."""
    if not any((folder / FILE).read_bytes() == (one / FILE).read_bytes() for one in whole):
        yield f"{FILE} is torn"


def _differences(words: str, state: State, expected: State) -> Iterator[str]:
    differ = [name for name, rows in state.items() if rows != expected[name]]
    if differ:
        yield f"{words} {', '.join(differ)}"
