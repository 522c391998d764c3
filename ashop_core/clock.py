"""Time as the shop keeps it: UTC instants, stored as text of one width so that they sort."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def to_iso(instant: datetime) -> str:
    """Return an aware instant as ``2026-11-23T12:04:05.000000Z``, always 27 characters."""
    if instant.tzinfo is not UTC:
        if instant.tzinfo is None:
            raise ValueError(f"a time without a zone: {instant!r}")
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="microseconds")[:-6] + "Z"


def from_iso(text: str) -> datetime:
    """Return the UTC instant that `to_iso` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def parse_local(text: str, timezone: str) -> datetime:
    """Read a date, or a date and time, as people write it in the shop's zone; return it in UTC.

    Raises InvalidInput for what is no date, and for a time that the spring change of clocks skips.
    """
    moment = _read(text)
    zone = ZoneInfo(timezone)
    try:
        instant = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        back = instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # within a day of the first or the last year that there is
        raise _no_time(text) from None
    if moment.tzinfo is None and back != moment:
        raise InvalidInput(
            Text(
                "{value} finns inte i {zone}: klockan ställs fram den natten. Välj en annan tid.",
                "{value} does not exist in {zone}: the clocks go forward that night. Choose another time.",
            ).fill(value=text, zone=timezone)
        )
    return instant


def parse_date(text: str) -> date:
    """Read a date as people write it; of a date and time, the date. Raises InvalidInput for what is none."""
    return _read(text).date()


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise _no_time(text) from None


def _no_time(text: str) -> InvalidInput:
    return InvalidInput(
        Text(
            "”{value}” är ingen tid. Skriv till exempel 2026-11-23 eller 2026-11-23 13:00.",
            "“{value}” is not a time. Write for example 2026-11-23 or 2026-11-23 13:00.",
        ).fill(value=text[:40])
    )


def local(instant: datetime, timezone: str) -> datetime:
    """Return a UTC instant as wall-clock time in `timezone`."""
    return instant.astimezone(ZoneInfo(timezone))
