"""`ashop order list`: orders, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ashop_core.cli.app import command, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.names import PAYMENTS, delivery_label
from ashop_core.cli.order_filter import Wanted, filter_options, page_options
from ashop_core.cli.output import Column, list_options, money_column, note, show_list, time_column
from ashop_core.order_filter import OrderFilter
from ashop_core.queries import OrderRow, Page
from ashop_core.texts import Text
from ashop_core.transaction import flag_label
from ashop_core.words import terms_of

if TYPE_CHECKING:
    from ashop_core.shop import Shop

EXAMPLES = Text(
    'Exempel:\n  ashop order list --status mottagen --older-than 3d\n  ashop order list --saved "att granska"\n'
    '  ashop order list --text "anna 070-174 06"\n  ashop order list --stage open --csv --all > ordrar.csv',
    'Examples:\n  ashop order list --status received --older-than 3d\n  ashop order list --saved "to review"\n'
    '  ashop order list --text "anna 070-174 06"\n  ashop order list --stage open --csv --all > orders.csv',
)


@command(epilog=EXAMPLES)
@filter_options
@page_options
@list_options
@with_shop
def list_(shop: Shop, wanted: Wanted, limit: int, cursor: str | None, every: bool, form: str) -> None:
    """List orders; without a status or stage, those that are placed."""
    filter_, page = wanted.filter(shop), None
    if every:
        rows: Iterable[OrderRow] = shop.every_order(filter_)
    else:
        page = shop.orders(filter_, cursor=cursor, limit=limit)
        rows = page.rows
    show_list(_columns(shop), rows, form, empty=Text("Inga ordrar.", "No orders."))
    _say_what_else(filter_, page)


def _say_what_else(wanted: OrderFilter, page: Page | None) -> None:
    """Tell where the other pages are, and why a search could find nothing; for machines too, on standard error."""
    if wanted.text.strip() and not terms_of(wanted.text):
        note(
            Text(
                "Sök efter bokstäver eller siffror: ”{t}” har inga.",
                "Search for letters or digits: “{t}” has none.",
            ).fill(t=wanted.text)
        )
    if page and page.next:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=page.next))
    if page and page.previous:
        note(Text("Föregående sida: --cursor {c}", "Previous page: --cursor {c}").fill(c=page.previous))


_ORDER: Column[OrderRow] = Column("order", Text("Order", "Order"), lambda row: row.name, only="people")
_NUMBER: Column[OrderRow] = Column(
    "number", Text("Nummer", "Number"), lambda row: row.number, only="machines"
)
_REFERENCE: Column[OrderRow] = Column(
    "reference", Text("Referens", "Reference"), lambda row: row.reference, only="machines"
)
_CUSTOMER: Column[OrderRow] = Column("customer", Text("Kund", "Customer"), lambda row: row.customer_name)
_EMAIL: Column[OrderRow] = Column(
    "email", Text("E-post", "E-mail"), lambda row: row.customer_email, only="machines"
)
_PHONE: Column[OrderRow] = Column(
    "phone", Text("Telefon", "Phone"), lambda row: row.customer_phone, only="machines"
)
_CURRENCY: Column[OrderRow] = Column(
    "currency", Text("Valuta", "Currency"), lambda row: row.currency, only="machines"
)
_FLAGS: Column[OrderRow] = Column(
    "flags", Text("Flaggor", "Flags"), lambda row: list(row.flags),
    lambda row: ", ".join(say(flag_label(f)) for f in row.flags),
)  # fmt: skip
_TOTAL: Column[OrderRow] = money_column(
    "total", Text("Summa", "Total"), lambda row: row.total, lambda row: row.currency
)


def _columns(shop: Shop) -> list[Column[OrderRow]]:
    return [
        _ORDER, _NUMBER, _REFERENCE,
        time_column("placed", Text("Lagd", "Placed"), lambda row: row.listed_at),
        _status_column(shop),
        _CUSTOMER, _EMAIL, _PHONE,
        Column(
            "delivery", Text("Leverans", "Delivery"), lambda row: row.delivery,
            lambda row: say(delivery_label(shop.flows, row.delivery)),
        ),
        Column(
            "payment", Text("Betalning", "Payment"), lambda row: row.payment.value,
            lambda row: say(PAYMENTS[row.payment]),
        ),
        _TOTAL, _CURRENCY, _FLAGS,
    ]  # fmt: skip


def _status_column(shop: Shop) -> Column[OrderRow]:
    return Column(
        "status", Text("Status", "Status"), lambda row: row.status, lambda row: say(shop.flows.status(row.status).label)
    )  # fmt: skip
