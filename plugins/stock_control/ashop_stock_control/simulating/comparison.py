"""What a simulation found, as figures side by side: now, tried and the difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.money import money_text
from ashop_core.texts import Text, joined, same
from ashop_stock_control.simulating.figures import Money, Reason

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings
    from ashop_stock_control.simulating.run import Run
    from ashop_stock_control.simulating.simulation import Simulation


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One line of the comparison. Without a `tried` there was nothing to compare with."""

    label: Text
    now: Text
    tried: Text
    difference: Text


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
    yield _count(
        Text("Översålda gånger", "Times oversold"), sum_of(now, "oversold"), sum_of(tried, "oversold")
    )
    label = Text("  översålda stycken", "  pieces oversold")
    yield _count(label, sum_of(now, "oversold_pieces"), sum_of(tried, "oversold_pieces"))
    yield _count(Text("  lägsta saldo", "  lowest balance"), lowest_of(now), lowest_of(tried))
    yield _count(
        Text("Byten av lagerstatus", "Stock status changes"), sum_of(now, "changes"), sum_of(tried, "changes")
    )
    yield _count(Text("  tillbaka igen", "  back again"), sum_of(now, "turned"), sum_of(tried, "turned"))


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


def money_words(amounts: Money) -> Text:
    """Return amounts of several currencies side by side; nothing for none."""
    return joined([money_text(minor, currency) for currency, minor in sorted(amounts.items())])


def sum_of(run: Run, name: str) -> int:
    """Return the sum of a figure over all items."""
    return sum(getattr(figures, name) for figures in run.items.values())


def lowest_of(run: Run) -> int | None:
    """Return the lowest balance of any item; None where none had one."""
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
