"""A worker that runs for days follows the settings, and goes on with those it had while the new ones cannot be used."""

from __future__ import annotations

import logging
from threading import Event

import pytest

from ashop_core import Shop
from ashop_core.renewing import RenewedShop
from ashop_core.testing import FixedClock, MakeShop, place_order
from ashop_core.worker import work
from ashop_stock_control import stock


def say(shop: Shop, old: str, new: str) -> None:
    path = shop.settings.path("ashop.toml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("stock_control", toml="[plugins.stock_control]\nmargin = 0\n")


def test_settings_that_say_otherwise_open_the_shop_anew(shop, clock: FixedClock):
    stock.add_item(shop, "LAMPA", balance=3)
    with RenewedShop(shop) as renewed:
        first = renewed.current()
        say(shop, "margin = 0", "margin = 2")
        second = renewed.current()
        place_order(second)

        assert first is shop
        assert second is not shop
        assert second.clock is clock
        assert stock.item(second, "LAMPA").status == "sold_out"
        assert renewed.current() is second
    assert shop.order(100001).number == 100001


def test_a_comment_changes_nothing(shop):
    say(shop, "margin = 0", "# kept back\nmargin = 0")

    with RenewedShop(shop) as renewed:
        assert renewed.current() is shop


@pytest.mark.parametrize("broken", ["margin = -1", "margin = ", "marginal = 1"])
def test_settings_that_cannot_be_used_leave_the_shop_as_it_was(shop, broken, caplog):
    with RenewedShop(shop) as renewed, caplog.at_level(logging.WARNING, "ashop"):
        say(shop, "margin = 0", broken)
        assert renewed.current() is shop
        assert renewed.current() is shop
        assert caplog.text.count("those before go on") == 1

        say(shop, broken, "margin = 2")
        assert renewed.current() is not shop


def test_a_missing_file_leaves_the_shop_as_it_was(shop):
    shop.settings.path("ashop.toml").unlink()

    with RenewedShop(shop) as renewed:
        assert renewed.current() is shop


LOOKER = """
from datetime import timedelta

from ashop_core import Text, hookimpl
from ashop_core.models import Job
from ashop_core.outbox import JobHandler
from ashop_stock_control.settings import StockSettings


def look(shop, payload):
    with shop.settings.path("margins").open("a") as file:
        print(shop.settings.for_plugin(StockSettings).margin, file=file)


@hookimpl
def ashop_register_jobs():
    return [JobHandler(Job(code="look", label=Text("titta", "look"), every=timedelta(seconds=1)), look)]
"""


def test_the_worker_does_its_next_round_by_the_new_settings(make_shop: MakeShop, clock: FixedClock):
    shop = make_shop(
        "stock_control", "local:looker", toml="[plugins.stock_control]\nmargin = 0\n",
        files={"plugins/looker.py": LOOKER},
    )  # fmt: skip

    class Rounds(Event):
        """Changes the settings after the first round, and ends the work after the second."""

        def wait(self, timeout: float | None = None) -> bool:
            clock.advance(minutes=1)
            if "margin = 2" in shop.settings.path("ashop.toml").read_text(encoding="utf-8"):
                self.set()
            else:
                say(shop, "margin = 0", "margin = 2")
            return self.is_set()

    work(shop, Rounds())

    assert shop.settings.path("margins").read_text().split() == ["0", "2"]
