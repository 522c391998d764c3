"""What `ashop flow check` finds: faults in flows and templates, orders left behind, and what is worth a thought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from ashop_core.channel_answers import several_of, words_of
from ashop_core.channels import Channel, KnowsTemplates
from ashop_core.customer import MessageContext
from ashop_core.errors import AshopError, Problem
from ashop_core.finding import Finding, worth_knowing
from ashop_core.flow_migration import stranded_orders, stranded_words
from ashop_core.flows import Flows
from ashop_core.models import Audience, MessageRule, Stage, Status
from ashop_core.opening import open_database, put_together
from ashop_core.plugins import by_name, load_plugins
from ashop_core.rule_words import sent_rules
from ashop_core.sample_messages import sample_messages
from ashop_core.settings import Settings, ShopSettings, load_settings
from ashop_core.texts import LANGUAGES, Text, same


def review_shop(folder: Path) -> tuple[Flows, list[Finding]]:
    """Return a shop's flows and everything found about them, also where they keep the shop from opening.

    Raises AshopError where the settings cannot be read or a plugin does not load. The database is only read.
    """
    plugins = load_plugins(load_settings(folder))
    plugins.ensure_sound()
    flows, channels, _, problems = put_together(plugins)
    findings = [Finding(code=p.code, text=p.text) for p in problems]
    findings += [
        Finding(code="stranded", text=stranded_words(code, count))
        for code, count in _stranded(plugins.settings, flows).items()
    ]
    if not problems:
        findings += review_templates(flows, channels, plugins.settings.shop)
    return flows, [*findings, *remarks(flows, channels)]


def review_templates(flows: Flows, channels: Mapping[str, Channel], shop: ShopSettings) -> Iterator[Finding]:
    """Yield what is wrong with the channels' words, tried on made-up orders, and which templates nothing uses."""
    for code, channel in channels.items():
        samples = list(sample_messages(flows, shop, code))
        if isinstance(channel, KnowsTemplates):
            yield from _tried(code, channel, samples)
        else:
            yield from _worded(channel, samples)


def _tried(code: str, channel: KnowsTemplates, samples: list[MessageContext]) -> Iterator[Finding]:
    for problem in several_of(code, "template_problems", Problem, channel.template_problems, samples):
        yield Finding(code=problem.code, text=problem.text)
    for problem in several_of(code, "unused_templates", Problem, channel.unused_templates, samples):
        yield Finding(code=problem.code, text=problem.text, serious=False)


def _worded(channel: Channel, samples: list[MessageContext]) -> Iterator[Finding]:
    """Yield what a channel that has no templates stumbles over, each fault once."""
    told = set[Text]()
    for context in samples:
        try:
            words_of(channel, context)
        except AshopError as fault:
            if fault.text not in told:
                told.add(fault.text)
                yield Finding(code="no_words", text=fault.text)


def remarks(flows: Flows, channels: Mapping[str, Channel]) -> Iterator[Finding]:
    """Yield what is allowed, but may not be meant."""
    used = {s.code: s for flow in flows.flows for s in flows.of_flow(flow)}
    for status in used.values():
        if status.stage is not Stage.CHECKOUT and not status.visible:
            yield worth_knowing(
                "hidden",
                "statuses.{code}: ingen customer_label, så kunden ser den senaste synliga statusen i stället",
                "statuses.{code}: no customer_label, so the customer goes on seeing the last visible status",
                code=status.code,
            )
        rules = sent_rules(status)
        wanted = dict.fromkeys((rule.channel, status.template_of(rule)) for rule in rules)
        for code, template in wanted:
            yield from _template_remarks(status, channels[code], template)
        yield from _rule_remarks(status, rules, channels)


def _template_remarks(status: Status, channel: Channel, template: str) -> Iterator[Finding]:
    if not isinstance(channel, KnowsTemplates):
        return
    missing = [
        language
        for language in LANGUAGES
        if not by_name(channel.code, "has_template", channel.has_template, template, language)
    ]
    if missing:
        yield worth_knowing(
            "no_template",
            "statuses.{code}: mallen {template} saknas för {channel} ({languages}), så den allmänna används",
            "statuses.{code}: there is no template {template} for {channel} ({languages}), so the general one is used",
            code=status.code, template=template, channel=channel.label, languages=same(", ".join(missing)),
        )  # fmt: skip


def _rule_remarks(
    status: Status, rules: Sequence[MessageRule], channels: Mapping[str, Channel]
) -> Iterator[Finding]:
    """Yield the rules that reach nobody, and those that say the same twice."""
    for rule in rules:
        if rule.audience is Audience.STAFF and not _addresses(rule, channels):
            yield worth_knowing(
                "nobody",
                "statuses.{code}: personalens regel för {channel} har ingen adress som går att skicka till",
                "statuses.{code}: the rule for staff by {channel} has no address that can be sent to",
                code=status.code, channel=channels[rule.channel].label,
            )  # fmt: skip
    told = set[tuple[str, str, Audience]]()
    for one, other in combinations(rules, 2):
        key = (one.channel, status.template_of(one), one.audience)
        if key not in told and _say_the_same(status, one, other, channels):
            told.add(key)
            yield worth_knowing(
                "same_twice",
                "statuses.{code}: två regler skickar mallen {template} med {channel} till samma mottagare, så "
                "meddelandet går två gånger",
                "statuses.{code}: two rules send the template {template} by {channel} to the same recipient, so the "
                "message leaves twice",
                code=status.code, template=key[1], channel=channels[one.channel].label,
            )  # fmt: skip


def _say_the_same(
    status: Status, one: MessageRule, other: MessageRule, channels: Mapping[str, Channel]
) -> bool:
    """Tell whether some order would get the same template from both rules, by the same channel to the same address."""
    if (one.channel, one.audience) != (other.channel, other.audience):
        return False
    if status.template_of(one) != status.template_of(other):
        return False
    if one.audience is Audience.STAFF and not _addresses(one, channels) & _addresses(other, channels):
        return False
    return _overlap(one.delivery, other.delivery) and _overlap(one.payment, other.payment)


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two conditions have a method in common; an empty one is for every method."""
    return not one or not other or bool(one & other)


def _addresses(rule: MessageRule, channels: Mapping[str, Channel]) -> set[str]:
    channel = channels[rule.channel]
    found = (by_name(rule.channel, "address", channel.address, text) for text in rule.to)
    return {address for address in found if address is not None}


def _stranded(settings: Settings, flows: Flows) -> dict[str, int]:
    """Return the orders in statuses that nobody knows; none where there is no database yet."""
    name = settings.shop.database
    if "://" not in name and not settings.path(name).exists():
        return {}
    database = open_database(settings)
    try:
        with database.read() as reader:
            return stranded_orders(reader, flows)
    finally:
        database.close()
