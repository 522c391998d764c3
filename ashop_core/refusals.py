"""Changes that were asked for and refused, kept so that the order's story can tell of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import Problem
from ashop_core.models import Change, Kind, Refusal
from ashop_core.storage import Reader, Writer
from ashop_core.texts import Text

LONGEST = 500
"""A reason is told in full when it is given; this much of it is kept."""

_RECORD = """
INSERT INTO refusals (order_id, kind, to_status, digest, problems, actor, first_at, last_at)
VALUES (:order_id, :kind, :to_status, :digest, :problems, :actor, :at, :at)
ON CONFLICT (order_id, kind, to_status, digest) DO UPDATE SET
    actor = :actor, last_at = :at, times = refusals.times + 1, problems = excluded.problems
"""


def record_refusal(tx: Writer, order_id: int, change: Change, problems: Iterable[Problem]) -> None:
    """Write down that a change was refused and why; the same refusal again is counted, not written anew.

    It is the same where the words that a customer may read are; what staff read is kept as it was the last time.
    """
    problems = tuple(problems)
    same = json.dumps([[p.code, p.plugin, p.text.sv, p.text.en] for p in problems])
    kept = [[p.code, p.plugin, p.staff_text.sv[:LONGEST], p.staff_text.en[:LONGEST]] for p in problems]
    values = {
        "order_id": order_id,
        "kind": change.kind.value,
        "to_status": change.to_status,
        "digest": hashlib.sha256(same.encode()).hexdigest(),
        "problems": json.dumps(kept),  # in ASCII: the words may hold what no store keeps
        "actor": change.actor,
        "at": to_iso(change.at),
    }
    tx.execute(_RECORD, values)


def refusals_of(reader: Reader, order_id: int) -> list[Refusal]:
    """Return what was refused of an order, in the order it first was."""
    rows = reader.rows(
        "SELECT * FROM refusals WHERE order_id = :id ORDER BY first_at, kind, to_status, digest",
        {"id": order_id},
    )
    return [_refusal_of(row) for row in rows]


def _refusal_of(row: Any) -> Refusal:
    return Refusal(
        kind=Kind(row["kind"]),
        to_status=row["to_status"],
        problems=tuple((code, plugin, Text(sv, en)) for code, plugin, sv, en in json.loads(row["problems"])),
        actor=row["actor"],
        first_at=from_iso(row["first_at"]),
        last_at=from_iso(row["last_at"]),
        times=row["times"],
    )
