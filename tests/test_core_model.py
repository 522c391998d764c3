"""An order desk against a model of it: any sequence of requests, and after each one the promises hold.

The long form runs with `make prove`; either must have made every kind of change there is, and must catch the
faults of `order_faults`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ashop_core.models import Stage
from tests import order_faults
from tests.order_desk import FIRED, RULES, OrderDesk, finds_a_fault, never_fired, run_desks
from tests.order_model import CHECKOUT, STATUSES

FIRST_SEED = 102
"""One from which every kind of change is soon made; any other would do, and take longer."""
MOST_ROUNDS = 20


def test_any_sequence_of_changes_keeps_the_promises_and_every_kind_of_change_is_made() -> None:
    FIRED.clear()

    for number in range(MOST_ROUNDS):
        run_desks(FIRST_SEED + number, examples=5, steps=50)
        if not never_fired():
            break

    assert len(RULES) >= 25
    assert never_fired() == set()


@pytest.mark.parametrize("plant", order_faults.EASY)
def test_a_planted_fault_is_caught(
    monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)

    assert finds_a_fault(1, examples=30)


def test_the_model_knows_every_status_of_the_shop() -> None:
    desk = OrderDesk()
    flows = desk.shop.flows
    desk.teardown()

    assert set(flows.statuses) == set(STATUSES)
    assert {s.code for s in flows.statuses.values() if s.stage is Stage.CHECKOUT} == set(CHECKOUT)
