"""What came of a sell-out: the figures, and everything that is not as it would have been one order after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.doctor import examine_shop
from ashop_core.racing import Word
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.asking import CHECK_HOOK
from ashop_stock_control.policies import Terms
from ashop_stock_control.race.replay import Flip, Replayed, replay
from ashop_stock_control.race.shop import rule_plugins
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.racing import Race

_MOST_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class RaceReport:
    """A sell-out that is over. `wrong` is empty where all went right.

    `pieces` are still sold at the end, of at most `most` by the item's `terms` alone; None where they set no bound or a
    custom rule decides. `most_to_one` is the most that one customer has of it.
    """

    terms: Terms
    rules: tuple[str, ...]
    orders: int
    pieces: int
    most: int | None
    most_to_one: int
    cancelled: int
    refusals: Counter[str]
    flips: tuple[Flip, ...]
    errors: tuple[str, ...]
    wrong: tuple[Text, ...]
    tries: int
    seconds: float


def report_on(folder: Path, sku: str, skus: tuple[str, ...], done: Race) -> RaceReport:
    """Look into the shop that was raced in and return what came of it."""

    with Shop.open(folder, synchronous="OFF") as shop:
        item = stock.item(shop, sku)
        terms = shop.settings.for_plugin(StockSettings).terms(item)
        replayed = {each: replay(shop, each) for each in skus}
        wrong = [
            *_errors(done),
            *(words for each in replayed.values() for words in each.wrong),
            *(words for each in skus for words in _against_told(each, replayed[each], done)),
            *(finding.text for finding in examine_shop(shop) if finding.serious),
        ]
        bounded = not (terms.policy.is_open or shop.plugins.implementations(CHECK_HOOK))
        found = replayed[sku]
        return RaceReport(
            terms=terms, rules=rule_plugins(shop), orders=len(done.accepted), pieces=item.held,
            most=found.begun_with - terms.margin + terms.policy.oversell if bounded else None,
            most_to_one=_most_to_one(sku, done), cancelled=sum(t.value["cancelled"] for t in done.accepted),
            refusals=done.refusals, flips=tuple(found.flips), errors=tuple(done.errors), wrong=tuple(wrong),
            tries=done.processes * done.tries, seconds=done.seconds,
        )  # fmt: skip


def _errors(done: Race) -> Iterator[Text]:
    counts = Counter(done.errors)
    for words, times in counts.most_common(_MOST_TOLD):
        yield Text(
            "{n} gånger fick en anropare felet {e}", "{n} times a caller was given the error {e}"
        ).fill(n=times, e=words)
    others = len(done.of(Word.CONFLICT)) + len(done.of(Word.UNCHANGED))
    if others:
        yield Text("{n} köp fick inget svar som är ett", "{n} purchases got an answer that is none").fill(
            n=others
        )


def _against_told(sku: str, replayed: Replayed, done: Race) -> Iterator[Text]:
    """Compare what callers were told of their orders with what the ledger has taken for them: all, or nothing."""
    told = {t.value["order"]: t.value["pieces"][sku] for t in done.accepted if t.value["pieces"][sku]}
    taken = {order: pieces for order, pieces in replayed.taken.items() if pieces}
    for order in sorted(told.keys() | taken.keys()):
        if told.get(order, 0) != taken.get(order, 0):
            yield Text(
                "{sku}: {order} fick besked om {a} st, men i lagret är {b} tagna",
                "{sku}: {order} was told of {a}, but in the stock {b} are taken",
            ).fill(sku=sku, order=order, a=told.get(order, 0), b=taken.get(order, 0))
    released = {t.value["order"] for t in done.accepted if t.value["cancelled"]}
    for order, pieces in sorted(replayed.kept.items()):
        if pieces != (0 if order in released else taken.get(order, 0)):
            yield Text("{sku}: {order} håller {n} st efteråt", "{sku}: {order} holds {n} afterwards").fill(
                sku=sku, order=order, n=pieces
            )


def _most_to_one(sku: str, done: Race) -> int:
    got: Counter[Any] = Counter()
    for each in done.accepted:
        got[each.value["customer"]] += 0 if each.value["cancelled"] else each.value["pieces"][sku]
    return max(got.values(), default=0)
