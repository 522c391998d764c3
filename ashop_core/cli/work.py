"""`ashop work`: deliver what waits and run timed jobs, once or until told to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.names import DELIVERIES
from ashop_core.cli.output import JSON, clean, json_option, note, write_json
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.outbox import Delivered
    from ashop_core.shop import Shop
    from ashop_core.worker import Round

every_option = option(
    "--every",
    type=click.IntRange(1, 86_400),
    default=5,
    show_default=True,
    metavar=Text("SEKUNDER", "SECONDS"),
    help=Text("Vila mellan omgångarna.", "Rest between rounds."),
)


@command(
    epilog=Text(
        "Exempel, en rad i crontab:\n  * * * * *  ashop --shop /srv/butik work --once",
        "Example, a line of a crontab:\n  * * * * *  ashop --shop /srv/shop work --once",
    )
)
@option(
    "--once", is_flag=True, help=Text("En omgång, sedan klart; till cron.", "One round, then end; for cron.")
)
@every_option
@json_option
@with_shop
def work(shop: Shop, once: bool, every: int, form: str) -> None:
    """Deliver messages, do jobs, run what is timed. Any number of workers may run at once."""
    from ashop_core import worker

    note_hold(shop)
    if once:
        _tell(worker.work_once(shop, seen=None if form == JSON else show_item), form)
        return
    work_on(shop, every, partial(worker.work_once, seen=show_item))


def work_on(shop: Shop, every: int, once: Callable[[Shop], object]) -> None:
    """Do round after round, with a rest of so many seconds between two, until a signal says that it is enough."""
    from ashop_core import worker

    note(Text("Arbetar. Avsluta med Ctrl-C.", "Working. End with Ctrl-C."))
    with _stopped_by_signal() as stop:
        worker.work(shop, stop, timedelta(seconds=every), once=once)


def show_item(item: Delivered) -> None:
    """Print what became of one row, as it happens."""
    words = (str(item.id), item.code, item.recipient, say(DELIVERIES[item.delivery]), say(item.said))
    click.echo("  ".join(clean(word) for word in words if word))


def item_document(item: Delivered) -> dict[str, Any]:
    """Return what became of one row as plain data for JSON."""
    return {
        "id": item.id,
        "code": item.code,
        "recipient": item.recipient,
        "delivery": item.delivery.value,
        "words": item.words,
    }


def _tell(done: Round, form: str) -> None:
    """Tell what a round came to; a timed job that failed makes the exit code 1, so that cron notices."""
    if form == JSON:
        delivered = [item_document(item) for item in done.delivered]
        write_json({"delivered": delivered, "jobs": done.jobs, "failed": done.failed})
    else:
        summary = Text("{n} ur kön, {j} tidsstyrda jobb", "{n} from the queue, {j} timed jobs")
        click.echo(say(summary.fill(n=len(done.delivered), j=len(done.jobs))))
    for code, error in done.failed.items():
        note(Text("jobbet {c} gick fel: {e}", "the job {c} failed: {e}").fill(c=code, e=error))
    if done.failed:
        click.get_current_context().exit(1)


@contextmanager
def _stopped_by_signal() -> Iterator[Event]:
    """Let Ctrl-C and SIGTERM end the work after the row at hand; a second one ends it at once."""
    stop = Event()

    def ask(number: int, _: object) -> None:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
