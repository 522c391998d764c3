"""Which flows a shop's own steps belong to: where `ashop.toml` names none, those that have both their ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ashop_core.flows import reachable
from ashop_core.models import Transition


def fit_steps(
    own: Iterable[Transition], shipped: Iterable[Transition], flows: Iterable[str], start: str
) -> list[Transition]:
    """Return a shop's own steps, those without flows given the flows that they fit into.

    A step fits where an order of the flow can have both its statuses. A new status fits where something
    leads to it and, if it says what comes after it, something of that is there: a quality check between
    `reviewed` and `shipped` is no part of picking up in store. A step that fits nowhere is left as it is,
    for the check of the whole to tell what is wrong with it.
    """
    steps = list(own)
    given = [*shipped, *(step for step in steps if step.flows)]
    fitting = {flow: _statuses(flow, given, steps, start) for flow in flows}
    return [step if step.flows else replace(step, flows=_home(step, fitting)) for step in steps]


def _home(step: Transition, fitting: dict[str, set[str]]) -> frozenset[str]:
    return frozenset(flow for flow, codes in fitting.items() if {step.source, step.target} <= codes)


def _statuses(flow: str, given: list[Transition], own: list[Transition], start: str) -> set[str]:
    """Return what an order of the flow can have: by the given steps, and then the new statuses that fit."""
    there = reachable(
        start, lambda code: [t.target for t in given if t.source == code and t.belongs_to(flow)]
    )
    known = {code for step in given for code in (step.source, step.target)}
    new = {code for step in own if not step.flows for code in (step.source, step.target)} - known
    while True:
        misfits = {code for code in new if not _fits(code, own, there | new)}
        if not misfits:
            return there | new
        new -= misfits


def _fits(code: str, own: list[Transition], there: set[str]) -> bool:
    before = [step.source for step in own if step.target == code]
    after = [step.target for step in own if step.source == code]
    return any(b in there for b in before) and (not after or any(a in there for a in after))
