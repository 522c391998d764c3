"""What `ashop settings check` and `ashop flow check` find in the templates: each is tried on made-up orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ashop_core.channels import Channel, KnowsTemplates
from ashop_core.customer import MessageContext
from ashop_core.doctor import Finding
from ashop_core.flows import Flows
from ashop_core.plugins import by_name
from ashop_core.samples import sample_messages
from ashop_core.settings import ShopSettings


def review_templates(flows: Flows, channels: Mapping[str, Channel], shop: ShopSettings) -> Iterator[Finding]:
    """Yield what is wrong with the templates of a shop's channels, and which of its own files nothing uses."""
    for code, channel in channels.items():
        if isinstance(channel, KnowsTemplates):
            yield from by_name(code, "templates", _review, channel, list(sample_messages(flows, shop, code)))


def _review(channel: KnowsTemplates, samples: list[MessageContext]) -> list[Finding]:
    wrong = [Finding(code=p.code, text=p.text) for p in channel.template_problems(samples)]
    unused = [Finding(code=p.code, text=p.text, serious=False) for p in channel.unused_templates(samples)]
    return wrong + unused
