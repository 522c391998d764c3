"""`ashop order list` and `ashop order abandoned`: orders and begun checkouts, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ashop_core.cli.app import command, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.names import PAYMENTS, delivery_label
from ashop_core.cli.order_filter import Wanted, filter_options, page_options
from ashop_core.cli.output import Column, ago, list_options, money_column, note, show_list, time_column
from ashop_core.models import Stage
from ashop_core.queries import OrderFilter, OrderRow
from ashop_core.texts import Text
from ashop_core.transaction import flag_label

if TYPE_CHECKING:
    from ashop_core.shop import Shop

EXAMPLES = Text(
    "Exempel:\n  ashop order list --status mottagen\n  ashop order list --stage open --csv --all > ordrar.csv",
    "Examples:\n  ashop order list --status received\n  ashop order list --stage open --csv --all > orders.csv",
)


@command(epilog=EXAMPLES)
@filter_options
@page_options
@list_options
@with_shop
def list_(shop: Shop, wanted: Wanted, limit: int, cursor: str | None, every: bool, form: str) -> None:
    """List orders; without a status or stage, those that are placed."""
    _show(shop, _columns(shop), wanted.filter(shop), limit, cursor, every, form)


@command()
@page_options
@list_options
@with_shop
def abandoned(shop: Shop, limit: int, cursor: str | None, every: bool, form: str) -> None:
    """List checkouts that were begun and not placed, with how to reach the customer; for staff only."""
    _show(shop, _abandoned_columns(shop), OrderFilter(stage=Stage.CHECKOUT), limit, cursor, every, form)


def _show(
    shop: Shop, columns: Sequence[Column[OrderRow]], wanted: OrderFilter,
    limit: int, cursor: str | None, every: bool, form: str,
) -> None:  # fmt: skip
    rows: Iterable[OrderRow]
    following = None
    if every:
        rows = shop.every_order(wanted)
    else:
        page = shop.orders(wanted, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    show_list(columns, rows, form, empty=Text("Inga ordrar.", "No orders."))
    if following:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=following))


_ORDER: Column[OrderRow] = Column("order", Text("Order", "Order"), lambda row: row.name, only="people")
_NUMBER: Column[OrderRow] = Column(
    "number", Text("Nummer", "Number"), lambda row: row.number, only="machines"
)
_REFERENCE: Column[OrderRow] = Column(
    "reference", Text("Referens", "Reference"), lambda row: row.reference, only="machines"
)
_CUSTOMER: Column[OrderRow] = Column("customer", Text("Kund", "Customer"), lambda row: row.customer_name)
_EMAIL: Column[OrderRow] = Column("email", Text("E-post", "E-mail"), lambda row: row.customer_email)
_PHONE: Column[OrderRow] = Column("phone", Text("Telefon", "Phone"), lambda row: row.customer_phone)
_AGE: Column[OrderRow] = Column(
    "age", Text("För", "Ago"), lambda row: None, lambda row: ago(row.listed_at), only="people"
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
        _CUSTOMER, replace(_EMAIL, only="machines"), replace(_PHONE, only="machines"),
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


def _abandoned_columns(shop: Shop) -> list[Column[OrderRow]]:
    begun: Column[OrderRow] = time_column("begun", Text("Påbörjad", "Begun"), lambda row: row.listed_at)
    return [
        _ORDER,
        _REFERENCE,
        begun,
        _AGE,
        _status_column(shop),
        _CUSTOMER,
        _PHONE,
        _EMAIL,
        _TOTAL,
        _CURRENCY,
    ]


def _status_column(shop: Shop) -> Column[OrderRow]:
    return Column(
        "status", Text("Status", "Status"), lambda row: row.status, lambda row: say(shop.flows.status(row.status).label)
    )  # fmt: skip
