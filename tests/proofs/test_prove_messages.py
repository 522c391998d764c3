"""Messages through a real mail server while workers are killed, stopped and woken again (N1, N2, N4, N5, N11)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import kill_mutants
from tests.proofs.conftest import Record
from tests.proofs.outbox_kills import POINTS, deliver_under_kills
from tests.proofs.stale_workers import stop_workers

pytestmark = pytest.mark.prove

TIMES = 20
MESSAGES, KILLS = 5000, 200
STOPS = 60


@pytest.mark.parametrize("seed", [1, 2])
def test_no_message_is_lost_and_a_second_copy_has_its_reason(
    tmp_path: Path, record: Record, seed: int
) -> None:
    done = deliver_under_kills(tmp_path / "shop", MESSAGES, KILLS, seed)

    where = ", ".join(f"{n} {words}" for words, n in sorted(done.kills.items()))
    figure = (
        f"{done.messages} messages, {done.doubled} doubled by {done.between} kills after sending ({where})"
    )
    record("messages", f"4 workers, seed {seed}", done.kills.total(), len(done.wrong), figure)
    assert done.wrong == []
    assert done.kills.total() >= KILLS
    assert all(done.kills[point] >= 10 for point in POINTS)


def test_a_worker_that_comes_back_changes_nothing_that_another_one_did(
    tmp_path: Path, record: Record
) -> None:
    done = stop_workers(tmp_path, STOPS, seed=1)

    figure = f"clocks up to a minute apart; {done.doubled} second copies of what was under way"
    record("messages", "stopped, taken over, woken", done.rounds, len(done.wrong), figure)
    assert done.wrong == []


KILLED_FAULTS = {"marked before it is sent": kill_mutants.marked_before_sent}
STOPPED_FAULTS = {
    "without the lease": kill_mutants.without_the_lease,
    "without the look before an attempt": kill_mutants.without_the_look_before_an_attempt,
}


@pytest.mark.parametrize("name", KILLED_FAULTS)
def test_a_fault_that_loses_messages_is_found_every_time(tmp_path: Path, record: Record, name: str) -> None:
    red = sum(lost(tmp_path / str(seed), seed, KILLED_FAULTS[name]) for seed in range(TIMES))

    record("fault", name, TIMES, TIMES - red, f"lost: {red} of {TIMES}")
    assert red == TIMES


def lost(folder: Path, seed: int, fault: Callable[[], object]) -> bool:
    return any("lost" in words for words in deliver_under_kills(folder, 200, 40, seed, fault).wrong)


@pytest.mark.parametrize("name", STOPPED_FAULTS)
def test_a_fault_that_lets_a_stale_worker_write_is_found_every_time(
    tmp_path: Path, record: Record, name: str
) -> None:
    fault = STOPPED_FAULTS[name]
    red = sum(bool(stop_workers(tmp_path / str(seed), 3, seed, fault).wrong) for seed in range(TIMES))

    record("fault", name, TIMES, TIMES - red, f"sent again or overwritten: {red} of {TIMES}")
    assert red == TIMES


def test_a_message_that_is_put_in_twice_is_found_every_time(tmp_path: Path, record: Record) -> None:
    fault = kill_mutants.put_in_twice_without_the_key
    runs = [deliver_under_kills(tmp_path / str(n), 10, 4, n, put_in=fault) for n in range(TIMES)]

    red = sum(any("second copies" in words for words in run.wrong) for run in runs)
    record("fault", "without the unique key", TIMES, TIMES - red, f"sent twice: {red} of {TIMES}")
    assert red == TIMES
