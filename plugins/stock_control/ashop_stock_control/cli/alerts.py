"""`ashop stock alerts`: which items are low or oversold, and which were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.output import list_options, show_list
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.cli.telling import alert_columns, tell_next

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command()
@option(
    "--closed",
    is_flag=True,
    help=Text(
        "Även de som är stängda, och när de stängdes.", "Those that are closed too, and when they closed."
    ),
)
@page_options
@list_options
@with_shop
def alerts(shop: Shop, closed: bool, limit: int, cursor: str | None, every: bool, form: str) -> None:
    """List the open warnings of low and oversold items, the newest first."""
    rows: Iterable[stock.Alert] = stock.every_alert(shop, closed=closed)
    following = None
    if not every:
        page = stock.alerts(shop, closed=closed, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    show_list(alert_columns(closed), rows, form, empty=Text("Inga varningar.", "No warnings."))
    tell_next(following)
