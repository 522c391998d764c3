"""`ashop doctor --fix` on the stock: what was damaged past Ashop is named, mended or left to a person, and all goes on."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass

import pytest

from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.doctor import examine_shop
from ashop_core.errors import Conflict, ConstraintError, InvalidInput, Refused
from ashop_core.models import NewParcel
from ashop_core.repairing import mend
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import stock

HOLDING = '[statuses.awaiting_payment]\nstock = "held"\n[plugins.stock_control]\nlow = 1\n'


# ── A shop in the middle of its work ─────────────────────────────────────────────────────────────


def busy(make_shop, toml=HOLDING):
    """Return a shop with an order in every place that goods can be in, and the ids by what they are."""
    shop = make_shop("stock_control", toml=toml)
    stock.add_item(shop, "LAMPA", "Lampa", balance=20)
    stock.add_item(shop, "BORD", "Bord", balance=3)
    stock.add_item(shop, "RING", "Ring")
    place_order(shop, some_lines("LAMPA", "BORD", quantity=2))
    ship(shop, place_order(shop, some_lines("LAMPA", quantity=3)))
    shop.change_status(place_order(shop, some_lines("LAMPA")), "cancelled", reason="ångrad")
    partly = place_order(shop, some_lines("LAMPA", quantity=4))
    approved(shop, partly)
    shop.change_status(partly, "partly_shipped", parcel=NewParcel(number="1", contents={1: 1}))
    waiting(shop, "BORD")
    returned = ship(shop, place_order(shop, some_lines("LAMPA", quantity=2)))
    shop.take_back(returned, ReturnRequest(restocked={1: 1}))
    place_order(shop, some_lines("RING"))
    return shop


PLACED, SHIPPED, CANCELLED, PARTLY, WAITING, RETURNED, UNCOUNTED = range(1, 8)


def approved(shop, order):
    shop.approve(order)
    return shop.change_status(order, "reviewed").order


def ship(shop, order):
    return shop.change_status(approved(shop, order), "shipped").order


def waiting(shop, sku):
    order = shop.start_order(
        some_lines(sku), checkout_key=f"waits for {sku}", delivery="post", payment_method="card"
    )
    shop.give_details(order, customer=some_customer())
    return shop.await_payment(order).order


def by_id(shop, number):
    with shop.database.read() as reader:
        (row,) = reader.rows("SELECT reference FROM orders WHERE id = :id", {"id": number})
    return shop.order(row["reference"])


def damage(shop, *statements, must=True):
    """Run SQL on the shop's file as somebody with a database tool would: no handle, no foreign keys, no triggers."""
    with closing(sqlite3.connect(shop.database.path)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('stock_movements', 'history')"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            touched = connection.execute(statement).rowcount
            assert touched > 0 or not must, f"nothing was damaged by {statement}"
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def movement(kind, d_on_hand, d_held, order="NULL", position="NULL", origin="NULL", sku="LAMPA", seq="NULL"):
    return (
        "INSERT INTO stock_movements (sku, kind, d_on_hand, d_held, order_id, position, origin, seq, at, actor) "
        f"VALUES ('{sku}', '{kind}', {d_on_hand}, {d_held}, {order}, {position}, {origin}, {seq}, "
        "'2026-11-23T12:00:00.000000Z', 'somebody')"
    )


def take_of(order, sku="LAMPA"):
    return f"(SELECT id FROM stock_movements WHERE order_id = {order} AND sku = '{sku}' AND kind = 'take')"


def faults(shop):
    """Return the codes of what is wrong, but for statuses that are not as the rules say: those come of wrong figures."""
    return sorted({f.code for f in examine_shop(shop) if f.serious and f.code != "not_as_ruled"})


def told(shop):
    return [finding.text.en for finding in examine_shop(shop)]


def fix(shop, *, dry_run=False):
    """Mend and return what was done, in English."""
    mended = list(mend(shop, examine_shop(shop), dry_run=dry_run))
    assert [each.fault for each in mended if each.fault] == []
    return [words.en for each in mended for words in each.done]


def figures(shop, sku="LAMPA"):
    item = stock.item(shop, sku)
    return item.on_hand, item.held


def ledger(shop):
    with shop.database.read() as reader:
        return [tuple(row) for row in reader.rows("SELECT * FROM stock_movements ORDER BY id")]


def carry_on(shop):
    """Do with every order what can be done with it, and place another that is shipped and one that is cancelled."""
    order = by_id(shop, PLACED)
    approved(shop, order)
    shop.change_status(order, "shipped")
    shop.undo(order)
    shop.change_status(order, "cancelled", reason="ångrad")
    shop.change_status(by_id(shop, SHIPPED), "returned")
    shop.change_status(by_id(shop, PARTLY), "shipped")
    shop.abandon(by_id(shop, WAITING))
    shop.take_back(by_id(shop, RETURNED), ReturnRequest(restocked={1: 1}))
    stock.receive(shop, "LAMPA", 50)
    if stock.item(shop, "LAMPA").status != "in_stock":
        stock.set_status(shop, "LAMPA", "in_stock")
    ship(shop, place_order(shop, some_lines("LAMPA", quantity=2)))
    shop.change_status(place_order(shop, some_lines("LAMPA")), "cancelled", reason="ångrad")


def test_the_busy_shop_is_well_and_goes_on(make_shop):
    shop = busy(make_shop)
    assert told_of_stock(shop) == []

    carry_on(shop)

    assert faults(shop) == []
    assert fix(shop) == []


def told_of_stock(shop):
    return [f.text.en for f in examine_shop(shop) if f.plugin == "stock_control"]


# ── Every single damage ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Damage:
    """What somebody did to the file, the codes it is found by, and what LAMPA's (or BORD's) figures are mended to."""

    name: str
    sql: tuple[str, ...]
    codes: tuple[str, ...]
    lampa: tuple[int, int] = (15, 5)
    bord: tuple[int, int] = (3, 3)
    left: tuple[str, ...] = ()


def one(name, sql, *codes, **values):
    return Damage(name, (sql,) if isinstance(sql, str) else sql, codes, **values)


DAMAGES = (
    # figures
    one("on hand too much", "UPDATE stock_items SET on_hand = on_hand + 1 WHERE sku = 'LAMPA'", "S4"),
    one("on hand too little", "UPDATE stock_items SET on_hand = -7 WHERE sku = 'LAMPA'", "S4", "stock_warnings"),
    one("held too much", "UPDATE stock_items SET held = held + 4 WHERE sku = 'LAMPA'", "S4"),
    one("held below nothing", "UPDATE stock_items SET held = -2 WHERE sku = 'LAMPA'", "S4"),
    one("figures of all items", "UPDATE stock_items SET on_hand = 99, held = 98 WHERE tracked = 1", "S4"),
    one("no longer counted", "UPDATE stock_items SET tracked = 0, on_hand = 0, held = 0 WHERE sku = 'LAMPA'", "S4"),
    one("counted by nobody", "UPDATE stock_items SET tracked = 1 WHERE sku = 'RING'", "S5", "S9", left=("S9",)),
    # movements that nobody made
    one("adjusted past Ashop", movement("adjust", 5, 0), "S4", lampa=(20, 5)),
    one("adjusted past Ashop, figures too",
        (movement("adjust", 5, 0), "UPDATE stock_items SET on_hand = on_hand + 5 WHERE sku = 'LAMPA'"), lampa=(20, 5)),
    one("released twice", movement("release", 0, -1, CANCELLED, 1, take_of(CANCELLED)), "S4", "S5"),
    one("released twice, figures too",
        (movement("release", 0, -1, CANCELLED, 1, take_of(CANCELLED)),
         "UPDATE stock_items SET held = held - 1 WHERE sku = 'LAMPA'"), "S5"),
    one("released though held", movement("release", 0, -2, PLACED, 1, take_of(PLACED)), "S4", "S5"),
    one("shipped twice", movement("ship", -3, -3, SHIPPED, 1, take_of(SHIPPED)), "S4", "S5"),
    one("shipped beyond the part", movement("ship", -2, -2, PARTLY, 1, take_of(PARTLY)), "S4", "S5"),
    one("more back than left", movement("take_back", 9, 0, RETURNED, 1, take_of(RETURNED)), "S4", "S5"),
    one("taken twice", movement("take", 0, 2, PLACED, 1), "S4", "S5"),
    one("taken for a line there is not", movement("take", 0, 2, PLACED, 9), "S4", "S5"),
    one("taken for no line", movement("take", 0, 2, PLACED), "S4", "S5"),
    one("released without a take", movement("release", 0, -1, PLACED, 1), "S4", "S5"),
    one("released of another order's take", movement("release", 0, -1, PLACED, 1, take_of(PARTLY)), "S4", "S5"),
    one("released of another item's take", movement("release", 0, -1, PLACED, 1, take_of(PLACED, "BORD")), "S4", "S5"),
    one("released of another line's take", movement("release", 0, -1, PLACED, 2, take_of(PLACED)), "S4", "S5"),
    one("released by no order", movement("release", 0, -1, origin=take_of(PLACED)), "S4", "S5"),
    one("referring to a release",
        movement("release", 0, -1, CANCELLED, 1,
                 f"(SELECT id FROM stock_movements WHERE order_id = {CANCELLED} AND kind = 'release')"), "S4", "S5"),
    one("one take's pieces released of another",
        (movement("release", 0, -4, PLACED, 1, take_of(PLACED)), movement("take", 0, 4, PLACED, 1)), "S5"),
    # movements that are gone
    one("a take deleted", f"DELETE FROM stock_movements WHERE id = {take_of(PLACED)}", "S4", "S5"),
    one("a release deleted", f"DELETE FROM stock_movements WHERE order_id = {CANCELLED} AND kind = 'release'", "S4", "S5"),
    one("a delivery deleted", "DELETE FROM stock_movements WHERE kind = 'adjust' AND sku = 'LAMPA'", "S4", "S9",
        lampa=(-5, 5), left=("S9",)),
    one("a take deleted that others go back to", f"DELETE FROM stock_movements WHERE id = {take_of(SHIPPED)}",
        "S4", "S5", "S5_torn", "database", left=("S4", "S5", "S5_torn", "database")),
    # orders
    one("a line holds less", "UPDATE order_lines SET held = 1 WHERE order_id = 1 AND sku = 'LAMPA'", "S5", lampa=(15, 4)),
    one("a line holds nothing", "UPDATE order_lines SET held = 0 WHERE order_id = 1", "S5", lampa=(15, 3), bord=(3, 1)),
    one("a line is gone", "UPDATE order_lines SET held = 0, gone = 2 WHERE order_id = 1 AND position = 1",
        "S5", lampa=(13, 3)),
    one("a shipped line is not", "UPDATE order_lines SET gone = 0 WHERE order_id = 2", "S5", lampa=(18, 5)),
    one("a shipped line holds", "UPDATE order_lines SET held = 1, gone = 2 WHERE order_id = 2", "S5", lampa=(16, 6)),
    one("a cancelled line holds", "UPDATE order_lines SET held = 1 WHERE order_id = 3", "S5_closed", left=("S5_closed",)),
    one("a line is another item's", "UPDATE order_lines SET sku = 'BORD' WHERE order_id = 1 AND position = 1",
        "S5", lampa=(15, 3), bord=(3, 5)),
    one("a line deleted", "DELETE FROM order_lines WHERE order_id = 1 AND position = 2",
        "O5", "S5", bord=(3, 1), left=("O5",)),
    one("an order deleted",
        ("DELETE FROM orders WHERE id = 1", "DELETE FROM order_lines WHERE order_id = 1",
         "DELETE FROM history WHERE order_id = 1"),
        "S5", "database", left=("S5", "database")),
    one("an order moves no stock", "UPDATE orders SET moves_stock = 0 WHERE id = 1", "S5", lampa=(15, 3), bord=(3, 1)),
    # statuses, warnings, holds
    one("a status there is not", "UPDATE stock_items SET status = 'borta' WHERE sku = 'LAMPA'",
        "unknown_stock_status", left=("unknown_stock_status",)),
    one("a warning closed", "UPDATE stock_alerts SET closed_at = 'x'"),
    one("a warning left open",
        "INSERT INTO stock_alerts (sku, kind, balance, opened_at) VALUES ('LAMPA', 'oversold', -1, 'x')", "stock_warnings"),
    one("figures and a warning",
        ("UPDATE stock_items SET on_hand = on_hand + 1 WHERE sku = 'LAMPA'",
         "INSERT INTO stock_alerts (sku, kind, balance, opened_at) VALUES ('LAMPA', 'oversold', -1, 'x')"),
        "S4", "stock_warnings"),
    one("warnings deleted", "DELETE FROM stock_alerts"),
    one("a hold of a placed order",
        "INSERT INTO stock_checkout_holds (order_id, sku, expires_at, lapsed) VALUES (1, 'LAMPA', 'x', 1)", "stock_holds"),
    one("a hold deleted", "DELETE FROM stock_checkout_holds", "stock_holds"),
    one("a hold of no order",
        "INSERT INTO stock_checkout_holds (order_id, sku, expires_at) VALUES (99, 'LAMPA', 'x')", "database", "stock_holds"),
    one("a hold lapsed on paper", "UPDATE stock_checkout_holds SET lapsed = 1", "S5", bord=(3, 2)),
)  # fmt: skip


@pytest.mark.parametrize("case", DAMAGES, ids=lambda case: case.name)
def test_every_damage_is_named_and_mended_or_left_to_a_person(make_shop, case):
    shop = busy(make_shop)

    damage(shop, *case.sql)

    assert faults(shop) == sorted(case.codes)
    rehearsed = fix(shop, dry_run=True)
    assert faults(shop) == sorted(case.codes)
    done = fix(shop)
    assert done == rehearsed
    assert faults(shop) == sorted(case.left)
    if not case.left:
        assert told_of_stock(shop) == []
    assert fix(shop) == []
    if "database" not in case.left:
        assert (figures(shop), figures(shop, "BORD")) == (case.lampa, case.bord)
        carry_on(shop)
        assert set(faults(shop)) <= set(case.left)


# ── What comes after ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "forged",
    [("ship", -2, -2), ("ship", -1, -1), ("release", 0, -1), ("take_back", 3, 0), ("unship", 1, 1)],
    ids=str,
)
def test_a_change_whose_movements_were_mended_can_be_undone(make_shop, forged):
    """An undo turns the change's own movements round, and not those that never were its own."""
    shop = busy(make_shop)
    order = ship(shop, by_id(shop, PLACED))
    kind, d_on_hand, d_held = forged
    damage(shop, movement(kind, d_on_hand, d_held, PLACED, 1, take_of(PLACED), seq=order.version))
    fix(shop)

    shop.undo(order)

    assert figures(shop) == (15, 5)
    assert faults(shop) == []


def test_the_rules_see_a_corrected_balance_as_any_other(make_shop):
    shop = busy(make_shop)
    damage(shop, "UPDATE stock_items SET on_hand = 3, held = 0, status = 'in_stock' WHERE sku = 'BORD'")

    done = fix(shop)

    assert done == ["Bord: In stock → Sold out (rule: balance falls to 0)", "BORD: on hand 3 → 3, held 0 → 3"]
    assert stock.item(shop, "BORD").status == "sold_out"
    (repair, *_) = stock.history(shop, "BORD").rows
    assert (repair.kind.value, repair.status_after, repair.note) == (
        "repair", "sold_out", "BORD: på hyllan 3 → 3, hållet 0 → 3",
    )  # fmt: skip


def test_a_pinned_status_stays(make_shop):
    shop = busy(make_shop)
    damage(shop, "UPDATE stock_items SET on_hand = 9, status = 'in_stock', pinned = 1 WHERE sku = 'BORD'")

    fix(shop)

    assert stock.item(shop, "BORD").status == "in_stock"


def test_what_was_there_stays_there(make_shop):
    """Rows are only added, and of an item nothing but its figures is written over."""
    shop = busy(make_shop)
    damage(shop, movement("release", 0, -2, PLACED, 1, take_of(PLACED)), "UPDATE stock_items SET on_hand = 0")
    before = ledger(shop)

    fix(shop)

    after = ledger(shop)
    assert after[: len(before)] == before
    assert {row[2] for row in after[len(before) :]} == {"repair"}


def test_an_item_that_cannot_be_mended_keeps_no_other_from_it(make_shop):
    shop = busy(make_shop)
    huge = 10**12
    damage(
        shop,
        *[movement("adjust", huge, 0, sku="BORD")] * 2,
        "UPDATE stock_items SET on_hand = 0 WHERE sku = 'LAMPA'",
    )

    (mended, *_) = list(mend(shop, examine_shop(shop)))

    assert mended.fault is not None
    assert figures(shop) == (15, 5)
    assert faults(shop) == ["S4"]


# ── Any damage at all ────────────────────────────────────────────────────────────────────────────


def random_life(shop, chance):
    """Place some orders and bring each somewhere."""
    for _ in range(chance.randint(3, 6)):
        lines = some_lines(
            *chance.choices(["LAMPA", "BORD", "RING"], k=chance.randint(1, 3)), quantity=chance.randint(1, 4)
        )
        order = place_order(shop, lines)
        for step in chance.sample(STEPS, chance.randint(0, 3)):
            with suppress(Refused, Conflict):
                step(shop, shop.order(order))


def part_of(shop, order):
    line = order.lines[0]
    shop.change_status(order, "partly_shipped", parcel=NewParcel(number="1", contents={1: line.held - 1}))


STEPS = (
    approved,
    part_of,
    lambda shop, order: ship(shop, order),
    lambda shop, order: shop.cancel(order, "ångrad"),
    lambda shop, order: shop.undo(order),
    lambda shop, order: shop.take_back(order, ReturnRequest(restocked={1: 1})),
    lambda shop, order: shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=5),))),
    lambda shop, order: stock.count(shop, order.lines[0].sku, 7),
)


def random_damage(shop, chance):
    """Return SQL that does something to a row or two: figures, movements, lines, warnings."""
    with shop.database.read() as reader:
        rows = reader.rows("SELECT * FROM stock_movements WHERE order_id IS NOT NULL")
        origins = {row["origin"] for row in rows}
    row, other = chance.choice(rows), chance.choice(rows)
    d_on_hand, d_held = chance.randint(-3, 3), chance.randint(-3, 3)
    kind = chance.choice(["take", "ship", "release", "take_back", "unship", "undo", "lapse"])
    origin = chance.choice(["NULL", row["id"], row["origin"] or row["id"], other["id"]])
    forged = movement(
        kind, d_on_hand, d_held, row["order_id"], row["position"], origin, row["sku"], row["seq"] or "NULL"
    )
    line = f"WHERE order_id = {row['order_id']} AND position = {row['position']}"
    return chance.choice(
        [
            f"UPDATE stock_items SET on_hand = {d_on_hand}, held = {d_held} WHERE sku = '{row['sku']}' AND tracked = 1",
            forged,
            forged,
            forged,
            f"DELETE FROM stock_movements WHERE id = {row['id']}" if row["id"] not in origins else forged,
            f"UPDATE order_lines SET held = 0 {line}",
            f"UPDATE order_lines SET held = quantity - gone {line} AND order_id IN (SELECT id FROM orders WHERE status "
            "NOT IN ('cancelled', 'returned'))",
            "UPDATE stock_alerts SET closed_at = 'x' WHERE closed_at IS NULL",
            f"INSERT INTO stock_alerts (sku, kind, balance, opened_at) VALUES ('{row['sku']}', 'oversold', -1, 'x') "
            "ON CONFLICT DO NOTHING",
        ]
    )


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_damaged_is_mended_once_and_then_all_goes_on(make_shop, seed):
    chance = random.Random(seed)
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nlow = 1\nrules = []\n")
    for sku in ("LAMPA", "BORD"):
        stock.add_item(shop, sku, balance=30)
    stock.add_item(shop, "RING")
    random_life(shop, chance)
    stock.count(shop, "RING", 5)  # some of it has left uncounted
    random_life(shop, chance)
    assert told_of_stock(shop) == []

    for _ in range(chance.randint(1, 4)):
        damage(shop, random_damage(shop, chance), must=False)
    rehearsed = fix(shop, dry_run=True)

    assert fix(shop) == rehearsed
    assert told_of_stock(shop) == []
    assert fix(shop) == []
    for sku in ("LAMPA", "BORD", "RING"):
        stock.receive(shop, sku, 100)
        stock.set_status(shop, sku, "in_stock")
    random_life(shop, chance)
    with shop.database.read() as reader:
        names = [row["reference"] for row in reader.rows("SELECT reference FROM orders ORDER BY id")]
    for name in names:
        for step in chance.sample(STEPS, 3):
            with suppress(Refused, Conflict, InvalidInput, ConstraintError):
                step(shop, shop.order(name))
    assert told_of_stock(shop) == []
