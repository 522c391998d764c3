"""Which orders are meant: a filter as data, and the conditions it comes to in SQL.

Every list must cost the same however large the shop is, so each filter is read by the one index that serves it
best and newest first: the branches of a `Selection`. What else was asked for is looked at row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from ashop_core.clock import to_iso
from ashop_core.errors import InvalidInput
from ashop_core.flows import Flows
from ashop_core.models import PaymentStatus, Place, Role, Stage
from ashop_core.schema import OWED
from ashop_core.texts import Text
from ashop_core.words import email_key, phone_key, terms_of


class Approval(StrEnum):
    """Whether an order waits for approval. Settled is also what needs none."""

    MISSING = "missing"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders to list; everything given must hold. Without statuses, stage or role: all that are placed.

    `next_stock`: one step of its flow leads to a status where the goods stand so. `text`: every word of it
    begins a word of number, reference, name, e-mail, phone, city, parcel numbers or SKUs. `customer` is an
    e-mail address or phone number. Dates bound the time of placement: `since` inclusive, `until` not.
    `older`: for at least so long in its status; `idle`: for at least so long without any change. `overdue`:
    not paid by its last day; `late`: the customer let the last day to act go by.
    """

    statuses: tuple[str, ...] = ()
    stage: Stage | None = None
    role: Role | None = None
    next_stock: Place | None = None
    approval: Approval | None = None
    payment: PaymentStatus | None = None
    payment_method: str | None = None
    delivery: str | None = None
    flag: str | None = None
    flagged: bool = False
    text: str = ""
    customer: str = ""
    since: datetime | None = None
    until: datetime | None = None
    older: timedelta | None = None
    idle: timedelta | None = None
    overdue: bool = False
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Now, and what day it is in the shop."""

    now: datetime
    today: date


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A filter in SQL: orders of any of the branches that meet all of the rest.

    The branches have nothing in common, and an index gives each of them sorted by `time` and id. With
    `terms` there is one branch, of what the store finds by these words. No branch: no order can be meant.
    """

    branches: tuple[str, ...]
    rest: tuple[str, ...]
    params: dict[str, Any]
    time: str = "o.listed_at"
    terms: tuple[tuple[str, ...], ...] = ()


NOTHING = Selection(branches=(), rest=(), params={})


def select(flows: Flows, wanted: OrderFilter, moment: Moment) -> Selection:
    """Return a filter's conditions on ``orders AS o``. Raises NotFound for an unknown status or method."""
    asked = _Asked(params={})
    steps = _steps(flows, wanted)
    terms = terms_of(wanted.text)
    if (wanted.text.strip() and not terms) or (steps is not None and not steps):
        return NOTHING
    asked.add(_simple(wanted, asked), _times(wanted, moment, asked), _approval(flows, wanted, asked))
    special = [*_customer(wanted, asked), *_days(flows, wanted, moment, asked), *_flags(wanted, asked)]
    if terms or special:
        first, rest = ("", special) if terms else (special[0], special[1:])
        asked.add(rest, [_any_step(steps, asked)])
        return asked.selection((first,), terms=terms)
    if steps is None:
        # Of what is placed both times are the same; this one has an index that leaves out the checkouts.
        return asked.selection(("o.placed_at IS NOT NULL",), time="o.placed_at")
    return asked.selection(tuple(_one_step(code, methods, asked) for code, methods in steps.items()))


Steps = dict[str, tuple[str, ...]]
"""Statuses by code, each with the delivery methods that are meant, or none where all are."""


@dataclass
class _Asked:
    params: dict[str, Any]
    rest: list[str] = field(default_factory=list)

    def bind(self, value: object) -> str:
        """Return the name of a new parameter with this value, as SQL writes it."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def one_of(self, column: str, values: Iterable[str]) -> str:
        return f"{column} IN ({', '.join(self.bind(value) for value in values)})"

    def add(self, *conditions: Iterable[str]) -> None:
        self.rest += [condition for some in conditions for condition in some]

    def selection(
        self, branches: tuple[str, ...], *, time: str = "o.listed_at", terms: tuple[tuple[str, ...], ...] = ()
    ) -> Selection:
        return Selection(branches=branches, rest=tuple(self.rest), params=self.params, time=time, terms=terms)


# ── Statuses ─────────────────────────────────────────────────────────────────────────────────────


def _steps(flows: Flows, wanted: OrderFilter) -> Steps | None:
    """Return the statuses that are meant; None for all that an order can have once it is placed."""
    if not wanted.statuses and wanted.stage is None and wanted.role is None and wanted.next_stock is None:
        return None
    codes = [flows.find_status(code).code for code in dict.fromkeys(wanted.statuses)]
    found = [s for s in flows.statuses.values() if not codes or s.code in codes]
    found = [s for s in found if wanted.stage in (None, s.stage) and wanted.role in (None, s.role)]
    if wanted.next_stock is None:
        return {status.code: () for status in found}
    steps: Steps = {}
    for status in found:
        methods = _leading_to(flows, status.code, wanted.next_stock)
        if methods and status.stage is not Stage.CHECKOUT:
            steps[status.code] = methods
    return steps


def _leading_to(flows: Flows, code: str, place: Place) -> tuple[str, ...]:
    return tuple(
        method.code
        for method in flows.delivery_methods.values()
        if any(flows.status(target).stock is place for target in flows.targets(method.flow, code))
    )


def _one_step(code: str, methods: Sequence[str], asked: _Asked) -> str:
    condition = f"o.status = {asked.bind(code)}"
    return f"{condition} AND {asked.one_of('o.delivery', methods)}" if methods else condition


def _any_step(steps: Steps | None, asked: _Asked) -> str:
    """Return the condition that an order is in one of the steps, such that no index for it is thought of."""
    if steps is None:
        return "o.placed_at IS NOT NULL"
    if not any(steps.values()):
        return asked.one_of("o.status || ''", steps)
    parts = [_one_step(code, methods, asked) for code, methods in steps.items()]
    return f"({' OR '.join(f'({part})' for part in parts)})"


# ── What an index serves ─────────────────────────────────────────────────────────────────────────


def _customer(wanted: OrderFilter, asked: _Asked) -> Iterator[str]:
    given = wanted.customer.strip()
    if not given:
        return
    column, key = ("email_key", email_key(given)) if "@" in given else ("phone_key", phone_key(given))
    if not key:
        raise InvalidInput(
            Text(
                "”{given}” är varken en e-postadress eller ett telefonnummer",
                "“{given}” is neither an e-mail address nor a phone number",
            ).fill(given=given)
        )
    yield f"o.{column} = {asked.bind(key)} AND o.{column} <> ''"


def _days(flows: Flows, wanted: OrderFilter, moment: Moment, asked: _Asked) -> Iterator[str]:
    # Found by their own small indexes first and then sorted: there are never many of them.
    if wanted.overdue:
        day = asked.bind(moment.today.isoformat())
        yield f"o.id IN (SELECT id FROM orders WHERE {OWED} AND payment_due < {day})"  # noqa: S608
        asked.add([_of_stages(flows, (Stage.OPEN, Stage.DONE), asked)])
    if wanted.late:
        day = asked.bind(moment.today.isoformat())
        yield f"o.id IN (SELECT id FROM orders WHERE deadline IS NOT NULL AND deadline < {day})"  # noqa: S608
        asked.add([_of_stages(flows, (Stage.OPEN,), asked)])


def _of_stages(flows: Flows, stages: Sequence[Stage], asked: _Asked) -> str:
    return asked.one_of("o.status || ''", [s.code for s in flows.statuses.values() if s.stage in stages])


def _flags(wanted: OrderFilter, asked: _Asked) -> Iterator[str]:
    if wanted.flag is not None:
        escaped = wanted.flag.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        yield f"o.flags <> '' AND ' ' || o.flags || ' ' LIKE {asked.bind(f'% {escaped} %')} ESCAPE '\\'"
    elif wanted.flagged:
        yield "o.flags <> ''"


# ── What is looked at row by row ─────────────────────────────────────────────────────────────────


def _simple(wanted: OrderFilter, asked: _Asked) -> Iterator[str]:
    for name in ("payment", "payment_method", "delivery"):
        value = getattr(wanted, name)
        if value is not None:
            yield f"o.{name} = {asked.bind(str(value))}"


def _times(wanted: OrderFilter, moment: Moment, asked: _Asked) -> Iterator[str]:
    if wanted.since is not None:
        yield f"o.listed_at >= {asked.bind(to_iso(wanted.since))}"
    if wanted.until is not None:
        yield f"o.listed_at < {asked.bind(to_iso(wanted.until))}"
    for column, age in (("status_since", wanted.older), ("changed_at", wanted.idle)):
        if age is not None:
            # What has not changed for so long was not placed since then either: that an index can tell.
            bound = asked.bind(to_iso(moment.now - age))
            yield f"o.{column} <= {bound} AND o.listed_at <= {bound}"


def _approval(flows: Flows, wanted: OrderFilter, asked: _Asked) -> Iterator[str]:
    if wanted.approval is None:
        return
    methods = [m.code for m in flows.payment_methods.values() if m.needs_approval]
    missing = (
        f"({asked.one_of('o.payment_method', methods)} AND o.approved_at IS NULL)" if methods else "0 = 1"
    )
    yield missing if wanted.approval is Approval.MISSING else f"NOT {missing}"
