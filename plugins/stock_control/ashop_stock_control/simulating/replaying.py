"""The shop's own orders and its ledger, read as events for a simulation: in their order, a page at a time.

What an order took when it was placed is what it has by now, less what its history says moved since: so it is the
same for one that was imported, or that moves no stock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.models import Kind as ChangeKind
from ashop_core.models import Move, Place, Role
from ashop_stock_control.by_hand import BY_HAND
from ashop_stock_control.simulating.events import Event, Given, Later, Ordered
from ashop_stock_control.simulating.openings import Openings
from ashop_stock_control.simulating.rewinding import first_moves, order_then
from ashop_stock_control.verdicts import moment_before

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.simulating.window import Window

PAGE = 500

_ORDERS = (
    "SELECT o.id, o.reference, o.number, o.placed_at, o.total, o.currency, o.source{more} FROM orders AS o "
    "WHERE o.placed_at IS NOT NULL AND (o.placed_at, o.id) > (:at, :id) AND o.placed_at < :until "
    "ORDER BY o.placed_at, o.id LIMIT :most"
)
_FOR_RULES = (
    ", o.version, o.delivery, o.payment_method, o.language, o.created_at, o.customer_name, o.customer_email, "
    "o.customer_phone, o.street, o.postal_code, o.city, o.country, o.shipping_price, o.payment_fee, o.discount, "
    "o.moves_stock, o.external_id, o.email_key, o.phone_key"
)
_LINES = (
    "SELECT order_id, position, sku, name, unit_price, discount, held + gone AS taken FROM order_lines "
    "WHERE order_id IN ({ids}) ORDER BY order_id, position"
)
_MOVED_SINCE = (
    "SELECT DISTINCT h.order_id FROM history AS h JOIN orders AS o ON o.id = h.order_id "
    "WHERE h.order_id IN ({ids}) AND h.at > o.placed_at AND (h.kind IN ({kinds}) "
    "OR h.to_status IN ({free}) OR h.from_status IN ({free}))"
)
_MOVING = (ChangeKind.LINES, ChangeKind.RETURN, ChangeKind.UNDO, ChangeKind.MIGRATED)
"""Kinds of change that may take goods or give them back while the status stays as it is."""
_ACTORS = (
    "SELECT order_id, actor FROM history WHERE order_id IN ({ids}) AND kind IN ('placed', 'imported') "
    "ORDER BY order_id, seq"
)
_GIVEN = (
    "SELECT m.id, m.at, m.sku, m.d_on_hand, m.d_held, m.status_after, m.why FROM stock_movements AS m "
    "LEFT JOIN orders AS o ON o.id = m.order_id WHERE m.id > :last AND m.at >= :start AND m.at < :until "
    "AND ((m.order_id IS NULL AND m.at > :start) OR o.placed_at < :start OR (o.placed_at = :start AND o.id < :first)) "
    "AND (m.d_on_hand <> 0 OR m.d_held <> 0 OR m.why = :by_hand) ORDER BY m.id LIMIT :most"
)


class Replay:
    """The events of a window of orders, and the items as they were when it began.

    With `for_rules` every order comes whole, as a custom rule wants to see it, and those of the time `before` the
    window come too: somebody may have bought then. `advance` is told how many orders were read.
    """

    def __init__(
        self, shop: Shop, reader: Reader, window: Window, openings: Openings, *, for_rules: bool,
        before: timedelta = timedelta(), advance: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        self._shop = shop
        self._reader = reader
        self._window = window
        self._openings = openings
        self._for_rules = for_rules
        self._before = before
        self._advance = advance
        self._placed = _placed_status(shop)

    def events(self) -> Iterator[Event]:
        """Yield everything in the order of its time; of the same instant what was given first."""
        return heapq.merge(self._given(), self._orders(), key=lambda event: event.at)

    def _orders(self) -> Iterator[Ordered]:
        at, id_ = self._window.at, self._window.first - 1
        if self._before:
            at, id_ = to_iso(moment_before(from_iso(at), self._before)), -1
        sql = _ORDERS.format(more=_FOR_RULES if self._for_rules else "")
        while True:
            params = {"at": at, "id": id_, "until": self._window.until, "most": PAGE}
            rows = self._reader.rows(sql, params)
            if not rows:
                return
            yield from self._page(rows)
            if self._advance is not None:
                self._advance(len(rows))
            at, id_ = rows[-1]["placed_at"], rows[-1]["id"]

    def _page(self, rows: list[Any]) -> Iterator[Ordered]:
        ids = {f"id_{n}": row["id"] for n, row in enumerate(rows)}
        marks = ", ".join(f":{name}" for name in ids)
        lines: dict[int, list[Any]] = {}
        for line in self._reader.rows(_LINES.format(ids=marks), ids):
            lines.setdefault(line["order_id"], []).append(line)
        moved = self._moved_since(marks, ids)
        actors = {}
        if self._for_rules:
            actors = {r["order_id"]: r["actor"] for r in self._reader.rows(_ACTORS.format(ids=marks), ids)}
        orders = [
            self._ordered(
                row, lines.get(row["id"], []), row["id"] in moved, actors.get(row["id"], self._shop.staff)
            )
            for row in rows
        ]
        self._openings.open(m.sku for order in orders for m in _all_moves(order))
        return iter(orders)

    def _moved_since(self, marks: str, ids: dict[str, int]) -> set[int]:
        """Return which orders may have taken more, or given something back, after they were placed."""
        free = [s.code for s in self._shop.flows.statuses.values() if s.stock is Place.FREE]
        named = {f"free_{n}": code for n, code in enumerate(free)}
        kinds = {f"kind_{n}": kind.value for n, kind in enumerate(_MOVING)}
        sql = _MOVED_SINCE.format(
            ids=marks, kinds=", ".join(f":{n}" for n in kinds), free=", ".join(f":{n}" for n in named) or "''"
        )
        return {row["order_id"] for row in self._reader.rows(sql, {**ids, **kinds, **named})}

    def _ordered(self, row: Any, lines: list[Any], moved: bool, actor: str) -> Ordered:
        at = row["placed_at"]
        later = self._later(row["reference"], at) if moved else ()
        moves = first_moves(lines, later)
        order = order_then(row, lines, moves, self._placed) if self._for_rules else None
        is_past = bool(self._before) and (at, row["id"]) < (self._window.at, self._window.first)
        buyers = (f"e{row['email_key']}", f"p{row['phone_key']}") if self._for_rules else ()
        return Ordered(
            at=at, id=row["id"], name=row["reference"], total=row["total"], currency=row["currency"], moves=moves,
            later=tuple([each for each in later if each.at < self._window.until]), order=order, actor=actor,
            buyers=tuple([key for key in buyers if len(key) > 1]), is_past=is_past,
        )  # fmt: skip

    def _later(self, reference: str, placed_at: str) -> tuple[Later, ...]:
        """Return what its goods did after it was placed, but for leaving the house."""
        found = []
        for entry in self._shop.history(self._shop.order(reference)):
            moves = tuple(m for m in entry.moves if (m.source is Place.FREE) != (m.target is Place.FREE))
            at = to_iso(entry.at)
            if moves and at > placed_at:
                found.append(Later(at, moves))
        return tuple(found)

    def _given(self) -> Iterator[Given]:
        """Yield what the ledger has that these orders did not cause."""
        last, at = 0, ""
        params = {
            "start": self._window.at, "first": self._window.first, "until": self._window.until,
            "by_hand": BY_HAND, "most": PAGE,
        }  # fmt: skip
        while True:
            rows = self._reader.rows(_GIVEN, {**params, "last": last})
            if not rows:
                return
            self._openings.open(row["sku"] for row in rows)
            for row in rows:
                # The ledger's own order is the true one, whatever two machines' clocks said.
                at = max(at, row["at"])
                counted = row["sku"] not in self._openings.without
                yield Given(
                    at=at, sku=row["sku"], d_on_hand=row["d_on_hand"] * counted, d_held=row["d_held"] * counted,
                    status=row["status_after"] if row["why"] == BY_HAND else None,
                )  # fmt: skip
            last = rows[-1]["id"]


def _all_moves(order: Ordered) -> Iterator[Move]:
    yield from order.moves
    for later in order.later:
        yield from later.moves


def _placed_status(shop: Shop) -> str:
    placed = shop.flows.role_or_none(Role.PLACED)
    return "" if placed is None else placed.code
