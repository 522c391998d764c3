"""`ashop order followup` and `ashop order anonymise`: what came of a checkout that was not finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.changes import AnonymiseRequest, FollowUpRequest
from ashop_core.cli.app import argument, command, with_shop
from ashop_core.cli.change import change_orders, dry_run_option, note_option, orders_argument
from ashop_core.cli.names import FOLLOW_UPS
from ashop_core.cli.output import json_option
from ashop_core.errors import InvalidInput
from ashop_core.models import FollowUp
from ashop_core.naming import plain
from ashop_core.texts import Text, joined

if TYPE_CHECKING:
    from ashop_core.cli.orders_named import Orders
    from ashop_core.shop import Shop


@command(
    Text(
        "Anteckna en uppföljning. Kunden får inget meddelande, varken nu eller senare.",
        "Record a follow-up. The customer is sent no message, now or later.",
    ),
    epilog=Text(
        'Exempel:\n  ashop order followup K-7F3QX2 kontaktad --note "Ringer igen på fredag"',
        'Example:\n  ashop order followup K-7F3QX2 contacted --note "Will call again on Friday"',
    ),
)
@orders_argument
@argument(
    "outcome",
    metavar=Text("RESULTAT", "OUTCOME"),
    help=Text("kontaktad, återvunnen eller förlorad.", "contacted, recovered or lost."),
)
@note_option
@dry_run_option
@json_option
@with_shop
def followup(shop: Shop, orders: Orders, outcome: str, note: str, dry_run: bool, form: str) -> None:
    """Write down what came of getting in touch about checkouts that were not finished. No message is sent."""
    request = FollowUpRequest(outcome=_follow_up(outcome), note=note)
    change_orders(shop, orders, lambda _: request, dry_run, form)


def _follow_up(words: str) -> FollowUp:
    """Return the outcome that people mean, by its code or its word in either language."""
    meant = plain(words)
    for outcome, label in FOLLOW_UPS.items():
        if meant in (outcome.value, plain(label.sv), plain(label.en)):
            return outcome
    raise InvalidInput(
        Text(
            "”{words}” är inget resultat av en uppföljning. Välj bland: {choices}.",
            "“{words}” is no outcome of a follow-up. Choose from: {choices}.",
        ).fill(words=words, choices=joined(list(FOLLOW_UPS.values())))
    )


@command(
    Text(
        "Avidentifiera påbörjade köp. Personuppgifterna försvinner för gott, även ur meddelanden och insticksmoduler; "
        "kunden får inget meddelande. En lagd order hör till bokföringen och avidentifieras inte.",
        "Anonymise checkouts. The personal data are gone for good, from messages and plugins too; the customer "
        "is sent no message. A placed order belongs to the accounts and is not anonymised.",
    )
)
@orders_argument
@dry_run_option
@json_option
@with_shop
def anonymise(shop: Shop, orders: Orders, dry_run: bool, form: str) -> None:
    """Take the person away from checkouts that became no order, in messages and plugins too. It is for good."""
    sure = Text(
        "Personuppgifterna försvinner för gott. Fortsätta?", "The personal data are gone for good. Go on?"
    )
    try:
        change_orders(shop, orders, lambda _: AnonymiseRequest(), dry_run, form, sure=sure)
    finally:  # also where some were refused
        if not dry_run:
            shop.forget_erased()
