"""Which times can be booked, judged at the instant of the change."""

from __future__ import annotations

from datetime import timedelta

from ashop_core.clock import from_iso
from ashop_core.errors import Problem
from ashop_core.models import Change, Kind
from ashop_core.texts import Text
from ashop_installation_booking.flow import BOOKED_TIME
from ashop_installation_booking.settings import BookingSettings


def problems_with_time(settings: BookingSettings, change: Change) -> list[Problem]:
    """Return what speaks against the time that a change books; an imported order keeps the time it had."""
    booked = change.fields.get(BOOKED_TIME.code)
    if not booked or change.kind is Kind.IMPORTED:
        return []
    ahead = from_iso(booked) - change.at
    if ahead <= timedelta():
        return [_problem("booked_in_the_past", "tiden har passerat", "the time has passed")]
    if ahead < timedelta(hours=settings.earliest_hours):
        return [
            _problem(
                "booked_too_soon",
                "tiden måste vara minst {n} timmar bort",
                "the time must be at least {n} hours away",
                n=settings.earliest_hours,
            )
        ]
    if ahead > timedelta(days=settings.furthest_days):
        return [
            _problem(
                "booked_too_far",
                "tiden får vara högst {n} dagar bort",
                "the time may be at most {n} days away",
                n=settings.furthest_days,
            )
        ]
    return []


def _problem(code: str, sv: str, en: str, **values: object) -> Problem:
    why = Text(sv, en).fill(**values)
    return Problem(code, Text("{field}: {why}", "{field}: {why}").fill(field=BOOKED_TIME.label, why=why))
