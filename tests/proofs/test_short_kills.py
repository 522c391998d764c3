"""Kill -9 at every statement, in the short form: the longest use cases, and four processes under load."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs import kill_mutants
from tests.proofs.kills import kill_everywhere
from tests.proofs.load_kills import work_under_kills
from tests.proofs.points import at_statements
from tests.proofs.use_cases import USE_CASES

BY_NAME = {use_case.name: use_case for use_case in USE_CASES}


@pytest.mark.parametrize("name", ["place", "ship with parcel", "deliver outbox"])
def test_an_operation_killed_at_any_statement_is_there_as_a_whole_or_not_at_all(
    tmp_path: Path, name: str
) -> None:
    kills = kill_everywhere(tmp_path, BY_NAME[name], at_statements)

    assert kills.wrong == []
    assert kills.trials > 20


def test_a_second_commit_in_an_operation_is_found(tmp_path: Path) -> None:
    fault = kill_mutants.without_one_transaction

    assert kill_everywhere(tmp_path, BY_NAME["place"], at_statements, stride=7, fault=fault).wrong


def test_what_was_confirmed_outlives_kills_under_load(tmp_path: Path) -> None:
    load = work_under_kills(tmp_path / "shop", 4, seed=1)

    assert load.wrong == []
    assert load.kills == 8
