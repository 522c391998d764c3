"""Kill -9 at every point of what is done to the stock: takes, releases, by hand, rules, the doctor's repairs, files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashop_stock_control import checkout_holds, importing, reevaluating, repairs
from tests.proofs import kill_mutants, stock_kill_mutants
from tests.proofs.conftest import Record
from tests.proofs.kills import kill_everywhere
from tests.proofs.points import Arm, at_files, at_steps
from tests.proofs.stock_kills import STOCK_CASES
from tests.proofs.use_cases import UseCase

pytestmark = pytest.mark.prove

TIMES = 20
BY_NAME = {use_case.name: use_case for use_case in STOCK_CASES}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what goes in batches take several, so that there is something between them."""
    for module in (checkout_holds, importing, reevaluating, repairs):
        monkeypatch.setattr(module, "AT_ONCE", 2)


@pytest.mark.parametrize("use_case", STOCK_CASES, ids=lambda use_case: use_case.name)
def test_what_is_done_to_the_stock_killed_anywhere_is_whole_or_absent_and_then_finished(
    tmp_path: Path, record: Record, use_case: UseCase
) -> None:
    arms: tuple[Arm, ...] = (at_files, at_steps)
    runs = [kill_everywhere(tmp_path / arm.__name__, use_case, arm) for arm in arms]

    kills, kept = sum(run.trials for run in runs), sum(run.kept for run in runs)
    wrong = [words for run in runs for words in run.wrong]
    figure = f"{runs[0].trials} statements and files, {runs[1].trials} points within; {kept} after a commit"
    record("kill -9, stock", use_case.name, kills, len(wrong), figure)
    assert wrong == []


@pytest.mark.parametrize("name", ["take, strict", "release, cancelled", "adjust", "doctor --fix"])
def test_two_transactions_instead_of_one_are_found_every_time(
    tmp_path: Path, record: Record, name: str
) -> None:
    fault = kill_mutants.without_one_transaction
    runs = [
        kill_everywhere(tmp_path / str(n), BY_NAME[name], at_files, stride=5, fault=fault)
        for n in range(TIMES)
    ]

    red = sum(bool(run.wrong) for run in runs)
    record("fault, stock", f"{name}, without one transaction", TIMES, TIMES - red, f"torn: {red} of {TIMES}")
    assert red == TIMES


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("lapse by the timed job", stock_kill_mutants.lapsed_before_it_is_released),
        ("receive with a key", stock_kill_mutants.noted_before_it_is_received),
        ("change a rule", stock_kill_mutants.file_written_in_place),
    ],
)
def test_what_is_marked_before_it_is_done_is_found_every_time(
    tmp_path: Path, record: Record, name: str, fault: stock_kill_mutants.Fault
) -> None:
    runs = [kill_everywhere(tmp_path / str(n), BY_NAME[name], at_files, fault=fault) for n in range(TIMES)]

    red = sum(bool(run.wrong) for run in runs)
    record("fault, stock", f"{name}, marked before done", TIMES, TIMES - red, f"found: {red} of {TIMES}")
    assert red == TIMES
