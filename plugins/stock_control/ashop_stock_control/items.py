"""Stock items: what they are, found by their SKUs, and made when an order brings a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import NotFound
from ashop_core.storage import NO_PARAMS
from ashop_core.texts import Text, same
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from ashop_core.storage import Reader, Writer
    from ashop_core.transaction import ChangeTransaction

    ReadHandle = Reader | ChangeTransaction
    WriteHandle = Writer | ChangeTransaction

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class StockItem:
    """An item as it stands. One that is not tracked has a stock status and no figures.

    `policy`, `margin` and `low` are None where its group's or the shop's apply (`StockSettings.terms`). Rules leave
    the status of one that is `pinned` alone; `by_hand` tells that a person set it and no rule has fired since.
    `counted_at` is when somebody last counted it, UTC.
    """

    sku: str
    name: str
    status: str
    tracked: bool = False
    on_hand: int = 0
    held: int = 0
    group: str = ""
    policy: Policy | None = None
    margin: int | None = None
    low: int | None = None
    pinned: bool = False
    by_hand: bool = False
    counted_at: datetime | None = None

    @property
    def balance(self) -> int | None:
        """What may still be sold, below 0 when oversold; None where nobody counts."""
        return self.on_hand - self.held if self.tracked else None


def find_item(reader: ReadHandle, sku: str) -> StockItem | None:
    """Return an item as it stands, or None."""
    row = reader.row("SELECT * FROM stock_items WHERE sku = :sku", {"sku": sku.strip()})
    return None if row is None else item_of(row)


def load_item(reader: ReadHandle, sku: str) -> StockItem:
    """Return an item as it stands. Raises NotFound, naming one whose SKU differs only in case."""
    found = find_item(reader, sku)
    if found is None:
        raise _missing(reader, sku)
    return found


def lock_item(tx: WriteHandle, sku: str) -> StockItem:
    """Return an item that nobody else changes until the transaction ends. Raises NotFound."""
    tx.lock("stock_items", [{"sku": sku.strip()}])
    return load_item(tx, sku)


def find_items(reader: ReadHandle, skus: Iterable[str]) -> dict[str, StockItem]:
    """Return those of these SKUs that are stock items."""
    rows = select_by_sku(reader, "SELECT * FROM stock_items WHERE {these}", skus)
    return {row["sku"]: item_of(row) for row in rows}


def select_by_sku(
    reader: ReadHandle,
    sql: str,
    skus: Iterable[str],
    *,
    column: str = "sku",
    params: Mapping[str, Any] = NO_PARAMS,
) -> Iterator[Any]:
    """Yield the rows of a query for many SKUs; ``{these}`` in it becomes the condition on `column`."""
    wanted = sorted(set(skus))
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        these = {f"sku_{n}": sku for n, sku in enumerate(wanted[start : start + _ROWS_AT_ONCE])}
        names = ", ".join(f":{name}" for name in these)
        yield from reader.rows(sql.format(these=f"{column} IN ({names})"), {**params, **these})


def item_of(row: Any) -> StockItem:
    """Return a row of the items as a StockItem."""
    oversell, counted_at = row["oversell"], row["counted_at"]
    return StockItem(
        sku=row["sku"],
        name=row["name"],
        status=row["status"],
        tracked=row["tracked"] == 1,
        on_hand=row["on_hand"],
        held=row["held"],
        group=row["item_group"],
        policy=None if oversell is None else Policy(oversell),
        margin=row["margin"],
        low=row["low"],
        pinned=row["pinned"] == 1,
        by_hand=row["by_hand"] == 1,
        counted_at=None if counted_at is None else from_iso(counted_at),
    )


def values_of(item: StockItem) -> dict[str, Any]:
    """Return the columns of an item."""
    return {
        "sku": item.sku,
        "name": item.name,
        "status": item.status,
        "tracked": int(item.tracked),
        "on_hand": item.on_hand,
        "held": item.held,
        "item_group": item.group,
        "oversell": None if item.policy is None else item.policy.oversell,
        "margin": item.margin,
        "low": item.low,
        "pinned": int(item.pinned),
        "by_hand": int(item.by_hand),
        "counted_at": None if item.counted_at is None else to_iso(item.counted_at),
        "search": f"{item.sku} {item.name}".casefold(),
    }


def create_untracked(tx: WriteHandle, sku: str, name: str, status: str) -> StockItem:
    """Return the item of a SKU that an order brought: made now without a balance, or made by another meanwhile."""
    made = StockItem(sku=sku, name=name, status=status)
    tx.execute(
        "INSERT INTO stock_items (sku, name, status, tracked, on_hand, held, search) "
        "VALUES (:sku, :name, :status, :tracked, :on_hand, :held, :search) ON CONFLICT (sku) DO NOTHING",
        values_of(made),
    )
    return find_item(tx, sku) or made


def _missing(reader: ReadHandle, sku: str) -> NotFound:
    row = reader.row(
        "SELECT sku FROM stock_items WHERE lower(sku) = :sku ORDER BY sku LIMIT 1",
        {"sku": sku.strip().lower()},
    )
    hint = same("") if row is None else Text(" Menade du {s}?", " Did you mean {s}?").fill(s=row["sku"])
    return NotFound(
        Text(
            "Det finns ingen artikel {sku} i lagret.{hint} Sök med `ashop stock list --text …`, "
            "eller lägg upp den med `ashop stock add`.",
            "There is no item {sku} in the stock.{hint} Search with `ashop stock list --text …`, "
            "or add it with `ashop stock add`.",
        ).fill(sku=sku, hint=hint)
    )
