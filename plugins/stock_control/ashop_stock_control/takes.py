"""What an order has taken, read from the ledger: everything that goes back or on refers to the take it came from.

A release, a shipment or a return is never reckoned from the order's quantities but from the takes that are still
there, so that nothing can be given back twice, or given back that was never taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ashop_core.models import Move, Place
from ashop_stock_control.ledger import Kind

if TYPE_CHECKING:
    from ashop_stock_control.items import ReadHandle

_ROWS = (
    "SELECT id, sku, position, seq, kind, origin, d_on_hand, d_held FROM stock_movements "
    "WHERE order_id = :id ORDER BY id"
)

ONWARD: dict[tuple[Place, Place], tuple[Kind, int, int]] = {
    (Place.HELD, Place.GONE): (Kind.SHIP, -1, -1),
    (Place.HELD, Place.FREE): (Kind.RELEASE, 0, -1),
    (Place.GONE, Place.FREE): (Kind.TAKE_BACK, 1, 0),
    (Place.GONE, Place.HELD): (Kind.UNSHIP, 1, 1),
}
"""What each move that goes on from a take is in the ledger: its kind, and what a piece changes on hand and held."""


@dataclass(slots=True)
class Take:
    """Pieces that an order line took: how many of them are held, and how many have left, by now."""

    id: int | None
    held: int = 0
    gone: int = 0


@dataclass(slots=True)
class Row:
    """A movement that is to be written; `take` is what it begins or refers to, None where it does neither."""

    kind: Kind
    sku: str
    position: int
    d_on_hand: int
    d_held: int
    cause: str
    take: Take | None = None
    begins: bool = False


@dataclass
class Takes:
    """The takes of one order by line and SKU, oldest first, and its rows in the ledger by change, line and SKU."""

    order_id: int
    rows: dict[tuple[int | None, int, str], list[Any]] = field(default_factory=dict)
    _takes: dict[tuple[int, str], list[Take]] = field(default_factory=dict)
    _begun: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: ReadHandle, order_id: int) -> Takes:
        """Return what an order has taken by now."""
        takes = cls(order_id)
        by_id: dict[int, Take] = {}
        for row in reader.rows(_ROWS, {"id": order_id}):
            takes.rows.setdefault((row["seq"], row["position"], row["sku"]), []).append(row)
            if row["origin"] is None and row["d_held"] > 0:
                # what it put on the shelf, if it unshipped them, nobody had counted as gone
                take = by_id[row["id"]] = Take(row["id"], held=row["d_held"])
                takes._takes.setdefault((row["position"], row["sku"]), []).append(take)
            elif (found := by_id.get(row["origin"])) is not None:
                found.held += row["d_held"]
                found.gone -= row["d_on_hand"]
        return takes

    def positions(self, sku: str) -> list[int]:
        """Return the lines that took some of an item."""
        return sorted(position for position, taken in self._takes if taken == sku)

    def held(self, position: int, sku: str) -> int:
        """Return how many pieces of a line are held."""
        return sum(take.held for take in self._takes.get((position, sku), ()))

    def take(self, position: int, sku: str, quantity: int, seq: int) -> Row:
        """Return the row of a new take: of each line one in a change, whatever it is taken for."""
        return self._begin(Kind.TAKE, position, sku, 0, quantity, self._cause(seq, position, Kind.TAKE))

    def onward(self, move: Move, seq: int) -> Iterator[Row]:
        """Yield the rows of a move that goes on from takes, the oldest first.

        Of pieces that no take tells of, since nobody counted the item then, only what stands on the shelf or is held
        from now on is written: a hold that was never counted cannot be released.
        """
        kind, on_hand, held = ONWARD[move.source, move.target]
        left, n = move.quantity, 0
        for row in self.let_go(kind, move.position, move.sku, left, on_hand, held, seq):
            left, n = left - max(abs(row.d_on_hand), abs(row.d_held)), n + 1
            yield row
        cause = self._cause(seq, move.position, kind, n)
        if left and held > 0:
            yield self._begin(kind, move.position, move.sku, on_hand * left, left, cause)
        elif left and on_hand:
            yield Row(kind, move.sku, move.position, on_hand * left, 0, cause)

    def let_go(
        self, kind: Kind, position: int, sku: str, quantity: int, on_hand: int, held: int, seq: int | None
    ) -> Iterator[Row]:
        """Yield a row for each take that `quantity` pieces come from, counting them off it.

        The causes are numbered within a change, so that the same change a second time has the same ones, whatever it
        finds then. Without a `seq`, by no change of the order, each take can go so once.
        """
        left, n = quantity, 0
        for take in self._takes.get((position, sku), ()):
            pieces = min(left, take.held if held < 0 else take.gone)
            if pieces <= 0:
                continue
            left -= pieces
            take.held += held * pieces
            take.gone -= on_hand * pieces
            cause = self._cause(seq, position, kind, n if seq is not None else take.id)
            yield Row(kind, sku, position, on_hand * pieces, held * pieces, cause, take)
            n += 1

    def undone(self, seq: int, position: int, sku: str) -> Iterator[Row]:
        """Yield a row for each that a change has in the ledger for a line, the other way round, the last one first."""
        by_id = {take.id: take for take in self._takes.get((position, sku), ()) if take.id is not None}
        for row in reversed(self.rows.get((seq, position, sku), ())):
            root = by_id.get(row["id"] if row["origin"] is None else row["origin"])
            d_on_hand, d_held = -row["d_on_hand"], -row["d_held"]
            yield Row(Kind.UNDO, sku, position, d_on_hand, d_held, f"undo:{row['id']}", root)

    def _cause(self, seq: int | None, position: int, kind: Kind, n: int | None = 0) -> str:
        cause = f"{self.order_id}:{'-' if seq is None else seq}:{position}:{kind.value}"
        return f"{cause}:{n}" if n else cause

    def _begin(self, kind: Kind, position: int, sku: str, d_on_hand: int, quantity: int, cause: str) -> Row:
        row = self._begun.get(cause)
        if row is None:
            take = Take(None)
            self._takes.setdefault((position, sku), []).append(take)
            row = self._begun[cause] = Row(kind, sku, position, 0, 0, cause, take, begins=True)
        assert row.take is not None, "a new take refers to itself"
        row.take.held += quantity
        row.d_on_hand += d_on_hand
        row.d_held += quantity
        return row


def sums(rows: Iterable[Row]) -> tuple[int, int]:
    """Return by how much these rows change on hand and held."""
    d_on_hand = d_held = 0
    for row in rows:
        d_on_hand += row.d_on_hand
        d_held += row.d_held
    return d_on_hand, d_held
