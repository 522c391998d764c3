"""How the outbox is: figures for a program, findings for people, and what must never be found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ashop_core.agenda import agenda
from ashop_core.doctor import examine_shop
from ashop_core.holds import hold
from ashop_core.queue_health import QueueHealth, queue_health
from ashop_core.resend_copy import Resend
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop, place_order
from tests.conftest import Ashop
from tests.letters import force, letters, report, told


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return letters(make_shop)


def health(shop: Shop) -> QueueHealth:
    with shop.database.read() as reader:
        return queue_health(reader, shop.clock())


def findings(shop: Shop) -> dict[str, str]:
    return {f.code: f.text.sv for f in examine_shop(shop)}


def subjects(shop: Shop) -> dict[str, int]:
    return {s.code: s.count for s in agenda(shop) if s.code in ("dead", "failed", "unsent")}


def test_a_shop_that_is_well_has_nothing_to_tell(shop: Shop) -> None:
    told(shop)

    found = health(shop)

    assert (found.due.count, found.oldest_age, found.dead.count, found.failed.count) == (0, None, 0, 0)
    assert (found.waiting, found.jobs, found.too_old, found.stopped, found.lanes) == ({}, 0, 0, 0, ())
    assert findings(shop) == {}
    assert subjects(shop) == {"dead": 0, "failed": 0, "unsent": 0}


def test_what_waits_too_long_is_told_with_its_age(shop: Shop, clock: FixedClock) -> None:
    told(shop, deliver=False)
    clock.advance(minutes=59)
    assert (health(shop).due.count, health(shop).late.count, subjects(shop)["unsent"]) == (1, 0, 0)

    clock.advance(minutes=2)

    found = health(shop)
    assert found.oldest_age is not None
    assert (found.late.count, int(found.oldest_age.total_seconds()), found.waiting) == (
        1,
        61 * 60,
        {"email": 1},
    )
    assert "har väntat sedan 2026-11-23 13:00: kör `ashop work`" in findings(shop)["queue"]
    assert subjects(shop)["unsent"] == 1


def test_what_was_given_up_and_arrived_all_the_same_is_nothing_to_look_at(shop: Shop) -> None:
    _, message = told(shop, "never@example.se")
    shop.take_report("email", report(message, "delivered"))

    assert (health(shop).dead.count, findings(shop), subjects(shop)["dead"]) == (0, {}, 0)


def test_what_is_delayed_on_purpose_is_not_late(make_shop: MakeShop, clock: FixedClock) -> None:
    toml = '[[statuses.received.messages]]\nchannels = ["email"]\ntemplate = "thanks"\ndelay = "3d"\neven_later = true\n'
    shop = letters(make_shop, toml=toml)
    told(shop)

    clock.advance(days=2)
    assert (health(shop).waiting, health(shop).due.count, findings(shop)) == ({"email": 1}, 0, {})
    clock.advance(days=2)
    assert (health(shop).due.count, "queue" in findings(shop)) == (1, True)


@pytest.mark.parametrize(
    ("email", "code", "words"),
    [
        ("never@example.se", "dead", "`ashop message retry`"),
        ("asa@example.se", "failed", "`ashop message list --failed`"),
    ],
)
def test_what_went_wrong_is_told_until_it_is_sent_again(
    shop: Shop, email: str, code: str, words: str
) -> None:
    _, message = told(shop, email)
    if code == "failed":
        shop.take_report("email", report(message, "failed"))

    assert words in findings(shop)[code]
    assert subjects(shop)[code] == 1
    shop.resend(message.id, Resend(to="nisse@example.com"))
    shop.deliver()
    assert code not in findings(shop)
    assert subjects(shop)[code] == 0


def test_a_channel_that_is_down_is_told_while_it_rests_and_while_something_waits(
    shop: Shop, clock: FixedClock
) -> None:
    _, message = told(shop, "down@example.se")

    since = "E-post har inte gått att nå sedan 2026-11-23 13:00 (ett försök, nästa 2026-11-23 13:00:"
    assert since in findings(shop)["lane"]
    assert findings(shop)["lane"].endswith(": servern svarar inte")
    clock.advance(minutes=30)
    assert "lane" in findings(shop)
    force(shop, message.id, delivery="suppressed", error="undone")
    assert "lane" not in findings(shop)  # nobody can tell whether it still is


def test_a_domain_that_is_down_is_named(shop: Shop) -> None:
    told(shop, "away@example.se")

    assert findings(shop)["lane"].startswith("E-post till example.se har inte gått att nå")


def test_a_worker_that_stopped_is_told(shop: Shop, clock: FixedClock) -> None:
    _, message = told(shop, deliver=False)
    force(shop, message.id, delivery="claimed", lease="x", lease_until="2026-11-23T12:05:00.000000Z")

    clock.advance(minutes=14)
    assert health(shop).stopped == 0
    clock.advance(minutes=2)
    assert (health(shop).stopped, "arbetare som har stannat" in findings(shop)["stopped"]) == (1, True)


def test_that_nobody_works_is_told_for_a_month(shop: Shop, clock: FixedClock) -> None:
    told(shop, deliver=False)
    clock.advance(days=30)
    shop.deliver()

    assert "`ashop message retry --too-old`" in findings(shop)["too_old"]
    clock.advance(days=31)
    assert "too_old" not in findings(shop)


def test_what_is_held_is_told(shop: Shop) -> None:
    with shop.database.write() as tx:
        hold(tx, shop.clock(), "flytt")

    assert "flytt" in findings(shop)["held"]
    assert health(shop).held is not None


def test_a_program_gets_the_figures(ashop: Ashop, shop: Shop, clock: FixedClock) -> None:
    told(shop, "never@example.se")
    told(shop, "down@example.se")
    clock.advance(hours=2)

    result = ashop("doctor", "--json")
    document: dict[str, Any] = json.loads(result.stdout)["queue"]

    lane = document["lanes"].pop()
    assert (lane["channel"], lane["domain"], lane["failures"], lane["why"]["en"]) == (
        "email",
        None,
        1,
        "the server is down",
    )
    assert {k: document[k] for k in ("unsent", "over_an_hour", "oldest_unsent_seconds", "waiting", "jobs")} == {
        "unsent": 1, "over_an_hour": 1, "oldest_unsent_seconds": 7200, "waiting": {"email": 1}, "jobs": 0,
    }  # fmt: skip
    assert document["dead"] == {"count": 1, "oldest": "2026-11-23T12:00:00.000000Z"}
    assert (
        document["failed"]["count"],
        document["too_old"],
        document["stopped"],
        document["held_since"],
    ) == (0, 0, 0, None)
    fixed = json.loads(ashop("doctor", "--fix", "--json").stdout)
    assert (fixed["queue"]["dead"], fixed["repairs"]) == (document["dead"], [])


def test_there_are_no_figures_where_the_shop_does_not_open(ashop: Ashop, shop: Shop) -> None:
    (shop.settings.folder / "ashop.toml").write_text("[shop]\nnamn = 1\n", encoding="utf-8")

    assert json.loads(ashop("doctor", "--json").stdout)["queue"] is None


# ── What must never be found ─────────────────────────────────────────────────────────────────────


def wrong(shop: Shop) -> list[str]:
    return [f.code for f in examine_shop(shop) if f.serious]


def test_a_message_of_a_change_that_is_not_there_is_found(shop: Shop) -> None:
    _, message = told(shop)
    assert wrong(shop) == []

    force(shop, message.id, seq=99)

    assert wrong(shop) == ["N2"]


def test_a_message_to_a_customer_about_the_checkout_is_found(shop: Shop) -> None:
    _, message = told(shop)

    force(shop, message.id, seq=2)

    assert wrong(shop) == ["N9"]
    force(shop, message.id, audience="staff")
    assert wrong(shop) == []


def test_an_attempt_after_it_was_sent_is_found(shop: Shop, clock: FixedClock) -> None:
    _, message = told(shop)
    clock.advance(seconds=1)
    begun = {"outbox_id": message.id, "number": 2, "started_at": "2026-11-23T12:00:01.000000Z"}
    with shop.database.write() as tx:
        tx.insert("outbox_attempts", begun)

    assert wrong(shop) == ["N11"]


def test_a_shop_that_has_lived_has_none_of_it(shop: Shop, clock: FixedClock) -> None:
    for name in ("asa", "later", "never", "lost", "down", "away"):
        told(shop, f"{name}@{name}.example")
    order = place_order(shop)
    for _ in range(40):
        clock.advance(hours=7)
        shop.deliver()
    for message in [*shop.messages(order), told(shop)[1]]:
        shop.take_report("email", report(message, "delivered"))
        shop.resend(message.id)
    shop.deliver()

    assert wrong(shop) == []
