"""`ashop order undo`: the last change taken back, within its time, and told as such afterwards."""

from __future__ import annotations

import pytest

from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines
from tests.shops import LATER, write_paper_shop


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop")


@pytest.fixture
def number(home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, some_lines("LAMPA"))
        shop.deliver()
        shop.change_status(order, "reviewed")
        return str(order.number)


def test_the_last_change_is_taken_back_and_marked(ashop, number):
    result = ashop("order", "undo", number, "--note", "fel order")

    assert result.stdout.splitlines() == [
        f"{number}  Ångrad: Granskad → Mottagen",
        "  Anteckning  fel order",
    ]
    page = ashop("order", "show", number).stdout
    assert "Mottagen → Granskad  (personal, ångrad sedan)" in page
    assert "Ångrad: Granskad → Mottagen  (personal)" in page


def test_in_english(ashop, number):
    assert ashop("order", "undo", number, lang="en").stdout == f"{number}  Undone: Reviewed → Received\n"


def test_an_undo_stops_the_message_that_has_not_left(ashop, tmp_path, clock):
    home = write_paper_shop(tmp_path / "shop", LATER, toml='[statuses.cancelled]\nnotify = ["email"]\n')
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
    ashop("order", "cancel", str(order.number), "--reason", "fel")

    result = ashop("order", "undo", str(order.number))

    assert "  ashop        ett meddelande stoppades" in result.stdout


def test_too_late_is_refused_with_what_to_do(ashop, clock, number):
    clock.advance(minutes=61)

    result = ashop("order", "undo", number)

    assert result.exit_code == 1
    assert "undo_minutes" in result.stderr


def test_what_was_undone_is_not_undone_again(ashop, number):
    ashop("order", "undo", number)

    assert ashop("order", "undo", number).exit_code == 1


def test_several_are_undone_at_once(ashop, home, clock, number):
    with Shop.open(home, clock=clock) as shop:
        other = place_order(shop)
        shop.change_status(other, "reviewed")

    result = ashop("order", "undo", number, other.name, "--yes")

    assert result.stdout.splitlines()[:2] == [
        f"{n}  Ångrad: Granskad → Mottagen" for n in (number, other.name)
    ]


def test_a_dry_run_of_an_undo_changes_nothing(ashop, number):
    assert "provkörning" in ashop("order", "undo", number, "--dry-run").stdout
    assert "Granskad" in ashop("order", "next", number).stdout.splitlines()[0]
