"""What a change came to, said in words or as JSON: the step, the plugins' effects, the messages and where they went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say
from ashop_core.cli.names import DELIVERIES, KINDS, field_label
from ashop_core.cli.output import clean, note, show_pairs, stamp, when
from ashop_core.errors import AshopError
from ashop_core.models import Delivery, Effect, FieldType, Kind
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.lifecycle import Outcome
    from ashop_core.models import Order
    from ashop_core.outbox import Delivered
    from ashop_core.shop import Shop

_ROUNDS = 5
"""A delivery may cause another, such as a job that enqueues a message; more than this is a fault, and waits."""


def deliver_now(shop: Shop, order: Order) -> list[Delivered]:
    """Deliver what the change of an order put in the outbox, if the shop wants that at once."""
    delivered: list[Delivered] = []
    if not shop.settings.shop.deliver_at_once:
        return delivered
    try:
        for _ in range(_ROUNDS):
            batch = shop.deliver(order)
            if not batch:
                break
            delivered += batch
    except AshopError as error:
        # The change is made: what could not be delivered waits in the outbox, and is no reason to say it failed.
        note(
            Text(
                "Ändringen är gjord, men inget skickades: {why}",
                "The change is made, but nothing was sent: {why}",
            ).fill(why=error.text)
        )
    return delivered


def show_outcome(shop: Shop, outcome: Outcome, delivered: Sequence[Delivered] = ()) -> None:
    """Print a change that was made: the step, what came with it, what plugins did, where messages went."""
    click.echo(_headline(shop, outcome))
    show_pairs([*_brought(shop, outcome), *_effects(outcome), *_messages(shop, outcome, delivered)])
    if any(item.delivery is Delivery.WAITING for item in delivered):
        note(
            Text(
                "Det som inte gick i väg ligger kvar i kön: kör `ashop work`.",
                "What did not leave stays queued: run `ashop work`.",
            )
        )


def show_preview(shop: Shop, outcome: Outcome) -> None:
    """Print what a change would do: reasons against it, effects, messages as they would read."""
    trial = Text("provkörning, inget är ändrat", "dry run, nothing was changed")
    click.echo(f"{_headline(shop, outcome)}  ({say(trial)})")
    obstacles = [
        (Text("Hinder", "Obstacle"), say(p.text) + (f" ({p.plugin})" if p.plugin else ""))
        for p in outcome.problems
    ]
    show_pairs([*obstacles, *_brought(shop, outcome), *_effects(outcome)])
    for message, rendered in outcome.previews:
        click.echo(f"\n  {_label(shop, message.channel)} → {clean(message.recipient)}")
        show_words(rendered.subject, rendered.body)


def show_words(subject: str, body: str, most: int | None = None) -> None:
    """Print a message as its recipient reads it, or its first lines."""
    lines = clean(body, lines=True).rstrip().splitlines()
    if most is not None:
        lines = [line for line in lines if line.strip()]
    if subject:
        click.echo(f"    {clean(subject)}")
    for line in lines[:most]:
        click.echo(f"    | {line}".rstrip())
    if most is not None and most < len(lines):
        click.echo("    | …")


def outcome_document(outcome: Outcome, delivered: Iterable[Delivered] = ()) -> dict[str, Any]:
    """Return an outcome as plain data for JSON."""
    order, change = outcome.order, outcome.change
    return {
        "order": order.name,
        "reference": order.reference,
        "changed": change is not None and not outcome.problems,
        "kind": change.kind.value if change else None,
        "from": change.from_status if change else order.status,
        "to": change.to_status if change else order.status,
        "at": stamp(change.at) if change else None,
        "fields": dict(change.fields) if change else {},
        "problems": [{"code": p.code, "plugin": p.plugin, "text": p.text} for p in outcome.problems],
        "effects": [
            {"plugin": plugin, "subject": e.subject, "before": e.before, "after": e.after, "text": e.text}
            for plugin, e in outcome.effects
        ],
        "messages": [{"channel": m.channel, "recipient": m.recipient, "template": m.template} for m in outcome.messages],
        "previews": [
            {"channel": m.channel, "recipient": m.recipient, "subject": r.subject, "body": r.body}
            for m, r in outcome.previews
        ],
        "delivered": [
            {"id": d.id, "channel": d.code, "recipient": d.recipient, "delivery": d.delivery.value, "words": d.words}
            for d in delivered
        ],
    }  # fmt: skip


def field_words(flows: Flows, code: str, value: str) -> str:
    """Return a field's stored value as people read it: times in the shop's zone."""
    from ashop_core.clock import from_iso

    types = {f.code: f.type for status in flows.statuses.values() for f in status.fields}
    return when(from_iso(value)) if types.get(code) is FieldType.DATE_TIME else value


def effect_words(effect: Effect) -> str:
    """Return an effect as a sentence; one without words says what was and what is."""
    return say(effect.text) or f"{effect.subject}: {effect.before} → {effect.after}"


def _headline(shop: Shop, outcome: Outcome) -> str:
    name, change = outcome.order.name, outcome.change
    if change is None:
        unchanged = Text("oförändrad: {status}", "unchanged: {status}")
        return f"{name}  {say(unchanged.fill(status=shop.flows.status(outcome.order.status).label))}"
    if change.enters and change.from_status is not None:
        steps = (shop.flows.status(code).label for code in (change.from_status, change.to_status))
        return f"{name}  {' → '.join(say(step) for step in steps)}"
    return f"{name}  {say(_DONE.get(change.kind, KINDS[change.kind]))}"


_DONE = {
    Kind.PARCEL: Text("Kolli tillagt", "Parcel added"),
    Kind.NOTE: Text("Anteckning skriven", "Note written"),
    Kind.PAYMENT: Text("Betalning bokförd", "Payment recorded"),
    Kind.APPROVAL: Text("Godkänd", "Approved"),
    Kind.STATUS: Text("Uppgifter ändrade", "Fields changed"),
}


Pairs = list[tuple[Text | str, str]]


def _brought(shop: Shop, outcome: Outcome) -> Pairs:
    """Return what came with the change: fields, parcel, reason, note."""
    change = outcome.change
    if change is None:
        return []
    parcel = change.parcel
    pairs: Pairs = [
        (field_label(shop.flows, c), field_words(shop.flows, c, v)) for c, v in change.fields.items()
    ]
    if parcel is not None and parcel.number not in change.fields.values():
        pairs.append((Text("Kollinummer", "Parcel number"), parcel.number or "–"))
    pairs.append((Text("Transportör", "Carrier"), (parcel.carrier if parcel else None) or ""))
    return [*pairs, (Text("Orsak", "Reason"), change.reason), (Text("Anteckning", "Note"), change.note)]


def _effects(outcome: Outcome) -> Pairs:
    return [(plugin, effect_words(effect)) for plugin, effect in outcome.effects]


def _messages(shop: Shop, outcome: Outcome, delivered: Sequence[Delivered]) -> Pairs:
    if shop.settings.shop.deliver_at_once:
        return [(_label(shop, item.code), _went(item)) for item in delivered]
    queued = Text("{to}  i kö, skickas av `ashop work`", "{to}  queued, sent by `ashop work`")
    return [(_label(shop, m.channel), say(queued.fill(to=m.recipient))) for m in outcome.messages]


def _label(shop: Shop, code: str) -> str:
    channel = shop.channels.get(code)
    if channel is not None:
        return say(channel.label)
    handler = shop.handlers.get(code)
    return say(handler.job.label) if handler else code


def _went(item: Delivered) -> str:
    words = [item.recipient, say(DELIVERIES[item.delivery]), item.words]
    if item.delivery is Delivery.WAITING:
        words[1] = say(Text("gick inte, försöks igen:", "failed, will be tried again:"))
    return "  ".join(word for word in words if word)
