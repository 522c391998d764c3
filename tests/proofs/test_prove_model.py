"""An order desk against the model of it, for a long time: every kind of change is made again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import order_faults
from tests.order_desk import FIRED, RULES, finds_a_fault, run_desks
from tests.proofs.conftest import Record

pytestmark = pytest.mark.prove


MOST_ROUNDS = 300
ENOUGH = 100


def test_an_order_desk_for_a_long_time(record: Record) -> None:
    FIRED.clear()
    for number in range(MOST_ROUNDS):
        run_desks(1000 + number, examples=5, steps=60)
        if min(FIRED[name] for name in RULES) >= ENOUGH:
            break

    rarest = min(RULES, key=lambda name: FIRED[name])
    figure = f"{len(RULES)} rules, the rarest ({rarest}) {FIRED[rarest]} times, {number + 1} rounds"
    record("stateful model", "an order desk, 5 × 60 steps a round", sum(FIRED.values()), 0, figure)
    assert FIRED[rarest] >= 10, figure


@pytest.mark.parametrize("plant", [*order_faults.EASY, *order_faults.HARD], ids=lambda plant: plant.__name__)
def test_a_fault_is_found_every_time(
    monkeypatch: pytest.MonkeyPatch, record: Record, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    red = sum(finds_a_fault(number, examples=300) for number in range(20))

    record("fault", plant.__name__.replace("_", " "), 20, 20 - red, f"found: {red} of 20")
    assert red == 20
