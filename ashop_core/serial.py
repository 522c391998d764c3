"""Ashop's own JSON: orders as documents that leave the shop, and documents read back as orders.

The only module that uses dataclasses-json. It coerces silently and drops what it does not know, so that
whatever comes in is checked by `validation.structure` first. Amounts are whole minor units of the document's
``currency``, times are UTC text. What only staff may see is left out unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dataclasses_json import DataClassJsonMixin, config

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import Problem
from ashop_core.models import (
    Customer,
    Entry,
    ImportedOrder,
    Message,
    NewLine,
    Order,
    Parcel,
    Payment,
    PaymentKind,
)
from ashop_core.texts import Text
from ashop_core.validation import structure

FORMAT = "ashop-order/1"
OURSELVES = "ashop"
"""The source of an order that was made in an Ashop; its external id is its reference there."""


def _to_text(instant: datetime | None) -> str | None:
    return None if instant is None else to_iso(instant)


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)


def _absent(value: object) -> bool:
    return value is None


_TIME = config(encoder=_to_text, decoder=_from_text)
# For staff: None, and then absent from the JSON, in a document for others.
_STAFF = config(exclude=_absent)
_STAFF_TIME = config(encoder=_to_text, decoder=_from_text, exclude=_absent)
_RATE = config(
    encoder=lambda rate: None if rate is None else str(rate),
    decoder=lambda text: None if text is None else Decimal(text),
)


@dataclass(frozen=True, kw_only=True)
class CustomerDocument(DataClassJsonMixin):
    """Who ordered and where it goes."""

    name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class LineDocument(DataClassJsonMixin):
    """A line; `unit_price` is incl. VAT, `vat_rate` per cent as text, if known."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    vat_rate: Decimal | None = field(default=None, metadata=_RATE)


@dataclass(frozen=True, kw_only=True)
class ParcelDocument(DataClassJsonMixin):
    """A parcel; `contents` is quantities by line number, as text since JSON knows no other keys."""

    number: str | None = None
    carrier: str | None = None
    sent_at: datetime | None = field(default=None, metadata=_TIME)
    contents: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PaymentDocument(DataClassJsonMixin):
    """An entry of the payment record."""

    kind: PaymentKind
    amount: int
    reference: str = ""
    at: datetime | None = field(default=None, metadata=_TIME)


@dataclass(frozen=True, kw_only=True)
class HistoryDocument(DataClassJsonMixin):
    """A change that was made. Who made it, why and with what effects is for staff."""

    kind: str
    to: str
    from_: str | None = field(default=None, metadata=config(field_name="from"))
    at: datetime | None = field(default=None, metadata=_TIME)
    actor: str | None = field(default=None, metadata=_STAFF)
    note: str | None = field(default=None, metadata=_STAFF)
    reason: str | None = field(default=None, metadata=_STAFF)
    effects: tuple[str, ...] | None = field(default=None, metadata=_STAFF)


@dataclass(frozen=True, kw_only=True)
class MessageDocument(DataClassJsonMixin):
    """A message to the customer, with its words once it was tried."""

    id: int
    channel: str
    recipient: str
    template: str
    delivery: str
    attempts: int
    created_at: datetime | None = field(default=None, metadata=_TIME)
    sent_at: datetime | None = field(default=None, metadata=_TIME)
    subject: str | None = None
    body: str | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderDocument(DataClassJsonMixin):
    """An order as Ashop writes it: ``{"format": "ashop-order/1", …}``."""

    format: str = FORMAT
    reference: str
    status: str
    delivery: str
    payment_method: str
    currency: str
    lines: tuple[LineDocument, ...]
    number: int | None = None
    source: str | None = None
    external_id: str | None = None
    placed_at: datetime | None = field(default=None, metadata=_TIME)
    language: str = "sv"
    customer: CustomerDocument = field(default_factory=CustomerDocument)
    shipping_price: int = 0
    total: int | None = None
    payment: str = "unpaid"
    authorised: int = 0
    paid: int = 0
    refunded: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    parcels: tuple[ParcelDocument, ...] = ()
    payments: tuple[PaymentDocument, ...] = ()
    history: tuple[HistoryDocument, ...] = ()
    created_at: datetime | None = field(default=None, metadata=_STAFF_TIME)
    approved_at: datetime | None = field(default=None, metadata=_STAFF_TIME)
    approved_by: str | None = field(default=None, metadata=_STAFF)
    flags: tuple[str, ...] | None = field(default=None, metadata=_STAFF)
    messages: tuple[MessageDocument, ...] | None = field(default=None, metadata=_STAFF)


# ── Out ──────────────────────────────────────────────────────────────────────────────────────────


def order_document(
    order: Order,
    parcels: Iterable[Parcel] = (),
    payments: Iterable[Payment] = (),
    history: Iterable[Entry] = (),
    messages: Iterable[Message] | None = None,
    *,
    internal: bool = False,
) -> dict[str, Any]:
    """Return an order as plain data for JSON.

    `internal` adds what is for staff: flags, approval, notes, reasons, who did what, and the checkout's history.
    """
    placed = order.placed_at
    shown = [e for e in history if internal or (placed is not None and e.at >= placed)]
    document = OrderDocument(
        reference=order.reference,
        number=order.number,
        source=order.source,
        external_id=order.external_id,
        status=order.status,
        placed_at=placed,
        delivery=order.delivery,
        payment_method=order.payment_method,
        language=order.language,
        currency=order.currency,
        customer=CustomerDocument(**asdict(order.customer)),
        lines=tuple(
            LineDocument(
                sku=line.sku, name=line.name, quantity=line.quantity, unit_price=line.unit_price, vat_rate=line.vat_rate
            )
            for line in order.lines
        ),
        shipping_price=order.shipping_price,
        total=order.total,
        payment=order.payment.value,
        authorised=order.authorised,
        paid=order.paid,
        refunded=order.refunded,
        fields=dict(order.fields),
        parcels=tuple(_parcel(p) for p in parcels),
        payments=tuple(PaymentDocument(kind=p.kind, amount=p.amount, reference=p.reference, at=p.at) for p in payments),
        history=tuple(_entry(e, internal) for e in shown),
        created_at=order.created_at if internal or placed is None else None,
        approved_at=order.approved_at if internal else None,
        approved_by=order.approved_by if internal else None,
        flags=order.flags if internal else None,
        messages=None if messages is None else tuple(message_document(m) for m in messages),
    )  # fmt: skip
    return document.to_dict(encode_json=True)


def message_document(message: Message) -> MessageDocument:
    """Return a message as a document."""
    return MessageDocument(
        id=message.id,
        channel=message.channel,
        recipient=message.recipient,
        template=message.template,
        delivery=message.delivery.value,
        attempts=message.attempts,
        created_at=message.created_at,
        sent_at=message.sent_at,
        subject=message.rendered.subject if message.rendered else None,
        body=message.rendered.body if message.rendered else None,
        error=message.error,
    )


def _parcel(parcel: Parcel) -> ParcelDocument:
    contents = {str(position): quantity for position, quantity in parcel.contents.items()}
    return ParcelDocument(
        number=parcel.number, carrier=parcel.carrier, sent_at=parcel.sent_at, contents=contents
    )


def _entry(entry: Entry, internal: bool) -> HistoryDocument:
    return HistoryDocument(
        kind=entry.kind.value,
        from_=entry.from_status,
        to=entry.to_status,
        at=entry.at,
        actor=entry.actor if internal else None,
        note=entry.note if internal else None,
        reason=entry.reason if internal else None,
        effects=tuple(f"{plugin}: {e.text.en}" for plugin, e in entry.effects) if internal else None,
    )


# ── Back ─────────────────────────────────────────────────────────────────────────────────────────


def is_order_document(data: object) -> bool:
    """Tell whether this is, or claims to be, an order as Ashop writes it."""
    return isinstance(data, Mapping) and str(data.get("format", "")).startswith("ashop-order/")


def order_from_document(data: object, where: str = "order") -> tuple[ImportedOrder | None, list[Problem]]:
    """Return the order that a document describes, or None and everything wrong with it, each with its path.

    An order of another source keeps it, so that what was imported, exported and imported again is the same
    order; one made in an Ashop is known by its reference there.
    """
    if not is_order_document(data):
        return None, [
            _problem(where, 'väntade "format": "ashop-order/1"', 'expected "format": "ashop-order/1"')
        ]
    assert isinstance(data, Mapping)
    if data["format"] != FORMAT:
        words = Text(
            "formatet {f} är nyare än den här Ashop", "the format {f} is newer than this Ashop"
        ).fill(f=data["format"])
        return None, [_problem(where, words.sv, words.en)]
    _, problems = structure(data, OrderDocument, where)
    if problems:
        return None, problems
    document = OrderDocument.from_dict(dict(data))
    problems = _inconsistencies(document, where)
    return (None, problems) if problems else (_imported(document), [])


def _inconsistencies(document: OrderDocument, where: str) -> list[Problem]:
    problems = []
    if document.placed_at is None and document.created_at is None:
        problems.append(_problem(f"{where}: placed_at", "saknas", "is missing"))
    total = sum(line.quantity * line.unit_price for line in document.lines) + document.shipping_price
    if document.total is not None and document.total != total:
        words = Text("är {a}, men rader och frakt ger {b}", "is {a}, but lines and shipping make {b}").fill(
            a=document.total, b=total
        )
        problems.append(_problem(f"{where}: total", words.sv, words.en))
    return problems


def _imported(document: OrderDocument) -> ImportedOrder:
    at = document.placed_at or document.created_at
    assert at is not None
    return ImportedOrder(
        source=document.source or OURSELVES,
        external_id=document.external_id or document.reference,
        status=document.status,
        at=at,
        lines=tuple(
            NewLine(sku=x.sku, name=x.name, quantity=x.quantity, unit_price=x.unit_price, vat_rate=x.vat_rate)
            for x in document.lines
        ),
        customer=Customer(**asdict(document.customer)),
        delivery=document.delivery,
        payment_method=document.payment_method,
        currency=document.currency,
        language=document.language,
        shipping_price=document.shipping_price,
        paid=document.paid,
        parcel_number=next((p.number for p in document.parcels if p.number), None),
        note=next((e.note for e in document.history if e.note), ""),
    )


def _problem(where: str, sv: str, en: str) -> Problem:
    return Problem("invalid", Text(f"{where}: {sv}", f"{where}: {en}"))
