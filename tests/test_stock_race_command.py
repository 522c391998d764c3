"""`ashop stock race`: this shop's settings and rules raced for in a shop of its own, told in both languages."""

import json

import pytest

from ashop_core import Shop
from ashop_stock_control import stock
from ashop_stock_control.race.racing import OTHER, SellOut
from ashop_stock_control.race.shop import make_shop as make_race_shop
from ashop_stock_control.race.shop import rule_plugins
from ashop_stock_control.settings import StockSettings
from tests.proofs.stock_race import TWO_EACH
from tests.shops import dump

FORGETFUL = '''"""Two to each customer, but it remembers by itself who got how many."""

from ashop_core import Text, hookimpl
from ashop_stock_control import refuse

HAS = {}


@hookimpl
def ashop_stock_check(question):
    email = question.order.customer.email
    HAS[email] = HAS.get(email, 0) + question.demand
    if HAS[email] > 2:
        return refuse("two_each", Text("Högst två var", "At most two each"))
'''
"""The mistake that is made first: each process remembers what it has sold itself."""
FILES = {"plugins/two_each.py": TWO_EACH, "plugins/forgetful.py": FORGETFUL}
SMALL = ("--processes", "3", "--tries", "10", "--stock", "6", "--quantities", "1", "--twice", "0")


def test_what_came_of_it_is_told_in_swedish(make_shop, ashop):
    make_shop("stock_control")

    result = ashop("stock", "race", "--policy", "strict", "--margin", "1", *SMALL)

    assert result.exit_code == 0
    assert result.stdout == (
        "Policy              strict, säkerhetsmarginal 1\n"
        "Kapplöpning om      6 av RACE, 3 processer × 10 köp\n"
        "Ordrar lagda        5\n"
        "Sålda               5 av högst 5\n"
        "Nekade              25 not_available\n"
        "Lagerstatus         Lagervara → Slut (regel: saldot faller till 0) × 1\n"
        "Fel till en köpare  0\n"
        "\n"
        "Inget gick fel.\n"
    )


def test_a_custom_rule_is_raced_with_and_told_of_in_english(make_shop, ashop):
    make_shop("stock_control", "local:two_each", files=FILES)

    result = ashop("stock", "race", "--customers", "1", *SMALL, lang="en")

    assert result.exit_code == 0
    assert result.stdout == (
        "Policy                open\n"
        "Custom rules          local:two_each\n"
        "Raced for             6 of RACE, 3 processes × 10 purchases\n"
        "Orders placed         2\n"
        "Pieces sold           2\n"
        "Most to one customer  2\n"
        "Refused               28 two_each\n"
        "Stock status          not changed\n"
        "Errors to a buyer     0\n"
        "\n"
        "Nothing went wrong.\n"
    )


def test_a_rule_that_is_no_pure_function_is_found_out(make_shop, ashop):
    make_shop("stock_control", files=FILES)

    result = ashop("stock", "race", "--plugin", "local:forgetful", "--customers", "1", *SMALL, lang="en")

    assert result.exit_code == 1
    assert "got 1 that should have been refused (At most two each)" in result.stdout


def test_json_has_every_figure(make_shop, ashop):
    make_shop("stock_control")

    result = ashop("stock", "race", "--policy", "up_to(2)", "--cancelled", "100", *SMALL, "--json")

    told = json.loads(result.stdout)
    assert told.pop("seconds") >= 0
    assert told.pop("accepted") == told.pop("cancelled") > 0
    assert sum(told.pop("refused").values()) >= 0
    assert told.pop("status_changes") is not None
    assert told == {
        "policy": "up_to(2)", "margin": 0, "rules": [], "tries": 30, "pieces": 0, "most": 8,
        "most_to_one_customer": 0, "errors": [], "wrong": [],
    }  # fmt: skip


def test_nothing_of_the_shop_itself_is_changed(make_shop, ashop):
    shop = make_shop("stock_control", "local:two_each", files=FILES)
    stock.add_item(shop, "RACE", balance=5)
    before = dump(shop), {p.name for p in shop.settings.folder.iterdir()}

    assert ashop("stock", "race", *SMALL, "--in-step").exit_code == 0

    assert (dump(shop), {p.name for p in shop.settings.folder.iterdir()}) == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--policy", "sträng"), 1, "skriv open, strict eller up_to(N)"),
        (("--plugin", "local:borta"), 1, "finns inte"),
        (("--plugin", "email"), 1, "Insticksmodulen email har ingen lagerregel"),
        (("--quantities", "3-1"), 2, "skriv ett antal eller från-till"),
        (("--quantities", "0"), 2, "skriv ett antal eller från-till"),
        (("--processes", "65"), 2, "65"),
    ],
)
def test_what_cannot_be_raced_is_refused_in_words(make_shop, ashop, words, code, said):
    make_shop("stock_control")

    result = ashop("stock", "race", *words)

    assert result.exit_code == code
    assert said in result.stderr


TOML = r"""
[plugins.stock_control]
policy = "up_to(3)"
margin = 2
hold_minutes = 5

[plugins.stock_control.groups.lampor]
policy = "strict"
low = 4

[plugins.stock_control.statuses.on_order]
label = { sv = 'Beställs "hem"\', en = "On order" }
purchasable = true

[[plugins.stock_control.rules]]
when = "falls_to"
threshold = -3
from = ["in_stock"]
to = "on_order"
groups = ["lampor"]
"""


def test_the_race_has_the_stock_settings_of_the_shop(make_shop, tmp_path):
    shop = make_shop("stock_control", "local:two_each", toml=TOML, files=FILES)
    wanted = SellOut(group="lampor", plugins=rule_plugins(shop))

    make_race_shop(shop, wanted, tmp_path / "race", {"RACE": 7, OTHER: 100})

    with Shop.open(tmp_path / "race") as made:
        assert made.settings.for_plugin(StockSettings) == shop.settings.for_plugin(StockSettings)
        assert rule_plugins(made) == ("local:two_each",)
        item = stock.item(made, "RACE")
        assert (item.group, item.balance, stock.item(made, OTHER).balance) == ("lampor", 7, 100)


def test_policy_and_margin_of_the_race_go_before_those_of_shop_and_group(make_shop, tmp_path):
    shop = make_shop("stock_control", toml=TOML)
    wanted = SellOut(group="lampor", policy="open", margin=0)

    make_race_shop(shop, wanted, tmp_path / "race", {"RACE": 7})

    with Shop.open(tmp_path / "race") as made:
        terms = made.settings.for_plugin(StockSettings).terms(stock.item(made, "RACE"))
        assert (str(terms.policy), terms.margin, terms.low) == ("open", 0, 4)


def test_a_try_wants_the_same_each_time_and_most_want_what_others_do_not():
    wanted = SellOut(quantities=(1, 3), several=30, twice=10)
    baskets = [wanted.basket(me, n) for me in range(4) for n in range(250)]

    assert baskets == [wanted.basket(me, n) for me in range(4) for n in range(250)]
    assert {b.demand("RACE") for b in baskets} == {1, 2, 3, 4, 5, 6}
    assert 200 < sum(b.demand(OTHER) for b in baskets) < 400
    assert 50 < sum(len(b.lines) - b.demand(OTHER) == 2 for b in baskets) < 150
