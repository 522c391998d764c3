"""`[plugins.installation_booking]`: which times can be booked and where the calendar files go."""

from __future__ import annotations

from dataclasses import dataclass

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text


@dataclass(frozen=True, kw_only=True)
class BookingSettings:
    """How long an installation takes, how soon and how late one can be booked, and the folder for `.ics` files.

    `earliest_hours` 0 asks only that the time has not passed.
    """

    calendar: str = "calendar"
    duration_minutes: int = 120
    earliest_hours: int = 0
    furthest_days: int = 180

    def __post_init__(self) -> None:
        if not self.calendar.strip():
            raise InvalidInput(
                Text("calendar: skriv namnet på en mapp", "calendar: write the name of a folder")
            )
        _ensure_between("duration_minutes", self.duration_minutes, 1, 24 * 60)
        _ensure_between("earliest_hours", self.earliest_hours, 0, 24 * 365)
        _ensure_between("furthest_days", self.furthest_days, 1, 3650)


def _ensure_between(key: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        words = Text(
            "{key}: {value} går inte, måste vara mellan {least} och {most}",
            "{key}: {value} will not do, must be between {least} and {most}",
        )
        raise InvalidInput(words.fill(key=key, value=value, least=least, most=most))
