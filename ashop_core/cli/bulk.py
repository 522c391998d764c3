"""The same change of many orders: told and asked about first, made one by one, delivered and summed up at the end.

Nothing is kept of an order but its name: ten thousand take no more room than a hundred. Each is a
transaction of its own, so that whatever stops the work leaves every order changed or untouched.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import usage_error
from ashop_core.cli.asking import confirm
from ashop_core.cli.bulk_tally import Tally, reason_words
from ashop_core.cli.errors import show_error
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.names import DELIVERIES, DONE
from ashop_core.cli.outcome import headline, sender_label
from ashop_core.cli.output import JSON, clean, note, progress, write_json_array
from ashop_core.errors import AshopError
from ashop_core.models import Delivery
from ashop_core.texts import Text, counted, joined

if TYPE_CHECKING:
    from ashop_core.cli.attempt import Asked, Attempt
    from ashop_core.shop import Shop

BATCH = 50
_ROUNDS = 5
"""A delivery may cause another; so many times what the changes themselves asked for is enough."""


def change_many(
    asked: Asked, names: list[str], dry_run: bool, form: str, *, yes: bool, sure: Text | None = None
) -> bool:
    """Make or rehearse a change of each order; return whether nothing spoke against any of them."""
    if not (dry_run or yes or sys.stdin.isatty()):
        missing = Text(
            "{n} ordrar, och ingen att fråga: lägg till --yes, eller --dry-run för att bara se",
            "{n} orders, and nobody to ask: add --yes, or --dry-run only to look",
        )
        usage_error(missing.fill(n=len(names)))
    if not dry_run:
        _tell_first(asked, names)
        if not yes:
            confirm(sure or Text("Fortsätta?", "Go on?"), err=True)
    tally = Tally()
    attempts = _attempts(asked, names, dry_run, tally)
    try:
        _print(asked.shop, attempts, form)
    except KeyboardInterrupt:
        stopped = Text(
            "Avbrutet efter {k} av {n} ordrar; resten är orörda.",
            "Interrupted after {k} of {n} orders; the rest are untouched.",
        )
        note(stopped.fill(k=tally.total, n=len(names)))
        raise
    for line in _forecast(asked.shop, tally) if dry_run else _end(asked.shop, tally):
        click.echo(line, err=form == JSON)
    return not tally.refused


def _attempts(asked: Asked, names: list[str], dry_run: bool, tally: Tally) -> Iterator[Attempt]:
    title = Text("Provkör", "Rehearsing") if dry_run else Text("Ändrar ordrar", "Changing orders")
    with progress(title, total=len(names), telling=True) as advance:
        for name in names:
            attempt = asked.rehearse(name) if dry_run else asked.make(name)
            tally.count(attempt)
            yield attempt
            advance(1)


def _tell_first(asked: Asked, names: list[str]) -> None:
    """Say how many orders would change, which messages would leave, and how many would be refused."""
    tally = Tally()
    with progress(Text("Ser efter", "Looking"), total=len(names)) as advance:
        for name in names:
            tally.count(asked.foresee(name))
            advance(1)
    words = Text(
        "{n} ordrar: {c} ändras, {u} är redan så, {r} nekas.",
        "{n} orders: {c} will change, {u} are so already, {r} will be refused.",
    )
    note(words.fill(n=len(names), c=tally.changed, u=tally.unchanged, r=tally.refused))
    note(_messages(asked.shop, tally))
    for line in tally.reasons():
        note(line)


def _messages(shop: Shop, tally: Tally) -> str:
    """Return how many messages there are of each channel."""
    sent = ", ".join(
        f"{n} {_in_a_sentence(sender_label(shop, code))}" for code, n in sorted(tally.messages.items())
    )
    words = Text("Meddelanden som går: {sent}.", "Messages that will leave: {sent}.")
    return say(words.fill(sent=sent or Text("inga", "none")))


def _in_a_sentence(label: str) -> str:
    """Return a label as it reads after a number: ``e-post``; an abbreviation such as ``SMS`` stays."""
    return label.lower() if label[1:].islower() else label


def _print(shop: Shop, attempts: Iterator[Attempt], form: str) -> None:
    if form == JSON:
        write_json_array(attempt.document() for attempt in attempts)
        return
    for attempt in attempts:
        _show_line(shop, attempt)


def _show_line(shop: Shop, attempt: Attempt) -> None:
    """Print what came of one order: a line, and under it what speaks against it."""
    if attempt.error is not None:
        show_error(attempt.error)
    elif attempt.outcome is not None:
        click.echo(headline(shop, attempt.outcome))
        for problem in attempt.problems:
            click.echo(f"  {clean(say(reason_words(problem.staff_text, problem.plugin)), lines=True)}")


def _end(shop: Shop, tally: Tally) -> Iterator[str]:
    """Deliver, and yield the summary."""
    gone = _deliver(shop, tally)
    yield from _summary(shop, tally, gone)
    if tally.messages and not gone:
        note_hold(shop)


def _deliver(shop: Shop, tally: Tally) -> Counter[tuple[str, Delivery]]:
    """Deliver what the changes put in the outbox, a batch at a time; what does not leave stays for `ashop work`.

    A batch has no longer than what one order's messages have, and one of which nothing left is the last.
    """
    gone = Counter[tuple[str, Delivery]]()
    if not shop.settings.shop.deliver_at_once or not tally.changed:
        return gone
    within = timedelta(seconds=shop.settings.shop.deliver_within_seconds)
    most = _ROUNDS * (tally.changed + tally.messages.total())
    try:
        with progress(Text("Skickar", "Sending"), total=tally.messages.total()) as advance:
            while gone.total() < most and (batch := shop.deliver(most=BATCH, within=within)):
                gone.update((item.code, item.delivery) for item in batch)
                advance(len(batch))
                if all(item.delivery is Delivery.WAITING for item in batch):
                    break
    except AshopError as error:
        stopped = Text(
            "Ändringarna är gjorda, men inte allt skickades: {why}",
            "The changes are made, but not all was sent: {why}",
        )
        note(stopped.fill(why=error.staff_text))
    return gone


def _summary(shop: Shop, tally: Tally, gone: Counter[tuple[str, Delivery]]) -> Iterator[str]:
    """Yield what was changed and why some was not, and what became of the messages."""
    figures = (
        (tally.changed, Text("{n} ändrad", "{n} changed"), Text("{n} ändrade", "{n} changed")),
        (tally.unchanged, Text("{n} oförändrad", "{n} unchanged"), Text("{n} oförändrade", "{n} unchanged")),
        (tally.refused, Text("{n} nekad", "{n} refused"), Text("{n} nekade", "{n} refused")),
    )
    yield f"{say(joined([counted(*figure) for figure in figures]))}."
    yield from tally.reasons()
    for (code, delivery), n in sorted(gone.items()):
        done = delivery is Delivery.SENT and code in shop.handlers
        yield f"  {sender_label(shop, code)}: {n} {say(DONE if done else DELIVERIES[delivery])}"
    left = tally.messages.total() - sum(n for (code, _), n in gone.items() if code in shop.channels)
    if left > 0:
        queued = Text("  {n} i kö, skickas av `ashop work`", "  {n} queued, sent by `ashop work`")
        yield say(queued.fill(n=left))


def _forecast(shop: Shop, tally: Tally) -> Iterator[str]:
    """Yield what would come of it, after a rehearsal."""
    words = Text(
        "{c} skulle ändras, {u} är redan så, {r} skulle nekas (provkörning, inget är ändrat).",
        "{c} would change, {u} are so already, {r} would be refused (dry run, nothing was changed).",
    )
    yield say(words.fill(c=tally.changed, u=tally.unchanged, r=tally.refused))
    yield from tally.reasons()
    yield _messages(shop, tally)
