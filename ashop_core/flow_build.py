"""The shop's flows put together: what ships, then what plugins bring, then what `ashop.toml` says."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ashop_core import standard
from ashop_core.errors import Problem
from ashop_core.flow_fit import fit_steps
from ashop_core.flow_messages import Addresses, Known, channel_problems, with_rules
from ashop_core.flows import FlowParts, Flows, check_flows
from ashop_core.models import (
    DeliveryMethod,
    Field,
    FieldType,
    PaymentMethod,
    Place,
    Role,
    Stage,
    Status,
    Transition,
)
from ashop_core.settings import (
    FILE,
    DeliveryTable,
    PaymentTable,
    Settings,
    StatusTable,
    TransitionTable,
    settings_problem,
)
from ashop_core.texts import Text, same

STANDARD = FlowParts(
    statuses=standard.STATUSES,
    transitions=standard.TRANSITIONS,
    delivery_methods=standard.DELIVERY_METHODS,
    payment_methods=standard.PAYMENT_METHODS,
)

M = TypeVar("M", Status, DeliveryMethod, PaymentMethod)


def build_flows(
    settings: Settings, brought: Iterable[tuple[str, FlowParts]], channels: Addresses | None = None
) -> tuple[Flows, list[Problem]]:
    """Return the flows of a shop and everything wrong with them.

    `brought` is what each plugin adds, `channels` what can send, with what each takes as an address: a status that
    ships wanting a channel the shop does not have goes without; one named in `ashop.toml` is a problem.
    """
    problems: list[Problem] = []
    statuses, transitions, deliveries, payments = _brought([("core", STANDARD), *brought], problems)
    own: list[Transition] = []
    for code, table in settings.statuses.items():
        _apply_status(statuses, code, table, problems)
        problems += channel_problems(f"statuses.{code}.notify", table.notify or (), channels or ())
        own += _new_steps(code, table)
    deliveries = _apply_deliveries(deliveries, settings.delivery, problems)
    payments = _apply_payments(payments, settings.payment, problems)
    known = Known(addresses=channels or {}, delivery=deliveries, payment=payments)
    for code, table in settings.statuses.items():
        statuses[code] = with_rules(statuses[code], table, known, problems)
    names = frozenset(method.flow for method in deliveries.values())
    own += [_step(table) for table in settings.transitions if table.allowed]
    start = next((s.code for s in statuses.values() if s.role is Role.START), "")
    transitions += fit_steps(own, transitions, names, start)
    flows = Flows(
        {s.code: _with_channels(s, channels or ()) for s in _as_orders_go(statuses)},
        tuple(_without_those(transitions, settings.transitions, names, problems)),
        deliveries,
        payments,
    )
    return flows, problems + _named(check_flows(flows))


def _as_orders_go(statuses: Mapping[str, Status]) -> list[Status]:
    """Return the statuses by stage: those of plugins and settings stand among the others, not after the last."""
    stages = list(Stage)
    return sorted(statuses.values(), key=lambda status: stages.index(status.stage))


def _with_channels(status: Status, known: Container[str]) -> Status:
    """Return the status with only those of its rules whose channels the shop has; a plain one for each."""
    plain = dict.fromkeys(code for code in status.notify if code in known)
    rules = tuple(rule for rule in status.messages if rule.channel in known)
    return replace(status, notify=tuple(plain), messages=rules)


def _brought(
    parts: Iterable[tuple[str, FlowParts]], problems: list[Problem]
) -> tuple[dict[str, Status], list[Transition], dict[str, DeliveryMethod], dict[str, PaymentMethod]]:
    statuses: dict[str, Status] = {}
    transitions: list[Transition] = []
    deliveries: dict[str, DeliveryMethod] = {}
    payments: dict[str, PaymentMethod] = {}
    for owner, part in parts:
        _add(statuses, part.statuses, owner, problems)
        _add(deliveries, part.delivery_methods, owner, problems)
        _add(payments, part.payment_methods, owner, problems)
        transitions += [replace(step, owner=owner) for step in part.transitions]
    return statuses, transitions, deliveries, payments


def _add(known: dict[str, M], new: Iterable[M], owner: str, problems: list[Problem]) -> None:
    for item in new:
        if item.code in known:
            problems.append(
                Problem(
                    "code_twice",
                    Text(
                        "{code} kommer både från {first} och {second}: slå av den ena insticksmodulen",
                        "{code} comes from both {first} and {second}: switch one of the plugins off",
                    ).fill(code=item.code, first=known[item.code].owner, second=owner),
                )
            )
        else:
            known[item.code] = replace(item, owner=owner)


def _given(table: object, *names: str) -> dict[str, Any]:
    """Return those fields of a settings table that were given."""
    return {name: value for name in names if (value := getattr(table, name)) is not None}


def _apply_status(
    statuses: dict[str, Status], code: str, table: StatusTable, problems: list[Problem]
) -> None:
    old = statuses.get(code)
    given = _given(
        table, "label", "customer_label", "stage", "stock", "role", "notify", "template",
        "must_be_approved", "must_be_paid", "reason_required", "final",
    )  # fmt: skip
    if table.hidden:
        given["customer_label"] = None
    if table.deadline_days is not None:
        given["fields"] = _deadlines(code, old, table.deadline_days, problems)
    if old is None:
        if table.label is None:
            problems.append(
                settings_problem(
                    f"statuses.{code}.label", "saknas för en ny status", "is missing for a new status"
                )
            )
        # A status of the shop's own shows its label to customers only if it says so: default deny.
        base = Status(
            code=code, label=table.label or same(code), stage=Stage.OPEN, stock=Place.HELD, owner=FILE
        )  # fmt: skip
        statuses[code] = replace(base, **given)
        return
    shown_as_labelled = old.customer_label == old.label and "customer_label" not in given
    if table.label is not None and shown_as_labelled:
        given["customer_label"] = table.label
    statuses[code] = replace(old, **given)


def _deadlines(code: str, old: Status | None, days: int, problems: list[Problem]) -> tuple[Field, ...]:
    """Return the status's fields with another time for the customer to act."""
    fields = old.fields if old else ()
    if all(field.type is not FieldType.DEADLINE for field in fields):
        problems.append(
            settings_problem(
                f"statuses.{code}.deadline_days", "statusen har ingen tidsgräns: ta bort raden",
                "the status has no deadline: remove the line",
            )
        )  # fmt: skip
    return tuple(
        replace(field, default_days=days or None) if field.type is FieldType.DEADLINE else field
        for field in fields
    )


def _new_steps(code: str, table: StatusTable) -> list[Transition]:
    flows = frozenset(table.flows)
    before = [Transition(source=source, target=code, flows=flows, owner=FILE) for source in table.after]
    after = [Transition(source=code, target=target, flows=flows, owner=FILE) for target in table.before]
    return before + after


def _step(table: TransitionTable) -> Transition:
    return Transition(source=table.from_, target=table.to, flows=frozenset(table.flows), owner=FILE)


def _without_those(
    transitions: list[Transition],
    tables: tuple[TransitionTable, ...],
    flows: frozenset[str],
    problems: list[Problem],
) -> list[Transition]:
    """Return the transitions less those that the settings take away with ``allowed = false``."""
    for n, table in enumerate(tables):
        if table.allowed:
            continue
        kept = [step for t in transitions for step in _without(t, table, flows)]
        if kept == transitions:
            problems.append(
                settings_problem(
                    f"transitions[{n}]", "det finns ingen övergång {step} att ta bort",
                    "there is no transition {step} to take away", step=f"{table.from_} -> {table.to}",
                )
            )  # fmt: skip
        transitions = kept
    return transitions


def _without(step: Transition, table: TransitionTable, flows: frozenset[str]) -> list[Transition]:
    """Return what is left of a step when `table` takes it away, in all flows or in those that it names."""
    if (step.source, step.target) != (table.from_, table.to):
        return [step]
    left = (step.flows or flows) - frozenset(table.flows or flows | step.flows)
    if left == (step.flows or flows):
        return [step]
    return [replace(step, flows=left)] if left else []


def _apply_deliveries(
    methods: dict[str, DeliveryMethod], tables: Any, problems: list[Problem]
) -> dict[str, DeliveryMethod]:
    found = dict(methods)
    for code, table in tables.items():
        assert isinstance(table, DeliveryTable)
        problems += _new_method_problems("delivery", code, table, found)
        base = found.get(code) or DeliveryMethod(code=code, label=same(code), flow="post", owner=FILE)
        # Set in its place: the first method is the one that a checkout begins with.
        found[code] = replace(
            base, **_given(table, "label", "flow", "price", "parcel_number", "needs_address", "place")
        )
    found = {code: method for code, method in found.items() if code not in tables or tables[code].enabled}
    if not found:
        problems.append(
            settings_problem("delivery", "inget leveranssätt är på", "no delivery method is enabled")
        )
    return found


def _apply_payments(
    methods: dict[str, PaymentMethod], tables: Any, problems: list[Problem]
) -> dict[str, PaymentMethod]:
    found = dict(methods)
    for code, table in tables.items():
        assert isinstance(table, PaymentTable)
        problems += _new_method_problems("payment", code, table, found)
        base = found.get(code) or PaymentMethod(code=code, label=same(code), owner=FILE)
        found[code] = replace(
            base,
            **_given(
                table, "label", "pays_first", "paid_before_shipping", "needs_approval", "fee", "due_days"
            ),
        )
    found = {code: method for code, method in found.items() if code not in tables or tables[code].enabled}
    if not found:
        problems.append(settings_problem("payment", "inget betalsätt är på", "no payment method is enabled"))
    return found


def _new_method_problems(
    kind: str, code: str, table: DeliveryTable | PaymentTable, known: Iterable[str]
) -> list[Problem]:
    """A method that is not there yet is either new, with a label, or a slip of the pen."""
    if code in known or (table.enabled and table.label is not None):
        return []
    return [
        settings_problem(
            f"{kind}.{code}", "finns inte; rätta namnet (det finns: {known}), eller ge den nya en label",
            "does not exist; correct the name (there are: {known}), or give the new one a label",
            known=", ".join(known),
        )
    ]  # fmt: skip


def _named(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems with the file's name before the words."""
    return [replace(p, text=Text(f"{FILE}: {p.text.sv}", f"{FILE}: {p.text.en}")) for p in problems]
