"""What `make prove` says at its end: a table of every proof, what it tried and how often it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

import pytest


@dataclass(frozen=True)
class Proof:
    """One row of the table."""

    name: str
    what: str
    trials: int
    failures: int
    figure: str
    seconds: float


_PROOFS = pytest.StashKey[list[Proof]]()

Record = Callable[[str, str, int, int, str], None]


def pytest_configure(config: pytest.Config) -> None:
    """Begin with an empty table."""
    config.stash.setdefault(_PROOFS, [])


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Put a proof into the table: ``record(name, what, trials, failures, figure)``, before it is asserted."""
    begun = monotonic()
    rows: list[tuple[str, str, int, int, str]] = []

    yield lambda name, what, trials, failures, figure: rows.append((name, what, trials, failures, figure))
    found = request.config.stash.setdefault(_PROOFS, [])
    seconds = monotonic() - begun
    for n, row in enumerate(rows):
        found.append(Proof(*row, seconds=seconds if n == 0 else 0.0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    proofs = config.stash.get(_PROOFS, [])
    if not proofs:
        return
    heads = ("proof", "what", "trials", "failures", "figure", "s")
    rows = [(p.name, p.what, f"{p.trials:,}", str(p.failures), p.figure, f"{p.seconds:.0f}") for p in proofs]
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    terminalreporter.section("what was proved")
    for row in (heads, *rows):
        words = (
            word.rjust(width) if n in (2, 3, 5) else word.ljust(width)
            for n, (word, width) in enumerate(zip(row, widths, strict=True))
        )
        terminalreporter.line("  ".join(words).rstrip())
    terminalreporter.line(
        f"{sum(p.trials for p in proofs):,} trials, {sum(p.failures for p in proofs)} failures"
    )
