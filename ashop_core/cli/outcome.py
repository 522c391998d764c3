"""What a change came to, said in words or as JSON: the step, the plugins' effects, the messages and where they went."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from ashop_core.cli.change_words import Pairs, brought, effects_words, moves_due_day, status_words, step_words
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.names import DELIVERIES, DONE, FOLLOW_UPS, KINDS
from ashop_core.cli.order_lines import left_rows
from ashop_core.cli.output import clean, money, note, show_pairs
from ashop_core.cli.sends import leaving_words, planned_words
from ashop_core.cli.values import clock_time
from ashop_core.errors import AshopError
from ashop_core.lanes import channel_lane
from ashop_core.models import Delivery, Kind
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.outbox import Delivered
    from ashop_core.outcomes import Outcome
    from ashop_core.shop import Shop

_ROUNDS = 5
"""A delivery may cause another, such as a job that enqueues a message; more than this is a fault, and waits."""


def deliver_now(shop: Shop, order: Order) -> list[Delivered]:
    """Deliver what the change of an order put in the outbox, if the shop wants that at once."""
    delivered: list[Delivered] = []
    end = time.monotonic() + shop.settings.shop.deliver_within_seconds
    if not shop.settings.shop.deliver_at_once:
        return delivered
    try:
        for _ in range(_ROUNDS):
            batch = shop.deliver(order, within=timedelta(seconds=end - time.monotonic()))
            if not batch:
                break
            delivered += batch
    except AshopError as error:
        # The change is made: what could not be delivered waits in the outbox, and is no reason to say it failed.
        note(
            Text(
                "Ändringen är gjord, men inget skickades: {why}",
                "The change is made, but nothing was sent: {why}",
            ).fill(why=error.staff_text)
        )
    return delivered


def show_outcome(shop: Shop, outcome: Outcome, delivered: Sequence[Delivered] = ()) -> None:
    """Print a change that was made: the step, what came with it, what plugins did, where messages went."""
    click.echo(headline(shop, outcome))
    show_pairs([*_told(shop, outcome), *_messages(shop, outcome, delivered)])
    _show_undo(outcome)
    if outcome.messages and not delivered and shop.settings.shop.deliver_at_once:
        note_hold(shop)
    _note_lanes(shop, outcome)
    if any(item.delivery is Delivery.WAITING for item in delivered):
        note(
            Text(
                "Det som inte gick i väg ligger kvar i kön: kör `ashop work`.",
                "What did not leave stays queued: run `ashop work`.",
            )
        )


def _note_lanes(shop: Shop, outcome: Outcome) -> None:
    """Say of what the messages stand in line for that it is down, so that nobody wonders why they wait."""
    if outcome.messages and shop.settings.shop.deliver_at_once:
        from ashop_core.cli.message_words import note_lanes

        note_lanes(shop, {code for m in outcome.messages for code in (m.lane, channel_lane(m.channel))})


def show_preview(shop: Shop, outcome: Outcome) -> None:
    """Print what a change would do: reasons against it, effects, messages as they would read."""
    trial = Text("provkörning, inget är ändrat", "dry run, nothing was changed")
    click.echo(f"{headline(shop, outcome)}  ({say(trial)})")
    obstacles = [
        (Text("Hinder", "Obstacle"), say(p.staff_text) + (f" ({p.plugin})" if p.plugin else ""))
        for p in outcome.problems
    ]
    show_pairs([*obstacles, *_told(shop, outcome)])
    for message, rendered in outcome.previews:
        more = planned_words(shop, outcome.change, message) if outcome.change else ""
        to = f"{sender_label(shop, message.channel)} → {clean(message.recipient)}"
        click.echo(f"\n  {to}" + (f"  ({clean(more)})" if more else ""))
        show_words(rendered.subject, rendered.body)
    _show_lasting(outcome)


def show_words(subject: str, body: str, most: int | None = None, indent: int = 4) -> None:
    """Print a message as its recipient reads it, or its first lines."""
    lines = clean(body, lines=True).rstrip().splitlines()
    if most is not None:
        lines = [line for line in lines if line.strip()]
    if subject:
        click.echo(f"{' ' * indent}{clean(subject)}")
    more = ["…"] if most is not None and most < len(lines) else []
    for line in [*lines[:most], *more]:
        click.echo(f"{' ' * indent}| {line}".rstrip())


def headline(shop: Shop, outcome: Outcome) -> str:
    """Return what became of an order in one line: its name and the step, or that nothing changed."""
    name, change = outcome.order.name, outcome.change
    if change is None:
        unchanged = Text("oförändrad: {status}", "unchanged: {status}")
        return f"{name}  {say(unchanged.fill(status=status_words(shop.flows, outcome.order.status)))}"
    if change.enters or change.approved is False:
        return f"{name}  {step_words(shop, change)}"
    if outcome.problems:
        return f"{name}  {say(Text('nekas', 'will be refused'))}"
    if moves_due_day(change):
        return f"{name}  {step_words(shop, change)}"
    return f"{name}  {say(_DONE.get(change.kind, KINDS[change.kind]))}"


_DONE = {
    Kind.PARCEL: Text("Kolli tillagt", "Parcel added"),
    Kind.NOTE: Text("Anteckning skriven", "Note written"),
    Kind.PAYMENT: Text("Betalning bokförd", "Payment recorded"),
    Kind.APPROVAL: Text("Godkänd", "Approved"),
    Kind.STATUS: Text("Uppgifter ändrade", "Fields changed"),
    Kind.LINES: Text("Ordern ändrad", "Order corrected"),
    Kind.DETAILS: Text("Uppgifter ändrade", "Details corrected"),
    Kind.RETURN: Text("Retur mottagen", "Return recorded"),
    Kind.UNDO: Text("Senaste ändringen ångrad", "Last change undone"),
    Kind.FOLLOW_UP: Text("Uppföljning antecknad", "Follow-up recorded"),
}


def _told(shop: Shop, outcome: Outcome) -> Pairs:
    """Return what came with the change, what the order comes to after it, and what plugins did."""
    order, change = outcome.order, outcome.change
    if change is None:
        return []
    pairs = brought(shop, order, change, change.payment)
    if change.kind is Kind.FOLLOW_UP and order.follow_up is not None:
        pairs.insert(0, (KINDS[Kind.FOLLOW_UP], say(FOLLOW_UPS[order.follow_up])))
    return [*pairs, *_sums(shop, outcome), *effects_words(outcome.effects)]


_MONEY = ("discount", "shipping_price", "payment_fee")


def _sums(shop: Shop, outcome: Outcome) -> Pairs:
    """Return the new total and what is left to pay or to refund, where the change touched either."""
    order, change = outcome.order, outcome.change
    if change is None:
        return []
    if change.returned and change.enters:  # all is back; of a part the record does not say what it was worth
        return [*left_rows(shop, order)]
    if not any(e.path in _MONEY or e.path.startswith("line.") for e in change.edits):
        return []
    return [(Text("Summa", "Total"), money(order.total, order.currency)), *left_rows(shop, order)]


def _show_lasting(outcome: Outcome) -> None:
    """Print what no undo takes back, and until when the change itself can be undone."""
    if outcome.change is None or outcome.problems or not (outcome.lasting or outcome.undo_until):
        return
    click.echo()
    if outcome.lasting:
        click.echo(say(Text("  Kan inte tas tillbaka:", "  Cannot be taken back:")))
    for words in outcome.lasting:
        click.echo(f"    {clean(say(words))}")
    _show_undo(outcome)


def _show_undo(outcome: Outcome) -> None:
    if outcome.undo_until is not None:
        undo = Text(
            "  Kan ångras till {time} med `ashop order undo {name}`",
            "  Can be undone until {time} with `ashop order undo {name}`",
        )
        click.echo(say(undo.fill(time=clock_time(outcome.undo_until), name=outcome.order.name)))


def _messages(shop: Shop, outcome: Outcome, delivered: Sequence[Delivered]) -> Pairs:
    """Return where the messages went; those that have not gone wait for `ashop work`."""
    gone = {(item.code, item.recipient) for item in delivered}
    queued = Text("{to}  i kö, skickas av `ashop work`", "{to}  queued, sent by `ashop work`")
    return [
        *((sender_label(shop, item.code), _went(shop, item)) for item in delivered),
        *(
            (sender_label(shop, m.channel), say(queued.fill(to=m.recipient)))
            for m in outcome.messages
            if not m.delay and (m.channel, m.recipient) not in gone
        ),
        *(
            (sender_label(shop, m.channel), f"{m.recipient}  {leaving_words(shop, outcome.change, m)}")
            for m in outcome.messages
            if m.delay and outcome.change is not None
        ),
    ]


def sender_label(shop: Shop, code: str) -> str:
    """Return what people call a channel or a job."""
    channel = shop.channels.get(code)
    if channel is not None:
        return say(channel.label)
    handler = shop.handlers.get(code)
    return say(handler.job.label) if handler else code


def _went(shop: Shop, item: Delivered) -> str:
    done = item.delivery is Delivery.SENT and item.code not in shop.channels
    words = [item.recipient, say(DONE if done else DELIVERIES[item.delivery]), say(item.said)]
    if item.delivery is Delivery.WAITING:
        again = Text("gick inte, försöks igen: {why}", "failed, will be tried again: {why}")
        words[1:] = [say(again.fill(why=item.said))]
    return "  ".join(word for word in words if word)
