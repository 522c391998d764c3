"""Stock rules fire once for each crossing, and settings that cannot work are refused by the name of their key."""

import pytest

from ashop_core.errors import InvalidInput, SettingsError
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import stock
from ashop_stock_control.items import StockItem
from ashop_stock_control.rules import DEFAULT_RULES, Rule, Rulebook, When
from ashop_stock_control.settings import StatusTable, StockSettings


def fired(before, after, status="in_stock", rules=DEFAULT_RULES, sku="LAMPA"):
    item = StockItem(sku=sku, name=sku, status=status, tracked=True)
    return [crossing.to for crossing in Rulebook(rules).fire(item, before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 0, ["sold_out"]),
        (2, -1, ["sold_out"]),
        (1000, -1000, ["sold_out"]),
        (2, 1, []),
        (0, -1, []),
        (0, 0, []),
        (-1, 0, []),
    ],
)
def test_falling_through_the_threshold_fires_once(before, after, expected):
    assert fired(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0, 1, ["in_stock"]),
        (-3, 4, ["in_stock"]),
        (-3, 0, []),
        (1, 2, []),
        (1, 0, []),
    ],
)
def test_rising_through_the_threshold_fires_once(before, after, expected):
    assert fired(before, after, "sold_out") == expected


@pytest.mark.parametrize("status", ["on_order", "discontinued", "temporarily_out"])
def test_a_status_outside_from_stands(status):
    assert fired(1, 0, status) == []
    assert fired(0, 1, status) == []


FEW = Rule(when=When.FALLS_TO, threshold=5, from_=("in_stock",), to="on_order")
NONE = Rule(when=When.FALLS_TO, threshold=0, from_=("on_order",), to="sold_out")


def test_thresholds_are_met_in_the_order_of_the_fall():
    assert fired(10, 0, rules=(NONE, FEW)) == ["on_order", "sold_out"]


def test_a_rule_for_some_items_leaves_the_others():
    only = (Rule(when=When.FALLS_TO, threshold=0, from_=("in_stock",), to="sold_out", skus=("LAMPA",)),)

    assert fired(1, 0, rules=only, sku="LAMPA") == ["sold_out"]
    assert fired(1, 0, rules=only, sku="BORD") == []


def test_at_one_threshold_the_first_rule_written_wins():
    special = Rule(when=When.FALLS_TO, threshold=0, from_=("in_stock",), to="discontinued", skus=("LAMPA",))

    assert fired(1, 0, rules=(special, *DEFAULT_RULES)) == ["discontinued"]
    assert fired(1, 0, rules=(special, *DEFAULT_RULES), sku="BORD") == ["sold_out"]


@pytest.mark.parametrize(("balance", "expected"), [(0, ["sold_out"]), (-2, ["sold_out"]), (1, [])])
def test_a_first_balance_is_judged_as_if_it_had_fallen(balance, expected):
    item = StockItem(sku="LAMPA", name="Lampa", status="in_stock", tracked=True)

    assert [crossing.to for crossing in Rulebook(DEFAULT_RULES).first(item, balance)] == expected


# ── In a shop ────────────────────────────────────────────────────────────────────────────────────


def test_the_last_piece_turns_the_item_sold_out_and_a_cancellation_turns_it_back(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=1)

    order = place_order(shop)
    after_sale = stock.item(shop, "LAMPA").status
    shop.change_status(order, "cancelled", reason="ångrad")

    assert after_sale == "sold_out"
    assert stock.item(shop, "LAMPA").status == "in_stock"


def test_one_purchase_from_two_to_minus_one_fires_once(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=2)

    place_order(shop, some_lines("LAMPA", quantity=3))

    changes = [m.status_after for m in stock.history(shop, "LAMPA").rows if m.status_after]
    assert changes == ["sold_out"]


def test_a_status_set_by_hand_stands_until_the_next_crossing(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=5)
    stock.set_status(shop, "LAMPA", "sold_out")

    stock.receive(shop, "LAMPA", 5)
    untouched = stock.item(shop, "LAMPA").status
    stock.count(shop, "LAMPA", 0)
    stock.receive(shop, "LAMPA", 1)

    assert untouched == "sold_out"
    assert stock.item(shop, "LAMPA").status == "in_stock"


def test_a_shop_has_its_own_rules_and_statuses(make_shop):
    shop = make_shop(
        "stock_control",
        toml="""
[plugins.stock_control.statuses.few_left]
label = { sv = "Få kvar", en = "Few left" }

[plugins.stock_control.statuses.in_stock]
label = "Finns"

[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 3
from = ["in_stock"]
to = "few_left"
""",
    )
    stock.add_item(shop, "LAMPA", "Lampa", balance=4)

    order = place_order(shop)

    assert stock.item(shop, "LAMPA").status == "few_left"
    assert (
        shop.history(order)[-1].effects[-1][1].text.sv
        == "Lampa: Finns → Få kvar (regel: saldot faller till 3)"
    )
    place_order(shop, some_lines("LAMPA", quantity=50))
    assert stock.item(shop, "LAMPA").status == "few_left"


def test_a_shop_may_do_without_rules(make_shop):
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nrules = []\n")
    stock.add_item(shop, "LAMPA", balance=1)

    place_order(shop)

    assert stock.item(shop, "LAMPA").status == "in_stock"


def test_a_status_may_be_made_purchasable(make_shop):
    toml = "[plugins.stock_control.statuses.temporarily_out]\npurchasable = true\n"
    shop = make_shop("stock_control", toml=toml)
    stock.add_item(shop, "LAMPA", balance=1, status="temporarily_out")

    assert place_order(shop).number is not None


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────

RULE = '[[plugins.stock_control.rules]]\nwhen = "{when}"\nthreshold = {threshold}\nfrom = {source}\nto = "{to}"\n'


def rule(when="falls_to", threshold="0", source='["in_stock"]', to="sold_out"):
    return RULE.format(when=when, threshold=threshold, source=source, to=to)


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (
            '[plugins.stock_control]\npolicy = "up_to(0)"',
            "plugins.stock_control: policy: the policy up_to(0) will not do: write open, strict or up_to(N)",
        ),
        (
            '[plugins.stock_control]\ndefault_status = "instock"',
            "default_status: there is no stock status instock",
        ),
        ('[plugins.stock_control]\ndefault_status = "instock"', "Did you mean in_stock?"),
        (rule(to="soldout"), "rules[0].to: there is no stock status soldout"),
        (rule(source='["in_stock", "borta"]'), "rules[0].from: there is no stock status borta"),
        (rule() + rule(to="borta"), "rules[1].to: there is no stock status borta"),
        (rule(when="drops_to"), "plugins.stock_control.rules[0].when: expected one of falls_to, rises_to"),
        (rule(threshold='"0"'), "rules[0].threshold: expected a whole number"),
        (rule(threshold="1.5"), "rules[0].threshold: expected a whole number"),
        (rule(threshold="9999999999999"), "rules[0]: threshold: the number is too large"),
        (rule(source="[]"), "rules[0]: from: name at least one stock status"),
        (rule(to="in_stock"), "rules[0]: to: in_stock stands in from already"),
        (rule(source='"in_stock"'), "rules[0].from: expected a list"),
        (
            "[plugins.stock_control]\npolcy = 1",
            "plugins.stock_control.polcy: unknown key; did you mean policy?",
        ),
        ("[plugins.stock_control.statuses.few]\npurchasable = true", "statuses.few.label: is missing"),
        ('[plugins.stock_control.statuses."Få kvar"]\nlabel = "x"', "statuses.Få kvar: a code is written in"),
    ],
)
def test_a_wrong_setting_is_named_by_its_key(make_shop, toml, expected):
    with pytest.raises(SettingsError) as refused:
        make_shop("stock_control", toml=toml)

    assert expected in str(refused.value)
    assert "ashop.toml" in str(refused.value)


def test_several_wrong_settings_are_told_at_once():
    with pytest.raises(InvalidInput) as refused:
        StockSettings(
            default_status="a1", rules=(Rule(when=When.RISES_TO, threshold=1, from_=("b1",), to="c1"),)
        )

    assert all(code in str(refused.value) for code in ("a1", "b1", "c1"))


def test_relabelling_changes_what_customers_read_too():
    settings = StockSettings(statuses={"sold_out": StatusTable(label=stock_text("Borta", "Gone"))})

    assert settings.stock_statuses["sold_out"].customer_label.sv == "Borta"
    assert settings.stock_statuses["sold_out"].purchasable is False


@pytest.mark.parametrize("words", ["sold_out", "Slut", "slut", " SOLD OUT ", "Sold out"])
def test_people_may_name_a_status_by_code_or_label(words):
    assert StockSettings().meant(words).code == "sold_out"


def stock_text(sv, en):
    from ashop_core.texts import Text

    return Text(sv, en)
