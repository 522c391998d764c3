"""What was tried in a simulation, and what a reader has to know of its figures, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.texts import Text, counted, joined, same

if TYPE_CHECKING:
    from ashop_stock_control.simulating.simulation import Simulation
    from ashop_stock_control.simulating.trials import Trial


def trial_words(trial: Trial) -> Text:
    """Return what was tried, in a line."""
    parts = [same(str(trial.settings))] if trial.settings else []
    if trial.policy is not None:
        parts.append(same(f"policy {trial.policy}"))
    if trial.margin is not None:
        parts.append(Text("säkerhetsmarginal {n}", "safety margin {n}").fill(n=trial.margin))
    if trial.no_rules:
        parts.append(Text("utan butikens regler", "without the shop's rules"))
    if trial.rule is not None:
        rule = trial.rule
        back = "" if rule.back_at is None else f", back_at {rule.back_at}"
        parts.append(same(f"{rule.when.value} {rule.threshold}: {', '.join(rule.from_)} → {rule.to}{back}"))
    if trial.no_plugins:
        parts.append(Text("utan butikens lagerregler i insticksmoduler", "without the enabled rule plugins"))
    parts += [Text("insticksmodulen {n}", "the plugin {n}").fill(n=name) for name in trial.plugins]
    if trial.skus or trial.groups:
        these = [*trial.skus, *(f"@{group}" for group in trial.groups)]
        parts.append(Text("för {n}", "for {n}").fill(n=" ".join(these)))
    return joined(parts)


def remarks_of(simulation: Simulation) -> Iterator[Text]:
    """Yield what a reader has to know of the figures: what was left out, and what nobody can know."""
    without = sorted(simulation.without & simulation.now.items.keys())
    if without and simulation.start is None:
        yield Text(
            "{items} hade inget saldo när den första ordern lades och kan inte ta slut här, till exempel {some}: "
            "ange --start N, eller ett senare --since.",
            "{items} had no balance when the first order was placed and cannot run out here, for example {some}: "
            "give --start N, or a later --since.",
        ).fill(items=_items(len(without)), some=", ".join(without[:3]))
    elif without:
        yield Text(
            "{items} hade inget saldo när den första ordern lades och började här med {start} st, utan inleveranser.",
            "{items} had no balance when the first order was placed and began here with {start} pcs, without deliveries.",
        ).fill(items=_items(len(without)), start=simulation.start)
    if simulation.turned_away:
        yield counted(simulation.turned_away, _TURNED_ONE_AWAY, _TURNED_AWAY)
    if any(money for money in (simulation.now.figures.lost, simulation.shown.figures.lost)):
        yield Text(
            "Förlorad försäljning är nekade ordrars hela belopp; en order som fallit på två artiklar räknas hos båda.",
            "Revenue lost is the whole amount of refused orders; an order short of two items counts at both.",
        )


def _items(n: int) -> Text:
    return counted(n, Text("1 artikel", "1 item"), Text("{n} artiklar", "{n} items"))


_TURNED_ONE_AWAY = Text(
    "En kassa nekades av lagret under tiden och blev aldrig en order: den är inte med.",
    "One checkout was refused by the stock meanwhile and never became an order: it is not counted.",
)
_TURNED_AWAY = Text(
    "{n} kassor nekades av lagret under tiden och blev aldrig ordrar: de är inte med.",
    "{n} checkouts were refused by the stock meanwhile and never became orders: they are not counted.",
)
