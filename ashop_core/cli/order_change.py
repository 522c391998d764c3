"""`ashop order status`, `parcel`, `note` and `cancel`: the changes of an order's status and what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ashop_core.changes import NoteRequest, ParcelRequest, Request, StatusRequest
from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.change import change_orders, dry_run_option, orders_argument, read_pair
from ashop_core.cli.names import find_status, status_choices
from ashop_core.cli.output import json_option
from ashop_core.errors import InvalidInput
from ashop_core.models import FieldType, NewParcel, Order, Stage, Status
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

_NOTE = option("--note", default="", help=Text("Anteckning för personalen.", "Note for staff."))
_NOTIFY = option(
    "--notify/--no-notify",
    default=None,
    help=Text(
        "Meddela kunden eller inte; annars avgör statusen.",
        "Tell the customer or not; otherwise the status decides.",
    ),
)
_CARRIER = option("--carrier", help=Text("Transportör.", "Carrier."))
_CONTENTS = option(
    "--content",
    "contents",
    multiple=True,
    metavar=Text("RAD=ANTAL", "LINE=QUANTITY"),
    help=Text(
        "Vad som är i kollit; annars allt. Kan upprepas.",
        "What is in the parcel; otherwise everything. May be repeated.",
    ),
)

EXAMPLES = Text(
    "Exempel:\n"
    '  ashop order status 100234 skickad --parcel 00373500489530471234 --note "Två kollin"\n'
    "  ashop order status 100234 100235 100236 granskad\n"
    '  ashop order status 100234 "leverans bokad" --time "2026-11-30 13:00" --dry-run',
    "Examples:\n"
    '  ashop order status 100234 shipped --parcel 00373500489530471234 --note "Two parcels"\n'
    "  ashop order status 100234 100235 100236 reviewed\n"
    '  ashop order status 100234 "delivery booked" --time "2026-11-30 13:00" --dry-run',
)


@command(epilog=EXAMPLES)
@orders_argument
@argument(
    "status",
    metavar=Text("STATUS", "STATUS"),
    help=Text("Kod eller text, på svenska eller engelska.", "Code or label, in Swedish or English."),
)
@option("--parcel", help=Text("Kollinummer.", "Parcel number."))
@_CARRIER
@_CONTENTS
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
@_NOTE
@option(
    "--reason",
    default="",
    help=Text("Orsak, där statusen kräver en.", "Reason, where the status demands one."),
)
@_NOTIFY
@dry_run_option
@json_option
@with_shop
def status(
    shop: Shop, orders: tuple[str, ...], status: str, parcel: str | None, carrier: str | None,
    contents: tuple[str, ...], fields: tuple[str, ...], time: str | None, note: str, reason: str,
    notify: bool | None, dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Move orders to a status; one after the other, each in a transaction of its own."""
    values = dict(read_pair(field) for field in fields)
    sent = _parcel(parcel, carrier, contents)

    def ask(order: Order) -> Request:
        target = find_status(shop.flows, status, order)
        given = {**values, **({_time_field(target): time} if time else {})}
        return StatusRequest(
            to=target.code, fields=given, parcel=sent, note=note, reason=reason, notify=notify
        )

    change_orders(shop, orders, ask, dry_run, form)


@command()
@argument("order", metavar=Text("ORDER", "ORDER"))
@argument("number", required=False, metavar=Text("KOLLINUMMER", "NUMBER"))
@_CARRIER
@_CONTENTS
@_NOTE
@option("--notify", is_flag=True, help=Text("Meddela kunden.", "Tell the customer."))
@dry_run_option
@json_option
@with_shop
def parcel(
    shop: Shop, order: str, number: str | None, carrier: str | None, contents: tuple[str, ...],
    note: str, notify: bool, dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Add a parcel to an order whose goods have left."""
    sent = _parcel(number, carrier, contents) or NewParcel()
    change_orders(
        shop, (order,), lambda _: ParcelRequest(parcel=sent, note=note, notify=notify), dry_run, form
    )


@command()
@argument("order", metavar=Text("ORDER", "ORDER"))
@argument("text", metavar=Text("TEXT", "TEXT"))
@dry_run_option
@json_option
@with_shop
def note(shop: Shop, order: str, text: str, dry_run: bool, form: str) -> None:
    """Write a note that only staff see."""
    change_orders(shop, (order,), lambda _: NoteRequest(note=text), dry_run, form)


@command()
@orders_argument
@option("--reason", default="", help=Text("Orsaken; den ska anges.", "The reason; it has to be given."))
@_NOTE
@_NOTIFY
@dry_run_option
@json_option
@with_shop
def cancel(
    shop: Shop, orders: tuple[str, ...], reason: str, note: str, notify: bool | None, dry_run: bool, form: str
) -> None:  # fmt: skip
    """Cancel orders whose goods have not left."""

    def ask(order: Order) -> Request:
        return StatusRequest(to=_void(shop, order).code, note=note, reason=reason, notify=notify)

    change_orders(shop, orders, ask, dry_run, form)


def _void(shop: Shop, order: Order) -> Status:
    """Return the void status that the flow leads to from an open one, whatever the shop calls it."""
    now = shop.flows.status(order.status)
    found = [s for s in shop.flows.next_statuses(order) if s.stage is Stage.VOID]
    if now.stage is Stage.OPEN and len(found) == 1:
        return found[0]
    if now.stage is Stage.VOID:
        return now
    text = Text(
        "{name} är {status} och kan inte makuleras. Med `ashop order status` kan den bli: {choices}.",
        "{name} is {status} and cannot be cancelled. With `ashop order status` it may become: {choices}.",
    )
    choices = status_choices(shop.flows.next_statuses(order))
    raise InvalidInput(text.fill(name=order.name, status=now.label, choices=choices))


def _parcel(number: str | None, carrier: str | None, contents: tuple[str, ...]) -> NewParcel | None:
    if number is None and carrier is None and not contents:
        return None
    return NewParcel(number=number, carrier=carrier, contents=dict(_content(text) for text in contents))


def _content(text: str) -> tuple[int, int]:
    position, quantity = read_pair(text)
    if not (position.isascii() and position.isdigit() and quantity.isascii() and quantity.isdigit()):
        usage_error(
            Text(
                "--content {t}: skriv rad=antal, som 1=2", "--content {t}: write line=quantity, such as 1=2"
            ).fill(t=text)
        )
    return int(position), int(quantity)


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
