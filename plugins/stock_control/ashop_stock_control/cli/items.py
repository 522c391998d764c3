"""`ashop stock …`: each command parses, calls one function of the stock, and prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.order_filter import page_options
from ashop_core.cli.output import JSON, json_option, list_options, note, show_list, write_json
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.cli.edit import hint_group
from ashop_stock_control.cli.item_telling import tell_item
from ashop_stock_control.cli.one_item import (
    GROUP,
    GROUP_HELP,
    LOW_HELP,
    MARGIN_HELP,
    POLICY,
    POLICY_HELP,
    STATUS,
    N,
    item_writes,
    sku_argument,
)
from ashop_stock_control.cli.telling import (
    alert_columns,
    document,
    movement_columns,
    settings_of,
    tell,
    tell_next,
)
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_SIGNED = {"ignore_unknown_options": True}  # "-2" is a number here


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


@command()
@sku_argument
@json_option
@with_shop
def show(shop: Shop, sku: str, form: str) -> None:
    """Show an item, its open warnings and its latest movements."""
    found = stock.item(shop, sku)
    warnings = stock.warnings(shop, sku)
    page = stock.history(shop, sku, limit=10)
    if form == JSON:
        movements = [{c.code: c.value(row) for c in movement_columns(shop)} for row in page.rows]
        opened = [{c.code: c.value(alert) for c in alert_columns(closed=True)} for alert in warnings]
        write_json({**document(found, settings_of(shop)), "warnings": opened, "movements": movements})
        return
    tell_item(shop, found, warnings)
    if page.rows:
        click.echo()
        show_list(movement_columns(shop), page.rows)
    if page.next:
        note(Text("Fler: ashop stock history {sku}", "More: ashop stock history {sku}").fill(sku=found.sku))


@command()
@sku_argument
@page_options
@list_options
@with_shop
def history(shop: Shop, sku: str, limit: int, cursor: str | None, every: bool, form: str) -> None:
    """Show an item's movements, newest first, with the balance after each."""
    rows: Iterable[stock.Movement] = stock.every_movement(shop, sku)
    following = None
    if not every:
        page = stock.history(shop, sku, cursor=cursor, limit=limit)
        rows, following = page.rows, page.next
    show_list(movement_columns(shop), rows, form, empty=Text("Inga rörelser.", "No movements."))
    tell_next(following)


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


@command(
    epilog=Text(
        "Exempel: ashop stock add LAMPA-1 --name Lampa --balance 10 --group lampor --low 3",
        "Example: ashop stock add LAMP-1 --name Lamp --balance 10 --group lamps --low 3",
    )
)
@sku_argument
@option("--name", default="", help=Text("Namn.", "Name."))
@option(
    "--balance",
    type=int,
    metavar=N,
    help=Text("Lagersaldo; utan räknas artikeln inte.", "Balance; without it nobody counts the item."),
)
@option(
    "--status",
    metavar=STATUS,
    help=Text("Lagerstatus; annars butikens vanliga.", "Stock status; otherwise the shop's default."),
)
@option("--group", metavar=GROUP, help=GROUP_HELP)
@option("--policy", metavar=POLICY, help=POLICY_HELP)
@option("--margin", type=int, metavar=N, help=MARGIN_HELP)
@option("--low", type=int, metavar=N, help=LOW_HELP)
@item_writes
def add(
    shop: Shop, sku: str, name: str, balance: int | None, status: str | None, group: str | None, policy: str | None,
    margin: int | None, low: int | None, note: str, dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Add an item."""
    code = settings_of(shop).meant(status).code if status else None
    own = None if policy is None else Policy.parse(policy)
    outcome = stock.add_item(
        shop, sku, name, balance=balance, status=code, group=group, policy=own, margin=margin, low=low, note=note,
        dry_run=dry_run,
    )  # fmt: skip
    tell(shop, outcome, dry_run, form)
    hint_group(shop, group)


@command(
    epilog=Text(
        "Exempel: ashop stock receive LAMPA-1 20 --key F-2211",
        "Example: ashop stock receive LAMP-1 20 --key F-2211",
    ),
)
@sku_argument
@argument("quantity", type=int, metavar=Text("ANTAL", "QUANTITY"))
@option(
    "--key",
    help=Text(
        "Följesedelns nummer: artikeln tas emot en gång med samma nyckel.",
        "The delivery note's number: with the same key the item is received once.",
    ),
)
@item_writes
def receive(
    shop: Shop, sku: str, quantity: int, key: str | None, note: str, dry_run: bool, form: str
) -> None:  # fmt: skip
    """Put goods that came in on the shelf."""
    outcome = stock.receive(shop, sku, quantity, note=note, key=key, dry_run=dry_run)
    tell(
        shop,
        outcome,
        dry_run,
        form,
        nothing=Text(
            "Redan mottaget med nyckeln {key} ({n} st): inget är ändrat.",
            "Received with the key {key} already ({n} pcs): nothing was changed.",
        ).fill(n=quantity, key=key or ""),
    )


@command(
    context_settings=_SIGNED,
    epilog=Text(
        "Exempel: ashop stock adjust LAMPA-1 -2 --note Krossade",
        "Example: ashop stock adjust LAMP-1 -2 --note Broken",
    ),
)
@sku_argument
@argument("by", type=int, metavar=Text("±ANTAL", "±QUANTITY"))
@item_writes
def adjust(shop: Shop, sku: str, by: int, note: str, dry_run: bool, form: str) -> None:
    """Correct what is on hand by so many pieces, up or down."""
    tell(shop, stock.adjust(shop, sku, by, note=note, dry_run=dry_run), dry_run, form)


@command()
@sku_argument
@argument("on_hand", type=int, metavar=Text("ANTAL", "QUANTITY"))
@item_writes
def count(shop: Shop, sku: str, on_hand: int, note: str, dry_run: bool, form: str) -> None:
    """Set what is on hand to what was counted, goods held for orders included."""
    tell(shop, stock.count(shop, sku, on_hand, note=note, dry_run=dry_run), dry_run, form)


@command(
    epilog=Text(
        "Exempel: ashop stock set LAMPA-1 utgått --pin", "Example: ashop stock set LAMP-1 discontinued --pin"
    )
)
@sku_argument
@argument("status", metavar=Text("LAGERSTATUS", "STATUS"))
@option(
    "--pin",
    is_flag=True,
    help=Text(
        "Lås den: ingen lagerregel ändrar den förrän `ashop stock edit --no-pin`.",
        "Pin it: no stock rule changes it until `ashop stock edit --no-pin`.",
    ),
)
@item_writes
def set_(shop: Shop, sku: str, status: str, pin: bool, note: str, dry_run: bool, form: str) -> None:
    """Set a stock status by hand; it stands until a rule fires, or for good with --pin."""
    code = settings_of(shop).meant(status).code
    tell(shop, stock.set_status(shop, sku, code, note=note, pin=pin, dry_run=dry_run), dry_run, form)
