"""Eight callers race for the same orders, and many orders are changed by a command that is killed again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import change_mutants
from tests.proofs.bulk_kills import FAULTS, change_in_peace, change_under_kills
from tests.proofs.change_race import SCENES, race_for
from tests.proofs.conftest import Record

pytestmark = pytest.mark.prove

TIMES = 20


def test_of_eight_callers_each_is_told_what_became_of_its_change(tmp_path: Path, record: Record) -> None:
    done = race_for(tmp_path / "shop", 64 * len(SCENES))

    figure = ", ".join(f"{n:,} {word}" for word, n in done.told.most_common())
    record("race", f"8 callers, {len(SCENES)} scenes", done.orders, len(done.wrong), figure)
    assert done.wrong == []


def test_a_sound_race_is_green_every_time(tmp_path: Path, record: Record) -> None:
    red = sum(bool(race_for(tmp_path / str(n), len(SCENES)).wrong) for n in range(TIMES))

    record("race, short", "as the faults", TIMES, red, "")
    assert red == 0


@pytest.mark.parametrize(
    "fault",
    [
        change_mutants.without_the_version_check,
        change_mutants.the_last_writer_wins,
        change_mutants.the_seen_version_is_forgotten,
    ],
    ids=lambda fault: fault.__name__,
)
def test_a_fault_is_found_every_time(tmp_path: Path, record: Record, fault: Callable[[], object]) -> None:
    red = sum(bool(race_for(tmp_path / str(n), len(SCENES), fault).wrong) for n in range(TIMES))

    record("fault", fault.__name__.replace("_", " "), TIMES, TIMES - red, f"wrong: {red} of {TIMES}")
    assert red == TIMES


def test_ten_thousand_orders_are_changed_once_each_in_the_same_room_as_one_thousand(
    tmp_path: Path, record: Record
) -> None:
    few, many = (change_in_peace(tmp_path / str(n), n) for n in (1_000, 10_000))

    figure = (
        f"{many.rate:.0f} orders a second, peak {few.peak_kb / 1024:.1f} MB at 1,000 and "
        f"{many.peak_kb / 1024:.1f} MB at 10,000"
    )
    record("bulk", "ashop order status --where", many.orders, len(few.wrong + many.wrong), figure)
    assert few.wrong + many.wrong == []
    assert many.peak_kb <= 1.1 * few.peak_kb, figure


def test_ten_thousand_orders_are_changed_once_each_whatever_is_killed(tmp_path: Path, record: Record) -> None:
    done = change_under_kills(tmp_path / "shop", 10_000, 20, seed=1)

    figure = f"{done.kills} kills, {done.copies - done.orders} letters came twice"
    record("kill -9", "bulk change of 10,000 orders", done.orders, len(done.wrong), figure)
    assert done.wrong == []
    assert done.kills >= 4  # each goes on where the last one was killed, until nothing is left


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_bulk_change_is_found_every_time(tmp_path: Path, record: Record, fault: str) -> None:
    runs = [change_under_kills(tmp_path / str(n), 20, 2, n, fault) for n in range(TIMES)]

    red = sum(bool(run.wrong) for run in runs)
    record("fault", f"bulk, {fault.replace('_', ' ')}", TIMES, TIMES - red, f"wrong: {red} of {TIMES}")
    assert red == TIMES
