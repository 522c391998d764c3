"""Processes that buy, release and move the same goods at once, in the short form; the long one is in tests/proofs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ashop_stock_control.race.check import RaceReport
from ashop_stock_control.race.racing import SellOut
from tests.proofs import race_mutants as faults
from tests.proofs import stock_cases as cases
from tests.proofs.stock_race import DOWN_TO_TEN, STRICTLY_TWO_EACH, Done, bank, duel, expiry, sell_out, storm

SHORT: dict[str, Any] = {"processes": 4, "tries": 25, "stock": 20}


@pytest.mark.parametrize(
    ("wanted", "toml", "as_promised"),
    [
        (SellOut(policy="strict", **SHORT), "", cases.all_of(20)),
        (SellOut(policy="strict", margin=3, **SHORT), "", cases.all_of(17)),
        (SellOut(policy="up_to(10)", **SHORT), DOWN_TO_TEN, cases.all_of(30)),
        (SellOut(policy="open", **SHORT), "", lambda done: done.pieces >= 20 and len(done.flips) == 1),
        (SellOut(plugins=cases.RULE, customers=5, **SHORT), "", lambda done: done.most_to_one == 2),
        (
            SellOut(plugins=("strict_stock",), customers=20, **SHORT),
            STRICTLY_TWO_EACH,
            lambda done: done.pieces == 20 and done.most_to_one <= 2,
        ),
        (SellOut(policy="strict", cancelled=40, **SHORT), "", lambda done: done.pieces <= 20),
    ],
    ids=["strict", "margin", "up_to", "open", "rule", "strict_stock", "cancelled"],
)
def test_a_sell_out_keeps_what_the_policy_promises(
    tmp_path: Path, wanted: SellOut, toml: str, as_promised: Callable[[RaceReport], bool]
) -> None:
    done = sell_out(tmp_path, wanted, toml=toml, in_step=True)

    assert done.wrong == ()
    assert as_promised(done), done


def test_a_sell_out_at_their_own_pace_sells_all_there_is(tmp_path: Path) -> None:
    done = sell_out(tmp_path, SellOut(policy="strict", **SHORT))

    assert done.wrong == ()
    assert done.pieces == 20


@pytest.mark.parametrize("race", [duel, bank, storm, expiry])
def test_nothing_is_taken_or_released_twice(tmp_path: Path, race: Callable[..., Done]) -> None:
    done = race(tmp_path / "shop", 10)

    assert done.wrong == []


@pytest.mark.parametrize(("fault", "wanted", "shows"), [row for row in cases.SELL_OUT_FAULTS if row[0]])
def test_a_fault_in_the_sell_out_is_found(tmp_path: Path, fault: Any, wanted: SellOut, shows: Any) -> None:
    done = sell_out(tmp_path, wanted, fault, in_step=True)

    assert shows([words.en for words in done.wrong])


@pytest.mark.parametrize(("race", "size", "fault", "shows"), [row for row in cases.OTHER_FAULTS if row[2]])
def test_a_fault_in_the_other_races_is_found(
    tmp_path: Path, race: Callable[..., Done], size: int, fault: Any, shows: Any
) -> None:
    assert shows(race(tmp_path / "shop", size, fault).wrong)


def test_the_unique_cause_stands_behind_other_guards(tmp_path: Path) -> None:
    """Without it nothing goes wrong; with it and without the others a second undo of the same is an error."""
    alone = storm(tmp_path / "alone", 5, faults.without_the_unique_cause)
    last = storm(tmp_path / "last", 5, faults.undone_without_a_look_and_the_last_writer_wins)

    assert alone.wrong == []
    assert any("stock_movements.cause" in words for words in last.errors)
