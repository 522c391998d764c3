"""Everything that decides about one item, gathered: figures and what they are made of, terms, rules, status, warnings.

However long an item's history is, no more than the latest of it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ashop_core.clock import from_iso
from ashop_core.models import Place
from ashop_stock_control.alert_list import Alert, open_alerts
from ashop_stock_control.asking import CHECK_HOOK
from ashop_stock_control.editing import Edited, read_edited
from ashop_stock_control.history import order_name
from ashop_stock_control.items import StockItem, load_item
from ashop_stock_control.judging import STATUS_HOOK
from ashop_stock_control.ledger import Kind
from ashop_stock_control.policies import Terms
from ashop_stock_control.rules import Rule
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader

Source = Literal["item", "group", "shop"]

FIRST_HOLDERS = 10
ALL_HOLDERS = 100_000
_LATEST = 1000

_STATUS_ROW = (
    "SELECT m.*, o.number, o.reference FROM stock_movements AS m LEFT JOIN orders AS o ON o.id = m.order_id "
    "WHERE m.sku = :sku AND m.status_after IS NOT NULL ORDER BY m.id DESC LIMIT 1"
)
_ROWS = "SELECT kind, d_on_hand, at FROM stock_movements WHERE sku = :sku ORDER BY id DESC LIMIT :most"
# Open orders are found by their statuses: order lines have no index by SKU, and there may be millions.
_HOLDERS = (
    "SELECT o.id, o.number, o.reference, o.listed_at, h.expires_at, CAST(SUM(l.held) AS BIGINT) AS held "
    "FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id "
    "LEFT JOIN stock_checkout_holds AS h ON h.order_id = o.id AND h.sku = l.sku "
    "WHERE o.status IN ({statuses}) AND o.moves_stock = 1 AND l.held > 0 AND l.sku = :sku "
    "AND (h.lapsed IS NULL OR h.lapsed = 0) "
    "GROUP BY o.id, o.number, o.reference, o.listed_at, h.expires_at ORDER BY o.listed_at DESC, o.id DESC LIMIT :most"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """An order that holds pieces; `until` where it is a checkout's hold. `oversold` of the pieces are not there."""

    order: str
    quantity: int
    until: datetime | None
    oversold: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OnHand:
    """What is on hand, as `opening` pieces at `since` and what each kind of movement made of them afterwards.

    `since` is when the item was last counted (`counted`), or as far back as was read; None: from the very first.
    """

    opening: int
    since: datetime | None
    counted: bool
    parts: dict[Kind, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusCause:
    """The movement that made the stock status what it is. Balances where one changed, or a margin did."""

    kind: Kind
    at: datetime
    actor: str
    note: str
    order: str | None
    before: str
    after: str
    why: str
    balance_before: int | None
    balance_after: int | None
    edited: tuple[Edited, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Everything that decides about an item.

    `sources` tells where each of the `terms` comes from. `most` is how many more may be bought; None is any number.
    `holders` are the first of the orders that hold it, the latest first, `held_by_others` the pieces of the rest.
    `checks` and `opinions` are the plugins whose rules are asked at a purchase, and about the stock status.
    """

    item: StockItem
    terms: Terms
    sources: dict[str, Source]
    purchasable: bool
    most: int | None
    on_hand: OnHand | None
    holders: tuple[Holder, ...]
    held_by_others: int
    rules: tuple[Rule, ...]
    cause: StatusCause | None
    alerts: tuple[Alert, ...]
    checks: tuple[str, ...] = ()
    opinions: tuple[str, ...] = ()
    oversold_by_others: int = field(default=0)


def explain(shop: Shop, sku: str, *, holders: int = FIRST_HOLDERS) -> Explanation:
    """Return everything that decides about an item, with so many of the orders that hold it. Raises NotFound."""
    settings = shop.settings.for_plugin(StockSettings)
    with shop.database.read() as reader:
        item = load_item(reader, sku)
        on_hand = _on_hand(reader, item) if item.tracked else None
        held = _holders(reader, shop.flows, item, holders) if item.held else ()
        cause = reader.row(_STATUS_ROW, {"sku": item.sku})
        warnings = open_alerts(reader, item.sku)
    terms = settings.terms(item)
    return Explanation(
        item=item,
        terms=terms,
        sources=_sources(item, settings),
        purchasable=item.status in settings.purchasable,
        most=_most(item, terms),
        on_hand=on_hand,
        holders=held,
        held_by_others=item.held - sum(h.quantity for h in held),
        rules=tuple(rule for rule in settings.all_rules if rule.concerns(item.sku, item.group)),
        cause=None if cause is None else _cause(cause),
        alerts=warnings,
        checks=tuple(one.plugin for one in shop.plugins.implementations(CHECK_HOOK)),
        opinions=tuple(one.plugin for one in shop.plugins.implementations(STATUS_HOOK)),
        oversold_by_others=_oversold(item) - sum(h.oversold for h in held),
    )


def _sources(item: StockItem, settings: StockSettings) -> dict[str, Source]:
    group = settings.groups.get(item.group)
    found: dict[str, Source] = {}
    for name in ("policy", "margin", "low"):
        if getattr(item, name) is not None:
            found[name] = "item"
        else:
            found[name] = "shop" if group is None or getattr(group, name) is None else "group"
    return found


def _most(item: StockItem, terms: Terms) -> int | None:
    if item.balance is None or terms.policy.is_open:
        return None
    return max(0, item.balance - terms.margin + terms.policy.oversell)


def _oversold(item: StockItem) -> int:
    return max(0, -(item.balance or 0))


def _on_hand(reader: Reader, item: StockItem) -> OnHand:
    parts: dict[Kind, int] = {}
    left = item.on_hand
    rows = reader.rows(_ROWS, {"sku": item.sku, "most": _LATEST})
    for row in rows:
        kind = Kind(row["kind"])
        if kind is Kind.COUNT:
            return OnHand(opening=left, since=from_iso(row["at"]), counted=True, parts=parts)
        if row["d_on_hand"]:
            parts[kind] = parts.get(kind, 0) + row["d_on_hand"]
            left -= row["d_on_hand"]
    since = from_iso(rows[-1]["at"]) if len(rows) == _LATEST else None
    return OnHand(opening=left, since=since, counted=False, parts=parts)


def _holders(reader: Reader, flows: Flows, item: StockItem, most: int) -> tuple[Holder, ...]:
    codes = [s.code for s in flows.statuses.values() if s.stock in (Place.HELD, None)]
    sql = _HOLDERS.format(statuses=", ".join(f"'{code}'" for code in codes))
    return tuple(_beyond(reader.rows(sql, {"sku": item.sku, "most": most}), _oversold(item)))


def _beyond(rows: Sequence[Any], oversold: int) -> list[Holder]:
    """Return the holders; what is oversold is what the latest of them took."""
    found = []
    for row in rows:
        beyond = min(oversold, row["held"])
        oversold -= beyond
        until = None if row["expires_at"] is None else from_iso(row["expires_at"])
        name = order_name(row) or ""
        found.append(Holder(order=name, quantity=row["held"], until=until, oversold=beyond))
    return found


def _cause(row: Any) -> StatusCause:
    return StatusCause(
        kind=Kind(row["kind"]),
        at=from_iso(row["at"]),
        actor=row["actor"],
        note=row["note"],
        order=order_name(row),
        before=row["status_before"],
        after=row["status_after"],
        why=row["why"],
        balance_before=row["balance_before"],
        balance_after=row["balance_after"],
        edited=read_edited(row["edited"]),
    )
