"""Must show 1 of the stock: nothing is sold twice, kept back or released twice, however many are at it.

At synchronous=OFF, on real files: what a power cut does is proved by the kills. The faults are raced in step, each
process held where it has been judged, so that they are found every time and not when luck has it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ashop_stock_control.race.check import RaceReport
from ashop_stock_control.race.racing import SellOut
from tests.proofs.conftest import Record
from tests.proofs.stock_cases import (
    OTHER_FAULTS,
    RULE,
    SELL_OUT_FAULTS,
    all_of,
    flipped_once,
    some_cancelled,
    strictly_two_each,
    two_each,
)
from tests.proofs.stock_race import (
    DOWN_TO_TEN,
    READERS,
    STRICTLY_TWO_EACH,
    WRITERS,
    Done,
    bank,
    duel,
    expiry,
    sell_out,
    storm,
)

pytestmark = pytest.mark.prove

TIMES = 20


# ── Sell-outs ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "wanted", "toml", "as_promised"),
    [
        ("strict", SellOut(policy="strict"), "", all_of(50)),
        ("strict, 7 kept back", SellOut(policy="strict", margin=7), "", all_of(43)),
        ("up_to(10)", SellOut(policy="up_to(10)"), DOWN_TO_TEN, all_of(60)),
        ("open", SellOut(policy="open"), "", flipped_once),
        ("two to each of 20 customers", SellOut(plugins=RULE), "", two_each),
        (
            "strict_stock: two to each of 40 customers",
            SellOut(plugins=("strict_stock",), customers=40),
            STRICTLY_TWO_EACH,
            strictly_two_each,
        ),
        ("strict, 40 % cancelled", SellOut(policy="strict", cancelled=40), "", some_cancelled),
    ],
    ids=lambda value: value if isinstance(value, str) and value else "",
)
def test_sixteen_sell_out_in_16000_tries(
    tmp_path: Path,
    record: Record,
    name: str,
    wanted: SellOut,
    toml: str,
    as_promised: Callable[[RaceReport], bool],
) -> None:
    done = sell_out(tmp_path, wanted, toml=toml)

    figure = (
        f"{done.orders} orders, {done.pieces} of {wanted.stock} pieces, status changed {len(done.flips)}×, "
        f"{len(done.errors)} errors, {done.seconds:.0f} s"
    )
    record("sell-out", name, done.tries, len(done.wrong) + (not as_promised(done)), figure)
    assert done.wrong == ()
    assert as_promised(done)


# ── The other races ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("race", "size", "tries", "what"),
    [
        (duel, 1000, 1000, "2 buyers, the last piece, both judged before either takes it"),
        (bank, 1000, (WRITERS + READERS) * 1000, "8 writers, 2 readers, 10 items"),
        (storm, 2000, 2000, "8 callers cancel, undo, edit the same order"),
        (expiry, 500, 500, "8 callers want what a checkout held"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_nothing_is_taken_or_released_twice(
    tmp_path: Path, record: Record, race: Callable[..., Done], size: int, tries: int, what: str
) -> None:
    done = race(tmp_path / "shop", size)

    told = ", ".join(f"{n} {word}" for word, n in sorted(done.told.items()))
    figure = f"{told}; {len(done.errors)} errors, {done.seconds:.0f} s"
    record(race.__name__, what, tries, len(done.wrong), figure)
    assert done.wrong == []


# ── Faults ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "wanted", "shows"),
    SELL_OUT_FAULTS,
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_fault_in_the_sell_out_is_found_every_time(
    tmp_path: Path, record: Record, fault: Any, wanted: SellOut, shows: Any
) -> None:
    runs = [sell_out(tmp_path / str(n), wanted, fault, in_step=True) for n in range(TIMES)]

    _tell(record, "sell-out", fault, shows, [[words.en for words in run.wrong] for run in runs])


@pytest.mark.parametrize(
    ("race", "size", "fault", "shows"),
    OTHER_FAULTS,
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_fault_in_the_other_races_is_found_every_time(
    tmp_path: Path, record: Record, race: Callable[..., Done], size: int, fault: Any, shows: Any
) -> None:
    runs = [race(tmp_path / str(n), size, fault) for n in range(TIMES)]

    _tell(record, race.__name__, fault, shows, [run.wrong for run in runs])


def _tell(record: Record, race: str, fault: Any, shows: Any, found: list[list[str]]) -> None:
    """Put into the table how often the fault was seen, or how often a sound race was green."""
    right = sum(not words if fault is None else shows(words) for words in found)
    what = "sound, as the faults" if fault is None else fault.__name__.replace("_", " ")
    seen = "green" if fault is None else shows.__name__.replace("_", " ")
    record(race, what, TIMES, TIMES - right, f"{seen}: {right} of {TIMES}")
    assert right == TIMES, [words[:3] for words in found]
