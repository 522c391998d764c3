"""Kill -9 at every statement of what is done to the stock, in the short form: a take, a release, work in several turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashop_stock_control import checkout_holds, reevaluating, repairs
from tests.proofs import kill_mutants, stock_kill_mutants
from tests.proofs.kills import kill_everywhere
from tests.proofs.points import at_files
from tests.proofs.stock_kills import STOCK_CASES

BY_NAME = {use_case.name: use_case for use_case in STOCK_CASES}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (checkout_holds, reevaluating, repairs):
        monkeypatch.setattr(module, "AT_ONCE", 2)


@pytest.mark.parametrize(
    ("name", "stride"),
    [
        ("take, somebody's hold lapsing", 1),
        ("release, cancelled", 1),
        ("lapse by the timed job", 1),
        ("receive with a key", 1),
        ("change a rule", 2),
        ("doctor --fix", 6),
    ],
)
def test_what_is_done_to_the_stock_killed_at_any_statement_is_whole_or_absent_and_then_finished(
    tmp_path: Path, name: str, stride: int
) -> None:
    kills = kill_everywhere(tmp_path, BY_NAME[name], at_files, stride=stride)

    assert kills.wrong == []
    assert kills.trials >= 8


def test_two_transactions_instead_of_one_are_found(tmp_path: Path) -> None:
    fault = kill_mutants.without_one_transaction

    assert kill_everywhere(tmp_path, BY_NAME["take, strict"], at_files, stride=5, fault=fault).wrong


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("lapse by the timed job", stock_kill_mutants.lapsed_before_it_is_released),
        ("receive with a key", stock_kill_mutants.noted_before_it_is_received),
        ("change a rule", stock_kill_mutants.file_written_in_place),
    ],
)
def test_what_is_marked_before_it_is_done_is_found(
    tmp_path: Path, name: str, fault: stock_kill_mutants.Fault
) -> None:
    assert kill_everywhere(tmp_path, BY_NAME[name], at_files, fault=fault).wrong
