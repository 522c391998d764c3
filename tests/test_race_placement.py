"""Processes that place orders at once, in the short form; the long one is in tests/proofs."""

from pathlib import Path

from tests.proofs import mutants
from tests.proofs.race import race


def test_processes_that_place_orders_at_once_lose_nothing_and_wait_in_turn(tmp_path: Path) -> None:
    done = race(tmp_path / "shop", 4, 25)

    assert done.wrong == []
    assert done.in_turn, done.overtakers


def test_turns_are_out_of_turn_without_the_file_lock(tmp_path: Path) -> None:
    assert not race(tmp_path / "shop", 4, 25, mutants.without_the_file_lock).in_turn


def test_the_race_is_wrong_without_begin_immediate(tmp_path: Path) -> None:
    assert race(tmp_path / "shop", 4, 10, mutants.without_begin_immediate).errors


def test_the_race_is_wrong_without_the_guard_on_the_balance(tmp_path: Path) -> None:
    done = race(tmp_path / "shop", 4, 10, mutants.without_the_guard_on_the_balance)

    assert any("S4" in words for words in done.wrong)
