"""`ashop order list` and `ashop order abandoned`: orders and begun checkouts, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    columns = [*_columns(shop)[:5], *_contact(), *_columns(shop)[-3:-1]]
    _show(shop, columns, OrderFilter(stage=Stage.CHECKOUT), limit, cursor, every, form)


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


def _columns(shop: Shop) -> list[Column[OrderRow]]:
    flows = shop.flows
    return [
        Column("order", Text("Order", "Order"), lambda row: row.name, only="people"),
        Column("number", Text("Nummer", "Number"), lambda row: row.number, only="machines"),
        Column("reference", Text("Referens", "Reference"), lambda row: row.reference, only="machines"),
        time_column("placed", Text("Lagd", "Placed"), lambda row: row.listed_at),
        Column("status", Text("Status", "Status"), lambda row: row.status, lambda row: say(flows.status(row.status).label)),
        Column("customer", Text("Kund", "Customer"), lambda row: row.customer_name),
        Column("email", Text("E-post", "E-mail"), lambda row: row.customer_email, only="machines"),
        Column("phone", Text("Telefon", "Phone"), lambda row: row.customer_phone, only="machines"),
        Column("delivery", Text("Leverans", "Delivery"), lambda row: row.delivery, lambda row: say(delivery_label(flows, row.delivery))),
        Column("payment", Text("Betalning", "Payment"), lambda row: row.payment.value, lambda row: say(PAYMENTS[row.payment])),
        money_column("total", Text("Summa", "Total"), lambda row: row.total, lambda row: row.currency),
        Column("currency", Text("Valuta", "Currency"), lambda row: row.currency, only="machines"),
        Column("flags", Text("Flaggor", "Flags"), lambda row: list(row.flags), lambda row: ", ".join(say(flag_label(f)) for f in row.flags)),
    ]  # fmt: skip


def _contact() -> list[Column[OrderRow]]:
    return [
        Column("age", Text("För", "Ago"), lambda row: None, lambda row: ago(row.listed_at), only="people"),
        Column("customer", Text("Kund", "Customer"), lambda row: row.customer_name),
        Column("phone", Text("Telefon", "Phone"), lambda row: row.customer_phone),
        Column("email", Text("E-post", "E-mail"), lambda row: row.customer_email),
    ]
