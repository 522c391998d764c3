"""VAT per rate of an order whose prices are given with the VAT in them: exact shares, one rounding per rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ashop_core.models import Order


@dataclass(frozen=True, kw_only=True, slots=True)
class VatRow:
    """What an order comes to at one VAT rate, in minor units: `gross` is `net` and `vat` together.

    `rate` is per cent; None for lines whose rate nobody has told, of which no VAT is counted.
    """

    rate: Decimal | None
    gross: int
    net: int
    vat: int


def vat_summary(order: Order) -> tuple[VatRow, ...]:
    """Return a row for each VAT rate of the order's goods, highest first; together they are its total exactly.

    Shipping, the payment's fee and the order's discount belong to the goods and have their rate. Where the
    goods have several they are shared out in proportion, as the Swedish tax authority said of freight (its
    letter of 13 September 2002, no. 1979-02/120). It divides amounts without VAT by the goods' amounts
    without VAT; a price that has the VAT in it is divided the same way by the goods' prices with theirs,
    since every rate's part is then the same multiple of its goods. The minor units that do not come out
    even go to the largest remainders, so that neither the order of the lines nor their number matters.

    The VAT of a row is rounded once, half up, from the row's gross: never line by line. Goods that are all
    free say nothing about proportions: what there is to pay then has the highest of their rates.
    """
    sums: dict[Decimal | None, int] = {}
    for line in order.lines:
        sums[line.vat_rate] = sums.get(line.vat_rate, 0) + line.total
    rates = sorted(sums, key=lambda rate: Decimal(-1) if rate is None else rate, reverse=True)
    paid_for = [rate for rate in rates if sums[rate]]
    if not paid_for:
        return (_row(rates[0] if rates else None, order.total),)
    shares = divided(order.total, [sums[rate] for rate in paid_for])
    return tuple(_row(rate, gross) for rate, gross in zip(paid_for, shares, strict=True))


def divided(amount: int, weights: Sequence[int]) -> list[int]:
    """Return `amount` in whole parts as `weights` are to one another; together they are the amount exactly.

    The units left over by rounding down go to the largest remainders; of equal ones, to the first.
    """
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % whole), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def _row(rate: Decimal | None, gross: int) -> VatRow:
    vat = 0 if rate is None else _contained(gross, rate)
    return VatRow(rate=rate, gross=gross, net=gross - vat, vat=vat)


def _contained(gross: int, rate: Decimal) -> int:
    """Return the VAT that an amount contains, rounded half up; whole numbers all the way."""
    hundredths = int(rate * 100)
    whole = 100_00 + hundredths
    return (2 * gross * hundredths + whole) // (2 * whole)
