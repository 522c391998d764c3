"""An import that is killed, and run again: the same stock as if nothing had happened, and orders had their turn."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.testing import FixedClock, place_order, some_lines, write_shop
from ashop_stock_control import importing, stock
from ashop_stock_control.by_hand import Clerk
from tests.proofs.harness import KILLED, Child
from tests.stock_files import figures, tables, write

AT_ONCE = 20
ITEMS = 3 * AT_ONCE // 2
MODES = list(stock.Mode)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", AT_ONCE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = "".join(f"A{n:04},Vara {n},{n % 7}\n" for n in range(ITEMS))
    return write(tmp_path, f"sku,name,on_hand\n{rows}")


def opened(home: Path) -> Shop:
    return Shop.open(home, clock=FixedClock(), synchronous="OFF")


def bring(home: Path, file: Path, mode: stock.Mode) -> None:
    with opened(home) as shop:
        stock.import_file(shop, file, how=stock.ImportOptions(mode=mode))


def bring_and_die(home: Path, file: Path, mode: stock.Mode, at: int) -> None:
    """Import the file, and kill this process when it books its `at`-th item."""
    book, booked = Clerk.book, 0

    def book_or_die(*args, **kwargs):
        nonlocal booked
        booked += 1
        if booked == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return book(*args, **kwargs)

    Clerk.book = book_or_die  # type: ignore[method-assign]
    bring(home, file, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("at", [1, AT_ONCE, AT_ONCE + 1, ITEMS - 1])
def test_an_import_that_was_killed_is_made_whole_by_running_it_again(tmp_path, file, mode, at):
    whole, home = (
        write_shop(tmp_path / "whole", "stock_control"),
        write_shop(tmp_path / "shop", "stock_control"),
    )
    bring(whole, file, mode)
    with opened(home):
        pass  # its tables are made

    killed = Child(lambda: bring_and_die(home, file, mode, at)).wait()
    with opened(home) as shop:
        there = len(figures(shop))
    bring(home, file, mode)

    assert killed == KILLED
    assert there == (at - 1) // AT_ONCE * AT_ONCE  # a batch is there whole or not at all
    with opened(home) as shop, opened(whole) as other:
        assert tables(shop) == tables(other)
        assert [finding.text.en for finding in examine_shop(shop) if finding.serious] == []


def test_orders_get_their_turn_between_the_batches(tmp_path, file):
    home = write_shop(tmp_path / "shop", "stock_control")
    taken: list[int | None] = []

    with opened(home) as shop:

        def order(done: int, total: int) -> None:
            place_order(shop, some_lines("A0006", quantity=2))
            taken.append(stock.item(shop, "A0006").balance)

        stock.import_file(shop, file, progress=order)

    assert taken == [4, 2]


def test_a_plugin_that_fails_between_two_batches_leaves_the_first_whole(make_shop, file):
    shop = make_shop(
        "stock_control",
        "local:picky",
        files={
            "plugins/picky.py": (
                "from ashop_core import hookimpl\n\n\n@hookimpl\ndef ashop_stock_status(item, before, after):\n"
                f'    if item.sku == "A{AT_ONCE + 5:04}":\n        raise RuntimeError("no")\n'
            )
        },
    )

    with pytest.raises(Exception, match="picky"):
        stock.import_file(shop, file)

    assert len(figures(shop)) == AT_ONCE
