"""Faults in what keeps two changes of one order apart, built in on purpose in a forked child."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ashop_core import lifecycle, orders
from tests.proofs.harness import put_in


def without_the_version_check() -> None:
    """Write the order whatever version it is at."""
    original = orders._update_sql

    def careless(columns: tuple[str, ...]) -> str:
        return original(columns).replace("AND version = :old_version", "AND :old_version > 0")

    put_in(orders, "_update_sql", careless)


def the_last_writer_wins() -> None:
    """Give a change the next free version at the moment of writing, whatever it was worked out from."""
    original = lifecycle._write

    def write(shop: Any, writer: Any, before: Any, work: Any) -> None:
        row = writer.row("SELECT version FROM orders WHERE id = :id", {"id": before.id})
        version = row["version"]
        work.draft.change = replace(work.draft.change, seq=version + 1)
        work.draft.after = replace(work.draft.after, version=version + 1)
        original(shop, writer, replace(before, version=version), work)

    put_in(lifecycle, "_write", write)


def the_seen_version_is_forgotten() -> None:
    """Take no notice of the version that a caller has seen."""
    original = lifecycle._read
    put_in(lifecycle, "_read", lambda shop, who, expected: original(shop, who, None))
