"""Faults to plant in the core and in the stock, each of which the model of an order desk must find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ashop_core import lifecycle
from ashop_core.lifecycle import preview_change
from ashop_core.order_records import insert_history
from ashop_core.shop import Shop
from ashop_stock_control import ledger, objecting
from ashop_stock_control.ledger import Kind
from ashop_stock_control.takes import Takes


def no_flow(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.status_change.flow_problems", lambda *_: [])


def no_guards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.status_change.guard_problems", lambda *_: [])


def lines_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.status_change.moved", lambda lines, moves: lines)


def forgetful_history(patch: pytest.MonkeyPatch) -> None:
    def careless(tx: Any, order_id: int, change: Any, effects: Any) -> None:
        insert_history(tx, order_id, replace(change, moves=()), effects)

    patch.setattr("ashop_core.settling.insert_history", careless)


def numbers_for_everybody(patch: pytest.MonkeyPatch) -> None:
    def spending(shop: Shop, *rest: Any) -> Any:
        with shop.database.write() as writer:
            writer.next_number("orders", 100001)
        return preview_change(shop, *rest)

    patch.setattr("ashop_core.shop.preview_change", spending)


def mute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.lifecycle.plan_messages", lambda *_: [])


def undo_keeps_the_goods(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.undoing.reversed_moves", lambda moves: ())


def undo_lets_letters_leave(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.settling.take_back", lambda tx, order_id, change: [])


def edits_move_no_goods(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.amending.amending_moves", lambda before, after: ())


def edits_count_no_money(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.amending.recounted", lambda order: order)


def the_rest_stays_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.cancelling.amending_moves", lambda before, after: ())


def written_off_is_on_the_shelf(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.models.OrderLine.away", property(lambda line: line.gone))


def any_version_will_do(patch: pytest.MonkeyPatch) -> None:
    original = lifecycle.read_order
    patch.setattr(lifecycle, "read_order", lambda shop, who, expected: original(shop, who, None))


def taken_whatever_is_left(patch: pytest.MonkeyPatch) -> None:
    """Take the guard out of the UPDATE, and what is asked before the transaction, which would hide it."""
    shift = ledger.shift
    patch.setattr(ledger, "shift", lambda tx, sku, a, b, guard=None: shift(tx, sku, a, b))
    patch.setattr(objecting, "objections", lambda *_: [])


def released_twice(patch: pytest.MonkeyPatch) -> None:
    onward = Takes.onward

    def again(takes: Takes, move: Any, seq: int) -> Iterator[Any]:
        rows = list(onward(takes, move, seq))
        yield from rows
        yield from (replace(row, cause=f"{row.cause}:again") for row in rows if row.kind is Kind.RELEASE)

    patch.setattr(Takes, "onward", again)


EASY = (
    no_flow, no_guards, lines_stay, forgetful_history, mute, edits_move_no_goods, any_version_will_do,
    taken_whatever_is_left, released_twice,
)  # fmt: skip
"""Those that nearly any sequence of changes brings to light."""
HARD = (
    edits_count_no_money, numbers_for_everybody, undo_keeps_the_goods, undo_lets_letters_leave, the_rest_stays_held,
    written_off_is_on_the_shelf,
)  # fmt: skip
"""Those that need a sequence that does not come every time."""
