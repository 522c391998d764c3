"""Money and times as people of this invocation's language read them, and as machines want them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ashop_core.cli.app import current_session
from ashop_core.cli.language import language


def money(minor: int, currency: str) -> str:
    """Return an amount as people of this invocation's language write it."""
    from ashop_core.money import format_money

    return format_money(minor, currency, language())


def decimal(minor: int, currency: str) -> Any:
    """Return an amount in major units, a Decimal with the currency's decimals."""
    from ashop_core.money import to_decimal

    return to_decimal(minor, currency)


def stamp(instant: datetime | None) -> str | None:
    """Return an instant as machines want it: UTC text."""
    from ashop_core.clock import to_iso

    return None if instant is None else to_iso(instant)


def when(instant: datetime | None, timezone: str | None = None) -> str:
    """Return an instant as people read it: in the shop's time zone, which is given where no shop can be opened."""
    if instant is None:
        return ""
    from babel.dates import format_datetime

    from ashop_core.clock import local

    moment = local(instant, timezone or current_session().shop.settings.shop.timezone)
    if language() == "sv":
        return format_datetime(moment, "yyyy-MM-dd HH:mm", locale="sv_SE")
    return format_datetime(moment, "d MMM yyyy HH:mm", locale="en_GB")


def day(date: date | None) -> str:
    """Return a day as people read it; nothing for none."""
    if date is None:
        return ""
    if language() == "sv":
        return date.isoformat()
    from babel.dates import format_date

    return format_date(date, "d MMM yyyy", locale="en_GB")


def clock_time(instant: datetime, *, seconds: bool = False) -> str:
    """Return an instant of today as hour and minute (and second) in the shop's time zone; another day's in full."""
    from ashop_core.clock import local

    shop = current_session().shop
    zone = shop.settings.shop.timezone
    moment = local(instant, zone)
    if moment.date() != local(shop.clock(), zone).date():
        return when(instant)
    return moment.strftime("%H:%M:%S" if seconds else "%H:%M")


def ago(instant: datetime) -> str:
    """Return how long ago an instant was: ``3 dagar``, ``2 hours``."""
    from babel.dates import format_timedelta

    since = current_session().shop.clock() - instant
    return format_timedelta(since, locale="sv_SE" if language() == "sv" else "en_GB")
