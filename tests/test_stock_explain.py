"""An item explained: what its balance is made of, who holds it, what made its status, what applies to it, all bounded."""

import json

import pytest

from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import explaining, stock
from ashop_stock_control.checkout_holds import lapse_due
from ashop_stock_control.cli.explain_words import sections
from ashop_stock_control.policies import STRICT, Policy
from ashop_stock_control.stock import Edits

TOML = """
[plugins.stock_control]
low = 1

[plugins.stock_control.groups.lampor]
policy = "up_to(2)"
margin = 1
"""
HELD = """
[statuses.awaiting_payment]
stock = "held"
"""
RULE = """
from ashop_core import hookimpl

@hookimpl
def ashop_stock_check(question):
    return None

@hookimpl
def ashop_stock_status(item, before, after):
    return None
"""


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control", toml=TOML)
    stock.add_item(shop, "LAMPA", "Lampa", balance=3)
    return shop


def said(shop, sku="LAMPA", lang="sv"):
    """Return everything said of an item, as one text of lines ``label: words``."""
    found = sections(shop, stock.explain(shop, sku))
    lines = [(label, words) for section in found for label, words in section.rows]
    return "\n".join(
        ": ".join(text if isinstance(text, str) else text.to(lang) for text in line) for line in lines
    )


# ── The balance ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_on_hand_is_told_from_the_last_count_on(shop, clock):
    stock.receive(shop, "LAMPA", 5)
    stock.count(shop, "LAMPA", 7)
    clock.advance(days=1)
    stock.receive(shop, "LAMPA", 10)
    order = place_order(shop, some_lines("LAMPA", quantity=4))
    shop.approve(order)
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped")
    stock.adjust(shop, "LAMPA", -1, note="Krossad")

    assert "Saldo: 12 = 12 på hyllan − 0 hållna" in said(shop)
    assert (
        "På hyllan: 12 = räknat till 7 2026-11-23 13:00; sedan dess mottaget +10, skickat -4, justerat -1"
        in said(shop)
    )
    assert (
        "On hand: 12 = counted as 7 2026-11-23 13:00; since then received +10, shipped -4, adjusted -1"
        in said(shop, lang="en")
    )


def test_no_more_of_a_long_history_is_read_than_the_latest(shop, monkeypatch):
    monkeypatch.setattr(explaining, "_LATEST", 3)
    for _ in range(5):
        stock.receive(shop, "LAMPA", 2)

    made = stock.explain(shop, "LAMPA").on_hand

    assert made is not None
    assert (made.opening, made.parts, made.counted) == (7, {stock.Kind.RECEIVE: 6}, False)
    assert "13 = 7 den 2026-11-23 13:00; sedan dess mottaget +6" in said(shop)


def test_the_orders_that_hold_it_are_named_the_latest_first(shop, clock):
    stock.receive(shop, "LAMPA", 9)
    orders = []
    for n in range(1, 4):
        clock.advance(minutes=1)
        orders.append(place_order(shop, some_lines("LAMPA", quantity=n)))
    shop.cancel(orders[1], "customer")

    found = stock.explain(shop, "LAMPA", holders=1)

    assert [(h.order, h.quantity) for h in found.holders] == [(orders[2].name, 3)]
    assert found.held_by_others == 1
    assert len(stock.explain(shop, "LAMPA").holders) == 2


def test_what_is_oversold_is_what_the_latest_orders_took(shop, clock):
    first = place_order(shop, some_lines("LAMPA", quantity=2))
    clock.advance(minutes=1)
    second = place_order(shop, some_lines("LAMPA", quantity=4))

    assert stock.item(shop, "LAMPA").balance == -3
    assert [(h.order, h.oversold) for h in stock.explain(shop, "LAMPA").holders] == [
        (second.name, 3),
        (first.name, 0),
    ]
    assert f"Översåld: 3 st, det som togs sist: {second.name} (3 av 4)" in said(shop)


def test_oversold_goods_that_have_left_are_told_as_such(shop):
    stock.adjust(shop, "LAMPA", -5)

    assert "Oversold: 2 pcs, gone from the stock already" in said(shop, lang="en")


def test_a_checkouts_hold_has_its_end_and_is_gone_once_it_lapsed(make_shop, clock):
    shop = make_shop("stock_control", toml=HELD)
    stock.add_item(shop, "LAMPA", "Lampa", balance=3)
    order = shop.start_order(
        some_lines("LAMPA"), checkout_key="k" * 20, delivery="post", payment_method="card"
    )
    shop.give_details(order, customer=some_customer())
    shop.change_status(order, "awaiting_payment")
    placed = place_order(shop, some_lines("LAMPA"))

    assert f"{order.reference}: 1 st i kassan, till 2026-11-23 13:30" in said(shop)

    clock.advance(minutes=30)
    assert f"{order.reference}: 1 pcs in the checkout, free since 2026-11-23 13:30" in said(shop, lang="en")

    lapse_due(shop)
    assert [h.order for h in stock.explain(shop, "LAMPA").holders] == [placed.name]


def test_staff_read_on_the_order_what_is_oversold_and_the_customer_nothing_of_it(shop):
    order = place_order(shop, some_lines("LAMPA", quantity=4))

    [section] = [s for plugin, s in shop.sections(order) if plugin == "stock_control"]
    assert [words.sv for _, words in section.rows] == ["Slut, saldo -1 (översåld 1)"]
    seen = repr(shop.customer_order(order))
    assert [word for word in ("översåld", "oversold", "saldo", "balance", "-1") if word in seen] == []


# ── The status ───────────────────────────────────────────────────────────────────────────────────


def test_the_order_and_the_rule_that_made_it_sold_out_are_told(shop, clock):
    place_order(shop, some_lines("LAMPA", quantity=2))
    clock.advance(minutes=2)
    order = place_order(shop, some_lines("LAMPA"))

    assert (
        f"Är: Slut sedan 2026-11-23 13:02: order {order.name} tog saldot från 1 till 0, regel: saldot faller till 0"
        in said(shop)
    )
    assert f"order {order.name} took the balance from 1 to 0, rule: balance falls to 0" in said(
        shop, lang="en"
    )
    assert "Kan köpas: nej: det som är Slut går inte att köpa" in said(shop)


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        (lambda shop: stock.adjust(shop, "LAMPA", -3, "åsa", "Krossade"),
         "åsa ändrade saldot från 3 till 0, regel: saldot faller till 0, ”Krossade”"),
        (lambda shop: stock.set_status(shop, "LAMPA", "sold_out", "åsa"), "åsa satte den för hand"),
        (lambda shop: stock.edit_item(shop, "LAMPA", Edits(margin=3), "åsa"),
         "åsa ändrade säkerhetsmarginal: – → 3, regel: saldot faller till 0, säkerhetsmarginalen borträknad"),
        (lambda shop: (stock.edit_item(shop, "LAMPA", Edits(margin=2)), stock.adjust(shop, "LAMPA", -1)),
         "personalen ändrade saldot från 3 till 2, regel: saldot faller till 0, säkerhetsmarginalen borträknad"),
        (lambda shop: stock.count(shop, "LAMPA", 0), "personalen ändrade saldot från 3 till 0"),
    ],
)  # fmt: skip
def test_whatever_made_the_status_is_told(shop, do, expected):
    do(shop)

    assert f"Slut sedan 2026-11-23 13:00: {expected}" in said(shop)


def test_a_first_balance_made_it(shop):
    stock.add_item(shop, "BORD", balance=0)

    assert "Sold out since 2026-11-23 13:00: staff gave it the balance 0, rule: balance falls to 0" in said(
        shop, "BORD", "en"
    )


def test_a_status_that_never_changed_is_the_one_it_was_added_with(shop):
    assert "Är: Lagervara, som när den lades upp" in said(shop)


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        (lambda shop: None, "följer lagerreglerna"),
        (lambda shop: stock.set_status(shop, "LAMPA", "on_order"), "satt för hand, tills"),
        (lambda shop: stock.set_status(shop, "LAMPA", "on_order", pin=True), "låst: ingen lagerregel"),
    ],
)
def test_how_the_status_stands_is_told(shop, do, expected):
    do(shop)

    assert f"Står: {expected}" in said(shop)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (Edits(), "ja, i vilket antal som helst (policy open)"),
        (Edits(policy=STRICT), "ja, högst 3 till (policy strict)"),
        (Edits(policy=Policy(5), margin=2), "ja, högst 6 till (policy up_to(5))"),
        (Edits(group="lampor"), "ja, högst 4 till (policy up_to(2))"),
    ],
)
def test_how_many_can_be_bought_is_what_the_policy_says(shop, edits, expected):
    stock.edit_item(shop, "LAMPA", edits)

    assert f"Kan köpas: {expected}" in said(shop)
    most = stock.explain(shop, "LAMPA").most
    if most is not None:
        with pytest.raises(Exception, match="not available"):
            place_order(shop, some_lines("LAMPA", quantity=most + 1))
        assert place_order(shop, some_lines("LAMPA", quantity=most)).number


# ── What applies ─────────────────────────────────────────────────────────────────────────────────


def test_each_term_tells_where_it_comes_from(shop):
    stock.edit_item(shop, "LAMPA", Edits(group="lampor", margin=0, low=2))

    assert stock.explain(shop, "LAMPA").sources == {"policy": "group", "margin": "item", "low": "item"}
    assert "Policy: up_to(2) (gruppen lampor)" in said(shop)
    assert "Varning vid saldo: 2 (artikelns egen)" in said(shop)


def test_rules_tell_at_which_balance_they_fire_with_the_margin(shop):
    stock.edit_item(shop, "LAMPA", Edits(margin=2))
    [line] = [line for line in said(shop).splitlines() if line.startswith("Lagervara → Slut")]

    assert "när saldot faller till 2" in line
    assert "marginalen inräknad" in line


def test_open_warnings_are_told(shop):
    order = place_order(shop, some_lines("LAMPA", quantity=2))

    assert f"Lågt saldo: sedan 2026-11-23 13:00, då saldot blev 1, order {order.name}" in said(shop)


def test_custom_rules_are_named(make_shop):
    shop = make_shop("stock_control", "local:rule", files={"plugins/rule.py": RULE})
    stock.add_item(shop, "LAMPA", balance=1)

    assert "Egna regler: frågas också vid varje köp: local:rule" in said(shop)
    assert "Egen lagerstatus: local:rule går före lagerreglerna" in said(shop)


def test_an_item_that_nobody_counts_is_explained_too(shop, ashop):
    stock.add_item(shop, "KURS", "Kurs")

    text = said(shop, "KURS")

    assert "Saldo: ingen räknar artikeln" in text
    assert "ja, i vilket antal som helst: ingen räknar den" in text
    assert ashop("stock", "explain", "KURS", "--json").exit_code == 0


# ── The command, and what it costs ───────────────────────────────────────────────────────────────


def test_the_command_tells_it_in_parts_and_as_json(shop, ashop):
    order = place_order(shop, some_lines("LAMPA", quantity=4))

    shown = ashop("stock", "explain", "LAMPA", lang="sv").stdout
    data = json.loads(ashop("stock", "explain", "LAMPA", "--json").stdout)

    assert [line for line in shown.splitlines() if line and not line.startswith("  ")] == [
        "LAMPA  Lampa", "Lagerstatus", "Saldo", "Hållet för ordrar", "Villkor", "Lagerregler", "Öppna varningar",
    ]  # fmt: skip
    assert (data["status_cause"]["order"], data["status_cause"]["why"]) == (order.name, "falls_to 0")
    assert data["held_by"] == [{"order": order.name, "quantity": 4, "until": None, "oversold": 1}]
    assert [w["kind"] for w in data["warnings"]] == ["oversold", "low"]


def test_more_orders_than_are_shown_are_counted_and_all_can_be_seen(shop, ashop):
    stock.receive(shop, "LAMPA", 20)
    for _ in range(12):
        place_order(shop, some_lines("LAMPA"))

    assert (
        "2 st för fler ordrar: ashop stock explain LAMPA --all"
        in ashop("stock", "explain", "LAMPA", lang="sv").stdout
    )
    assert len(json.loads(ashop("stock", "explain", "LAMPA", "--all", "--json").stdout)["held_by"]) == 12


@pytest.mark.parametrize(
    ("sql", "index"),
    [(explaining._STATUS_ROW, "stock_movements_status"), (explaining._ROWS, "stock_movements_sku")],
)
def test_a_long_history_is_read_by_index_from_its_end(shop, sql, index):
    with shop.database.write() as tx:
        params = {"sku": "LAMPA", "most": 1000}
        plan = " / ".join(row[3] for row in tx._connection.execute(f"EXPLAIN QUERY PLAN {sql}", params))

    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_holders_are_found_by_the_statuses_of_open_orders(shop):
    sql = explaining._HOLDERS.format(statuses="'received', 'reviewed'")
    with shop.database.write() as tx:
        rows = tx._connection.execute(f"EXPLAIN QUERY PLAN {sql}", {"sku": "LAMPA", "most": 10})
        plan = " / ".join(row[3] for row in rows)

    assert "orders_status" in plan
    assert "SCAN" not in plan.replace("SCAN h", "")
