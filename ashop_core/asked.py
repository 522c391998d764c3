"""What a status asks for: the given values read and checked, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ashop_core.clock import parse_local, to_iso
from ashop_core.errors import InvalidInput, Problem, problem
from ashop_core.flows import Flows
from ashop_core.models import Field, FieldType, NewParcel, Order, ParcelNumber, Status
from ashop_core.texts import Text

LONGEST_VALUE = 2000


def read_fields(
    status: Status, given: Mapping[str, str], timezone: str, problems: list[Problem]
) -> dict[str, str]:
    """Return the given values checked and in stored form; times become UTC text."""
    known = {f.code: f for f in status.fields}
    values = {}
    for code, value in given.items():
        asked = known.get(code)
        if asked is None:
            problems.append(
                problem(
                    "unknown_field", "{status} har inget fält {code}; den har: {known}",
                    "{status} has no field {code}; it has: {known}",
                    status=status.label, code=code, known=", ".join(known) or "–",
                )
            )  # fmt: skip
            continue
        try:
            values[code] = _read_field(asked, value, timezone)
        except InvalidInput as error:
            problems.append(
                Problem("bad_field", Text("{f}: {why}", "{f}: {why}").fill(f=asked.label, why=error.text))
            )
    return values


def _read_field(asked: Field, value: str, timezone: str) -> str:
    value = value.strip()
    if asked.type is FieldType.DATE_TIME:
        return to_iso(parse_local(value, timezone))
    if asked.type is FieldType.DATE:
        parse_local(value, timezone)
        return value[:10]
    if len(value) > LONGEST_VALUE or not value.isprintable():
        raise InvalidInput(Text("för lång eller med styrtecken", "too long, or with control characters"))
    return value


def required_fields(
    order: Order, status: Status, fields: Mapping[str, str], parcel: NewParcel | None, flows: Flows
) -> list[Problem]:
    problems = []
    for asked in status.fields:
        if asked.type is FieldType.PARCEL_NUMBER:
            problems += _parcel_problems(order, asked, parcel, flows)
        elif asked.required and not fields.get(asked.code):
            problems.append(_missing(asked))
    return problems


def _parcel_problems(order: Order, asked: Field, parcel: NewParcel | None, flows: Flows) -> list[Problem]:
    method = flows.delivery_methods.get(order.delivery)
    wish = method.parcel_number if method else ParcelNumber.NONE
    number = parcel.number if parcel else None
    if wish is ParcelNumber.NONE and number and method:
        return [
            problem(
                "no_parcel_numbers", "{method} har inga kollinummer", "{method} has no parcel numbers",
                method=method.label,
            )
        ]  # fmt: skip
    if not number and (asked.required or wish is ParcelNumber.REQUIRED):
        return [_missing(asked)]
    return []


def parcel_of(parcel: NewParcel | None, fields: dict[str, str]) -> NewParcel | None:
    """Return the parcel of a change: given as such, or by its number among the fields."""
    number = next((fields[c] for c in ("parcel_number",) if fields.get(c)), None)
    if number is None or (parcel is not None and parcel.number):
        return parcel
    return replace(parcel, number=number) if parcel else NewParcel(number=number)


def _missing(asked: Field) -> Problem:
    return problem("missing_field", "{label} saknas", "{label} is missing", label=asked.label)
