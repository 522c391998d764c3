"""`ashop order payment` and `ashop order approve`: what is paid, and what staff have approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.changes import ApprovalRequest, PaymentRequest, Request
from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.change import change_orders, dry_run_option, orders_argument
from ashop_core.cli.output import json_option
from ashop_core.models import NewPayment, Order, PaymentKind
from ashop_core.money import to_minor
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_NOTE = option("--note", default="", help=Text("Anteckning för personalen.", "Note for staff."))


@command(
    epilog=Text(
        "Exempel:\n  ashop order payment 100234 paid 1249,50 --reference pi_3Nk\n  ashop order payment 100234 refunded 200",
        "Examples:\n  ashop order payment 100234 paid 1249.50 --reference pi_3Nk\n  ashop order payment 100234 refunded 200",
    )
)
@argument("order", metavar=Text("ORDER", "ORDER"))
@argument("kind", type=click.Choice([k.value for k in PaymentKind]))
@argument(
    "amount",
    required=False,
    metavar=Text("BELOPP", "AMOUNT"),
    help=Text(
        "I orderns valuta; utelämnat: hela summan.", "In the order's currency; left out: the whole total."
    ),
)
@option(
    "--reference",
    default="",
    help=Text("Betaltjänstens egen referens.", "The payment provider's own reference."),
)
@_NOTE
@dry_run_option
@json_option
@with_shop
def payment(
    shop: Shop, order: str, kind: str, amount: str | None, reference: str, note: str, dry_run: bool, form: str
) -> None:  # fmt: skip
    """Add an entry to the payment record; it never moves a placed order's status."""

    def ask(found: Order) -> Request:
        minor = found.total if amount is None else to_minor(amount, found.currency)
        return PaymentRequest(
            payment=NewPayment(kind=PaymentKind(kind), amount=minor, reference=reference), note=note
        )

    change_orders(shop, (order,), ask, dry_run, form)


@command()
@orders_argument
@_NOTE
@dry_run_option
@json_option
@with_shop
def approve(shop: Shop, orders: tuple[str, ...], note: str, dry_run: bool, form: str) -> None:
    """Approve orders, as their payment method calls for."""
    change_orders(shop, orders, lambda _: ApprovalRequest(note=note), dry_run, form)
