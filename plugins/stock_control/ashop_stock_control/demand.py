"""What a change takes of each item, and the words for what cannot be had: the same before and under the lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ashop_core.errors import Problem
from ashop_core.models import Kind, Place
from ashop_core.payment_record import is_covered
from ashop_core.texts import Text, joined
from ashop_stock_control.items import StockItem
from ashop_stock_control.verdicts import NOT_AVAILABLE as NOT_AVAILABLE
from ashop_stock_control.verdicts import NOT_AVAILABLE_WORDS

if TYPE_CHECKING:
    from ashop_core.models import Change, Move, Order
    from ashop_stock_control.settings import StockSettings


def net(moves: Iterable[Move]) -> dict[str, int]:
    """Return how many pieces fewer of each SKU may be sold after these moves, or below 0 how many more."""
    found: dict[str, int] = {}
    for each in moves:
        sign = (each.source is Place.FREE) - (each.target is Place.FREE)
        found[each.sku] = found.get(each.sku, 0) + sign * each.quantity
    return found


def demands(moves: Iterable[Move]) -> dict[str, int]:
    """Return how many pieces fewer of each SKU may be sold after these moves; only those of which it is fewer."""
    return taken_of(net(moves))


def taken_of(changed: Mapping[str, int]) -> dict[str, int]:
    """Return what `net` found, but only of those SKUs of which fewer may be sold."""
    return {sku: demand for sku, demand in changed.items() if demand > 0}


def kept_of(order: Order, change: Change) -> dict[int, int]:
    """Return what each line held before a change and does not release with it; `order` is as it is after the change."""
    kept = {line.position: line.held for line in order.lines}
    for each in change.moves:
        if each.target is Place.HELD:
            kept[each.position] -= each.quantity
        elif (each.source, each.target) == (Place.HELD, Place.GONE):
            kept[each.position] += each.quantity
    return kept


def must_be_taken(order: Order, change: Change) -> bool:
    """Tell whether it is too late to refuse: money has come for it, or it was sold elsewhere."""
    if change.kind is Kind.IMPORTED:
        return True
    return change.places and (order.paid > 0 or order.authorised > 0) and is_covered(order)


def names_of(order: Order) -> dict[str, str]:
    """Return what the order calls each SKU; of several lines, the first."""
    return {line.sku: line.name for line in reversed(order.lines)}


def unknown_items(
    names: Mapping[str, str], skus: Iterable[str], settings: StockSettings
) -> dict[str, StockItem]:
    """Return the items that SKUs nobody knows will be once they are ordered: rules are asked about these too."""
    status = settings.default_status
    if status not in settings.purchasable:
        return {}
    return {sku: StockItem(sku=sku, name=names.get(sku, sku), status=status) for sku in skus}


def not_available(name: str, item: StockItem, demand: int, settings: StockSettings) -> Problem:
    """Return the refusal of an item: for the customer the same whatever the balance, the status and the policy are."""
    staff = Text("{name}: {why}", "{name}: {why}").fill(name=name, why=shortage(item, demand, settings))
    return Problem(NOT_AVAILABLE, NOT_AVAILABLE_WORDS.fill(name=name), for_staff=staff)


def told_alike(name: str, refusals: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the refusals of an item as they are told: those in the policies' own words as one, as a policy's is.

    So a customer does not learn how many rules, or which, spoke against it; staff read all of them.
    """
    words, alike, others = NOT_AVAILABLE_WORDS.fill(name=name), list[Problem](), list[Problem]()
    for each in refusals:
        (alike if (each.code, each.text) == (NOT_AVAILABLE, words) else others).append(each)
    if len(alike) < 2:
        return tuple(refusals)
    staff = [said_by(reason) for reason in alike]
    return (Problem(NOT_AVAILABLE, words, for_staff=joined(staff, "; ")), *others)


def said_by(reason: Problem) -> Text:
    """Return a rule's reason as staff read it, with the plugin that gave it."""
    by = f" ({reason.plugin})" if reason.plugin else ""
    return Text(reason.staff_text.sv + by, reason.staff_text.en + by)


def shortage(item: StockItem, demand: int, settings: StockSettings) -> Text:
    """Return what staff read of an item that so many pieces are asked of: status, balance, policy and margin."""
    terms = settings.terms(item)
    margin = Text("", "")
    if terms.margin:
        margin = Text(", säkerhetsmarginal {n}", ", safety margin {n}").fill(n=terms.margin)
    return Text(
        "{status}, saldo {balance}, begärt {demand}, policy {policy}{margin}",
        "{status}, balance {balance}, {demand} asked for, policy {policy}{margin}",
    ).fill(
        status=settings.label(item.status), demand=demand, policy=terms.policy, margin=margin,
        balance="–" if item.balance is None else item.balance,
    )  # fmt: skip
