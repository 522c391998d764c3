"""Generated shops and generated lives of orders in them: what must hold of every order that can be reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ashop_core.models import Kind
from tests import flow_faults
from tests.flow_lives import EVERY_KIND, finds_a_fault, make_template, run

MOST_ROUNDS = 8


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("flows"))


def test_whatever_the_shop_an_order_keeps_the_promises(template: Path) -> None:
    made, sound = Counter[Kind](), 0
    for number in range(MOST_ROUNDS):
        kinds, shops = run(template, number, examples=25)
        made, sound = made + kinds, sound + shops
        if sound >= 30 and made.keys() >= EVERY_KIND:
            break

    assert sound >= 30
    assert made.keys() >= EVERY_KIND


@pytest.mark.parametrize("plant", flow_faults.EASY)
def test_a_planted_fault_is_caught(
    template: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)

    assert finds_a_fault(template, 1, examples=60)
