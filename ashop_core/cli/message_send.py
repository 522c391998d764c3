"""`ashop message send`: send the messages that wait, once or until told to stop; jobs are left to `ashop work`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import command, option, usage_error, with_shop
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.message_words import note_lanes
from ashop_core.cli.names import DELIVERIES
from ashop_core.cli.output import JSON, json_option, write_json
from ashop_core.cli.work import every_option, item_document, show_item, work_on
from ashop_core.models import Delivery
from ashop_core.texts import Text, counted

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.worker import Round


@command(
    epilog=Text(
        "Exempel:\n  ashop message send\n  ashop message send --channel sms --watch --every 2",
        "Examples:\n  ashop message send\n  ashop message send --channel sms --watch --every 2",
    )
)
@option(
    "--channel",
    metavar=Text("KOD", "CODE"),
    help=Text("Bara en kanals, som email.", "Only a channel's, such as email."),
)
@option(
    "--watch",
    is_flag=True,
    help=Text("Fortsätt tills du avslutar med Ctrl-C.", "Go on until you end it with Ctrl-C."),
)
@every_option
@json_option
@with_shop
def send(shop: Shop, channel: str | None, watch: bool, every: int, form: str) -> None:
    """Send the messages that wait, and do no jobs. Any number of senders and workers may run at once."""
    from ashop_core import worker

    if channel is not None and channel not in shop.channels:
        unknown = Text(
            "det finns ingen kanal {c} som är påslagen; välj bland: {known}",
            "there is no channel {c} that is switched on; choose among: {known}",
        )
        usage_error(unknown.fill(c=channel, known=", ".join(sorted(shop.channels)) or "–"))
    if watch and form == JSON:
        usage_error(Text("--json går inte med --watch", "--json does not go with --watch"))
    note_hold(shop)
    if watch:
        work_on(shop, every, partial(worker.send_once, channel=channel, seen=show_item))
        return
    _tell(shop, worker.send_once(shop, channel, seen=None if form == JSON else show_item), form)


def _tell(shop: Shop, done: Round, form: str) -> None:
    """Tell how it went: how many left, and which channels rest."""
    if form == JSON:
        write_json({"delivered": [item_document(item) for item in done.delivered]})
        return
    sent = sum(item.delivery is Delivery.SENT for item in done.delivered)
    words = counted(
        sent,
        Text("{n} meddelande skickat", "{n} message sent"),
        Text("{n} meddelanden skickade", "{n} messages sent"),
    )
    others = [
        f"{n} {say(DELIVERIES[delivery])}"
        for delivery in (Delivery.WAITING, Delivery.DEAD, Delivery.SUPPRESSED)
        if (n := sum(item.delivery is delivery for item in done.delivered))
    ]
    click.echo(", ".join([say(words), *others]))
    note_lanes(shop)
