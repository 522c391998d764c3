"""An order's page for people: everything about it, in the order that staff ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ashop_core.cli.change_words import brought, effects_words, field_words, step_words
from ashop_core.cli.language import say
from ashop_core.cli.message_words import show_message
from ashop_core.cli.names import (
    ENTRIES,
    PAYMENTS,
    actor_label,
    delivery_label,
    field_label,
    payment_label,
)
from ashop_core.cli.order_lines import show_lines
from ashop_core.cli.output import (
    Column,
    ago,
    clean,
    heading,
    money_column,
    show_list,
    show_pairs,
    when,
)
from ashop_core.models import Message, Order, Parcel, ParcelInfo, Payment
from ashop_core.texts import Text
from ashop_core.transaction import flag_label

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_FIRST_LINES = 3


def show_page(shop: Shop, order: Order, *, in_full: bool) -> None:
    """Print everything about an order; messages in full, or their first lines."""
    _head(shop, order)
    _customer(order)
    show_lines(shop, order)
    _parcels(shop, order, shop.parcels(order))
    _payments(order, shop.payments(order))
    for _, section in shop.sections(order):
        heading(section.title)
        show_pairs(section.rows)
    _history(shop, order, in_full)


def _head(shop: Shop, order: Order) -> None:
    status = shop.flows.status(order.status)
    click.echo(click.style(f"{order.name}  {say(status.label)}", bold=True))
    moment = order.placed_at or order.created_at
    label = Text("Lagd", "Placed") if order.placed_at else Text("Påbörjad", "Begun")
    seen = status.customer_label if status.visible and status.customer_label else _UNSEEN
    paid = f"{say(payment_label(shop.flows, order.payment_method))}, {say(PAYMENTS[order.payment])}"
    show_pairs([
        (label, f"{when(moment)} ({ago(moment)})"),
        (Text("Referens", "Reference"), order.reference if order.number else ""),
        (Text("Kunden ser", "Customer sees"), say(seen) if say(seen) != say(status.label) else ""),
        (Text("Leverans", "Delivery"), say(delivery_label(shop.flows, order.delivery))),
        (Text("Betalning", "Payment"), paid),
        (Text("Godkänd", "Approved"), _approval(shop, order)),
        (Text("Flaggor", "Flags"), ", ".join(say(flag_label(f)) for f in order.flags)),
        (Text("Källa", "Source"), f"{order.source} {order.external_id}" if order.source else ""),
        *((field_label(shop.flows, code), field_words(shop.flows, code, v)) for code, v in order.fields.items()),
    ])  # fmt: skip


_UNSEEN = Text(
    "ingenting, ordern finns inte för kunden", "nothing, the order does not exist for the customer"
)


def _approval(shop: Shop, order: Order) -> str:
    if order.approved_at is not None:
        return f"{when(order.approved_at)}, {actor_label(order.approved_by or '')}"
    method = shop.flows.payment_methods.get(order.payment_method)
    needed = method is not None and method.needs_approval and order.placed_at is not None
    return say(Text("nej, betalsättet kräver det", "no, the payment method calls for it")) if needed else ""


def _customer(order: Order) -> None:
    customer = order.customer
    town = " ".join(part for part in (customer.postal_code, customer.city, customer.country) if part)
    heading(Text("Kund", "Customer"))
    show_pairs([
        (Text("Namn", "Name"), customer.name),
        (Text("E-post", "E-mail"), customer.email),
        (Text("Telefon", "Phone"), customer.phone),
        (Text("Adress", "Address"), ", ".join(part for part in (customer.street, town) if part)),
    ])  # fmt: skip


def _parcels(shop: Shop, order: Order, parcels: list[Parcel]) -> None:
    if not parcels:
        return
    heading(Text("Kollin", "Parcels"))
    known = {parcel.position: shop.parcel_info(order, parcel) for parcel in parcels}
    columns: list[Column[Parcel]] = [
        Column("number", Text("Kollinummer", "Parcel number"), lambda p: p.number or "–"),
        Column("carrier", Text("Transportör", "Carrier"), lambda p: _carrier(known[p.position])),
        Column("sent", Text("Skickat", "Sent"), lambda p: p.sent_at, lambda p: when(p.sent_at)),
        Column("contents", Text("Innehåll", "Contents"), lambda p: p.contents, lambda p: _contents(order, p)),
    ]
    show_list(columns, parcels)
    for parcel in parcels:
        info = known[parcel.position]
        for words in (info.url, *(say(hint) for hint in info.hints)):
            if words:
                click.echo(f"  {clean(parcel.number or '–')}  {clean(words)}")


def _carrier(info: ParcelInfo) -> str:
    return say(info.carrier) if info.carrier else ""


def _contents(order: Order, parcel: Parcel) -> str:
    names = {line.position: line.sku for line in order.lines}
    return ", ".join(
        f"{quantity} × {names.get(position, position)}" for position, quantity in parcel.contents.items()
    )


def _payments(order: Order, payments: list[Payment]) -> None:
    if not payments:
        return
    heading(Text("Betalningar", "Payments"))
    columns: list[Column[Payment]] = [
        Column("at", Text("Tid", "Time"), lambda p: p.at, lambda p: when(p.at)),
        Column("kind", Text("Post", "Entry"), lambda p: p.kind, lambda p: say(ENTRIES[p.kind])),
        money_column("amount", Text("Belopp", "Amount"), lambda p: p.amount, lambda p: order.currency),
        Column("reference", Text("Referens", "Reference"), lambda p: p.reference),
    ]  # fmt: skip
    show_list(columns, payments)


def _history(shop: Shop, order: Order, in_full: bool) -> None:
    """Print every change, each with what came with it, what plugins did, and the messages that it caused."""
    history, attempts = shop.history(order), shop.attempts_by_message(order)
    caused: dict[int, list[Message]] = {}
    for message in shop.messages(order):
        caused.setdefault(message.seq, []).append(message)
    heading(Text("Historik", "History"))
    undone = {entry.undoes for entry in history if entry.undoes is not None}
    for entry in history:
        who = actor_label(entry.actor) + (f", {say(_TAKEN_BACK)}" if entry.seq in undone else "")
        click.echo(f"  {when(entry.at)}  {step_words(shop, entry)}  ({who})")
        show_pairs([*brought(shop, order, entry), *effects_words(entry.effects)], 4)
        for message in caused.get(entry.seq, ()):
            show_message(shop, message, attempts.get(message.id, ()), None if in_full else _FIRST_LINES)


_TAKEN_BACK = Text("ångrad sedan", "undone since")
