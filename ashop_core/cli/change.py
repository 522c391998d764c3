"""One change asked of one order or of many: made or rehearsed, delivered, told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.changes import Request
from ashop_core.cli.app import argument, option, usage_error
from ashop_core.cli.errors import show_error
from ashop_core.cli.outcome import deliver_now, outcome_document, show_outcome, show_preview
from ashop_core.cli.output import JSON, write_json_array
from ashop_core.errors import AshopError
from ashop_core.models import Order
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])


def orders_argument(function: F) -> F:
    """Give a command one or more orders, as ``orders``."""
    words = Text("Ordernummer eller referens, ett eller flera.", "Order number or reference, one or more.")
    return argument("orders", nargs=-1, required=True, metavar=Text("ORDER", "ORDER"), help=words)(function)


def dry_run_option(function: F) -> F:
    """Give a command --dry-run, as ``dry_run``."""
    words = Text("Visa vad som skulle hända; ändra inget.", "Show what would happen; change nothing.")
    return option("--dry-run", is_flag=True, help=words)(function)


def read_pair(text: str) -> tuple[str, str]:
    """Return what is written ``name=value`` as a pair; anything else is a usage error."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        usage_error(Text("”{t}”: skriv namn=värde", "“{t}”: write name=value").fill(t=text))
    return name.strip(), value.strip()


def change_orders(
    shop: Shop, names: tuple[str, ...], ask: Callable[[Order], Request], dry_run: bool, form: str
) -> None:
    """Ask the same of each order, go on past refusals, and end with exit code 1 if there was one."""
    documents: list[dict[str, Any]] = []
    refused = False
    for name in dict.fromkeys(names):
        try:
            document, went = _change_one(shop, name, ask, dry_run, form)
            documents.append(document)
            refused = refused or not went
        except AshopError as error:
            show_error(error)
            refused = True
    if form == JSON:
        write_json_array(documents)
    if refused:
        click.get_current_context().exit(1)


def _change_one(
    shop: Shop, name: str, ask: Callable[[Order], Request], dry_run: bool, form: str
) -> tuple[dict[str, Any], bool]:
    """Return the outcome as a document, and whether nothing spoke against it."""
    order = shop.order(name)
    if dry_run:
        outcome = shop.preview(order, ask(order))
        if form != JSON:
            show_preview(shop, outcome)
        return outcome_document(outcome), not outcome.problems
    outcome = shop.change(order, ask(order))
    delivered = deliver_now(shop, outcome.order) if outcome.change else []
    if form != JSON:
        show_outcome(shop, outcome, delivered)
    return outcome_document(outcome, delivered), True
