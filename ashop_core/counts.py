"""How many orders there are of each kind: exact while they are few, and never more work than that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ashop_core.flows import Flows
from ashop_core.order_filter import Moment, OrderFilter, select
from ashop_core.queries import matching, union
from ashop_core.storage import Reader
from ashop_core.texts import Text

MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many orders there are of something. With `more` there are more than `number`, which is all that were counted."""

    code: str
    label: Text
    number: int
    more: bool = False

    def __str__(self) -> str:
        """Return it as people read it: ``1000+`` where it goes on."""
        return f"{self.number}+" if self.more else str(self.number)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many orders each status has, and each saved filter."""

    statuses: tuple[Count, ...]
    filters: tuple[Count, ...]


def count_orders(
    reader: Reader, flows: Flows, wanted: OrderFilter, moment: Moment, most: int
) -> tuple[int, bool]:
    """Return how many orders a filter has, and whether there are more: no more than `most` are counted."""
    selection = select(flows, wanted, moment)
    if not selection.branches:
        return 0, False
    matched = matching(reader, selection)
    sql = f"SELECT COUNT(*) AS n FROM ({union('1 AS one', selection, matched)} LIMIT :most) AS counted"  # noqa: S608
    row = reader.row(sql, {**selection.params, **(matched.params if matched else {}), "most": most + 1})
    assert row is not None
    return min(row["n"], most), row["n"] > most


def count_statuses(reader: Reader, flows: Flows, most: int) -> Iterable[Count]:
    """Yield how many orders each status has, in the order of the shop's statuses: one statement for them all."""
    codes = {f"s{n}": code for n, code in enumerate(flows.statuses)}
    sql = " UNION ALL ".join(
        f"SELECT :{name} AS status, COUNT(*) AS n FROM "  # noqa: S608 - bound values
        f"(SELECT 1 AS one FROM orders WHERE status = :{name} LIMIT :most) AS {name}"
        for name in codes
    )
    found = {row["status"]: row["n"] for row in reader.rows(sql, {**codes, "most": most + 1})}
    for status in flows.statuses.values():
        n = found[status.code]
        yield Count(code=status.code, label=status.label, number=min(n, most), more=n > most)
