"""What one rule of a status would send, word for word, or why it would send nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core.channel_answers import description_of
from ashop_core.drafts import Draft
from ashop_core.errors import InvalidInput, PluginError
from ashop_core.models import Audience, MessageRule, Order, PlannedMessage, Rendered, Status
from ashop_core.planning import Judged, judge_rules, leaves_at
from ashop_core.telling import render_planned
from ashop_core.texts import NOTHING, Text, joined

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagePreview:
    """A message of one rule. `why` is said where it would not be sent; its words may be there nevertheless.

    `leaves` is when it may leave if the change is made now, and `wait` how long after it that is. `only_for` names the
    orders that the rule is for, where those are not all; `described` is what the channel says of the words.
    """

    rule: MessageRule
    recipient: str = ""
    template: str = ""
    rendered: Rendered | None = None
    leaves: datetime | None = None
    wait: timedelta = timedelta()
    described: Text = NOTHING
    only_for: Text = NOTHING
    why: Text = NOTHING

    @property
    def sent(self) -> bool:
        """Tell whether it would be sent."""
        return not self.why.sv


@dataclass(frozen=True, kw_only=True, slots=True)
class RulePreviews:
    """What the rules of a status would send because of a change; what a made-up order is never stands against them."""

    shop: Shop
    draft: Draft
    status: Status
    staff_language: str
    made_up: bool

    def of(self, rule: MessageRule, *, supposed: bool) -> Iterator[MessagePreview]:
        """Yield the messages of one rule; one that is only `supposed` is shown, and not sent."""
        after = _as_the_rule_wants(self.draft.after, rule) if self.made_up else self.draft.after
        alone = replace(self.status, notify=(), messages=(rule,))
        (judged,) = judge_rules(after, self.draft.change, alone, self.shop.channels, self.staff_language)
        planned = judged.planned
        if judged.why == "no_address" and (supposed or (self.made_up and rule.audience is Audience.CUSTOMER)):
            planned = (_to_nobody(after, self.status, rule),)
        only_for = _only_for(self.shop, rule)
        if not planned:
            yield MessagePreview(rule=rule, only_for=only_for, why=_why(judged, only_for))
        for one in planned:
            shown = _shown(self.shop, replace(self.draft, after=after), one, rule, only_for)
            if supposed and shown.sent:
                shown = replace(shown, why=_NO_RULE.fill(status=self.status.label))
            yield shown


def _as_the_rule_wants(order: Order, rule: MessageRule) -> Order:
    """Return a made-up order as one that the rule is for."""
    if rule.delivery and order.delivery not in rule.delivery:
        order = replace(order, delivery=min(rule.delivery))
    if rule.payment and order.payment_method not in rule.payment:
        order = replace(order, payment_method=min(rule.payment))
    return order


def _to_nobody(order: Order, status: Status, rule: MessageRule) -> PlannedMessage:
    return PlannedMessage(
        rule="", channel=rule.channel, template=status.template_of(rule), recipient="", language=order.language,
        audience=rule.audience, delay=rule.delay,
    )  # fmt: skip


def _shown(
    shop: Shop, draft: Draft, planned: PlannedMessage, rule: MessageRule, only_for: Text
) -> MessagePreview:
    least = timedelta(seconds=shop.settings.shop.message_delay_seconds)
    leaves = leaves_at(draft.change, planned, least)
    shown = MessagePreview(
        rule=rule, recipient=planned.recipient, template=planned.template, only_for=only_for, leaves=leaves,
        wait=leaves - draft.change.at,
    )  # fmt: skip
    try:
        rendered = [words for _, words in render_planned(shop, draft, (planned,))]
    except (InvalidInput, PluginError) as error:
        return replace(shown, why=error.staff_text)
    if not rendered:
        return replace(shown, why=_NOT_PLACED)
    words = description_of(shop.channels[planned.channel], rendered[0], planned.recipient)
    return replace(shown, rendered=rendered[0], described=words)


def _only_for(shop: Shop, rule: MessageRule) -> Text:
    """Return which orders a rule is for, in words; nothing where it is for all."""
    flows = shop.flows
    deliveries = [flows.delivery_methods[code].label for code in sorted(rule.delivery)]
    payments = [flows.payment_methods[code].label for code in sorted(rule.payment)]
    return joined([joined(names, " / ") for names in (deliveries, payments) if names])


def _why(judged: Judged, only_for: Text) -> Text:
    rule = judged.rule
    if judged.why == "no_address" and rule.audience is Audience.STAFF:
        return _NO_STAFF.fill(to=", ".join(rule.to) or "–")
    return _WHY[judged.why].fill(channel=rule.channel, orders=only_for)


_WHY: Mapping[str, Text] = {
    "hidden": Text("statusen är dold för kunden", "the status is hidden from the customer"),
    "quiet": Text("ändringen meddelar ingen", "the change tells nobody"),
    "no_channel": Text("ingen insticksmodul ger kanalen {channel}", "no plugin gives the channel {channel}"),
    "condition": Text(
        "regeln gäller inte ordern, bara: {orders}", "the rule is not for this order, only: {orders}"
    ),
    "no_address": Text(
        "kunden har ingen adress som går att använda", "the customer has no address that can be used"
    ),
}
_NO_STAFF = Text("ingen adress går att använda: {to}", "no address can be used: {to}")
_NO_RULE = Text(
    "statusen {status} har ingen sådan regel; så här skulle det låta",
    "the status {status} has no such rule; this is how it would read",
)
_NOT_PLACED = Text(
    "ordern är inte lagd, så ingen får veta av den", "the order is not placed, so nobody is told of it"
)
