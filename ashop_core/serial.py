"""Ashop's own JSON: orders as documents that leave the shop, and documents read back as orders.

The only module that uses dataclasses-json. It coerces silently and drops what it does not know, so that
whatever comes in is checked by `validation.structure` first. Amounts are whole minor units of the document's
``currency``, times are UTC text. What only staff may see is left out unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dataclasses_json import DataClassJsonMixin, config

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import Problem
from ashop_core.models import (
    Attempt,
    Customer,
    Entry,
    ImportedOrder,
    Message,
    NewLine,
    Order,
    Parcel,
    Payment,
    PaymentKind,
    Rendered,
)
from ashop_core.texts import Text
from ashop_core.validation import structure
from ashop_core.vat import vat_summary

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
_DAY = config(
    encoder=lambda day: None if day is None else day.isoformat(),
    decoder=lambda text: None if text is None else date.fromisoformat(text),
)
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
    """A line; `unit_price` is incl. VAT, `vat_rate` per cent as text, if known; `discount` is off the whole line."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    vat_rate: Decimal | None = field(default=None, metadata=_RATE)
    discount: int = 0


@dataclass(frozen=True, kw_only=True)
class VatDocument(DataClassJsonMixin):
    """What the order comes to at one VAT rate: `gross` is `net` and `vat` together. Not read back."""

    rate: Decimal | None = field(default=None, metadata=_RATE)
    gross: int
    net: int
    vat: int


@dataclass(frozen=True, kw_only=True)
class ParcelDocument(DataClassJsonMixin):
    """A parcel; `contents` is quantities by line, counted from 1; as text, since JSON knows no other keys."""

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
    """A change that was made, with who made it, why, and with what effects: for staff."""

    kind: str
    to: str
    from_: str | None = field(default=None, metadata=config(field_name="from"))
    at: datetime | None = field(default=None, metadata=_TIME)
    actor: str | None = field(default=None, metadata=_STAFF)
    note: str | None = field(default=None, metadata=_STAFF)
    reason: str | None = field(default=None, metadata=_STAFF)
    notify: bool | None = field(default=None, metadata=_STAFF)
    effects: tuple[str, ...] | None = field(default=None, metadata=_STAFF)


@dataclass(frozen=True, kw_only=True)
class AttemptDocument(DataClassJsonMixin):
    """One attempt to deliver a message; one that has no end was broken off, and nobody knows what came of it."""

    number: int
    outcome: str
    started_at: datetime | None = field(default=None, metadata=_TIME)
    ended_at: datetime | None = field(default=None, metadata=_TIME)
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageDocument(DataClassJsonMixin):
    """A message to the customer or to staff (`audience`), with its words once it was tried.

    `error` is a code or what was said, `why` the same as people read it; `seq` is the change that it tells of.
    """

    id: int
    channel: str
    recipient: str
    template: str
    delivery: str
    attempts: int
    created_at: datetime | None = field(default=None, metadata=_TIME)
    planned_at: datetime | None = field(default=None, metadata=_TIME)
    sent_at: datetime | None = field(default=None, metadata=_TIME)
    subject: str | None = None
    body: str | None = None
    html: str | None = None
    sender: str = ""
    reply_to: str = ""
    audience: str = "customer"
    language: str = ""
    seq: int | None = None
    message_id: str = ""
    receipt: str = ""
    error: str = ""
    why: Text | None = None
    arrival: str = ""
    arrival_at: datetime | None = field(default=None, metadata=_TIME)
    arrival_words: str = ""
    resends: int | None = None
    actor: str = ""
    tried: tuple[AttemptDocument, ...] = ()


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
    payment_fee: int = 0
    discount: int = 0
    total: int | None = None
    vat: tuple[VatDocument, ...] = ()
    payment: str = "unpaid"
    authorised: int = 0
    paid: int = 0
    refunded: int = 0
    payment_due: date | None = field(default=None, metadata=_DAY)
    fields: dict[str, str] = field(default_factory=dict)
    parcels: tuple[ParcelDocument, ...] = ()
    payments: tuple[PaymentDocument, ...] = ()
    created_at: datetime | None = field(default=None, metadata=_STAFF_TIME)
    approved_at: datetime | None = field(default=None, metadata=_STAFF_TIME)
    approved_by: str | None = field(default=None, metadata=_STAFF)
    flags: tuple[str, ...] | None = field(default=None, metadata=_STAFF)
    history: tuple[HistoryDocument, ...] | None = field(default=None, metadata=_STAFF)
    messages: tuple[MessageDocument, ...] | None = field(default=None, metadata=_STAFF)


# ── Out ──────────────────────────────────────────────────────────────────────────────────────────


def order_document(
    order: Order,
    parcels: Iterable[Parcel] = (),
    payments: Iterable[Payment] = (),
    history: Iterable[Entry] = (),
    messages: Iterable[Message] | None = None,
    attempts: Mapping[int, Sequence[Attempt]] | None = None,
    *,
    internal: bool = False,
) -> dict[str, Any]:
    """Return an order as plain data for JSON.

    `internal` adds what is for staff: flags, approval, and the history with its notes, reasons and who did what.
    `attempts` are those to deliver its messages, by the messages' ids.
    """
    placed = order.placed_at
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
                sku=line.sku, name=line.name, quantity=line.quantity, unit_price=line.unit_price,
                vat_rate=line.vat_rate, discount=line.discount,
            )
            for line in order.lines
        ),
        shipping_price=order.shipping_price,
        payment_fee=order.payment_fee,
        discount=order.discount,
        total=order.total,
        vat=tuple(VatDocument(rate=r.rate, gross=r.gross, net=r.net, vat=r.vat) for r in vat_summary(order)),
        payment=order.payment.value,
        authorised=order.authorised,
        paid=order.paid,
        refunded=order.refunded,
        payment_due=order.payment_due,
        fields=dict(order.fields),
        parcels=tuple(_parcel(order, p) for p in parcels),
        payments=tuple(PaymentDocument(kind=p.kind, amount=p.amount, reference=p.reference, at=p.at) for p in payments),
        history=tuple(_entry(e) for e in history) if internal else None,
        created_at=order.created_at if internal or placed is None else None,
        approved_at=order.approved_at if internal else None,
        approved_by=order.approved_by if internal else None,
        flags=order.flags if internal else None,
        messages=None
        if messages is None
        else tuple(message_document(m, (attempts or {}).get(m.id, ())) for m in messages),
    )  # fmt: skip
    return document.to_dict(encode_json=True)


def message_document(message: Message, attempts: Iterable[Attempt] = ()) -> MessageDocument:
    """Return a message as a document, with the attempts to deliver it."""
    rendered = message.rendered or _UNMADE
    return MessageDocument(
        id=message.id,
        channel=message.channel,
        recipient=message.recipient,
        template=message.template,
        delivery=message.delivery.value,
        attempts=message.attempts,
        created_at=message.created_at,
        planned_at=message.planned_at,
        sent_at=message.sent_at,
        subject=message.rendered.subject if message.rendered else None,
        body=message.rendered.body if message.rendered else None,
        html=rendered.html,
        sender=rendered.sender,
        reply_to=rendered.reply_to,
        audience=message.audience.value,
        language=message.language,
        seq=message.seq,
        message_id=message.message_id,
        receipt=message.receipt,
        error=message.error,
        why=message.why if message.error else None,
        arrival=message.arrival.value,
        arrival_at=message.arrival_at,
        arrival_words=message.arrival_words,
        resends=message.resends,
        actor=message.actor,
        tried=tuple(
            AttemptDocument(
                number=a.number,
                outcome=a.outcome.value,
                started_at=a.started_at,
                ended_at=a.ended_at,
                words=a.words,
            )
            for a in attempts
        ),
    )


_UNMADE = Rendered(subject="", body="")


def _parcel(order: Order, parcel: Parcel) -> ParcelDocument:
    # A line that was taken away leaves a gap in the positions, and a document has none.
    numbers = {line.position: str(n) for n, line in enumerate(order.lines, 1)}
    contents = {numbers[p]: quantity for p, quantity in parcel.contents.items() if p in numbers}
    return ParcelDocument(
        number=parcel.number, carrier=parcel.carrier, sent_at=parcel.sent_at, contents=contents
    )


def _entry(entry: Entry) -> HistoryDocument:
    return HistoryDocument(
        kind=entry.kind.value,
        from_=entry.from_status,
        to=entry.to_status,
        at=entry.at,
        actor=entry.actor,
        note=entry.note,
        reason=entry.reason,
        notify=entry.notify,
        effects=tuple(f"{plugin}: {e.text.en}" for plugin, e in entry.effects),
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
    goods = sum(line.quantity * line.unit_price - line.discount for line in document.lines)
    total = goods + document.shipping_price + document.payment_fee - document.discount
    if document.total is not None and document.total != total:
        words = Text(
            "är {a}, men rader, frakt och avgift minus rabatt ger {b}",
            "is {a}, but lines, shipping and fee less the discount make {b}",
        ).fill(a=document.total, b=total)
        problems.append(_problem(f"{where}: total", words.sv, words.en))
    problems += _payment_inconsistencies(document, where)
    for n, parcel in enumerate(document.parcels):
        if not all(key.isascii() and key.isdigit() and len(key) < 10 for key in parcel.contents):
            problems.append(
                _problem(
                    f"{where}: parcels[{n}].contents", "nycklarna är radernas nummer, från 1",
                    "the keys are the numbers of the lines, from 1",
                )
            )  # fmt: skip
    return problems


def _payment_inconsistencies(document: OrderDocument, where: str) -> list[Problem]:
    """Return where the sums tell otherwise than the entries, if there are any entries."""
    if not document.payments:
        return []
    problems = []
    for name, kind in (("paid", PaymentKind.PAID), ("refunded", PaymentKind.REFUNDED)):
        told, made = getattr(document, name), sum(p.amount for p in document.payments if p.kind is kind)
        if told != made:
            words = Text("är {a}, men posterna ger {b}", "is {a}, but the entries make {b}").fill(
                a=told, b=made
            )
            problems.append(_problem(f"{where}: {name}", words.sv, words.en))
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
            NewLine(
                sku=x.sku, name=x.name, quantity=x.quantity, unit_price=x.unit_price, vat_rate=x.vat_rate,
                discount=x.discount,
            )
            for x in document.lines
        ),
        customer=Customer(**asdict(document.customer)),
        delivery=document.delivery,
        payment_method=document.payment_method,
        currency=document.currency,
        language=document.language,
        shipping_price=document.shipping_price,
        payment_fee=document.payment_fee,
        discount=document.discount,
        payments=_payments(document, at),
        payment_due=document.payment_due,
        parcels=tuple(
            Parcel(
                position=n, seq=1, number=p.number, carrier=p.carrier, sent_at=p.sent_at or at,
                contents={int(position): quantity for position, quantity in p.contents.items()},
            )
            for n, p in enumerate(document.parcels, 1)
        ),
        fields=document.fields,
        note=next((e.note for e in document.history or () if e.note), ""),
    )  # fmt: skip


def _payments(document: OrderDocument, at: datetime) -> tuple[Payment, ...]:
    """Return the payment entries; of a document that only tells the sums, one entry for each sum."""
    entries = [(p.kind, p.amount, p.reference, p.at) for p in document.payments] or [
        (kind, amount, "", None)
        for kind, amount in (
            (PaymentKind.AUTHORISED, document.authorised),
            (PaymentKind.PAID, document.paid),
            (PaymentKind.REFUNDED, document.refunded),
        )
        if amount
    ]
    return tuple(
        Payment(seq=n, kind=kind, amount=amount, reference=reference, at=moment or at)
        for n, (kind, amount, reference, moment) in enumerate(entries, 1)
    )


def _problem(where: str, sv: str, en: str) -> Problem:
    return Problem("invalid", Text(f"{where}: {sv}", f"{where}: {en}"))
