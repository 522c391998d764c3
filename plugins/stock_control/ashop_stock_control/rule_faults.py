"""What speaks against rules that are each right and together never come to rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_stock_control.rules import Crossing, Rule, Rulebook


def rule_faults(book: Rulebook) -> Iterator[Text]:
    """Yield every way in which an item would turn to and fro, or round and round, at one and the same balance.

    Without these faults there is an end to what the rules make of any item at any balance (`Rulebook.settle`).
    """
    yield from _turning(book)
    yield from _rings(book)


def _turning(book: Rulebook) -> Iterator[Text]:
    """Yield every pair of crossings of which the rising one takes back at once what the falling one gave."""
    for down in book.falling:
        for up in book.rising:
            if down.to in up.from_ and up.threshold <= down.threshold and down.rule.meets(up.rule):
                yield Text(
                    f"rules: {down.to} nås när saldot faller till {down.threshold}, men lämnas redan när det stiger "
                    f"till {up.threshold}: lägg det senare högre",
                    f"rules: {down.to} is entered as the balance falls to {down.threshold}, but left when it rises "
                    f"to {up.threshold} already: make that higher",
                )


def _rings(book: Rulebook) -> Iterator[Text]:
    """Yield the statuses that a fall alone, or a rise alone, leads round: rings of both have a pair that turns."""
    for crossings in (book.falling, book.rising):
        ring = _ring_of(crossings)
        if ring is not None:
            way = " → ".join(ring)
            yield Text(
                f"rules: {way}: i ett och samma fall (eller en och samma uppgång) skulle en artikel gå runt; "
                "ta bort en av de reglerna",
                f"rules: {way}: in one and the same fall (or rise) an item would go round in a ring; "
                "take one of those rules away",
            )


def _ring_of(crossings: Iterable[Crossing]) -> tuple[str, ...] | None:
    """Return the statuses of a ring that these crossings, all of one way, lead round for some item; None without one."""
    steps = {(source, c.to, c.rule.skus, c.rule.groups): c for c in crossings for source in sorted(c.from_)}
    leaving: dict[str, list[Crossing]] = {}
    for (source, *_), crossing in steps.items():
        leaving.setdefault(source, []).append(crossing)
    return next((ring for status in leaving if (ring := _way_back((status,), (), leaving))), None)


def _way_back(
    way: tuple[str, ...], by: tuple[Rule, ...], leaving: dict[str, list[Crossing]]
) -> tuple[str, ...] | None:
    for crossing in leaving.get(way[-1], ()):
        if not all(crossing.rule.meets(rule) for rule in by):
            continue
        if crossing.to in way:
            return (*way[way.index(crossing.to) :], crossing.to)
        ring = _way_back((*way, crossing.to), (*by, crossing.rule), leaving)
        if ring is not None:
            return ring
    return None
