"""How long `ashop --help` takes beside `python -c "import click"`, taking turns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

TURNS = 15
ASHOP = [str(Path(sys.executable).with_name("ashop")), "--help"]
CLICK = [sys.executable, "-c", "import click"]


def measure(turns: int = TURNS) -> dict[str, float]:
    """Return the median of each in ms, and the ratio (the aim is 3 at most)."""
    times: dict[str, list[float]] = {"ashop_ms": [], "click_ms": []}
    for turn in range(turns + 1):
        for name, command in (("ashop_ms", ASHOP), ("click_ms", CLICK)):
            spent = _time(command)
            times[name] += [spent] if turn else []  # the first fills the caches
    found = {name: 1000 * median(spent) for name, spent in times.items()}
    return {**found, "ratio": found["ashop_ms"] / found["click_ms"]}


def _time(command: list[str]) -> float:
    begun = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - begun


if __name__ == "__main__":
    found = measure()
    print(
        f"ashop --help {found['ashop_ms']:.0f} ms, import click {found['click_ms']:.0f} ms, ratio {found['ratio']:.2f}"
    )
