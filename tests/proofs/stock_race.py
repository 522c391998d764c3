"""Races for the stock: sell-outs, duels for a last piece, a bank of moving goods, storms on one order.

Each makes its shop, races, and returns what was told and everything that is wrong. They run at synchronous=OFF: no
power cut is part of them, and the kills of tests/proofs have that to themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ashop_core import NewLine, Shop
from ashop_core.changes import AmendRequest, CancelRequest, LineEdit, Request
from ashop_core.doctor import examine_shop
from ashop_core.racing import Race, Word, race
from ashop_core.testing import FixedClock, place_order, some_customer, some_lines, write_shop
from ashop_stock_control import checkout_holds, health, stock
from ashop_stock_control.race.check import RaceReport
from ashop_stock_control.race.racing import SellOut, run

Fault = Callable[[], object]

STRICT = '[plugins.stock_control]\npolicy = "strict"\n'
HELD_IN_CHECKOUT = '[statuses.awaiting_payment]\nstock = "held"\n'


@dataclass
class Done:
    """A race that is over: what was told, and what is wrong."""

    told: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def of(cls, race: Race) -> Done:
        """Begin with what the processes were told."""
        told = Counter(each.word.value for each in race.told)
        return cls(told, race.errors, [f"an error: {words}" for words in race.errors[:5]], race.seconds)

    def look_at(self, shop: Shop) -> None:
        """Add what the doctor finds."""
        self.wrong += [finding.text.en for finding in examine_shop(shop) if finding.serious]


def _broken(fault: Fault | None) -> Callable[[Shop, int], object] | None:
    return None if fault is None else lambda shop, me: fault()


# ── Sell-outs ────────────────────────────────────────────────────────────────────────────────────

TWO_EACH = '''"""At most two of each to a customer in thirty days."""

from datetime import timedelta

from ashop_core import Text, hookimpl
from ashop_stock_control import refuse


@hookimpl
def ashop_stock_window():
    return timedelta(days=30)


@hookimpl
def ashop_stock_check(question):
    if question.whole + sum(earlier.quantity for earlier in question.bought) > 2:
        return refuse("two_each", Text("Högst två var", "At most two each"))
'''
DOWN_TO_TEN = """
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = -10
from = ["in_stock"]
to = "sold_out"
back_at = 1
"""
"""A rule that lets ten be oversold before the item is sold out."""
STRICTLY_TWO_EACH = """
[[plugins.strict_stock.rules]]
items = ["RACE"]
limit = 2
days = 30
"""


def sell_out(
    folder: Path,
    wanted: SellOut,
    fault: Fault | None = None,
    *,
    toml: str = "",
    in_step: bool = False,
) -> RaceReport:
    """Race for the last pieces in a shop with these settings, and the rule `two_each` where it is wanted."""
    write_shop(folder / "shop", "stock_control", toml=toml, files={"plugins/two_each.py": TWO_EACH})
    with Shop.open(folder / "shop") as shop:
        return run(shop, wanted, folder / "race", in_step=in_step, prepare=_broken(fault))


# ── The last piece ───────────────────────────────────────────────────────────────────────────────


def duel(folder: Path, duels: int, fault: Fault | None = None) -> Done:
    """Let two buyers want the last piece of so many items, both judged before either takes it."""
    write_shop(folder, "stock_control", toml=STRICT)
    with Shop.open(folder, synchronous="OFF") as shop:
        for n in range(duels):
            stock.add_item(shop, f"VARA-{n}", balance=1)
    raced = race(folder, _want_the_last, processes=2, tries=duels, in_step=True, prepare=_broken(fault))
    done = Done.of(raced)
    winners = Counter(each.n for each in raced.accepted)
    done.wrong += [f"duel {n}: {winners[n]} winners" for n in range(duels) if winners[n] != 1]
    if done.told[Word.REFUSED] != raced.refusals["not_available"]:
        done.wrong.append(f"losers were told {dict(raced.refusals)}")
    with Shop.open(folder, synchronous="OFF") as shop:
        done.look_at(shop)
    return done


def _want_the_last(shop: Shop, me: int, n: int) -> str:
    return place_order(shop, some_lines(f"VARA-{n}")).reference


# ── The bank ─────────────────────────────────────────────────────────────────────────────────────

SKUS = tuple(f"VARA-{n}" for n in range(10))
NEVER_CORRECTED_DOWN = SKUS[:5]
WRITERS, READERS = 8, 2
OPENING = 12

Figures = dict[str, tuple[int, int]]
"""By how much something changed what is on hand and held, by SKU."""


def bank(folder: Path, turns: int, fault: Fault | None = None) -> Done:
    """Let eight move goods of ten items in every way there is, while two look whether all adds up at that instant."""
    write_shop(folder, "stock_control", toml=STRICT)
    with Shop.open(folder, synchronous="OFF") as shop:
        for sku in SKUS:
            stock.add_item(shop, sku, balance=OPENING)
    mine: list[tuple[str, Figures]] = []
    raced = race(
        folder, lambda shop, me, n: _bank_turn(shop, me, n, mine),
        processes=WRITERS + READERS, tries=turns, prepare=_broken(fault),
    )  # fmt: skip
    done = Done.of(raced)
    with Shop.open(folder, synchronous="OFF") as shop:
        done.look_at(shop)
        expected = {sku: [OPENING, 0] for sku in SKUS}
        for each in raced.accepted:
            for sku, (d_on_hand, d_held) in each.value.items():
                expected[sku][0] += d_on_hand
                expected[sku][1] += d_held
        for sku in SKUS:
            item = stock.item(shop, sku)
            if [item.on_hand, item.held] != expected[sku]:
                done.wrong.append(f"{sku}: {item.on_hand}, {item.held}; told {expected[sku]}")
    return done


def _bank_turn(shop: Shop, me: int, n: int, mine: list[tuple[str, Figures]]) -> Figures:
    if me >= WRITERS:
        return _look(shop)
    chance = Random(f"{me}:{n}")
    sku, many = chance.choice(SKUS), chance.randint(1, 5)
    moves = ["receive", "adjust", "take", "take"] + ["release", "ship"] * bool(mine)
    move = chance.choice(moves)
    if move == "receive":
        stock.receive(shop, sku, many)
        return {sku: (many, 0)}
    if move == "adjust":
        by = many if sku in NEVER_CORRECTED_DOWN else -many
        stock.adjust(shop, sku, by)
        return {sku: (by, 0)}
    if move == "take":
        wanted = {each: chance.randint(1, 3) for each in chance.sample(SKUS, 2)}
        order = place_order(shop, _lines(wanted)).reference
        taken = {each: (0, pieces) for each, pieces in wanted.items()}
        mine.append((order, taken))
        return taken
    order, taken = mine.pop(chance.randrange(len(mine)))
    if move == "release":
        shop.cancel(order, "ångrad")
        return {each: (0, -pieces) for each, (_, pieces) in taken.items()}
    shop.approve(order)
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped")
    return {each: (-pieces, -pieces) for each, (_, pieces) in taken.items()}


def _lines(wanted: dict[str, int]) -> list[NewLine]:
    return [NewLine(sku=sku, name=sku, quantity=pieces, unit_price=100) for sku, pieces in wanted.items()]


def _look(shop: Shop) -> Figures:
    """Look at everything in one snapshot; what does not add up there is an error of the race."""
    with shop.database.read() as reader:
        wrong = [problem.text.en for problem in health.problems(shop)]
        rows = reader.rows("SELECT sku, on_hand - held AS balance FROM stock_items WHERE on_hand < held")
        wrong += [f"{row['sku']} at {row['balance']}" for row in rows if row["sku"] in NEVER_CORRECTED_DOWN]
    assert not wrong, wrong
    return {}


# ── Storms ───────────────────────────────────────────────────────────────────────────────────────

CALLERS = 8
ASKS = ("cancel", "undo", "cancel", "fewer", "cancel", "undo", "cancel", "more")
REQUESTS: dict[str, Request] = {
    "cancel": CancelRequest(reason="ångrade sig"),
    "fewer": AmendRequest(lines=(LineEdit(position=1, quantity=1),)),
    "more": AmendRequest(lines=(LineEdit(position=1, quantity=5),)),
}


def storm(folder: Path, orders: int, fault: Fault | None = None) -> Done:
    """Let eight cancel, undo and edit the same order at once, each deciding on what it was before; order by order."""
    write_shop(folder, "stock_control")
    with Shop.open(folder, synchronous="OFF") as shop:
        for sku in ("LAMPA", "SLADD"):
            stock.add_item(shop, sku, balance=1_000_000)
        names = [_ordered(shop) for _ in range(orders)]
    raced = race(
        folder, lambda shop, me, n: _storm(shop, me, names[n]),
        processes=CALLERS, tries=orders, in_step=True, prepare=_broken(fault),
    )  # fmt: skip
    done = Done.of(raced)
    callers: dict[int, list[str]] = defaultdict(list)
    for each in raced.accepted:
        callers[each.n].append(f"caller {each.worker}")
    with Shop.open(folder, synchronous="OFF") as shop:
        done.look_at(shop)
        done.wrong += _wrong_with_lines(shop)
        for n, name in enumerate(names):
            made = sorted(e.actor for e in shop.history(shop.order(name)) if e.actor.startswith("caller"))
            if made != sorted(callers[n]):
                done.wrong.append(f"{name}: told {sorted(callers[n])}, in the history {made}")
    return done


def _ordered(shop: Shop) -> str:
    order = place_order(shop, _lines({"LAMPA": 2, "SLADD": 1}))
    shop.change(order, AmendRequest(lines=(LineEdit(position=1, quantity=3),)))
    return order.reference


def _storm(shop: Shop, me: int, name: str) -> Any:
    if ASKS[me] != "undo":
        return shop.change(name, REQUESTS[ASKS[me]], actor=f"caller {me}")
    order, request = shop.undo_request(name)
    return shop.change(name, request, actor=f"caller {me}", expected_version=order.version)


def expiry(folder: Path, checkouts: int, fault: Fault | None = None) -> Done:
    """Let eight want what a checkout held until its time ran out: buyers, the timed job, the checkout itself."""
    write_shop(folder, "stock_control", toml=STRICT + HELD_IN_CHECKOUT)
    clock = FixedClock()
    with Shop.open(folder, synchronous="OFF", clock=clock) as shop:
        names = [_held(shop, n) for n in range(checkouts)]
    clock.advance(hours=1)
    raced = race(
        folder, lambda shop, me, n: _want_what_was_held(shop, me, names[n], f"VARA-{n}"),
        processes=CALLERS, tries=checkouts, in_step=True, prepare=_broken(fault), clock=clock,
    )  # fmt: skip
    done = Done.of(raced)
    with Shop.open(folder, synchronous="OFF", clock=clock) as shop:
        done.look_at(shop)
        done.wrong += _wrong_with_lines(shop)
        with shop.database.read() as reader:
            rows = reader.rows("SELECT sku, on_hand - held AS balance FROM stock_items WHERE on_hand <> held")
        done.wrong += [f"{row['sku']}: {row['balance']} left" for row in rows]
    return done


def _held(shop: Shop, n: int) -> str:
    stock.add_item(shop, f"VARA-{n}", balance=2)
    order = shop.start_order(
        some_lines(f"VARA-{n}", quantity=2), checkout_key=f"held {n}", payment_method="invoice"
    )
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    return order.reference


def _want_what_was_held(shop: Shop, me: int, name: str, sku: str) -> Any:
    if me in (0, 1):
        return place_order(shop, some_lines(sku, quantity=2 - me)).reference
    if me in (2, 3):
        return checkout_holds.lapse_due(shop)
    if me in (4, 5):
        return shop.place(name)
    if me == 6:
        return place_order(shop, some_lines(sku)).reference
    return shop.abandon(name)


def _wrong_with_lines(shop: Shop) -> Iterator[str]:
    """Yield every line of an order of which, at some moment, more had been released than was taken."""
    with shop.database.read() as reader:
        rows = reader.rows(
            "SELECT order_id, position, d_held FROM stock_movements WHERE order_id IS NOT NULL ORDER BY id"
        )
    held: Counter[tuple[int, int]] = Counter()
    for row in rows:
        line = row["order_id"], row["position"]
        held[line] += row["d_held"]
        if held[line] < 0:
            yield f"order {line[0]} line {line[1]}: released {-held[line]} more than it held"
