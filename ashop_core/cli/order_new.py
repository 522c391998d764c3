"""`ashop order new`: an order that staff make for a customer, by telephone or over the counter."""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.contact import check_email
from ashop_core.cli.errors import show_error
from ashop_core.cli.language import say
from ashop_core.cli.outcome import deliver_now, show_outcome
from ashop_core.cli.outcome_document import outcome_document
from ashop_core.cli.output import JSON, json_option, money, note, write_json
from ashop_core.errors import InvalidInput, Refused
from ashop_core.models import Customer, NewLine, Role
from ashop_core.money import to_minor
from ashop_core.shop import STAFF
from ashop_core.texts import LANGUAGES, Text

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.shop import Shop

_LINE = re.compile(
    r"(?P<sku>.+?)=(?P<quantity>[^@]+)@(?P<price>-?[^-/:]+)(?:-(?P<discount>[^/:]+))?(?:/(?P<vat>[^:]+))?"
    r"(?::(?P<name>.*))?",
    re.DOTALL,
)
_RATE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")


@command(
    epilog=Text(
        "Exempel:\n"
        '  ashop order new --line FTX35=1@12995:Luftvärmepump --line FILTER=2@149 --name "Anna Ek" \\\n'
        '    --email anna@example.se --street "Storgatan 1" --postal-code 44330 --city Lerum --payment invoice',
        "Example:\n"
        '  ashop order new --line FTX35=1@12995:Heatpump --line FILTER=2@149 --name "Anna Ek" \\\n'
        '    --email anna@example.se --street "Storgatan 1" --postal-code 44330 --city Lerum --payment invoice',
    )
)
@option(
    "--line",
    "lines",
    multiple=True,
    required=True,
    metavar=Text("ARTIKEL=ANTAL@PRIS[-RABATT][/MOMS][:NAMN]", "SKU=QUANTITY@PRICE[-DISCOUNT][/VAT][:NAME]"),
    help=Text(
        "En rad: styckpriset med moms, rabatten på hela raden, momssatsen i procent. Kan upprepas.",
        "A line: the price of one incl. VAT, the discount on the whole line, the VAT rate in per cent. "
        "May be repeated.",
    ),
)
@option(
    "--vat",
    metavar=Text("PROCENT", "PERCENT"),
    help=Text("Momssats för rader som inte har en egen.", "VAT rate of lines that have none of their own."),
)
@option(
    "--discount",
    metavar=Text("BELOPP", "AMOUNT"),
    default="0",
    help=Text("Rabatt på hela ordern, med moms.", "Discount on the whole order, incl. VAT."),
)
@option("--name", default="", help=Text("Kundens namn.", "The customer's name."))
@option("--email", default="", help=Text("E-post.", "E-mail."))
@option("--phone", default="", help=Text("Telefon.", "Phone."))
@option("--street", default="", help=Text("Gatuadress.", "Street."))
@option("--postal-code", default="", help=Text("Postnummer.", "Postal code."))
@option("--city", default="", help=Text("Ort.", "City."))
@option("--country", default="", help=Text("Land, som SE.", "Country, such as SE."))
@option(
    "--delivery",
    help=Text("Leveranssätt; annars butikens första.", "Delivery method; otherwise the shop's first."),
)
@option(
    "--payment",
    help=Text(
        "Betalsätt; annars butikens första som inte betalas först.",
        "Payment method; otherwise the shop's first that is not paid first.",
    ),
)
@option("--language", type=click.Choice(LANGUAGES), help=Text("Kundens språk.", "The customer's language."))
@option(
    "--place/--no-place",
    default=True,
    help=Text("Lägg ordern, eller lämna den i kassan.", "Place the order, or leave it in the checkout."),
)
@option(
    "--key",
    help=Text(
        "Nyckel: samma nyckel igen ger samma order, inte en till.",
        "A key: the same key again gives the same order, not another.",
    ),
)
@option(
    "--notify/--no-notify", default=None, help=Text("Meddela kunden eller inte.", "Tell the customer or not.")
)
@json_option
@with_shop
def new(
    shop: Shop, lines: tuple[str, ...], vat: str | None, discount: str, name: str, email: str, phone: str,
    street: str, postal_code: str, city: str, country: str, delivery: str | None, payment: str | None, language: str | None,
    place: bool, key: str | None, notify: bool | None, form: str,
) -> None:  # fmt: skip
    """Begin an order, fill in the customer and place it."""
    check_email(email)
    customer = Customer(
        name=name,
        email=email,
        phone=phone,
        street=street,
        postal_code=postal_code,
        city=city,
        country=country,
    )
    currency = shop.settings.shop.currency
    order = shop.start_order(
        [read_line(line, currency, vat) for line in lines],
        checkout_key=key or f"staff-{secrets.token_hex(8)}",
        delivery=delivery,
        payment_method=payment or _not_paid_first(shop),
        language=language,
        discount=to_minor(discount, currency),
        actor=STAFF,
    )
    if order.placed_at is None:
        order = shop.give_details(order, customer=customer, actor=STAFF).order
    if place:
        _place(shop, order, notify, form)
    else:
        _begun(shop, order, form)


def _place(shop: Shop, order: Order, notify: bool | None, form: str) -> None:
    try:
        outcome = shop.place(order, notify=notify, actor=STAFF)
    except Refused as error:
        show_error(error)
        note(
            Text(
                "Ordern finns kvar i kassan som {r}: rätta med `ashop order edit {r}` "
                "och lägg den med `ashop order status {r} {placed}`.",
                "The order stays in the checkout as {r}: correct it with `ashop order edit {r}` "
                "and place it with `ashop order status {r} {placed}`.",
            ).fill(r=order.reference, placed=shop.flows.with_role(Role.PLACED).code)
        )
        click.get_current_context().exit(1)
    delivered = deliver_now(shop, outcome.order) if outcome.change else []
    if form == JSON:
        write_json(outcome_document(outcome, delivered))
    else:
        show_outcome(shop, outcome, delivered)
        _total(outcome.order)


def _begun(shop: Shop, order: Order, form: str) -> None:
    if form == JSON:
        write_json(
            {"order": order.name, "reference": order.reference, "status": order.status, "total": order.total}
        )
        return
    click.echo(f"{order.name}  {say(shop.flows.status(order.status).label)}")
    _total(order)


def _total(order: Order) -> None:
    click.echo(f"  {money(order.total, order.currency)}")


def _not_paid_first(shop: Shop) -> str | None:
    """Staff take an order before it is paid; a method that is paid first would never let it be placed."""
    return next((m.code for m in shop.flows.payment_methods.values() if not m.pays_first), None)


def read_line(text: str, currency: str, vat: str | None = None, name: str = "--line") -> NewLine:
    """Return a line as the option `name` is written; `vat` is the rate where it says none."""
    found = _LINE.fullmatch(text.strip())
    quantity = found["quantity"].strip() if found else ""
    if found is None or not (quantity.isascii() and quantity.lstrip("-").isdigit()):
        raise InvalidInput(
            Text(
                "{o} {t}: skriv ARTIKEL=ANTAL@PRIS:NAMN, som FILTER=2@149:Filter, eller med rabatt på raden "
                "och momssats FILTER=2@149-20/25:Filter",
                "{o} {t}: write SKU=QUANTITY@PRICE:NAME, such as FILTER=2@149:Filter, or with a discount on "
                "the line and a VAT rate FILTER=2@149-20/25:Filter",
            ).fill(o=name, t=text)
        )
    return NewLine(
        sku=found["sku"].strip(),
        name=(found["name"] or "").strip(),
        quantity=int(quantity),
        unit_price=to_minor(found["price"].strip(), currency),
        discount=to_minor(found["discount"].strip(), currency) if found["discount"] else 0,
        vat_rate=_rate(found["vat"] or vat),
    )


def _rate(text: str | None) -> Decimal | None:
    if text is None:
        return None
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not _RATE.fullmatch(plain):
        raise InvalidInput(
            Text(
                "”{t}” är ingen momssats; skriv procent, som 25 eller 25,5",
                "“{t}” is not a VAT rate; write per cent, such as 25 or 25.5",
            ).fill(t=text)
        )
    return Decimal(plain)
