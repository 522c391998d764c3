"""What a simulation found, as figures side by side: now, tried and the difference; and item by item, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ashop_core.money import money_text
from ashop_core.texts import Text, joined, same
from ashop_stock_control.simulating.figures import ItemFigures, Money, Reason

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings
    from ashop_stock_control.simulating.simulation import Simulation
    from ashop_stock_control.simulating.simulator import Run
    from ashop_stock_control.simulating.trials import Trial

_DAY = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One line of the comparison. Without a `tried` there was nothing to compare with."""

    label: Text
    now: Text
    tried: Text
    difference: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An item in both runs; `tried` is the present one again where nothing was tried."""

    sku: str
    name: str
    now: ItemFigures
    tried: ItemFigures

    @property
    def is_touched(self) -> bool:
        """Tell whether anything at all happened to it but sales."""
        return any(f.refused_pieces or f.oversold or f.changes for f in (self.now, self.tried))

    @property
    def badness(self) -> tuple[int, ...]:
        """How bad it looks: orders refused, pieces oversold, changes of status; in the trial before now."""
        return tuple(
            figure
            for f in (self.tried, self.now)
            for figure in (f.refused, f.refused_pieces, f.oversold_pieces, f.changes)
        )


def rows_of(simulation: Simulation) -> list[Row]:
    """Return every item that was ordered or moved, the worst first."""
    rows = []
    for sku, figures in simulation.now.items.items():
        other = figures if simulation.tried is None else simulation.tried.items.get(sku, figures)
        rows.append(Row(sku=sku, name=simulation.items[sku].name, now=figures, tried=other))
    return sorted(rows, key=lambda row: (*(-n for n in row.badness), row.sku))


# ── All orders together ──────────────────────────────────────────────────────────────────────────


def measures_of(simulation: Simulation, settings: StockSettings) -> Iterator[Measure]:
    """Yield the lines of the comparison."""
    now, tried = simulation.now, simulation.shown
    yield _count(Text("Ordrar prövade", "Orders judged"), now.figures.orders, tried.figures.orders)
    yield _count(Text("  antagna", "  accepted"), now.figures.accepted, tried.figures.accepted)
    yield _count(Text("  nekade", "  refused"), now.figures.refused, tried.figures.refused)
    for reason in sorted({*now.figures.reasons, *tried.figures.reasons}):
        a, b = (run.figures.reasons.get(reason, Reason()).orders for run in (now, tried))
        words = reason_words(reason, settings)
        yield _count(Text(f"    {words.sv}", f"    {words.en}"), a, b)
    yield _count(
        Text("  nekade stycken", "  pieces refused"), now.figures.refused_pieces, tried.figures.refused_pieces
    )
    if now.figures.refused_changes or tried.figures.refused_changes:
        label = Text("Nekade tillägg i ordrar", "Additions to orders refused")
        yield _count(label, now.figures.refused_changes, tried.figures.refused_changes)
    yield from _lost(now.figures.lost, tried.figures.lost)
    yield _count(Text("Översålda gånger", "Times oversold"), _sum(now, "oversold"), _sum(tried, "oversold"))
    label = Text("  översålda stycken", "  pieces oversold")
    yield _count(label, _sum(now, "oversold_pieces"), _sum(tried, "oversold_pieces"))
    yield _count(Text("  lägsta saldo", "  lowest balance"), _lowest(now), _lowest(tried))
    yield _count(
        Text("Byten av lagerstatus", "Stock status changes"), _sum(now, "changes"), _sum(tried, "changes")
    )
    yield _count(Text("  tillbaka igen", "  back again"), _sum(now, "turned"), _sum(tried, "turned"))


def reason_words(reason: str, settings: StockSettings) -> Text:
    """Return how staff read why an order was refused: ``status sold_out``, ``policy strict``, ``plugin …``."""
    kind, _, rest = reason.partition(" ")
    if kind == "status":
        return Text("lagerstatus {s}", "stock status {s}").fill(s=settings.label(rest))
    if kind == "plugin":
        plugin, _, code = rest.partition(" ")
        return same(f"{plugin}: {code}")
    return Text("policy {p}", "policy {p}").fill(p=rest)


def _count(label: Text, now: int | None, tried: int | None) -> Measure:
    if now is None or tried is None:
        return Measure(label=label, now=same("–"), tried=same("–"), difference=same(""))
    return Measure(
        label=label, now=_number(now), tried=_number(tried), difference=_number(tried - now, signed=True)
    )


def _lost(now: Money, tried: Money) -> Iterator[Measure]:
    label = Text("Förlorad försäljning", "Revenue lost")
    if not now and not tried:
        yield _count(label, 0, 0)
    for currency in sorted({*now, *tried}):
        a, b = now.get(currency, 0), tried.get(currency, 0)
        sign = "+" if b > a else ""
        difference = money_text(b - a, currency)
        yield Measure(
            label=label, now=money_text(a, currency), tried=money_text(b, currency),
            difference=same("") if a == b else Text(f"{sign}{difference.sv}", f"{sign}{difference.en}"),
        )  # fmt: skip


def _sum(run: Run, name: str) -> int:
    return sum(getattr(figures, name) for figures in run.items.values())


def _lowest(run: Run) -> int | None:
    lowest = [figures.lowest for figures in run.items.values() if figures.lowest is not None]
    return min(lowest, default=None)


def _number(n: int, *, signed: bool = False) -> Text:
    if signed and not n:
        return same("")
    digits = f"{n:+,d}" if signed else f"{n:,d}"
    return Text(
        digits.replace(",", "\N{NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}"),
        digits.replace("-", "\N{MINUS SIGN}"),
    )


# ── What was tried, and what has to be said ──────────────────────────────────────────────────────


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
            "{n} artiklar hade inget saldo när den första ordern lades och kan inte ta slut här, till exempel {some}: "
            "ange --start N, eller ett senare --since.",
            "{n} items had no balance when the first order was placed and cannot run out here, for example {some}: "
            "give --start N, or a later --since.",
        ).fill(n=len(without), some=", ".join(without[:3]))
    elif without:
        yield Text(
            "{n} artiklar hade inget saldo när den första ordern lades och började här med {start} st, utan inleveranser.",
            "{n} items had no balance when the first order was placed and began here with {start} pcs, without deliveries.",
        ).fill(n=len(without), start=simulation.start)
    if simulation.turned_away:
        yield Text(
            "{n} kassor nekades av lagret under tiden och blev aldrig ordrar: de är inte med.",
            "{n} checkouts were refused by the stock meanwhile and never became orders: they are not counted.",
        ).fill(n=simulation.turned_away)
    if any(money for money in (simulation.now.figures.lost, simulation.shown.figures.lost)):
        yield Text(
            "Förlorad försäljning är nekade ordrars hela belopp; en order som fallit på två artiklar räknas hos båda.",
            "Revenue lost is the whole amount of refused orders; an order short of two items counts at both.",
        )


# ── For machines ─────────────────────────────────────────────────────────────────────────────────


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
        "oversold": _sum(run, "oversold"),
        "oversold_pieces": _sum(run, "oversold_pieces"),
        "lowest": _lowest(run),
        "status_changes": _sum(run, "changes"),
        "turned_back": _sum(run, "turned"),
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


def money_words(amounts: Money) -> Text:
    """Return amounts of several currencies side by side; nothing for none."""
    return joined([money_text(minor, currency) for currency, minor in sorted(amounts.items())])


def watched_of(rows: Iterable[Row], most: int) -> frozenset[str]:
    """Return the items whose balances a picture should show: the worst that have one."""
    return frozenset([row.sku for row in rows if row.tried.lowest is not None and row.is_touched][:most])
