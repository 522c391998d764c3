"""A held outbox: nothing leaves it, whoever asks, until it is released; every backup brings a hold with it."""

from __future__ import annotations

import json

import pytest

from ashop_core.holds import FROM_BACKUP, hold, hold_of, release, suppress_waiting, waiting_in_outbox
from ashop_core.models import Delivery
from ashop_core.shop import Shop
from ashop_core.testing import place_order, write_shop
from ashop_core.worker import work_once
from tests.shops import LATER, write_paper_shop

JOB = """
from datetime import timedelta
from ashop_core import hookimpl
from ashop_core.models import Job
from ashop_core.outbox import JobHandler
from ashop_core.texts import same

@hookimpl
def ashop_register_jobs(settings):
    return [JobHandler(Job(code="pay", label=same("pay")), lambda shop, payload: None)]

@hookimpl
def ashop_on_change(tx, order, change):
    if change.places:
        tx.enqueue("pay", {}, key="")
"""


@pytest.fixture
def shop(make_shop):
    return make_shop("email", "local:pay", files={"plugins/pay.py": JOB})


def _hold(shop, reason="semester"):
    with shop.database.write() as tx:
        return hold(tx, shop.clock(), reason)


def _release(shop):
    with shop.database.write() as tx:
        return release(tx)


def test_nothing_is_claimed_while_the_outbox_is_held(shop):
    order = place_order(shop)
    _hold(shop)

    assert shop.deliver(order) == []
    assert work_once(shop).delivered == []
    assert [m.delivery for m in shop.messages(order)] == [Delivery.WAITING]

    assert _release(shop)
    assert sorted(d.code for d in shop.deliver()) == ["email", "pay"]
    assert shop.deliver() == []


def test_a_claim_that_ran_out_is_not_taken_over_while_held(shop, clock):
    place_order(shop)
    with shop.database.write() as tx:
        tx.execute(
            "UPDATE outbox SET delivery = 'claimed', lease = 'x', lease_until = :t",
            {"t": "2026-11-23T11:00:00.000000Z"},
        )
    _hold(shop)

    assert shop.deliver() == []
    _release(shop)
    assert len(shop.deliver()) == 2


def test_what_happens_while_held_waits_with_the_rest(shop):
    _hold(shop)

    order = place_order(shop)

    with shop.database.read() as reader:
        waiting = waiting_in_outbox(reader)
    assert [(w.kind, w.code, w.count) for w in waiting] == [("message", "email", 1), ("job", "pay", 1)]
    assert shop.order(order).placed_at is not None


def test_a_second_hold_keeps_the_first_ones_time_and_reason(shop, clock):
    since = clock()
    assert _hold(shop, "semester")
    clock.advance(hours=1)

    assert not _hold(shop, "något annat")

    with shop.database.read() as reader:
        held = hold_of(reader)
    assert held is not None
    assert (held.since, held.reason) == (since, "semester")


def test_release_of_what_is_not_held_does_nothing(shop):
    assert not _release(shop)
    with shop.database.read() as reader:
        assert hold_of(reader) is None


def test_suppressed_messages_are_never_sent_but_jobs_are_done(shop):
    order = place_order(shop)
    _hold(shop)

    with shop.database.write() as tx:
        count = suppress_waiting(tx, shop.clock())
        release(tx)

    assert count == 1
    assert [d.code for d in shop.deliver()] == ["pay"]
    assert [m.delivery for m in shop.messages(order)] == [Delivery.SUPPRESSED]


def test_a_message_in_a_workers_hands_is_left_to_it(shop, clock):
    order = place_order(shop)
    with shop.database.write() as tx:
        tx.execute(
            "UPDATE outbox SET delivery = 'claimed', lease = 'x', lease_until = :t",
            {"t": "2026-11-23T12:01:00.000000Z"},
        )
        assert suppress_waiting(tx, shop.clock()) == 0
    assert [m.delivery for m in shop.messages(order)] == [Delivery.CLAIMED]


def test_a_backup_brings_its_hold_and_leaves_the_shop_alone(shop, tmp_path, clock):
    place_order(shop)
    with shop.database.write() as tx:
        tx.execute(
            "UPDATE outbox SET delivery = 'claimed', lease = 'x', lease_until = '2026-11-23T13:00:00.000000Z'"
        )

    copied = write_shop(tmp_path / "copy", "email", "local:pay", files={"plugins/pay.py": JOB})
    shop.backup(copied / "shop.db")

    with shop.database.read() as reader:
        assert hold_of(reader) is None
    with Shop.open(copied, clock=clock) as copy:
        with copy.database.read() as reader:
            held = hold_of(reader)
        assert held is not None
        assert (held.since, held.reason) == (clock(), FROM_BACKUP)
        assert work_once(copy).delivered == []
        _release(copy)
        assert len(work_once(copy).delivered) == 2  # no worker of the old shop holds the copy's rows


# ── At the terminal ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path, clock):
    home = write_paper_shop(tmp_path / "shop", LATER)
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)
        clock.advance(days=1)
        place_order(shop)
    write_paper_shop(tmp_path / "shop")
    return home


def test_hold_is_told_wherever_somebody_waits(ashop, home):
    assert "i kön" not in ashop("message", "hold", "--reason", "flytt av butiken").stderr

    for command in (("work", "--once"), ("today",), ("message", "list"), ("message", "list", "--json")):
        result = ashop(*command)
        assert result.exit_code == 0
        assert "Utskicken är pausade sedan 2026-11-24 13:00 (flytt av butiken)" in result.stderr
        assert "`ashop message release`" in result.stderr
    assert "has been held since 24 Nov 2026 13:00" in ashop("today", lang="en").stderr
    doctor = ashop("doctor")
    assert doctor.exit_code == 0
    assert "obs   Utskicken är pausade sedan 2026-11-24 13:00 (flytt av butiken)" in doctor.stdout


def test_a_change_says_that_its_message_is_held(ashop, home):
    ashop("message", "hold")

    ashop("order", "approve", "100001")

    silent, told = (ashop("order", "status", "100001", status) for status in ("granskad", "skickad"))

    assert silent.exit_code == told.exit_code == 0
    assert "pausade" not in silent.stderr  # it sends nothing
    assert "Utskicken är pausade" in told.stderr


def test_release_shows_what_waits_asks_and_lets_it_go(ashop, home):
    ashop("message", "hold")

    rehearsed = ashop("message", "release", "--dry-run")
    declined = ashop("message", "release", input="n\n")
    still = ashop("work", "--once")
    released = ashop("message", "release", input="y\n")

    assert "E-post      2  2026-11-23 13:00  2026-11-24 13:00" in rehearsed.stdout
    assert declined.exit_code == 1
    assert "0 ur kön" in still.stdout
    assert released.exit_code == 0
    assert "2 ur kön" in ashop("work", "--once").stdout
    assert "0 ur kön" in ashop("work", "--once").stdout


def test_release_with_suppress_sends_none_of_them(ashop, home):
    ashop("message", "hold")

    result = ashop("message", "release", "--suppress", "--yes", lang="en")

    assert "2 messages will not be sent." in result.stdout
    assert "0 ur kön" in ashop("work", "--once").stdout
    rows = json.loads(ashop("message", "list", "--json").stdout)
    assert {row["delivery"] for row in rows} == {"suppressed"}


def test_release_of_an_outbox_that_is_not_held(ashop, home):
    result = ashop("message", "release", "--yes")

    assert (result.exit_code, result.stdout) == (0, "Utskicken är inte pausade.\n")
