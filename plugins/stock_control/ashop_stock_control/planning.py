"""The ledger's rows of a change: planned from its moves, and written so that each refers to its take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ashop_core.models import Place
from ashop_stock_control.ledger import Kind
from ashop_stock_control.takes import Row, Takes, sums

if TYPE_CHECKING:
    from ashop_core.models import Change, Move
    from ashop_stock_control.items import WriteHandle

_Line = tuple[int, str]
Retaken = tuple[int, str, int]
"""Line, SKU and pieces that a checkout held too long and takes anew."""


def plan(change: Change, takes: Takes, retaken: Iterable[Retaken]) -> dict[str, list[Row]]:
    """Return the ledger's rows of a change by SKU, one for each cause."""
    # what is given back comes before what is taken anew, and that before what goes on from it
    released = [each for each in change.moves if each.target is Place.FREE]
    others = [each for each in change.moves if each.target is not Place.FREE]
    whole = _sums_by_line(change) if change.undoes is not None else {}
    rows = [row for each in released for row in _rows(change, takes, each, whole)]
    rows += [takes.take(position, sku, quantity, change.seq) for position, sku, quantity in retaken]
    rows += [row for each in others for row in _rows(change, takes, each, whole)]
    planned = dict[str, dict[str, Row]]()
    for row in rows:
        planned.setdefault(row.sku, {})[row.cause] = row
    return {sku: list(by_cause.values()) for sku, by_cause in planned.items()}


def _rows(change: Change, takes: Takes, each: Move, whole: Mapping[_Line, tuple[int, int]]) -> list[Row]:
    if change.undoes is not None:
        undone = list(takes.undone(change.undoes, each.position, each.sku))
        if undone and sums(undone) == whole[each.position, each.sku]:
            return undone
    if each.source is not Place.FREE:
        return list(takes.onward(each, change.seq))
    rows = [takes.take(each.position, each.sku, each.quantity, change.seq)]
    if each.target is Place.GONE:
        taken = rows[0].take
        assert taken is not None, "a new take refers to itself"
        taken.held -= each.quantity
        taken.gone += each.quantity
        cause = f"{takes.order_id}:{change.seq}:{each.position}:{Kind.SHIP.value}:new"
        rows.append(Row(Kind.SHIP, each.sku, each.position, -each.quantity, -each.quantity, cause, taken))
    return rows


def _sums_by_line(change: Change) -> dict[_Line, tuple[int, int]]:
    """Return by how much the moves of each line change on hand and held: where the ledger's rows do not say so, they
    were counted in part only, or put right by the doctor, and it is the moves that count.
    """
    found: dict[_Line, tuple[int, int]] = {}
    for each in change.moves:
        on_hand, held = found.get((each.position, each.sku), (0, 0))
        on_hand -= ((each.target is Place.GONE) - (each.source is Place.GONE)) * each.quantity
        held += ((each.target is Place.HELD) - (each.source is Place.HELD)) * each.quantity
        found[each.position, each.sku] = on_hand, held
    return found


def write_down(tx: WriteHandle, planned: Iterable[tuple[Row, dict[str, Any]]]) -> None:
    """Write the rows of the ledger; a take that another row refers to goes first, to have a number."""
    planned = list(planned)
    named = {id(row.take) for row, _ in planned if row.take and row.take.id is None and not row.begins}
    several = []
    for row, values in planned:
        if row.begins and row.take is not None and id(row.take) in named:
            row.take.id = tx.insert("stock_movements", values)
        else:
            several.append((row, values))
    for row, values in several:
        values["origin"] = None if row.take is None or row.begins else row.take.id
    tx.insert_all("stock_movements", [values for _, values in several])
