"""Kill -9 everywhere: in every use case, and under load."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs import kill_mutants
from tests.proofs.conftest import Record
from tests.proofs.kills import kill_everywhere
from tests.proofs.load_kills import work_under_kills
from tests.proofs.points import Arm, at_statements, at_steps
from tests.proofs.use_cases import USE_CASES, UseCase

pytestmark = pytest.mark.prove

TIMES = 20
PLACE = next(u for u in USE_CASES if u.name == "place")


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.name)
def test_an_operation_killed_anywhere_is_there_as_a_whole_or_not_at_all(
    tmp_path: Path, record: Record, use_case: UseCase
) -> None:
    arms: tuple[Arm, ...] = (at_statements, at_steps)
    runs = [kill_everywhere(tmp_path / arm.__name__, use_case, arm) for arm in arms]

    kills, kept = sum(run.trials for run in runs), sum(run.kept for run in runs)
    wrong = [words for run in runs for words in run.wrong]
    figure = f"{runs[0].trials} statements, {runs[1].trials} points within; {kept} after a commit"
    record("kill -9", use_case.name, kills, len(wrong), figure)
    assert wrong == []


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_confirmed_outlives_kills_under_load(tmp_path: Path, record: Record, seed: int) -> None:
    load = work_under_kills(tmp_path / "shop", 60, seed)

    figure = f"{load.orders} orders, {load.cut_short} kills within a step"
    record("kill -9", f"4 processes under load, seed {seed}", load.kills, len(load.wrong), figure)
    assert load.wrong == []


def test_a_second_commit_in_an_operation_is_found_every_time(tmp_path: Path, record: Record) -> None:
    fault = kill_mutants.without_one_transaction
    runs = [
        kill_everywhere(tmp_path / str(n), PLACE, at_statements, stride=7, fault=fault) for n in range(TIMES)
    ]

    red = sum(bool(run.wrong) for run in runs)
    record("fault", "without one transaction", TIMES, TIMES - red, f"torn: {red} of {TIMES}")
    assert red == TIMES
