"""Which statuses there are and where an order may go from each: merged, checked, asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from ashop_core.errors import NotFound, Problem, problem
from ashop_core.models import (
    Audience,
    DeliveryMethod,
    Order,
    PaymentMethod,
    Place,
    Role,
    Stage,
    Status,
    Transition,
)
from ashop_core.texts import Text, fold, same

_CODE = re.compile("[a-z][a-z0-9_]*")
M = TypeVar("M", DeliveryMethod, PaymentMethod)

REQUIRED_ROLES = (Role.START, Role.DETAILS, Role.PAYING, Role.ABANDONED, Role.PLACED)


@dataclass(frozen=True, kw_only=True)
class FlowParts:
    """Statuses, transitions and methods that a plugin, or the core itself, brings to the flows."""

    statuses: tuple[Status, ...] = ()
    transitions: tuple[Transition, ...] = ()
    delivery_methods: tuple[DeliveryMethod, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()


@dataclass(frozen=True)
class Flows:
    """Every status, transition, delivery and payment method of a shop, by code."""

    statuses: dict[str, Status]
    transitions: tuple[Transition, ...]
    delivery_methods: dict[str, DeliveryMethod]
    payment_methods: dict[str, PaymentMethod]

    def status(self, code: str) -> Status:
        """Return the status; one that the settings no longer know reads as hidden and final (V4)."""
        return self.statuses.get(code) or _unknown(code)

    def find_status(self, code: str) -> Status:
        """Return the status, or raise NotFound naming those there are."""
        found = self.statuses.get(code)
        if found is None:
            raise _missing(Text("statusen", "status"), code, self.statuses)
        return found

    def find_delivery(self, code: str) -> DeliveryMethod:
        """Return the delivery method of a code or label, or raise NotFound naming those there are."""
        found = _called(self.delivery_methods, code)
        if found is None:
            raise _missing(Text("leveranssättet", "delivery method"), code, self.delivery_methods)
        return found

    def find_payment(self, code: str) -> PaymentMethod:
        """Return the payment method of a code or label, or raise NotFound naming those there are."""
        found = _called(self.payment_methods, code)
        if found is None:
            raise _missing(Text("betalsättet", "payment method"), code, self.payment_methods)
        return found

    def flow_of(self, delivery: str) -> str:
        """Return the flow that orders with this delivery method follow."""
        method = self.delivery_methods.get(delivery)
        return method.flow if method else ""

    @cached_property
    def seen_by_staff(self) -> Flows:
        """The same flows as staff see an order: no status of a placed order is hidden, and each has its own label."""
        shown = {
            code: status if status.stage is Stage.CHECKOUT else replace(status, customer_label=status.label)
            for code, status in self.statuses.items()
        }
        return replace(self, statuses=shown)

    def next_statuses(self, order: Order) -> tuple[Status, ...]:
        """Return the statuses that the flow lets this order enter now, guards not asked."""
        targets = self.targets(self.flow_of(order.delivery), order.status)
        return tuple(self.statuses[code] for code in targets)

    def targets(self, flow: str, source: str) -> tuple[str, ...]:
        """Return the codes reachable in one step from `source` in `flow`."""
        return self._targets.get((flow, source), ())

    def of_flow(self, flow: str) -> tuple[Status, ...]:
        """Return the statuses that an order of `flow` can have, in the order they were declared."""
        start = self.with_role(Role.START)
        seen = reachable(start.code, lambda code: self.targets(flow, code))
        return tuple(s for s in self.statuses.values() if s.code in seen)

    def with_role(self, role: Role) -> Status:
        """Return the one status that plays this role."""
        return self._roles[role]

    def role_or_none(self, role: Role) -> Status | None:
        """Return the status that plays this role, if the shop has one."""
        return self._roles.get(role)

    @cached_property
    def flows(self) -> tuple[str, ...]:
        """The names of the flows that some delivery method follows, in the order of the methods."""
        return tuple(dict.fromkeys(m.flow for m in self.delivery_methods.values()))

    @cached_property
    def _targets(self) -> dict[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], list[str]] = {}
        for flow in (*self.flows, ""):
            for step in self.transitions:
                if step.belongs_to(flow):
                    found.setdefault((flow, step.source), []).append(step.target)
        return {key: tuple(dict.fromkeys(codes)) for key, codes in found.items()}

    @cached_property
    def _roles(self) -> dict[Role, Status]:
        return {s.role: s for s in self.statuses.values() if s.role is not None}


def check_flows(flows: Flows) -> list[Problem]:
    """Return everything that makes these flows unusable, each with what to do about it."""
    problems = [
        *_code_problems(flows), *_role_problems(flows), *_unknown_codes(flows), *_label_problems(flows),
        *_kept_goods(flows),
    ]  # fmt: skip
    if not problems:  # reachability means nothing on a graph with holes
        for flow in flows.flows:
            problems += [
                *_graph_problems(flows, flow),
                *_trap_problems(flows, flow),
                *_end_problems(flows, flow),
            ]
        problems += _lonely_statuses(flows)
    return problems


def _code_problems(flows: Flows) -> Iterator[Problem]:
    for kind, items in (
        ("statuses", flows.statuses), ("delivery", flows.delivery_methods), ("payment", flows.payment_methods),
    ):  # fmt: skip
        for code in items:
            if not _CODE.fullmatch(code):
                yield problem(
                    "bad_code",
                    "{kind}.{code}: en kod skrivs med a–z, 0–9 och _, och börjar med en bokstav",
                    "{kind}.{code}: a code is written with a–z, 0–9 and _, and begins with a letter",
                    kind=kind, code=code,
                )  # fmt: skip


def _role_problems(flows: Flows) -> Iterator[Problem]:
    for role in Role:
        holders = [s.code for s in flows.statuses.values() if s.role is role]
        if len(holders) > 1:
            yield problem(
                "role_twice",
                "rollen {role} har {n} statusar ({codes}): behåll den på en",
                "the role {role} is played by {n} statuses ({codes}): leave it on one",
                role=role, n=len(holders), codes=", ".join(holders),
            )  # fmt: skip
        if not holders and role in REQUIRED_ROLES:
            yield problem(
                "role_missing",
                "ingen status har rollen {role}: sätt role = \"{role}\" på en",
                "no status plays the role {role}: set role = \"{role}\" on one",
                role=role,
            )  # fmt: skip
    for status in flows.statuses.values():
        if status.role is Role.PLACED and status.stage is Stage.CHECKOUT:
            yield problem(
                "placed_in_checkout",
                "statuses.{code}: en lagd order kan inte ha steget checkout: sätt stage = \"open\"",
                "statuses.{code}: a placed order cannot be in the checkout stage: set stage = \"open\"",
                code=status.code,
            )  # fmt: skip


def _unknown_codes(flows: Flows) -> Iterator[Problem]:
    for step in flows.transitions:
        for code in (step.source, step.target):
            if code not in flows.statuses:
                yield problem(
                    "unknown_status",
                    "övergången {step} (från {owner}) nämner statusen {code}, som inte finns",
                    "the transition {step} (from {owner}) names the status {code}, which does not exist",
                    step=f"{step.source} -> {step.target}", owner=step.owner, code=code,
                )  # fmt: skip
        for flow in step.flows - set(flows.flows):
            # A shop may have switched a delivery method off; its steps then simply never apply.
            if step.owner == "ashop.toml":
                yield problem(
                    "unknown_flow",
                    "övergången {step} gäller flödet {flow}, som inget leveranssätt följer",
                    "the transition {step} is for the flow {flow}, which no delivery method follows",
                    step=f"{step.source} -> {step.target}", flow=flow,
                )  # fmt: skip


def _label_problems(flows: Flows) -> Iterator[Problem]:
    for status in flows.statuses.values():
        spelt = {rule.audience for rule in status.messages}
        for name, told in (("notify", bool(status.notify)), ("messages", Audience.CUSTOMER in spelt)):
            if told and not status.visible:
                yield problem(
                    "hidden_notifies",
                    "statuses.{code}.{name}: statusen är dold för kunden och kan inte skicka något till kunden: "
                    "{remedy}",
                    "statuses.{code}.{name}: the status is hidden from the customer and cannot send the customer "
                    "anything: {remedy}",
                    code=status.code, name=name, remedy=_unhidden(status, name),
                )  # fmt: skip
        if status.stage is Stage.CHECKOUT and Audience.STAFF in spelt:
            yield problem(
                "checkout_notifies",
                "statuses.{code}.messages: en status i kassan skickar inget, inte heller till personalen: ta bort regeln, "
                "och följ upp med `ashop order abandoned`",
                "statuses.{code}.messages: a status of the checkout sends nothing, to staff neither: remove the rule, "
                "and follow up with `ashop order abandoned`",
                code=status.code,
            )  # fmt: skip
        if status.stage is Stage.CHECKOUT and status.customer_label is not None:
            yield problem(
                "checkout_visible",
                "statuses.{code}.customer_label: en status i kassan får aldrig synas för kunden: ta bort den",
                "statuses.{code}.customer_label: a checkout status is never shown to a customer: remove it",
                code=status.code,
            )  # fmt: skip


def _unhidden(status: Status, name: str) -> Text:
    """Return what to do about a hidden status that is to tell the customer: one of the checkout stays hidden."""
    if status.stage is Stage.CHECKOUT:
        return Text("ta bort {name}", "remove {name}").fill(name=name)
    return Text(
        "ge den customer_label eller ta bort {name}", "give it a customer_label or remove {name}"
    ).fill(name=name)


def _kept_goods(flows: Flows) -> Iterator[Problem]:
    for status in flows.statuses.values():
        if status.stage is Stage.VOID and status.stock is not Place.FREE:
            yield problem(
                "void_keeps_goods",
                "statuses.{code}.stock: en order som blev ingenting (stage = \"void\") kan inte behålla varor: "
                "sätt stock = \"free\"",
                "statuses.{code}.stock: an order that came to nothing (stage = \"void\") cannot keep goods: "
                "set stock = \"free\"",
                code=status.code,
            )  # fmt: skip


def _graph_problems(flows: Flows, flow: str) -> Iterator[Problem]:
    for status in flows.of_flow(flow):
        targets = flows.targets(flow, status.code)
        if not set(targets) - {status.code} and not status.final:
            yield problem(
                "dead_end",
                "statuses.{code}: en återvändsgränd i flödet {flow}: lägg till en övergång eller final = true",
                "statuses.{code}: a dead end in the flow {flow}: add a transition or final = true",
                code=status.code, flow=flow,
            )  # fmt: skip
        for code in targets:
            if status.stage is not Stage.CHECKOUT and flows.statuses[code].stage is Stage.CHECKOUT:
                yield problem(
                    "back_to_checkout",
                    "övergången {source} -> {target} leder en lagd order tillbaka till kassan: ta bort den",
                    "the transition {source} -> {target} takes a placed order back to the checkout: remove it",
                    source=status.code, target=code,
                )  # fmt: skip
            if status.stage is Stage.CHECKOUT and not _may_follow_checkout(flows.statuses[code]):
                yield problem(
                    "skips_placement",
                    "övergången {source} -> {target} går förbi {placed}: led den dit i stället",
                    "the transition {source} -> {target} skips {placed}: lead it there instead",
                    source=status.code, target=code, placed=flows.with_role(Role.PLACED).code,
                )  # fmt: skip


def _trap_problems(flows: Flows, flow: str) -> Iterator[Problem]:
    """Tell of statuses that only lead round to one another: an order among them would never be done."""
    statuses = flows.of_flow(flow)
    after = {s.code: reachable(s.code, lambda code: flows.targets(flow, code)) for s in statuses}
    ends = {s.code for s in statuses if s.final or s.stage in (Stage.DONE, Stage.VOID)}
    told: set[str] = set()
    for code, round_ in after.items():
        closed = all(code in after[other] for other in round_)
        if closed and len(round_) > 1 and not round_ & ends and code not in told:
            told |= round_
            names = [other for other in after if other in round_]
            yield problem(
                "no_way_out",
                "statuserna {codes} leder bara till varandra i flödet {flow}: lägg till en övergång därifrån, "
                "eller sätt final = true på en av dem",
                "the statuses {codes} only lead to one another in the flow {flow}: add a transition out of them, "
                "or set final = true on one of them",
                codes=", ".join(names), flow=flow,
            )  # fmt: skip


def _end_problems(flows: Flows, flow: str) -> Iterator[Problem]:
    stages = {status.stage for status in flows.of_flow(flow)}
    if flows.with_role(Role.PLACED) not in flows.of_flow(flow):
        yield problem(
            "never_placed",
            "flödet {flow}: ingen order kan nå {placed}: lägg till en övergång dit från kassan",
            "the flow {flow}: no order can reach {placed}: add a transition to it from the checkout",
            flow=flow, placed=flows.with_role(Role.PLACED).code,
        )  # fmt: skip
    elif Stage.DONE not in stages:
        yield problem(
            "never_done",
            "flödet {flow}: ingen order kan bli klar: rätta flow på leveranssättet ({methods}), "
            "eller lägg till övergångar till en status med stage = \"done\"",
            "the flow {flow}: no order can be done: correct the flow of the delivery method ({methods}), "
            "or add transitions to a status with stage = \"done\"",
            flow=flow, methods=", ".join(m.code for m in flows.delivery_methods.values() if m.flow == flow),
        )  # fmt: skip


def _may_follow_checkout(status: Status) -> bool:
    return status.stage is Stage.CHECKOUT or status.role is Role.PLACED


def _lonely_statuses(flows: Flows) -> Iterator[Problem]:
    reached = {s.code for flow in flows.flows for s in flows.of_flow(flow)}
    for status in flows.statuses.values():
        # What ships or comes with a plugin may belong to a delivery method the shop switched off.
        if status.code not in reached and status.owner == "ashop.toml":
            yield problem(
                "unreachable",
                "statuses.{code}: ingen order kan nå statusen: sätt after = [...] till den den ska följa",
                "statuses.{code}: no order can reach it: set after = [...] to the status it follows",
                code=status.code,
            )  # fmt: skip


def reachable(start: str, targets: Callable[[str], Iterable[str]]) -> set[str]:
    """Return `start` and every code that can be come to from it."""
    seen, todo = {start}, [start]
    while todo:
        for code in targets(todo.pop()):
            if code not in seen:
                seen.add(code)
                todo.append(code)
    return seen


def _called(methods: Mapping[str, M], words: str) -> M | None:
    """Return the method of that code, or the only one of that label in either language."""
    labelled = [m for m in methods.values() if fold(words) in (fold(m.label.sv), fold(m.label.en))]
    return methods.get(words) or (labelled[0] if len(labelled) == 1 else None)


def _unknown(code: str) -> Status:
    return Status(code=code, label=same(code), stage=Stage.OPEN, stock=None, final=True, owner="unknown")


def _missing(kind: Text, code: str, known: Iterable[str]) -> NotFound:
    return NotFound(
        Text(
            "{kind} {code} finns inte. Välj bland: {known}.",
            "There is no {kind} {code}. Choose from: {known}.",
        ).fill(kind=kind, code=code, known=", ".join(known))
    )
