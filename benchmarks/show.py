"""The figures as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_console = Console(width=125, highlight=False)


def costs(mode: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print what each use case costs on both sides; `share` is Ashop's share of the floor's rate."""
    _print(
        f"synchronous = {mode}: median µs; statements, commits",
        ("", "Ashop", "floor", "share", "Ashop stmts", "floor stmts", "commits"),
        [
            (
                row["case"], f"{row['ashop_us']:.0f}", f"{row['floor_us']:.0f}", f"{row['share']:.2f}",
                str(row["ashop_statements"]), str(row["floor_statements"]), str(row["commits"]),
            )
            for row in rows
        ],
    )  # fmt: skip


def breakdown(found: Mapping[str, Mapping[str, float]]) -> None:
    """Print where the time goes, a column for each use case."""
    parts = sorted({p for shares in found.values() for p in shares}, key=lambda p: -_most(found, p))
    _print(
        "where Ashop's time goes, synchronous = OFF (by cProfile, which makes Python look dearer than C)",
        ("", *found),
        [
            (p, *(f"{100 * shares.get(p, 0):.0f} %" for shares in found.values()))
            for p in parts
            if _most(found, p) > 0.005
        ],
    )


def scaling(found: Sequence[Mapping[str, Any]]) -> None:
    """Print what placing an order costs in shops of different sizes."""
    for group in dict.fromkeys(row["group"] for row in found):
        rows = [row for row in found if row["group"] == group]
        _print(
            f"placing an order of 3 lines, synchronous = OFF: {group}",
            ("", "median µs", "to the first"),
            [(row["name"], f"{row['us']:.0f}", f"× {row['us'] / rows[0]['us']:.2f}") for row in rows],
        )


def simulate(found: Sequence[Mapping[str, Any]]) -> None:
    """Print how fast a simulation goes through orders."""
    _print(
        "ashop stock simulate: order lines for each second of processor time",
        ("", "lines/s", "of reading alone"),
        [(row["name"], f"{row['lines_per_second']:,.0f}", f"{row['share']:.2f}") for row in found],
    )


def messages(found: Mapping[str, Any]) -> None:
    """Print how fast messages leave, what placing costs beside them, and what a claim costs."""
    _print(
        "messages to a mail server on loopback, one worker",
        ("", "Ashop/s", "bare smtplib loop/s", "share", "words, MIME, SMTP", "statements", "commits"),
        [
            (
                f"synchronous = {row['mode']}", f"{row['ashop']:.0f}", f"{row['bare']:.0f}", f"{row['share']:.2f}",
                f"{100 * row['in_channel']:.0f} %", f"{row['statements']:.1f}", f"{row['commits']:.1f}",
            )
            for row in found["sending"]
        ],
    )  # fmt: skip
    _print(
        "placing an order of 3 lines, synchronous = OFF",
        ("", "median µs", "share of the rate where nobody sends"),
        [(row["name"], f"{row['us']:.0f}", f"{row['share']:.3f}") for row in found["placing"]],
    )
    _print(
        "a claim while messages wait in a lane that is down",
        ("waiting", "median µs", "of one order"),
        [(f"{row['waiting']:,}", f"{row['us']:.0f}", f"{row['order_us']:.0f}") for row in found["claims"]],
    )


def startup(found: Mapping[str, float]) -> None:
    """Print how long the command line takes to start."""
    _print(
        "starting, median ms",
        ("ashop --help", 'python -c "import click"', "ratio"),
        [(f"{found['ashop_ms']:.0f}", f"{found['click_ms']:.0f}", f"{found['ratio']:.2f}")],
    )


def _most(found: Mapping[str, Mapping[str, float]], part: str) -> float:
    return max(shares.get(part, 0.0) for shares in found.values())


def _print(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    _console.print(f"\n[bold]{title}[/]")
    table = Table(box=SIMPLE_HEAD)
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n else "left", no_wrap=not n)
    for row in rows:
        table.add_row(*row)
    _console.print(table)
