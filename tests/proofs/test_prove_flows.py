"""Many generated shops, and in each of them an order's life: what is promised holds in all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import flow_faults
from tests.flow_lives import EVERY_KIND, finds_a_fault, make_template, run
from tests.proofs.conftest import Record

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("flows"))


def test_whatever_the_shop_an_order_keeps_the_promises(template: Path, record: Record) -> None:
    made, sound = run(template, 100, examples=1500)

    figure = ", ".join(f"{n:,} {kind}" for kind, n in made.most_common())
    record("generated shops", f"{sound:,} sound ones, O1 O2 O5 V1 V4 and stock", made.total(), 0, figure)
    assert sound >= 1000
    assert made.keys() >= EVERY_KIND


@pytest.mark.parametrize("plant", [*flow_faults.EASY, *flow_faults.HARD], ids=lambda plant: plant.__name__)
def test_a_fault_is_found_every_time(
    template: Path,
    monkeypatch: pytest.MonkeyPatch,
    record: Record,
    plant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    plant(monkeypatch)
    red = sum(finds_a_fault(template, number, examples=500) for number in range(20))

    record("fault", plant.__name__.replace("_", " "), 20, 20 - red, f"found: {red} of 20")
    assert red == 20
