"""A simulation as an SVG picture that stands alone: refused and oversold over time, the worst items' balances."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ashop_core.text_width import text_width, wrapped
from ashop_core.texts import Text, joined, same
from ashop_stock_control.simulating.axis import MARGIN, WIDTH, axis_of
from ashop_stock_control.simulating.charts import BARS, balances, bars
from ashop_stock_control.simulating.comparison import measures_of
from ashop_stock_control.simulating.picture_style import STYLE
from ashop_stock_control.simulating.remarks import remarks_of, trial_words
from ashop_stock_control.simulating.rows import rows_of

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings
    from ashop_stock_control.simulating.simulation import Simulation

ITEMS = 6
"""How many items' balances are drawn."""

_TITLE = Text("Lagret prövat på butikens egna ordrar", "The stock tried on the shop's own orders")
_NOW, _TRIED = Text("nu", "now"), Text("prövat", "tried")


def svg(simulation: Simulation, settings: StockSettings, language: str, days: tuple[str, str]) -> str:
    """Return the picture of a simulation whose `watched` items are the worst ones: no script and nothing from outside.

    `days` are the first and the last day, as the shop counts them.
    """
    axis = axis_of(*days)
    parts: list[str] = []
    y = _head(parts, simulation, settings, language, days)
    for title, figure in BARS:
        y = bars(parts, simulation, axis, title.to(language), figure, y)
    drawn = [row for row in rows_of(simulation) if row.sku in simulation.shown.balances]
    if drawn:
        words = Text("Saldon dag för dag", "Balances day by day")
        parts.append(f'<text class="head" x="{MARGIN}" y="{y + 18}">{words.to(language)}</text>')
        y += 34
    for row in drawn:
        y = balances(parts, simulation, axis, row, settings, language, y)
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
