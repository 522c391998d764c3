"""`ashop message preview`: what a status would send, as its recipient would read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.changes import StatusRequest
from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.change import read_pair
from ashop_core.cli.language import say
from ashop_core.cli.names import find_status
from ashop_core.cli.outcome import show_preview
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command()
@argument("order", metavar=Text("ORDER", "ORDER"))
@argument(
    "status",
    required=False,
    metavar=Text("STATUS", "STATUS"),
    help=Text("Annars alla som ordern kan få nu.", "Otherwise all that the order may enter now."),
)
@option(
    "--field",
    "fields",
    multiple=True,
    metavar=Text("KOD=VÄRDE", "CODE=VALUE"),
    help=Text("Ett fält som statusen frågar efter.", "A field that the status asks for."),
)
@with_shop
def preview(shop: Shop, order: str, status: str | None, fields: tuple[str, ...]) -> None:
    """Show what the customer would read if the order entered a status; nothing is changed."""
    found = shop.order(order)
    values = dict(read_pair(field) for field in fields)
    if status is not None:
        codes = [find_status(shop.flows, status, found).code]
    else:
        codes = [s.code for s in shop.flows.next_statuses(found) if s.tells]
    for code in codes:
        reason = "–" if shop.flows.status(code).reason_required else ""
        show_preview(
            shop, shop.preview(found, StatusRequest(to=code, fields=values, reason=reason, notify=True))
        )
    if not codes:
        click.echo(say(Text("Ingen status härifrån skickar något.", "No status from here sends anything.")))
