"""What a simulated rule is told of earlier purchases: the same customer's, in the window, this order not among them."""

from datetime import UTC, datetime, timedelta

import pytest

from ashop_core.clock import to_iso
from ashop_stock_control.simulating.purchases import Purchases

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def bought_at_noon(*purchases, buyers=("eanna",), but=0):
    """Return which orders a customer has bought lamps in, where the window is two hours."""
    kept = Purchases(timedelta(hours=2))
    for id_, (minutes_ago, keys, taken) in enumerate(purchases, 1):
        kept.keep(id_, f"K-{id_}", to_iso(NOON - timedelta(minutes=minutes_ago)), keys, taken)
    found = kept.of(("LAMPA",), buyers, but, NOON).get("LAMPA", ())
    return [(each.order, each.quantity) for each in found]


@pytest.mark.parametrize(
    ("purchase", "counted"),
    [
        ((0, ("eanna",), {"LAMPA": 3}), True),
        ((120, ("eanna",), {"LAMPA": 3}), True),
        ((121, ("eanna",), {"LAMPA": 3}), False),
        ((5, ("ebo",), {"LAMPA": 3}), False),
        ((5, ("ebo", "eanna"), {"LAMPA": 3}), True),
        ((5, ("eanna",), {"BORD": 3}), False),
        ((5, ("eanna",), {"LAMPA": 0}), False),
    ],
)
def test_what_counts_as_bought(purchase, counted):
    assert bought_at_noon(purchase) == ([("K-1", 3)] if counted else [])


def test_the_order_itself_is_not_counted():
    lamps = (5, ("eanna",), {"LAMPA": 3})

    assert bought_at_noon(lamps, lamps, but=1) == [("K-2", 3)]


def test_an_order_that_two_keys_know_is_counted_once():
    both = ("eanna", "p701740601")

    assert bought_at_noon((5, both, {"LAMPA": 3}), buyers=both) == [("K-1", 3)]


def test_what_is_left_of_a_purchase_counts_by_then():
    kept = Purchases(timedelta(hours=2))
    kept.keep(1, "K-1", to_iso(NOON), ("eanna",), {"LAMPA": 3})
    kept.keep(1, "K-1", to_iso(NOON), ("eanna",), {"LAMPA": 1})

    assert kept.of(("LAMPA",), ("eanna",), 0, NOON)["LAMPA"][0].quantity == 1


def test_what_no_rule_asks_for_any_more_is_let_go():
    kept = Purchases(timedelta(hours=2))
    for hour in range(100):
        kept.keep(hour, f"K-{hour}", to_iso(NOON + timedelta(hours=hour)), ("eanna",), {"LAMPA": 1})

    assert len(kept._orders) <= 4
