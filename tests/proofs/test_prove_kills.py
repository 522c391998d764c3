"""Kill -9 everywhere: in every use case, under load, and while messages are delivered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import kill_mutants
from tests.proofs.conftest import Record
from tests.proofs.kills import kill_everywhere
from tests.proofs.load_kills import work_under_kills
from tests.proofs.outbox_kills import deliver_under_kills
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


def test_no_message_is_lost_and_a_second_copy_has_its_reason(tmp_path: Path, record: Record) -> None:
    done = deliver_under_kills(tmp_path / "shop", 1000, 200, seed=1)

    figure = f"{done.messages} messages, 0 lost, {done.doubled} doubled by {done.between} kills after sending"
    record(
        "kill -9", "4 workers that deliver", done.kills, len(done.wrong), figure if not done.wrong else "lost"
    )
    assert done.wrong == []
    assert done.kills >= 200
    assert done.between > 0


def test_a_second_commit_in_an_operation_is_found_every_time(tmp_path: Path, record: Record) -> None:
    fault = kill_mutants.without_one_transaction
    runs = [
        kill_everywhere(tmp_path / str(n), PLACE, at_statements, stride=7, fault=fault) for n in range(TIMES)
    ]

    red = sum(bool(run.wrong) for run in runs)
    record("fault", "without one transaction", TIMES, TIMES - red, f"torn: {red} of {TIMES}")
    assert red == TIMES


def test_a_message_marked_before_it_is_sent_is_found_every_time(tmp_path: Path, record: Record) -> None:
    runs = [
        lose_messages(tmp_path / str(seed), seed, kill_mutants.marked_before_sent) for seed in range(TIMES)
    ]

    red = sum(runs)
    record("fault", "marked before sent", TIMES, TIMES - red, f"lost: {red} of {TIMES}")
    assert red == TIMES


def lose_messages(folder: Path, seed: int, fault: Callable[[], object]) -> bool:
    return any("lost" in words for words in deliver_under_kills(folder, 200, 40, seed, fault).wrong)
