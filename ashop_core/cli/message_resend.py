"""`ashop message resend`: a message sent once more, the same or edited, to the same address or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.asking import confirm
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.errors import show_error
from ashop_core.cli.file_options import contents, unreadable
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.message_words import message_id, note_lanes, show_delivered
from ashop_core.cli.outcome import deliver_now, sender_label, show_words
from ashop_core.cli.output import clean, note, show_pairs
from ashop_core.errors import AshopError
from ashop_core.models import Delivery
from ashop_core.resend_copy import Resend
from ashop_core.texts import Text, counted

if TYPE_CHECKING:
    from ashop_core.resend_copy import Copy
    from ashop_core.shop import Shop

LARGEST = 1024 * 1024


@command(
    epilog=Text(
        "Exempel:\n  ashop message resend 42\n  ashop message resend 42 --to anna@example.com --edit\n"
        "  ashop message resend 42 --body-file svar.txt --dry-run",
        "Examples:\n  ashop message resend 42\n  ashop message resend 42 --to anna@example.com --edit\n"
        "  ashop message resend 42 --body-file answer.txt --dry-run",
    )
)
@argument("ids", nargs=-1, required=True, metavar=Text("ID...", "ID..."))
@option("--to", metavar=Text("ADRESS", "ADDRESS"), help=Text("Till en annan adress.", "To another address."))
@option("--subject", metavar=Text("TEXT", "TEXT"), help=Text("Ett annat ämne.", "Another subject."))
@option("--edit", is_flag=True, help=Text("Ändra orden i $EDITOR.", "Edit the words in $EDITOR."))
@option(
    "--body-file",
    "file",
    metavar=Text("FIL", "FILE"),
    help=Text(
        "Andra ord, ur en fil; - läser standard in.", "Other words, from a file; - reads standard input."
    ),
)
@dry_run_option
@option("--yes", is_flag=True, help=Text("Fråga inte först.", "Do not ask first."))
@with_shop
def resend(
    shop: Shop, ids: tuple[str, ...], to: str | None, subject: str | None, edit: bool, file: str | None,
    dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Send messages once more; the copies are messages of their own, and the originals stay as they are."""
    numbers = list(dict.fromkeys(message_id(id_) for id_ in ids))
    if edit and file is not None:
        usage_error(Text("--edit eller --body-file, inte båda", "--edit or --body-file, not both"))
    if len(numbers) > 1 and (edit or file is not None or subject is not None):
        usage_error(Text("ändra ett meddelande i taget", "edit one message at a time"))
    asked = Resend(to=to, subject=subject, body=None if file is None else _read(file))
    if edit:
        asked = _edited(shop, numbers[0], asked)
    copies, refused = _copies(shop, numbers, asked)
    for copy in copies:
        _show(shop, copy, whole=dry_run or (len(copies) == 1 and not yes))
    if copies and not dry_run:
        if not yes:
            confirm(counted(len(copies), _SEND_ONE, _SEND_MANY))
        _send(shop, copies, asked)
    if refused:
        click.get_current_context().exit(1)


_SEND_ONE = Text("Skicka det?", "Send it?")
_SEND_MANY = Text("Skicka alla {n}?", "Send all {n}?")


def _copies(shop: Shop, numbers: list[int], asked: Resend) -> tuple[list[Copy], bool]:
    """Return what would be sent, and whether some of it cannot be, which is told; of one alone that is an error."""
    if len(numbers) == 1:
        return [shop.preview_resend(numbers[0], asked)], False
    found, refused = [], False
    for number in numbers:
        try:
            found.append(shop.preview_resend(number, asked))
        except AshopError as error:
            show_error(error)
            refused = True
    return found, refused


def _send(shop: Shop, copies: list[Copy], asked: Resend) -> None:
    orders = {}
    for copy in copies:
        made = shop.resend(copy.original.id, asked)
        words = Text("{id} i kön som {new}", "{id} queued as {new}")
        click.echo(say(words.fill(id=copy.original.id, new=made.id)))
        orders[copy.order.id] = copy.order
    delivered = []
    for order in orders.values():
        tried = deliver_now(shop, order)
        show_delivered(order.name, tried)
        delivered += tried
    if any(item.delivery is Delivery.WAITING for item in delivered) or not delivered:
        note(
            Text(
                "Det som inte gick i väg skickas av `ashop work`.",
                "What did not leave is sent by `ashop work`.",
            )
        )
        note_lanes(shop)
        note_hold(shop)


def _show(shop: Shop, copy: Copy, whole: bool) -> None:
    click.echo(
        f"{copy.original.id}  {copy.order.name}  {sender_label(shop, copy.original.channel)} → {clean(copy.recipient)}"
    )
    show_pairs([(Text("Omfattning", "Length"), say(copy.described))], 4)
    if whole:
        show_words(copy.rendered.subject, copy.rendered.body)


# ── Other words ──────────────────────────────────────────────────────────────────────────────────


def _read(file: str) -> str:
    """Return the words in a file."""
    try:
        return contents(file, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError:
        unreadable(file, Text("den är inte UTF-8", "it is not UTF-8"))


def _edited(shop: Shop, number: int, asked: Resend) -> Resend:
    """Let the person edit the words; where there is a subject it is the first line, with an empty one after it."""
    words = shop.message(number).message.rendered or shop.preview_resend(number).rendered
    subject = words.subject if asked.subject is None else asked.subject
    head = f"{say(_SUBJECT)} {subject}\n\n" if subject else ""
    before = f"{head}{words.body.strip()}\n"
    after = click.edit(before, extension=".txt", require_save=True)
    if after is None or after.strip() == before.strip():
        note(Text("Inget ändrades, så inget skickas.", "Nothing was changed, so nothing is sent."))
        raise click.Abort
    if not head:
        return Resend(to=asked.to, body=after)
    label, (first, _, rest) = say(_SUBJECT), after.partition("\n")
    if not first.startswith(label):
        usage_error(
            Text("första raden ska börja med ”{label}”", "the first line must begin with “{label}”").fill(
                label=label
            )
        )
    return Resend(to=asked.to, subject=first.removeprefix(label), body=rest)


_SUBJECT = Text("Ämne:", "Subject:")
