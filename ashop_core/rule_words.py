"""What a status sends, in words: to whom, by what, from which template, after how long, for which orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ashop_core.durations import duration_words, written_duration
from ashop_core.flows import Flows
from ashop_core.models import Audience, MessageRule, Status
from ashop_core.texts import Text, joined, same


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What people call the channels and methods that rules name, by code."""

    channels: Mapping[str, Text]
    delivery: Mapping[str, Text]
    payment: Mapping[str, Text]


def labels_of(flows: Flows, channels: Mapping[str, Text]) -> Labels:
    """Return the labels of a shop's methods and of these channels."""
    return Labels(
        channels=channels,
        delivery={m.code: m.label for m in flows.delivery_methods.values()},
        payment={m.code: m.label for m in flows.payment_methods.values()},
    )


def sent_rules(status: Status) -> tuple[MessageRule, ...]:
    """Return those of a status's rules that can send: where it is hidden, none for customers."""
    return tuple(rule for rule in status.rules if status.visible or rule.audience is Audience.STAFF)


def rules_words(status: Status, rules: Iterable[MessageRule], labels: Labels) -> list[tuple[Audience, Text]]:
    """Return what some rules of a status send, and to whom; channels that send alike are told together."""
    alike: dict[tuple[Audience, Text], list[Text]] = {}
    for rule in rules:
        details = joined(_details(status, rule, labels), "; ")
        channel = labels.channels.get(rule.channel, same(rule.channel))
        if rule.to:
            channel = Text("{channel} till {to}", "{channel} to {to}").fill(
                channel=channel, to=", ".join(rule.to)
            )
        alike.setdefault((rule.audience, details), []).append(channel)
    return [
        (audience, _with_details(joined(channels), details))
        for (audience, details), channels in alike.items()
    ]


def rule_document(status: Status, rule: MessageRule) -> dict[str, Any]:
    """Return a rule as plain data."""
    return {
        "audience": rule.audience.value,
        "channel": rule.channel,
        "template": status.template_of(rule),
        "to": list(rule.to),
        "delay": written_duration(rule.delay) if rule.delay else None,
        "even_later": rule.even_later,
        "delivery": sorted(rule.delivery),
        "payment": sorted(rule.payment),
    }


def _with_details(channels: Text, details: Text) -> Text:
    return Text("{c} ({d})", "{c} ({d})").fill(c=channels, d=details) if details.en else channels


def _details(status: Status, rule: MessageRule, labels: Labels) -> list[Text]:
    """Return what sets a rule apart from a plain one."""
    words = []
    if rule.delay:
        late = Text("efter {delay}", "after {delay}")
        if rule.even_later:
            late = Text(
                "efter {delay}, även om ordern gått vidare", "after {delay}, even if the order has moved on"
            )
        words.append(late.fill(delay=duration_words(rule.delay)))
    for codes, known, text in (
        (rule.delivery, labels.delivery, Text("leverans: {names}", "delivery: {names}")),
        (rule.payment, labels.payment, Text("betalning: {names}", "payment: {names}")),
    ):
        if codes:
            words.append(text.fill(names=joined([known.get(code, same(code)) for code in sorted(codes)])))
    if rule.template is not None:
        words.append(Text("mallen {name}", "template {name}").fill(name=rule.template))
    return words
