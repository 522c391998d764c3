"""The stock rules of the documentation work as they are written there, and the helper for rule authors sees faults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ashop_core.errors import PluginError, Refused
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import stock
from ashop_stock_control.testing import assert_rules_hold

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "plugin-authors.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```python file=lamps/(\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
HEAD = "from ashop_core import Text, hookimpl\nfrom ashop_stock_control import allow, refuse, unavailable\n"


def lamps(make_shop):
    shop = make_shop("stock_control", "local:two_each", "local:made_to_order", files=FILES)
    stock.add_item(shop, "LAMPA", "Lampa", balance=10)
    return shop


def test_the_one_file_rule_of_the_docs_lets_nobody_have_more_than_two(make_shop, clock):
    shop = lamps(make_shop)
    place_order(shop, some_lines("LAMPA", quantity=2))

    with pytest.raises(Refused) as refused:
        place_order(shop)
    clock.advance(days=30, seconds=1)

    assert [(p.code, p.plugin) for p in refused.value.problems] == [("two_each", "local:two_each")]
    assert refused.value.problems[0].staff_text.sv == "högst två, 2 köpta förut"
    assert place_order(shop).number


def test_the_one_file_rule_of_the_docs_is_short_and_holds(make_shop):
    shop = lamps(make_shop)

    assert_rules_hold(shop, place_order(shop))

    code = [line for line in FILES["plugins/two_each.py"].splitlines() if line.strip()]
    assert len(code) <= 11


def test_what_is_made_to_order_is_never_sold_out(make_shop):
    shop = lamps(make_shop)
    stock.add_item(shop, "MADE-LAMPA", balance=1)

    place_order(shop, some_lines("MADE-LAMPA", "LAMPA"))
    made = stock.item(shop, "MADE-LAMPA").status
    stock.receive(shop, "MADE-LAMPA", 1)

    assert made == "on_order"
    assert stock.item(shop, "MADE-LAMPA").status == "in_stock"
    assert stock.item(shop, "LAMPA").status == "in_stock"


def test_the_example_of_a_test_is_a_test_that_passes(make_shop):
    (code,) = (
        b for b in re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S) if "assert_rules_hold" in b
    )
    names: dict[str, object] = {}
    exec(compile(code, "example", "exec"), names)  # noqa: S102 - our own page

    names["test_my_rule_holds"](make_shop)  # type: ignore[operator]


def with_rule(make_shop, body):
    rule = f"{HEAD}\nASKED = []\n\n@hookimpl\ndef ashop_stock_check(question):\n    {body}\n"
    shop = make_shop("stock_control", "local:mine", files={"plugins/mine.py": rule})
    return shop, place_order(shop)


@pytest.mark.parametrize(
    "words",
    [
        'f"{question.item.balance} kvar"',
        'f"du har {question.had()}"',
        '"slut" if question.item.balance == 3 else "få"',
    ],
)
def test_words_that_tell_the_customer_too_much_are_seen(make_shop, words):
    body = f'return refuse("no", Text({words}, "")) if question.demand > 1 else None'
    shop, order = with_rule(make_shop, body)

    with pytest.raises(AssertionError, match=r"local:mine.*words for customers must not tell"):
        assert_rules_hold(shop, order)


def test_a_rule_with_a_memory_is_seen(make_shop):
    shop, order = with_rule(make_shop, "ASKED.append(1); return allow() if len(ASKED) % 2 else None")

    with pytest.raises(AssertionError, match=r"local:mine.*asked again None"):
        assert_rules_hold(shop, order)


def test_a_rule_that_fails_at_some_balance_is_named(make_shop):
    shop, order = with_rule(
        make_shop,
        "return unavailable(question) if question.demand > 1 and question.item.balance < 2 else None",
    )

    with pytest.raises(PluginError) as fault:
        assert_rules_hold(shop, order)

    assert fault.value.plugin == "local:mine"


def test_strict_stock_holds(make_shop):
    toml = "[[plugins.strict_stock.rules]]\nlimit = 4\ndays = 3\n[[plugins.strict_stock.rules]]\nmargin = 2\n"
    shop = make_shop("stock_control", "strict_stock", toml=toml)

    assert_rules_hold(shop, place_order(shop))
