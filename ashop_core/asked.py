"""What a status asks for: the given values read and checked, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from ashop_core.clock import local, parse_date, parse_local, to_iso
from ashop_core.errors import InvalidInput, Problem, problem
from ashop_core.flows import Flows
from ashop_core.models import Field, FieldType, NewParcel, Order, ParcelNumber, Status
from ashop_core.texts import Text

LONGEST_VALUE = 2000
_PARCEL = Text("kollit", "the parcel")
_MISFIT = Text("för lång eller med styrtecken", "too long, or with control characters")


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


def default_fields(status: Status, given: Mapping[str, str], at: datetime, timezone: str) -> dict[str, str]:
    """Return the dates that nobody gave and that the status sets itself: so many days after `at`."""
    today = local(at, timezone).date()
    return {
        f.code: (today + timedelta(days=f.default_days)).isoformat()
        for f in status.fields
        if f.default_days is not None and f.code not in given
    }


def has_deadline(status: Status) -> bool:
    """Tell whether the status gives the customer a last day to act."""
    return any(field.type is FieldType.DEADLINE for field in status.fields)


def deadline_of(status: Status, fields: Mapping[str, str]) -> date | None:
    """Return the day by which the customer has to act on this status, if it has one."""
    days = [fields[f.code] for f in status.fields if f.type is FieldType.DEADLINE and fields.get(f.code)]
    return min(map(date.fromisoformat, days), default=None)


def _read_field(asked: Field, value: str, timezone: str) -> str:
    value = value.strip()
    if asked.type is FieldType.DATE_TIME:
        return to_iso(parse_local(value, timezone))
    if asked.type in (FieldType.DATE, FieldType.DEADLINE):
        return parse_date(value).isoformat()  # not an instant: its midnight may be one that the clocks skip
    if not _fits(value):
        raise InvalidInput(_MISFIT)
    return value


def _fits(value: str) -> bool:
    return len(value) <= LONGEST_VALUE and value.isprintable()


def required_fields(
    order: Order, status: Status, fields: Mapping[str, str], parcel: NewParcel | None, flows: Flows
) -> list[Problem]:
    problems = []
    for asked in status.fields:
        if asked.type is FieldType.PARCEL_NUMBER:
            problems += _missing_number(order, asked, parcel, flows)
        elif asked.required and not fields.get(asked.code):
            problems.append(_missing(asked))
    return problems


def _missing_number(order: Order, asked: Field, parcel: NewParcel | None, flows: Flows) -> list[Problem]:
    method = flows.delivery_methods.get(order.delivery)
    required = asked.required or (method is not None and method.parcel_number is ParcelNumber.REQUIRED)
    return [_missing(asked)] if required and not (parcel and parcel.number) else []


def parcel_problems(order: Order, parcel: NewParcel | None, flows: Flows) -> list[Problem]:
    """Return what stands against what is written on a parcel."""
    if parcel is None:
        return []
    method = flows.delivery_methods.get(order.delivery)
    problems = []
    if parcel.number and method is not None and method.parcel_number is ParcelNumber.NONE:
        problems.append(
            problem(
                "no_parcel_numbers", "{method} har inga kollinummer", "{method} has no parcel numbers",
                method=method.label,
            )
        )  # fmt: skip
    if not _fits(parcel.number or "") or not _fits(parcel.carrier or ""):
        problems.append(
            Problem("parcel_words", Text("{p}: {why}", "{p}: {why}").fill(p=_PARCEL, why=_MISFIT))
        )
    return problems


def parcel_of(status: Status, parcel: NewParcel | None, fields: dict[str, str]) -> NewParcel | None:
    """Return the parcel of a change: given as such, or by its number among the fields.

    Its number is in `fields` afterwards, whichever way it came.
    """
    code = next((f.code for f in status.fields if f.type is FieldType.PARCEL_NUMBER), None)
    if code is None:
        return parcel
    if parcel is not None and parcel.number:
        fields[code] = parcel.number
        return parcel
    if not fields.get(code):
        return parcel
    return replace(parcel or NewParcel(), number=fields[code])


def _missing(asked: Field) -> Problem:
    return problem("missing_field", "{label} saknas", "{label} is missing", label=asked.label)
