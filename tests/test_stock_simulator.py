"""A simulation judges as the shop itself does: what it accepts, takes and turns is what really placing the orders gives."""

import random
from contextlib import suppress
from typing import Any

import pytest

from ashop_core.changes import AmendRequest, LineEdit
from ashop_core.cli.output import to_json
from ashop_core.errors import Refused
from ashop_core.models import Move, Place
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import stock
from ashop_stock_control.items import StockItem
from ashop_stock_control.rules import Rule, When
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.simulating import replaying
from ashop_stock_control.simulating.document import document_of
from ashop_stock_control.simulating.events import Given, Later, Ordered
from ashop_stock_control.simulating.run import Run, Way
from ashop_stock_control.simulating.simulation import simulate_orders
from ashop_stock_control.simulating.simulator import simulate
from ashop_stock_control.simulating.trials import Trial
from ashop_stock_control.simulating.window import Wanted
from tests.lives import imported
from tests.shops import dump

SKUS = ("LAMPA", "BORD", "STOL")
BUYERS = tuple(some_customer(email=f"{name}@example.se", phone=phone) for name, phone in [
    ("anna", "070-1740601"), ("bo", "070-1740602"), ("anna", "070-1740603"), ("carl", "070-1740602"),
])  # fmt: skip
OPEN = "[plugins.stock_control]\nrules = []\n"
LIMIT = """
from datetime import timedelta
from ashop_core import Text, hookimpl
from ashop_stock_control import allow, refuse

@hookimpl
def ashop_stock_window():
    return timedelta(hours=1)

@hookimpl
def ashop_stock_check(question):
    if question.item.sku == "STOL":
        return allow()
    if question.demand + sum(b.quantity for b in question.bought) > 5:
        return refuse("five_each", Text("Högst fem var", "At most five each"))

@hookimpl
def ashop_stock_status(item, before, after):
    return "on_order" if item.sku == "BORD" and after <= 2 < before else None
"""


class Told:
    """Writes down what every run of a simulation let in, and every change of a stock status."""

    def __init__(self, monkeypatch):
        self.accepted: dict[int, set[str]] = {}
        self.statuses: dict[int, list[tuple[str, str, str]]] = {}
        take, move = Run.take, Run._move

        def taken(run, ordered, wanted, at, lines):
            found = take(run, ordered, wanted, at, lines)
            if found and lines:
                self.accepted.setdefault(id(run), set()).add(ordered.name)
            return found

        def moved(run, figures, *args, **kwargs):
            before = figures.item.status
            move(run, figures, *args, **kwargs)
            if figures.item.status != before:
                step = (figures.item.sku, before, figures.item.status)
                self.statuses.setdefault(id(run), []).append(step)

        monkeypatch.setattr(Run, "take", taken)
        monkeypatch.setattr(Run, "_move", moved)


# ── Random histories, in earnest and simulated ───────────────────────────────────────────────────


def script(seed):
    """Return steps: orders with lines and buyer, goods in, corrections, and what becomes of earlier orders."""
    chance = random.Random(seed)
    steps: list[tuple[Any, ...]] = [("place", (("LAMPA", 1),), 0)]
    orders, edited = 1, set[int]()
    for _ in range(chance.randint(15, 40)):
        kind = chance.choices(
            ["place", "receive", "adjust", "cancel", "undo", "edit", "ship", "return"], [12, 2, 2, 3, 1, 2, 1, 1]
        )[0]  # fmt: skip
        which = chance.randrange(orders) if orders else None
        if kind == "place":
            lines = [(chance.choice(SKUS), chance.randint(1, 4)) for _ in range(chance.randint(1, 4))]
            steps.append((kind, tuple(lines), chance.randrange(len(BUYERS))))
            orders += 1
        elif kind == "receive":
            steps.append((kind, chance.choice(SKUS), chance.randint(1, 5)))
        elif kind == "adjust":
            steps.append((kind, chance.choice(SKUS), chance.choice((-3, -1, 2))))
        elif which is not None and (kind not in ("edit", "undo") or which not in edited):
            # An order whose edit was refused is another order from then on, and so would its undo be.
            edited |= {which} if kind == "edit" else set()
            steps.append((kind, which, chance.randint(0, 6)))
    return steps


def play(shop, clock, steps):
    """Do the steps for real; return which orders were placed, by their place in the script."""
    placed, count = {}, 0
    for kind, *what in steps:
        clock.advance(minutes=5)
        if kind == "place":
            lines = [line for sku, quantity in what[0] for line in some_lines(sku, quantity=quantity)]
            with suppress(Refused):  # a customer who has to do without
                placed[count] = place_order(shop, lines, customer=BUYERS[what[1]]).reference
            count += 1
        elif kind == "receive":
            stock.receive(shop, what[0], what[1])
        elif kind == "adjust":
            stock.adjust(shop, what[0], what[1])
        elif what[0] in placed:
            with suppress(Refused):  # too late for it, or no goods left for it: then it stays as it was
                STEPS[kind](shop, placed[what[0]], what[1])
    return placed


def edit(shop, order, quantity):
    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=max(1, quantity)),)))


def ship(shop, order, _):
    shop.change_status(order, "reviewed")
    shop.approve(order)
    shop.change_status(order, "shipped")


STEPS = {
    "cancel": lambda shop, order, _: shop.change_status(order, "cancelled", reason="ångrad"),
    "undo": lambda shop, order, _: shop.undo(order),
    "edit": edit,
    "ship": ship,
    "return": lambda shop, order, _: shop.change_status(order, "returned"),
}


def begin(shop, clock, balance=6):
    for sku in SKUS:
        stock.add_item(shop, sku, balance=balance)
    clock.advance(minutes=1)
    return shop


def ends(shop):
    return {sku: (item.balance, item.status) for sku in SKUS for item in [stock.item(shop, sku)]}


def simulated_ends(run):
    return {sku: (f.item.balance, f.item.status) for sku, f in run.items.items()}


def turned(shop, since):
    """Return every change of a stock status since an instant, as the ledger has them; what was given then is before."""
    with shop.database.read() as reader:
        rows = reader.rows(
            "SELECT sku, status_before, status_after FROM stock_movements WHERE status_after IS NOT NULL "
            "AND (at > :since OR (at = :since AND order_id IS NOT NULL)) ORDER BY id",
            {"since": since},
        )
    return sorted(tuple(row) for row in rows)


RULE = Rule(when=When.FALLS_TO, threshold=1, from_=("in_stock",), to="on_order", back_at=4)
SOLD_OUT = Rule(when=When.FALLS_TO, threshold=0, from_=("in_stock",), to="sold_out", back_at=3)
TRIALS = {
    "open": Trial(policy="open", no_rules=True),
    "strict": Trial(policy="strict", no_rules=True),
    "up_to(2)": Trial(policy="up_to(2)", no_rules=True),
    "margin": Trial(policy="strict", margin=2, no_rules=True),
    "up_to and margin": Trial(policy="up_to(3)", margin=1, no_rules=True, rule=SOLD_OUT),
    "rule": Trial(no_rules=True, rule=SOLD_OUT),
    "rule and margin": Trial(no_rules=True, rule=SOLD_OUT, margin=2),
    "on order": Trial(policy="strict", no_rules=True, rule=RULE),
    "plugin": Trial(policy="strict", no_rules=True, rule=SOLD_OUT, plugins=("local:limit",)),
}


def toml_of(trial):
    words = f'[plugins.stock_control]\npolicy = "{trial.policy or "open"}"\nmargin = {trial.margin or 0}\n'
    rule = trial.rule
    if rule is None:
        return f"{words}rules = []\n"
    return (
        f'{words}[[plugins.stock_control.rules]]\nwhen = "{rule.when.value}"\nthreshold = {rule.threshold}\n'
        f'from = ["{rule.from_[0]}"]\nto = "{rule.to}"\nback_at = {rule.back_at}\n'
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", TRIALS)
def test_what_is_tried_comes_out_as_if_it_had_been_so(make_shop, clock, monkeypatch, name, seed):
    """Orders placed in a shop that refuses nothing, tried under P, are what a shop under P makes of them."""
    trial, steps, began = TRIALS[name], script(f"{name} {seed}"), clock.now
    files = {"plugins/limit.py": LIMIT}
    balance = (6, 2)[seed % 2]  # of two pieces some rules make an item sold out from the start
    generous = begin(make_shop("stock_control", toml=OPEN, files=files, folder="open"), clock, balance)
    everything = play(generous, clock, steps)
    clock.now = began
    strict = begin(
        make_shop("stock_control", *trial.plugins, toml=toml_of(trial), files=files, folder="tried"),
        clock,
        balance,
    )
    placed = play(strict, clock, steps)
    told = Told(monkeypatch)

    found = simulate_orders(generous, trial, Wanted())
    assert found.tried is not None

    names = {reference: n for n, reference in everything.items()}
    assert {names[name] for name in told.accepted.get(id(found.tried), ())} == set(placed)
    assert found.tried.figures.accepted == len(placed)
    assert found.tried.figures.refused == len(everything) - len(placed)
    assert {**ends(strict), **simulated_ends(found.tried)} == ends(strict)
    assert sorted(told.statuses.get(id(found.tried), [])) == turned(strict, found.began)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", TRIALS)
def test_what_was_accepted_under_the_present_settings_is_accepted_again(
    make_shop, clock, monkeypatch, name, seed
):
    trial = TRIALS[name]
    toml, files = toml_of(trial), {"plugins/limit.py": LIMIT}
    shop = begin(make_shop("stock_control", *trial.plugins, toml=toml, files=files), clock)
    placed = play(shop, clock, script(seed))
    told = Told(monkeypatch)

    found = simulate_orders(shop, Trial(), Wanted())

    assert (found.now.figures.accepted, found.now.figures.refused) == (len(placed), 0)
    assert {**ends(shop), **simulated_ends(found.now)} == ends(shop)
    assert sorted(told.statuses.get(id(found.now), [])) == turned(shop, found.began)


@pytest.mark.parametrize("seed", range(4))
def test_the_last_orders_alone_begin_with_what_the_ledger_had_then(make_shop, clock, seed):
    shop = begin(make_shop("stock_control", toml=toml_of(TRIALS["up_to and margin"])), clock)
    placed = play(shop, clock, script(seed))
    last = len(placed) // 2

    found = simulate_orders(shop, Trial(), Wanted(orders=last))

    assert (found.now.figures.orders, found.now.figures.refused) == (last, 0)
    assert {**ends(shop), **simulated_ends(found.now)} == ends(shop)


# ── What it is given ─────────────────────────────────────────────────────────────────────────────

AT = "2026-11-23T12:{:02d}:00.000000Z"


def ordered(minute, *lines, id_=0, later=(), total=10_000):
    moves = tuple(Move(n, sku, pieces, Place.FREE, Place.HELD) for n, (sku, pieces) in enumerate(lines, 1))
    number = id_ or minute
    return Ordered(
        at=AT.format(minute),
        id=number,
        name=str(number),
        total=total,
        currency="SEK",
        moves=moves,
        later=later,
    )


def back(minute, sku, pieces):
    return Later(AT.format(minute), (Move(1, sku, pieces, Place.HELD, Place.FREE),))


@pytest.fixture
def judged(make_shop):
    """Judge events of two items in which there are five pieces each."""

    def run(events, toml='[plugins.stock_control]\npolicy = "strict"\n', **changed):
        shop = make_shop("stock_control", toml=toml)
        items = {
            sku: StockItem(
                **{"sku": sku, "name": sku, "status": "in_stock", "tracked": True, "on_hand": 5, **changed}
            )
            for sku in ("LAMPA", "BORD")
        }
        way = Way(settings=shop.settings.for_plugin(StockSettings), plugins=shop.plugins)
        run = Run(way, items, lambda at: at[:10], AT.format(0))
        simulate(events, [run])
        return run

    return run


def balances(run):
    return {sku: f.item.balance for sku, f in run.items.items()}


def test_the_lines_of_an_item_are_one_demand(judged):
    run = judged([ordered(1, ("LAMPA", 3), ("LAMPA", 3))])

    assert (run.figures.refused, run.figures.refused_lines, run.figures.refused_pieces) == (1, 2, 6)


def test_an_order_has_all_of_it_or_nothing(judged):
    run = judged([ordered(1, ("BORD", 2), ("LAMPA", 6))])

    assert balances(run) == {"BORD": 5, "LAMPA": 5}
    assert run.figures.lost == {"SEK": 10_000}
    assert (run.items["LAMPA"].refused, run.items["BORD"].refused) == (1, 0)


def test_what_is_given_back_is_for_sale_again_and_only_once(judged):
    run = judged(
        [ordered(1, ("LAMPA", 5), later=(back(2, "LAMPA", 5), back(3, "LAMPA", 5))), ordered(4, ("LAMPA", 5))]
    )

    assert (run.figures.accepted, balances(run)) == (2, {"LAMPA": 0})


def test_an_order_that_was_refused_gives_nothing_back(judged):
    run = judged(
        [ordered(1, ("LAMPA", 6), later=(back(2, "LAMPA", 6),)), Given(at=AT.format(3), sku="LAMPA")]
    )

    assert balances(run) == {"LAMPA": 5}


def test_an_order_that_takes_later_is_judged_then(judged):
    """A shop may hold goods from another status on than the first."""
    take = Later(AT.format(3), (Move(1, "LAMPA", 5, Place.FREE, Place.HELD),))
    run = judged([ordered(1, later=(take,)), ordered(2, ("LAMPA", 1))])

    assert (run.figures.accepted, run.figures.refused) == (1, 1)


def test_goods_that_come_in_are_for_sale(judged):
    run = judged([Given(at=AT.format(1), sku="LAMPA", d_on_hand=3), ordered(2, ("LAMPA", 8))])

    assert (run.figures.accepted, balances(run)) == (1, {"LAMPA": 0})


def test_a_status_set_by_hand_is_set_in_the_simulation_too(judged):
    run = judged([Given(at=AT.format(1), sku="LAMPA", status="discontinued"), ordered(2, ("LAMPA", 1))])

    assert list(run.figures.reasons) == ["status discontinued"]


def test_an_item_without_a_balance_is_judged_by_its_status_alone(judged):
    run = judged([ordered(1, ("LAMPA", 500))], tracked=False, on_hand=0)

    assert (run.figures.accepted, balances(run)) == (1, {"LAMPA": None})


def test_a_pinned_item_keeps_its_status(judged):
    run = judged([ordered(1, ("LAMPA", 5))], pinned=True)

    assert (run.items["LAMPA"].changes, run.items["LAMPA"].item.status) == (0, "in_stock")


def test_it_is_counted_how_far_an_item_was_oversold_and_how_long_it_was_sold_out(judged):
    events = [
        ordered(1, ("LAMPA", 4)),
        ordered(2, ("LAMPA", 4)),
        Given(at=AT.format(12), sku="LAMPA", d_on_hand=9),
    ]

    lamp = judged(events, toml="").items["LAMPA"]

    assert (lamp.oversold, lamp.oversold_pieces, lamp.lowest) == (1, 3, -3)
    assert (lamp.changes, lamp.turned) == (2, 1)
    assert lamp.seconds == {"in_stock": 120, "sold_out": 600}


# ── What it reads ────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_written(make_shop, clock):
    shop = begin(make_shop("stock_control"), clock)
    play(shop, clock, script(1))
    before = dump(shop)

    simulate_orders(shop, Trial(policy="strict", margin=1, no_rules=True, rule=SOLD_OUT), Wanted())

    assert dump(shop) == before


def test_the_same_again_is_the_same_to_the_letter(make_shop, clock):
    shop = begin(make_shop("stock_control"), clock)
    play(shop, clock, script(2))
    trial = Trial(policy="strict", no_rules=True, rule=SOLD_OUT)

    documents = {to_json(document_of(simulate_orders(shop, trial, Wanted()))) for _ in range(3)}

    assert len(documents) == 1


def test_imported_orders_are_judged_from_a_balance_that_is_given(make_shop, clock):
    shop = make_shop("stock_control")
    for n in range(3):
        clock.advance(minutes=5)
        imported(shop, "shipped", external_id=str(n))  # three pieces each of two items, and no stock moved

    without = simulate_orders(shop, Trial(policy="strict"), Wanted())
    started = simulate_orders(shop, Trial(policy="strict"), Wanted(), start=7)

    assert (without.shown.figures.refused, sorted(without.without)) == (0, ["BORD", "LAMPA"])
    assert (started.shown.figures.accepted, started.shown.figures.refused) == (2, 1)
    assert simulated_ends(started.shown) == {"LAMPA": (1, "in_stock"), "BORD": (1, "in_stock")}


def test_only_the_items_of_a_group_or_a_sku_are_tried(make_shop, clock):
    toml = "[plugins.stock_control]\nrules = []\n"
    shop = begin(make_shop("stock_control", toml=toml), clock, balance=1)
    for sku in SKUS:
        clock.advance(minutes=1)
        place_order(shop, some_lines(sku, quantity=2))
    with shop.database.write() as tx:
        tx.execute("UPDATE stock_items SET item_group = 'ljus' WHERE sku = 'LAMPA'")

    group = simulate_orders(shop, Trial(policy="strict", groups=("ljus",)), Wanted())
    item = simulate_orders(shop, Trial(policy="strict", skus=("BORD",)), Wanted())

    assert {sku for sku, f in group.shown.items.items() if f.refused} == {"LAMPA"}
    assert {name for name, f in item.shown.items.items() if f.refused} == {"BORD"}


def test_pages_make_no_difference(make_shop, clock, monkeypatch):
    shop = begin(make_shop("stock_control"), clock)
    play(shop, clock, script(3))
    trial = Trial(policy="strict")
    whole = document_of(simulate_orders(shop, trial, Wanted()))

    monkeypatch.setattr(replaying, "PAGE", 2)

    assert document_of(simulate_orders(shop, trial, Wanted())) == whole


def test_checkouts_that_were_turned_away_are_told(make_shop, clock):
    shop = begin(make_shop("stock_control", toml='[plugins.stock_control]\npolicy = "strict"\n'), clock)
    place_order(shop, some_lines("LAMPA"))
    clock.advance(minutes=1)
    with pytest.raises(Refused):
        place_order(shop, some_lines("LAMPA", quantity=50))

    assert simulate_orders(shop, Trial(), Wanted()).turned_away == 1
