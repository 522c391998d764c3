"""Goods held while a checkout is paid: for some minutes, and free for everybody else from that instant on.

Where a shop lets a status of the checkout hold goods, each hold has an expiry. Whoever wants the goods afterwards
first lets the hold lapse, in the same transaction; a timed job does it where nobody comes, and until then staff read
the balance as the ledger has it. An order that moves on after its hold ran out takes its goods anew, and is asked
about as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.models import Place, Stage
from ashop_stock_control.items import select_by_sku
from ashop_stock_control.judging import Judge
from ashop_stock_control.ledger import Kind, move, movement, record_steps
from ashop_stock_control.takes import Row, Takes, sums

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.shop import Shop
    from ashop_stock_control.items import ReadHandle, StockItem, WriteHandle

AT_ONCE = 50
"""How many items' holds one transaction of the timed job lets lapse."""
_CLOCKWORK = "stock_control"

# A placed order's goods are its own: it left such a row behind if stock control was not there when it was placed.
_IS_DUE = (
    "lapsed = 0 AND expires_at <= :now AND EXISTS (SELECT 1 FROM orders AS o "
    "WHERE o.id = stock_checkout_holds.order_id AND o.placed_at IS NULL)"
)
# Who marks a hold releases its goods; an order that moves on takes its marks away. So neither is done twice.
_MARK = f"UPDATE stock_checkout_holds SET lapsed = 1 WHERE {_IS_DUE} AND {{these}} RETURNING order_id, sku"  # noqa: S608
_END = "DELETE FROM stock_checkout_holds WHERE order_id = :id RETURNING sku, expires_at, lapsed"
_SOME_DUE = f"SELECT DISTINCT sku FROM stock_checkout_holds WHERE {_IS_DUE} ORDER BY sku LIMIT :most"  # noqa: S608
_FREED = (
    "SELECT h.order_id, h.sku, CAST(SUM(m.d_held) AS BIGINT) AS pieces FROM stock_checkout_holds AS h "
    "JOIN orders AS o ON o.id = h.order_id AND o.placed_at IS NULL "
    "JOIN stock_movements AS m ON m.order_id = h.order_id AND m.sku = h.sku "
    "WHERE h.lapsed = 0 AND h.expires_at <= :now AND {these} GROUP BY h.order_id, h.sku"
)

_KEPT = (
    "SELECT h.sku, CAST(SUM(l.held) AS BIGINT) AS pieces FROM stock_checkout_holds AS h "
    "JOIN order_lines AS l ON l.order_id = h.order_id AND l.sku = h.sku "
    "WHERE h.order_id = :id AND h.lapsed = 0 AND h.expires_at > :now AND l.held > 0 GROUP BY h.sku"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """What a checkout holds: until when, and whether that was let go already."""

    expires_at: datetime
    lapsed: bool


def are_used(flows: Flows) -> bool:
    """Tell whether some status of the checkout holds goods in this shop."""
    return any(s.stage is Stage.CHECKOUT and s.stock is Place.HELD for s in flows.statuses.values())


def hold_of(reader: ReadHandle, order_id: int) -> Hold | None:
    """Return the first of an order's holds to run out; None where it has none."""
    row = reader.row(
        "SELECT expires_at, lapsed FROM stock_checkout_holds WHERE order_id = :id ORDER BY expires_at, sku LIMIT 1",
        {"id": order_id},
    )
    return None if row is None else Hold(expires_at=from_iso(row["expires_at"]), lapsed=row["lapsed"] == 1)


def as_if_free(
    reader: ReadHandle, judge: Judge, items: Mapping[str, StockItem], order_id: int, now: datetime
) -> dict[str, StockItem] | None:
    """Return the items as they will be once holds that ran out are let go; None where there are no such holds.

    Left out is what the order itself held too long: that is judged together with what it takes anew.
    """
    freed, own = dict[str, int](), set[str]()
    for row in select_by_sku(reader, _FREED, items, column="h.sku", params={"now": to_iso(now)}):
        if row["order_id"] == order_id:
            own.add(row["sku"])
        freed[row["sku"]] = freed.get(row["sku"], 0) + row["pieces"]
    if not freed:
        return None
    return {sku: without(judge, item, freed.get(sku, 0)) for sku, item in items.items() if sku not in own}


def without(judge: Judge, item: StockItem, pieces: int) -> StockItem:
    """Return the item as it would be without these pieces held, its stock status as the rules would make it."""
    if not pieces or item.balance is None:
        return item
    free = replace(item, held=item.held - pieces)
    steps = judge.steps(free, item.balance, item.balance + pieces)
    return replace(free, status=steps[-1].to) if steps else free


# ── One order's holds ────────────────────────────────────────────────────────────────────────────


def begin(tx: WriteHandle, order_id: int, skus: Iterable[str], until: datetime) -> None:
    """Hold an order's goods until then."""
    expires_at = to_iso(until)
    tx.insert_all(
        "stock_checkout_holds",
        [{"order_id": order_id, "sku": sku, "expires_at": expires_at} for sku in sorted(skus)],
    )


def kept(tx: ReadHandle, order_id: int, at: str) -> dict[str, int]:
    """Return how many pieces of each SKU an order's holds keep for it still."""
    return {row["sku"]: row["pieces"] for row in tx.rows(_KEPT, {"id": order_id, "now": at})}


def end(tx: WriteHandle, judge: Judge, order_id: int, at: str) -> set[str]:
    """Take an order's holds away; return the SKUs whose time had run out and whose goods are free by now."""
    run_out = set[str]()
    for row in sorted(tx.rows(_END, {"id": order_id}), key=lambda row: str(row["sku"])):
        if row["lapsed"] == 0 and row["expires_at"] > at:
            continue
        run_out.add(row["sku"])
        if row["lapsed"] == 0:
            _release(tx, judge, order_id, row["sku"], at)
    return run_out


# ── Letting go ───────────────────────────────────────────────────────────────────────────────────


def let_go(tx: WriteHandle, judge: Judge, skus: Iterable[str], at: str) -> int:
    """Release what checkouts hold of these items and did not pay in time; return how many holds that were."""
    wanted = sorted(set(skus))
    marked = select_by_sku(tx, _MARK, wanted, params={"now": at})
    due = sorted((row["sku"], row["order_id"]) for row in marked)
    if due:
        tx.lock("stock_items", [{"sku": sku} for sku in wanted])
    for sku, order_id in due:
        _release(tx, judge, order_id, sku, at)
    return len(due)


def lapse_due(shop: Shop) -> int:
    """Let every hold that has run out lapse; return how many. The timed job."""
    judge, now, count = Judge.of(shop.plugins), to_iso(shop.clock()), 0
    while True:
        with shop.database.read() as reader:
            skus = [row["sku"] for row in reader.rows(_SOME_DUE, {"now": now, "most": AT_ONCE})]
        if not skus:
            return count
        with shop.database.write() as tx:
            count += let_go(tx, judge, skus, now)


def _release(tx: WriteHandle, judge: Judge, order_id: int, sku: str, at: str) -> None:
    takes = Takes.read(tx, order_id)
    rows = [
        row
        for position in takes.positions(sku)
        for row in takes.let_go(Kind.LAPSE, position, sku, takes.held(position, sku), 0, -1, None)
    ]
    if not rows:
        return  # nobody counted the item when it was held
    d_on_hand, d_held = sums(rows)
    moved = move(tx, judge, sku, d_on_hand, d_held, at=at, order_id=order_id)
    written = [_lapsed(row, order_id, at) for row in rows]
    if moved is not None:
        record_steps(written[-1], moved)
    tx.insert_all("stock_movements", [*written])


def _lapsed(row: Row, order_id: int, at: str) -> dict[str, Any]:
    assert row.take is not None, "what lapses was taken"
    return movement(
        row.sku, row.kind, row.d_on_hand, row.d_held, at=at, actor=_CLOCKWORK, cause=row.cause,
        order_id=order_id, position=row.position, origin=row.take.id,
    )  # fmt: skip
