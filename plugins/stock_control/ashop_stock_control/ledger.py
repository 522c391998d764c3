"""The ledger of stock movements, and the one statement that changes a balance.

A balance is only ever changed by a relative update of its row, which says in the same breath what it was
and what it became; whoever comes at the same time waits for the row and sees the result. Rules look at
those two figures and at nothing else. The movement rows add up to the balance at every moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ashop_core.models import Effect
from ashop_core.storage import ensure_name
from ashop_core.texts import Text
from ashop_stock_control.items import StockItem, item_of

if TYPE_CHECKING:
    from ashop_stock_control.items import WriteHandle
    from ashop_stock_control.rules import Rule
    from ashop_stock_control.settings import StockSettings


class Kind(StrEnum):
    """What a movement was: by hand the first four, by an order the others."""

    RECEIVE = "receive"
    ADJUST = "adjust"
    COUNT = "count"
    STATUS = "status"
    TAKE = "take"
    SHIP = "ship"
    RELEASE = "release"
    TAKE_BACK = "take_back"
    UNSHIP = "unship"
    UNDO = "undo"


@dataclass(slots=True)
class Moved:
    """An item after its balance changed, with the balance and status before, and the rules that fired."""

    item: StockItem
    balance_before: int
    status_before: str
    fired: list[Rule]


_MOVE = (
    "UPDATE stock_items SET on_hand = on_hand + :d_on_hand * tracked, held = held + :d_held * tracked "
    "WHERE sku = :sku{guard} RETURNING sku, name, status, tracked, on_hand, held"
)
"""An item that is not tracked is found, and judged, but its figures stay 0."""
_SET_STATUS = "UPDATE stock_items SET status = :status WHERE sku = :sku AND status = :was"


def move(
    tx: WriteHandle,
    settings: StockSettings,
    sku: str,
    d_on_hand: int,
    d_held: int,
    *,
    only: tuple[str, ...] | None = None,
) -> Moved | None:
    """Change an item's figures and let the rules see it; None where there is no such item.

    With `only`, None also where its stock status is not among those when its turn comes: that is the guard
    that counts, since the row is locked from here on.
    """
    moved = shift(tx, sku, d_on_hand, d_held, only)
    if moved is not None and moved.item.tracked:
        judge(tx, settings, moved)
    return moved


def shift(
    tx: WriteHandle, sku: str, d_on_hand: int, d_held: int, only: tuple[str, ...] | None = None
) -> Moved | None:
    """Change an item's figures as `move` does, but ask no rule."""
    row = tx.row(_move_sql(only), {"sku": sku, "d_on_hand": d_on_hand, "d_held": d_held})
    if row is None:
        return None
    item = item_of(row)
    before = item.on_hand - item.held - (d_on_hand - d_held if item.tracked else 0)
    return Moved(item, before, item.status, [])


def judge(tx: WriteHandle, settings: StockSettings, moved: Moved, *, first: bool = False) -> None:
    """Let the rules see what a balance did; `first` if the item had none before."""
    item, book = moved.item, settings.rulebook
    after = item.on_hand - item.held
    fired = book.fire(item.sku, item.status, moved.balance_before, after)
    if first:
        fired += book.first(item.sku, fired[-1].to if fired else item.status, after)
    if fired:
        moved.fired = fired
        moved.item = set_status(tx, item, fired[-1].to)


def set_status(tx: WriteHandle, item: StockItem, status: str) -> StockItem:
    """Give an item, whose row is locked, another stock status and return it."""
    tx.execute(_SET_STATUS, {"sku": item.sku, "status": status, "was": item.status})
    return StockItem(
        sku=item.sku,
        name=item.name,
        status=status,
        tracked=item.tracked,
        on_hand=item.on_hand,
        held=item.held,
    )


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
        "cause": cause,
        "status_before": None,
        "status_after": None,
        "at": at,
        "actor": actor,
        "note": note,
    }


def record_status(row: dict[str, Any], before: str, after: str) -> None:
    """Write into a row of the ledger that it changed the item's stock status."""
    if before != after:
        row["status_before"], row["status_after"] = before, after


def effects_of(moved: Moved, d_on_hand: int, settings: StockSettings, *, first: bool = False) -> list[Effect]:
    """Return what staff read of a movement: the balance, and the status if a rule changed it."""
    item = moved.item
    after = item.on_hand - item.held
    effects = [_balance_effect(item, None if first else moved.balance_before, after, d_on_hand)]
    status = moved.status_before
    for rule in moved.fired:
        effects.append(status_effect(item, status, rule.to, rule.words, settings))
        status = rule.to
    return effects


def _balance_effect(item: StockItem, before: int | None, after: int, d_on_hand: int) -> Effect:
    was = "–" if before is None else str(before)
    if before != after:
        words = Text(f"Lagersaldo {item.sku}: {was} → {after}", f"Stock balance {item.sku}: {was} → {after}")
    else:  # goods that were held left the shelf, or came back to it
        shelf = item.on_hand - d_on_hand
        words = Text(
            f"På hyllan {item.sku}: {shelf} → {item.on_hand} (saldo {after})",
            f"On hand {item.sku}: {shelf} → {item.on_hand} (balance {after})",
        )
    return Effect(subject=f"stock:{item.sku}", before=was, after=str(after), text=words)


def status_effect(item: StockItem, before: str, after: str, why: Text, settings: StockSettings) -> Effect:
    """Return what staff read of a stock status that changed."""
    old, new = settings.label(before), settings.label(after)
    return Effect(
        subject=f"stock:{item.sku}:status",
        before=before,
        after=after,
        text=Text(
            f"{item.name}: {old.sv} → {new.sv} ({why.sv})", f"{item.name}: {old.en} → {new.en} ({why.en})"
        ),
    )


@lru_cache(maxsize=64)
def _move_sql(only: tuple[str, ...] | None) -> str:
    if only is None:
        return _MOVE.format(guard="")
    codes = ", ".join(f"'{ensure_name(code)}'" for code in only) or "NULL"
    return _MOVE.format(guard=f" AND status IN ({codes})")
