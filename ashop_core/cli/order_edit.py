"""`ashop order edit`: corrections of an order whose goods have not left, and what they come to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ashop_core.changes import AmendRequest, LineEdit, Request
from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.change import (
    change_orders,
    dry_run_option,
    message_option,
    note_option,
    read_amount,
    read_part,
)
from ashop_core.cli.contact import check_email
from ashop_core.cli.order_new import read_line
from ashop_core.cli.output import json_option
from ashop_core.money import to_minor
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.shop import Shop

_LINE_AMOUNT = Text("RAD=BELOPP", "LINE=AMOUNT")
_AMOUNT = Text("BELOPP", "AMOUNT")
_SUMS = {"discount": "discount", "shipping": "shipping_price", "fee": "payment_fee"}


@command(
    Text(
        "Rätta rader, summor eller adress. Det går tills varor har lämnat butiken; namn, e-post och telefon "
        "även sedan. Lagret, momsen och det som är kvar att betala följer med.",
        "Correct lines, sums or address. It can be done until goods have left; name, e-mail and phone later "
        "too. Stock, VAT and what is left to pay follow.",
    ),
    epilog=Text(
        "Exempel:\n"
        "  ashop order edit 100234 --quantity 2=3 --quantity 1=0\n"
        "  ashop order edit 100234 --add FILTER=2@149:Filter --shipping 0\n"
        '  ashop order edit 100234 --street "Storgatan 2" --city Lerum --notify',
        "Examples:\n"
        "  ashop order edit 100234 --quantity 2=3 --quantity 1=0\n"
        "  ashop order edit 100234 --add FILTER=2@149:Filter --shipping 0\n"
        '  ashop order edit 100234 --street "Storgatan 2" --city Lerum --notify',
    ),
)
@argument("order", metavar=Text("ORDER", "ORDER"))
@option(
    "--quantity",
    "quantities",
    multiple=True,
    metavar=Text("RAD=ANTAL", "LINE=QUANTITY"),
    help=Text("Radens antal; 0 tar bort raden.", "The line's quantity; 0 takes the line away."),
)
@option(
    "--price",
    "prices",
    multiple=True,
    metavar=_LINE_AMOUNT,
    help=Text("Radens styckpris med moms.", "The price of one, incl. VAT."),
)
@option(
    "--line-discount",
    "discounts",
    multiple=True,
    metavar=_LINE_AMOUNT,
    help=Text("Rabatt på hela raden, med moms.", "Discount on the whole line, incl. VAT."),
)
@option(
    "--add",
    multiple=True,
    metavar=Text("ARTIKEL=ANTAL@PRIS[-RABATT][/MOMS][:NAMN]", "SKU=QUANTITY@PRICE[-DISCOUNT][/VAT][:NAME]"),
    help=Text("En ny rad, som i `ashop order new`.", "A new line, as in `ashop order new`."),
)
@option(
    "--vat",
    metavar=Text("PROCENT", "PERCENT"),
    help=Text(
        "Momssats för nya rader som inte har en egen.", "VAT rate of new lines that have none of their own."
    ),
)
@option("--discount", metavar=_AMOUNT, help=Text("Rabatt på hela ordern.", "Discount on the whole order."))
@option("--shipping", metavar=_AMOUNT, help=Text("Frakten.", "The shipping price."))
@option("--fee", metavar=_AMOUNT, help=Text("Betalsättets avgift.", "The payment method's fee."))
@option("--name", help=Text("Kundens namn.", "The customer's name."))
@option("--email", help=Text("E-post.", "E-mail."))
@option("--phone", help=Text("Telefon.", "Phone."))
@option("--street", help=Text("Gatuadress.", "Street."))
@option("--postal-code", help=Text("Postnummer.", "Postal code."))
@option("--city", help=Text("Ort.", "City."))
@option("--country", help=Text("Land, som SE.", "Country, such as SE."))
@note_option
@message_option
@option("--notify", is_flag=True, help=Text("Meddela kunden.", "Tell the customer."))
@dry_run_option
@json_option
@with_shop
def edit(
    shop: Shop, order: str, quantities: tuple[str, ...], prices: tuple[str, ...], discounts: tuple[str, ...],
    add: tuple[str, ...], vat: str | None, note: str, words: str, notify: bool, dry_run: bool, form: str,
    **given: str | None,
) -> None:  # fmt: skip
    """Correct lines, sums or address of an order whose goods have not left; name and contact later too."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if not (quantities or prices or discounts or add or wanted):
        usage_error(
            Text("ange vad som ska ändras, som --quantity 1=2", "say what to change, such as --quantity 1=2")
        )

    check_email(given["email"] or "")

    def ask(found: Order) -> Request:
        sums = {_SUMS[n]: to_minor(value, found.currency) for n, value in wanted.items() if n in _SUMS}
        contact = {name: value for name, value in wanted.items() if name not in _SUMS}
        return AmendRequest(
            customer=replace(found.customer, **contact) if contact else None,
            lines=_edits(found.currency, quantities, prices, discounts),
            add=tuple(read_line(text, found.currency, vat, "--add") for text in add),
            note=note,
            words=words,
            notify=notify,
            **sums,
        )

    change_orders(shop, (order,), ask, dry_run, form)


def _edits(
    currency: str, quantities: tuple[str, ...], prices: tuple[str, ...], discounts: tuple[str, ...]
) -> tuple[LineEdit, ...]:
    """Return the corrections by line, as they were written in whatever order."""
    found: dict[int, dict[str, Any]] = {}
    for text in quantities:
        position, quantity = read_part("--quantity", text)
        found.setdefault(position, {})["quantity"] = quantity
    for name, option_name, texts in (
        ("unit_price", "--price", prices),
        ("discount", "--line-discount", discounts),
    ):
        for text in texts:
            position, amount = read_amount(option_name, text, currency)
            found.setdefault(position, {})[name] = amount
    return tuple(LineEdit(position=position, **values) for position, values in sorted(found.items()))
