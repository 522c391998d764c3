"""What the shop's orders would have met under other terms: judged anew, one after the other, in memory.

Pure: it is given what happened and knows no database and no clock. Whether goods can be had, and what a balance
makes of a stock status, it asks the same functions as an order that is placed in earnest.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_stock_control.demand import net, taken_of
from ashop_stock_control.simulating.events import Event, Given, Ordered

if TYPE_CHECKING:
    from ashop_core.models import Move
    from ashop_stock_control.simulating.run import Run


@dataclass(slots=True)
class _Live:
    """An order of which something may still come: what it has wanted in all, and what each run let it have."""

    ordered: Ordered
    wanted: dict[str, int]
    taken: list[dict[str, int] | None]
    is_judged: bool = False


def simulate(events: Iterable[Event], runs: Sequence[Run]) -> str:
    """Let every run meet the events, which come in the order of their times; return the time of the last."""
    pending: list[tuple[str, int, int, _Live]] = []
    last = ""
    for event in events:
        while pending and pending[0][0] <= event.at:
            last = _go_on(heapq.heappop(pending), pending, runs)
        last = event.at
        if isinstance(event, Given):
            for run in runs:
                run.give(event)
            continue
        live = _Live(event, {}, [{} for _ in runs])
        _happen(live, event.moves, event.at, runs)
        _expect(live, 0, pending)
    while pending:
        last = _go_on(heapq.heappop(pending), pending, runs)
    for run in runs:
        run.close(last)
    return last


def _expect(live: _Live, n: int, pending: list[tuple[str, int, int, _Live]]) -> None:
    """Wait for the order's next event, unless no run has let it in."""
    if n < len(live.ordered.later) and any(taken is not None for taken in live.taken):
        heapq.heappush(pending, (live.ordered.later[n].at, live.ordered.id, n, live))


def _go_on(
    due: tuple[str, int, int, _Live], pending: list[tuple[str, int, int, _Live]], runs: Sequence[Run]
) -> str:
    at, _, n, live = due
    _happen(live, live.ordered.later[n].moves, at, runs)
    _expect(live, n + 1, pending)
    return at


def _happen(live: _Live, moves: tuple[Move, ...], at: str, runs: Sequence[Run]) -> None:
    """Let the goods of an order move in every run that has let it in; its first demand decides whether it is."""
    changed = net(moves)
    for sku, pieces in changed.items():
        live.wanted[sku] = live.wanted.get(sku, 0) + pieces
    wanted = taken_of(changed)
    first, live.is_judged = not live.is_judged and bool(wanted), live.is_judged or bool(wanted)
    for n, run in enumerate(runs):
        taken = live.taken[n]
        if taken is None:
            continue
        if live.ordered.is_past:
            run.remember(live.ordered, live.wanted)
            continue
        accepted = not wanted or run.take(live.ordered, wanted, at, len(moves) if first else 0)
        if first:
            live.taken[n] = taken = dict(wanted) if accepted else None
        else:
            _move_on(run, taken, live.wanted, changed, wanted if accepted else {}, at)
        if taken is not None:
            run.remember(live.ordered, taken)


def _move_on(
    run: Run, taken: dict[str, int], wanted: Mapping[str, int], changed: Iterable[str], more: Mapping[str, int], at: str
) -> None:  # fmt: skip
    """Let an order that is in have `more`, and give back what it no longer wants of what it was let have."""
    for sku, pieces in more.items():
        taken[sku] = taken.get(sku, 0) + pieces
    for sku in changed:
        over = taken.get(sku, 0) - max(0, wanted[sku])
        if over > 0:
            taken[sku] -= over
            run.give_back(sku, over, at)
