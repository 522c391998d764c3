"""The ledger by reference: what goes on from a take refers to it, so that nothing is given back twice or untaken."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from uuid import uuid4

import pytest

from ashop_core import Order, Refused, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest, StatusRequest
from ashop_core.errors import ConstraintError
from ashop_core.lifecycle import desk_of
from ashop_core.models import (
    Change,
    Kind,
    Move,
    NewLine,
    NewParcel,
    NewPayment,
    Parcel,
    PaymentKind,
    Place,
)
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from ashop_core.transaction import ChangeTransaction
from ashop_stock_control import checkout_holds, orders, stock
from tests.lives import approve, codes, figures, imported, led, part, sound, stocked, to

SHIPPED = (to("reviewed"), approve, to("shipped"))
OUT_OF_ORDER = """
[[transitions]]
from = "partly_shipped"
to = "cancelled"

[[transitions]]
from = "shipped"
to = "reviewed"
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return stocked(make_shop("stock_control", toml=OUT_OF_ORDER))


def movements(shop: Shop, order: Order, sku: str = "LAMPA") -> list[tuple[str, int, int, int | None]]:
    """Return an order's rows of one article, each with the row that it refers to."""
    with shop.database.read() as reader:
        found = reader.rows(
            "SELECT * FROM stock_movements WHERE sku = :sku AND order_id = :id ORDER BY id",
            {"sku": sku, "id": order.id},
        )
    ids = {row["id"]: n for n, row in enumerate(found)}
    return [(row["kind"], row["d_on_hand"], row["d_held"], ids.get(row["origin"])) for row in found]


def check_ledger(shop: Shop) -> None:
    """Assert S4, S5, and of every take that what is left of it, and what has left, is some of what was taken."""
    with shop.database.read() as reader:
        rows = reader.rows("SELECT * FROM stock_movements ORDER BY id")
        items = {row["sku"]: row for row in reader.rows("SELECT * FROM stock_items")}
        lines = reader.rows(
            "SELECT l.* FROM order_lines AS l JOIN orders AS o ON o.id = l.order_id WHERE o.moves_stock = 1"
        )
        lapsed = {
            (r["order_id"], r["sku"])
            for r in reader.rows("SELECT * FROM stock_checkout_holds WHERE lapsed = 1")
        }
    by_id = {row["id"]: row for row in rows}
    held, gone = dict.fromkeys(by_id, 0), dict.fromkeys(by_id, 0)
    sums = {sku: [0, 0] for sku in items}
    line_held: dict[tuple[int, int, str], int] = {}
    for row in rows:
        sums[row["sku"]][0] += row["d_on_hand"]
        sums[row["sku"]][1] += row["d_held"]
        if row["order_id"] is None:
            continue
        place = row["order_id"], row["position"], row["sku"]
        line_held[place] = line_held.get(place, 0) + row["d_held"]
        root = by_id[row["origin"] or row["id"]]
        assert place == (root["order_id"], root["position"], root["sku"])
        assert root["origin"] is None
        assert row["d_held"] >= 0 or row["origin"] is not None, "something was released that nobody took"
        held[root["id"]] += row["d_held"]
        gone[root["id"]] -= row["d_on_hand"] if row is not root else 0
    assert sums == {sku: [item["on_hand"], item["held"]] for sku, item in items.items()}
    for root_id, taken in by_id.items():
        if taken["origin"] is None and taken["d_held"] > 0:
            assert 0 <= held[root_id] <= taken["d_held"]
            assert 0 <= gone[root_id] <= taken["d_held"]
            assert held[root_id] + gone[root_id] <= taken["d_held"]
    holds = {
        (row["order_id"], row["position"], row["sku"]): row["held"]
        for row in lines
        if row["held"] and items[row["sku"]]["tracked"] and (row["order_id"], row["sku"]) not in lapsed
    }
    assert {place: pieces for place, pieces in line_held.items() if pieces} == holds


# ── By reference ─────────────────────────────────────────────────────────────────────────────────


def test_each_part_of_an_order_refers_to_its_take(shop):
    order = led(shop, to("reviewed"), approve, part(1), part(1, "DEL 2"))
    shop.cancel(order, "slut")
    shop.take_back(order, ReturnRequest(restocked={1: 1}, written_off={1: 1}))

    assert movements(shop, order) == [
        ("take", 0, 3, None),
        ("ship", -1, -1, 0),
        ("ship", -1, -1, 0),
        ("release", 0, -1, 0),
        ("take_back", 1, 0, 0),
    ]
    check_ledger(shop)


def test_what_is_added_to_a_line_is_a_take_of_its_own_and_the_oldest_is_given_back_first(shop):
    order = led(shop)
    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=5),)))

    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=1),)))

    assert movements(shop, order) == [
        ("take", 0, 3, None),
        ("take", 0, 2, None),
        ("release", 0, -3, 0),
        ("release", 0, -1, 1),
    ]
    check_ledger(shop)


def test_an_undo_takes_back_each_row_once_though_two_moves_of_a_line_made_them(shop):
    """One part of the line was held and the other gone: cancelling brought both back, and the undo takes both."""
    order = led(shop, to("reviewed"), approve, part(1))
    was = figures(shop)
    shop.change_status(order, "cancelled", reason="ångrad")
    back = figures(shop)

    shop.undo(order)

    assert (back["LAMPA"], figures(shop)) == ((10, 0), was)
    check_ledger(shop)
    sound(shop)


def test_goods_that_left_before_they_were_counted_come_back_to_the_shelf_and_leave_again(make_shop):
    shop = make_shop("stock_control", toml=OUT_OF_ORDER)
    stock.add_item(shop, "LAMPA")
    order = led(shop, *SHIPPED)
    stock.count(shop, "LAMPA", 5)
    shop.change_status(order, "reviewed")
    check_ledger(shop)
    shop.change_status(order, "shipped")

    shop.take_back(order, ReturnRequest(restocked={1: 2}))

    assert movements(shop, order) == [
        ("unship", 3, 3, None),
        ("ship", -3, -3, 0),
        ("take_back", 2, 0, 0),
    ]
    assert figures(shop)["LAMPA"] == (7, 0)
    check_ledger(shop)
    sound(shop)


def test_undoing_what_unshipped_uncounted_goods_leaves_them_gone(make_shop):
    shop = make_shop("stock_control", toml=OUT_OF_ORDER)
    stock.add_item(shop, "LAMPA")
    order = led(shop, *SHIPPED)
    stock.count(shop, "LAMPA", 5)
    shop.change_status(order, "reviewed")

    shop.undo(order)
    undone = figures(shop)["LAMPA"]
    shop.take_back(order, ReturnRequest(restocked={1: 3}))

    assert (undone, figures(shop)["LAMPA"]) == ((5, 0), (8, 0))
    check_ledger(shop)
    sound(shop)


def test_an_undo_that_comes_too_late_is_refused_in_words_though_the_line_is_no_more(shop, clock):
    order = led(shop)
    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=0),)))
    stock.set_status(shop, "LAMPA", "sold_out")
    clock.advance(days=2)

    with pytest.raises(Refused) as refusal:
        shop.undo(order)

    assert codes(refusal) == ["too_late", "not_available"]


@pytest.mark.parametrize("first", [Place.HELD, Place.GONE])
def test_a_line_that_is_taken_for_two_ends_is_one_take(shop, first):
    """An order taken over half sent: whichever move comes first, what left refers to the take."""
    order = place_order(shop, some_lines("STOL", quantity=5))
    moves = [
        Move(1, "LAMPA", 3, Place.FREE, Place.GONE),
        Move(1, "LAMPA", 2, Place.FREE, Place.HELD),
    ]
    change = Change(
        kind=Kind.STATUS, seq=9, from_status="received", to_status="reviewed", at=shop.clock(), actor="x",
        moves=tuple(sorted(moves, key=lambda move: move.target is not first)),
    )  # fmt: skip

    carry_out(shop, order, change)

    assert sorted(movements(shop, order), key=lambda row: row[3] is not None) == [
        ("take", 0, 5, None),
        ("ship", -3, -3, 0),
    ]


def carry_out(shop: Shop, order: Order, change: Change) -> None:
    """Let stock control do its part of a change, whatever the order's own row says."""
    with shop.database.write() as writer:
        tx = ChangeTransaction(writer, order, change, shop.settings, shop.flows, shop.plugins)
        orders.carry_out(tx, order, change)


# ── Each effect once ─────────────────────────────────────────────────────────────────────────────

REQUESTS = {
    "placed": ((), None),
    "shipped": ((to("reviewed"), approve), StatusRequest(to="shipped")),
    "cancelled": ((), StatusRequest(to="cancelled", reason="x")),
    "more": ((), AmendRequest(lines=(LineEdit(position=1, quantity=5),))),
    "fewer": ((), AmendRequest(lines=(LineEdit(position=1, quantity=1),))),
    "a part": (
        (to("reviewed"), approve),
        StatusRequest(to="partly_shipped", parcel=NewParcel(contents={1: 1})),
    ),
    "returned": (SHIPPED, ReturnRequest(restocked={1: 2})),
    "unshipped": (SHIPPED, StatusRequest(to="reviewed")),
    "undone": (SHIPPED, "undo"),
}


@pytest.mark.parametrize(("steps", "request_"), REQUESTS.values(), ids=REQUESTS)
def test_the_same_change_twice_has_its_effect_once(shop, steps, request_):
    order = led(shop, *steps)
    if request_ is None:
        with shop.database.read() as reader:
            assert reader.row("SELECT 1 FROM stock_movements WHERE order_id = :id", {"id": order.id})
        moves = tuple(Move(x.position, x.sku, x.quantity, Place.FREE, Place.HELD) for x in order.lines)
        change = Change(
            kind=Kind.PLACED, seq=order.version, from_status="details_given", to_status="received",
            at=shop.clock(), actor="x", moves=moves, places=True,
        )  # fmt: skip
        after = order
    else:
        request = shop.undo_request(order)[1] if request_ == "undo" else request_
        draft = request.draft(order, desk_of(shop, "x"))
        assert draft is not None
        change, after = draft.change, draft.after
        carry_out(shop, after, change)
    rows = movements(shop, order)

    if change.to_status == "cancelled":  # nothing is held any more: there is nothing to release
        carry_out(shop, after, change)
    else:
        with pytest.raises(ConstraintError):
            carry_out(shop, after, change)

    assert movements(shop, order) == rows


# ── Items that nobody counted ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("counted", ["before", "after", "never"])
def test_a_cancelled_order_gives_back_only_what_was_counted(make_shop, counted):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA")
    order = led(shop)
    if counted == "before":
        stock.count(shop, "LAMPA", 4)
    shop.cancel(order, "ångrad")
    if counted == "after":
        stock.count(shop, "LAMPA", 4)

    assert figures(shop)["LAMPA"] == ((0, 0) if counted == "never" else (4, 0))
    check_ledger(shop)
    sound(shop)


def test_a_part_sent_before_counting_does_not_come_from_the_shelf_that_was_counted(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA")
    order = led(shop, to("reviewed"), approve, part(1))
    stock.count(shop, "LAMPA", 4)
    shop.change_status(order, "shipped")

    shop.take_back(order, ReturnRequest(restocked={1: 3}))

    assert movements(shop, order) == [
        ("take", 0, 2, None),
        ("ship", -2, -2, 0),
        ("take_back", 2, 0, 0),
        ("take_back", 1, 0, None),
    ]
    assert figures(shop)["LAMPA"] == (5, 0)
    check_ledger(shop)


# ── Lives ────────────────────────────────────────────────────────────────────────────────────────

SKUS = ("LAMPA", "BORD", "STOL", "SKÅP")
HOLDING = (
    '[statuses.awaiting_payment]\nstock = "held"\n[statuses.details_given]\nstock = "held"\n' + OUT_OF_ORDER
)


class Lives:
    """Orders led at random, in a shop that begins to count its goods while they are under way."""

    def __init__(self, shop: Shop, clock: FixedClock, seed: int) -> None:
        self.shop = shop
        self.clock = clock
        self.chance = Random(seed)
        self.orders: list[Order] = []
        self.made: dict[str, int] = {}

    def lead(self, steps: int) -> None:
        """Take so many steps and look at the ledger after each."""
        ways: list[Callable[[], object]] = [
            self.begin, self.begin, self.take_over, self.go_on, self.go_on, self.go_on, self.correct,
            self.send_part, self.send_part, self.come_back, self.come_back, self.undo, self.undo, self.undo,
            self.pay, self.count, self.wait, self.sweep,
        ]  # fmt: skip
        for _ in range(steps):
            step = self.chance.choice(ways)
            try:
                step()
            except (Refused, IndexError):
                continue
            self.made[step.__name__] = self.made.get(step.__name__, 0) + 1
            check_ledger(self.shop)

    def one(self, where: Callable[[Order], bool] = lambda order: True) -> Order:
        """Return one of the orders like that; IndexError where there is none."""
        return self.chance.choice([order for order in map(self.shop.order, self.orders) if where(order)])

    def lines(self) -> tuple[NewLine, ...]:
        return some_lines(
            *self.chance.choices(SKUS, k=self.chance.randint(1, 3)), quantity=self.chance.randint(1, 3)
        )

    def begin(self) -> None:
        shop, chance = self.shop, self.chance
        order = shop.start_order(
            self.lines(),
            checkout_key=uuid4().hex,
            delivery="post",
            payment_method=chance.choice(["card", "invoice"]),
        )
        self.orders.append(order)
        shop.give_details(order, customer=some_customer())
        if chance.random() < 0.5:
            shop.await_payment(order)
        if chance.random() < 0.7:
            self.clock.advance(minutes=chance.choice([0, 29, 30]))
            if order.payment_method == "card":
                shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=shop.order(order).total))
            shop.place(order)
            shop.approve(order)

    def take_over(self) -> None:
        chance, lines = self.chance, self.lines()
        status = chance.choice(["reviewed", "shipped", "partly_shipped", "awaiting_payment"])
        parcels: tuple[Parcel, ...] = ()
        if status == "partly_shipped":
            contents = {1: chance.randint(1, lines[0].quantity)}
            parcels = (
                Parcel(
                    position=1, seq=1, number="P", carrier=None, sent_at=self.shop.clock(), contents=contents
                ),
            )
        order = imported(
            self.shop,
            status,
            external_id=uuid4().hex,
            lines=lines,
            parcels=parcels,
            move_stock=chance.random() < 0.8,
        )
        self.orders.append(order)

    def go_on(self) -> None:
        order = self.one()
        targets = [t for t in self.shop.flows.targets("post", order.status) if t != "partly_shipped"]
        self.shop.change_status(order, self.chance.choice(targets), reason="x")

    def correct(self) -> None:
        order = self.one()
        edit = LineEdit(position=self.chance.choice(order.lines).position, quantity=self.chance.randint(0, 5))
        add = self.lines() if self.chance.random() < 0.3 else ()
        self.shop.amend(order, AmendRequest(lines=(edit,), add=add))

    def send_part(self) -> None:
        order = self.one(lambda order: order.status in ("reviewed", "partly_shipped"))
        line = self.chance.choice([line for line in order.lines if line.held])
        parcel = NewParcel(number="P", contents={line.position: self.chance.randint(1, line.held)})
        self.shop.change_status(order, "partly_shipped", parcel=parcel)

    def come_back(self) -> None:
        order = self.one(lambda order: any(line.away for line in order.lines))
        line = self.chance.choice([line for line in order.lines if line.away])
        pieces = {line.position: self.chance.randint(1, line.away)}
        request = self.chance.choice([ReturnRequest(restocked=pieces), ReturnRequest(written_off=pieces)])
        self.shop.take_back(order, request)

    def undo(self) -> None:
        self.shop.undo(self.one())

    def pay(self) -> None:
        order = self.one()
        self.shop.add_payment(
            order, NewPayment(kind=PaymentKind.PAID, amount=order.total, reference=uuid4().hex)
        )

    def count(self) -> None:
        stock.count(self.shop, self.chance.choice(SKUS[:2]), self.chance.randint(0, 30))

    def wait(self) -> None:
        self.clock.advance(minutes=self.chance.choice([1, 29, 31]))

    def sweep(self) -> None:
        checkout_holds.lapse_due(self.shop)


LIVES, STEPS = 12, 60


@pytest.mark.parametrize("policy", ["open", "strict"])
def test_whatever_orders_go_through_the_ledger_adds_up_by_every_take(make_shop, clock, policy):
    made: dict[str, int] = {}
    for seed in range(LIVES):
        shop = make_shop(
            "stock_control", toml=f'{HOLDING}[plugins.stock_control]\npolicy = "{policy}"\n',
            folder=f"life {seed}", synchronous="OFF",
        )  # fmt: skip
        stock.add_item(shop, "LAMPA", balance=20)
        stock.add_item(shop, "BORD")
        stock.add_item(shop, "STOL", balance=8)
        life = Lives(shop, clock, seed)

        life.lead(STEPS)

        sound(shop)
        made = {name: made.get(name, 0) + life.made.get(name, 0) for name in made | life.made}
    assert min(made.values()) >= 5
    assert len(made) == 11
