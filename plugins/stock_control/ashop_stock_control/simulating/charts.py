"""The charts of a simulation's picture: what went wrong day by day as bars, an item's balance as a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING

from ashop_core.text_width import text_width
from ashop_core.texts import Text
from ashop_stock_control.simulating.axis import LEFT, MARGIN, PLOT, RIGHT, WIDTH, Axis, grid, ticks_of

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings
    from ashop_stock_control.simulating.figures import Day
    from ashop_stock_control.simulating.rows import Row
    from ashop_stock_control.simulating.run import Run
    from ashop_stock_control.simulating.simulation import Simulation

_TALL, _LOW = 130, 92


def _refused(day: Day) -> int:
    return day.refused


def _oversold(day: Day) -> int:
    return day.oversold


BARS: tuple[tuple[Text, Callable[[Day], int]], ...] = (
    (Text("Nekade ordrar", "Orders refused"), _refused),
    (Text("Översålda stycken", "Pieces oversold"), _oversold),
)


def bars(
    parts: list[str], simulation: Simulation, axis: Axis, words: str, figure: Callable[[Day], int], y: int
) -> int:
    runs = _runs(simulation)
    sums = []
    for _, run in runs:
        bars = [0] * axis.bars
        for day, counted in run.figures.days.items():
            bars[axis.place(day)] += figure(counted)
        sums.append(bars)
    ticks = ticks_of(max(1, *(max(bars) for bars in sums)))
    top = ticks[-1]
    parts.append(f'<text class="head" x="{MARGIN}" y="{y + 18}">{escape(words)}</text>')
    parts.append(f'<g transform="translate({MARGIN} {y + 32})">')
    grid(parts, axis, ticks, 0, top, _TALL)
    wide = PLOT / axis.bars / len(runs)
    for n, ((kind, _), bars) in enumerate(zip(runs, sums, strict=True)):
        for bar, value in enumerate(bars):
            if value:
                high = round(_TALL * value / top, 1)
                x = axis.x(bar + n / len(runs))
                parts.append(
                    f'<rect class="bar {kind}" x="{x}" y="{round(_TALL - high, 1)}" '
                    f'width="{round(max(1.0, wide * 0.86), 1)}" height="{high}"/>'
                )
    parts.append("</g>")
    return y + 32 + _TALL + 34


def balances(
    parts: list[str], simulation: Simulation, axis: Axis, row: Row, settings: StockSettings, language: str, y: int
) -> int:  # fmt: skip
    start = simulation.items[row.sku].balance or 0
    runs = [(kind, [start, *_by_bar(run.balances[row.sku], axis, start)]) for kind, run in _runs(simulation)]
    values = [value for _, line in runs for value in line]
    low, top = min(0, *values), max(1, *values)
    label = f"{row.sku}  {row.name}" if row.name != row.sku else row.sku
    told = _item_words(row, simulation).to(language)
    room = WIDTH - 2 * MARGIN - text_width(told, 12) - 20
    parts.append(f'<text class="figure" x="{MARGIN}" y="{y + 12}">{escape(_cut(label, room))}</text>')
    parts.append(f'<text class="end" x="{WIDTH - MARGIN - RIGHT}" y="{y + 12}">{escape(told)}</text>')
    parts.append(f'<g transform="translate({MARGIN} {y + 22})">')
    zero = round(_LOW * top / (top - low), 1)
    if low < 0:
        parts.append(
            f'<rect class="below" x="{LEFT}" y="{zero}" width="{PLOT}" height="{round(_LOW - zero, 1)}"/>'
        )
    grid(parts, axis, sorted({low, 0, top}), low, top, _LOW)
    parts.append(f'<path class="zero" d="M{LEFT} {zero}H{LEFT + PLOT}"/>')
    for kind, line in runs:
        path = f"M{LEFT} {_y(line[0], low, top)}"
        for bar, value in enumerate(line[1:]):
            path += f"V{_y(value, low, top)}H{axis.x(bar + 1)}"
        parts.append(f'<path class="line {kind}" d="{path}"/>')
    parts.append("</g>")
    return y + 22 + _LOW + 32


def _by_bar(balances: Mapping[str, int], axis: Axis, start: int) -> list[int]:
    line: list[int | None] = [None] * axis.bars
    for day in sorted(balances):
        line[axis.place(day)] = balances[day]
    filled, last = [], start
    for value in line:
        last = last if value is None else value
        filled.append(last)
    return filled


def _item_words(row: Row, simulation: Simulation) -> Text:
    values = [row.tried] if simulation.tried is None else [row.now, row.tried]
    refused = " → ".join(str(f.refused) for f in values)
    oversold = " → ".join(str(f.oversold_pieces) for f in values)
    changes = " → ".join(str(f.changes) for f in values)
    return Text(
        f"nekade ordrar {refused} · översålda stycken {oversold} · statusbyten {changes}",
        f"orders refused {refused} · pieces oversold {oversold} · status changes {changes}",
    )


def _cut(label: str, room: int) -> str:
    if text_width(label, 12, bold=True) <= room:
        return label
    while label and text_width(label + "…", 12, bold=True) > room:
        label = label[:-1]
    return label + "…"


def _y(value: int, low: int, top: int) -> float:
    return round(_LOW * (top - value) / (top - low), 1)


def _runs(simulation: Simulation) -> list[tuple[str, Run]]:
    """Return the runs to draw; where nothing was tried, the present one in the colour of the other."""
    if simulation.tried is None:
        return [("tried", simulation.now)]
    return [("now", simulation.now), ("tried", simulation.tried)]
