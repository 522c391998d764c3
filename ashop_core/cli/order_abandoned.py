"""`ashop order abandoned`: checkouts that became no order, for staff to telephone from.

No message is ever sent about one: whoever did not finish a checkout is got in touch with by a person, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from ashop_core.abandoned import AbandonedRow
from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.change_words import status_words
from ashop_core.cli.language import say
from ashop_core.cli.names import FOLLOW_UPS
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.output import (
    PEOPLE,
    Column,
    ago,
    clean,
    list_options,
    money,
    money_column,
    note,
    show_list,
    show_pairs,
    time_column,
)
from ashop_core.paging import every_row
from ashop_core.texts import Text, counted

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_SILENT = Text(
    "Kunden får aldrig något meddelande om ett köp som inte blev klart: hör av dig själv.",
    "The customer is never sent a message about a checkout that was not finished: get in touch yourself.",
)


@command(epilog=_SILENT)
@option(
    "--everyone",
    is_flag=True,
    help=Text(
        "Även de som har beställt sedan, och de som är återvunna eller förlorade.",
        "Also those who have ordered since, and those that are recovered or lost.",
    ),
)
@page_options
@list_options
@with_shop
def abandoned(
    shop: Shop, everyone: bool, limit: int, cursor: str | None, every: bool, form: str
) -> None:  # fmt: skip
    """List checkouts that were begun and not placed, with how far they came and how to reach the customer."""
    rows: Iterable[AbandonedRow]
    following = None
    if every:
        rows = _every(shop, everyone)
    else:
        page = shop.abandoned(everyone=everyone, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    if form == PEOPLE:
        _show(shop, rows)
    else:
        show_list(_COLUMNS, rows, form)
    if following:
        note(Text("Nästa sida: --cursor {c}", "Next page: --cursor {c}").fill(c=following))
    elif form == PEOPLE and not everyone:
        _note_left_out(shop)


def _every(shop: Shop, everyone: bool) -> Iterator[AbandonedRow]:
    return every_row(partial(shop.abandoned, everyone=everyone))


def _note_left_out(shop: Shop) -> None:
    shown = sum(1 for _ in _every(shop, False))
    left_out = sum(1 for _ in _every(shop, True)) - shown
    if left_out > 0:
        words = Text(
            "{n} till visas med --everyone: kunden har beställt sedan, eller de är återvunna eller förlorade.",
            "{n} more are shown with --everyone: the customer has ordered since, or they are recovered or lost.",
        )
        note(words.fill(n=left_out))


def _show(shop: Shop, rows: Iterable[AbandonedRow]) -> None:
    """Print a few lines for each: it is a list to telephone from, too much for a table's row."""
    row = None
    for row in rows:
        begun = Text("för {ago} sedan", "{ago} ago").fill(ago=ago(row.begun_at))
        came = f"{status_words(shop.flows, row.reached)}, {say(begun)}"
        mark = FOLLOW_UPS[row.follow_up] if row.follow_up else None
        click.echo(click.style(f"{row.reference}  {clean(row.name)}".rstrip(), bold=True))
        show_pairs([
            (Text("Telefon", "Phone"), row.phone),
            (Text("E-post", "E-mail"), row.email),
            (Text("Varor", "Goods"), f"{_goods(row)}, {money(row.total, row.currency)}".lstrip(", ")),
            (Text("Kom till", "Got to"), came),
            (Text("Uppföljning", "Follow-up"), say(mark) if mark else ""),
        ])  # fmt: skip
    if row is None:
        click.echo(say(Text("Inga påbörjade köp att följa upp.", "No checkouts to follow up.")))


_COLUMNS: list[Column[AbandonedRow]] = [
    Column("reference", Text("Referens", "Reference"), lambda r: r.reference),
    Column("customer", Text("Kund", "Customer"), lambda r: r.name),
    Column("phone", Text("Telefon", "Phone"), lambda r: r.phone),
    Column("email", Text("E-post", "E-mail"), lambda r: r.email),
    Column(
        "goods", Text("Varor", "Goods"),
        lambda r: [{"name": name, "quantity": n} for name, n in r.goods], cell=lambda r: _goods(r),
    ),
    money_column("total", Text("Summa", "Total"), lambda r: r.total, lambda r: r.currency),
    Column("currency", Text("Valuta", "Currency"), lambda r: r.currency),
    Column("status", Text("Status", "Status"), lambda r: r.status),
    Column("reached", Text("Kom till", "Got to"), lambda r: r.reached),
    time_column("begun", Text("Påbörjad", "Begun"), lambda r: r.begun_at),
    time_column("touched", Text("Senast", "Latest"), lambda r: r.touched_at),
    Column("follow_up", Text("Uppföljning", "Follow-up"), lambda r: r.follow_up),
]  # fmt: skip


def _goods(row: AbandonedRow) -> str:
    """Return what was in it in short: the first line, and how many there are besides."""
    if not row.goods:
        return ""
    name, quantity = row.goods[0]
    first = f"{quantity} × {name}"
    rest = len(row.goods) - 1
    more = counted(rest, Text("{n} rad till", "{n} more line"), Text("{n} rader till", "{n} more lines"))
    return f"{first} + {say(more)}" if rest else first
