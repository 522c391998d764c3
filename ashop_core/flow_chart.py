"""What a picture of a flow shows: its statuses and the steps between them; and the picture as Mermaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ashop_core.flow_marks import STAGES
from ashop_core.flows import Flows
from ashop_core.models import Role, Stage, Status
from ashop_core.rule_words import Labels, labels_of
from ashop_core.texts import Text

_RESERVED = frozenset({"as", "choice", "class", "direction", "end", "fork", "join", "note", "state", "style"})
"""Words that Mermaid reads as its own."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What is to be drawn: some statuses and the steps between them, under a title.

    The first status is where orders begin. `labels` gives the words for what sends, and for which methods.
    """

    title: Text
    statuses: tuple[Status, ...]
    steps: tuple[tuple[str, str], ...]
    labels: Labels


def chart_of(flows: Flows, wanted: Sequence[str], channels: Mapping[str, Text]) -> Chart:
    """Return the chart of one flow, or of several laid together."""
    found = {s.code for flow in wanted for s in flows.of_flow(flow)}
    start = flows.with_role(Role.START)
    statuses = (start, *(s for c, s in flows.statuses.items() if c in found and s is not start))
    steps = dict.fromkeys(
        (s.code, target)
        for s in statuses
        for flow in wanted
        if s in flows.of_flow(flow)
        for target in flows.targets(flow, s.code)
    )
    methods = [m.label for m in flows.delivery_methods.values() if m.flow in wanted]
    title = Text(", ".join(m.sv for m in methods), ", ".join(m.en for m in methods))
    return Chart(title=title, statuses=statuses, steps=tuple(steps), labels=labels_of(flows, channels))


def mermaid(chart: Chart, language: str) -> str:
    """Return the chart as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    hidden = [s for s in chart.statuses if s.stage is Stage.CHECKOUT]
    lines += [_mermaid_status(s, language) for s in chart.statuses if s.stage is not Stage.CHECKOUT]
    lines += [f'  state "{_quoted(STAGES[Stage.CHECKOUT].to(language))}" as ashop_checkout {{']
    lines += ["  " + _mermaid_status(s, language) for s in hidden]
    lines += ["  }", f"  [*] --> {_name(chart.statuses[0].code)}"]
    lines += [f"  {_name(source)} --> {_name(target)}" for source, target in chart.steps]
    lines += [f"  {_name(s.code)} --> [*]" for s in chart.statuses if s.final]
    return "\n".join(lines) + "\n"


def _mermaid_status(status: Status, language: str) -> str:
    return f'  state "{_quoted(status.label.to(language))}" as {_name(status.code)}'


def _name(code: str) -> str:
    return f"{code}_" if code in _RESERVED else code


def _quoted(words: str) -> str:
    """Return words as Mermaid keeps them between quotes: it knows the entities of HTML, written with #."""
    plain = " ".join(words.split())
    return "".join(f"#{ord(c)};" if c in '"#;<>&{}:' else c for c in plain)
