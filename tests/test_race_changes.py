"""Processes that change one order at once, in the short form; the long one is in tests/proofs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import change_mutants
from tests.proofs.change_race import SCENES, race_for


def test_of_eight_callers_each_is_told_what_became_of_its_change(tmp_path: Path) -> None:
    done = race_for(tmp_path / "shop", 2 * len(SCENES))

    assert done.wrong == []


@pytest.mark.parametrize(
    "fault",
    [
        change_mutants.without_the_version_check,
        change_mutants.the_last_writer_wins,
        change_mutants.the_seen_version_is_forgotten,
    ],
)
def test_the_race_is_wrong_without_the_version(tmp_path: Path, fault: Callable[[], object]) -> None:
    assert race_for(tmp_path / "shop", len(SCENES), fault).wrong
