"""`ashop order parcel`, and the options that say what was sent, which `ashop order status` has too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ashop_core.changes import ParcelRequest
from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.change import (
    change_orders,
    dry_run_option,
    message_option,
    note_option,
    notify_option,
    read_part,
)
from ashop_core.cli.output import json_option
from ashop_core.models import NewParcel
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])


def parcel_options(function: F) -> F:
    """Give a command --carrier and --content, as ``carrier`` and ``contents``."""
    contents = option(
        "--content",
        "contents",
        multiple=True,
        metavar=Text("RAD=ANTAL", "LINE=QUANTITY"),
        help=Text(
            "Vad som är i kollit; annars allt. Kan upprepas.",
            "What is in the parcel; otherwise everything. May be repeated.",
        ),
    )
    return option("--carrier", help=Text("Transportör.", "Carrier."))(contents(function))


def read_parcel(number: str | None, carrier: str | None, contents: tuple[str, ...]) -> NewParcel | None:
    """Return the parcel that the options describe; None where none of them was given."""
    if number is None and carrier is None and not contents:
        return None
    parts = dict(read_part("--content", text) for text in contents)
    return NewParcel(number=number, carrier=carrier, contents=parts)


@command()
@argument("order", metavar=Text("ORDER", "ORDER"))
@argument("number", required=False, metavar=Text("KOLLINUMMER", "NUMBER"))
@parcel_options
@note_option
@message_option
@notify_option
@dry_run_option
@json_option
@with_shop
def parcel(
    shop: Shop, order: str, number: str | None, carrier: str | None, contents: tuple[str, ...],
    note: str, words: str, notify: bool | None, dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Add a parcel: the next one of an order that is partly sent, or a number for goods that have left."""
    sent = read_parcel(number, carrier, contents) or NewParcel()
    request = ParcelRequest(parcel=sent, note=note, words=words, notify=notify)
    change_orders(shop, (order,), lambda _: request, dry_run, form)
