"""The messages that the pictures show: what a customer is sent in the life of some orders, and what tries a layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from ashop_core.customer import (
    CustomerGoods,
    CustomerLine,
    CustomerOrder,
    CustomerParcel,
    MessageContext,
    StaffView,
)
from ashop_core.models import Customer
from ashop_core.texts import Text, same
from ashop_core.vat import VatRow

_PLACED = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
_PLACE = Text(
    "Villa & Värme, Storgatan 12, Falun\nMåndag–fredag 10–18, lördag 10–15",
    "Villa & Värme, Storgatan 12, Falun\nMonday–Friday 10–18, Saturday 10–15",
)


_WORDS = Text(
    "Hej Åsa! Filtren kom i dag och går på torsdag.\nHälsningar, Maria",
    "Hello Åsa! The filters came in today and leave on Thursday.\nBest wishes, Maria",
)


def _line(name: str, quantity: int, price: int, discount: int = 0) -> CustomerLine:
    return CustomerLine(
        name=name, sku=name[:4].upper(), quantity=quantity, unit_price=price, discount=discount,
        total=quantity * price - discount, vat_rate=Decimal(25),
    )  # fmt: skip


def _order(lines: tuple[CustomerLine, ...], status: Text, delivery: Text, **more: object) -> CustomerOrder:
    shipping = 4900
    total = sum(line.total for line in lines) + shipping
    order = CustomerOrder(
        number=100234, placed_at=_PLACED, status=status, delivery=delivery, currency="SEK", name="Åsa Öberg",
        street="Storgatan 1", postal_code="791 71", city="Falun", lines=lines, shipping_price=shipping, total=total,
        vat=_vat(total), paid=total,
        payment_method=Text("Kort", "Card"),
    )  # fmt: skip
    return replace(order, **more)  # type: ignore[arg-type]


def _vat(gross: int) -> tuple[VatRow, ...]:
    return (VatRow(rate=Decimal(25), gross=gross, net=gross - gross // 5, vat=gross // 5),)


_LINES = (
    _line("Luftvärmepump Fjäll 35", 1, 1249500, 50000),
    _line("Väggfäste med vibrationsdämpning", 1, 89900),
    _line("Filter, tvåpack", 3, 19900),
)
_POST, _PICKUP = Text("Posten", "Post"), Text("Hämtas i butik", "Pick up in store")
_INSTALLATION = Text("Leverans med installation", "Delivery with installation")
_SHIPPED, _READY = Text("Skickad", "Shipped"), Text("Klar att hämta i butik", "Ready for pick-up in store")


def _parcel(number: str, *contents: CustomerGoods) -> CustomerParcel:
    url = f"https://tracking.postnord.com/se/?id={number}"
    return CustomerParcel(
        number=number, carrier=same("PostNord"), sent_at=_PLACED, contents=contents, url=url
    )


def _message(template: str, order: CustomerOrder, **more: object) -> MessageContext:
    context = MessageContext(
        shop_name="Villa & Värme", language="sv", timezone="Europe/Stockholm", template=template, status=order.status,
        order=order, recipient="asa@example.se", customer_url="https://villavarme.example",
    )  # fmt: skip
    return replace(context, **more)  # type: ignore[arg-type]


def _staff(order: CustomerOrder) -> StaffView:
    customer = Customer(
        name=order.name, email="asa@example.se", phone="070-174 06 05", street=order.street,
        postal_code=order.postal_code, city=order.city,
    )  # fmt: skip
    return StaffView(
        name="100234", reference="K-7F3QX2", status=Text("Mottagen", "Received"), customer=customer, actor="customer",
        note="", flags=(Text("kunden vill bli uppringd före leverans", "the customer wants a call first"),), is_new=True,
    )  # fmt: skip


def messages(language: str) -> Iterator[tuple[str, MessageContext]]:
    """Yield each picture's name, and the message that it shows."""
    for name, context in _messages(language):
        yield name, replace(context, language=language)


def _messages(language: str) -> Iterator[tuple[str, MessageContext]]:
    goods = [CustomerGoods(name=line.name, sku=line.sku, quantity=line.quantity) for line in _LINES]
    received = _order(_LINES, Text("Mottagen", "Received"), _POST)
    yield "received", _message("received", received)
    first, rest = _parcel("UA123456785SE", goods[0]), _parcel("00373500489530471234", *goods[1:])
    partly = _order(
        _LINES, Text("Delvis skickad", "Partly shipped"), _POST, parcels=(first,), to_come=tuple(goods[1:])
    )
    words = _WORDS.to(language)
    yield "partly_shipped", _message("partly_shipped", partly, parcel=first, words=words)
    yield "shipped", _message("shipped", _order(_LINES, _SHIPPED, _POST, parcels=(first, rest)), parcel=rest)
    ready = _order(_LINES[1:], _READY, _PICKUP, place=_PLACE, deadline=date(2026, 12, 7), street="", postal_code="",
                   city="", shipping_price=0, total=149600, paid=0, left_to_pay=149600, vat=_vat(149600),
                   payment_method=Text("Betala i butik", "Pay in store"))  # fmt: skip
    yield "ready_for_pickup", _message("ready_for_pickup", ready)
    booked = _order(_LINES, Text("Leverans bokad", "Delivery booked"), _INSTALLATION, paid=0, left_to_pay=1354000,
                    payment_method=Text("Faktura", "Invoice"), payment_due=date(2026, 12, 23))  # fmt: skip
    yield (
        "delivery_booked",
        _message("delivery_booked", booked, fields={"booked_time": "2026-11-26T12:00:00Z"}),
    )
    yield "staff", _message("staff", received, staff=_staff(received))


def hard() -> Iterator[tuple[str, MessageContext]]:
    """Yield messages that try the layout: long names, many lines, large amounts, long parcel numbers."""
    long = "Rörkopplingsförskruvningsadaptermellanstycke" * 2
    lines = (
        _line(long, 1, 99_999_999_900),
        *(
            _line(f"Kulventil DN{n} med förlängt vred, förnicklad mässing", n, 12345 * n)
            for n in range(1, 40)
        ),
    )
    parcel = _parcel("JJD" + "0123456789" * 6, CustomerGoods(name=long, sku="X", quantity=1_000_000))
    order = _order(
        lines, _SHIPPED, Text(long, long), parcels=(parcel, _parcel("9" * 60)), name=long, place=Text(long, long),
        left_to_pay=99_999_999_900, payment_due=date(2026, 12, 31), payment_method=Text(long, long), refunded=100,
        discount=123_456_700, payment_fee=2900, to_come=tuple(CustomerGoods(name=long, sku="Y", quantity=n) for n in (1, 2)),
    )  # fmt: skip
    for template in ("partly_shipped", "ready_for_pickup"):
        yield (
            template,
            _message(template, order, parcel=parcel, shop_name=long, words=f"https://example.se/{'a' * 90}"),
        )
    yield "staff", _message("staff", order, staff=replace(_staff(order), note=long))
