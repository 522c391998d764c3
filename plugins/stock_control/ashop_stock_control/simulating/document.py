"""A simulation as plain data, for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ashop_stock_control.simulating.comparison import lowest_of, sum_of
from ashop_stock_control.simulating.rows import rows_of

if TYPE_CHECKING:
    from ashop_stock_control.simulating.figures import ItemFigures, Reason
    from ashop_stock_control.simulating.run import Run
    from ashop_stock_control.simulating.simulation import Simulation
    from ashop_stock_control.simulating.trials import Trial

_DAY = 86_400


def document_of(simulation: Simulation) -> dict[str, Any]:
    """Return everything as plain data for JSON; amounts are minor units by currency."""
    runs = {"now": simulation.now} | ({} if simulation.tried is None else {"tried": simulation.tried})
    return {
        "began": simulation.began,
        "ended": simulation.ended,
        "trial": _trial_document(simulation.trial),
        "runs": {name: _run_document(run) for name, run in runs.items()},
        "items": [
            {"sku": row.sku, "name": row.name}
            | {n: _item_document(run.items.get(row.sku)) for n, run in runs.items()}
            for row in rows_of(simulation)
        ],
        "without_balance": sorted(simulation.without & simulation.now.items.keys()),
        "start": simulation.start,
        "turned_away": simulation.turned_away,
    }


def _trial_document(trial: Trial) -> dict[str, Any]:
    rule = trial.rule
    return {
        "policy": trial.policy,
        "margin": trial.margin,
        "rule": None
        if rule is None
        else {
            "when": rule.when.value, "threshold": rule.threshold, "from": list(rule.from_), "to": rule.to,
            "back_at": rule.back_at, "priority": rule.priority,
        },
        "no_rules": trial.no_rules,
        "plugins": list(trial.plugins),
        "no_plugins": trial.no_plugins,
        "skus": list(trial.skus),
        "groups": list(trial.groups),
        "settings": None if trial.settings is None else str(trial.settings),
    }  # fmt: skip


def _run_document(run: Run) -> dict[str, Any]:
    f = run.figures
    return {
        "orders": f.orders,
        "lines": f.lines,
        "pieces": f.pieces,
        "accepted": f.accepted,
        "refused": f.refused,
        "refused_lines": f.refused_lines,
        "refused_pieces": f.refused_pieces,
        "refused_changes": f.refused_changes,
        "lost": f.lost,
        "reasons": _reasons(f.reasons),
        "oversold": sum_of(run, "oversold"),
        "oversold_pieces": sum_of(run, "oversold_pieces"),
        "lowest": lowest_of(run),
        "status_changes": sum_of(run, "changes"),
        "turned_back": sum_of(run, "turned"),
        "days": [
            {"day": d, "refused": day.refused, "oversold": day.oversold} for d, day in sorted(f.days.items())
        ],
    }


def _item_document(f: ItemFigures | None) -> dict[str, Any] | None:
    if f is None:
        return None
    return {
        "status": f.item.status,
        "balance": f.item.balance,
        "orders": f.orders,
        "pieces": f.pieces,
        "refused": f.refused,
        "refused_pieces": f.refused_pieces,
        "lost": f.lost,
        "reasons": _reasons(f.reasons),
        "oversold": f.oversold,
        "oversold_pieces": f.oversold_pieces,
        "lowest": f.lowest,
        "status_changes": f.changes,
        "turned_back": f.turned,
        "days_in_status": {status: round(spent / _DAY, 2) for status, spent in sorted(f.seconds.items())},
    }


def _reasons(reasons: dict[str, Reason]) -> dict[str, dict[str, int]]:
    return {code: {"orders": r.orders, "pieces": r.pieces} for code, r in sorted(reasons.items())}
