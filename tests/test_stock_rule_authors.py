"""Who writes a stock rule is helped: a broken one is told with its plugin, hook, file, line and what to do."""

from datetime import UTC, datetime

import pytest

from ashop_core.errors import PluginError, Refused
from ashop_core.models import NewLine
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import stock
from ashop_stock_control.simulating.simulation import simulate_orders
from ashop_stock_control.simulating.trials import Trial
from ashop_stock_control.simulating.window import Wanted
from tests.test_stock_rule_docs import FILES

HEAD = "from ashop_core import Text, hookimpl\nfrom ashop_stock_control import allow, refuse\n\n@hookimpl\n"
CHECK = HEAD + "def ashop_stock_check(question):\n    "
STATUS = HEAD + "def ashop_stock_status(item, after):\n    "
WINDOW = CHECK + "return None\n\n@hookimpl\ndef ashop_stock_window():\n    "


def ask(shop):
    """Let the shop's rules be asked about an item's status, and about a customer's order of it."""
    stock.add_item(shop, "LAMPA", balance=5)
    place_order(shop, some_lines("LAMPA"), customer=some_customer(name="Hemlig Kund"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (CHECK + "raise ValueError('oj')", "ashop_stock_check: ValueError: oj (rule.py, line 6)"),
        (CHECK + "return question.order.linez", "'linez' (rule.py, line 6)"),
        (CHECK + "return True", "from ashop_stock_check: bool, not Verdict"),
        (CHECK + "return allow", "from ashop_stock_check: function, not Verdict"),
        (CHECK + "return refuse('x', 'Nej')", "Text(sv, en), not 'Nej' (rule.py, line 6)"),
        (CHECK + "return refuse(question, Text('Nej', 'No'))", "not StockQuestion (rule.py, line 6)"),
        (STATUS + "return 'Få kvar'", "give one of the codes in_stock, "),
        (WINDOW + "return 30", "from ashop_stock_window: int, not timedelta"),
    ],
)
def test_a_broken_rule_is_told_with_its_place_and_nothing_of_the_customer(make_shop, rule, words):
    shop = make_shop("stock_control", "local:rule", files={"plugins/rule.py": rule + "\n"})

    with pytest.raises(PluginError) as fault:
        ask(shop)

    assert "local:rule" in fault.value.text.en
    assert words in fault.value.text.en
    assert "Hemlig" not in fault.value.text.en


def test_a_rule_of_a_shop_is_not_told_to_install_an_extra_of_ashop(make_shop):
    with pytest.raises(PluginError) as fault:
        make_shop(
            "stock_control",
            "local:rule",
            files={"plugins/rule.py": "from ashop_stock_control import deny\n"},
        )

    assert "cannot import name 'deny'" in fault.value.text.en
    assert "pip install" not in fault.value.text.en


@pytest.mark.parametrize(
    ("now", "sold"),
    [
        (datetime(2026, 11, 27, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 23, 1, tzinfo=UTC), True),  # Saturday in Stockholm
        (datetime(2026, 11, 29, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 23, 1, tzinfo=UTC), False),
    ],
)
def test_a_rule_can_go_by_the_days_of_the_shop(make_shop, clock, now, sold):
    shop = make_shop("stock_control", "local:weekend", files=FILES)
    stock.add_item(shop, "LAMPA", group="weekend")
    clock.now = now

    if sold:
        place_order(shop, some_lines("LAMPA"))
    else:
        with pytest.raises(Refused):
            place_order(shop, some_lines("LAMPA"))


@pytest.mark.parametrize(
    ("lines", "sold"),
    [([("FOOT", 1)], False), ([("FOOT", 1), ("SHADE", 1)], True), ([("SHADE", 1), ("FOOT", 2)], False)],
)
def test_the_bundle_of_the_docs_is_sold_together(make_shop, lines, sold):
    shop = make_shop("stock_control", "local:bundle", files=FILES)
    wanted = [line for sku, pieces in lines for line in some_lines(sku, quantity=pieces)]

    if sold:
        assert place_order(shop, wanted).number
    else:
        with pytest.raises(Refused):
            place_order(shop, wanted)


def test_the_rule_of_the_docs_for_invoices_goes_by_how_it_is_paid(make_shop):
    shop = make_shop("stock_control", "local:invoice", files=FILES)
    stock.add_item(shop, "LAMPA", balance=1)

    with pytest.raises(Refused):
        place_order(shop, some_lines("LAMPA", quantity=2), payment_method="invoice")

    assert place_order(shop, some_lines("LAMPA", quantity=1), payment_method="invoice").number


def test_few_left_of_the_docs_goes_there_and_back(make_shop):
    toml = '[plugins.stock_control.statuses.few_left]\nlabel = { sv = "Få kvar", en = "Few left" }\n'
    shop = make_shop("stock_control", "local:few_left", toml=toml, files=FILES)
    stock.add_item(shop, "LAMPA", balance=5)
    statuses = []

    for balance in (3, 4, 2, 0, 2, 9):
        stock.count(shop, "LAMPA", balance)
        statuses.append(stock.item(shop, "LAMPA").status)

    assert statuses == ["few_left", "in_stock", "few_left", "sold_out", "few_left", "in_stock"]


BIG = """
from ashop_core import Text, hookimpl
from ashop_stock_control import refuse

@hookimpl
def ashop_stock_check(question):
    if question.order.total > 15000:
        return refuse("too_dear", Text("för dyrt", "too dear"))
"""


def test_a_simulated_rule_sees_what_the_order_cost_with_its_discounts(make_shop):
    shop = make_shop("stock_control", files={"plugins/big.py": BIG})
    stock.add_item(shop, "LAMPA", balance=5)
    line = NewLine(sku="LAMPA", name="Lampa", quantity=1, unit_price=20_000, discount=8_000)
    assert place_order(shop, [line]).total == 12_000

    found = simulate_orders(shop, Trial(plugins=("local:big",)), Wanted())

    assert (found.shown.figures.accepted, found.shown.figures.refused) == (1, 0)
