"""Shops whose statuses send by rules of every sort, as their settings and a plugin say it."""

from __future__ import annotations

from tests.lives import POST

CREDIT = "[payment.card]\npays_first = false\npaid_before_shipping = false\n"
ORDERED = f"""{CREDIT}
[[statuses.received.messages]]
channels = ["email"]
audience = "staff"
to = ["order@example.se", "lager@example.se"]

[[statuses.shipped.messages]]
channels = ["email"]
template = "review"
delay = "10d"
even_later = true

[[statuses.shipped.messages]]
channels = ["sms"]
delivery = ["post"]
payment = ["invoice"]

[[statuses.ready_for_pickup.messages]]
channels = ["sms"]
template = "still_here"
delay = "5d"

[[statuses.ready_for_pickup.messages]]
channels = ["email"]
"""
BROUGHT = (
    POST
    + """
from datetime import timedelta
from ashop_core.flows import FlowParts
from ashop_core.models import Audience, MessageRule, Place, Stage, Status, Transition

@hookimpl
def ashop_register_flows(settings):
    tested = Status(
        code="tested", label=Text("Provad", "Tested"), customer_label=Text("Provad", "Tested"), stage=Stage.OPEN,
        stock=Place.HELD, messages=(
            MessageRule(channel="email", delay=timedelta(hours=1)),
            MessageRule(channel="sms", template="tested_short"),
            MessageRule(channel="email", audience=Audience.STAFF, to=("qa@example.se",)),
            MessageRule(channel="pigeon"),
        ),
    )
    post = frozenset({"post"})
    steps = (
        Transition(source="reviewed", target="tested", flows=post),
        Transition(source="tested", target="shipped", flows=post),
    )
    return FlowParts(statuses=(tested,), transitions=steps)
"""
)


def table(status: str, more: str, channels: str = '["email"]') -> str:
    return f"[[statuses.{status}.messages]]\nchannels = {channels}\n{more}\n"


STAFF = 'audience = "staff"\nto = ["Order@Example.se"]\n'
