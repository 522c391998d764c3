"""`make bench`: what Ashop costs beside hand-written SQL that writes the same rows.

    python benchmarks/run.py [--orders N] [--only costs,breakdown,scaling,simulate,messages,startup] [--json FILE]

Only the ratios travel from one machine to another.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import messages, scaling, show, simulating, startup
from benchmarks.breakdown import breakdown
from benchmarks.cases import CASES
from benchmarks.measure import commits, interleaved, microseconds, share, sqlite_version, statements
from benchmarks.sameness import different_counts, same_rows
from benchmarks.sides import both_sides

PARTS = ("costs", "breakdown", "scaling", "simulate", "messages", "startup")
MODES = ("FULL", "OFF")
PROFILED = 4
"""Of the cases, the first so many change something, and are looked into."""


def main() -> None:
    """Measure what was asked for, print it and write it down."""
    options = _options()
    found: dict[str, Any] = {"machine": f"Python {platform.python_version()}, SQLite {sqlite_version()}"}
    print(found["machine"])
    if "costs" in options.only or "breakdown" in options.only:
        different = same_rows()
        assert not different, "the floor does not write what Ashop writes:\n" + "\n".join(different)
    for mode in MODES:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            if "costs" in options.only:
                found[f"costs {mode}"] = _costs(Path(folder), mode, options.orders)
                show.costs(mode, found[f"costs {mode}"])
    if "breakdown" in options.only:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            found["breakdown"] = _breakdown(Path(folder), options.orders)
            show.breakdown(found["breakdown"])
    if "scaling" in options.only:
        found["scaling"] = scaling.measure(options.folder, options.orders)
        show.scaling(found["scaling"])
    if "simulate" in options.only:
        found["simulate"] = simulating.measure(options.folder)
        show.simulate(found["simulate"])
    if "messages" in options.only:
        found["messages"] = messages.measure(options.folder, options.orders)
        show.messages(found["messages"])
    if "startup" in options.only:
        found["startup"] = startup.measure()
        show.startup(found["startup"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")


def _costs(folder: Path, mode: str, orders: int) -> list[dict[str, Any]]:
    ashop, floor = both_sides(folder, mode)
    rows = []
    for case in CASES:
        times = interleaved(case, {"ashop": ashop, "floor": floor}, orders)
        ours, theirs = statements(case, ashop), statements(case, floor)
        assert commits(ours) == commits(theirs), f"{case.name}: not as many commits"
        rows.append(
            {
                "case": case.name,
                "ashop_us": microseconds(times["ashop"]),
                "floor_us": microseconds(times["floor"]),
                "share": share(times, "ashop", "floor"),
                "ashop_statements": len(ours),
                "floor_statements": len(theirs),
                "commits": commits(ours),
            }
        )
    ashop.close()
    floor.close()
    assert not different_counts(folder), different_counts(folder)
    return rows


def _breakdown(folder: Path, orders: int) -> dict[str, dict[str, float]]:
    ashop, floor = both_sides(folder, "OFF")
    found = {case.name: breakdown(case, ashop, orders) for case in CASES[:PROFILED]}
    ashop.close()
    floor.close()
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=400, help="operations measured of each use case")
    parser.add_argument("--only", default=",".join(PARTS), help="some of " + ",".join(PARTS))
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--folder", type=Path, help="where the databases are put; the disk counts")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only: {', '.join(unknown)} is none of {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    main()
