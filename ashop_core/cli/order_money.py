"""`ashop order payment` and `ashop order approve`: what is paid, when it is due, and what staff have approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ashop_core.changes import ApprovalRequest, PaymentRequest, Request
from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.change import change_orders, dry_run_option, orders_argument
from ashop_core.cli.names import ENTRIES
from ashop_core.cli.output import json_option
from ashop_core.clock import parse_date
from ashop_core.errors import InvalidInput
from ashop_core.models import NewPayment, Order, PaymentKind
from ashop_core.money import to_minor
from ashop_core.naming import plain
from ashop_core.payment_due import PaymentDueRequest
from ashop_core.texts import Text, joined

if TYPE_CHECKING:
    from datetime import date

    from ashop_core.shop import Shop

_NOTE = option("--note", default="", help=Text("Anteckning för personalen.", "Note for staff."))
_NO_DAY = ("ingen", "none")
_ALSO: Mapping[PaymentKind, tuple[str, ...]] = {
    PaymentKind.AUTHORISED: ("reserverad", "reservation", "auktoriserad", "authorized", "authorisation"),
    PaymentKind.PAID: ("betald", "betalning", "payment"),
    PaymentKind.FAILED: ("misslyckad", "misslyckades"),
    PaymentKind.REFUNDED: ("återbetald", "återbetalning", "refund"),
}
"""What people also write for an entry, besides its code and its label in either language."""


@command(
    epilog=Text(
        "Exempel:\n"
        "  ashop order payment 100234 betalt 1249,50 --reference pi_3Nk\n"
        "  ashop order payment 100234 återbetalt 200\n"
        "  ashop order payment 100234 --due 2026-12-31",
        "Examples:\n"
        "  ashop order payment 100234 paid 1249.50 --reference pi_3Nk\n"
        "  ashop order payment 100234 refunded 200\n"
        "  ashop order payment 100234 --due 2026-12-31",
    )
)
@argument(
    "order", metavar=Text("ORDER", "ORDER"), help=Text("Nummer eller referens.", "Number or reference.")
)
@argument(
    "kind",
    required=False,
    metavar=Text("POST", "ENTRY"),
    help=Text("reserverat, betalt, misslyckat eller återbetalt.", "authorised, paid, failed or refunded."),
)
@argument(
    "amount",
    required=False,
    metavar=Text("BELOPP", "AMOUNT"),
    help=Text(
        "I orderns valuta; utelämnat: det som är kvar att betala, eller allt som kan återbetalas.",
        "In the order's currency; left out: what is left to pay, or all that can be refunded.",
    ),
)
@option(
    "--reference",
    default="",
    help=Text(
        "Betaltjänstens egen referens; samma post under samma referens bokförs en gång.",
        "The payment provider's own reference; the same entry under the same one is recorded once.",
    ),
)
@option(
    "--due",
    metavar=Text("DAG", "DAY"),
    help=Text("Sista dag att betala, eller ingen.", "The last day to pay, or none."),
)
@_NOTE
@dry_run_option
@json_option
@with_shop
def payment(
    shop: Shop, order: str, kind: str | None, amount: str | None, reference: str, due: str | None, note: str,
    dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Add an entry to the payment record, or move the last day to pay; neither moves the order's status."""
    if (kind is None) == (due is None):
        usage_error(Text("ange en post eller --due, ett av dem", "give an entry or --due, one of them"))
    if due is not None:
        day = _day(due)
        change_orders(shop, (order,), lambda _: PaymentDueRequest(due=day, note=note), dry_run, form)
        return
    entry = _entry(kind or "")

    def ask(found: Order) -> Request:
        minor = _usual(found, entry) if amount is None else to_minor(amount, found.currency)
        return PaymentRequest(payment=NewPayment(kind=entry, amount=minor, reference=reference), note=note)

    change_orders(shop, (order,), ask, dry_run, form)


def _entry(words: str) -> PaymentKind:
    """Return the kind of payment entry that people mean. Raises InvalidInput with the choices."""
    meant = plain(words)
    for kind, label in ENTRIES.items():
        if meant in (kind.value, label.sv, label.en, *_ALSO[kind]):
            return kind
    raise InvalidInput(
        Text(
            "”{words}” är ingen betalningspost. Välj bland: {choices}.",
            "“{words}” is no payment entry. Choose from: {choices}.",
        ).fill(words=words, choices=joined(list(ENTRIES.values())))
    )


def _usual(order: Order, kind: PaymentKind) -> int:
    """Return the amount that is meant where none is given."""
    if kind is PaymentKind.REFUNDED:
        return order.paid - order.refunded
    return order.left_to_pay if order.left_to_pay > 0 else order.total


def _day(text: str) -> date | None:
    if text.strip().casefold() in _NO_DAY:
        return None
    try:
        return parse_date(text)
    except InvalidInput:
        raise InvalidInput(
            Text(
                "--due: ”{text}” är ingen dag. Skriv till exempel 2026-12-31, eller ingen.",
                "--due: “{text}” is not a day. Write for example 2026-12-31, or none.",
            ).fill(text=text[:40])
        ) from None


@command()
@orders_argument
@option(
    "--withdraw",
    is_flag=True,
    help=Text(
        "Ta tillbaka godkännandet, innan något har lämnat butiken.",
        "Take the approval back, before anything has left.",
    ),
)
@_NOTE
@dry_run_option
@json_option
@with_shop
def approve(shop: Shop, orders: tuple[str, ...], withdraw: bool, note: str, dry_run: bool, form: str) -> None:
    """Approve orders, as their payment method calls for."""
    change_orders(shop, orders, lambda _: ApprovalRequest(note=note, withdraw=withdraw), dry_run, form)
