"""Money as whole minor units (öre, cent, yen) with a currency code; never a float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

LARGEST = 10**12
"""The largest amount accepted, in minor units; far below what a 64-bit integer holds."""


@lru_cache
def exponent(currency: str) -> int:
    """Return how many decimals a currency has: SEK 2, JPY 0, BHD 3 (ISO 4217, from CLDR)."""
    from babel.core import get_global

    if currency not in get_global("all_currencies"):
        raise InvalidInput(
            Text(
                "”{value}” är ingen valuta. Skriv en kod ur ISO 4217, till exempel SEK.",
                "“{value}” is not a currency. Write an ISO 4217 code, for example SEK.",
            ).fill(value=currency)
        )
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


def to_minor(amount: str | Decimal | int, currency: str) -> int:
    """Return a decimal amount in major units as minor units: ``"49.50"`` SEK is 4950.

    Takes a point or a comma as the decimal sign and spaces between thousands. Raises InvalidInput for
    anything else, for more decimals than the currency has, and beyond `LARGEST`.
    """
    decimals = exponent(currency)
    text = str(amount).strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
    try:
        # int() and Decimal() accept digits of other scripts and underscores; people's amounts do not.
        if not text.isascii() or "_" in text or "e" in text.lower():
            raise InvalidOperation
        minor = Decimal(text).scaleb(decimals)
        if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > LARGEST:
            raise InvalidOperation
    except InvalidOperation:
        raise InvalidInput(
            Text(
                "”{value}” är inget belopp i {currency}. Skriv till exempel 49 eller 49,50.",
                "“{value}” is not an amount in {currency}. Write for example 49 or 49.50.",
            ).fill(value=amount, currency=currency)
        ) from None
    return int(minor)


def to_decimal(minor: int, currency: str) -> Decimal:
    """Return minor units as a decimal amount in major units: 4950 SEK is ``Decimal("49.50")``."""
    return Decimal(minor).scaleb(-exponent(currency))


def format_money(minor: int, currency: str, language: str) -> str:
    """Return an amount as people write it: ``12 345,50 kr``, ``SEK 12,345.50`` (with no-break spaces)."""
    from babel.numbers import format_currency

    amount = to_decimal(minor, currency)
    if language == "sv":
        return format_currency(amount, currency, locale="sv_SE")
    # The code and not the sign: a customer abroad should not have to guess whose crowns these are.
    return format_currency(amount, currency, format="¤¤\N{NO-BREAK SPACE}#,##0.00", locale="en_GB")


def money_text(minor: int, currency: str) -> Text:
    """Return an amount as people of either language write it."""
    return Text(format_money(minor, currency, "sv"), format_money(minor, currency, "en"))
