"""The ledger of stock movements, and the one statement that changes a balance.

A balance is only ever changed by a relative update of its row, which says in the same breath what it was
and what it became; whoever comes at the same time waits for the row and sees the result. Rules look at
those two figures and at nothing else. The movement rows add up to the balance at every moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ashop_core.storage import ensure_name
from ashop_stock_control.alerts import watch
from ashop_stock_control.items import StockItem, item_of

if TYPE_CHECKING:
    from ashop_stock_control.items import WriteHandle
    from ashop_stock_control.judging import Judge, Step
    from ashop_stock_control.settings import StockSettings


class Kind(StrEnum):
    """What a movement was: by hand, by the rules or the doctor the first seven, by an order the others."""

    RECEIVE = "receive"
    ADJUST = "adjust"
    COUNT = "count"
    STATUS = "status"
    EDIT = "edit"
    RULE = "rule"
    REPAIR = "repair"
    TAKE = "take"
    SHIP = "ship"
    RELEASE = "release"
    LAPSE = "lapse"
    TAKE_BACK = "take_back"
    UNSHIP = "unship"
    UNDO = "undo"


@dataclass(slots=True)
class Moved:
    """An item after its balance changed, with the balance and status before, and what became of the status."""

    item: StockItem
    balance_before: int
    status_before: str
    steps: list[Step] = field(default_factory=list)

    @property
    def balance(self) -> int:
        """The balance after it."""
        return self.item.on_hand - self.item.held


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold for goods to be taken, in the statement that takes them: a status, and enough of them."""

    statuses: tuple[str, ...]
    enough: tuple[str, dict[str, Any]] | None = None


_MOVE = (
    "UPDATE stock_items SET on_hand = on_hand + :d_on_hand * tracked, held = held + :d_held * tracked "
    "WHERE sku = :sku{guard} RETURNING *"
)
"""An item that is not tracked is found, and judged, but its figures stay 0."""
_SET_STATUS = "UPDATE stock_items SET status = :status, by_hand = :by_hand WHERE sku = :sku AND status = :was"


def move(
    tx: WriteHandle, judge: Judge, sku: str, d_on_hand: int, d_held: int, *, at: str,
    order_id: int | None = None, guard: Guard | None = None,
) -> Moved | None:  # fmt: skip
    """Change an item's figures and let the rules see it; None where there is no such item.

    With a `guard`, None also where it does not hold when its turn comes: that is the guard that counts, since
    the row is locked from here on.
    """
    moved = shift(tx, sku, d_on_hand, d_held, guard)
    if moved is not None and moved.item.tracked:
        settle(tx, judge.settings, judge, moved, at=at, order_id=order_id)
    return moved


def shift(tx: WriteHandle, sku: str, d_on_hand: int, d_held: int, guard: Guard | None = None) -> Moved | None:
    """Change an item's figures as `move` does, but ask no rule."""
    params = {"sku": sku, "d_on_hand": d_on_hand, "d_held": d_held}
    enough = "" if guard is None or guard.enough is None else guard.enough[0]
    if guard is not None and guard.enough is not None:
        params = {**guard.enough[1], **params}
    row = tx.row(_move_sql(None if guard is None else guard.statuses, enough), params)
    if row is None:
        return None
    item = item_of(row)
    before = item.on_hand - item.held - (d_on_hand - d_held if item.tracked else 0)
    return Moved(item, before, item.status)


def settle(
    tx: WriteHandle, settings: StockSettings, judge: Judge | None, moved: Moved, *, at: str,
    order_id: int | None = None, first: bool = False,
) -> None:  # fmt: skip
    """Let the warnings and, with a judge, the rules see what a balance did; `first` if the item had none before."""
    steps = [] if judge is None else judge.steps(moved.item, moved.balance_before, moved.balance, first=first)
    if steps:
        moved.steps = steps
        moved.item = set_status(tx, moved.item, steps[-1].to)
    low = settings.terms(moved.item).low
    watch(tx, moved.item, low, None if first else moved.balance_before, at, order_id)


def set_status(tx: WriteHandle, item: StockItem, status: str, *, by_hand: bool = False) -> StockItem:
    """Give an item, whose row is locked, another stock status and return it."""
    values = {"sku": item.sku, "status": status, "was": item.status, "by_hand": int(by_hand)}
    tx.execute(_SET_STATUS, values)
    return replace(item, status=status, by_hand=by_hand)


def movement(
    sku: str,
    kind: Kind,
    d_on_hand: int,
    d_held: int,
    *,
    at: str,
    actor: str,
    note: str = "",
    cause: str | None = None,
    order_id: int | None = None,
    position: int | None = None,
    seq: int | None = None,
    origin: int | None = None,
) -> dict[str, Any]:
    """Return a row of the ledger, to be inserted."""
    return {
        "sku": sku,
        "kind": kind.value,
        "d_on_hand": d_on_hand,
        "d_held": d_held,
        "order_id": order_id,
        "position": position,
        "seq": seq,
        "origin": origin,
        "cause": cause,
        "status_before": None,
        "status_after": None,
        "why": "",
        "balance_before": None,
        "balance_after": None,
        "at": at,
        "actor": actor,
        "note": note,
    }


def record_status(row: dict[str, Any], before: str, after: str, why: str) -> None:
    """Write into a row of the ledger that it changed the item's stock status, and what did it."""
    if before != after:
        row["status_before"], row["status_after"], row["why"] = before, after, why


def record_steps(row: dict[str, Any], moved: Moved) -> None:
    """Write into a row of the ledger what the rules made of the item's stock status."""
    if moved.steps:
        record_status(row, moved.status_before, moved.item.status, moved.steps[-1].why)
        row["balance_before"], row["balance_after"] = moved.balance_before, moved.balance


@lru_cache(maxsize=64)
def _move_sql(statuses: tuple[str, ...] | None, enough: str) -> str:
    if statuses is None:
        return _MOVE.format(guard="")
    codes = ", ".join(f"'{ensure_name(code)}'" for code in statuses) or "NULL"
    guard = f" AND status IN ({codes})"
    return _MOVE.format(guard=f"{guard} AND {enough}" if enough else guard)
