"""A flow as an SVG picture that stands alone. What is drawn follows from the properties of the statuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from ashop_core.flow_chart import Chart
from ashop_core.flow_layout import Box, Layout, Line, lay_out
from ashop_core.flow_marks import ICONS, LEGEND, PLACES, STAGES, STYLE, marks_of
from ashop_core.models import Role, Stage, Status
from ashop_core.text_width import text_width, wrapped

MARGIN = 28
_PAD = 14
_LABEL, _CODE, _MARK = 15, 11, 12
_NARROWEST, _WIDEST = 176, 264
_GROUP = 22


@dataclass(frozen=True)
class _Card:
    """A status as it is written in its box: the lines of its label, and marks of icon and words."""

    status: Status
    label: tuple[str, ...]
    marks: tuple[tuple[str, tuple[str, ...]], ...]
    pill: str

    @property
    def height(self) -> int:
        """How high the box has to be."""
        rows = sum(len(lines) for _, lines in self.marks)
        return 2 * _PAD + len(self.label) * 19 + 16 + (rows * 17 + 7 if rows else 0) - 4


def svg(chart: Chart, language: str) -> str:
    """Return the chart as an SVG document: no script, no font and nothing else from outside."""
    width, cards = _cards(chart, language)
    layout = _layout(chart, cards, width)
    return "".join(f"{line}\n" for line in _document(chart, cards, layout, language))


def laid_out(chart: Chart, language: str) -> Layout:
    """Return where the chart's boxes and lines go."""
    width, cards = _cards(chart, language)
    return _layout(chart, cards, width)


def _layout(chart: Chart, cards: Mapping[str, _Card], width: int) -> Layout:
    late = [s.code for s in chart.statuses if s.stage is not Stage.CHECKOUT]
    weights = {step: _weight(cards[step[0]].status, cards[step[1]].status) for step in chart.steps}
    sizes = {code: (width, card.height) for code, card in cards.items()}
    return lay_out(sizes, chart.steps, weights, late, apart=_GROUP)


def _weight(source: Status, target: Status) -> int:
    """Return how much a step is the usual way: drawn straight, with the others beside it."""
    if target.stage is Stage.VOID or Role.ABANDONED in (source.role, target.role):
        return 1
    return 2 if Role.PARTIAL in (source.role, target.role) else 6


def _cards(chart: Chart, language: str) -> tuple[int, dict[str, _Card]]:
    """Return the width of every box, which is the same, and what is written in each."""
    written = {}
    for status in chart.statuses:
        marks = [(icon, text.to(language)) for icon, text in marks_of(status, chart.labels)]
        pill = PLACES[status.stock].to(language)
        written[status.code] = (status, marks, pill)
    widest = max(_room(s, marks, pill, language) for s, marks, pill in written.values())
    width = min(_WIDEST, max(_NARROWEST, widest + 2 * _PAD) // 2 * 2 + 2)
    room = width - 2 * _PAD
    return width, {
        code: _Card(
            status,
            wrapped(status.label.to(language), _LABEL, room, bold=True),
            tuple((icon, wrapped(words, _MARK, room - 20)) for icon, words in marks),
            pill,
        )
        for code, (status, marks, pill) in written.items()
    }


def _room(status: Status, marks: list[tuple[str, str]], pill: str, language: str) -> int:
    code = text_width(status.code, _CODE, mono=True) + 14 + text_width(pill, _CODE) + 14
    label = text_width(status.label.to(language), _LABEL, bold=True)
    return max([label, code, *(20 + text_width(words, _MARK) for _, words in marks)])


def _document(chart: Chart, cards: Mapping[str, _Card], layout: Layout, language: str) -> Iterator[str]:
    legend, legend_height = _legend(layout.width, language)
    title = chart.title.to(language)
    title_lines = wrapped(title, 20, max(layout.width, 320), bold=True)
    top = MARGIN + 26 + 26 * len(title_lines) + _GROUP
    left = MARGIN + _GROUP
    width = max(layout.width, 320) + 2 * left
    height = top + layout.height + 30 + legend_height + MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ashop-flow" role="img" aria-labelledby="ashop-title '
        f'ashop-desc" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    )
    yield f'<title id="ashop-title">{escape(title)}</title>'
    yield f'<desc id="ashop-desc">{escape(_told(chart, language))}</desc>'
    yield f"<style>{STYLE}</style>"
    yield "<defs>"
    yield from (
        f'<symbol id="ashop-{name}" viewBox="0 0 16 16">{paths}</symbol>' for name, paths in ICONS.items()
    )
    for kind in ("step", "back"):
        yield (
            f'<marker id="ashop-{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
            f'markerUnits="userSpaceOnUse" orient="auto"><path class="{kind}-head" d="M0 0.8 10 5 0 9.2Z"/></marker>'
        )
    yield "</defs>"
    yield f'<rect class="paper" width="{width}" height="{height}" rx="14"/>'
    for n, line in enumerate(title_lines):
        yield f'<text class="title" x="{MARGIN}" y="{MARGIN + 18 + 26 * n}">{escape(line)}</text>'
    yield f'<g transform="translate({left + max(0, (320 - layout.width) // 2)} {top})">'
    yield from _checkout(chart, layout, language)
    yield from (_line(line) for line in layout.lines)
    for code, card in cards.items():
        yield from _box(card, layout.boxes[code], language)
    yield "</g>"
    yield f'<g transform="translate({MARGIN} {top + layout.height + 30})">'
    yield from legend
    yield "</g>"
    yield "</svg>"


def _told(chart: Chart, language: str) -> str:
    """Return the picture in words, for who cannot see it."""
    labels = {s.code: s.label.to(language) for s in chart.statuses}
    told = []
    for status in chart.statuses:
        targets = [labels[target] for source, target in chart.steps if source == status.code]
        marks = [text.to(language) for _, text in marks_of(status, chart.labels)]
        told.append(
            f"{labels[status.code]} ({'; '.join([STAGES[status.stage].to(language), *marks])})"
            + (f" → {', '.join(targets)}" if targets else "")
        )
    return ". ".join(told) + "."


def _checkout(chart: Chart, layout: Layout, language: str) -> Iterator[str]:
    """Yield the frame round what a customer never sees."""
    hidden = {s.code for s in chart.statuses if s.stage is Stage.CHECKOUT}
    inside = [layout.boxes[code] for code in hidden]
    across = [x for box in inside for x in (box.x, box.right)]
    across += [x for line in layout.lines if {line.source, line.target} <= hidden for x, _ in line.points]
    x, y = min(across) - _GROUP, min(b.y for b in inside) - _GROUP - 12
    width = max(across) + _GROUP - x
    height = max(b.bottom for b in inside) + _GROUP - y
    yield f'<rect class="hidden-part" x="{x}" y="{y}" width="{width}" height="{height}" rx="16"/>'
    yield f'<text class="hidden-title" x="{x + 16}" y="{y + 20}">{escape(STAGES[Stage.CHECKOUT].to(language))}</text>'


def _line(line: Line) -> str:
    kind = "back" if line.back else "step"
    return f'<path class="{kind}" d="{_way(line)}" marker-end="url(#ashop-{kind})"/>'


def _way(line: Line) -> str:
    (x, y), *rest = line.points
    path = f"M{x} {y}"
    if line.source == line.target:
        (to_x, to_y) = rest[0]
        return f"{path}C{x + 26} {y - 8} {to_x + 26} {to_y + 8} {to_x} {to_y}"
    for n, (to_x, to_y) in enumerate(rest):
        # Past a rank always straight, so that nothing is crossed.
        if n % 2 or (to_x == x and not line.back):
            path += f"V{to_y}"
        else:
            bow = 18 if line.back and abs(to_x - x) < 8 else 0
            middle = (y + to_y) // 2
            path += f"C{x + bow} {middle} {to_x + bow} {middle} {to_x} {to_y}"
        x, y = to_x, to_y
    return path


def _box(card: _Card, box: Box, language: str) -> Iterator[str]:
    status = card.status
    shown = "" if status.visible else " unseen"
    yield f'<g class="status {status.stage.value}{shown}" transform="translate({box.x} {box.y})">'
    yield f"<title>{escape(status.label.to(language))} ({escape(status.code)})</title>"
    yield _shape(status.stage, box.width, box.height, "box")
    if status.final:
        yield _shape(status.stage, box.width - 8, box.height - 8, "inner", 4)
    y = _PAD + 13
    for line in card.label:
        yield f'<text class="label" x="{_PAD}" y="{y}">{escape(line)}</text>'
        y += 19
    yield f'<text class="code" x="{_PAD}" y="{y - 2}">{escape(status.code)}</text>'
    if status.stage is not Stage.CHECKOUT:
        wide = text_width(card.pill, _CODE) + 14
        x = box.width - _PAD - wide
        kind = status.stock.value if status.stock else "own"
        yield f'<rect class="pill {kind}" x="{x}" y="{y - 14}" width="{wide}" height="17" rx="8.5"/>'
        yield f'<text class="pill-words {kind}" x="{x + wide / 2:g}" y="{y - 2}">{escape(card.pill)}</text>'
    y += 21
    for icon, lines in card.marks:
        yield f'<use class="icon" href="#ashop-{icon}" x="{_PAD}" y="{y - 11}" width="14" height="14"/>'
        for line in lines:
            yield f'<text class="mark" x="{_PAD + 20}" y="{y}">{escape(line)}</text>'
            y += 17
    yield "</g>"


def _shape(stage: Stage, width: int, height: int, name: str, inset: int = 0) -> str:
    """Return the outline: what is void has its corners cut, what is done is rounder than what is open."""
    if stage is Stage.VOID:
        cut = 12 - inset // 2
        right, bottom = inset + width, inset + height
        return (
            f'<path class="{name}" d="M{inset + cut} {inset}H{right - cut}L{right} {inset + cut}V{bottom - cut}'
            f'L{right - cut} {bottom}H{inset + cut}L{inset} {bottom - cut}V{inset + cut}Z"/>'
        )
    round_ = (20 if stage is Stage.DONE else 7) - (inset if stage is Stage.DONE else inset // 2)
    return f'<rect class="{name}" x="{inset}" y="{inset}" width="{width}" height="{height}" rx="{round_}"/>'


def _legend(width: int, language: str) -> tuple[list[str], int]:
    """Return the legend, broken over as many rows as it needs, and how high it is."""
    room, x, y = max(width, 320) + 2 * _GROUP, 0, 0
    parts = ['<path class="rule" d="M0 -14H%d"/>' % room]  # noqa: UP031 - one number
    for icon, text in LEGEND:
        words = text.to(language)
        wide = 26 + text_width(words, _MARK) + 22
        if x and x + wide > room:
            x, y = 0, y + 24
        parts.append(f'<g transform="translate({x} {y})">{_sample(icon)}')
        parts.append(f'<text class="mark legend" x="26" y="12">{escape(words)}</text></g>')
        x += wide
    return parts, y + 20


def _sample(icon: str) -> str:
    """Return what the legend explains: an icon, the shape of a stage or the line of a step back."""
    if icon in ICONS:
        return f'<use class="icon" href="#ashop-{icon}" x="2" y="1" width="15" height="15"/>'
    if icon == "back":
        return '<path class="back" d="M0 8H18" marker-end="url(#ashop-back)"/>'
    if icon == "final":
        inner = '<rect class="inner" x="3" y="4" width="13" height="8" rx="1.5"/>'
        return f'<g class="open"><rect class="box" y="1" width="19" height="14" rx="3"/>{inner}</g>'
    if icon == "held":
        return '<rect class="pill held" y="2" width="20" height="12" rx="6"/>'
    if icon == "void":
        return '<g class="void"><path class="box" d="M4 1H15L19 5V11L15 15H4L0 11V5Z"/></g>'
    return f'<g class="{icon}"><rect class="box" y="1" width="19" height="14" rx="{7 if icon == "done" else 3}"/></g>'
