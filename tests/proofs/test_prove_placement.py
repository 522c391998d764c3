"""Must show 5: eight processes place orders of the same two products, and every built-in fault is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import mutants
from tests.proofs.conftest import Record
from tests.proofs.race import Race, race

pytestmark = pytest.mark.prove

TIMES = 20
SHORT = 8, 15


def test_eight_processes_place_1600_orders_and_nothing_is_lost(tmp_path: Path, record: Record) -> None:
    done = race(tmp_path / "shop", 8, 200)

    figure = (
        f"{len(done.errors)} errors, {len(set(done.numbers))} numbers, slowest {done.slowest:.2f} of the mean, "
        f"p99 wait {done.p99_wait:.0f} ms, a typical wait {done.overtakers:.0f} turns"
    )
    record(
        "race",
        "8 processes × 200 placements, 2 products",
        1600,
        len(done.wrong) + (done.slowest < 0.5),
        figure,
    )
    assert done.wrong == []
    assert done.slowest >= 0.5, done.turns
    assert done.in_turn


def test_a_sound_race_is_green_every_time(tmp_path: Path, record: Record) -> None:
    runs = [race(tmp_path / str(n), *SHORT) for n in range(TIMES)]

    red = [run for run in runs if run.wrong or not run.in_turn]
    figure = (
        f"slowest {min(run.slowest for run in runs):.2f} of the mean, "
        f"a typical wait {min(run.overtakers for run in runs):.0f} turns, at worst"
    )
    record("race, short", "8 × 15, as the faults", TIMES, len(red), figure)
    assert red == []


def out_of_turn(done: Race) -> bool:
    return not done.in_turn


def erroneous(done: Race) -> bool:
    return bool(done.errors)


def unbalanced(done: Race) -> bool:
    return any("S4" in words for words in done.wrong)


@pytest.mark.parametrize(
    ("fault", "shows"),
    [
        (mutants.without_the_file_lock, out_of_turn),
        (mutants.without_begin_immediate, erroneous),
        (mutants.without_the_guard_on_the_balance, unbalanced),
    ],
    ids=lambda value: value.__name__,
)
def test_a_fault_is_found_every_time(
    tmp_path: Path, record: Record, fault: Callable[[], object], shows: Callable[[Race], bool]
) -> None:
    runs = [race(tmp_path / str(n), *SHORT, fault) for n in range(TIMES)]

    red = sum(shows(run) for run in runs)
    shares = sorted(run.slowest for run in runs)
    figure = f"{shows.__name__}: {red} of {TIMES}; slowest {shares[0]:.2f} to {shares[-1]:.2f} of the mean"
    record("fault", fault.__name__.replace("_", " "), TIMES, TIMES - red, figure)
    assert red == TIMES
