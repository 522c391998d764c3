"""When the shop is open and its customers are awake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAY = (time(8), time(17))
SATURDAY = (time(10), time(14))
FIRST_LIGHT, BEDTIME = 7, 23


@dataclass(frozen=True)
class Hours:
    """The shop's opening hours in its own zone; every instant that goes in or out is UTC."""

    zone: ZoneInfo

    def later(self, at: datetime, hours: float) -> datetime:
        """Return the instant when the shop has been open for so many hours after `at`."""
        left = timedelta(hours=hours)
        for opens, closes in self._spans(at, 1):
            begins = max(at, opens)
            if begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta())
        raise AssertionError("the shop opens again")

    def earlier(self, at: datetime, hours: float) -> datetime:
        """Return the instant from which the shop has been open for so many hours until `at`."""
        left = timedelta(hours=hours)
        for opens, closes in self._spans(at, -1):
            ends = min(at, closes)
            if ends - left >= opens:
                return ends - left
            left -= max(ends - opens, timedelta())
        raise AssertionError("the shop was open before")

    def weekday(self, at: datetime, days: int, clock_time: time) -> datetime:
        """Return that time of day, so many weekdays after `at`."""
        day = self._day(at)
        while days:
            day += timedelta(days=1)
            days -= day.weekday() < 5
        return self._instant(day, clock_time)

    def at(self, day: datetime, hour: int, minute: int, second: int) -> datetime:
        """Return that time of the day on which `day` falls in the shop."""
        return self._instant(self._day(day), time(hour, minute, second))

    def daytime(self, at: datetime) -> datetime:
        """Return `at`, or the morning after if people sleep at that hour."""
        moment = at.astimezone(self.zone)
        if FIRST_LIGHT <= moment.hour < BEDTIME:
            return at
        day = moment.date() + timedelta(days=moment.hour >= BEDTIME)
        return self._instant(day, time(FIRST_LIGHT, moment.minute, moment.second))

    def evening(self, at: datetime) -> datetime:
        """Return `at`, or the evening before if people sleep at that hour."""
        moment = at.astimezone(self.zone)
        if FIRST_LIGHT <= moment.hour < BEDTIME:
            return at
        day = moment.date() - timedelta(days=moment.hour < FIRST_LIGHT)
        return self._instant(day, time(BEDTIME - 1, moment.minute, moment.second))

    def local(self, at: datetime) -> str:
        """Return an instant as the shop's people write it: ``2026-11-23 13:00``."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _spans(self, at: datetime, direction: int) -> Iterator[tuple[datetime, datetime]]:
        day = self._day(at)
        for n in range(400):
            that = day + timedelta(days=n * direction)
            if that.weekday() < 6:
                opens, closes = SATURDAY if that.weekday() == 5 else WEEKDAY
                span = self._instant(that, opens), self._instant(that, closes)
                if span[1] > at if direction > 0 else span[0] < at:
                    yield span

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _instant(self, day: date, clock_time: time) -> datetime:
        return datetime.combine(day, clock_time, self.zone).astimezone(UTC)
