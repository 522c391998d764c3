"""What fails keeps nothing else waiting (N10), what sends has no transaction open (N3), and no command waits for long."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ashop_core import Shop, Text
from ashop_core.attempting import LONGEST_ATTEMPT, MOST_ATTEMPTS
from ashop_core.channels import CountsSendings
from ashop_core.clock import from_iso
from ashop_core.errors import Reach, TemporaryDeliveryError
from ashop_core.leases import Wanted
from ashop_core.models import AttemptOutcome, Delivery, Message, Order, Rendered
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer
from ashop_core.worker import work_once
from ashop_email.channel import EmailChannel
from tests.conftest import Ashop
from tests.proofs.mail_server import mail_server
from tests.proofs.outbox_kills import TOML
from tests.test_core_outbox import CHANNELS, JOBS, channel, other_worker, outcomes, rows, script, the_row

WAITING, CLAIMED, SENT, DEAD, SUPPRESSED = Delivery
DOMAINS = CHANNELS.replace(
    "    def render(",
    "    def domain(self, recipient):\n        return recipient.partition('@')[2]\n\n    def render(",
)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("local:channels", files={"plugins/channels.py": DOMAINS})


def down(reach: Reach, **more: Any) -> TemporaryDeliveryError:
    return TemporaryDeliveryError("no answer", reach=reach, **more)


def to(shop: Shop, *domains: str) -> list[Order]:
    """Place an order for a customer at each of these domains."""
    return [place_order(shop, customer=some_customer(email=f"kund@{domain}")) for domain in domains]


def standing(shop: Shop, orders: list[Order]) -> list[tuple[Delivery, int]]:
    """Return how far the first message of each order has come, and after how many attempts."""
    messages = [shop.messages(order)[0] for order in orders]
    return [(message.delivery, message.attempts) for message in messages]


# ── A channel or a domain that is down ───────────────────────────────────────────────────────────


def test_a_channel_that_is_down_is_tried_once_and_the_others_go_in_the_same_round(shop: Shop) -> None:
    orders = to(shop, "a.se", "b.se", "c.se")
    shop.approve(orders[0])
    shop.change_status(orders[0], "reviewed")
    shop.change_status(orders[0], "shipped")
    script(shop, down(Reach.CHANNEL))

    work_once(shop)

    assert standing(shop, orders) == [(WAITING, 1), (WAITING, 0), (WAITING, 0)]
    assert [m.delivery for m in shop.messages(orders[0]) if m.channel == "sms"] == [SENT]
    assert len(channel(shop).posted) == 1
    (lane,) = shop.lanes()
    assert (lane.channel, lane.domain, lane.failures, lane.words) == ("email", "", 1, "no answer")


def test_a_domain_that_is_down_stops_nobody_elsewhere(shop: Shop) -> None:
    orders = to(shop, "tarpit.se", "b.se", "tarpit.se", "c.se")
    script(shop, down(Reach.DOMAIN))

    work_once(shop)

    assert standing(shop, orders) == [(WAITING, 1), (SENT, 1), (WAITING, 0), (SENT, 1)]
    assert [(lane.channel, lane.domain) for lane in shop.lanes()] == [("email", "tarpit.se")]


def test_nothing_is_tried_while_a_channel_rests_and_all_of_it_goes_when_it_works_again(
    shop: Shop, clock: FixedClock
) -> None:
    orders = to(shop, "a.se", "b.se", "c.se")
    script(shop, down(Reach.CHANNEL))
    work_once(shop)

    assert work_once(shop).delivered == []
    assert shop.deliver(orders[1]) == []  # nor by a command
    clock.now = shop.lanes()[0].resume_at
    work_once(shop)

    assert {delivery for delivery, _ in standing(shop, orders)} == {SENT}
    assert shop.lanes() == []
    assert len(channel(shop).posted) == 4
    to(shop, "a.se")
    script(shop, down(Reach.CHANNEL))
    shop.deliver()
    assert shop.lanes()[0].failures == 1  # counted from the start


def test_each_failure_makes_the_rest_longer_up_to_ten_minutes(shop: Shop, clock: FixedClock) -> None:
    to(shop, "a.se")
    script(shop, *[down(Reach.CHANNEL)] * 12)
    rests = []
    for _ in range(12):
        assert outcomes(shop) == [WAITING]
        rests.append(shop.lanes()[0].resume_at - clock.now)
        clock.now = shop.lanes()[0].resume_at

    for n, rest in enumerate(rests):
        longest = min(timedelta(minutes=10), timedelta(seconds=30 * 2**n))
        assert longest / 2 <= rest <= longest


def test_a_receiver_that_says_when_to_come_back_to_it_decides_how_long_the_channel_rests(
    shop: Shop, clock: FixedClock
) -> None:
    to(shop, "a.se")
    script(shop, down(Reach.CHANNEL, retry_after=7200))

    shop.deliver()

    assert shop.lanes()[0].resume_at - clock.now == timedelta(hours=2)


def test_that_a_channel_is_down_is_not_held_against_its_messages(shop: Shop, clock: FixedClock) -> None:
    (order,) = to(shop, "a.se")
    often = 3 * MOST_ATTEMPTS
    script(shop, *[down(Reach.CHANNEL)] * often)
    for _ in range(often):
        assert outcomes(shop) == [WAITING]
        clock.now = shop.lanes()[0].resume_at

    assert outcomes(shop) == [SENT]

    (message,) = shop.messages(order)
    tried = [attempt.outcome for attempt in shop.message(message.id).attempts]
    assert tried == [AttemptOutcome.UNREACHABLE] * often + [AttemptOutcome.SENT]
    assert (message.attempts, the_row(shop)["tries"]) == (often + 1, 1)


def test_a_rest_that_a_wrong_clock_wrote_is_not_kept_once_it_is_right(shop: Shop, clock: FixedClock) -> None:
    right = clock.now
    clock.advance(days=3650)
    to(shop, "a.se")
    script(shop, down(Reach.CHANNEL))
    work_once(shop)
    clock.now = right

    orders = to(shop, "b.se")
    work_once(shop)

    assert standing(shop, orders) == [(SENT, 1)]
    assert shop.lanes() == []


@pytest.mark.parametrize("reach", [Reach.CHANNEL, Reach.DOMAIN])
def test_one_that_brings_its_channel_down_again_and_again_while_others_get_through_is_given_up(
    shop: Shop, clock: FixedClock, reach: Reach
) -> None:
    # Such as words that the provider's own program stumbles over: it answers "500" to them and to nobody else.
    (poison,) = to(shop, "a.se")

    def answer(message: Message, _: Rendered) -> str:
        if message.order_id == poison.id:
            raise down(reach)
        return "posted"

    channel(shop).script = answer
    for _ in range(10 * MOST_ATTEMPTS):
        to(shop, "a.se")
        for _ in range(3):  # the lane rests, then it is open, then it has been used
            clock.advance(minutes=10)
            work_once(shop)

    (message,) = shop.messages(poison)
    assert message.delivery is DEAD
    assert message.attempts <= 2 * MOST_ATTEMPTS
    assert [row["delivery"] for row in rows(shop)].count("sent") == 10 * MOST_ATTEMPTS


def test_one_that_may_have_been_taken_counts_though_its_channel_rests(shop: Shop, clock: FixedClock) -> None:
    orders = to(shop, "a.se", "b.se")
    script(shop, down(Reach.CHANNEL, unsure=True))

    assert outcomes(shop) == [WAITING]

    first, second = rows(shop)
    assert (first["tries"], second["tries"]) == (1, 0)
    assert from_iso(first["due_at"]) > clock.now
    assert [attempt.outcome for attempt in shop.message(shop.messages(orders[0])[0].id).attempts] == [
        AttemptOutcome.UNSURE
    ]
    assert [lane.channel for lane in shop.lanes()] == ["email"]


def test_of_several_workers_that_meet_the_same_failure_one_counts_it(shop: Shop) -> None:
    to(shop, "a.se", "b.se")
    other = other_worker(shop)

    def meanwhile() -> str:
        script(shop, down(Reach.CHANNEL))
        other.deliver(shop, Wanted(most=1))
        raise down(Reach.CHANNEL)

    script(shop, meanwhile)
    shop.deliver(most=1)

    assert len(channel(shop).posted) == 2
    assert shop.lanes()[0].failures == 1


def test_a_lane_that_nothing_waits_for_any_longer_is_not_told_of(shop: Shop, clock: FixedClock) -> None:
    to(shop, "gone.se")
    script(shop, down(Reach.DOMAIN))
    shop.deliver()
    clock.advance(days=8)

    assert outcomes(shop) == [DEAD]

    assert shop.lanes() == []


@pytest.mark.parametrize("named", ["kund@a.se", "KUND@A.SE"])
def test_what_is_kept_of_a_lane_names_nobody(shop: Shop, named: str) -> None:
    to(shop, "a.se")
    script(shop, TemporaryDeliveryError(f"450 <{named}> is greylisted", reach=Reach.DOMAIN))

    shop.deliver()

    assert shop.lanes()[0].words == "450 <…> is greylisted"


def test_what_is_kept_of_a_lane_tells_no_number(shop: Shop) -> None:
    shop.approve(order := place_order(shop))
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped")
    (number,) = {m.recipient for m in shop.messages(order) if m.channel == "sms"}
    assert number.startswith("+")
    script(shop, TemporaryDeliveryError(f"500 {number[1:]} is not well", reach=Reach.CHANNEL), code="sms")

    shop.deliver()

    assert shop.lanes()[0].words == "500 … is not well"


def test_a_delayed_message_keeps_no_other_one_of_its_order_waiting(
    make_shop: MakeShop, clock: FixedClock
) -> None:
    toml = (
        '[[statuses.received.messages]]\nchannels = ["email"]\ndelay = "2 d"\ntemplate = "later"\n'
        '[[statuses.received.messages]]\nchannels = ["email"]\ntemplate = "now"\n'
    )
    shop = make_shop("local:channels", files={"plugins/channels.py": CHANNELS}, toml=toml)
    place_order(shop)

    assert [d.delivery for d in shop.deliver()] == [SENT]
    clock.advance(days=2)
    shop.deliver()

    assert [message.template for message, _ in channel(shop).posted] == ["now", "later"]


def test_a_delayed_reply_to_staff_waits_for_no_message_to_the_customer(make_shop: MakeShop) -> None:
    toml = (
        '[[statuses.received.messages]]\nchannels = ["email"]\naudience = "staff"\nto = ["lager@example.se"]\n'
        '[[statuses.received.messages]]\nchannels = ["email"]\n'
    )
    shop = make_shop("local:channels", files={"plugins/channels.py": CHANNELS}, toml=toml)
    script(shop, TemporaryDeliveryError("busy"))
    place_order(shop)

    assert sorted(outcomes(shop)) == [SENT, WAITING]


@pytest.mark.parametrize("seed", range(12))
def test_what_an_order_tells_arrives_in_its_order_whatever_fails(
    shop: Shop, clock: FixedClock, seed: int
) -> None:
    """N7, with workers that die and servers that fail at random."""
    chance = random.Random(seed)
    arrived: list[int] = []

    def moody(message: Message, rendered: Rendered) -> str:
        if chance.random() < 0.5:
            raise chance.choice([
                TemporaryDeliveryError("busy"), TemporaryDeliveryError("perhaps", unsure=True),
                down(Reach.DOMAIN), KeyboardInterrupt(),
            ])  # fmt: skip
        arrived.append(message.id)
        return "posted"

    channel(shop).script = moody
    order = place_order(shop)
    shop.approve(order)
    for status in ("reviewed", "shipped", "delivered"):
        shop.change_status(order, status, notify=True)
        clock.advance(seconds=chance.randrange(90))
        with suppress(KeyboardInterrupt):
            shop.deliver()
    for _ in range(100):
        clock.advance(minutes=30)
        with suppress(KeyboardInterrupt):
            shop.deliver()

    mine = [m.id for m in shop.messages(order) if m.channel == "email" and m.delivery is SENT]
    assert arrived == mine
    assert {m.delivery for m in shop.messages(order)} <= {SENT, SUPPRESSED, DEAD}


# ── Poison ───────────────────────────────────────────────────────────────────────────────────────


class _Own(BaseException):
    """A plugin's own way to leave everything."""


class _Wordless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even that")


class _NoReceipt:
    def __str__(self) -> str:
        raise RuntimeError("no words")


POISON: dict[str, Any] = {
    "leaves by a way of its own": _Own(),
    "is cancelled": asyncio.CancelledError(),
    "ends a generator": GeneratorExit(),
    "ends the program": SystemExit(3),
    "has no more memory": MemoryError(),
    "cannot say what is wrong": _Wordless(),
    "asks for a pause that is none": TemporaryDeliveryError("busy", retry_after="soon"),  # type: ignore[arg-type]
    "asks for an endless pause": TemporaryDeliveryError("busy", retry_after=float("inf")),
    "says much": TemporaryDeliveryError("x" * 10**7),
    "has a receipt that cannot be read": _NoReceipt(),
    "has a receipt of ten million letters": "x" * 10**7,
    "has a receipt in two languages": Text("ja", "yes"),
}


@pytest.mark.parametrize("poison", list(POISON.values()), ids=list(POISON))
def test_one_poisoned_message_stops_no_other(shop: Shop, clock: FixedClock, poison: Any) -> None:
    orders = to(shop, "a.se", "b.se", "c.se")
    script(shop, "posted", poison, "posted")

    work_once(shop)

    first, poisoned, last = standing(shop, orders)
    assert (first, last) == ((SENT, 1), (SENT, 1))
    assert poisoned == (WAITING if isinstance(poison, BaseException) else SENT, 1)
    assert all(len(row["error"] + row["receipt"]) <= 4000 for row in rows(shop))
    clock.advance(days=1)
    work_once(shop)
    assert standing(shop, orders)[1][0] is SENT


@pytest.mark.parametrize("fault", [_Own(), asyncio.CancelledError(), _Wordless()])
def test_words_that_cannot_be_rendered_stop_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    orders = to(shop, "a.se", "poison.se", "c.se")
    render = channel(shop).render

    def broken(context: Any) -> Rendered:
        if context.recipient == "kund@poison.se":
            raise fault
        return render(context)

    monkeypatch.setattr(channel(shop), "render", broken)

    work_once(shop)

    assert [delivery for delivery, _ in standing(shop, orders)] == [SENT, WAITING, SENT]


def test_ctrl_c_ends_the_worker_all_the_same(shop: Shop) -> None:
    to(shop, "a.se")
    script(shop, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        work_once(shop)


def test_a_hold_stops_what_a_worker_has_claimed_and_not_begun(shop: Shop, ashop: Ashop) -> None:
    orders = to(shop, "a.se", "b.se", "c.se")

    def hold() -> str:
        assert ashop("message", "hold", "--reason", "stopp").exit_code == 0
        return "posted"

    script(shop, hold)
    shop.deliver()

    assert [delivery for delivery, _ in standing(shop, orders)] == [SENT, WAITING, WAITING]
    assert len(channel(shop).posted) == 1
    assert ashop("message", "release", "--suppress", "--yes").exit_code == 0
    assert [delivery for delivery, _ in standing(shop, orders)] == [SENT, SUPPRESSED, SUPPRESSED]


# ── No network while a transaction is open (N3) ──────────────────────────────────────────────────


@contextmanager
def no_network_in_a_transaction(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail whenever a thread that has a transaction open calls anybody or says anything; gather what was seen."""
    seen: list[str] = []

    def watched(name: str) -> None:
        original = getattr(socket.socket, name)

        def look(self: socket.socket, *given: Any) -> Any:
            session = getattr(shop.database._local, "session", None)  # type: ignore[attr-defined]
            assert session is None or not session.active, f"{name} while a transaction is open"
            seen.append(name)
            return original(self, *given)

        patch.setattr(socket.socket, name, look)

    with monkeypatch.context() as patch:
        for name in ("connect", "connect_ex", "send", "sendall", "recv", "recv_into"):
            watched(name)
        yield seen


SMS = """
[plugins.sms]
sender = "Butiken"
elks = {{ user = "u1", password = {{ env = "SMS_SECRET" }}, url = "{url}" }}
limits = {{ unpaid = true }}
"""


def test_nobody_is_called_while_a_transaction_is_open(
    make_shop: MakeShop, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("SMS_SECRET", "secret")
    httpserver.expect_request("/sms").respond_with_json({"id": "s1", "status": "created"})
    with mail_server(tmp_path / "copies") as server:
        toml = TOML.format(port=server.port) + SMS.format(url=httpserver.url_for("/sms"))
        shop = make_shop("email", "sms", toml=toml)
        with no_network_in_a_transaction(shop, monkeypatch) as seen:
            order = place_order(shop)
            shop.approve(order)
            shop.change_status(order, "reviewed")
            shop.change_status(order, "shipped")
            work_once(shop)
            work_once(shop)

        assert [m.delivery for m in shop.messages(order)] == [SENT, SENT, SENT]
        assert {"connect", "sendall"} <= set(seen)
        assert server.copies().of.total() == 2
    assert len(httpserver.log) == 1


def test_a_channel_that_calls_while_it_counts_is_seen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer
) -> None:
    """The probe above can fail."""

    def count(tx: object, sending: object) -> None:
        with socket.socket() as calling:
            calling.connect((httpserver.host, httpserver.port))

    monkeypatch.setattr(channel(shop), "count", count, raising=False)
    assert isinstance(channel(shop), CountsSendings)
    (order,) = to(shop, "a.se")

    with no_network_in_a_transaction(shop, monkeypatch):
        shop.deliver()

    assert "while a transaction is open" in shop.messages(order)[0].error


# ── A small shop without a worker ────────────────────────────────────────────────────────────────


class BlackHole:
    """A mail server that accepts every call and never says a word."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.calls: list[socket.socket] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            call, _ = self._listening.accept()
            if self._closing:
                call.close()
                return
            self.calls.append(call)

    _closing = False

    def close(self) -> None:
        self._closing = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        for call in [*self.calls, self._listening]:
            call.close()


@pytest.fixture
def black_hole() -> Iterator[BlackHole]:
    hole = BlackHole()
    yield hole
    hole.close()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """How much time the e-mail channel was given for each attempt."""
    found: list[timedelta] = []
    send = EmailChannel.send

    def noted(self: EmailChannel, message: Message, rendered: Rendered, within: timedelta) -> str:
        found.append(within)
        return send(self, message, rendered, within)

    monkeypatch.setattr(EmailChannel, "send", noted)
    return found


def small_shop(make_shop: MakeShop, port: int, seconds: int = 1) -> tuple[Shop, list[Order]]:
    """Make a shop with three reviewed orders, all their messages still queued."""
    toml = f"deliver_within_seconds = {seconds}\n"
    shop = make_shop("email", toml=TOML.format(port=port), files={})
    settings = shop.settings.folder / "ashop.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[shop]\n", f"[shop]\n{toml}", 1), encoding="utf-8")
    orders = [place_order(shop) for _ in range(3)]
    for order in orders:
        shop.approve(order)
        shop.change_status(order, "reviewed")
    return shop, orders


def test_a_command_waits_no_longer_than_it_may_for_a_server_that_never_answers(
    make_shop: MakeShop, ashop: Ashop, black_hole: BlackHole, given: list[timedelta]
) -> None:
    shop, orders = small_shop(make_shop, black_hole.port)

    result = ashop("order", "status", orders[0].name, "shipped")

    assert result.exit_code == 0
    assert len(black_hole.calls) == len(given) == 1
    assert given[0] <= timedelta(seconds=1)
    assert [m.delivery for m in shop.messages(orders[0])] == [WAITING, WAITING]
    assert "i kö" in result.output
    assert "E-post vilar till" in result.output


def test_the_next_command_does_not_even_try(
    make_shop: MakeShop, ashop: Ashop, black_hole: BlackHole, given: list[timedelta]
) -> None:
    _, orders = small_shop(make_shop, black_hole.port)
    ashop("order", "status", orders[0].name, "shipped")

    one = ashop("order", "status", orders[1].name, "shipped", lang="en")
    many = ashop("order", "cancel", orders[1].name, orders[2].name, "--reason", "x", "--yes")

    assert one.exit_code == 0
    assert len(black_hole.calls) == len(given) == 1
    assert "queued, sent by `ashop work`" in one.output
    assert "E-mail rests until" in one.output
    assert many.exit_code in (0, 1)


def test_a_bulk_change_waits_for_one_silent_server_once(
    make_shop: MakeShop, ashop: Ashop, black_hole: BlackHole, given: list[timedelta]
) -> None:
    shop, orders = small_shop(make_shop, black_hole.port)

    result = ashop("order", "status", *(order.name for order in orders), "shipped", "--yes")

    assert result.exit_code == 0
    assert len(black_hole.calls) == len(given) == 1
    assert given[0] <= timedelta(seconds=1)
    assert {m.delivery for order in orders for m in shop.messages(order)} == {WAITING}


def test_a_worker_gives_a_channel_half_a_minute(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[timedelta] = []
    monkeypatch.setattr(channel(shop), "send", lambda message, rendered, within: found.append(within))
    to(shop, "a.se")

    work_once(shop)

    assert found == [LONGEST_ATTEMPT]


def test_nothing_is_claimed_when_no_time_is_left(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    to(shop, "a.se")
    monkeypatch.setattr(shop.database, "write", None)  # not even looked for

    assert shop.deliver(within=timedelta()) == []
    assert shop.deliver(within=timedelta(seconds=-3)) == []


# ── `ashop message send` ─────────────────────────────────────────────────────────────────────────


def test_send_sends_messages_and_does_no_job(make_shop: MakeShop, ashop: Ashop, clock: FixedClock) -> None:
    shop = make_shop("email", "local:jobs", files={"plugins/jobs.py": JOBS})
    shop.add_note(place_order(shop), "ring")
    clock.advance(hours=1)

    result = ashop("message", "send")

    assert result.exit_code == 0
    assert "1 meddelande skickat" in result.output
    assert [(row["kind"], row["delivery"]) for row in rows(shop)] == [("message", SENT), ("job", WAITING)]
    with shop.database.read() as reader:
        assert reader.rows("SELECT * FROM timed_jobs") == []


def test_send_sends_a_channels_own_only(make_shop: MakeShop, ashop: Ashop) -> None:
    shop = make_shop("email", "sms", toml="[plugins.sms]\nlimits = { unpaid = true }\n")
    order = place_order(shop)
    shop.approve(order)
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped")

    result = ashop("message", "send", "--channel", "sms", "--json")

    assert '"code": "sms"' in result.output
    assert {(m.channel, m.delivery) for m in shop.messages(order)} == {("email", WAITING), ("sms", SENT)}


def test_send_names_the_channels_there_are(make_shop: MakeShop, ashop: Ashop) -> None:
    make_shop("email", "sms")

    result = ashop("message", "send", "--channel", "fax", lang="en")

    assert result.exit_code == 2
    assert "no channel fax" in result.output
    assert "email, sms" in result.output


def test_send_does_not_watch_in_json(make_shop: MakeShop, ashop: Ashop) -> None:
    make_shop("email")

    assert ashop("message", "send", "--watch", "--json").exit_code == 2


# ── The page that names these tests ──────────────────────────────────────────────────────────────


def test_every_promise_about_messages_names_tests_that_there_are() -> None:
    root = Path(__file__).parents[1]
    page = (root / "docs" / "invariants.md").read_text(encoding="utf-8").partition("## Where the promises")[2]
    named = {
        row[0]: re.findall(r"`(tests/\S+\.py)`: `(test_\w+)`", row[1])
        for row in re.findall(r"\| (N\d+) \|(.*)", page)
    }

    assert list(named) == [f"N{n}" for n in range(1, 12)]
    for promise, tests in named.items():
        assert tests, promise
        for file, name in tests:
            assert f"def {name}(" in (root / file).read_text(encoding="utf-8"), (
                f"{promise}: {file} has no {name}"
            )
