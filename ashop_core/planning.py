"""Which messages a change causes: those of the rules of the status it enters, to whom, and when they may leave."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ashop_core.channel_answers import address_of, lane_of, recipient_of
from ashop_core.channels import Channel
from ashop_core.clock import to_iso
from ashop_core.customer import Occasion, occasion_of
from ashop_core.models import EVEN_LATER, Audience, Change, Kind, MessageRule, Order, PlannedMessage, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A rule of a status, and the messages that a change causes by it; `why` is said where it causes none.

    It is ``hidden`` (no customer may know of the status), ``quiet`` (nobody is told of this change), ``no_channel``,
    ``condition`` (the rule is for other orders) or ``no_address``.
    """

    rule: MessageRule
    planned: tuple[PlannedMessage, ...] = ()
    why: str = ""


def plan_messages(
    order: Order, change: Change, status: Status, channels: Mapping[str, Channel], staff_language: str
) -> list[PlannedMessage]:
    """Return the messages that a change causes: those of the status it enters, unless told otherwise.

    ``change.notify`` True also sends where the status is the same, False sends nothing; a parcel that goods
    leave with is told as if the status had been entered. A hidden status never tells a customer, whatever anyone
    asks (N9). Staff, and what is delayed, belong to the status being entered and to nothing else;
    they read `staff_language`, whatever the customer reads.
    """
    rules = judge_rules(order, change, status, channels, staff_language)
    return [planned for judged in rules for planned in judged.planned]


def judge_rules(
    order: Order, change: Change, status: Status, channels: Mapping[str, Channel], staff_language: str
) -> Iterator[Judged]:
    """Yield each rule of the status with the messages that the change causes by it, or why it causes none."""
    names = Counter[str]()
    for rule in status.rules:
        names[name := _name(status, rule)] += 1
        channel = channels.get(rule.channel)
        why = _why_not(rule, order, change, status)
        if why or channel is None:
            yield Judged(rule=rule, why=why or "no_channel")
            continue
        same = names[name]
        planned = tuple(
            PlannedMessage(
                rule=name if same == 1 else f"{name}#{same}",
                channel=rule.channel,
                template=_template(status, rule, change),
                recipient=recipient,
                language=staff_language if rule.audience is Audience.STAFF else order.language,
                audience=rule.audience,
                delay=rule.delay,
                only_in=_only_in(status, rule),
                lane=lane_of(channel, recipient),
            )
            for recipient in _recipients(rule, order, channel)
        )
        yield Judged(rule=rule, planned=planned, why="" if planned else "no_address")


def _why_not(rule: MessageRule, order: Order, change: Change, status: Status) -> str:
    entered = change.enters and change.notify is not False and occasion_of(change) is Occasion.STATUS
    if rule.audience is Audience.CUSTOMER and not status.visible:
        return "hidden"
    wanted = _tells_customer(change) if rule.audience is Audience.CUSTOMER else entered
    if not wanted or (rule.delay and not entered):
        return "quiet"
    return "" if rule.fits(order.delivery, order.payment_method) else "condition"


def _tells_customer(change: Change) -> bool:
    sends = change.enters or (change.kind is Kind.PARCEL and bool(change.moves or change.silent_moves))
    return sends if change.notify is None else change.notify


def _name(status: Status, rule: MessageRule) -> str:
    """Return what the rule is called in the outbox: a customer's is ``shipped/email``."""
    staff = "staff/" if rule.audience is Audience.STAFF else ""
    return f"{status.code}/{staff}{rule.channel}"


def _recipients(rule: MessageRule, order: Order, channel: Channel) -> Iterator[str]:
    """Yield the addresses that can be used, each once."""
    if rule.audience is Audience.CUSTOMER:
        found = [recipient_of(channel, order.customer)]
    else:
        found = [address_of(channel, text) for text in rule.to]
    yield from dict.fromkeys(address for address in found if address is not None)


def _only_in(status: Status, rule: MessageRule) -> str:
    if not rule.delay:
        return ""
    return EVEN_LATER if rule.even_later else status.code


def _template(status: Status, rule: MessageRule, change: Change) -> str:
    """Return the template; what is not about the status itself has one of its own, and staff hear of nothing else."""
    template, occasion = status.template_of(rule), occasion_of(change)
    return template if occasion is Occasion.STATUS else f"{template}_{occasion.value}"


def leaves_at(change: Change, planned: PlannedMessage, wait: timedelta = timedelta()) -> datetime:
    """Return when a planned message may leave; `wait` is the least that the shop lets every message lie."""
    return change.at + max(wait, planned.delay)


def message_row(
    order: Order, change: Change, planned: PlannedMessage, keep: timedelta, wait: timedelta = timedelta()
) -> dict[str, Any]:
    """Return the outbox row of a planned message; `keep` is how long it is still worth sending.

    `wait` is how long it lies at least before it may leave, so that an undo can still stop it.
    """
    leaves = leaves_at(change, planned, wait)
    return {
        "key": f"{order.id}:{change.seq}:{planned.rule}:{planned.recipient}",
        "order_id": order.id,
        "seq": change.seq,
        "kind": "message",
        "code": planned.channel,
        "audience": planned.audience.value,
        "template": planned.template,
        "recipient": planned.recipient,
        "lane": planned.lane,
        "language": planned.language,
        "only_in": planned.only_in,
        "created_at": to_iso(change.at),
        "planned_at": to_iso(leaves),
        "due_at": to_iso(leaves),
        "expires_at": to_iso(leaves + keep),
        "message_id": new_message_id(),
    }


def new_message_id() -> str:
    """Return the token that all attempts of one row carry: random, so that it tells nothing of the order."""
    return secrets.token_hex(12)
