"""`ashop order return`: what came back of an order, to the shelf or to be written off, and the money with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.changes import Request, ReturnRequest
from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.change import (
    change_orders,
    dry_run_option,
    message_option,
    note_option,
    notify_option,
    read_part,
)
from ashop_core.cli.output import json_option
from ashop_core.money import to_minor
from ashop_core.returning import everything_away
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.shop import Shop

_PART = Text("RAD=ANTAL", "LINE=QUANTITY")


@command(
    Text(
        "Registrera en retur. När kunden inte har något kvar av ordern blir den returnerad.",
        "Record a return. When nothing of the order is left with the customer, it becomes returned.",
    ),
    epilog=Text(
        "Exempel:\n"
        "  ashop order return 100234 --line 2=1 --refund 249\n"
        '  ashop order return 100234 --all --refund-all --reason "ångerrätt"',
        "Examples:\n"
        "  ashop order return 100234 --line 2=1 --refund 249\n"
        '  ashop order return 100234 --all --refund-all --reason "changed their mind"',
    ),
)
@argument("order", metavar=Text("ORDER", "ORDER"))
@option(
    "--line",
    "lines",
    multiple=True,
    metavar=_PART,
    help=Text("Tillbaka och åter i lager. Kan upprepas.", "Back, and on the shelf again. May be repeated."),
)
@option(
    "--written-off",
    multiple=True,
    metavar=_PART,
    help=Text("Tillbaka men kasserat. Kan upprepas.", "Back, but written off. May be repeated."),
)
@option(
    "--all",
    "everything",
    is_flag=True,
    help=Text(
        "Allt som kunden har, åter i lager utom det som kasseras.",
        "All that the customer has, on the shelf again but for what is written off.",
    ),
)
@option(
    "--refund",
    metavar=Text("BELOPP", "AMOUNT"),
    help=Text("Så mycket betalas tillbaka.", "So much is paid back."),
)
@option(
    "--refund-all",
    is_flag=True,
    help=Text("Allt som är betalt betalas tillbaka.", "All that was paid is paid back."),
)
@option(
    "--reference",
    default="",
    help=Text(
        "Betaltjänstens referens för återbetalningen.", "The payment provider's reference of the refund."
    ),
)
@option("--reason", default="", help=Text("Varför det kom tillbaka.", "Why it came back."))
@note_option
@message_option
@notify_option
@dry_run_option
@json_option
@with_shop
def return_(
    shop: Shop, order: str, lines: tuple[str, ...], written_off: tuple[str, ...], everything: bool,
    refund: str | None, refund_all: bool, reference: str, reason: str, note: str, words: str,
    notify: bool | None, dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Write down what came back; when nothing is left with the customer, the order is returned."""
    if everything and lines:
        usage_error(Text("ange --line eller --all, inte båda", "give --line or --all, not both"))
    if refund is not None and refund_all:
        usage_error(
            Text("ange --refund eller --refund-all, inte båda", "give --refund or --refund-all, not both")
        )
    lost = dict(read_part("--written-off", text) for text in written_off)
    back = dict(read_part("--line", text) for text in lines)

    def ask(found: Order) -> Request:
        amount = None if refund is None else to_minor(refund, found.currency)
        return ReturnRequest(
            restocked=_rest(found, lost) if everything else back,
            written_off=lost,
            refund=found.paid - found.refunded if refund_all else amount,
            reference=reference,
            reason=reason,
            note=note,
            words=words,
            notify=notify,
        )

    change_orders(shop, (order,), ask, dry_run, form)


def _rest(order: Order, lost: dict[int, int]) -> dict[int, int]:
    """Return all that the customer has, less what is written off."""
    left = {position: n - lost.get(position, 0) for position, n in everything_away(order).items()}
    return {position: n for position, n in left.items() if n > 0}
