"""`ashop order cancel` and `ashop order undo`: an order that comes to nothing, and a change that was a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.changes import CancelRequest
from ashop_core.cli.app import command, option, usage_error, with_shop
from ashop_core.cli.change import (
    change_orders,
    dry_run_option,
    message_option,
    note_option,
    notify_option,
    orders_argument,
)
from ashop_core.cli.output import json_option
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.cli.orders_named import Orders
    from ashop_core.shop import Shop

NOT_COLLECTED = Text("inte hämtad", "not collected")


@command(
    Text(
        "Makulera ordrar, med orsak. Varor som hålls släpps. Av en order som är delvis skickad makuleras resten.",
        "Cancel orders, with a reason. Goods that were held are released. Of an order that is partly sent, the "
        "rest is cancelled.",
    ),
    epilog=Text(
        'Exempel:\n  ashop order cancel 100234 --reason "kunden ångrade sig"',
        'Example:\n  ashop order cancel 100234 --reason "the customer changed their mind"',
    ),
)
@orders_argument
@option("--reason", default="", help=Text("Orsaken; den ska anges.", "The reason; it has to be given."))
@option(
    "--not-collected",
    is_flag=True,
    help=Text("Orsaken är att ordern inte hämtades.", "The reason is that it was not collected."),
)
@note_option
@message_option
@notify_option
@dry_run_option
@json_option
@with_shop
def cancel(
    shop: Shop, orders: Orders, reason: str, not_collected: bool, note: str, words: str, notify: bool | None,
    dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Cancel orders whose goods have not left; of one that is partly sent, the rest."""
    if reason and not_collected:
        usage_error(
            Text(
                "ange --reason eller --not-collected, inte båda", "give --reason or --not-collected, not both"
            )
        )
    if not_collected:
        reason = NOT_COLLECTED.to(shop.settings.shop.language)
    request = CancelRequest(reason=reason, note=note, words=words, notify=notify)
    change_orders(shop, orders, lambda _: request, dry_run, form)


@command(
    Text(
        "Ångra den senaste ändringen. Varorna går tillbaka dit de var, och meddelanden som inte har gått stoppas. "
        "Det går så länge butiken har sagt ([shop] undo_minutes). Betalningar ångras inte: bokför en ny post.",
        "Take back the last change. Goods go back to where they were, and messages that have not left are "
        "stopped. There is time for it as the shop has said ([shop] undo_minutes). Payments are not undone: "
        "record another entry.",
    )
)
@orders_argument
@note_option
@option("--notify", is_flag=True, help=Text("Meddela kunden.", "Tell the customer."))
@dry_run_option
@json_option
@with_shop
def undo(shop: Shop, orders: Orders, note: str, notify: bool, dry_run: bool, form: str) -> None:
    """Take back the last change of orders, within the shop's time for it ([shop] undo_minutes).

    Goods go back the way they came and unsent messages are stopped. Payments are corrected by another entry.
    """
    change_orders(
        shop,
        orders,
        lambda order: shop.undo_request(order, note=note, notify=notify)[1],
        dry_run,
        form,
        at_version=True,
    )
