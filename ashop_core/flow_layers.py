"""Which rank each status of a flow stands on, and in which order: the part of the layout without coordinates.

Steps that lead back are turned round; a status stands one rank below the last one before it; a step over
several ranks gets a spot to pass on each; each rank is ordered by the mean place of its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Step = tuple[str, str]

PASSING = 18
"""How wide the spot is that a line gets on a rank that it only passes."""
_SWEEPS = 12


@dataclass
class Spot:
    """A place on a rank: a status, or a step that passes."""

    rank: int
    width: int
    code: str | None = None
    up: list[tuple[Spot, float]] = field(default_factory=list)
    down: list[tuple[Spot, float]] = field(default_factory=list)
    x: float = 0.0
    on_spine: bool = False


@dataclass
class Way:
    """A step with the spots that it goes by, from the upper end to the lower."""

    step: Step
    back: bool
    spots: list[Spot]


# ── Ranks ────────────────────────────────────────────────────────────────────────────────────────


def back_steps(start: str, steps: Sequence[Step]) -> set[Step]:
    """Return the steps that lead back to where one has come from, followed from the start."""
    targets = defaultdict(list)
    for source, target in steps:
        targets[source].append(target)
    found: set[Step] = set()
    done: set[str] = set()
    trail: list[str] = []

    def follow(code: str) -> None:
        trail.append(code)
        for target in targets[code]:
            if target in trail and target != code:
                found.add((code, target))
            elif target not in done and target != code:
                follow(target)
        trail.pop()
        done.add(code)

    follow(start)
    return found


def ranks_of(codes: Iterable[str], steps: Sequence[Step], late: set[str]) -> dict[str, int]:
    """Return how far down each code is: one below the lowest that leads to it."""
    ranks = dict.fromkeys(codes, 0)
    for part in (False, True):
        floor = max((ranks[c] + 1 for c in ranks if c not in late), default=0) if part else 0
        for code in ranks:
            if (code in late) == part:
                ranks[code] = floor
        for _ in ranks:  # no way is longer than there are codes
            for source, target in steps:
                if (target in late) == part:
                    ranks[target] = max(ranks[target], ranks[source] + 1)
    return ranks


def way_of(step: Step, back: bool, spots: Mapping[str, Spot], weight: int) -> Way:
    upper, lower = (spots[code] for code in (step[::-1] if back else step))
    passing = [Spot(rank, PASSING) for rank in range(upper.rank + 1, lower.rank)]
    way = Way(step, back, [upper, *passing, lower])
    for above, below in pairwise(way.spots):
        pull = weight * (1 + 3 * ((above.code is None) + (below.code is None)))
        above.down.append((below, pull))
        below.up.append((above, pull))
    return way


def mark_spine(start: str, ways: list[Way], spots: Mapping[str, Spot], weights: Mapping[Step, int]) -> None:
    """Mark the heaviest way from the start downwards; it is drawn straight."""
    best: dict[str, tuple[int, list[Way]]] = {start: (0, [])}
    for code in sorted(spots, key=lambda c: spots[c].rank):
        for way in ways:
            if way.back or way.step[0] != code or code not in best:
                continue
            so_far, trail = best[code]
            total = so_far + weights[way.step]
            if total > best.get(way.step[1], (-1, []))[0]:
                best[way.step[1]] = (total, [*trail, way])
    heaviest = max(best.values(), key=lambda found: found[0])
    for spot in (spots[start], *(spot for way in heaviest[1] for spot in way.spots)):
        spot.on_spine = True


# ── The order on each rank ───────────────────────────────────────────────────────────────────────


def layers_of(spots: Mapping[str, Spot], ways: list[Way]) -> list[list[Spot]]:
    layers: list[list[Spot]] = [[] for _ in range(1 + max(s.rank for s in spots.values()))]
    for spot in (*spots.values(), *(s for way in ways for s in way.spots[1:-1])):
        layers[spot.rank].append(spot)
    return layers


def ordered(layers: list[list[Spot]]) -> list[list[Spot]]:
    """Return the layers with the fewest crossings that sweeping down and up comes by."""
    best, least = layers, _crossings(layers)
    for sweep in range(_SWEEPS):
        layers = [list(layer) for layer in layers]
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            places = {id(s): n / max(1, len(row) - 1) for row in layers for n, s in enumerate(row)}
            layer.sort(key=lambda s: _mean(s.up if downwards else s.down, places, places[id(s)]))
        if (crossings := _crossings(layers)) < least:
            best, least = layers, crossings
    return best


def _mean(neighbours: list[tuple[Spot, float]], places: Mapping[int, float], otherwise: float) -> float:
    if not neighbours:
        return otherwise
    return sum(places[id(s)] for s, _ in neighbours) / len(neighbours)


def _crossings(layers: list[list[Spot]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        places = {id(s): n for n, s in enumerate(lower)}
        ends = [(n, places[id(below)]) for n, s in enumerate(upper) for below, _ in s.down]
        count += sum(a[0] < b[0] and a[1] > b[1] for a in ends for b in ends)
    return count
