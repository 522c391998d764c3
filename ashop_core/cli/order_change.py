"""`ashop order status` and `ashop order note`: the sentence that the whole product is built around, and a word to staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.changes import NoteRequest, Request, StatusRequest
from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.change import (
    change_orders,
    dry_run_option,
    message_option,
    note_option,
    notify_option,
    orders_argument,
    read_pair,
)
from ashop_core.cli.names import find_status
from ashop_core.cli.order_parcel import parcel_options, read_parcel
from ashop_core.cli.output import json_option
from ashop_core.errors import InvalidInput
from ashop_core.models import FieldType, Order, Status
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.cli.orders_named import Orders
    from ashop_core.shop import Shop

EXAMPLES = Text(
    "Exempel:\n"
    '  ashop order status 100234 skickad --parcel 00373500489530471234 --note "Två kollin"\n'
    '  ashop order status 100234 "leverans bokad" --time "2026-11-30 13:00" --dry-run\n'
    "  ashop order status 100234 100235 100236 granskad\n"
    '  ashop order status --where "status=mottagen, delivery=post" granskad',
    "Examples:\n"
    '  ashop order status 100234 shipped --parcel 00373500489530471234 --note "Two parcels"\n'
    '  ashop order status 100234 "delivery booked" --time "2026-11-30 13:00" --dry-run\n'
    "  ashop order status 100234 100235 100236 reviewed\n"
    '  ashop order status --where "status=received, delivery=post" reviewed',
)


@command(
    Text(
        "Byt status på en eller flera ordrar. Gäller det flera visas först hur många som ändras, vilka "
        "meddelanden som går och vad som nekas, och sedan ställs en fråga. Varje order ändras för sig: den som "
        "nekas hindrar inte de andra, och samma kommando igen gör det som blev över.",
        "Change the status of orders. For several it first tells how many will change, which messages will "
        "leave and what will be refused, and then asks. Each order is changed by itself: one that is refused "
        "does not stop the others, and the same command again does what was left.",
    ),
    epilog=EXAMPLES,
)
@orders_argument
@argument(
    "status",
    metavar=Text("STATUS", "STATUS"),
    help=Text("Kod eller text, på svenska eller engelska.", "Code or label, in Swedish or English."),
)
@option("--parcel", help=Text("Kollinummer.", "Parcel number."))
@parcel_options
@option(
    "--field",
    "fields",
    multiple=True,
    metavar=Text("KOD=VÄRDE", "CODE=VALUE"),
    help=Text(
        "Ett fält som statusen frågar efter. Kan upprepas.",
        "A field that the status asks for. May be repeated.",
    ),
)
@option(
    "--time",
    metavar=Text("TID", "TIME"),
    help=Text(
        "Tiden som statusen frågar efter: ”2026-11-30 13:00”.",
        "The time that the status asks for: “2026-11-30 13:00”.",
    ),
)
@option(
    "--reason",
    default="",
    help=Text("Orsak, där statusen kräver en.", "Reason, where the status demands one."),
)
@note_option
@message_option
@notify_option
@dry_run_option
@json_option
@with_shop
def status(
    shop: Shop, orders: Orders, status: str, parcel: str | None, carrier: str | None, contents: tuple[str, ...],
    fields: tuple[str, ...], time: str | None, reason: str, note: str, words: str, notify: bool | None,
    dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Move orders to a status; one after the other, each in a transaction of its own.

    Several are summed up first, with the messages that will leave, and asked about.
    """
    values = dict(read_pair(field) for field in fields)
    sent = read_parcel(parcel, carrier, contents)

    def ask(order: Order) -> Request:
        target = find_status(shop.flows, status, order)
        given = {**values, **({_time_field(target): time} if time else {})}
        return StatusRequest(
            to=target.code, fields=given, parcel=sent, note=note, reason=reason, words=words, notify=notify
        )

    change_orders(shop, orders, ask, dry_run, form)


@command()
@orders_argument
@argument("text", metavar=Text("TEXT", "TEXT"))
@dry_run_option
@json_option
@with_shop
def note(shop: Shop, orders: Orders, text: str, dry_run: bool, form: str) -> None:
    """Write a note that only staff see."""
    change_orders(shop, orders, lambda _: NoteRequest(note=text), dry_run, form)


def _time_field(target: Status) -> str:
    code = next((f.code for f in target.fields if f.type is FieldType.DATE_TIME), None)
    if code is None:
        raise InvalidInput(
            Text(
                "{status} frågar inte efter någon tid; ta bort --time",
                "{status} asks for no time; leave --time out",
            ).fill(status=target.label)
        )
    return code
