"""What `[[statuses.<code>.messages]]` says, made into a status's rules and checked against channels and methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ashop_core.durations import written_duration
from ashop_core.errors import Problem
from ashop_core.models import Audience, MessageRule, Status
from ashop_core.settings import MessageTable, StatusTable, settings_problem
from ashop_core.texts import Text

LONGEST_DELAY: Final = timedelta(days=366)
_TEMPLATE: Final = re.compile("[a-z][a-z0-9_]*")

Addresses = Mapping[str, Callable[[str], str | None]]
"""For each channel what makes an address that somebody typed into one that it can send to, None where it cannot."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the tables may name: channels, and the codes of delivery and payment methods."""

    addresses: Addresses
    delivery: Iterable[str]
    payment: Iterable[str]


def with_rules(status: Status, table: StatusTable, known: Known, problems: list[Problem]) -> Status:
    """Return a status with the rules that its table gives it, in place of what it had for the same channels."""
    rules: list[MessageRule] = []
    for n, given in enumerate(table.messages):
        path = f"statuses.{status.code}.messages[{n}]"
        faults = list(_problems(path, given, table, known))
        problems += faults
        if not faults:
            rules += _rules(given, known)
    spelt = {rule.channel for rule in rules if rule.audience is Audience.CUSTOMER}
    kept = [
        rule
        for rule in status.messages
        if rule.audience is Audience.STAFF or (table.notify is None and rule.channel not in spelt)
    ]
    return replace(
        status,
        notify=tuple(code for code in status.notify if code not in spelt),
        messages=(*kept, *rules),
    )


def channel_problems(key: str, channels: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    """Yield what is wrong with the channels that a setting names."""
    there = tuple(known)
    for channel in channels:
        if channel not in there:
            yield settings_problem(
                key,
                "kanalen {channel} finns inte: slå på insticksmodulen {channel} eller ta bort den (det finns: {known})",
                "there is no channel {channel}: enable the plugin {channel} or remove it (there are: {known})",
                channel=channel, known=", ".join(there) or "–",
            )  # fmt: skip


def _rules(given: MessageTable, known: Known) -> Iterator[MessageRule]:
    """Yield a rule for each channel of a table that is sound, staff's addresses as the channel writes them."""
    for channel in dict.fromkeys(given.channels):
        found = (known.addresses[channel](text) for text in given.to)
        yield MessageRule(
            channel=channel,
            audience=given.audience,
            template=given.template,
            to=tuple(dict.fromkeys(address for address in found if address is not None)),
            delay=given.delay or timedelta(),
            even_later=given.even_later,
            delivery=frozenset(given.delivery),
            payment=frozenset(given.payment),
        )


def _problems(path: str, given: MessageTable, table: StatusTable, known: Known) -> Iterator[Problem]:
    yield from channel_problems(f"{path}.channels", given.channels, known.addresses)
    if not given.channels:
        yield settings_problem(
            f"{path}.channels", "är tom: skriv minst en kanal, eller ta bort tabellen",
            "is empty: write at least one channel, or remove the table",
        )  # fmt: skip
    if given.audience is Audience.CUSTOMER:
        yield from _said_twice(path, given, table)
    yield from _recipient_problems(f"{path}.to", given, known.addresses)
    for name, codes, there in (
        ("delivery", given.delivery, known.delivery),
        ("payment", given.payment, known.payment),
    ):
        yield from _method_problems(f"{path}.{name}", name, codes, tuple(there))
    if given.template is not None and not _TEMPLATE.fullmatch(given.template):
        yield settings_problem(
            f"{path}.template", "”{name}” är inget mallnamn: skriv det med a–z, 0–9 och _, och börja med en bokstav",
            "“{name}” is not the name of a template: write it with a–z, 0–9 and _, and begin with a letter",
            name=given.template,
        )  # fmt: skip
    yield from _delay_problems(path, given)


def _said_twice(path: str, given: MessageTable, table: StatusTable) -> Iterator[Problem]:
    for channel in dict.fromkeys(given.channels):
        if channel in (table.notify or ()):
            yield settings_problem(
                f"{path.rpartition('.')[0]}.notify", "{channel} står också i {path}, som säger mer: ta bort {channel} här",
                "{channel} also stands in {path}, which says more: remove {channel} here", channel=channel, path=path,
            )  # fmt: skip


def _recipient_problems(key: str, given: MessageTable, addresses: Addresses) -> Iterator[Problem]:
    if given.audience is Audience.CUSTOMER:
        if given.to:
            yield settings_problem(
                key, "kunden nås på orderns egna uppgifter: ta bort raden, eller sätt audience = \"staff\"",
                "the customer is reached as the order says: remove the line, or set audience = \"staff\"",
            )  # fmt: skip
        return
    if not given.to:
        yield settings_problem(
            key, "saknas: skriv adresserna till dem i personalen som ska ha meddelandet",
            "is missing: write the addresses of those of the staff who are to have the message",
        )  # fmt: skip
    channels = [channel for channel in dict.fromkeys(given.channels) if channel in addresses]
    remedy = Text("rätta eller ta bort den", "correct or remove it")
    if len(channels) > 1:
        remedy = Text(
            "rätta den, eller ge varje kanal sin egen tabell",
            "correct it, or give each channel its own table",
        )
    for channel in channels:
        for text in given.to:
            if addresses[channel](text) is None:
                yield settings_problem(
                    key, "”{text}” är ingen adress som {channel} kan skicka till: {remedy}",
                    "“{text}” is no address that {channel} can send to: {remedy}",
                    text=text, channel=channel, remedy=remedy,
                )  # fmt: skip


_NO_METHOD: Final[Mapping[str, Text]] = {
    "delivery": Text(
        "leveranssättet {code} finns inte: rätta namnet (det finns: {known})",
        "there is no delivery method {code}: correct the name (there are: {known})",
    ),
    "payment": Text(
        "betalsättet {code} finns inte: rätta namnet (det finns: {known})",
        "there is no payment method {code}: correct the name (there are: {known})",
    ),
}


def _method_problems(key: str, name: str, codes: Iterable[str], known: tuple[str, ...]) -> Iterator[Problem]:
    words = _NO_METHOD[name]
    for code in codes:
        if code not in known:
            yield settings_problem(key, words.sv, words.en, code=code, known=", ".join(known))


def _delay_problems(path: str, given: MessageTable) -> Iterator[Problem]:
    if given.delay is not None and given.delay > LONGEST_DELAY:
        yield settings_problem(
            f"{path}.delay", "{delay} är för länge: skriv högst {most}", "{delay} is too long: write {most} at most",
            delay=written_duration(given.delay), most=written_duration(LONGEST_DELAY),
        )  # fmt: skip
    if given.even_later and not given.delay:
        yield settings_problem(
            f"{path}.even_later", "gäller bara meddelanden som dröjer: ange delay, eller ta bort raden",
            "is only for messages with a delay: give a delay, or remove the line",
        )  # fmt: skip
