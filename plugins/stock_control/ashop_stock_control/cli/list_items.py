"""`ashop stock list`: which items are wanted, and a page of them with how their balances went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ashop_core.cli.app import command, with_shop
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.output import PEOPLE, list_options, show_list
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.cli.item_options import item_options, items_wanted
from ashop_stock_control.cli.item_telling import Listed, item_columns
from ashop_stock_control.cli.telling import tell_next

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command(
    epilog=Text(
        "Exempel:\n  ashop stock list --status slut\n  ashop stock list --low --group lampor\n"
        "  ashop stock list --not-counted-since 90d --csv --all > räkna.csv",
        "Examples:\n  ashop stock list --status sold_out\n  ashop stock list --low --group lamps\n"
        "  ashop stock list --not-counted-since 90d --csv --all > count.csv",
    )
)
@item_options
@page_options
@list_options
@with_shop
def list_(shop: Shop, limit: int, cursor: str | None, every: bool, form: str, **given: Any) -> None:
    """List items in the order of their SKUs; the picture is how the balance went in the last 30 days."""
    wanted = items_wanted(shop, **given)
    pages: Iterable[stock.ItemPage] = stock.every_page(shop, wanted, trends=True)
    following = None
    if not every:
        page = stock.items(shop, wanted, cursor=cursor, limit=limit, trends=True)
        pages, following = [page], page.next
    rows: Iterable[Listed] = _rows(pages)
    if form == PEOPLE:
        rows = list(rows)
        columns = item_columns(shop, rows)
    else:
        columns = item_columns(shop, ())
    show_list(columns, rows, form, empty=Text("Inga artiklar.", "No items."))
    tell_next(following)


def _rows(pages: Iterable[stock.ItemPage]) -> Iterator[Listed]:
    for page in pages:
        for item in page.rows:
            yield Listed(item, page.days.get(item.sku, ()))
