"""What a status sends, and what a change will send, as the command line says it in one line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.cli.language import say
from ashop_core.models import EVEN_LATER, Audience, MessageRule, Status
from ashop_core.rule_words import Labels, rules_words
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Change, PlannedMessage
    from ashop_core.shop import Shop


def sends_words(status: Status, rules: Iterable[MessageRule], labels: Labels) -> str:
    """Return what these rules of a status send, those for staff marked as such."""
    staff = Text("personalen: {words}", "staff: {words}")
    return "; ".join(
        say(staff.fill(words=words) if audience is Audience.STAFF else words)
        for audience, words in rules_words(status, rules, labels)
    )


def planned_words(shop: Shop, change: Change, message: PlannedMessage) -> str:
    """Return what sets a message of a change apart from one that leaves at once to the customer; mostly nothing."""
    words = [say(_TO_STAFF)] if message.audience is Audience.STAFF else []
    return "; ".join([*words, *([leaving_words(shop, change, message)] if message.delay else [])])


_TO_STAFF = Text("till personalen", "to staff")


def leaving_words(shop: Shop, change: Change, message: PlannedMessage) -> str:
    """Return when a delayed message of a change leaves, and if what."""
    from ashop_core.cli.output import when
    from ashop_core.planning import leaves_at

    wait = timedelta(seconds=shop.settings.shop.message_delay_seconds)
    words = Text(
        "skickas {time} om ordern är kvar i {status}", "leaves {time} if the order is still in {status}"
    )
    if message.only_in == EVEN_LATER:
        words = Text("skickas {time}", "leaves {time}")
    status = shop.flows.status(message.only_in).label
    return say(words.fill(time=when(leaves_at(change, message, wait)), status=status))
