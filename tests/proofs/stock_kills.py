"""What is done to the stock, as operations that a crash may interrupt: takes, releases, by hand, rules, the doctor."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

from ashop_core import NewParcel, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.doctor import examine_shop
from ashop_core.models import NewLine
from ashop_core.repairing import mend
from ashop_core.testing import FixedClock, some_customer
from ashop_stock_control import checkout_holds, stock
from ashop_stock_control.new_items import NewItem
from ashop_stock_control.rules import Rule, When
from tests.proofs.use_cases import (
    UseCase,
    awaiting,
    details,
    paid,
    placed,
    reviewed,
    shipped,
    the_order,
)

HOLDING = '[statuses.awaiting_payment]\nstock = "held"\n'
STRICT = '[plugins.stock_control]\npolicy = "strict"\n'
UP_TO = '[plugins.stock_control]\npolicy = "up_to(2)"\nlow = 50\n'
RULE_PLUGIN = """
from datetime import timedelta
from ashop_core import Text, hookimpl
from ashop_stock_control import allow, refuse

@hookimpl
def ashop_stock_window():
    return timedelta(days=30)

@hookimpl
def ashop_stock_check(question):
    if question.whole + sum(bought.quantity for bought in question.bought) > 6:
        return refuse("six_each", Text("Högst sex var", "At most six each"))
    return allow()

@hookimpl
def ashop_stock_status(item, before, after):
    return "on_order" if after <= 0 and item.sku == "LED" else None
"""
OTHERS = tuple(f"VARA{n}" for n in range(7))


# ── Others in the shop ───────────────────────────────────────────────────────────────────────────


def somebody_waits(shop: Shop) -> str:
    """Let another checkout hold all that there is of an item, and bring the order to where it is placed next."""
    line = NewLine(sku="LED", name="Led", quantity=3, unit_price=9900)
    other = shop.start_order(
        (line,), checkout_key="somebody else", delivery="post", payment_method="card"
    ).reference
    shop.give_details(other, customer=some_customer(email="bo@example.se", phone="+46701740606"))
    shop.await_payment(other)
    return details(shop)


def half_an_hour_later(shop: Shop) -> None:
    """Let the time of every hold run out."""
    assert isinstance(shop.clock, FixedClock)
    shop.clock.advance(minutes=31)


def place_later(shop: Shop) -> None:
    """Place the order when the others' hold has run out, so that it lapses in the same transaction."""
    half_an_hour_later(shop)
    shop.place(the_order(shop))


def several_wait(shop: Shop) -> None:
    """Let three checkouts hold goods."""
    for n in range(3):
        line = NewLine(sku=("LAMPA", "SLADD", "LED")[n], name="x", quantity=n + 1, unit_price=9900)
        order = shop.start_order((line,), checkout_key=f"no. {n}", delivery="post", payment_method="card")
        shop.give_details(order, customer=some_customer())
        shop.await_payment(order)


def lapse(shop: Shop) -> None:
    """Run the timed job when the time is out."""
    half_an_hour_later(shop)
    checkout_holds.lapse_due(shop)


# ── Rules, files, the doctor ─────────────────────────────────────────────────────────────────────


def seven_items(shop: Shop) -> None:
    """Add items that a new rule changes."""
    stock.import_items(shop, [NewItem(sku=sku, name=sku, balance=2) for sku in OTHERS])


RULE = Rule(when=When.FALLS_TO, threshold=2, from_=("in_stock",), to="on_order", back_at=5)


def change_rule(shop: Shop) -> None:
    """Write another rule and judge all items anew; where it is written already, do the rest."""
    if RULE in stock.shop_rules(shop).rules:
        stock.apply_rules(shop)
    else:
        stock.change_rules(shop, stock.plan_rule(shop, RULE))


def import_all(shop: Shop) -> None:
    """Bring items to what a file says, new ones among them."""
    stock.import_items(
        shop,
        [NewItem(sku=sku, name=sku.title(), balance=n) for n, sku in enumerate((*OTHERS, "LAMPA", "LED"))],
    )


_RELEASED = (
    "INSERT INTO stock_movements (sku, kind, d_on_hand, d_held, order_id, position, origin, at, actor) "
    "SELECT sku, 'release', 0, -d_held, order_id, position, id, at, 'somebody' FROM stock_movements WHERE kind = 'take'"
)


def damaged(shop: Shop) -> None:
    """Place the order, and let somebody spoil figures, movements, warnings and holds past Ashop."""
    seven_items(shop)
    placed(shop)
    with closing(sqlite3.connect(shop.settings.path("shop.db"))) as connection:
        connection.execute("UPDATE stock_items SET on_hand = on_hand + 9, status = 'in_stock'")
        connection.execute(_RELEASED)
        connection.execute("UPDATE stock_items SET on_hand = 2 WHERE sku IN ('VARA0', 'VARA1')")
        for sku in OTHERS[:2]:
            connection.execute(
                "INSERT INTO stock_alerts (sku, kind, balance, opened_at) VALUES (?, 'oversold', -1, 'x')",
                (sku,),
            )
        for sku in ("LAMPA", "SLADD"):
            connection.execute(
                "INSERT INTO stock_checkout_holds (order_id, sku, expires_at) VALUES (1, ?, 'x')", (sku,)
            )
        connection.commit()


def fix(shop: Shop) -> None:
    """Do what `ashop doctor --fix` does."""
    assert [each.fault for each in mend(shop, examine_shop(shop)) if each.fault] == []


ILL = frozenset({"S4", "S5", "stock_warnings", "stock_holds", "not_as_ruled"})

_PLACE = UseCase("place", lambda s: s.place(the_order(s)), details)


def _again(name: str, act: object, prepare: object = lambda shop: None, **more: object) -> UseCase:
    return UseCase(name, act, prepare, repeated=True, **more)  # type: ignore[arg-type]


STOCK_CASES = (
    # takes
    replace(_PLACE, name="take, open"),
    replace(_PLACE, name="take, strict", toml=STRICT),
    replace(_PLACE, name="take, up to 2", toml=UP_TO),
    replace(_PLACE, name="take, with a rule of the shop's own", files={"ruled": RULE_PLUGIN}),
    UseCase("take, somebody's hold lapsing", place_later, somebody_waits, toml=HOLDING + STRICT),
    UseCase(
        "hold in the checkout",
        lambda s: s.await_payment(the_order(s)),
        lambda s: details(s, "card"),
        toml=HOLDING,
    ),
    UseCase("place what is held", lambda s: s.place(the_order(s)), paid, toml=HOLDING),
    UseCase(
        "ship", lambda s: s.change_status(the_order(s), "shipped", parcel=NewParcel(number="1")), reviewed
    ),
    # releases
    UseCase(
        "release, cancelled", lambda s: s.change_status(the_order(s), "cancelled", reason="ångrat"), reviewed
    ),
    UseCase(
        "release, edited",
        lambda s: s.amend(the_order(s), AmendRequest(lines=(LineEdit(position=3, quantity=1),))),
        reviewed,
    ),
    UseCase("return", lambda s: s.take_back(the_order(s), ReturnRequest(restocked={1: 1, 3: 2})), shipped),
    UseCase("undo", lambda s: s.undo(the_order(s)), shipped),
    UseCase("abandon what is held", lambda s: s.abandon(the_order(s)), awaiting, toml=HOLDING),
    _again("lapse by the timed job", lapse, several_wait, toml=HOLDING),
    # by hand
    _again("receive with a key", lambda s: stock.receive(s, "LED", 5, key="följesedel 1")),
    UseCase("adjust", lambda s: stock.adjust(s, "LED", -4, note="trasiga"), toml=UP_TO),
    _again("set", lambda s: stock.set_status(s, "LED", "discontinued")),
    UseCase("count for the first time", lambda s: stock.count(s, "NYHET", 5), lambda s: uncounted(s)),
    UseCase("add", lambda s: stock.add_item(s, "NYHET", balance=0)),
    # several transactions
    _again("import items", import_all),
    _again("change a rule", change_rule, seven_items, unfinished=frozenset({"not_as_ruled"})),
    _again("doctor --fix", fix, damaged, unfinished=ILL),
)


def uncounted(shop: Shop) -> None:
    """Let an order hold an item that nobody counts."""
    stock.add_item(shop, "NYHET")
    line = NewLine(sku="NYHET", name="Nyhet", quantity=2, unit_price=9900)
    order = shop.start_order((line,), checkout_key="of the new", delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer())
    shop.place(order)
