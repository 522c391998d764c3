"""Refusals: what was asked for and refused is written down once for each reason, and counted."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from ashop_core import Refused, Shop
from ashop_core.changes import StatusRequest
from ashop_core.errors import StorageError
from ashop_core.models import Kind
from ashop_core.refusals import LONGEST
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from ashop_stock_control import stock
from tests.lives import codes, led, sound, stocked, to

RULE = """
from ashop_core import Text, hookimpl
from ashop_core.errors import Problem

words = Text("nej", "no")

@hookimpl
def {hook}:
    if change.to_status == "reviewed":
        yield Problem("rule", words)
"""
HOOKS = {"validate": "ashop_validate_change(shop, change)", "on": "ashop_on_change(tx, change)"}


@pytest.fixture(params=list(HOOKS.values()), ids=list(HOOKS))
def ruled(request, make_shop: MakeShop) -> Shop:
    return make_shop("local:rule", files={"plugins/rule.py": RULE.format(hook=request.param)})


def refused(shop, order, status="reviewed", **given):
    with pytest.raises(Refused) as refusal:
        shop.change_status(order, status, **given)
    return refusal


def test_it_is_told_with_its_plugin_and_when(ruled, clock: FixedClock):
    order = place_order(ruled)
    clock.advance(hours=1)

    refused(ruled, order, actor="Åsa")

    (refusal,) = ruled.refusals(order)
    ((code, plugin, words),) = refusal.problems
    assert (refusal.kind, refusal.to_status, refusal.actor, refusal.times) == (
        Kind.STATUS,
        "reviewed",
        "Åsa",
        1,
    )
    assert (code, plugin, words.sv, words.en) == ("rule", "local:rule", "nej", "no")
    assert refusal.first_at == refusal.last_at == clock.now
    assert ruled.order(order) == order
    sound(ruled)


def test_the_same_again_is_counted(ruled, clock: FixedClock):
    order = place_order(ruled)
    for n in range(3):
        refused(ruled, order, actor=f"P{n}")
        clock.advance(minutes=1)

    (refusal,) = ruled.refusals(order)

    assert (refusal.times, refusal.actor) == (3, "P2")
    assert (refusal.last_at - refusal.first_at).total_seconds() == 120


def test_other_reasons_are_another_refusal(ruled):
    order = place_order(ruled)
    refused(ruled, order)
    refused(ruled, order, "shipped")
    refused(ruled, order, "delivered")

    assert sorted((r.to_status, r.times) for r in ruled.refusals(order)) == [
        ("delivered", 1), ("reviewed", 1), ("shipped", 1),
    ]  # fmt: skip


def test_looking_is_not_asking(ruled):
    order = place_order(ruled)

    assert ruled.preview(order, StatusRequest(to="reviewed")).problems
    ruled.foresee(order, StatusRequest(to="reviewed"))
    ruled.choices(order)

    assert ruled.refusals(order) == []


@pytest.mark.parametrize("words", ["nul \0", "halv \ud800", "å" * 5000, "<b>", "rad\nrad", ""], ids=repr)
def test_any_words_can_be_kept(make_shop, words):
    rule = RULE.format(hook=HOOKS["validate"]).replace('Text("nej", "no")', f"Text({words!r}, {words!r})")
    shop = make_shop("local:rule", files={"plugins/rule.py": rule})
    order = place_order(shop)
    refused(shop, order)

    ((_, _, kept),) = shop.refusals(order)[0].problems

    assert kept.sv == kept.en == words[:LONGEST]
    assert shop.story(order)[1][-1].refusal == shop.refusals(order)[0]


def test_the_answer_stands_though_it_cannot_be_written_down(ruled, monkeypatch, caplog):
    """The store fails for the refusal alone: whoever asked hears the reasons, not of the store."""
    order = place_order(ruled)

    def fail(*_):
        raise StorageError("the disk is full")

    monkeypatch.setattr("ashop_core.lifecycle.record_refusal", fail)

    assert codes(refused(ruled, order)) == ["rule"]
    assert "could not be recorded" in caplog.text
    assert ruled.refusals(order) == []


def test_the_answer_stands_though_the_table_is_gone(ruled):
    order = place_order(ruled)
    outside = sqlite3.connect(ruled.database.path)
    outside.execute("DROP TABLE refusals")
    outside.close()

    assert codes(refused(ruled, order)) == ["rule"]


def test_the_order_is_unchanged_by_it(ruled):
    order = place_order(ruled)
    refused(ruled, order)

    assert ruled.order(order).version == order.version
    assert len(ruled.history(order)) == order.version


def test_it_stays_when_the_change_is_made_after_all(make_shop):
    shop = stocked(make_shop("stock_control"))
    order = led(shop, to("reviewed"))
    refused(shop, order, "shipped")
    shop.approve(order)

    to("shipped")(shop, order)

    assert [[code for code, _, _ in r.problems] for r in shop.refusals(order)] == [["not_approved"]]


def test_a_second_placement_is_not_a_refused_one(make_shop):
    shop = stocked(make_shop("stock_control"))
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer())
    shop.place(order)
    shop.change_status(order, "reviewed")

    assert shop.place(order).unchanged
    assert shop.refusals(order) == []


def test_a_checkout_that_cannot_begin_leaves_nothing(make_shop):
    rule = RULE.format(hook=HOOKS["validate"]).replace('"reviewed"', '"started"')
    shop = make_shop("local:rule", files={"plugins/rule.py": rule})

    with pytest.raises(Refused):
        shop.start_order(some_lines("LAMPA"), checkout_key="k")

    with shop.database.read() as reader:
        assert reader.rows("SELECT * FROM refusals") == []


def test_a_refusal_of_one_order_is_not_told_of_another(make_shop):
    shop = stocked(make_shop("stock_control"))
    one, other = led(shop), led(shop)
    refused(shop, one, "shipped")

    assert shop.refusals(other) == []


def test_many_at_once_are_all_counted(make_shop):
    shop = stocked(make_shop("stock_control"))
    order = led(shop)
    start = threading.Barrier(4)

    def ask():
        start.wait()
        for _ in range(5):
            refused(shop, order, "shipped")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [r.times for r in shop.refusals(order)] == [20]


def test_a_customer_hears_nothing_of_it(make_shop):
    shop = stocked(make_shop("stock_control"))
    order = led(shop)
    was = shop.customer_order(order)
    stock.set_status(shop, "LAMPA", "sold_out")
    refused(shop, order, "shipped")

    assert shop.customer_order(order) == was


def test_what_only_staff_read_is_kept_and_makes_no_other_refusal(make_shop: MakeShop, clock: FixedClock):
    """A balance in the staff's words differs from time to time; the refusal that the customer met is the same."""
    shop = stocked(make_shop("stock_control"))
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", delivery="post", payment_method="invoice")
    shop.give_details(order, customer=some_customer())
    stock.set_status(shop, "LAMPA", "sold_out")
    for balance in (4, 2):
        stock.count(shop, "LAMPA", balance)
        stock.set_status(shop, "LAMPA", "sold_out")
        with pytest.raises(Refused):
            shop.place(order)
        clock.advance(minutes=1)

    (refusal,) = shop.refusals(order)

    assert refusal.times == 2
    assert "saldo 2, begärt 1" in refusal.problems[0][2].sv
