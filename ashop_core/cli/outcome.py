"""What a change came to, said in words or as JSON: the step, the plugins' effects, the messages and where they went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say
from ashop_core.cli.names import DELIVERIES, KINDS, field_label
from ashop_core.cli.output import clean, note, show_pairs, stamp, when
from ashop_core.models import Change, Delivery, Effect, FieldType, Kind
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
    if shop.settings.shop.deliver_at_once:
        for _ in range(_ROUNDS):
            batch = shop.deliver(order)
            if not batch:
                break
            delivered += batch
    return delivered


def show_outcome(shop: Shop, outcome: Outcome, delivered: Sequence[Delivered] = ()) -> None:
    """Print a change that was made."""
    click.echo(_headline(shop, outcome))
    if outcome.change is None:
        return
    _show_brought(shop, outcome.change)
    _show_effects(outcome.effects)
    for item in delivered:
        click.echo(f"  {_label(shop, item.code)}  {_went(item)}")
    if not shop.settings.shop.deliver_at_once:
        for message in outcome.messages:
            words = Text("i kö; `ashop work` skickar", "queued; `ashop work` sends it").fill()
            click.echo(f"  {_label(shop, message.channel)}  {clean(message.recipient)}  {say(words)}")
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
    for problem in outcome.problems:
        plugin = f" ({problem.plugin})" if problem.plugin else ""
        click.echo(f"  {say(Text('Hinder', 'Obstacle'))}: {say(problem.text)}{plugin}")
    if outcome.change is None:
        return
    _show_brought(shop, outcome.change)
    _show_effects(outcome.effects)
    for message, rendered in outcome.previews:
        click.echo(f"\n  {_label(shop, message.channel)} → {clean(message.recipient)}")
        show_pairs([(Text("Ämne", "Subject"), rendered.subject)], 4)
        click.echo("    " + clean(rendered.body, lines=True).rstrip().replace("\n", "\n    "))


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
    return clean(say(effect.text) or f"{effect.subject}: {effect.before} → {effect.after}")


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


def _show_brought(shop: Shop, change: Change) -> None:
    """Print what came with the change: fields, parcel, note."""
    pairs = [
        (field_label(shop.flows, code), field_words(shop.flows, code, v)) for code, v in change.fields.items()
    ]
    if change.parcel is not None and not any(v == change.parcel.number for v in change.fields.values()):
        pairs.append((Text("Kollinummer", "Parcel number"), change.parcel.number or "–"))
    if change.parcel is not None and change.parcel.carrier:
        pairs.append((Text("Transportör", "Carrier"), change.parcel.carrier))
    pairs += [(Text("Orsak", "Reason"), change.reason), (Text("Anteckning", "Note"), change.note)]
    show_pairs(pairs)


def _show_effects(effects: Iterable[tuple[str, Effect]]) -> None:
    for plugin, effect in effects:
        click.echo(f"  {plugin}  {effect_words(effect)}")


def _label(shop: Shop, code: str) -> str:
    channel = shop.channels.get(code)
    if channel is not None:
        return say(channel.label)
    handler = shop.handlers.get(code)
    return say(handler.job.label) if handler else code


def _went(item: Delivered) -> str:
    words = [clean(item.recipient), say(DELIVERIES[item.delivery]), clean(item.words)]
    if item.delivery is Delivery.WAITING:
        words[1] = say(Text("gick inte, försöks igen:", "failed, will be tried again:"))
    return "  ".join(word for word in words if word)
