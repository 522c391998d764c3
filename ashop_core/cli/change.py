"""What the commands that change orders share: their options, and the change asked of one order or of many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import option, usage_error
from ashop_core.cli.asking import confirm
from ashop_core.cli.attempt import Ask, Asked
from ashop_core.cli.bulk import change_many
from ashop_core.cli.errors import show_error
from ashop_core.cli.orders_named import Orders, orders_argument
from ashop_core.cli.outcome import deliver_now, show_outcome, show_preview
from ashop_core.cli.output import JSON, note, write_json_array
from ashop_core.cli.untold import note_given_up, note_untold
from ashop_core.money import to_minor
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

__all__ = [
    "change_orders", "dry_run_option", "message_option", "note_option", "notify_option", "orders_argument",
    "read_amount", "read_pair", "read_part",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])


def dry_run_option(function: F) -> F:
    """Give a command --dry-run, as ``dry_run``."""
    words = Text("Visa vad som skulle hända; ändra inget.", "Show what would happen; change nothing.")
    return option("--dry-run", is_flag=True, help=words)(function)


def note_option(function: F) -> F:
    """Give a command --note, as ``note``."""
    words = Text("Anteckning för personalen.", "Note for staff.")
    return option("--note", default="", help=words)(function)


def notify_option(function: F) -> F:
    """Give a command --notify and --no-notify, as ``notify``; None where neither was given."""
    words = Text(
        "Meddela kunden eller inte; annars avgör statusen.",
        "Tell the customer or not; otherwise the status decides.",
    )
    return option("--notify/--no-notify", default=None, help=words)(function)


def message_option(function: F) -> F:
    """Give a command --message, staff's own words to the customer, as ``words``."""
    words = Text(
        "Egna ord till kunden, i meddelandet som skickas.",
        "Words of your own to the customer, in the message that is sent.",
    )
    add = option("--message", "words", default="", metavar=Text("TEXT", "TEXT"), callback=_lines, help=words)
    return add(function)


def _lines(_: click.Context, __: click.Parameter, value: str) -> str:
    """Return the words with ``\\n`` as a new line: most shells have no easier way to write one."""
    return value.replace("\\n", "\n")


def read_pair(text: str) -> tuple[str, str]:
    """Return what is written ``name=value`` as a pair; anything else is a usage error."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        usage_error(Text("”{t}”: skriv namn=värde", "“{t}”: write name=value").fill(t=text))
    return name.strip(), value.strip()


def read_part(name: str, text: str) -> tuple[int, int]:
    """Return what the option `name` says of a line, ``line=quantity``; anything else is a usage error."""
    position, quantity = read_pair(text)
    if not (_is_number(position) and _is_number(quantity)):
        wrong = Text("{o} {t}: skriv rad=antal, som 1=2", "{o} {t}: write line=quantity, such as 1=2")
        usage_error(wrong.fill(o=name, t=text))
    return int(position), int(quantity)


def read_amount(name: str, text: str, currency: str) -> tuple[int, int]:
    """Return what the option `name` says of a line, ``line=amount``, in minor units."""
    position, amount = read_pair(text)
    if not _is_number(position):
        wrong = Text("{o} {t}: skriv rad=belopp, som 1=249", "{o} {t}: write line=amount, such as 1=249")
        usage_error(wrong.fill(o=name, t=text))
    return int(position), to_minor(amount, currency)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def change_orders(
    shop: Shop, orders: Orders | tuple[str, ...], ask: Ask, dry_run: bool, form: str,
    *, at_version: bool = False, sure: Text | None = None,
) -> None:  # fmt: skip
    """Ask the same of each order, go on past refusals, and end with exit code 1 if there was one.

    Several are told about and asked about first. `sure` is asked about one order too, unless --yes is given.
    """
    wanted = orders if isinstance(orders, Orders) else Orders(names=orders)
    asked = Asked(shop=shop, ask=ask, at_version=at_version)
    names = wanted.read(shop)
    if not names:
        note(Text("Inga ordrar.", "No orders."))
        return
    if len(names) == 1:
        if sure is not None and not (dry_run or wanted.yes):
            confirm(sure, err=True)
        went = _change_one(asked, names[0], dry_run, form)
    else:
        went = change_many(asked, names, dry_run, form, yes=wanted.yes, sure=sure)
    if not went:
        click.get_current_context().exit(1)


def _change_one(asked: Asked, name: str, dry_run: bool, form: str) -> bool:
    """Make or rehearse a change and tell all about it; return whether nothing spoke against it."""
    attempt = asked.rehearse(name) if dry_run else asked.make(name)
    outcome = attempt.outcome
    made = outcome is not None and outcome.change is not None and not dry_run
    delivered = deliver_now(asked.shop, outcome.order) if outcome is not None and made else []
    if attempt.error is not None:
        show_error(attempt.error)
    if form == JSON:
        write_json_array([attempt.document(delivered)])
    elif outcome is not None and dry_run:
        show_preview(asked.shop, outcome)
    elif outcome is not None:
        show_outcome(asked.shop, outcome, delivered)
    if form != JSON and outcome is not None:
        note_untold(asked.shop, outcome, asked=click.get_current_context().params.get("notify"))
        if made:
            note_given_up(asked.shop, outcome)
    return not attempt.problems
