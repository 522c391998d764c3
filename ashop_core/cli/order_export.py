"""`ashop order export`: orders as Ashop's own JSON, one after the other however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.order_filter import Wanted, filter_options
from ashop_core.cli.output import to_json, write_json_array
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command(
    epilog=Text(
        "Exempel:\n  ashop order export --since 2026-01-01 > ordrar.jsonl\n  ashop order export 100234 --json",
        "Examples:\n  ashop order export --since 2026-01-01 > orders.jsonl\n  ashop order export 100234 --json",
    )
)
@argument("orders", nargs=-1, metavar=Text("ORDER", "ORDER"))
@filter_options
@option(
    "--json",
    "array",
    is_flag=True,
    help=Text("En JSON-lista i stället för en order per rad.", "One JSON array instead of one order a line."),
)
@option(
    "--internal",
    is_flag=True,
    help=Text(
        "Också det som bara personalen får se: flaggor, anteckningar, vem som gjorde vad.",
        "Also what only staff may see: flags, notes, who did what.",
    ),
)
@with_shop
def export(shop: Shop, orders: tuple[str, ...], wanted: Wanted, array: bool, internal: bool) -> None:
    """Write orders as JSON Lines that `ashop order import` reads; without a filter, every placed order."""
    if orders and not wanted.empty:
        usage_error(Text("ange ordrar eller ett filter, inte båda", "give orders or a filter, not both"))
    names = iter(orders) if orders else (row.reference for row in shop.every_order(wanted.filter(shop)))
    documents = _documents(shop, names, internal)
    if array:
        write_json_array(documents)
    else:
        for document in documents:
            click.echo(to_json(document))


def _documents(shop: Shop, names: Iterator[str], internal: bool) -> Iterator[dict[str, Any]]:
    from ashop_core.serial import order_document

    for name in names:
        order = shop.order(name)
        yield order_document(
            order, shop.parcels(order), shop.payments(order), shop.history(order), internal=internal
        )
