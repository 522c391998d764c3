"""Faults to plant in the core, each of which some generated shop must bring to light."""

from __future__ import annotations

import pytest

from ashop_core.models import Stage, Status
from ashop_core.payment_record import with_payment


def no_flow(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.status_change.flow_problems", lambda *_: [])


def undo_keeps_the_goods(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.undoing.reversed_moves", lambda moves: ())


def undo_leaves_no_trace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.visible._standing", lambda history: list(history))


def everything_is_shown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Status, "visible", property(lambda status: status.stage is not Stage.CHECKOUT))


def edits_move_no_goods(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.amending.amending_moves", lambda before, after: ())


def the_total_forgets_discounts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.models.OrderLine.total", property(lambda line: line.quantity * line.unit_price))


def a_payment_is_counted_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        "ashop_core.records.with_payment",
        lambda order, entry: with_payment(with_payment(order, entry), entry),
    )


EASY = (
    no_flow, undo_keeps_the_goods, edits_move_no_goods, the_total_forgets_discounts, a_payment_is_counted_twice,
)  # fmt: skip
"""Those that nearly any shop brings to light."""
HARD = (undo_leaves_no_trace, everything_is_shown)
"""Those that need a hidden status in the right place."""
