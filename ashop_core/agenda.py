"""What waits for somebody today: counted by what statuses are, never by what they are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.flows import Flows
from ashop_core.messages import UNSENT, count_messages
from ashop_core.models import Delivery, Place, Role, Stage
from ashop_core.storage import Reader
from ashop_core.texts import Text

LATE_AFTER = timedelta(days=3)
RECENTLY = timedelta(days=7)
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One thing that waits: how many, since when the oldest, and the first few orders by name."""

    code: str
    label: Text
    count: int = 0
    oldest: datetime | None = None
    orders: tuple[str, ...] = ()


def agenda(reader: Reader, flows: Flows, now: datetime) -> list[Subject]:
    """Return everything that may wait, what is most urgent first; a subject with nothing has count 0."""
    return [
        _orders(reader, "review", "Att granska", "To review", _review(flows)),
        _orders(reader, "approve", "Att godkänna", "To approve", _unapproved(flows)),
        _orders(reader, "ship", "Att skicka eller lämna ut", "To ship or hand over", _shippable(flows)),
        _orders(reader, "late", "Orörda i tre dagar", "Untouched for three days", _late(flows, now)),
        _orders(reader, "flagged", "Flaggade", "Flagged", _flagged(flows)),
        _outbox(reader, "dead", "Meddelanden som gavs upp", "Messages given up", (Delivery.DEAD,)),
        _outbox(reader, "unsent", "Meddelanden i kö", "Messages queued", UNSENT),
        _orders(
            reader, "abandoned", "Avbrutna kassor, sju dagar", "Abandoned, seven days", _abandoned(flows, now)
        ),
    ]


@dataclass(frozen=True)
class _Condition:
    """A condition on orders. An empty one of a kind that nothing can meet is None in its place."""

    sql: str
    params: Mapping[str, Any]


def _orders(reader: Reader, code: str, sv: str, en: str, condition: _Condition | None) -> Subject:
    subject = Subject(code=code, label=Text(sv, en))
    if condition is None:
        return subject
    sql = (
        "SELECT reference, number, changed_at, COUNT(*) OVER () AS n FROM orders "  # noqa: S608 - bound values
        f"WHERE {condition.sql} ORDER BY changed_at, id LIMIT {SHOWN}"
    )
    rows = reader.rows(sql, dict(condition.params))
    if not rows:
        return subject
    names = tuple(str(row["number"] or row["reference"]) for row in rows)
    return replace(subject, count=rows[0]["n"], oldest=from_iso(rows[0]["changed_at"]), orders=names)


def _outbox(reader: Reader, code: str, sv: str, en: str, deliveries: Collection[Delivery]) -> Subject:
    count, oldest = count_messages(reader, deliveries)
    return Subject(code=code, label=Text(sv, en), count=count, oldest=oldest)


# ── Which orders ─────────────────────────────────────────────────────────────────────────────────


def _review(flows: Flows) -> _Condition | None:
    return _Condition("status = :placed", {"placed": flows.with_role(Role.PLACED).code})


def _unapproved(flows: Flows) -> _Condition | None:
    methods = [m.code for m in flows.payment_methods.values() if m.needs_approval]
    return _all(
        _in("status", _open(flows)), _in("payment_method", methods), _Condition("approved_at IS NULL", {})
    )


def _shippable(flows: Flows) -> _Condition | None:
    """Orders that may enter a status where the goods are gone, but for those that wait for approval."""
    steps: dict[str, list[str]] = {}
    for method in flows.delivery_methods.values():
        for code in _open(flows):
            if any(flows.status(t).stock is Place.GONE for t in flows.targets(method.flow, code)):
                steps.setdefault(code, []).append(method.code)
    if not steps:
        return None
    parts, params = [], dict[str, Any]()
    for n, (code, methods) in enumerate(steps.items()):
        allowed = _in("delivery", methods, f"delivery{n}_")
        assert allowed is not None
        parts.append(f"(status = :status{n} AND {allowed.sql})")
        params |= {f"status{n}": code, **allowed.params}
    ready = _Condition(f"({' OR '.join(parts)})", params)
    needy = _in("payment_method", [m.code for m in flows.payment_methods.values() if m.needs_approval])
    if needy is None:
        return ready
    return _all(ready, _Condition(f"NOT ({needy.sql} AND approved_at IS NULL)", needy.params))


def _late(flows: Flows, now: datetime) -> _Condition | None:
    return _all(
        _in("status", _open(flows)), _Condition("changed_at <= :late", {"late": to_iso(now - LATE_AFTER)})
    )


def _flagged(flows: Flows) -> _Condition | None:
    return _all(_in("status", _open(flows)), _Condition("flags <> ''", {}))


def _abandoned(flows: Flows, now: datetime) -> _Condition | None:
    code = flows.with_role(Role.ABANDONED).code
    since = {"abandoned": code, "since": to_iso(now - RECENTLY)}
    return _Condition("status = :abandoned AND listed_at >= :since", since)


def _open(flows: Flows) -> list[str]:
    return [s.code for s in flows.statuses.values() if s.stage is Stage.OPEN]


def _in(column: str, values: Iterable[str], prefix: str = "") -> _Condition | None:
    params = {f"{prefix or column}{n}": value for n, value in enumerate(values)}
    return _Condition(f"{column} IN ({', '.join(':' + name for name in params)})", params) if params else None


def _all(*conditions: _Condition | None) -> _Condition | None:
    """Join conditions; what one of them can never meet, none of them does."""
    given = [c for c in conditions if c is not None]
    if len(given) < len(conditions):
        return None
    return _Condition(" AND ".join(c.sql for c in given), {k: v for c in given for k, v in c.params.items()})
