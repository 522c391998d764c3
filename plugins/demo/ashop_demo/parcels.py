"""Parcel numbers as carriers print them: an SSCC with its check digit, after the mark ``00``."""

from __future__ import annotations

from random import Random

COMPANY = "373500489"


def parcel_number(dice: Random) -> str:
    """Return a number of 20 digits, such as 00373500489530471236."""
    body = COMPANY + f"{dice.randrange(10**8):08d}"
    return f"00{body}{check_digit(body)}"


def parcel_number_of(order: str) -> str:
    """Return a parcel number to try on an order: always the same for the same one."""
    return parcel_number(Random(order))


def check_digit(body: str) -> int:
    """Return the last digit of an SSCC: weights 3 and 1 from the right, up to the next ten (GS1)."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(body)))
    return -total % 10
