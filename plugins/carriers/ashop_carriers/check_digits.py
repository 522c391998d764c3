"""Check digits of parcel numbers: each function tells whether a number of the right form is right.

All take plain characters 0-9 and A-Z, the form already known. None catches everything: what each lets
through is said with it.
"""

from __future__ import annotations

from collections.abc import Iterable

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
FEDEX_WEIGHTS = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)


def s10_fits(digits: str) -> bool:
    """Tell whether the last of nine digits is right by the UPU's standard S10.

    The remainders 0 and 6 both give the digit 5, so that an error from one to the other is not seen.
    """
    rest = _weighed(map(int, digits[:8]), S10_WEIGHTS) % 11
    return {0: 5, 1: 0}.get(rest, 11 - rest) == int(digits[8])


def gs1_fits(digits: str) -> bool:
    """Tell whether the last digit is right by GS1's General Specifications (SSCC, GSIN): every wrong digit is seen."""
    body = [int(digit) for digit in reversed(digits[:-1])]
    return -_weighed(body, [3 if n % 2 == 0 else 1 for n in range(len(body))]) % 10 == int(digits[-1])


def luhn_fits(digits: str) -> bool:
    """Tell whether the last digit is right by modulus 10:2, as in Swedish personal numbers (ISO/IEC 7812)."""
    doubled = (int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def seven_fits(digits: str) -> bool:
    """Tell whether the last digit is what remains when the others are divided by 7, as on air waybills."""
    return int(digits[:-1]) % 7 == int(digits[-1])


def fedex_fits(digits: str) -> bool:
    """Tell whether the last of twelve digits is right by FedEx Express' weights 1, 3 and 7, modulus 11."""
    return _weighed(map(int, digits[:11]), FEDEX_WEIGHTS) % 11 % 10 == int(digits[11])


def ups_fits(characters: str) -> bool:
    """Tell whether the last of 18 characters ``1Z…`` is right: every other value doubled, letters as digits."""
    values = [int(c) if c.isdigit() else (ord(c) - ord("A") + 2) % 10 for c in characters[2:-1]]
    return str(-_weighed(values, [1, 2] * 7 + [1]) % 10) == characters[-1]


def _weighed(values: Iterable[int], weights: Iterable[int]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=True))
