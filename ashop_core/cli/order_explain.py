"""`ashop order explain`: an order's whole story in time order, and which plugin did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, with_shop
from ashop_core.cli.change_words import brought, effects_words, status_words, step_words
from ashop_core.cli.language import say
from ashop_core.cli.message_words import attempt_lines, recipient_words, standing_words, why_words
from ashop_core.cli.names import KINDS, actor_label
from ashop_core.cli.outcome import sender_label
from ashop_core.cli.output import JSON, clean, json_option, money, show_pairs, when, write_json
from ashop_core.cli.story_document import CORE, story_document, undone_changes
from ashop_core.models import Kind
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Entry, Order, Refusal
    from ashop_core.shop import Shop
    from ashop_core.story import Event, Sending


@command()
@argument(
    "order", metavar=Text("ORDER", "ORDER"), help=Text("Nummer eller referens.", "Number or reference.")
)
@json_option
@with_shop
def explain(shop: Shop, order: str, form: str) -> None:
    """Tell everything that happened to an order: changes, what plugins did, messages, refusals, faults."""
    found, events = shop.story(order)
    if form == JSON:
        write_json(story_document(found, events))
        return
    click.echo(click.style(f"{found.name}  {status_words(shop.flows, found.status)}", bold=True))
    total = f"{money(found.total, found.currency)}, {clean(found.customer.name)}".rstrip(", ")
    click.echo(f"  {total}")
    undone = undone_changes(events)
    status: str | None = None
    for event in events:
        click.echo()
        _tell(shop, found, event, undone, status)
        if event.entry is not None:
            status = event.entry.to_status


def _tell(shop: Shop, order: Order, event: Event, undone: set[int], status: str | None) -> None:
    if event.entry is not None:
        _tell_change(shop, order, event, event.entry, undone)
    elif event.sending is not None:
        _tell_sending(shop, event, event.sending)
    elif event.refusal is not None:
        _tell_refusal(shop, event.refusal, status)
    elif event.failure is not None:
        failed = Text("{plugin} gick fel efteråt", "{plugin} failed afterwards")
        _headline(event, say(failed.fill(plugin=event.failure.plugin)))
        show_pairs([(Text("Fel", "Error"), event.failure.error)], 4)


def _headline(event: Event, words: str, more: str = "") -> None:
    click.echo(f"{when(event.at)}  {clean(words)}" + (f"  ({more})" if more else ""))


def _tell_change(shop: Shop, order: Order, event: Event, entry: Entry, undone: set[int]) -> None:
    who = [actor_label(entry.actor), *([say(_TAKEN_BACK)] if entry.seq in undone else [])]
    _headline(event, step_words(shop, entry), ", ".join(who))
    show_pairs([*brought(shop, order, entry, event.payment), *effects_words(entry.effects)], 4)


_TAKEN_BACK = Text("ångrad sedan", "undone since")


def _tell_sending(shop: Shop, event: Event, sending: Sending) -> None:
    message = sending.message
    target = f" → {recipient_words(message)}" if sending.kind == "message" else ""
    how = say(standing_words(message, sending.kind))
    again = Text("{id} igen, begärt av {who}", "{id} again, asked for by {who}")
    again = again.fill(id=message.resends, who=actor_label(message.actor))
    _headline(
        event,
        f"{sender_label(shop, message.channel)}{target}: {how}",
        say(again) if message.resends is not None else "",
    )
    attempts = attempt_lines(message, sending.attempts, sending.kind) if len(sending.attempts) > 1 else []
    show_pairs(
        [
            (Text("Försök", "Attempts"), "\n".join(attempts)),
            (Text("Ämne", "Subject"), message.rendered.subject if message.rendered else ""),
            (Text("Svar", "Answer"), message.receipt),
            (Text("Varför", "Why"), why_words(message)),
        ],
        4,
    )


def _tell_refusal(shop: Shop, refusal: Refusal, status: str | None) -> None:
    what = say(KINDS[refusal.kind])
    if refusal.kind in (Kind.STATUS, Kind.PLACED):
        steps = [status, refusal.to_status] if status != refusal.to_status else [refusal.to_status]
        what = " → ".join(status_words(shop.flows, code) for code in steps if code)
    times = Text("Nekad", "Refused") if refusal.times == 1 else Text("Nekad {n} gånger", "Refused {n} times")
    click.echo(
        f"{when(refusal.first_at)}  {say(times.fill(n=refusal.times))}: {clean(what)}"
        f"  ({actor_label(refusal.actor)})"
    )
    show_pairs(
        [
            *((plugin or CORE, say(text)) for _, plugin, text in refusal.problems),
            (Text("Senast", "Last"), when(refusal.last_at) if refusal.times > 1 else ""),
        ],
        4,
    )
