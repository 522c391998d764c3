"""The plugin with statuses of docs/plugin-authors.md: the messages it brings, and what a shop's settings make of them."""

from __future__ import annotations

import pytest

from ashop_core.models import Audience, Status
from ashop_core.shop import Shop
from ashop_core.testing import MakeShop, place_order
from tests.test_docs_messages import blocks

FILES = {
    more.strip().removeprefix("file=lockers/"): body
    for more, body in blocks("plugin-authors.md", "python")
    if "file=lockers/" in more
}
LATER = "still_there"


def lockers(make_shop: MakeShop, toml: str = "") -> Shop:
    return make_shop("email", "sms", "local:lockers", toml=toml, files=FILES)


def told(status: Status) -> list[tuple[str, str]]:
    rules = [rule for rule in status.rules if rule.audience is Audience.CUSTOMER]
    return [(rule.channel, status.template_of(rule)) for rule in rules]


def test_the_customer_hears_where_the_goods_are_and_again_two_days_later(make_shop: MakeShop) -> None:
    shop = lockers(make_shop)
    order = place_order(shop, delivery="locker", payment_method="invoice")
    for status in ("reviewed", "in_locker"):
        order = shop.change_status(order, status).order

    now, later = [m for m in shop.messages(order) if m.template in ("in_locker", LATER)]
    while shop.deliver(order):  # to one recipient, in turn
        pass

    words = shop.message(now.id).message.rendered
    assert words is not None
    assert "Skåpet vid torget" in words.body
    assert (later.planned_at - now.planned_at).days == 2


@pytest.mark.parametrize(
    ("toml", "rules"),
    [
        ("", [("email", "in_locker"), ("email", LATER)]),
        ('[[statuses.in_locker.messages]]\nchannels = ["email"]\ntemplate = "ours"', [("email", "ours")]),
        (
            '[[statuses.in_locker.messages]]\nchannels = ["sms"]',
            [("email", "in_locker"), ("email", LATER), ("sms", "in_locker")],
        ),
        ('[statuses.in_locker]\nnotify = ["sms"]', [("sms", "in_locker")]),
        ("[statuses.in_locker]\nnotify = []", []),
    ],
)
def test_the_shops_settings_take_the_place_of_what_the_plugin_tells_the_customer(
    make_shop: MakeShop, toml: str, rules: list[tuple[str, str]]
) -> None:
    shop = lockers(make_shop, toml)

    assert told(shop.flows.find_status("in_locker")) == rules


def test_the_shops_own_place_goes_before_the_plugins(make_shop: MakeShop) -> None:
    shop = lockers(make_shop, '[delivery.locker]\nplace = "Stationen"')

    place = shop.flows.find_delivery("locker").place

    assert place is not None
    assert place.sv == "Stationen"
