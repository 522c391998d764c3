"""`ashop order unpaid`: who has not paid yet, how late it is, and how much is left in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.names import PAYMENTS, payment_label
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.output import PEOPLE, Column, day, list_options, money, money_column, note, show_list
from ashop_core.paging import every_row
from ashop_core.texts import Text
from ashop_core.unpaid import UnpaidRow

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command(
    epilog=Text(
        "Exempel:\n  ashop order unpaid --overdue\n  ashop order unpaid --all --csv > obetalda.csv",
        "Examples:\n  ashop order unpaid --overdue\n  ashop order unpaid --all --csv > unpaid.csv",
    )
)
@option(
    "--overdue",
    is_flag=True,
    help=Text("Bara de vars sista dag har passerat.", "Only those whose last day has passed."),
)
@page_options
@list_options
@with_shop
def unpaid(
    shop: Shop, overdue: bool, limit: int, cursor: str | None, every: bool, form: str
) -> None:  # fmt: skip
    """List placed orders that are not fully paid, those due first at the top."""
    following = None
    rows: Iterable[UnpaidRow]
    if every:
        rows = _every(shop, overdue)
    else:
        page = shop.unpaid(overdue=overdue, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    nobody = (
        Text("Ingen är sen.", "Nobody is late.")
        if overdue
        else Text("Allt är betalt.", "Everything is paid.")
    )
    show_list(_columns(shop), rows, form, empty=nobody)
    if form == PEOPLE:
        for currency, left in shop.unpaid_totals(overdue=overdue).items():
            note(Text("Kvar att betala: {a}", "Left to pay: {a}").fill(a=money(left, currency)))
    if following:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=following))


def _every(shop: Shop, overdue: bool) -> Iterator[UnpaidRow]:
    return every_row(partial(shop.unpaid, overdue=overdue))


def _columns(shop: Shop) -> list[Column[UnpaidRow]]:
    return [
        Column("order", Text("Order", "Order"), lambda r: r.name, only="people"),
        Column("number", Text("Nummer", "Number"), lambda r: r.number, only="machines"),
        Column("reference", Text("Referens", "Reference"), lambda r: r.reference, only="machines"),
        Column("customer", Text("Kund", "Customer"), lambda r: r.customer_name),
        Column("phone", Text("Telefon", "Phone"), lambda r: r.customer_phone),
        Column(
            "due", Text("Betalas senast", "Pay by"), lambda r: None if r.due is None else r.due.isoformat(),
            lambda r: day(r.due),
        ),
        Column(
            "overdue", Text("Dagar sen", "Days late"), lambda r: r.overdue,
            lambda r: str(r.overdue) if r.overdue else "", right=True,
        ),
        money_column("left", Text("Kvar", "Left"), lambda r: r.left, lambda r: r.currency),
        money_column("total", Text("Summa", "Total"), lambda r: r.total, lambda r: r.currency),
        Column("currency", Text("Valuta", "Currency"), lambda r: r.currency, only="machines"),
        Column(
            "method", Text("Betalsätt", "Method"), lambda r: r.payment_method,
            lambda r: say(payment_label(shop.flows, r.payment_method)),
        ),
        Column(
            "payment", Text("Betalning", "Payment"), lambda r: r.payment.value, lambda r: say(PAYMENTS[r.payment])
        ),
        Column("email", Text("E-post", "E-mail"), lambda r: r.customer_email),
    ]  # fmt: skip
