"""`ashop order show` and `ashop order next`: everything about one order, and where it may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.order_page import show_page
from ashop_core.cli.output import JSON, Column, json_option, list_options, show_list, write_json
from ashop_core.models import ParcelNumber
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Field, Order, Status
    from ashop_core.shop import Shop


@command()
@argument(
    "order", metavar=Text("ORDER", "ORDER"), help=Text("Nummer eller referens.", "Number or reference.")
)
@option("--full", is_flag=True, help=Text("Hela meddelanden.", "Messages in full."))
@json_option
@with_shop
def show(shop: Shop, order: str, full: bool, form: str) -> None:
    """Show an order: customer, lines, money, parcels, messages, history and what plugins add."""
    found = shop.order(order)
    if form == JSON:
        write_json(_document(shop, found))
    else:
        show_page(shop, found, full)


def _document(shop: Shop, order: Order) -> dict[str, Any]:
    from ashop_core.serial import order_document

    document = order_document(
        order, shop.parcels(order), shop.payments(order), shop.history(order), shop.messages(order), internal=True
    )  # fmt: skip
    sections = [
        {"plugin": plugin, "title": s.title, "rows": [[say(label), say(value)] for label, value in s.rows]}
        for plugin, s in shop.sections(order)
    ]
    return {**document, "sections": sections}


@command()
@argument(
    "order", metavar=Text("ORDER", "ORDER"), help=Text("Nummer eller referens.", "Number or reference.")
)
@list_options
@with_shop
def next_(shop: Shop, order: str, form: str) -> None:
    """List the statuses that the flow lets an order enter now, and what each asks for."""
    found = shop.order(order)
    if form == "table":
        click.echo(f"{found.name}  {say(shop.flows.status(found.status).label)}")
    show_list(
        _columns(shop, found),
        shop.flows.next_statuses(found),
        form,
        empty=Text("  Ingen: här slutar flödet.", "  None: the flow ends here."),
    )


def _columns(shop: Shop, order: Order) -> list[Column[Status]]:
    required = Text("krävs", "required")
    return [
        Column("status", Text("Kod", "Code"), lambda s: s.code),
        Column("label", Text("Status", "Status"), lambda s: s.label, words=lambda s: say(s.label)),
        Column(
            "fields", Text("Frågar efter", "Asks for"), lambda s: [_field(shop, order, f) for f in s.fields],
            words=lambda s: _asks(shop, order, s), cell=lambda s: [f.code for f in s.fields],
        ),
        Column(
            "reason_required", Text("Orsak", "Reason"), lambda s: s.reason_required,
            words=lambda s: say(required) if s.reason_required else "",
        ),
        Column(
            "sends", Text("Skickar", "Sends"), lambda s: list(s.notify),
            words=lambda s: ", ".join(say(shop.channels[code].label) for code in s.notify),
        ),
    ]  # fmt: skip


def _field(shop: Shop, order: Order, field: Field) -> dict[str, Any]:
    return {"code": field.code, "type": field.type.value, "required": _is_required(shop, order, field)}


def _asks(shop: Shop, order: Order, status: Status) -> str:
    return ", ".join(say(f.label) + ("*" if _is_required(shop, order, f) else "") for f in status.fields)


def _is_required(shop: Shop, order: Order, field: Field) -> bool:
    """A parcel number is demanded by the delivery method, too."""
    method = shop.flows.delivery_methods.get(order.delivery)
    by_method = method is not None and method.parcel_number is ParcelNumber.REQUIRED
    return field.required or (field.type == "parcel_number" and by_method)
