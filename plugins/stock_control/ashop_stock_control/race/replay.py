"""The ledger of a race read again, one change after the other with nobody else around: was each as the rules have it?

Policies and custom rules are pure functions of what they are given. So whatever many did at once must be what they
could have done in turn, in the order in which the ledger has it: each purchase allowed where it stands, and each
stock status what the rules make of the balance there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso
from ashop_core.texts import Text, joined
from ashop_stock_control import stock
from ashop_stock_control.asking import NO_OPINION, Answer, Rules
from ashop_stock_control.judging import Judge
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.verdicts import Bought, moment_before

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.items import StockItem

_ROWS = (
    "SELECT m.id, m.order_id, m.seq, m.d_on_hand, m.d_held, m.status_after, m.why, m.at, m.actor, o.reference, "
    "o.email_key AS customer FROM stock_movements AS m LEFT JOIN orders AS o ON o.id = m.order_id "
    "WHERE m.sku = :sku ORDER BY m.id"
)


@dataclass(frozen=True, slots=True)
class Flip:
    """One change of the stock status, and what did it."""

    before: str
    after: str
    why: str


@dataclass
class Replayed:
    """What the ledger tells of an item: pieces taken and kept by order, each change of status, and what is wrong."""

    begun_with: int = 0
    taken: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    flips: list[Flip] = field(default_factory=list)
    wrong: list[Text] = field(default_factory=list)


def replay(shop: Shop, sku: str) -> Replayed:
    """Go through an item's ledger, from its first row to its last."""
    with shop.database.read() as reader:
        rows = reader.rows(_ROWS, {"sku": sku})
    replaying = _Replaying(shop, stock.item(shop, sku))
    for _, group in groupby(rows, key=lambda row: (row["order_id"], row["seq"] or row["id"])):
        replaying.go_on(list(group))
    return replaying.found


class _Replaying:
    """An item on its way through its ledger, as it stands by now."""

    def __init__(self, shop: Shop, item: StockItem) -> None:
        self.found = Replayed()
        self._shop = shop
        self._settings = shop.settings.for_plugin(StockSettings)
        self._judge = Judge.of(shop.plugins)
        self._rules = Rules.of(shop.plugins, self._settings)
        self._item = replace(item, on_hand=0, held=0, status=self._settings.default_status)
        self._bought: dict[str, dict[str, Bought]] = {}

    def go_on(self, rows: list[Any]) -> None:
        """Take what one change did to the item, and judge it."""
        before, balance = self._item, self._item.balance or 0
        after = replace(
            before,
            on_hand=before.on_hand + sum(row["d_on_hand"] for row in rows),
            held=before.held + sum(row["d_held"] for row in rows),
        )
        status = next((row["status_after"] for row in reversed(rows) if row["status_after"]), before.status)
        left = after.balance or 0
        if rows[0]["order_id"] is None:
            self.found.begun_with += left - balance
        else:
            if left < balance:
                self.found.wrong += self._objections(before, balance - left, rows[0])
            self._note(rows, balance - left)
            steps = self._judge.steps(after, balance, left)
            if status != (steps[-1].to if steps else before.status):
                self.found.wrong.append(_wrong_status(before, balance, left, status, steps))
        if status != before.status:
            self.found.flips.append(Flip(before.status, status, rows[-1]["why"]))
        self._item = replace(after, status=status)

    def _objections(self, item: StockItem, demand: int, row: Any) -> Iterator[Text]:
        answer = self._answer(item, demand, row)
        settings, why = self._settings, list[Text]()
        why += [problem.staff_text for problem in answer.refusals]
        if item.status not in settings.purchasable:
            why.append(settings.label(item.status))
        elif not (answer.allowed or settings.terms(item).leaves_enough(item.balance or 0, demand)):
            why.append(Text("saldo {n}", "balance {n}").fill(n=item.balance))
        if why:
            yield Text(
                "{sku}: {order} fick {n} st fast de skulle ha nekats ({why})",
                "{sku}: {order} got {n} that should have been refused ({why})",
            ).fill(sku=item.sku, order=row["reference"], n=demand, why=joined(why, "; "))

    def _answer(self, item: StockItem, demand: int, row: Any) -> Answer:
        if self._rules is None:
            return NO_OPINION
        now, order = from_iso(row["at"]), self._shop.order(row["reference"])
        answers = self._rules.judged(
            {item.sku: self._earlier(row, now)}, order, {item.sku: item}, {item.sku: demand},
            actor=row["actor"], now=now,
        )  # fmt: skip
        return answers[item.sku]

    def _earlier(self, row: Any, now: datetime) -> tuple[Bought, ...]:
        """Return what the customer had bought by then, as far back as some rule looks."""
        windows = self._rules.windows.values() if self._rules is not None else ()
        if not windows:
            return ()
        since = moment_before(now, max(windows))
        mine = self._bought.get(row["customer"], {})
        return tuple(
            bought
            for order, bought in mine.items()
            if order != row["reference"] and bought.quantity > 0 and bought.at >= since
        )

    def _note(self, rows: list[Any], pieces: int) -> None:
        """Keep what the order has by now, for it and for the customer's next."""
        order, found = rows[0]["reference"], self.found
        found.kept[order] = found.kept.get(order, 0) + pieces
        if pieces > 0:
            found.taken[order] = found.taken.get(order, 0) + pieces
        mine = self._bought.setdefault(rows[0]["customer"], {})
        mine[order] = Bought(order=order, quantity=found.kept[order], at=from_iso(rows[0]["at"]))


def _wrong_status(item: StockItem, before: int, after: int, status: str, steps: list[Any]) -> Text:
    expected = steps[-1].to if steps else item.status
    return Text(
        "{sku}: saldo {b} → {a} gav lagerstatusen {s} i stället för {e}",
        "{sku}: balance {b} → {a} made the stock status {s} instead of {e}",
    ).fill(sku=item.sku, b=before, a=after, s=status, e=expected)
