"""The days of a simulation's picture from left to right, and the lines behind its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 920
MARGIN = 32
LEFT, RIGHT = 58, 14
PLOT = WIDTH - 2 * MARGIN - LEFT - RIGHT
_MOST_BARS = 120


@dataclass(frozen=True, slots=True)
class Axis:
    """The days from left to right, some of them to each bar."""

    first: date
    days: int
    each: int

    @property
    def bars(self) -> int:
        """How many bars there are."""
        return -(-self.days // self.each)

    def place(self, day: str) -> int:
        """Return which bar a day belongs to."""
        return ((date.fromisoformat(day) - self.first).days) // self.each

    def x(self, bar: float) -> float:
        """Return where a bar begins, in pixels."""
        return round(LEFT + bar * PLOT / self.bars, 1)


def axis_of(first: str, last: str) -> Axis:
    """Return the axis from the first day to the last."""
    began = date.fromisoformat(first)
    days = max(1, (date.fromisoformat(last) - began).days + 1)
    return Axis(began, days, -(-days // _MOST_BARS))


def grid(parts: list[str], axis: Axis, ticks: Sequence[int], low: int, top: int, high: int) -> None:
    """Draw a line for each tick, with its number where there is room, and the days below."""
    written = -99.0
    for tick in reversed(ticks):
        y = round(high * (top - tick) / (top - low), 1)
        parts.append(f'<path class="rule" d="M{LEFT} {y}H{LEFT + PLOT}"/>')
        if y - written >= 12:
            number = str(tick).replace("-", "\N{MINUS SIGN}")
            parts.append(f'<text class="axis end" x="{LEFT - 7}" y="{round(y + 4, 1)}">{number}</text>')
            written = y
    for bar, day in _dates(axis):
        x = axis.x(bar)
        side = "" if bar == 0 else " middle"
        parts.append(f'<path class="rule" d="M{x} {high}v4"/>')
        parts.append(f'<text class="axis{side}" x="{x}" y="{high + 17}">{day.isoformat()}</text>')


def ticks_of(top: int) -> list[int]:
    """Return round numbers from 0 to at least `top`, five of them or fewer."""
    step = 1
    while step * 4 < top:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, top + step, step)) if top % step else list(range(0, top + 1, step))


def _dates(axis: Axis) -> Iterator[tuple[int, date]]:
    """Yield some bars with their first days, far enough apart to be written under the axis."""
    step = max(1, -(-axis.bars // 8))
    for bar in range(0, axis.bars, step):
        if bar == 0 or bar + step / 2 <= axis.bars:
            yield bar, axis.first + timedelta(days=bar * axis.each)
