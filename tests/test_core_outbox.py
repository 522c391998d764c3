"""The outbox: exactly the messages and jobs that are asked for, delivered by whoever claims them, once if it can be."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashop_core import leases
from ashop_core.attempting import LONGEST_PAUSE, MOST_ATTEMPTS
from ashop_core.changes import StatusRequest
from ashop_core.clock import from_iso
from ashop_core.doctor import examine_shop
from ashop_core.errors import ConstraintError, DeliveryError, PluginError, TemporaryDeliveryError
from ashop_core.lanes import growing_pause
from ashop_core.leases import LEASE, Wanted, claim
from ashop_core.models import (
    Customer,
    Delivery,
    Message,
    NewParcel,
    NewPayment,
    Order,
    PaymentKind,
    Rendered,
    Status,
)
from ashop_core.outbox import Outbox
from ashop_core.outbox_rows import release_dead
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines, write_shop
from ashop_core.worker import work, work_once

WAITING, CLAIMED, SENT, DEAD, SUPPRESSED = Delivery

# Channels that do what the test tells them: `script` is called with each message that is to be sent.
CHANNELS = """
from ashop_core import Text, hookimpl
from ashop_core.models import Job, Rendered
from ashop_core.outbox import JobHandler

class Scripted:
    label = Text("brev", "letter")

    def __init__(self, code, reach):
        self.code, self.reach = code, reach
        self.script = lambda message, rendered: "posted"
        self.posted, self.rendered = [], 0

    def address(self, text):
        return text or None

    def recipient(self, customer):
        return getattr(customer, self.reach) or None

    def render(self, context):
        self.rendered += 1
        return Rendered(subject=f"{context.template} {self.rendered}", body=repr(context), html="<p>")

    def send(self, message, rendered, within):
        self.posted.append((message, rendered))
        return self.script(message, rendered)

@hookimpl
def ashop_register_channels():
    return [Scripted("email", "email"), Scripted("sms", "phone")]
"""
JOBS = """
from datetime import timedelta
from ashop_core import Text, hookimpl
from ashop_core.models import Job
from ashop_core.outbox import JobHandler

done = []
script = []

def run(shop, payload):
    done.append(dict(payload))
    if script:
        script.pop(0)(shop, payload)

@hookimpl
def ashop_register_jobs():
    return [
        JobHandler(Job(code="ask", label=Text("a", "a")), run),
        JobHandler(Job(code="sweep", label=Text("s", "s"), every=timedelta(hours=1)), run),
    ]

@hookimpl
def ashop_on_change(tx, change):
    if change.kind == "note":
        tx.enqueue("ask", {"note": change.note, "å": 1}, key="k", delay=timedelta(minutes=5))
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    files = {"plugins/channels.py": CHANNELS, "plugins/jobs.py": JOBS}
    return make_shop("local:channels", "local:jobs", files=files, synchronous="OFF")


def channel(shop: Shop, code: str = "email") -> Any:
    return shop.channels[code]


def script(shop: Shop, *answers: Any, code: str = "email") -> None:
    """Let a channel give these answers in turn, raising those that are exceptions; then it just posts."""
    left = list(answers)

    def answer(message: Message, rendered: Rendered) -> Any:
        given = left.pop(0) if left else "posted"
        if isinstance(given, BaseException):
            raise given
        return given() if callable(given) else given

    channel(shop, code).script = answer


def jobs(shop: Shop) -> dict[str, Any]:
    return shop.handlers["ask"].run.__globals__


def later(seconds: float | None = None) -> TemporaryDeliveryError:
    return TemporaryDeliveryError("busy", retry_after=seconds)


def rows(shop: Shop) -> list[Any]:
    with shop.database.read() as reader:
        return reader.rows("SELECT * FROM outbox ORDER BY id")


def the_row(shop: Shop) -> Any:
    (row,) = rows(shop)
    return row


def outcomes(shop: Shop, **more: Any) -> list[Delivery]:
    return [d.delivery for d in shop.deliver(**more)]


def other_worker(shop: Shop) -> Outbox:
    """Return a second worker on the same database, as another process would have one."""
    mine = shop.outbox
    return Outbox(shop.database, shop.clock, shop.channels, shop.handlers, mine._telling)


def claim_and_die(shop: Shop) -> None:
    """Claim what is due as a worker does that dies before it begins with any of it."""
    with shop.database.write() as tx:
        claim(tx, shop.clock(), Wanted())


def begin_and_die(shop: Shop) -> None:
    """Begin with what is due as a worker does that dies while it delivers."""
    script(shop, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        shop.deliver()


def reviewed(shop: Shop, **given: Any) -> Order:
    order = place_order(shop, **given)
    shop.approve(order)
    return shop.change_status(order, "reviewed").order


# ── What is put in (N1, N2, N9) ──────────────────────────────────────────────────────────────────


def test_a_change_puts_in_the_messages_of_the_status_it_enters(shop: Shop) -> None:
    order = reviewed(shop)

    outcome = shop.change_status(order, "shipped")

    assert [(m.channel, m.template, m.recipient, m.language, m.rule) for m in outcome.messages] == [
        ("email", "shipped", "asa@example.se", "sv", "shipped/email"),
        ("sms", "shipped", "+46701740605", "sv", "shipped/sms"),
    ]
    assert [(m.seq, m.channel, m.template, m.delivery) for m in shop.messages(order)] == [
        (3, "email", "received", WAITING),
        (6, "email", "shipped", WAITING),
        (6, "sms", "shipped", WAITING),
    ]


@pytest.mark.parametrize(
    ("customer", "expected"),
    [({}, ["email", "sms"]), ({"email": ""}, ["sms"]), ({"phone": ""}, ["email"])],
)
def test_a_customer_who_cannot_be_reached_by_a_channel_gets_no_message_there(
    shop: Shop, customer: dict[str, str], expected: list[str]
) -> None:
    order = reviewed(shop, customer=some_customer(**customer))

    assert [m.channel for m in shop.change_status(order, "shipped").messages] == expected


@pytest.mark.parametrize(
    ("same_status", "notify", "sends"),
    [
        (False, None, True),
        (False, True, True),
        (False, False, False),
        (True, None, False),
        (True, True, True),
        (True, False, False),
    ],
)
def test_whoever_makes_the_change_may_say_whether_to_tell(
    shop: Shop, same_status: bool, notify: bool | None, sends: bool
) -> None:
    order = reviewed(shop)
    if same_status:
        shop.change_status(order, "shipped", notify=False)

    outcome = shop.change_status(order, "shipped", note="hej", notify=notify)

    assert bool(outcome.messages) is sends


def test_entering_a_status_again_is_told_again(make_shop: MakeShop) -> None:
    toml = '[[transitions]]\nfrom = "shipped"\nto = "reviewed"\n'
    shop = make_shop("local:channels", files={"plugins/channels.py": CHANNELS}, toml=toml)
    order = reviewed(shop)
    for status in ("shipped", "reviewed", "shipped"):
        shop.change_status(order, status)

    assert [m.template for m in shop.messages(order) if m.channel == "sms"] == ["shipped", "shipped"]


def test_a_shop_may_name_the_template(make_shop: MakeShop) -> None:
    shop = make_shop(
        "local:channels",
        files={"plugins/channels.py": CHANNELS},
        toml='[statuses.received]\nnotify = ["sms"]\ntemplate = "welcome"\n',
    )

    (message,) = shop.messages(place_order(shop))

    assert (message.channel, message.template) == ("sms", "welcome")


def hide(shop: Shop, code: str) -> None:
    """Hide a status that names channels, as no shop that opens has one: past the check of the settings."""
    hidden = replace(shop.flows.find_status(code), customer_label=None)
    shop.flows = replace(shop.flows, statuses={**shop.flows.statuses, code: hidden})


@pytest.mark.parametrize("notify", [None, True])
def test_a_hidden_status_never_tells_whatever_anyone_asks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, notify: bool | None
) -> None:
    hide(shop, "shipped")
    order, other = reviewed(shop), reviewed(shop)

    outcome = shop.change_status(order, "shipped", notify=notify)
    shop.change_status(order, "shipped", note="igen", notify=True)

    assert outcome.messages == ()
    assert [m.template for m in shop.messages(order)] == ["received"]
    monkeypatch.setattr(Status, "visible", property(lambda _: True))
    assert shop.change_status(other, "shipped", notify=notify).messages  # the twin: without the look at it


def test_a_change_that_is_rolled_back_leaves_no_message(make_shop: MakeShop) -> None:
    late = """
from ashop_core import hookimpl

@hookimpl
def ashop_on_change(change):
    if change.kind == "placed":
        raise RuntimeError("no")
"""
    shop = make_shop(
        "local:channels", "local:late", files={"plugins/channels.py": CHANNELS, "plugins/late.py": late}
    )

    with pytest.raises(Exception, match="local:late"):
        place_order(shop)

    assert rows(shop) == []


def test_switching_a_channel_on_tells_nothing_of_the_past(make_shop: MakeShop) -> None:
    before = make_shop()
    order = reviewed(before)

    shop = make_shop("local:channels", files={"plugins/channels.py": CHANNELS})
    work_once(shop)

    assert shop.messages(order) == []
    assert [m.channel for m in shop.change_status(order, "shipped").messages] == ["email", "sms"]


def test_each_row_has_a_key_that_stands_there_once(shop: Shop) -> None:
    place_order(shop)
    row = dict(the_row(shop))
    del row["id"]

    with pytest.raises(ConstraintError), shop.database.write() as tx:
        tx.insert("outbox", row)


STATUS_CODES = ["received", "reviewed", "partly_shipped", "shipped", "delivered", "cancelled", "returned"]
statuses = st.fixed_dictionaries(
    {},
    optional={
        code: st.fixed_dictionaries(
            {"hidden": st.booleans(), "notify": st.lists(st.sampled_from(["email", "sms"]), max_size=3)}
        )
        for code in STATUS_CODES
    },
)
walks = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, None, True, False])), max_size=7)


@settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(statuses, walks, st.booleans(), st.booleans())
def test_exactly_the_configured_messages_are_there(
    given_: dict[str, dict[str, Any]], walk: list[tuple[int, bool | None]], email: bool, phone: bool
) -> None:
    """N1: expected minus actual and actual minus expected are both empty, whatever the settings say."""
    told = {code: table for code, table in given_.items() if not (table["hidden"] and table["notify"])}
    toml = "".join(
        f"[statuses.{code}]\nhidden = {str(t['hidden']).lower()}\nnotify = {t['notify']}\n"
        for code, t in told.items()
    )
    reach = {"email": "a@b.se" if email else "", "sms": "+46701740605" if phone or not email else ""}
    wants = {"received": ["email"], "shipped": ["email", "sms"]} | {c: t["notify"] for c, t in told.items()}
    hidden = {code for code, table in told.items() if table["hidden"]}
    folder = Path(tempfile.mkdtemp(prefix="ashop-n1-"))
    write_shop(folder, "local:channels", toml=toml, files={"plugins/channels.py": CHANNELS})
    try:
        with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
            order = place_order(shop, customer=some_customer(email=reach["email"], phone=reach["sms"]))
            shop.approve(order)
            expected = rows_expected(3, "received", None, wants, hidden, reach)
            for choice, notify in walk:
                order = shop.order(order)
                nexts = [*shop.flows.targets("post", order.status), order.status]
                target = nexts[choice % len(nexts)]
                parcel = NewParcel(contents={1: 1}) if target == "partly_shipped" != order.status else None
                if parcel is not None:
                    continue
                entered = target if target != order.status else None
                change = shop.change_status(order, target, note="x", reason="x", notify=notify).change
                assert change is not None
                expected += rows_expected(change.seq, target, entered, wants, hidden, reach, notify)

            actual = [(m.seq, m.channel, m.recipient) for m in shop.messages(order)]
            assert Counter(actual) == Counter(expected)
            assert [f for f in examine_shop(shop) if f.serious] == []
    finally:
        shutil.rmtree(folder)


def rows_expected(
    seq: int,
    status: str,
    entered: str | None,
    wants: dict[str, list[str]],
    hidden: set[str],
    reach: dict[str, str],
    notify: bool | None = None,
) -> list[tuple[int, str, str]]:
    """Return the rows that a change should have caused, thought out anew."""
    asked = (status == "received" and seq == 3) or entered is not None if notify is None else notify
    if not asked or status in hidden:
        return []
    return [
        (seq, code, reach[code]) for code in ("email", "sms") if code in wants.get(status, ()) and reach[code]
    ]


# ── Delivering ───────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_rendered_sent_and_kept_as_it_was_read(shop: Shop, clock: FixedClock) -> None:
    order = place_order(shop)
    clock.advance(minutes=1)

    (delivered,) = shop.deliver()

    (message,) = shop.messages(order)
    ((posted, rendered),) = channel(shop).posted
    assert (delivered.delivery, delivered.order_id, delivered.recipient, delivered.words) == (
        SENT, order.id, "asa@example.se", "posted",
    )  # fmt: skip
    assert (message.delivery, message.attempts, message.sent_at, message.receipt, message.error) == (
        SENT, 1, clock.now, "posted", "",
    )  # fmt: skip
    assert message.rendered == rendered == Rendered(subject="received 1", body=rendered.body, html="<p>")
    assert posted.message_id == message.message_id
    assert shop.deliver() == []


def test_only_one_orders_messages_are_delivered_if_asked(shop: Shop) -> None:
    one, two = place_order(shop), place_order(shop)

    assert [d.order_id for d in shop.deliver(two)] == [two.id]
    assert [m.delivery for m in shop.messages(one)] == [WAITING]


def test_no_more_than_asked_are_claimed(shop: Shop) -> None:
    for _ in range(5):
        place_order(shop)

    assert [len(shop.deliver(most=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_nothing_is_sent_inside_a_transaction(shop: Shop) -> None:
    seen: list[bool] = []

    def look() -> str:
        session = shop.database._local.session  # type: ignore[attr-defined]
        seen.append(session.active)
        with shop.database.write():  # nor is the lock held
            pass
        return "posted"

    script(shop, look)
    place_order(shop)

    shop.deliver()

    assert seen == [False]


def test_a_temporary_failure_is_tried_again_after_a_growing_pause(shop: Shop, clock: FixedClock) -> None:
    script(shop, *[later() for _ in range(MOST_ATTEMPTS)])
    place_order(shop)
    pauses = []

    for attempt in range(1, MOST_ATTEMPTS):
        assert outcomes(shop) == [WAITING]
        row = the_row(shop)
        assert (row["attempts"], row["error"], row["lease"]) == (attempt, "busy", None)
        pauses.append(from_iso(row["due_at"]) - clock.now)
        assert outcomes(shop) == []  # not before its time
        clock.now = from_iso(row["due_at"])

    for n, pause in enumerate(pauses):
        longest = min(LONGEST_PAUSE, timedelta(minutes=2**n))
        assert longest / 2 <= pause <= longest
    assert outcomes(shop) == [DEAD]
    assert the_row(shop)["error"] == "busy"
    assert [f.code for f in examine_shop(shop)] == ["dead"]


def test_pauses_differ_so_that_rows_spread_out() -> None:
    most = timedelta(hours=6)

    assert len({growing_pause(5, timedelta(minutes=1), most) for _ in range(20)}) > 10
    assert growing_pause(10**6, timedelta(minutes=1), most) <= most


def test_a_permanent_failure_is_not_tried_again(shop: Shop, clock: FixedClock) -> None:
    script(shop, DeliveryError("550 no such user"))
    place_order(shop)

    assert outcomes(shop) == [DEAD]

    assert (the_row(shop)["attempts"], the_row(shop)["error"]) == (1, "550 no such user")
    clock.advance(days=1)
    assert outcomes(shop) == []


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        (3600, timedelta(hours=1)),
        (86400 * 30, timedelta(days=1)),  # listened to within reason
        (1e30, timedelta(days=1)),
        (float("inf"), timedelta(days=1)),
    ],
)
def test_a_receiver_says_when_to_come_back(
    shop: Shop, clock: FixedClock, asked: float, pause: timedelta
) -> None:
    script(shop, later(asked))
    place_order(shop)

    assert outcomes(shop) == [WAITING]

    assert from_iso(the_row(shop)["due_at"]) - clock.now == pause


@pytest.mark.parametrize("asked", [0, -5, 0.5, float("nan"), None, float("-inf")])
def test_a_receiver_cannot_shorten_the_pause(shop: Shop, clock: FixedClock, asked: float | None) -> None:
    script(shop, later(asked))
    place_order(shop)

    assert outcomes(shop) == [WAITING]

    assert from_iso(the_row(shop)["due_at"]) - clock.now >= timedelta(seconds=30)


def test_what_is_too_old_to_be_news_is_suppressed(shop: Shop, clock: FixedClock) -> None:
    place_order(shop)
    clock.advance(days=7)

    assert outcomes(shop) == [SUPPRESSED]
    assert channel(shop).posted == []
    assert the_row(shop)["error"] == "too_old"


def test_a_message_waiting_beyond_its_last_day_does_not_keep_the_next_one(
    make_shop: MakeShop, clock: FixedClock
) -> None:
    shop = make_shop("local:channels", files={"plugins/channels.py": CHANNELS})
    order = reviewed(shop)
    clock.advance(days=6, hours=23)
    script(shop, later(86400))
    assert outcomes(shop) == [WAITING]  # asked to come back after its last day
    shop.change_status(order, "shipped")
    clock.advance(hours=1)

    first, second = shop.deliver(), shop.deliver()

    assert [(d.code, d.delivery) for d in first + second if d.code == "email"] == [
        ("email", DEAD),
        ("email", SENT),
    ]
    assert shop.messages(order)[0].error == "too old after one attempt"


def test_a_channel_that_was_switched_off_is_suppressed(make_shop: MakeShop) -> None:
    order = place_order(make_shop("local:channels", files={"plugins/channels.py": CHANNELS}))

    shop = make_shop()

    assert outcomes(shop) == [SUPPRESSED]
    assert shop.messages(order)[0].error == "switched_off"
    assert outcomes(shop) == []


def test_what_has_become_hidden_since_is_suppressed(make_shop: MakeShop) -> None:
    files = {"plugins/channels.py": CHANNELS}
    order = reviewed(make_shop("local:channels", files=files, toml='[statuses.reviewed]\nnotify = ["sms"]\n'))

    shop = make_shop("local:channels", files=files, toml="[statuses.reviewed]\nhidden = true\n")
    work_once(shop)

    assert [(m.template, m.delivery) for m in shop.messages(order)] == [
        ("received", SENT),
        ("reviewed", SUPPRESSED),
    ]
    assert channel(shop, "sms").posted == []


# ── Retries say the same ─────────────────────────────────────────────────────────────────────────


def test_every_attempt_says_the_same_words_under_the_same_id(shop: Shop, clock: FixedClock) -> None:
    order = place_order(shop)
    script(shop, later(), later())
    for _ in range(3):
        shop.deliver()
        shop.change_status(order, shop.order(order).status, note="något hände")
        clock.advance(hours=1)

    posted = channel(shop).posted
    assert len(posted) == 3
    assert len({message.message_id for message, _ in posted}) == 1
    assert posted[0][1] == posted[1][1] == posted[2][1]
    assert channel(shop).rendered == 1
    assert [m.rendered for m in shop.messages(order)] == [posted[0][1]]


def test_ids_are_unique_and_tell_nothing_of_the_order(shop: Shop) -> None:
    orders = [reviewed(shop) for _ in range(3)]
    for order in orders:
        shop.change_status(order, "shipped")

    ids = [row["message_id"] for row in rows(shop)]

    assert len(set(ids)) == len(ids) == 9
    for order in orders:
        assert not [i for i in ids if str(order.number) in i or order.reference in i]


# ── Order (N7) and isolation (N10) ───────────────────────────────────────────────────────────────


def test_a_later_message_waits_for_the_earlier_one_of_its_channel(shop: Shop, clock: FixedClock) -> None:
    script(shop, later(), later())
    order = reviewed(shop)
    shop.deliver()
    shop.change_status(order, "shipped")

    assert [(d.code, d.delivery) for d in shop.deliver()] == [("sms", SENT)]

    for _ in range(4):
        clock.advance(minutes=10)
        shop.deliver()
    assert [m.template for m, _ in channel(shop).posted] == ["received", "received", "received", "shipped"]


@pytest.mark.parametrize("end", [DeliveryError("no"), None], ids=["dead", "sent"])
def test_an_earlier_message_that_is_done_lets_the_next_one_go(shop: Shop, end: Exception | None) -> None:
    script(shop, end or "posted")
    order = reviewed(shop)
    shop.change_status(order, "shipped")

    first, second = shop.deliver(), shop.deliver()

    assert [(d.code, d.delivery) for d in second] == [("email", SENT)]
    assert len(first) == 2


def test_an_order_that_waits_does_not_keep_another_one(shop: Shop) -> None:
    script(shop, later())
    place_order(shop)
    place_order(shop)

    assert outcomes(shop) == [WAITING, SENT]


POISON = {
    "raises": RuntimeError("boom"),
    "exits": SystemExit(3),
    "raises with NUL": RuntimeError("a\0b"),
    "raises with half a character": RuntimeError("a\ud800b"),
    "raises at length": RuntimeError("x" * 10**6),
    "a temporary failure with NUL": TemporaryDeliveryError("a\0b"),
    "a permanent failure with NUL": DeliveryError("a\0b"),
    "no receipt": None,
    "a receipt that is no text": 250,
    "a receipt with NUL": "250\0ok",
    "a receipt of bytes": b"250 ok",
}


@pytest.mark.parametrize("answer", list(POISON.values()), ids=list(POISON))
def test_one_failing_row_does_not_stop_the_others(shop: Shop, clock: FixedClock, answer: Any) -> None:
    for _ in range(3):
        place_order(shop)
    script(shop, "posted", answer, "posted")

    first, failing, last = outcomes(shop)

    assert (first, last) == (SENT, SENT)
    assert failing is not CLAIMED
    assert [row["delivery"] for row in rows(shop)] == [first, failing, last]
    clock.advance(hours=1)
    assert outcomes(shop) == ([SENT] if failing is WAITING else [])


@pytest.mark.parametrize("fault", [RuntimeError("boom"), SystemExit(), RecursionError()])
def test_a_message_that_cannot_be_rendered_is_tried_again(
    shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    place_order(shop)

    def broken(context: object) -> Rendered:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(channel(shop), "render", broken)
        assert outcomes(shop) == [WAITING]
    clock.advance(hours=1)
    assert outcomes(shop) == [SENT]


@pytest.mark.parametrize("words", [5, None, "words", Rendered(subject="a\0", body="b")])
def test_a_rendering_that_is_none_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, words: Any
) -> None:
    place_order(shop)
    monkeypatch.setattr(channel(shop), "render", lambda _: words)

    assert outcomes(shop) == [WAITING]
    assert channel(shop).posted == []


# ── Leases ───────────────────────────────────────────────────────────────────────────────────────


def test_two_workers_never_claim_the_same_row(shop: Shop) -> None:
    for _ in range(40):
        place_order(shop)
    workers = [other_worker(shop) for _ in range(4)]
    barrier = Barrier(len(workers))

    def run(worker: Outbox) -> None:
        barrier.wait()
        while worker.deliver(shop, Wanted(most=3)):
            pass

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(run, workers))

    copies = Counter(message.id for message, _ in channel(shop).posted)
    assert len(copies) == 40
    assert set(copies.values()) == {1}
    assert {row["delivery"] for row in rows(shop)} == {SENT}


def test_a_claimed_row_is_left_alone_until_its_lease_ends(shop: Shop, clock: FixedClock) -> None:
    place_order(shop)
    other = other_worker(shop)
    claim_and_die(shop)

    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert other.deliver(shop, Wanted()) == []
    clock.advance(seconds=1)

    assert [d.delivery for d in other.deliver(shop, Wanted())] == [SENT]
    assert the_row(shop)["attempts"] == 1  # the one who died had not begun


def test_a_worker_that_was_away_cannot_overwrite_what_another_one_did(shop: Shop, clock: FixedClock) -> None:
    place_order(shop)
    other = other_worker(shop)

    def away() -> str:
        clock.advance(hours=1)
        assert [d.delivery for d in other.deliver(shop, Wanted())] == [SENT]
        raise TemporaryDeliveryError("I was away")

    script(shop, away)
    shop.deliver()

    row = the_row(shop)
    assert (row["delivery"], row["receipt"], row["error"], row["attempts"]) == (SENT, "posted", "", 2)
    clock.advance(days=1)
    assert outcomes(shop) == []


def test_without_the_look_at_the_lease_it_would(
    shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = leases._MARK.replace("AND delivery = 'claimed' AND lease = :lease", "AND :lease <> ''")
    monkeypatch.setattr(leases, "_MARK", blind)

    with pytest.raises(AssertionError):
        test_a_worker_that_was_away_cannot_overwrite_what_another_one_did(shop, clock)


def test_rows_that_stood_in_line_too_long_are_left_to_whoever_took_them(
    shop: Shop, clock: FixedClock
) -> None:
    for _ in range(3):
        place_order(shop)
    other = other_worker(shop)

    def slow() -> str:
        clock.advance(seconds=LEASE.total_seconds() + 1)
        other.deliver(shop, Wanted())  # takes over all that this worker claimed
        return "posted"

    script(shop, slow)
    shop.deliver()

    copies = Counter(message.id for message, _ in channel(shop).posted)
    assert sorted(copies.values()) == [1, 1, 2]  # only the one that was under way went out twice


def test_the_lease_of_a_row_counts_from_when_its_attempt_begins(shop: Shop, clock: FixedClock) -> None:
    for _ in range(3):
        place_order(shop)
    other = other_worker(shop)

    def slow() -> str:
        clock.advance(seconds=LEASE.total_seconds() * 0.8)
        return "posted"

    def slower() -> str:
        slow()
        taken_over.extend(
            other.deliver(shop, Wanted())
        )  # that of the third is over, not that of the one under way
        return "posted"

    taken_over: list[Any] = []
    script(shop, slow, slower)

    assert outcomes(shop) == [SENT, SENT]

    assert [d.id for d in taken_over] == [rows(shop)[2]["id"]]
    assert len(channel(shop).posted) == 3


def test_a_row_that_ends_its_worker_each_time_is_given_up(shop: Shop, clock: FixedClock) -> None:
    place_order(shop)
    for _ in range(MOST_ATTEMPTS):
        begin_and_die(shop)
        clock.advance(minutes=6)

    script(shop)
    assert outcomes(shop) == [DEAD]
    assert len(channel(shop).posted) == MOST_ATTEMPTS


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-3), timedelta(hours=30)])
def test_a_clock_that_jumps_sends_nothing_twice(shop: Shop, clock: FixedClock, jump: timedelta) -> None:
    place_order(shop)
    shop.deliver()
    clock.now += jump

    for _ in range(3):
        shop.deliver()
        clock.advance(hours=1)

    assert len(channel(shop).posted) == 1


# ── Put back ─────────────────────────────────────────────────────────────────────────────────────


def test_dead_messages_are_put_back_and_tried_from_the_start(shop: Shop, clock: FixedClock) -> None:
    script(shop, DeliveryError("no"))
    order = place_order(shop)
    shop.deliver()
    clock.advance(days=30)

    assert release_dead(shop.database, clock, [m.id for m in shop.messages(order)], timedelta(days=7)) == 1

    (message,) = shop.messages(order)
    assert (message.delivery, message.error, the_row(shop)["tries"]) == (WAITING, "", 0)
    assert message.attempts == len(shop.message(message.id).attempts) == 1  # what was tried is not forgotten
    assert outcomes(shop) == [SENT]
    assert channel(shop).rendered == 1  # the words are kept
    assert len({m.message_id for m, _ in channel(shop).posted}) == 1


def test_only_what_was_given_up_or_never_tried_is_put_back(shop: Shop, clock: FixedClock) -> None:
    sent, too_old, waiting = (place_order(shop) for _ in range(3))
    shop.deliver(sent)
    clock.advance(days=8)
    shop.deliver(too_old)
    stopped = reviewed(shop)
    shop.cancel(stopped, "ångrad")
    shop.deliver(stopped)
    before = {row["id"]: tuple(row) for row in rows(shop)}

    assert release_dead(shop.database, clock, [*before, 999], timedelta(days=7)) == 1

    assert [m.delivery for o in (sent, too_old, waiting) for m in shop.messages(o)] == [
        SENT,
        WAITING,
        WAITING,
    ]
    assert [row["id"] for row in rows(shop) if tuple(row) != before[row["id"]]] == [
        m.id for m in shop.messages(too_old)
    ]
    assert SUPPRESSED in [m.delivery for m in shop.messages(stopped)]


# ── Jobs ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_is_done_after_the_commit_in_its_time(shop: Shop, clock: FixedClock) -> None:
    order = place_order(shop)
    shop.deliver()
    shop.add_note(order, "ring")

    assert outcomes(shop) == []
    clock.advance(minutes=5)

    assert [(d.code, d.delivery) for d in shop.deliver()] == [("ask", SENT)]
    assert jobs(shop)["done"] == [{"note": "ring", "å": 1}]
    assert outcomes(shop) == []


@pytest.mark.parametrize("fault", [RuntimeError("boom"), SystemExit(), RuntimeError("\0")])
def test_a_job_that_fails_is_done_again(shop: Shop, clock: FixedClock, fault: BaseException) -> None:
    def fail(*_: object) -> None:
        raise fault

    shop.add_note(place_order(shop), "ring")
    shop.deliver()
    jobs(shop)["script"].append(fail)
    clock.advance(minutes=5)

    assert outcomes(shop) == [WAITING]
    clock.advance(hours=1)
    assert outcomes(shop) == [SENT]
    assert len(jobs(shop)["done"]) == 2


def test_a_job_never_grows_too_old(shop: Shop, clock: FixedClock) -> None:
    shop.add_note(place_order(shop), "ring")
    clock.advance(days=400)

    assert sorted(outcomes(shop)) == [SENT, SUPPRESSED]
    assert jobs(shop)["done"] == [{"note": "ring", "å": 1}]


def test_a_job_that_was_given_up_can_be_put_back_and_waits_for_ever_again(
    shop: Shop, clock: FixedClock
) -> None:
    shop.add_note(place_order(shop), "ring")
    shop.deliver()
    jobs(shop)["script"] += [lambda *_: 1 / 0] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        clock.advance(hours=7)
        shop.deliver()
    job = rows(shop)[-1]
    assert job["delivery"] == DEAD

    assert release_dead(shop.database, clock, [job["id"]], timedelta(days=7)) == 1

    clock.advance(days=400)
    assert outcomes(shop) == [SENT]


def test_a_job_whose_worker_died_is_done_again(shop: Shop, clock: FixedClock) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    shop.add_note(place_order(shop), "ring")
    shop.deliver()
    jobs(shop)["script"].append(die)
    clock.advance(minutes=5)
    with pytest.raises(KeyboardInterrupt):
        shop.deliver()

    clock.advance(seconds=LEASE.total_seconds())

    assert outcomes(shop) == [SENT]
    assert len(jobs(shop)["done"]) == 2


def test_a_job_may_use_the_shop(shop: Shop, clock: FixedClock) -> None:
    order = place_order(shop)
    shop.add_note(order, "ring")
    jobs(shop)["script"].append(lambda s, payload: s.change_status(order, "reviewed"))
    clock.advance(minutes=5)

    assert outcomes(shop) == [SENT, SENT]
    assert shop.order(order).status == "reviewed"


def test_a_job_that_no_plugin_does_any_longer_is_suppressed(make_shop: MakeShop, clock: FixedClock) -> None:
    shop = make_shop("local:jobs", files={"plugins/jobs.py": JOBS})
    shop.add_note(place_order(shop), "ring")
    clock.advance(minutes=5)

    assert [(d.code, d.delivery) for d in make_shop().deliver()] == [("ask", SUPPRESSED)]


def test_messages_and_jobs_of_an_order_do_not_wait_for_each_other(shop: Shop, clock: FixedClock) -> None:
    script(shop, later(86400))
    order = place_order(shop)
    shop.deliver()
    shop.add_note(order, "ring")
    clock.advance(minutes=5)

    assert [(d.code, d.delivery) for d in shop.deliver()] == [("ask", SENT)]


# ── Timed jobs and the worker ────────────────────────────────────────────────────────────────────


def test_a_timed_job_is_done_once_in_each_of_its_periods(shop: Shop, clock: FixedClock) -> None:
    ran = []
    for _ in range(7):
        ran.append("sweep" in work_once(shop).jobs)
        clock.advance(minutes=20)

    assert ran == [True, False, False, True, False, False, True]


def test_a_timed_job_is_done_by_one_of_several_workers(make_shop: MakeShop) -> None:
    files = {"plugins/jobs.py": JOBS}
    workers = [make_shop("local:jobs", files=files) for _ in range(6)]
    barrier = Barrier(len(workers))

    def run(worker: Shop) -> list[str]:
        barrier.wait()
        return work_once(worker).jobs

    with ThreadPoolExecutor(len(workers)) as pool:
        ran = list(pool.map(run, workers))

    assert sum("sweep" in jobs for jobs in ran) == 1
    assert sum("abandon_checkouts" in jobs for jobs in ran) == 1


@pytest.mark.parametrize("fault", [RuntimeError("boom"), SystemExit(3), RuntimeError("a\0b")])
def test_a_timed_job_that_fails_is_told_and_harms_nothing(
    shop: Shop, clock: FixedClock, fault: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise fault

    order = place_order(shop)
    jobs(shop)["script"].append(fail)

    done = work_once(shop)

    assert list(done.failed) == ["sweep"]
    assert "abandon_checkouts" in done.jobs
    assert [m.delivery for m in shop.messages(order)] == [SENT]
    (finding,) = [f for f in examine_shop(shop) if f.code == "job"]
    assert "sweep" in finding.text.sv
    clock.advance(hours=1)
    assert "sweep" in work_once(shop).jobs
    assert [f for f in examine_shop(shop) if f.code == "job"] == []


def test_a_round_delivers_all_that_is_due_and_tells_of_each(shop: Shop) -> None:
    for _ in range(45):
        place_order(shop)
    seen: list[Any] = []

    done = work_once(shop, seen=seen.append)

    assert len(done.delivered) == 45
    assert seen == done.delivered


def test_a_worker_works_until_it_is_told_to_stop_whatever_happens(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, rounds = Event(), []

    def fail(*, most: int) -> list[Any]:
        rounds.append(most)
        if len(rounds) == 3:
            stop.set()
        raise KeyError("a bad round")

    monkeypatch.setattr(shop, "deliver", fail)

    work(shop, stop, timedelta(0))

    assert len(rounds) == 3


# ── A channel that cannot think ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [RuntimeError("boom"), SystemExit()])
def test_a_channel_that_cannot_find_the_recipient_refuses_the_change_by_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def broken(customer: Customer) -> str:
        raise fault

    monkeypatch.setattr(channel(shop), "recipient", broken)

    with pytest.raises(PluginError, match="email"):
        place_order(shop)

    assert rows(shop) == []


def test_a_preview_of_words_that_cannot_be_rendered_names_the_channel(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(context: object) -> Rendered:
        raise RuntimeError("no template")

    order = reviewed(shop)
    monkeypatch.setattr(channel(shop), "render", broken)

    with pytest.raises(PluginError, match="email"):
        shop.preview(order, StatusRequest(to="shipped"))


def test_a_paid_order_is_told_like_any_other(shop: Shop) -> None:
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="card")
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))

    assert [m.template for m in shop.place(order).messages] == ["received"]
    assert [m.template for m in shop.messages(order)] == ["received"]
    assert [row["kind"] for row in rows(shop)] == ["message"]
