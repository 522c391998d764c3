"""Data from outside (settings, imported files) made into dataclasses, every fault told with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from ashop_core.durations import parse_duration
from ashop_core.errors import InvalidInput, Problem
from ashop_core.texts import LANGUAGES, Text, same

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")

KEYWORDS = {"from_": "from"}
"""Fields whose outside name is a word that Python keeps for itself."""


class Secret:
    """A password or key: shown nowhere, given only by `reveal()`."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"


def structure(data: object, cls: type[T], where: str, path: str = "") -> tuple[T | None, list[Problem]]:
    """Return `data` as an instance of the dataclass `cls`, or None and every problem with its path.

    Nothing is coerced: ``"5"`` is no number and ``1`` no truth. Unknown keys are problems. Each problem
    reads ``<where>: <path>: <reason>``; paths begin at `path`, such as ``plugins.email``.
    """
    from cattrs import BaseValidationError

    try:
        return _converter().structure(data, cls), []
    except BaseValidationError as error:
        return None, [_problem(where, at, reason) for at, reason in _leaves(error, path)]
    except (InvalidInput, TypeError, ValueError, KeyError) as error:
        return None, [_problem(where, path, _reason(error))]


def _problem(where: str, path: str, reason: Text) -> Problem:
    place = ": ".join(part for part in (where, path.lstrip(".")) if part)
    return Problem("invalid", Text("{place}: {reason}", "{place}: {reason}").fill(place=place, reason=reason))


def _leaves(error: BaseException, path: str) -> Iterator[tuple[str, Text]]:
    """Yield every single fault inside cattrs' tree of exceptions, with the path that leads to it."""
    from cattrs import BaseValidationError
    from cattrs.errors import ForbiddenExtraKeysError

    if isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields):
            yield f"{path}.{key}", _unknown_key(key, error.cl)
    elif isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from _leaves(inner, _path(path, inner))
    elif isinstance(error, KeyError):
        yield f"{path}.{error.args[0]}", Text("saknas", "is missing")
    else:
        yield path, _reason(error)


def _path(path: str, error: BaseException) -> str:
    from cattrs.errors import AttributeValidationNote, IterableValidationNote

    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote) and not isinstance(error, KeyError):
            return f"{path}.{KEYWORDS.get(note.name, note.name)}"
        if isinstance(note, IterableValidationNote):
            return f"{path}.{note.index}" if isinstance(note.index, str) else f"{path}[{note.index}]"
    return path


def _unknown_key(key: str, cls: type) -> Text:
    known = [KEYWORDS.get(f.name, f.name) for f in fields(cls)] if is_dataclass(cls) else []
    close = get_close_matches(key, known, 1)
    if close:
        return Text("okänd nyckel; menade du {close}?", "unknown key; did you mean {close}?").fill(
            close=close[0]
        )
    return Text("okänd nyckel; det finns {known}", "unknown key; there are {known}").fill(
        known=", ".join(known)
    )


def _reason(error: BaseException) -> Text:
    if isinstance(error, InvalidInput):
        return error.text
    return same(str(error))


def _expected(value: object, sv: str, en: str) -> InvalidInput:
    return InvalidInput(
        Text("väntade {what}, fick {value}", "expected {what}, got {value}").fill(
            what=Text(sv, en), value=_shown(value)
        )
    )


def _shown(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 40 else words[:37] + "…"


@cache
def _converter() -> Converter:
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, mapping_structure_factory, override

    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook(str, _string)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(bool, _truth)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(date, _day)
    converter.register_structure_hook(datetime, _instant)
    converter.register_structure_hook(timedelta, _length)
    converter.register_structure_hook_factory(
        _is_tuple,
        lambda cls: _list_first(converter.get_structure_hook(list[get_args(cls)[0]])),  # type: ignore[misc]
    )
    converter.register_structure_hook_factory(
        _is_dict, lambda cls: _table_first(mapping_structure_factory(cls, converter))
    )
    converter.register_structure_hook_factory(
        is_dataclass,
        lambda cls: _mapping_first(
            cls,
            make_dict_structure_fn(
                cls,
                converter,
                _cattrs_forbid_extra_keys=True,
                **{name: override(rename=out) for name, out in KEYWORDS.items() if name in _names(cls)},  # type: ignore[arg-type]
            ),
        ),
    )
    converter.register_structure_hook(Text, _text)
    converter.register_structure_hook(Secret, _secret)
    return converter


def _names(cls: Any) -> set[str]:
    return {f.name for f in fields(cls)}


def _mapping_first(cls: Any, inner: Any) -> Any:
    """Say plainly that a table was expected, before cattrs trips over something else."""

    def structured(value: object, type_: Any) -> Any:
        if isinstance(value, cls):
            return value
        return table(value, type_)

    table = _table_first(inner)
    return structured


def _table_first(inner: Any) -> Any:
    def structured(value: object, type_: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _expected(value, "en tabell", "a table")
        return inner(value, type_)

    return structured


def _is_dict(cls: Any) -> bool:
    return get_origin(cls) is dict


def _is_tuple(cls: Any) -> bool:
    return get_origin(cls) is tuple


def _list_first(inner: Any) -> Any:
    """Take a list only: a text would otherwise become a tuple of its letters."""

    def structured(value: object, type_: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _expected(value, "en lista inom hakparenteser", "a list in square brackets")
        return tuple(inner(value, list[get_args(type_)[0]]))  # type: ignore[misc]

    return structured


def _choice(value: object, cls: type[Enum]) -> Any:
    try:
        return cls(value)
    except ValueError:
        known = ", ".join(str(m.value) for m in cls)
        raise _expected(value, f"ett av {known}", f"one of {known}") from None


def _string(value: object, cls: Any) -> str:
    if issubclass(cls, Enum):  # a StrEnum is a str to cattrs
        return _choice(value, cls)  # type: ignore[no-any-return]
    if not isinstance(value, str):
        raise _expected(value, "text inom citationstecken", "text in quotes")
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise _expected(value, "text som går att skriva", "text that can be written")
    return value


def _integer(value: object, _: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise _expected(value, "ett heltal", "a whole number")
    return value


def _truth(value: object, _: Any) -> bool:
    if not isinstance(value, bool):
        raise _expected(value, "true eller false", "true or false")
    return value


def _decimal(value: object, _: Any) -> Decimal:
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
            if number.is_finite():
                return number
        except InvalidOperation:
            pass  # said below, in words
    raise _expected(value, 'ett tal inom citationstecken, som "12.5"', 'a number in quotes, such as "12.5"')


def _instant(value: object, _: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # said below, in words
    raise _expected(
        value,
        "en tid med zon, som 2026-11-23T13:00:00Z",
        "a time with its zone, such as 2026-11-23T13:00:00Z",
    )


def _day(value: object, _: Any) -> date:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass  # said below, in words
    raise _expected(value, "en dag, som 2026-11-23", "a day, such as 2026-11-23")


def _length(value: object, _: Any) -> timedelta:
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None:
        raise _expected(
            value, 'en tidslängd, som "45m", "12h", "3d" eller "2w"',
            'a length of time, such as "45m", "12h", "3d" or "2w"',
        )  # fmt: skip
    return length


def _text(value: object, _: Any) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, str):
        return same(_string(value, str))
    if (
        not isinstance(value, Mapping)
        or set(value) != set(LANGUAGES)
        or not all(isinstance(v, str) for v in value.values())
    ):
        raise _expected(value, 'en text, eller { sv = "…", en = "…" }', 'a text, or { sv = "…", en = "…" }')
    return Text(value["sv"], value["en"])


def _secret(value: object, _: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, Mapping) or len(value) != 1 or not set(value) <= {"env", "file"}:
        raise InvalidInput(
            Text(
                'en hemlighet skrivs inte i filen: ange { env = "NAMN" } eller { file = "sökväg" }',
                'a secret is not written in the file: give { env = "NAME" } or { file = "path" }',
            )
        )
    raise InvalidInput(Text("hemligheten är inte läst", "the secret was not read"))
