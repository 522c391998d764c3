"""Sell-outs: processes that buy the same last pieces all at once, in a shop made for it, and whether all went right.

Every try is a whole order: begun, filled in, placed. What it wants is worked out from its number alone, so that a race
can be run again with the same orders; which of them come first is what is raced for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from ashop_core.errors import Refused
from ashop_core.models import Customer, NewLine
from ashop_core.racing import race
from ashop_stock_control import stock
from ashop_stock_control.asking import CHECK_HOOK
from ashop_stock_control.demand import NOT_AVAILABLE
from ashop_stock_control.policies import Policy
from ashop_stock_control.race.check import RaceReport, report_on
from ashop_stock_control.race.shop import make_shop
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

OTHER = "0-RACE"
"""The item that some orders want besides, of which there is plenty: it sorts, and so is taken, before most others."""


class WronglyRefusedError(Exception):
    """An order was refused for want of goods that were there all the time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """What one try wants to buy, and who."""

    lines: tuple[NewLine, ...]
    customer: int

    def demand(self, sku: str) -> int:
        """Return how many pieces of an item it wants in all."""
        return sum(line.quantity for line in self.lines if line.sku == sku)


@dataclass(frozen=True, kw_only=True)
class SellOut:
    """What is raced for, by how many, under which rules.

    `policy` and `margin` go before the shop's own; `plugins` are the names of the custom rules. The item is called
    `sku` and is in `group`, for rules that name them. An order wants a quantity from the first to the second of
    `quantities`; of a hundred orders `several` want another item besides, `twice` have the item on two lines, and
    `cancelled` of those placed are cancelled at once.
    """

    sku: str = "RACE"
    group: str = ""
    stock: int = 50
    policy: str | None = None
    margin: int | None = None
    plugins: tuple[str, ...] = ()
    quantities: tuple[int, int] = (1, 3)
    customers: int = 20
    several: int = 30
    twice: int = 10
    cancelled: int = 0
    processes: int = 16
    tries: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.policy is not None:
            Policy.parse(self.policy)

    def basket(self, worker: int, n: int) -> Basket:
        """Return what a process wants at a try: always the same."""
        chance = Random(f"{self.seed}:{worker}:{n}")  # noqa: S311 - an order, and no secret
        lines = [self._line(chance.randint(*self.quantities))]
        if chance.randrange(100) < self.twice:
            lines.append(self._line(chance.randint(*self.quantities)))
        if chance.randrange(100) < self.several:
            other = NewLine(sku=OTHER, name=OTHER, quantity=1, unit_price=100)
            lines.insert(chance.randrange(len(lines) + 1), other)
        return Basket(lines=tuple(lines), customer=chance.randrange(self.customers))

    def cancels(self, worker: int, n: int) -> bool:
        """Tell whether what was placed at a try is cancelled again."""
        return Random(f"{self.seed}:{worker}:{n}:cancel").randrange(100) < self.cancelled  # noqa: S311

    def _line(self, quantity: int) -> NewLine:
        return NewLine(sku=self.sku, name=self.sku, quantity=quantity, unit_price=100)


def run(
    shop: Shop,
    wanted: SellOut,
    folder: Path,
    *,
    in_step: bool = False,
    prepare: Callable[[Shop, int], object] | None = None,
    progress: Callable[[int], object] | None = None,
) -> RaceReport:
    """Make a shop with this one's stock settings in an empty folder, sell out there, and tell what came of it."""
    make_shop(
        shop, wanted, folder, {wanted.sku: wanted.stock, OTHER: wanted.processes * wanted.tries + 10**6}
    )

    def buy(shop: Shop, worker: int, n: int) -> Any:
        return _buy(shop, wanted, worker, n)

    done = race(
        folder, buy, processes=wanted.processes, tries=wanted.tries, in_step=in_step, prepare=prepare,
        clock=shop.clock, progress=progress,
    )  # fmt: skip
    return report_on(folder, wanted.sku, (wanted.sku, OTHER), done)


def _buy(shop: Shop, wanted: SellOut, worker: int, n: int) -> dict[str, Any]:
    basket = wanted.basket(worker, n)
    order = shop.start_order(
        basket.lines, checkout_key=f"{worker}:{n}", payment_method="invoice", delivery="post"
    )
    shop.give_details(order, customer=_customer(basket.customer))
    try:
        shop.place(order)
    except Refused as refusal:
        if not wanted.cancelled and {p.code for p in refusal.problems} == {NOT_AVAILABLE}:
            _ensure_sold_out(shop, basket)
        raise
    cancelled = wanted.cancels(worker, n)
    if cancelled:
        shop.cancel(order, "race")
    pieces = {sku: basket.demand(sku) for sku in (wanted.sku, OTHER)}
    return {"order": order.reference, "pieces": pieces, "customer": basket.customer, "cancelled": cancelled}


def _ensure_sold_out(shop: Shop, basket: Basket) -> None:
    """Look what is left, once an order was refused: where nothing comes back, it was as much or more before.

    What a custom rule says in the words of the policies cannot be told from them, and so is not looked at.
    """
    if shop.plugins.implementations(CHECK_HOOK):
        return
    settings = shop.settings.for_plugin(StockSettings)
    for sku in {line.sku for line in basket.lines}:
        item = stock.item(shop, sku)
        enough = settings.terms(item).leaves_enough(item.balance or 0, basket.demand(sku))
        if item.status not in settings.purchasable or not enough:
            return
    wanted = {line.sku: basket.demand(line.sku) for line in basket.lines}
    raise WronglyRefusedError(f"{wanted} refused, though it is all there")


def _customer(number: int) -> Customer:
    return Customer(
        name=f"Kund {number}", email=f"kund{number}@example.com", street="Storgatan 1", postal_code="11421",
        city="Stockholm", country="SE",
    )  # fmt: skip
