"""What a change brought, in words: the step, fields, corrections, returned goods, parcel, payment, words, effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ashop_core.cli.language import say
from ashop_core.cli.names import ENTRIES, KINDS, field_label
from ashop_core.cli.output import day, money, when
from ashop_core.models import Change, Edit, Effect, Entry, FieldType, Kind, NewPayment, NewReturn, Payment
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.models import Order
    from ashop_core.shop import Shop

Pairs = list[tuple[Text | str, str]]

_EDITED = {
    "customer.name": Text("Namn", "Name"),
    "customer.email": Text("E-post", "E-mail"),
    "customer.phone": Text("Telefon", "Phone"),
    "customer.street": Text("Gata", "Street"),
    "customer.postal_code": Text("Postnummer", "Postal code"),
    "customer.city": Text("Ort", "City"),
    "customer.country": Text("Land", "Country"),
    "discount": Text("Rabatt", "Discount"),
    "shipping_price": Text("Frakt", "Shipping"),
    "payment_fee": Text("Avgift", "Fee"),
    "payment_due": Text("Betalas senast", "Pay by"),
}
_OF_A_LINE = {
    "quantity": Text("Rad {n}, antal", "Line {n}, quantity"),
    "unit_price": Text("Rad {n}, pris", "Line {n}, price"),
    "discount": Text("Rad {n}, rabatt", "Line {n}, discount"),
}
_AMOUNTS = ("discount", "shipping_price", "payment_fee", "unit_price")
_NOTHING = "–"


def step_words(shop: Shop, entry: Entry | Change) -> str:
    """Return what a change was: from which status to which, or what was done to the order."""
    target = status_words(shop.flows, entry.to_status)
    done = say(KINDS[entry.kind])
    if entry.kind is Kind.APPROVAL and entry.approved is False:
        done = say(Text("Godkännandet tillbakadraget", "Approval withdrawn"))
    if moves_due_day(entry):
        done = say(Text("Sista betalningsdag ändrad", "Last day to pay changed"))
    if entry.from_status is None:
        return f"{done}: {target}"
    if entry.from_status == entry.to_status:
        return done
    step = f"{status_words(shop.flows, entry.from_status)} → {target}"
    return step if entry.kind in (Kind.STATUS, Kind.PLACED, Kind.DETAILS) else f"{done}: {step}"


def moves_due_day(change: Entry | Change) -> bool:
    """Tell whether a change moved the last day to pay: it is kept with the payments, but is none."""
    return change.kind is Kind.PAYMENT and any(edit.path == "payment_due" for edit in change.edits)


def status_words(flows: Flows, code: str) -> str:
    """Return a status's label; its code where the settings no longer know it."""
    status = flows.statuses.get(code)
    return say(status.label) if status else code


def brought(
    shop: Shop, order: Order, change: Entry | Change, payment: Payment | NewPayment | None = None
) -> Pairs:
    """Return what came with a change, as labels and words; nothing for what it did not bring."""
    fields = [(field_label(shop.flows, c), field_words(shop.flows, c, v)) for c, v in change.fields.items()]
    return [
        *fields,
        *_parcel(change),
        *(edit_words(edit, order.currency) for edit in change.edits),
        *_returned(order, change.returned),
        *_payment(order, payment),
        (Text("Orsak", "Reason"), change.reason),
        (Text("Meddela", "Notify"), _notify(change)),
        (Text("Till kunden", "To the customer"), change.words),
        (Text("Anteckning", "Note"), change.note),
    ]


_QUIET = frozenset({Kind.CREATED, Kind.DETAILS, Kind.IMPORTED, Kind.MIGRATED, Kind.UNDO})
"""Kinds that tell nobody unless asked, even if they enter a status."""


def _notify(change: Entry | Change) -> str:
    """Return whether messages were asked for or forbidden, where that is not what the change does anyhow."""
    leaves = change.kind is Kind.PARCEL and bool(change.moves)
    usual = change.kind is Kind.REMINDER or leaves or (change.enters and change.kind not in _QUIET)
    if change.notify is None or change.notify is usual:
        return ""
    return say(Text("ja", "yes") if change.notify else Text("nej", "no"))


def edit_words(edit: Edit, currency: str) -> tuple[Text | str, str]:
    """Return a correction as its label and ``before → after``."""
    scope, _, rest = edit.path.partition(".")
    if scope != "line":
        before, after = (_value(edit.path, v, currency) for v in (edit.before, edit.after))
        return _EDITED.get(edit.path, edit.path), f"{before} → {after}"
    position, _, name = rest.partition(".")
    if name:
        before, after = (_value(name, v, currency) for v in (edit.before, edit.after))
        return _OF_A_LINE[name].fill(n=position), f"{before} → {after}"
    done = Text("borttagen: {line}", "taken away: {line}")
    if edit.before is None:
        done = Text("ny: {line}", "new: {line}")
    line = _line(edit.after if edit.before is None else edit.before, currency)
    return Text("Rad {n}", "Line {n}").fill(n=position), say(done.fill(line=line))


def field_words(flows: Flows, code: str, value: str) -> str:
    """Return a field's stored value as people read it: times in the shop's zone."""
    from ashop_core.clock import from_iso

    types = {f.code: f.type for status in flows.statuses.values() for f in status.fields}
    return when(from_iso(value)) if value and types.get(code) is FieldType.DATE_TIME else value


def effect_words(effect: Effect) -> str:
    """Return an effect as a sentence; one without words says what was and what is."""
    return say(effect.text) or f"{effect.subject}: {effect.before} → {effect.after}"


def effects_words(effects: Iterable[tuple[str, Effect]]) -> Pairs:
    """Return effects under the name of the plugin that had them."""
    return [(plugin, effect_words(effect)) for plugin, effect in effects]


def _value(name: str, value: Any, currency: str) -> str:
    if value in ("", None):
        return _NOTHING
    if name in _AMOUNTS:
        return money(value, currency)
    if name == "payment_due":
        from datetime import date

        return day(date.fromisoformat(value))
    return str(value)


def _line(written: list[Any], currency: str) -> str:
    sku, name, quantity, price, _, discount = written
    off = f" − {money(discount, currency)}" if discount else ""
    return f"{quantity} × {name or sku}, {money(price, currency)}{off}"


def _parcel(change: Entry | Change) -> Iterator[tuple[Text, str]]:
    """Yield the parcel's number unless a field tells it already."""
    if isinstance(change, Entry):
        number, carrier, there = change.parcel, None, change.parcels > 0
    else:
        parcel = change.parcel
        number, carrier = (parcel.number, parcel.carrier) if parcel else (None, None)
        there = parcel is not None
    if there and number not in change.fields.values():
        yield Text("Kollinummer", "Parcel number"), number or _NOTHING
    if carrier:
        yield Text("Transportör", "Carrier"), carrier


def _returned(order: Order, back: NewReturn | None) -> Iterator[tuple[Text, str]]:
    if back is None:
        return
    names = {line.position: line.sku for line in order.lines}
    for label, quantities in (
        (Text("Åter i lager", "Back on the shelf"), back.restocked),
        (Text("Kasserat", "Written off"), back.written_off),
    ):
        yield label, ", ".join(f"{n} × {names.get(position, position)}" for position, n in quantities.items())


def _payment(order: Order, payment: Payment | NewPayment | None) -> Iterator[tuple[Text, str]]:
    if payment is not None:
        words = say(ENTRIES[payment.kind]).capitalize()
        yield (
            Text("Betalning", "Payment"),
            "  ".join(p for p in (words, money(payment.amount, order.currency), payment.reference) if p),
        )
