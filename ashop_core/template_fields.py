"""The values that every template may use, whatever the channel: what they are called, and what they mean.

All are plain words, counts, lists and tables of those, in the recipient's language; what is not there is empty, so that
a template can ask with ``{% if %}``. What stands here is all there is: `ashop_core.wording` makes the values, and the
documentation's table is made from the sentences below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from ashop_core.texts import Text


def _told(sv: str, en: str, of: type | None = None) -> Any:
    """Return a field with the sentence that documents it, and what its value or the items of its list are made of."""
    return field(metadata={"help": Text(sv, en), "of": of})


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodsValues:
    """So many pieces of one article."""

    name: str = _told("varans namn", "the item's name")
    sku: str = _told("varans artikelnummer", "the item's SKU")
    quantity: int = _told("antalet, ett heltal", "how many, a whole number")


@dataclass(frozen=True, kw_only=True, slots=True)
class LineValues:
    """A line of the order."""

    name: str = _told("varans namn", "the item's name")
    sku: str = _told("varans artikelnummer", "the item's SKU")
    quantity: int = _told("antalet, ett heltal", "how many, a whole number")
    unit_price: str = _told("priset för en", "the price of one")
    discount: str = _told("rabatten på raden", "the discount on the line")
    amount: str = _told("radens belopp, när rabatten är dragen", "the line's amount, the discount taken off")
    sent: int = _told("hur många som har lämnat butiken", "how many have left the shop")
    returned: int = _told("hur många av dem som har kommit tillbaka", "how many of those have come back")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParcelValues:
    """A parcel."""

    number: str = _told("kollinumret", "the parcel number")
    carrier: str = _told("transportören", "the carrier")
    url: str = _told("där paketet kan följas", "where the parcel can be followed")


@dataclass(frozen=True, kw_only=True, slots=True)
class VatValues:
    """The VAT of one rate."""

    rate: str = _told("skattesatsen, till exempel 25 %", "the rate, such as 25%")
    amount: str = _told("momsen", "the VAT")


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffValues:
    """What only staff may read."""

    name: str = _told("ordern som personalen kallar den", "the order as staff call it")
    reference: str = _told("orderns referens", "the order's reference")
    status: str = _told("statusens namn i butiken", "the shop's own label of the status")
    is_new: bool = _told("sant om ordern just har lagts", "true if the order has just been placed")
    customer_name: str = _told("kundens namn", "the customer's name")
    email: str = _told("kundens e-postadress", "the customer's e-mail address")
    phone: str = _told("kundens telefonnummer", "the customer's phone number")
    actor: str = _told("vem som gjorde ändringen", "who made the change")
    note: tuple[str, ...] = _told("ändringens notering, rad för rad", "the note of the change, line by line")
    flags: tuple[str, ...] = _told("orderns flaggor, i ord", "the marks on the order, in words")


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateValues:
    """Every value that a template may use."""

    language: str = _told("mottagarens språk, sv eller en", "the recipient's language, sv or en")
    shop_name: str = _told("butikens namn", "the shop's name")
    customer_url: str = _told(
        "butikens egen webbadress, om `[shop] customer_url` är satt",
        "the shop's own web address, where `[shop] customer_url` is set",
    )
    number: str = _told("ordernumret", "the order number")
    name: str = _told("kundens namn", "the customer's name")
    status: str = _told("statusen som kunden ser den", "the status as the customer sees it")
    placed: str = _told("dagen då ordern lades", "the day when the order was placed")
    delivery: str = _told("leveranssättet", "the delivery method")
    payment: str = _told("betalsättet", "the payment method")
    place: tuple[str, ...] = _told(
        "där varorna hämtas, rad för rad; tom om de inte hämtas",
        "where the goods are collected, line by line; empty where they are not",
    )
    booked: str = _told("bokad tid, med dag och klockslag", "the booked day and time")
    booked_short: str = _told("bokad tid i kort form", "the booked day and time in short")
    deadline: str = _told(
        "sista dagen som statusen ger kunden, till exempel att hämta ut",
        "the last day that the status gives the customer, such as to collect",
    )
    deadline_short: str = _told("den dagen i kort form", "that day in short")
    address: tuple[str, ...] = _told("namn och adress, rad för rad", "name and address, line by line")
    parcels: tuple[ParcelValues, ...] = _told(
        "de paket som har kollinummer", "the parcels that have a number", ParcelValues
    )
    parcel: ParcelValues = _told(  # noqa: RUF009 - it is a field
        "paketet som meddelandet handlar om, tomt om det inte gäller något",
        "the parcel that the message is about, empty where it is about none",
        ParcelValues,
    )
    in_parcel: tuple[GoodsValues, ...] = _told(
        "vad som ligger i det paketet; tom om det är hela ordern",
        "what is in that parcel; empty where it is the whole order",
        GoodsValues,
    )
    earlier: int = _told("hur många paket som gick före det", "how many parcels went before it")
    is_rest: bool = _told(
        "sant om allt nu är skickat och detta paket var det sista",
        "true if everything is sent now and this parcel was the last",
    )
    to_come: tuple[GoodsValues, ...] = _told(
        "vad som återstår att skicka eller hämta", "what is still to be sent or collected", GoodsValues
    )
    words: tuple[str, ...] = _told(
        "vad personalen skrev till kunden, rad för rad", "what staff wrote to the customer, line by line"
    )
    words_short: str = _told("detsamma på en rad", "the same on one line")
    lines: tuple[LineValues, ...] = _told("orderns rader", "the order's lines", LineValues)
    shipping: str = _told("frakten", "the shipping")
    fee: str = _told("avgiften för betalsättet", "the fee of the payment method")
    discount: str = _told(
        "rabatten på ordern, med minustecken", "the discount on the order, with a minus sign"
    )
    total: str = _told("orderns summa inkl. moms", "the order's total incl. VAT")
    vat: tuple[VatValues, ...] = _told(
        "momsen som ingår, för varje skattesats", "the VAT included, for each rate", VatValues
    )
    paid: str = _told("vad som är betalt", "what is paid")
    refunded: str = _told("vad som är återbetalt", "what is refunded")
    left_to_pay: str = _told("vad som är kvar att betala", "what is left to pay")
    payment_due: str = _told("sista dagen att betala det", "the last day to pay that")
    payment_due_short: str = _told("den dagen i kort form", "that day in short")
    fields: Mapping[str, str] = _told(
        "vad statusens fält fick för värden, efter fältets kod: `fields.booked_time`",
        "what the fields of the status were given, by the field's code: `fields.booked_time`",
    )
    label: Mapping[str, str] = _told(
        "de fasta orden: `label.total` är “Summa inkl. moms”",
        "the fixed words: `label.total` is “Total incl. VAT”",
    )
    staff: StaffValues | None = _told(  # noqa: RUF009 - it is a field
        "finns bara i meddelanden till personalen: i ett till kunden är det ett fel att nämna den",
        "is there in messages to staff only: to name it in one to a customer is an error",
        StaffValues,
    )

    def plain(self) -> dict[str, Any]:
        """Return them as the dictionaries, lists, words and counts that a template gets; what is None is left out."""
        return _plain(self)  # type: ignore[no-any-return]


def documented(cls: type = TemplateValues, prefix: str = "") -> Iterator[tuple[str, Text]]:
    """Yield the name of each value, as a template writes it, and what it means.

    Those of a list's items follow the list: ``lines[].name``.
    """
    for one in fields(cls):
        name = f"{prefix}{one.name}"
        yield name, one.metadata["help"]
        if one.metadata["of"] is not None:
            items = "[]" if str(one.type).startswith("tuple") else ""
            yield from documented(one.metadata["of"], f"{name}{items}.")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: _plain(inner) for name, inner in pairs if inner is not None}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return dict(value) if isinstance(value, Mapping) else value
