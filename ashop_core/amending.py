"""Corrections of an order: its lines, its customer, its discount and shipping; what follows for goods and money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ashop_core.drafts import WORDS, Desk, Draft, after_change, checked_note, goods, plain_change
from ashop_core.errors import InvalidInput, Problem, problem
from ashop_core.intake import MOST_LINES, MOST_OF_A_LINE, check_customer, check_lines
from ashop_core.models import (
    Customer,
    Edit,
    Kind,
    Move,
    NewLine,
    Order,
    OrderLine,
    Place,
    Role,
    Stage,
    Status,
)
from ashop_core.money import LARGEST
from ashop_core.moves import moved
from ashop_core.payment_record import recounted
from ashop_core.texts import Text

_CONTACT = frozenset({"name", "email", "phone"})
_SUMS = ("discount", "shipping_price", "payment_fee")
_LINE = ("sku", "name", "quantity", "unit_price", "vat_rate", "discount")


@dataclass(frozen=True, kw_only=True, slots=True)
class LineEdit:
    """A correction of one line; what is None stays. Quantity 0 takes the line away. Amounts are minor units."""

    position: int
    quantity: int | None = None
    unit_price: int | None = None
    discount: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AmendRequest:
    """Correct an order whose goods have not left: lines, address, discount, shipping; or, later too, the contact.

    `customer` is the whole customer as it shall be. Held goods follow the quantities, and the payment's
    status the new total. Amounts are minor units incl. VAT.
    """

    customer: Customer | None = None
    lines: tuple[LineEdit, ...] = ()
    add: tuple[NewLine, ...] = ()
    discount: int | None = None
    shipping_price: int | None = None
    payment_fee: int | None = None
    note: str = ""
    words: str = ""
    notify: bool = False

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the corrections; None where everything is as asked already."""
        status, problems = desk.flows.status(order.status), list[Problem]()
        lines = edited_lines(order.lines, self.lines, problems) + _added(order, self.add, problems)
        sums = self._sums(problems)
        customer = _checked(self.customer, problems) or order.customer
        after = replace(order, customer=customer, lines=lines, **sums)
        edits = edits_between(order, after)
        if not edits and not problems:
            return None
        problems += _time_problems(order, status, edits)
        problems += _sum_problems(after)
        ordered = any(edit.path not in _CUSTOMER_PATHS for edit in edits)
        moves = amending_moves(order.lines, lines) if any(line.held for line in order.lines) else ()
        change = plain_change(
            order,
            desk,
            Kind.LINES if ordered else Kind.DETAILS,
            edits=edits,
            **goods(order, moves),
            note=checked_note(self.note, problems),
            words=checked_note(self.words, problems, WORDS),
            notify=self.notify or bool(self.words),
        )
        draft = after_change(
            order, change, desk, placed_lines(order.lines, lines, moves), customer=customer, **sums
        )
        return Draft(change=change, after=recounted(draft), problems=problems)

    def _sums(self, problems: list[Problem]) -> dict[str, Any]:
        """Return the sums that are given; add a problem for what is none."""
        given = {name: value for name in _SUMS if (value := getattr(self, name)) is not None}
        sums = {name: value for name, value in given.items() if type(value) is int and 0 <= value <= LARGEST}
        if sums != given:
            problems.append(
                problem(
                    "amount", "rabatt, frakt och avgift måste vara minst 0, i hela ören",
                    "discount, shipping and fee must be at least 0, in whole minor units",
                )
            )  # fmt: skip
        return sums


# ── What an edit is ──────────────────────────────────────────────────────────────────────────────


_CUSTOMER_PATHS = frozenset(f"customer.{f.name}" for f in fields(Customer))


def edits_between(before: Order, after: Order) -> tuple[Edit, ...]:
    """Return everything that differs in what was ordered and by whom, as edits that can be read and reversed."""
    found = [
        Edit(f"customer.{f.name}", getattr(before.customer, f.name), getattr(after.customer, f.name))
        for f in fields(Customer)
    ]
    found += [Edit(name, getattr(before, name), getattr(after, name)) for name in _SUMS]
    old = {line.position: line for line in before.lines}
    new = {line.position: line for line in after.lines}
    for position in sorted(old | new):
        a, b = old.get(position), new.get(position)
        if a is not None and b is not None:
            found += [
                Edit(f"line.{position}.{name}", getattr(a, name), getattr(b, name))
                for name in ("quantity", "unit_price", "discount")
            ]
        else:
            found.append(Edit(f"line.{position}", _written(a), _written(b)))
    return tuple(edit for edit in found if edit.before != edit.after)


def _written(line: OrderLine | None) -> list[Any] | None:
    if line is None:
        return None
    return [line.sku, line.name, line.quantity, line.unit_price, _rate(line), line.discount]


def _rate(line: OrderLine) -> str | None:
    return None if line.vat_rate is None else str(line.vat_rate)


def amending_moves(before: Iterable[OrderLine], after: Iterable[OrderLine]) -> tuple[Move, ...]:
    """Return the moves of goods that are held for an order whose quantities change."""
    old = {line.position: line for line in before}
    new = {line.position: line for line in after}
    moves = []
    for position in sorted(old | new):
        was, now = old.get(position), new.get(position)
        more = (now.quantity if now else 0) - (was.quantity if was else 0)
        line = now or was
        assert line is not None
        source, target = (Place.FREE, Place.HELD) if more > 0 else (Place.HELD, Place.FREE)
        if more:
            moves.append(Move(position, line.sku, abs(more), source, target))
    return tuple(moves)


def placed_lines(
    before: Iterable[OrderLine], after: tuple[OrderLine, ...], moves: Iterable[Move]
) -> tuple[OrderLine, ...]:
    """Return the new lines with their goods where the moves have brought them; a line taken away needs none."""
    here = {line.position for line in after}
    return moved(after, [move for move in moves if move.position in here])


# ── The lines ────────────────────────────────────────────────────────────────────────────────────


def edited_lines(
    lines: tuple[OrderLine, ...], edits: Iterable[LineEdit], problems: list[Problem]
) -> tuple[OrderLine, ...]:
    """Return the lines as corrected, those with quantity 0 left out; add a problem for what cannot be."""
    found = {line.position: line for line in lines}
    seen = set[int]()
    for edit in edits:
        line = found.get(edit.position)
        if edit.position in seen:
            problems.append(
                problem(
                    "line_twice", "rad {n} är angiven två gånger", "line {n} is given twice", n=edit.position
                )
            )
            continue
        if line is None or type(edit.position) is not int:
            problems.append(no_line(edit.position, found))
            continue
        seen.add(edit.position)
        given = {
            name: value
            for name in ("quantity", "unit_price", "discount")
            if (value := getattr(edit, name)) is not None
        }
        if type(edit.quantity) is int and edit.quantity == 0:
            del found[edit.position]
        elif faults := list(_line_faults(edit, given)):
            problems += faults
        else:
            found[edit.position] = _corrected(line, given)
    if not found and lines:
        problems.append(
            problem(
                "no_lines", "en rad måste vara kvar; makulera ordern i stället (`ashop order cancel`)",
                "one line must be left; cancel the order instead (`ashop order cancel`)",
            )
        )  # fmt: skip
    return tuple(found.values())


def _corrected(line: OrderLine, given: Mapping[str, int]) -> OrderLine:
    """Return the line with these values; a discount that is not given follows the quantity down."""
    fewer = given.get("quantity", line.quantity)
    share = line.discount * fewer // line.quantity if fewer < line.quantity else line.discount
    values: dict[str, Any] = {"discount": share, **given}
    return replace(line, **values)


def _line_faults(edit: LineEdit, given: Mapping[str, Any]) -> Iterator[Problem]:
    bounds: tuple[tuple[str, Callable[[int], bool], Text], ...] = (
        ("quantity", lambda n: 1 <= n <= MOST_OF_A_LINE, Text("antalet", "the quantity")),
        ("unit_price", lambda n: 0 <= n <= LARGEST, Text("priset", "the price")),
        ("discount", lambda n: 0 <= n <= LARGEST, Text("rabatten", "the discount")),
    )
    for name, fits, words in bounds:
        if name in given and not (type(given[name]) is int and fits(given[name])):
            yield problem(
                "line_value", "rad {n}: {what} {value} går inte", "line {n}: {what} {value} will not do",
                n=edit.position, what=words, value=given[name],
            )  # fmt: skip


def no_line(position: int, lines: Mapping[int, OrderLine]) -> Problem:
    """Return the reason against a correction or return of a line that the order does not have."""
    return problem(
        "no_such_line", "ordern har ingen rad {n}; den har {known}",
        "the order has no line {n}; it has {known}", n=position, known=", ".join(map(str, lines)) or "–",
    )  # fmt: skip


def _added(order: Order, new: tuple[NewLine, ...], problems: list[Problem]) -> tuple[OrderLine, ...]:
    try:
        checked = check_lines(new)
    except InvalidInput as error:
        problems.append(Problem("bad_line", error.text))
        return ()
    first = max((line.position for line in order.lines), default=0) + 1
    return tuple(
        OrderLine(
            position=first + n,
            sku=line.sku.strip(),
            name=line.name.strip() or line.sku.strip(),
            quantity=line.quantity,
            unit_price=line.unit_price,
            vat_rate=line.vat_rate,
            discount=line.discount,
        )
        for n, line in enumerate(checked)
    )


def _checked(customer: Customer | None, problems: list[Problem]) -> Customer | None:
    try:
        return check_customer(customer) if customer is not None else None
    except InvalidInput as error:
        problems.append(Problem("bad_customer", error.text))
        return None


# ── When, and how much ───────────────────────────────────────────────────────────────────────────


def _time_problems(order: Order, status: Status, edits: tuple[Edit, ...]) -> Iterator[Problem]:
    """Yield why it is too early or too late: goods that left, money on its way, an order that is over."""
    only_contact = all(edit.path.removeprefix("customer.") in _CONTACT for edit in edits)
    if only_contact:
        return
    if any(line.gone or line.returned for line in order.lines):
        yield problem(
            "has_left", "varor har redan lämnat butiken; bara namn, e-post och telefon kan ändras nu",
            "goods have left already; only name, e-mail and phone can be changed now",
        )  # fmt: skip
    elif status.stage not in (Stage.CHECKOUT, Stage.OPEN):
        yield problem(
            "order_over", "ordern är {status}; den kan inte ändras längre",
            "the order is {status}; it can no longer be changed", status=status.label,
        )  # fmt: skip
    elif status.role is Role.PAYING and any(edit.path not in _CUSTOMER_PATHS for edit in edits):
        yield problem(
            "being_paid", "kunden betalar just nu; summan kan inte ändras under tiden",
            "the customer is paying just now; the total cannot change meanwhile",
        )  # fmt: skip


def _sum_problems(after: Order) -> Iterator[Problem]:
    if after.total > LARGEST:
        yield problem("too_large", "ordersumman blir för stor", "the order's total becomes too large")
    if len(after.lines) > MOST_LINES:
        yield problem("too_many", "högst {n} rader i en order", "at most {n} lines in an order", n=MOST_LINES)
    if after.total < 0:
        yield problem(
            "discount_too_large", "rabatten är större än det den dras från",
            "the discount is more than what it is taken from",
        )  # fmt: skip
    for line in after.lines:
        if line.total < 0:
            yield problem(
                "discount_too_large", "rad {n}: rabatten är större än radens summa",
                "line {n}: the discount is more than the line's sum", n=line.position,
            )  # fmt: skip
