"""A shop's own statuses and steps find the flows they belong to."""

import pytest

from ashop_core import SettingsError

QUALITY = """
[statuses.quality_check]
label = { sv = "Kvalitetskontroll", en = "Quality check" }
stage = "open"
stock = "held"
after = ["reviewed"]
before = ["shipped"]
"""


def next_of(shop, flow, status):
    return set(shop.flows.targets(flow, status))


def test_a_status_between_two_belongs_to_the_flows_that_have_both(make_shop):
    shop = make_shop(toml=QUALITY)

    assert "quality_check" in next_of(shop, "post", "reviewed")
    assert next_of(shop, "post", "quality_check") == {"shipped"}
    assert "quality_check" not in next_of(shop, "pickup", "reviewed")
    assert not shop.flows.targets("pickup", "shipped")


def test_a_chain_of_new_statuses_fits_as_a_whole(make_shop):
    shop = make_shop(
        toml="""
[statuses.measured]
label = "Measured"
after = ["reviewed"]
before = ["sawn"]
[statuses.sawn]
label = "Sawn"
before = ["shipped"]
"""
    )

    assert next_of(shop, "post", "measured") == {"sawn"}
    assert next_of(shop, "post", "sawn") == {"shipped"}
    assert not next_of(shop, "pickup", "measured")


def test_a_last_status_fits_wherever_something_leads_to_it(make_shop):
    shop = make_shop(toml='[statuses.archived]\nlabel = "Archived"\nafter = ["cancelled"]\nfinal = true\n')

    assert next_of(shop, "post", "cancelled") == next_of(shop, "pickup", "cancelled") == {"archived"}


def test_a_step_without_flows_is_added_where_both_its_ends_are(make_shop):
    shop = make_shop(toml='[[transitions]]\nfrom = "received"\nto = "shipped"\n')

    assert "shipped" in next_of(shop, "post", "received")
    assert "shipped" not in next_of(shop, "pickup", "received")


def test_named_flows_are_taken_as_they_are(make_shop):
    with pytest.raises(SettingsError, match="shipped: a dead end in the flow pickup"):
        make_shop(toml='[[transitions]]\nfrom = "received"\nto = "shipped"\nflows = ["pickup"]\n')


def test_a_step_that_fits_nowhere_is_told_of(make_shop):
    with pytest.raises(SettingsError, match="dead end"):
        make_shop(toml='[[transitions]]\nfrom = "ready_for_pickup"\nto = "shipped"\n')
