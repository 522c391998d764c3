"""Which orders a simulation judges anew: where they begin and where they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.storage import Reader

END = "9999"
"""After every instant."""

_NEWEST = (
    "SELECT placed_at, id FROM orders WHERE placed_at IS NOT NULL AND placed_at < :until "
    "ORDER BY placed_at DESC, id DESC LIMIT 1 OFFSET :n"
)
_FIRST = (
    "SELECT placed_at, id FROM orders WHERE placed_at IS NOT NULL AND placed_at >= :since AND placed_at < :until "
    "ORDER BY placed_at, id LIMIT 1"
)
_OLDEST = (
    "SELECT placed_at, id FROM orders WHERE placed_at IS NOT NULL AND placed_at < :until "
    "ORDER BY placed_at, id LIMIT 1"
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which orders to judge anew: the newest so many, or those placed in a time. `until` is not in it."""

    orders: int | None = 10_000
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The orders that are judged: from the one with this time and id on, and nothing from `until` on."""

    at: str
    first: int
    until: str


def find_window(reader: Reader, wanted: Wanted) -> Window:
    """Return where the wanted orders begin and end. Raises InvalidInput where there are none."""
    until = END if wanted.until is None else to_iso(wanted.until)
    params: dict[str, Any] = {"until": until}
    if wanted.since is not None:
        row = reader.row(_FIRST, {**params, "since": to_iso(wanted.since)})
    else:
        most = wanted.orders or 1
        row = reader.row(_NEWEST, {**params, "n": most - 1}) or reader.row(_OLDEST, params)
    if row is None:
        raise InvalidInput(
            Text(
                "Det finns inga lagda ordrar då. `ashop order list` visar dem som finns.",
                "No orders were placed then. `ashop order list` shows those there are.",
            )
        )
    return Window(row["placed_at"], row["id"], until)
