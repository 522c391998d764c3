"""Who bought what in a simulation: kept as far back as a custom rule wants to know, and not much longer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ashop_core.clock import from_iso, to_iso
from ashop_stock_control.verdicts import Bought, moment_before

_HOUR = 13
"""How many characters of a time tell its hour."""


@dataclass(slots=True)
class _Purchase:
    name: str
    at: str
    buyers: tuple[str, ...]
    taken: dict[str, int]


class Purchases:
    """The orders of a window of time, by the keys of their customers."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._orders: dict[int, _Purchase] = {}
        self._by_buyer: dict[str, list[int]] = {}
        self._oldest: deque[int] = deque()
        self._forgot = ""

    def keep(self, id_: int, name: str, at: str, buyers: tuple[str, ...], taken: Mapping[str, int]) -> None:
        """Keep what a customer has of an order; once more, and it is what they have of it by now."""
        known = self._orders.get(id_)
        if known is not None:
            known.taken = dict(taken)
        elif buyers and taken:
            self._forget(at)
            self._orders[id_] = _Purchase(name, at, buyers, dict(taken))
            self._oldest.append(id_)
            for buyer in buyers:
                self._by_buyer.setdefault(buyer, []).append(id_)

    def of(
        self, skus: Iterable[str], buyers: tuple[str, ...], but: int, now: datetime
    ) -> dict[str, tuple[Bought, ...]]:
        """Return what a customer bought of each item, oldest order first; one order is not counted."""
        ids = {id_ for buyer in buyers for id_ in self._by_buyer.get(buyer, ())} - {but}
        if not ids:
            return {}
        since = to_iso(moment_before(now, self._window))
        orders = [order for order in map(self._orders.__getitem__, sorted(ids)) if order.at >= since]
        return {sku: tuple(_bought(sku, orders)) for sku in skus}

    def _forget(self, at: str) -> None:
        """Let go, once an hour, of what no rule asks for any more; orders come in the order they were placed."""
        if at[:_HOUR] == self._forgot:
            return
        self._forgot = at[:_HOUR]
        since = to_iso(moment_before(from_iso(at), self._window))
        while self._oldest and self._orders[self._oldest[0]].at < since:
            gone = self._orders.pop(id_ := self._oldest.popleft())
            for buyer in gone.buyers:
                left = self._by_buyer[buyer]
                left.remove(id_)
                if not left:
                    del self._by_buyer[buyer]


def _bought(sku: str, orders: Iterable[_Purchase]) -> Iterable[Bought]:
    for order in orders:
        pieces = order.taken.get(sku, 0)
        if pieces > 0:
            yield Bought(order=order.name, quantity=pieces, at=from_iso(order.at))
