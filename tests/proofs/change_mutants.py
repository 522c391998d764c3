"""Faults in what keeps two changes of one order apart, built in on purpose in a forked child."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ashop_core import lifecycle, order_rows, settling
from tests.proofs.harness import put_in


def without_the_version_check() -> None:
    """Write the order whatever version it is at."""
    original = order_rows._update_sql

    def careless(columns: tuple[str, ...]) -> str:
        return original(columns).replace("AND version = :old_version", "AND :old_version > 0")

    put_in(order_rows, "_update_sql", careless)


def the_last_writer_wins() -> None:
    """Give a change the next free version at the moment of writing, whatever it was worked out from."""
    original = settling.write_change

    def write(shop: Any, writer: Any, before: Any, work: Any) -> None:
        row = writer.row("SELECT version FROM orders WHERE id = :id", {"id": before.id})
        version = row["version"]
        work.draft.change = replace(work.draft.change, seq=version + 1)
        work.draft.after = replace(work.draft.after, version=version + 1)
        original(shop, writer, replace(before, version=version), work)

    put_in(lifecycle, "write_change", write)


def the_seen_version_is_forgotten() -> None:
    """Take no notice of the version that a caller has seen."""
    original = lifecycle.read_order
    put_in(lifecycle, "read_order", lambda shop, who, expected: original(shop, who, None))
