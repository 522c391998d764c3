"""All items judged anew after the rules, margins or warnings of a shop have changed.

Pages of items are read outside the lock. Only what is found to differ is locked, a few items at a time, read again
and judged again there: orders go on meanwhile, and what they did counts. A run that was broken off is finished by
the next, and a run after that changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.errors import Problem
from ashop_core.texts import Text, counted
from ashop_stock_control.alerts import AlertKind, watch_low
from ashop_stock_control.items import StockItem, find_items, item_of, select_by_sku
from ashop_stock_control.judging import Judge, Step
from ashop_stock_control.ledger import Kind, movement, record_status, set_status

if TYPE_CHECKING:
    from ashop_core.plugins import Plugins
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.items import WriteHandle

PAGE = 500
"""How many items are read at once."""
AT_ONCE = 100
"""How many items are locked at once."""
SHOWN = 20

_PAGE = "SELECT * FROM stock_items WHERE sku > :after ORDER BY sku LIMIT :most"
_WARNED = "SELECT sku FROM stock_alerts WHERE kind = :low AND closed_at IS NULL AND {these}"
_WARNED_BETWEEN = (
    "SELECT sku FROM stock_alerts WHERE kind = :low AND closed_at IS NULL AND sku >= :first AND sku <= :last"
)
_LOW = {"low": AlertKind.LOW.value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """An item that gets another stock status, and what gives it, as the ledger writes it."""

    item: StockItem
    to: str
    why: str


@dataclass(kw_only=True, slots=True)
class Preview:
    """What a re-evaluation would change: how many of the `items` there are, and the first of them.

    `turns` counts the changes by status before and after. Some items stand though the rules say otherwise: because a
    person set their status (`by_hand`), or because they are `pinned`. `warnings` are those that would open or close.
    """

    items: int = 0
    changes: int = 0
    by_hand: int = 0
    pinned: int = 0
    warnings: int = 0
    turns: Mapping[tuple[str, str], int] = field(default_factory=Counter)
    first: list[Turn] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reevaluated:
    """How many items were looked at, and how many stock statuses and warnings were changed."""

    items: int = 0
    changes: int = 0
    warnings: int = 0


def preview(shop: Shop, plugins: Plugins | None = None, *, include_by_hand: bool = False) -> Preview:
    """Tell what `reevaluate` would change, by the rules of these plugins' settings or else the open shop's."""
    judge = Judge.of(plugins or shop.plugins)
    found = Preview(turns=(turns := Counter[tuple[str, str]]()))
    for page, warned in _pages(shop):
        found.items += len(page)
        for item in page:
            found.warnings += _warning_differs(judge, item, warned)
            steps = judge.due(item)
            if not steps:
                continue
            if item.pinned:
                found.pinned += 1
            elif item.by_hand and not include_by_hand:
                found.by_hand += 1
            else:
                found.changes += 1
                turns[item.status, steps[-1].to] += 1
                if len(found.first) < SHOWN:
                    found.first.append(Turn(item=item, to=steps[-1].to, why=steps[-1].why))
    return found


def reevaluate(
    shop: Shop,
    plugins: Plugins | None = None,
    *,
    include_by_hand: bool = False,
    actor: str = "staff",
    progress: Callable[[int], None] | None = None,
    ensure_current: Callable[[], None] | None = None,
) -> Reevaluated:
    """Give every item the stock status that the rules say, and open or close its warning; safe to repeat.

    Pinned ones are left alone, and those a person set unless `include_by_hand`. `progress` is told how many items
    were looked at; `ensure_current` is asked under the lock before anything is written, and may raise: rules that
    somebody else has replaced meanwhile must not have the last word.
    """
    judge = Judge.of(plugins or shop.plugins)
    work = _Work(shop, judge, include_by_hand, actor, ensure_current)
    items = changes = warnings = 0
    for page, warned in _pages(shop):
        differing = [i.sku for i in page if work.step(i) is not None or _warning_differs(judge, i, warned)]
        for start in range(0, len(differing), AT_ONCE):
            changed, watched = work.bring(differing[start : start + AT_ONCE])
            changes, warnings = changes + changed, warnings + watched
        items += len(page)
        if progress is not None:
            progress(len(page))
    return Reevaluated(items=items, changes=changes, warnings=warnings)


def not_as_ruled(shop: Shop) -> Iterator[Problem]:
    """Yield, for `ashop doctor`, that items have another stock status than the rules say and nobody set it."""
    found = preview(shop)
    if not found.changes:
        return
    label, turn = Judge.of(shop.plugins).settings.label, found.first[0]
    items = counted(
        found.changes, Text("1 artikel har", "1 item has"), Text("{n} artiklar har", "{n} items have")
    )
    yield Problem(
        "not_as_ruled",
        Text(
            "{items} en annan lagerstatus än reglerna säger (som {sku}: {has}, ska vara {to}): "
            "kör `ashop stock rules apply`",
            "{items} another stock status than the rules say (such as {sku}: {has}, should be {to}): "
            "run `ashop stock rules apply`",
        ).fill(items=items, sku=turn.item.sku, has=label(turn.item.status), to=label(turn.to)),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    shop: Shop
    judge: Judge
    include_by_hand: bool
    actor: str
    ensure_current: Callable[[], None] | None

    def step(self, item: StockItem) -> Step | None:
        """Return what an item's status is to become, None where it stands."""
        if item.pinned or (item.by_hand and not self.include_by_hand):
            return None
        steps = self.judge.due(item)
        return steps[-1] if steps else None

    def bring(self, skus: list[str]) -> tuple[int, int]:
        """Bring some items to what they should be; return how many statuses and warnings that changed."""
        with self.shop.database.write() as tx:
            tx.lock("stock_items", [{"sku": sku} for sku in skus])
            if self.ensure_current is not None:
                self.ensure_current()
            at = to_iso(self.shop.clock())
            found = find_items(tx, skus)
            items = [found[sku] for sku in skus if sku in found]
            warned = {row["sku"] for row in select_by_sku(tx, _WARNED, skus, params=_LOW)}
            differing = [item for item in items if _warning_differs(self.judge, item, warned)]
            for item in differing:
                watch_low(tx, item, self.judge.settings.terms(item).low, at)
            rows: list[Mapping[str, Any]] = [
                row for item in items if (row := self._turned(tx, item, at)) is not None
            ]
            tx.insert_all("stock_movements", rows)
        return len(rows), len(differing)

    def _turned(self, tx: WriteHandle, item: StockItem, at: str) -> dict[str, Any] | None:
        """Give an item the status it is to have; return the row of the ledger that says so."""
        step = self.step(item)
        if step is None:
            return None
        set_status(tx, item, step.to)
        row = movement(item.sku, Kind.RULE, 0, 0, at=at, actor=self.actor)
        record_status(row, item.status, step.to, step.why)
        row["balance_before"] = row["balance_after"] = item.balance
        return row


def _pages(shop: Shop) -> Iterator[tuple[list[StockItem], set[str]]]:
    """Yield all items, a page at a time, each with the SKUs that have an open warning of a low balance."""
    after = ""
    while True:
        with shop.database.read() as reader:
            page = [item_of(row) for row in reader.rows(_PAGE, {"after": after, "most": PAGE})]
            warned = _warned(reader, page)
        if not page:
            return
        yield page, warned
        after = page[-1].sku


def _warned(reader: Reader, page: list[StockItem]) -> set[str]:
    if not page:
        return set()
    ends = {"first": page[0].sku, "last": page[-1].sku}
    return {row["sku"] for row in reader.rows(_WARNED_BETWEEN, {**_LOW, **ends})}


def _warning_differs(judge: Judge, item: StockItem, warned: set[str]) -> bool:
    """Tell whether the item's warning of a low balance is open and should not be, or the other way round."""
    low = judge.settings.terms(item).low
    is_low = item.tracked and low is not None and item.on_hand - item.held <= low
    return is_low != (item.sku in warned)
