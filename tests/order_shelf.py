"""What the model of an order desk knows of the stock: figures, policies, rules and warnings, written down a second time.

Nothing here asks Ashop: where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.order_model import Goods, Twin

PLENTY = 10**9
OPEN = 10**9
BUYABLE = {"in_stock", "on_order"}
FALLING = ((1, "in_stock", "on_order"), (-2, "on_order", "sold_out"))
RISING = ((0, "sold_out", "on_order"), (3, "on_order", "in_stock"))
RULES = """
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 1
from = ["in_stock"]
to = "on_order"
back_at = 3
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = -2
from = ["on_order"]
to = "sold_out"
back_at = 0
"""


@dataclass
class Shelf:
    """An item: what people put there, and what the orders of the moment hold of it and have sent."""

    put: int | None
    oversell: int = OPEN
    margin: int = 0
    low: int | None = None
    status: str = "in_stock"
    by_hand: bool = False
    held: int = 0
    gone: int = 0

    @property
    def on_hand(self) -> int | None:
        return None if self.put is None else self.put - self.gone

    @property
    def balance(self) -> int | None:
        return None if self.put is None else self.put - self.gone - self.held

    @property
    def warnings(self) -> set[str]:
        """Return the kinds of warning that are open."""
        if self.balance is None:
            return set()
        limits = {"oversold": -1} if self.low is None else {"oversold": -1, "low": self.low}
        return {kind for kind, limit in limits.items() if self.balance <= limit}

    def has(self, demand: int) -> bool:
        """Tell whether so many pieces are let go."""
        if self.status not in BUYABLE:
            return False
        return self.balance is None or self.balance - demand >= self.margin - self.oversell

    def put_there(self, on_hand: int) -> None:
        """Let people have that many on the shelf; if nobody counted it before, this is its first balance."""
        before, self.put = self.balance, on_hand + self.gone
        self.judge(before)

    def hold(self, held: int, gone: int) -> None:
        """Let orders hold and have sent so many."""
        before = self.balance
        self.held, self.gone = held, gone
        if self.put is not None:
            self.judge(before)

    def judge(self, before: int | None) -> None:
        """Let the rules see what the balance was and is; they count what is beyond the margin."""
        assert self.balance is not None
        after = self.balance - self.margin
        status = crossed(self.status, PLENTY if before is None else before - self.margin, after)
        if status != self.status or (before is None and not self.by_hand):
            status = settled(status, after)
        if status != self.status:
            self.status, self.by_hand = status, False


def crossed(status: str, before: int, after: int) -> str:
    """Return the status after a balance went from one figure to the other."""
    for threshold, source, target in FALLING if after < before else RISING:
        met = before > threshold >= after if after < before else before < threshold <= after
        if met and status == source:
            status = target
    return status


def settled(status: str, balance: int) -> str:
    """Return where a status comes to rest that was entered at this balance."""
    while True:
        new = crossed(status, PLENTY, balance)
        if new == status:
            new = crossed(status, -PLENTY, balance)
        if new == status:
            return status
        status = new


def new_shelves() -> dict[str, Shelf]:
    """Return what is there in the beginning: three that never run out, and one of each kind that does."""
    return {
        **{sku: Shelf(100_000) for sku in ("S0", "S1", "S2")},
        "STRICT": Shelf(6, oversell=0, low=2),
        "UP_TO": Shelf(4, oversell=2),
        "MARGIN": Shelf(8, oversell=0, margin=2, low=4),
        "LATER": Shelf(None, oversell=1, low=0),
    }


SKUS = tuple(new_shelves())
SCARCE = SKUS[3:]


def wanted(before: Iterable[Goods], after: Iterable[Goods]) -> dict[str, int]:
    """Return how many pieces of each SKU the lines have taken after a change, where they had not before it."""
    more = Counter[str]()
    for sign, lines in ((1, after), (-1, before)):
        for line in lines:
            more[line.sku] += sign * (line.held + line.gone)
    return {sku: pieces for sku, pieces in more.items() if pieces > 0}


def lacking(shelves: Mapping[str, Shelf], demand: Mapping[str, int]) -> set[str]:
    """Return the code that stands against a change which takes this, if it cannot be had."""
    return set() if all(shelves[sku].has(n) for sku, n in demand.items()) else {"not_available"}


def recounted(shelves: Mapping[str, Shelf], twins: Iterable[Twin]) -> None:
    """Bring the shelves to what the orders hold and have sent now."""
    held, gone = Counter[str](), Counter[str]()
    for twin in twins:
        for line in twin.lines.values() if twin.moves_stock else ():
            held[line.sku] += line.held
            gone[line.sku] += line.gone
    for sku, shelf in shelves.items():
        shelf.hold(held[sku], gone[sku])
