"""The command that changes many orders, killed and run again, in the short form; the long one is in tests/proofs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.bulk_kills import FAULTS, change_under_kills


def test_each_order_is_changed_once_and_told_of_once_whatever_is_killed(tmp_path: Path) -> None:
    done = change_under_kills(tmp_path / "shop", 200, 2, seed=1)

    assert done.wrong == []
    assert done.kills >= 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(tmp_path: Path, fault: str) -> None:
    assert change_under_kills(tmp_path / "shop", 20, 2, 1, fault).wrong
