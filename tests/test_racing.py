"""The harness of races: real processes, all started at once, and every word that they were told."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest

from ashop_core import Conflict, InvalidInput
from ashop_core.racing import Word, race
from ashop_core.testing import place_order, some_customer, some_lines, write_shop

NEKAD = """
from ashop_core import Problem, Text, hookimpl

@hookimpl
def ashop_validate_change(order, change):
    if change.places and order.lines[0].sku == "NEKAD":
        yield Problem("no_thanks", Text("nej", "no"))
"""


@pytest.fixture
def folder(tmp_path):
    return write_shop(tmp_path / "shop", "local:nekad", files={"plugins/nekad.py": NEKAD})


def answer(shop, me, n):
    """Do what leads to each kind of answer in turn."""
    if n == 0:
        return os.getpid()
    if n == 1:
        return place_order(shop, some_lines("NEKAD"))
    if n == 2:
        return shop.add_note(place_order(shop), "ny")
    if n == 3:
        order = place_order(shop)
        return shop.change_status(order, order.status)
    if n == 4:
        raise Conflict("någon var före")
    raise KeyError("oväntat")


def test_each_process_tells_what_came_of_each_of_its_tries(folder):
    done = race(folder, answer, processes=3, tries=6)

    words = [Word.ACCEPTED, Word.REFUSED, Word.ACCEPTED, Word.UNCHANGED, Word.CONFLICT, Word.ERROR]
    assert {w: [t.word for t in done.told if t.worker == w] for w in range(3)} == dict.fromkeys(
        range(3), words
    )
    assert len({t.value for t in done.told if t.n == 0} - {os.getpid()}) == 3
    assert done.refusals == Counter(no_thanks=3)
    assert done.errors == ["KeyError: 'oväntat'"] * 3


def test_what_is_returned_of_an_order_is_its_name(folder, clock):
    done = race(folder, lambda shop, me, n: shop.place(place_order(shop)), processes=1, tries=1, clock=clock)

    assert [(t.word, t.value) for t in done.told] == [(Word.UNCHANGED, "100001")]


def test_a_process_that_is_killed_is_told_and_keeps_nobody_waiting(folder):
    def die(shop, me, n):
        if me == 1 and n == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return place_order(shop).reference

    done = race(folder, die, processes=3, tries=5, in_step=True)

    assert "Ended: process 1 ended with -9" in done.errors
    assert len([t for t in done.accepted if t.worker == 1]) == 2


def test_a_shop_that_does_not_open_is_told_by_each(tmp_path):
    done = race(tmp_path, answer, processes=2, tries=5)

    assert [(t.n, t.codes) for t in done.told] == [(-1, ("SettingsError",))] * 2


def test_where_one_cannot_start_nobody_does(folder):
    def prepare(shop, me):
        if me == 1:
            raise ValueError("trasig")

    done = race(folder, answer, processes=3, tries=5, prepare=prepare)

    assert done.errors == ["ValueError: trasig"]
    assert len(done.told) == 1


def test_in_step_everybody_is_judged_before_anybody_goes_on(folder):
    """Each sees in its judgement that nobody has placed anything of this round."""
    seen: list[int] = []

    def prepare(shop, me):
        real = shop.plugins.gather

        def gather(hook, kind, /, **arguments):
            if hook == "ashop_validate_change" and arguments["change"].places:
                with shop.database.read() as reader:
                    row = reader.row("SELECT COUNT(*) AS n FROM orders WHERE number IS NOT NULL")
                seen.append(row["n"])
            return real(hook, kind, **arguments)

        shop.plugins.gather = gather

    def work(shop, me, n):
        seen.clear()
        place_order(shop)
        return seen[0]

    done = race(folder, work, processes=4, tries=3, in_step=True, prepare=prepare)

    assert done.errors == []
    assert Counter((t.n, t.value) for t in done.told) == {(0, 0): 4, (1, 4): 4, (2, 8): 4}


def test_in_step_whoever_is_refused_at_once_keeps_nobody_waiting(folder):
    def work(shop, me, n):
        return place_order(shop, some_lines("NEKAD" if me == n % 2 else "LAMPA"), customer=some_customer())

    done = race(folder, lambda *given: work(*given).reference, processes=2, tries=4, in_step=True)

    assert Counter(t.word for t in done.told) == {Word.ACCEPTED: 4, Word.REFUSED: 4}


def test_progress_is_told_of_every_try(folder):
    told: list[int] = []

    race(folder, lambda shop, me, n: None, processes=2, tries=4, progress=told.append)

    assert sum(told) == 8


@pytest.mark.parametrize("size", [{"processes": 0}, {"processes": 65}, {"tries": 0}])
def test_a_race_of_nobody_or_of_too_many_is_none(folder, size):
    with pytest.raises(InvalidInput, match="will not do"):
        race(folder, answer, **size)


def test_the_fixture_races_at_an_open_shop_and_at_the_clock_of_the_test(race, make_shop, clock):
    shop = make_shop()
    clock.advance(days=3)

    done = race(shop, lambda shop, me, n: place_order(shop).placed_at, processes=2, tries=2)

    assert [t.value for t in done.told] == [clock.now] * 4
    assert len(shop.orders().rows) == 4
