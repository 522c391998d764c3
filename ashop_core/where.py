"""Filters as people write them, ``status=received, delivery=post, older=3d``: read in this one place.

The command line's options are the same keys, and so are the saved filters of the settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ashop_core.clock import local, parse_local
from ashop_core.durations import parse_duration
from ashop_core.errors import InvalidInput, NotFound
from ashop_core.flows import Flows
from ashop_core.models import PaymentStatus, Place, Role, Stage
from ashop_core.naming import find_status
from ashop_core.order_filter import Approval, OrderFilter
from ashop_core.texts import Text, fold, joined

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a filter is read against: the shop's flows and time zone, and the time it is."""

    flows: Flows
    timezone: str
    now: datetime


def parse_where(text: str, desk: Desk) -> OrderFilter:
    """Return the filter that a text means. Raises InvalidInput with all its faults, each naming its key."""
    return filter_of(pairs_of(text), desk)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Return a text's keys and values. Raises InvalidInput for a part that is not ``key=value``."""
    pairs = []
    for part in text.split(","):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if part.strip() and not (key and equals and value):
            raise InvalidInput(
                Text(
                    "”{part}” är inget villkor. Skriv nyckel=värde, med komma emellan, till exempel {example}.",
                    "“{part}” is not a condition. Write key=value, with commas between, such as {example}.",
                ).fill(part=part.strip(), example="status=received, older=3d")
            )
        if part.strip():
            pairs.append((key.lower(), value))
    return pairs


def filter_of(pairs: Pairs, desk: Desk) -> OrderFilter:
    """Return the filter of keys and values; ``status`` may come several times. Raises InvalidInput with all faults."""
    values: dict[str, Any] = {}
    faults: list[Text] = []
    for key, text in pairs:
        try:
            _take(values, key, text, desk)
        except (InvalidInput, NotFound) as error:
            faults.append(Text("{key}: {why}", "{key}: {why}").fill(key=key, why=error.text))
    if faults:
        raise InvalidInput(joined(faults, "\n"))
    return OrderFilter(**values)


def _take(values: dict[str, Any], key: str, text: str, desk: Desk) -> None:
    known = KEYS.get(key)
    if known is None:
        raise InvalidInput(_UNKNOWN.fill(keys=", ".join(KEYS)))
    value = known.read(text, desk)
    if known.name == "statuses":
        values["statuses"] = (*values.get("statuses", ()), value)
    elif values.setdefault(known.name, value) != value:
        raise InvalidInput(_TWICE)


_UNKNOWN = Text(
    "går inte att filtrera på. Välj bland: {keys}.", "is nothing to filter by. Choose from: {keys}."
)
_TWICE = Text("står två gånger, med olika värden", "stands there twice, with different values")


@dataclass(frozen=True)
class Key:
    """A key: the field of the filter that it sets, how its value is read, and what it means."""

    name: str
    read: Callable[[str, Desk], Any]
    help: Text


def _one_of(choices: type[StrEnum]) -> Callable[[str, Desk], StrEnum]:
    def read(text: str, _: Desk) -> StrEnum:
        try:
            return choices(text.casefold())
        except ValueError:
            raise InvalidInput(
                Text(
                    "”{text}” finns inte. Välj bland: {choices}.",
                    "There is no “{text}”. Choose from: {choices}.",
                ).fill(text=text, choices=", ".join(choices))
            ) from None

    return read


def _flag(text: str, _: Desk) -> bool:
    if fold(text) in ("yes", "ja", "true", "1"):
        return True
    raise InvalidInput(Text("kan bara vara ja", "can only be yes"))


def _words(text: str, _: Desk) -> str:
    return text


def _since(text: str, desk: Desk) -> datetime:
    age = parse_duration(text)
    return parse_local(text, desk.timezone) if age is None else _ago(desk.now, age)


def _until(text: str, desk: Desk) -> datetime:
    """A day means all of it, an instant means before it."""
    moment = _since(text, desk)
    if not re.fullmatch(r"\d{4}-?\d\d-?\d\d", text.strip()):
        return moment
    try:
        return parse_local(
            (local(moment, desk.timezone) + timedelta(days=1)).date().isoformat(), desk.timezone
        )
    except OverflowError:
        raise InvalidInput(
            Text("”{t}” ligger för långt fram", "“{t}” is too far ahead").fill(t=text)
        ) from None


def _age(text: str, desk: Desk) -> timedelta:
    age = parse_duration(text)
    if age is None:
        raise InvalidInput(
            Text(
                "”{text}” är ingen tidslängd. Skriv till exempel 45m, 12h, 3d eller 2w.",
                "“{text}” is not a length of time. Write for example 45m, 12h, 3d or 2w.",
            ).fill(text=text)
        )
    _ago(desk.now, age)
    return age


def _ago(now: datetime, age: timedelta) -> datetime:
    try:
        return now - age
    except OverflowError:
        raise InvalidInput(Text("det är för länge sedan", "that is too long ago")) from None


KEYS: Mapping[str, Key] = {
    "status": Key(
        "statuses",
        lambda text, desk: find_status(desk.flows, text).code,
        Text("Status, som kod eller text. Kan upprepas.", "Status, as code or label. May be repeated."),
    ),
    "stage": Key("stage", _one_of(Stage), Text("Hur långt ordern är kommen.", "How far the order has come.")),
    "role": Key("role", _one_of(Role), Text("Statusens roll i flödet.", "The status's role in the flow.")),
    "next": Key(
        "next_stock",
        _one_of(Place),
        Text(
            "Var varorna är i en status som kan bli nästa: gone är skickat eller utlämnat.",
            "Where the goods are in a status that may come next: gone is sent or handed over.",
        ),
    ),
    "approval": Key(
        "approval",
        _one_of(Approval),
        Text(
            "Godkännandet: missing är det som väntar på ett.", "The approval: missing is what waits for one."
        ),
    ),
    "payment": Key("payment", _one_of(PaymentStatus), Text("Betalningens läge.", "How the payment stands.")),
    "method": Key(
        "payment_method",
        lambda text, desk: desk.flows.find_payment(text).code,
        Text("Betalsättets kod.", "The payment method's code."),
    ),
    "delivery": Key(
        "delivery",
        lambda text, desk: desk.flows.find_delivery(text).code,
        Text("Leveranssättets kod.", "The delivery method's code."),
    ),
    "flag": Key("flag", _words, Text("Bara ordrar med den här flaggan.", "Only orders with this flag.")),
    "flagged": Key("flagged", _flag, Text("Bara ordrar med någon flagga.", "Only orders with some flag.")),
    "text": Key(
        "text",
        _words,
        Text(
            "Sök i nummer, namn, e-post, telefon, ort, kollinummer och artikelnummer; början av orden räcker.",
            "Search number, name, e-mail, phone, city, parcel number and SKU; how the words begin is enough.",
        ),
    ),
    "customer": Key(
        "customer", _words, Text("Kundens e-post eller telefon.", "The customer's e-mail address or phone.")
    ),
    "since": Key(
        "since",
        _since,
        Text(
            "Lagda från och med: 2026-11-23, ”2026-11-23 13:00” eller 7d för de senaste sju dagarna.",
            "Placed from: 2026-11-23, “2026-11-23 13:00”, or 7d for the last seven days.",
        ),
    ),
    "until": Key(
        "until",
        _until,
        Text(
            "Lagda till och med den dagen, eller före den tiden.",
            "Placed up to and including that day, or before that time.",
        ),
    ),
    "older": Key(
        "older",
        _age,
        Text(
            "Minst så länge i sin status: 45m, 12h, 3d, 2w.",
            "At least so long in its status: 45m, 12h, 3d, 2w.",
        ),
    ),
    "idle": Key(
        "idle",
        _age,
        Text("Minst så länge utan någon ändring.", "At least so long without any change."),
    ),
    "overdue": Key(
        "overdue",
        _flag,
        Text("Inte betalda fast sista dagen har gått.", "Not paid although the last day has passed."),
    ),
    "late": Key(
        "late",
        _flag,
        Text(
            "Kundens sista dag har gått, till exempel för att hämta.",
            "The customer's last day has passed, such as to collect.",
        ),
    ),
}
"""What a filter may say, in the order that help shows it."""
