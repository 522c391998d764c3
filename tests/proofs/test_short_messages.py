"""Messages through a real mail server while workers are killed and stopped, in the short form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs import kill_mutants
from tests.proofs.outbox_kills import REFUSED, deliver_under_kills
from tests.proofs.stale_workers import stop_workers


def test_no_message_is_lost_when_workers_are_killed(tmp_path: Path) -> None:
    done = deliver_under_kills(tmp_path / "shop", 60, 12, seed=1)

    assert done.wrong == []
    assert done.kills.total() >= 12


def test_messages_are_lost_where_they_are_marked_before_they_are_sent(tmp_path: Path) -> None:
    done = deliver_under_kills(tmp_path / "shop", 80, 16, seed=1, fault=kill_mutants.marked_before_sent)

    assert any("lost" in words for words in done.wrong)


def test_a_worker_that_comes_back_changes_nothing_that_another_one_did(tmp_path: Path) -> None:
    done = stop_workers(tmp_path, 6, seed=1)

    assert done.wrong == []


@pytest.mark.parametrize(
    "fault", [kill_mutants.without_the_lease, kill_mutants.without_the_look_before_an_attempt]
)
def test_without_the_lease_it_would(tmp_path: Path, fault: kill_mutants.Fault) -> None:
    assert stop_workers(tmp_path, 3, seed=1, fault=fault).wrong


def test_the_key_stops_what_would_be_put_in_twice(tmp_path: Path) -> None:
    with_key = deliver_under_kills(tmp_path / "with", 10, 4, 1, put_in=kill_mutants.put_in_twice)
    without = deliver_under_kills(
        tmp_path / "without", 10, 4, 1, put_in=kill_mutants.put_in_twice_without_the_key
    )

    assert with_key.wrong == [REFUSED]
    assert any("second copies" in words for words in without.wrong)
