"""Where the boxes and lines of a flow go: ranks from top to bottom, few crossings, nothing on top of anything.

The way of Sugiyama in small: `flow_layers` gives ranks and their order, here every spot moves as near to its
neighbours as the order lets it. Ties keep the order given, so the same flow always gives the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor

from ashop_core.flow_layers import (
    Spot,
    Step,
    Way,
    back_steps,
    layers_of,
    mark_spine,
    ordered,
    ranks_of,
    way_of,
)

Point = tuple[int, int]

BETWEEN = 36
"""The least that is between two boxes side by side."""
BELOW = 54
"""The height of the strip between two ranks, in which lines may bend."""
PORTS = 26
"""The most that is between two lines at the edge of a box."""
_PULLS = 30
_SPINE = 10_000.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, by its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        """Tell whether the two have any point in common."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The way of a step: down (or up, where it leads back) from point to point, straight on the ranks."""

    source: str
    target: str
    points: tuple[Point, ...]
    back: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is; nothing is left of 0 or above 0."""

    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]
    width: int
    height: int


def lay_out(
    sizes: Mapping[str, tuple[int, int]], steps: Sequence[Step], weights: Mapping[Step, int],
    later: Iterable[str] = (), apart: int = 0,
) -> Layout:  # fmt: skip
    """Return where the boxes of these sizes go; the first one is where everything begins.

    The heavier a step, the straighter its line; the heaviest way down is a straight one. The codes in `later`
    come below all others, with `apart` more between.
    """
    late = set(later)
    back = back_steps(next(iter(sizes)), steps)
    ranks = ranks_of(sizes, [s for s in steps if s not in back and s[0] != s[1]], late)
    spots = {code: Spot(ranks[code], sizes[code][0], code) for code in sizes}
    ways = [way_of(step, step in back, spots, weights[step]) for step in steps if step[0] != step[1]]
    mark_spine(next(iter(sizes)), ways, spots, weights)
    layers = layers_of(spots, ways)
    layers = ordered(layers)
    _pull(layers)
    tops, heights = _tops(layers, sizes, late, apart)
    return _drawn(sizes, ways, [s for s in steps if s[0] == s[1]], spots, layers, tops, heights)


# ── Places ───────────────────────────────────────────────────────────────────────────────────────


def _pull(layers: list[list[Spot]]) -> None:
    """Move every spot towards its neighbours above and below, the order kept and nothing too near."""
    for layer in layers:
        _settle(layer, [0.0] * len(layer), [1.0 + _SPINE * s.on_spine for s in layer])
    for n in range(_PULLS):
        for layer in layers if n % 2 == 0 else reversed(layers):
            wishes, weights = [], []
            for spot in layer:
                near = spot.up + spot.down if n >= _PULLS - 2 else (spot.up if n % 2 == 0 else spot.down)
                total = sum(weight for _, weight in near)
                wish = sum(s.x * weight for s, weight in near) / total if total else spot.x
                wishes.append(0.0 if spot.on_spine else wish)
                weights.append(_SPINE if spot.on_spine else 0.1 + total)
            _settle(layer, wishes, weights)
    for spot in (s for layer in layers for s in layer if s.on_spine):
        spot.x = 0.0  # it weighs the most, but not everything


def _settle(layer: list[Spot], wishes: list[float], weights: list[float]) -> None:
    """Give each spot the place nearest to its wish, by least squares, such that none is too near the next."""
    offsets = [0.0]
    for left, right in pairwise(layer):
        offsets.append(offsets[-1] + (left.width + right.width) / 2 + BETWEEN)
    blocks: list[
        tuple[float, float, int]
    ] = []  # where, how heavy, how many: neighbours that lean on each other
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        block = (wish - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            where, heavy, many = blocks.pop()
            total = heavy + block[1]
            block = ((where * heavy + block[0] * block[1]) / total, total, many + block[2])
        blocks.append(block)
    places = [where for where, _, many in blocks for _ in range(many)]
    for spot, place, offset in zip(layer, places, offsets, strict=True):
        spot.x = place + offset


def _tops(
    layers: list[list[Spot]], sizes: Mapping[str, tuple[int, int]], late: set[str], apart: int
) -> tuple[list[int], list[int]]:
    """Return how far down each rank begins, and how high it is: as its highest box."""
    tops, heights, y = [], [], 0
    for n, layer in enumerate(layers):
        codes = [s.code for s in layer if s.code is not None]
        if n and late.issuperset(codes) and not late.issuperset(s.code for s in layers[n - 1] if s.code):
            y += apart
        tops.append(y)
        heights.append(max(sizes[code][1] for code in codes))
        y += heights[-1] + BELOW
    return tops, heights


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────


def _drawn(
    sizes: Mapping[str, tuple[int, int]], ways: list[Way], loops: list[Step], spots: Mapping[str, Spot],
    layers: list[list[Spot]], tops: list[int], heights: list[int],
) -> Layout:  # fmt: skip
    everything = [s for layer in layers for s in layer]
    left = floor(min(s.x - s.width / 2 for s in everything))
    right = max(s.x + s.width / 2 for s in everything)
    for spot in everything:
        spot.x = round(spot.x - left)
    boxes = {
        code: Box(round(spot.x - spot.width / 2), tops[spot.rank], spot.width, heights[spot.rank])
        for code, spot in spots.items()
    }
    ports = _ports(ways, spots)
    lines = []
    for n, way in enumerate(ways):
        first, *passing, last = way.spots
        points = [(ports[n, "down"], tops[first.rank] + heights[first.rank])]
        for spot in passing:
            points += [(int(spot.x), tops[spot.rank]), (int(spot.x), tops[spot.rank] + heights[spot.rank])]
        points.append((ports[n, "up"], tops[last.rank]))
        lines.append(Line(*way.step, tuple(reversed(points) if way.back else points), way.back))
    for code, _ in loops:
        box = boxes[code]
        middle = box.y + box.height // 2
        lines.append(Line(code, code, ((box.right, middle - 12), (box.right, middle + 12)), back=True))
    return Layout(boxes, tuple(lines), round(right - left), tops[-1] + heights[-1])


def _ports(ways: list[Way], spots: Mapping[str, Spot]) -> dict[tuple[int, str], int]:
    """Return where on its box each line begins and ends, side by side in the order of where they lead."""
    ports: dict[tuple[int, str], int] = {}
    for spot in spots.values():
        for side, end, towards in (("down", 0, 1), ("up", -1, -2)):
            mine = [
                (way.spots[towards].x, way.back, n) for n, way in enumerate(ways) if way.spots[end] is spot
            ]
            mine.sort()
            straight = (i for i, (_, back, n) in enumerate(mine) if not back and _is_spine(ways[n]))
            middle = next(straight, (len(mine) - 1) / 2)
            room = min(PORTS, (spot.width / 2 - 20) / max(1, middle, len(mine) - 1 - middle))
            for i, (_, _, n) in enumerate(mine):
                ports[n, side] = round(spot.x + (i - middle) * room)
    return ports


def _is_spine(way: Way) -> bool:
    return all(spot.on_spine for spot in way.spots)
