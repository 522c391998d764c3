"""What happened in the shop, as a simulation meets it: goods and statuses that were given, and orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ashop_core.models import Move, Order


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What happened to an item whatever the terms: goods in, a count, a status set by hand, an older order."""

    at: str
    sku: str
    d_on_hand: int = 0
    d_held: int = 0
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """What an order's goods did after it was placed."""

    at: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordered:
    """An order as it was placed: what it took then, and what became of that.

    `buyers` are the keys by which its customer is known again; `order` and `actor` are for custom rules. One that
    `is_past` was placed before the orders that are judged: it is only remembered, as an earlier purchase.
    """

    at: str
    id: int
    name: str
    total: int
    currency: str
    moves: tuple[Move, ...]
    later: tuple[Later, ...] = ()
    buyers: tuple[str, ...] = ()
    order: Order | None = None
    actor: str = ""
    is_past: bool = False


Event = Given | Ordered
