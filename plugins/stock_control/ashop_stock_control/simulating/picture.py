"""A simulation as an SVG picture that stands alone: refused and oversold over time, the worst items' balances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

from ashop_core.text_width import text_width, wrapped
from ashop_core.texts import Text, joined, same
from ashop_stock_control.simulating.report import Row, measures_of, remarks_of, rows_of, trial_words

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings
    from ashop_stock_control.simulating.figures import Day
    from ashop_stock_control.simulating.simulation import Simulation
    from ashop_stock_control.simulating.simulator import Run

ITEMS = 6
"""How many items' balances are drawn."""
WIDTH = 920
MARGIN = 32
_LEFT, _RIGHT = 58, 14
_PLOT = WIDTH - 2 * MARGIN - _LEFT - _RIGHT
_TALL, _LOW = 130, 92
_MOST_BARS = 120

_LIGHT = {
    "paper": "#ffffff", "words": "#1c2530", "soft": "#586574", "rule": "#dde2e8", "now": "#9aa6b3",
    "tried": "#2b6cb8", "below": "#fdeceb", "zero": "#b5433f",
}  # fmt: skip
_DARK = {
    "paper": "#14191f", "words": "#eef2f6", "soft": "#a8b4c1", "rule": "#333d48", "now": "#75828f",
    "tried": "#6aa8ea", "below": "#3a1a1a", "zero": "#e58480",
}  # fmt: skip


def _style(c: Mapping[str, str]) -> str:
    return "".join(
        f".ashop-simulation {rule}"
        for rule in (
            f".paper{{fill:{c['paper']};stroke:{c['rule']}}}",
            f"text{{fill:{c['soft']}}}",
            f".title,.ashop-simulation .head,.ashop-simulation .figure{{fill:{c['words']}}}",
            f".rule{{stroke:{c['rule']}}}",
            f".zero{{stroke:{c['zero']}}}",
            f".below{{fill:{c['below']}}}",
            f".bar.now{{fill:{c['now']}}}",
            f".bar.tried{{fill:{c['tried']}}}",
            f".line.now{{stroke:{c['now']}}}",
            f".line.tried{{stroke:{c['tried']}}}",
        )
    )


STYLE = (
    ".ashop-simulation text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}"
    ".ashop-simulation .title{font-size:20px;font-weight:700}.ashop-simulation .head{font-size:14px;font-weight:650}"
    ".ashop-simulation .axis{font-size:11px}.ashop-simulation .end{text-anchor:end}"
    ".ashop-simulation .middle{text-anchor:middle}.ashop-simulation .figure{font-weight:600}"
    ".ashop-simulation .line{fill:none;stroke-width:1.8;stroke-linejoin:round}"
    ".ashop-simulation .line.now{stroke-dasharray:5 3}.ashop-simulation .zero{stroke-width:1}"
    f"{_style(_LIGHT)}@media (prefers-color-scheme:dark){{{_style(_DARK)}}}"
)


@dataclass(frozen=True, slots=True)
class _Axis:
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
        return round(_LEFT + bar * _PLOT / self.bars, 1)


def svg(simulation: Simulation, settings: StockSettings, language: str, days: tuple[str, str]) -> str:
    """Return the picture of a simulation whose `watched` items are the worst ones: no script and nothing from outside.

    `days` are the first and the last day, as the shop counts them.
    """
    axis = _axis(*days)
    parts: list[str] = []
    y = _head(parts, simulation, settings, language, days)
    for title, figure in _BARS:
        y = _bars(parts, simulation, axis, title.to(language), figure, y)
    drawn = [row for row in rows_of(simulation) if row.sku in simulation.shown.balances]
    if drawn:
        words = Text("Saldon dag för dag", "Balances day by day")
        parts.append(f'<text class="head" x="{MARGIN}" y="{y + 18}">{words.to(language)}</text>')
        y += 34
    for row in drawn:
        y = _balances(parts, simulation, axis, row, settings, language, y)
    y = _notes(parts, simulation, language, y)
    height = y + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="ashop-simulation" role="img" '
            f'aria-labelledby="ashop-title ashop-desc" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">',
            f'<title id="ashop-title">{escape(_TITLE.to(language))}</title>',
            f'<desc id="ashop-desc">{escape(_told(simulation, settings, language))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="14"/>',
            *parts,
            "</svg>\n",
        ]
    )


_TITLE = Text("Lagret prövat på butikens egna ordrar", "The stock tried on the shop's own orders")
_NOW, _TRIED = Text("nu", "now"), Text("prövat", "tried")


def _refused(day: Day) -> int:
    return day.refused


def _oversold(day: Day) -> int:
    return day.oversold


_BARS: tuple[tuple[Text, Callable[[Day], int]], ...] = (
    (Text("Nekade ordrar", "Orders refused"), _refused),
    (Text("Översålda stycken", "Pieces oversold"), _oversold),
)


def _axis(first: str, last: str) -> _Axis:
    began = date.fromisoformat(first)
    days = max(1, (date.fromisoformat(last) - began).days + 1)
    return _Axis(began, days, -(-days // _MOST_BARS))


def _runs(simulation: Simulation) -> list[tuple[str, Run]]:
    """Return the runs to draw; where nothing was tried, the present one in the colour of the other."""
    if simulation.tried is None:
        return [("tried", simulation.now)]
    return [("now", simulation.now), ("tried", simulation.tried)]


# ── The head ─────────────────────────────────────────────────────────────────────────────────────


def _head(
    parts: list[str], simulation: Simulation, settings: StockSettings, language: str, days: tuple[str, str]
) -> int:
    y = MARGIN + 18
    parts.append(f'<text class="title" x="{MARGIN}" y="{y}">{escape(_TITLE.to(language))}</text>')
    span = joined([same(day) for day in days], " – ").to(language)
    tried = trial_words(simulation.trial) if simulation.tried is not None else _PRESENT
    for line in wrapped(f"{span}: {tried.to(language)}", 12, WIDTH - 2 * MARGIN):
        y += 20
        parts.append(f'<text x="{MARGIN}" y="{y}">{escape(line)}</text>')
    y += 14
    if simulation.tried is not None:
        _legend(parts, language, y)
        y += 24
    return _figures(parts, simulation, settings, language, y) + 10


_PRESENT = Text("med de inställningar som gäller", "with the present settings")


def _legend(parts: list[str], language: str, y: int) -> None:
    x = MARGIN
    for kind, words in (("now", _NOW.to(language)), ("tried", _TRIED.to(language))):
        parts.append(f'<rect class="bar {kind}" x="{x}" y="{y}" width="12" height="12" rx="2"/>')
        parts.append(f'<text x="{x + 18}" y="{y + 10}">{words}</text>')
        x += 18 + text_width(words, 12) + 22


def _figures(parts: list[str], simulation: Simulation, settings: StockSettings, language: str, y: int) -> int:
    """Write the comparison, in as many columns as it takes."""
    measures = list(measures_of(simulation, settings))
    half = -(-len(measures) // 2)
    wide = (WIDTH - 2 * MARGIN) // 2
    titles = (_TRIED, _NOW) if simulation.tried is not None else (_NOW,)
    for column in range(2):
        for value, edge in zip(titles, _EDGES, strict=False):
            x = MARGIN + wide * (column + 1) - edge
            parts.append(f'<text class="end" x="{x}" y="{y + 16}">{escape(value.to(language))}</text>')
    for n, measure in enumerate(measures):
        x, line = MARGIN + wide * (n // half), y + 34 + n % half * 18
        label = measure.label.to(language)
        indent = 5 * (len(label) - len(label.lstrip()))
        parts.append(f'<text x="{x + indent}" y="{line}">{escape(label.strip())}</text>')
        values = (measure.tried, measure.now)[: len(titles)]
        for kind, value, edge in zip(("figure ", ""), values, _EDGES, strict=False):
            words = escape(value.to(language))
            parts.append(f'<text class="{kind}end" x="{x + wide - edge}" y="{line}">{words}</text>')
    return y + 34 + half * 18


_EDGES = (24, 134)
"""How far from the right edge of its half the figure that it is about ends, and the one beside it."""


# ── Bars ─────────────────────────────────────────────────────────────────────────────────────────


def _bars(
    parts: list[str], simulation: Simulation, axis: _Axis, words: str, figure: Callable[[Day], int], y: int
) -> int:
    runs = _runs(simulation)
    sums = []
    for _, run in runs:
        bars = [0] * axis.bars
        for day, counted in run.figures.days.items():
            bars[axis.place(day)] += figure(counted)
        sums.append(bars)
    ticks = _ticks(max(1, *(max(bars) for bars in sums)))
    top = ticks[-1]
    parts.append(f'<text class="head" x="{MARGIN}" y="{y + 18}">{escape(words)}</text>')
    parts.append(f'<g transform="translate({MARGIN} {y + 32})">')
    _grid(parts, axis, ticks, 0, top, _TALL)
    wide = _PLOT / axis.bars / len(runs)
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


# ── Balances ─────────────────────────────────────────────────────────────────────────────────────


def _balances(
    parts: list[str], simulation: Simulation, axis: _Axis, row: Row, settings: StockSettings, language: str, y: int
) -> int:  # fmt: skip
    start = simulation.items[row.sku].balance or 0
    runs = [(kind, [start, *_by_bar(run.balances[row.sku], axis, start)]) for kind, run in _runs(simulation)]
    values = [value for _, line in runs for value in line]
    low, top = min(0, *values), max(1, *values)
    label = f"{row.sku}  {row.name}" if row.name != row.sku else row.sku
    told = _item_words(row, simulation).to(language)
    room = WIDTH - 2 * MARGIN - text_width(told, 12) - 20
    parts.append(f'<text class="figure" x="{MARGIN}" y="{y + 12}">{escape(_cut(label, room))}</text>')
    parts.append(f'<text class="end" x="{WIDTH - MARGIN - _RIGHT}" y="{y + 12}">{escape(told)}</text>')
    parts.append(f'<g transform="translate({MARGIN} {y + 22})">')
    zero = round(_LOW * top / (top - low), 1)
    if low < 0:
        parts.append(
            f'<rect class="below" x="{_LEFT}" y="{zero}" width="{_PLOT}" height="{round(_LOW - zero, 1)}"/>'
        )
    _grid(parts, axis, sorted({low, 0, top}), low, top, _LOW)
    parts.append(f'<path class="zero" d="M{_LEFT} {zero}H{_LEFT + _PLOT}"/>')
    for kind, line in runs:
        path = f"M{_LEFT} {_y(line[0], low, top)}"
        for bar, value in enumerate(line[1:]):
            path += f"V{_y(value, low, top)}H{axis.x(bar + 1)}"
        parts.append(f'<path class="line {kind}" d="{path}"/>')
    parts.append("</g>")
    return y + 22 + _LOW + 32


def _by_bar(balances: Mapping[str, int], axis: _Axis, start: int) -> list[int]:
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


# ── Grids ────────────────────────────────────────────────────────────────────────────────────────


def _y(value: int, low: int, top: int) -> float:
    return round(_LOW * (top - value) / (top - low), 1)


def _grid(parts: list[str], axis: _Axis, ticks: Sequence[int], low: int, top: int, high: int) -> None:
    written = -99.0
    for tick in reversed(ticks):
        y = round(high * (top - tick) / (top - low), 1)
        parts.append(f'<path class="rule" d="M{_LEFT} {y}H{_LEFT + _PLOT}"/>')
        if y - written >= 12:
            number = str(tick).replace("-", "\N{MINUS SIGN}")
            parts.append(f'<text class="axis end" x="{_LEFT - 7}" y="{round(y + 4, 1)}">{number}</text>')
            written = y
    for bar, day in _dates(axis):
        x = axis.x(bar)
        side = "" if bar == 0 else " middle"
        parts.append(f'<path class="rule" d="M{x} {high}v4"/>')
        parts.append(f'<text class="axis{side}" x="{x}" y="{high + 17}">{day.isoformat()}</text>')


def _ticks(top: int) -> list[int]:
    """Return round numbers from 0 to at least `top`, five of them or fewer."""
    step = 1
    while step * 4 < top:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, top + step, step)) if top % step else list(range(0, top + 1, step))


def _dates(axis: _Axis) -> Iterator[tuple[int, date]]:
    """Yield some bars with their first days, far enough apart to be written under the axis."""
    step = max(1, -(-axis.bars // 8))
    for bar in range(0, axis.bars, step):
        if bar == 0 or bar + step / 2 <= axis.bars:
            yield bar, axis.first + timedelta(days=bar * axis.each)


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


def _notes(parts: list[str], simulation: Simulation, language: str, y: int) -> int:
    for remark in remarks_of(simulation):
        for line in wrapped(remark.to(language), 12, WIDTH - 2 * MARGIN):
            y += 17
            parts.append(f'<text x="{MARGIN}" y="{y}">{escape(line)}</text>')
        y += 5
    return y


def _told(simulation: Simulation, settings: StockSettings, language: str) -> str:
    """Return the picture in words, for who cannot see it."""
    said = []
    for measure in measures_of(simulation, settings):
        label, now = measure.label.to(language).strip(), measure.now.to(language)
        said.append(f"{label}: {now}" + (f" → {measure.tried.to(language)}" if simulation.tried else ""))
    return "; ".join(said) + "."
