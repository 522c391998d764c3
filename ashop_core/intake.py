"""Lines and customers as they come in: checked once, all faults told together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from decimal import Decimal
from unicodedata import category

from ashop_core.errors import InvalidInput, Problem, problem
from ashop_core.models import Customer, NewLine, Order, OrderLine, Parcel, Payment, PaymentKind
from ashop_core.money import LARGEST
from ashop_core.moves import contents_problem, is_part
from ashop_core.texts import LANGUAGES, Text, joined

MOST_LINES = 5000
MOST_OF_A_LINE = 1_000_000
LONGEST_SKU = 100
LONGEST_NAME = 500

# Inside emoji and Persian words. Spaces of every width come along with what is pasted from a page.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def check_lines(
    lines: Iterable[NewLine], *, shipping: int = 0, fee: int = 0, discount: int = 0
) -> tuple[NewLine, ...]:
    """Return the lines, or raise InvalidInput naming every line that cannot be ordered and why.

    `shipping`, `fee` and `discount` are those of the order, minor units incl. VAT: its total must be in bounds.
    """
    goods = tuple(lines)
    faults = [fault for n, line in enumerate(goods, 1) for fault in _faults(n, line)]
    if len(goods) > MOST_LINES:
        faults.append(Text("högst {n} rader i en order", "at most {n} lines in an order").fill(n=MOST_LINES))
    if not faults:
        before = sum(line.quantity * line.unit_price - line.discount for line in goods) + shipping + fee
        faults += [p.text for p in _total_problems(before - discount, before)]
    if faults:
        raise InvalidInput(joined(faults, "; "))
    return goods


def total_problems(order: Order) -> list[Problem]:
    """Return what stands against an order's total: a discount beyond what there is, or more than can be kept."""
    return _total_problems(order.total, order.total + order.discount)


def _total_problems(total: int, undiscounted: int) -> list[Problem]:
    if total < 0:
        return [
            problem(
                "discount_too_large", "rabatten är större än varor, frakt och avgift tillsammans",
                "the discount is more than goods, shipping and fee together",
            )
        ]  # fmt: skip
    if undiscounted > LARGEST:
        return [problem("total_too_large", "ordersumman är för stor", "the order's total is too large")]
    return []


def check_amount(amount: int, name: Text) -> int:
    """Return minor units as they are, or raise InvalidInput where they are none, or negative."""
    if type(amount) is not int or not 0 <= amount <= LARGEST:
        raise InvalidInput(
            Text(
                "{name}: {value} går inte: hela ören, minst 0",
                "{name}: {value} will not do: whole minor units, at least 0",
            ).fill(name=name, value=amount)
        )
    return amount


def check_payments(payments: Iterable[Payment]) -> None:
    """Raise InvalidInput for payment entries that cannot have been: amounts, references, more back than came."""
    kept = 0
    for entry in payments:
        check_amount(entry.amount, Text("betalningen", "the payment"))
        check_words(entry.reference, Text("betalningens referens", "the payment's reference"), LONGEST_NAME)
        if entry.kind is PaymentKind.PAID:
            kept += entry.amount
        elif entry.kind is PaymentKind.REFUNDED:
            kept -= entry.amount
        if not 0 <= kept <= LARGEST:
            raise InvalidInput(
                Text(
                    "betalningarna går inte ihop: {n} kvar efter {r}",
                    "the payments do not add up: {n} left after {r}",
                ).fill(n=kept, r=entry.reference or entry.kind.value)
            )


def check_parcels(parcels: Iterable[Parcel], lines: Sequence[NewLine]) -> None:
    """Raise InvalidInput for parcels that cannot be written, or hold more than the lines, counted from 1, have."""
    left = dict(enumerate((line.quantity for line in lines), 1))
    for parcel in parcels:
        for words in (parcel.number or "", parcel.carrier or ""):
            check_words(words, Text("kollit", "the parcel"), LONGEST_NAME)
        for position, quantity in parcel.contents.items():
            if not is_part(quantity, left.get(position, 0)):
                raise InvalidInput(contents_problem(position, quantity).text)
            left[position] -= quantity


def check_words(words: str, name: Text, most: int) -> str:
    """Return words as they are, or raise InvalidInput where they are too many or cannot be written."""
    if len(words) > most or not is_writable(words):
        raise InvalidInput(
            Text(
                "{name}: för långt eller går inte att skriva", "{name}: too long, or cannot be written"
            ).fill(name=name)
        )
    return words


def check_customer(customer: Customer) -> Customer:
    """Return the customer with stray spaces gone, or raise InvalidInput naming what cannot be written.

    Nothing is required here: a checkout fills the customer in bit by bit.
    """
    values = {f.name: getattr(customer, f.name) for f in fields(Customer)}
    faults = [
        Text("{name}: för långt eller går inte att skriva", "{name}: too long, or cannot be written").fill(
            name=name
        )
        for name, value in values.items()
        if not isinstance(value, str) or len(value) > LONGEST_NAME or not is_writable(value)
    ]
    if faults:
        raise InvalidInput(joined(faults, "; "))
    return Customer(**{name: value.strip() for name, value in values.items()})


def is_writable(words: str) -> bool:
    """Tell whether people may have typed this: no control characters, nothing that turns the text around."""
    return words.isprintable() or all(c.isprintable() or c in _JOINERS or category(c) == "Zs" for c in words)


def check_language(language: str) -> str:
    """Return the language if Ashop speaks it, or raise InvalidInput naming those it does."""
    if language not in LANGUAGES:
        raise InvalidInput(
            Text(
                "språket {value} finns inte; välj {known}", "there is no language {value}; choose {known}"
            ).fill(value=language, known=" / ".join(LANGUAGES))
        )
    return language


def new_lines(goods: Iterable[NewLine]) -> tuple[OrderLine, ...]:
    """Return checked lines as the lines of an order, numbered from 1, nothing held yet."""
    return tuple(
        OrderLine(
            position=n,
            sku=line.sku.strip(),
            name=line.name.strip() or line.sku.strip(),
            quantity=line.quantity,
            unit_price=line.unit_price,
            vat_rate=line.vat_rate,
            discount=line.discount,
        )
        for n, line in enumerate(goods, 1)
    )


def _faults(n: int, line: NewLine) -> list[Text]:
    faults = []
    if type(line.quantity) is not int or not 1 <= line.quantity <= MOST_OF_A_LINE:
        faults.append(
            _fault(
                n,
                line,
                "antalet {value} går inte: ett heltal från 1 till {most}",
                "the quantity {value} will not do: a whole number from 1 to {most}",
                value=line.quantity,
                most=MOST_OF_A_LINE,
            )
        )
    if type(line.unit_price) is not int or not 0 <= line.unit_price <= LARGEST:
        faults.append(
            _fault(
                n,
                line,
                "priset {value} går inte: hela ören, minst 0",
                "the price {value} will not do: whole minor units, at least 0",
                value=line.unit_price,
            )
        )
    if not faults and not _is_discount(line):
        faults.append(
            _fault(
                n,
                line,
                "rabatten {value} går inte: hela ören, högst vad raden kostar",
                "the discount {value} will not do: whole minor units, at most what the line costs",
                value=line.discount,
            )
        )
    if not line.sku.strip() or len(line.sku) > LONGEST_SKU or not line.sku.isprintable():
        faults.append(
            _fault(
                n,
                line,
                "artikelnumret saknas eller går inte att skriva",
                "the SKU is missing or cannot be written",
            )
        )
    if len(line.name) > LONGEST_NAME or not is_writable(line.name):
        faults.append(
            _fault(
                n,
                line,
                "namnet är för långt eller går inte att skriva",
                "the name is too long or cannot be written",
            )
        )
    if line.vat_rate is not None and not _is_rate(line.vat_rate):
        faults.append(
            _fault(
                n,
                line,
                "momssatsen {value} går inte",
                "the VAT rate {value} will not do",
                value=line.vat_rate,
            )
        )
    return faults


def _is_discount(line: NewLine) -> bool:
    return type(line.discount) is int and 0 <= line.discount <= line.quantity * line.unit_price


def _is_rate(rate: Decimal) -> bool:
    return type(rate) is Decimal and rate.is_finite() and 0 <= rate < 100 and rate * 100 % 1 == 0


def _fault(n: int, line: NewLine, sv: str, en: str, **values: object) -> Text:
    head = Text("rad {n} ({sku}): ", "line {n} ({sku}): ").fill(n=n, sku=line.sku[:40] or "–")
    words = Text(sv, en).fill(**values)
    return Text(head.sv + words.sv, head.en + words.en)
