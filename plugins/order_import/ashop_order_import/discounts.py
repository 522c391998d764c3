"""A sum that stands on the order, such as taxes, spread over its lines so that the total is right to the öre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ashop_core.models import NewLine


def spread(lines: Sequence[NewLine], difference: int) -> tuple[tuple[NewLine, ...], int]:
    """Return the lines with `difference` (minor units, may be negative) shared out in proportion to their sums.

    A line whose new sum does not divide evenly by its quantity becomes two of the same article. What the
    lines cannot bear, since no price goes below 0, comes back as the second value.
    """
    sums = [line.quantity * line.unit_price for line in lines]
    whole = sum(sums)
    if not difference or not whole:
        return tuple(lines), difference
    borne = max(difference, -whole)
    shares = _shares(sums, whole + borne)
    return tuple(
        part for line, total in zip(lines, shares, strict=True) for part in _priced(line, total)
    ), difference - borne


def _shares(sums: Sequence[int], target: int) -> list[int]:
    """Return `target` divided as `sums` are, in whole units that add up; the largest remainders are rounded up."""
    whole = sum(sums)
    shares = [part * target // whole for part in sums]
    by_remainder = sorted(range(len(sums)), key=lambda n: (-(sums[n] * target % whole), n))
    for n in by_remainder[: target - sum(shares)]:
        shares[n] += 1
    return shares


def _priced(line: NewLine, total: int) -> Iterator[NewLine]:
    """Yield the line such that it comes to `total`, in two parts where the price is not even."""
    price, dearer = divmod(total, line.quantity)
    if dearer:
        yield replace(line, quantity=dearer, unit_price=price + 1)
    yield replace(line, quantity=line.quantity - dearer, unit_price=price)
