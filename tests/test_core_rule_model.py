"""Whatever the rules are: what is sent is what they say, and nothing of a hidden status reaches a customer."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_core import Shop
from ashop_core.changes import AmendRequest, ReturnRequest
from ashop_core.errors import Refused
from ashop_core.flow_build import STANDARD
from ashop_core.models import (
    Audience,
    Entry,
    Kind,
    MessageRule,
    NewParcel,
    Order,
    Stage,
    Status,
    Transition,
)
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from tests.lives import POST, approve
from tests.rule_shops import CREDIT

CODES = ("received", "reviewed", "partly_shipped", "shipped", "delivered", "cancelled", "returned")
METHODS = st.sets(st.sampled_from(["post", "pickup"]), max_size=1).map(frozenset)
rules = st.builds(
    MessageRule,
    channel=st.sampled_from(["email", "sms", "email", "sms", "pigeon"]),
    audience=st.sampled_from(Audience),
    template=st.sampled_from([None, None, "extra"]),
    to=st.sampled_from([("a@example.se",), (), ("a@example.se", "b@example.se", "a@example.se")]),
    delay=st.sampled_from([timedelta(), timedelta(), timedelta(days=2)]),
    even_later=st.booleans(),
    delivery=METHODS,
    payment=st.sets(st.sampled_from(["card", "invoice"]), max_size=1).map(frozenset),
)
rule_sets = st.fixed_dictionaries(
    {
        code: st.tuples(
            st.sampled_from([True, True, False]),
            st.lists(st.sampled_from(["email", "sms"]), max_size=2, unique=True).map(tuple),
            st.lists(rules, min_size=1, max_size=4).map(tuple),
        )
        for code in CODES
    }
)
ways = st.lists(
    st.builds(Transition, source=st.sampled_from(CODES), target=st.sampled_from(CODES)), max_size=8
).map(tuple)
STARTS = [
    ("reviewed", "shipped"), ("reviewed", "partly_shipped"), ("reviewed", "ready_for_pickup", "picked_up"),
    ("reviewed",), (),
]  # fmt: skip
"""How far an order comes before anything is done with it; what is not in its flow is refused."""
notices = st.sampled_from([None, None, True, False])
acts = st.lists(
    st.tuples(
        st.sampled_from(
            ["return", "parcel", "go", "return", "parcel", "go", "note", "undo", "amend", "rules"]
        ),
        st.integers(0, 5),
        notices,
    ),
    min_size=3,
    max_size=10,
)


def with_rules(shop: Shop, chosen: dict[str, tuple[bool, tuple[str, ...], tuple[MessageRule, ...]]]) -> None:
    """Give the shop's statuses these rules, whatever the settings would say of them; False hides the status."""
    statuses = {
        code: replace(
            status,
            customer_label=status.label if chosen[code][0] else None,
            notify=chosen[code][1],
            messages=chosen[code][2],
        )
        if code in chosen
        else status
        for code, status in shop.flows.statuses.items()
    }
    shop.flows = replace(shop.flows, statuses=statuses)


def expected(status: Status, order: Order, entry: Entry) -> Counter[tuple[object, ...]]:
    """Return what a change had to send by the rules of its status: said anew, in words of its own."""
    entered = entry.from_status != entry.to_status
    is_news = entered and entry.kind is not Kind.UNDO and not (entry.kind is Kind.STATUS and entry.edits)
    told = entered or (entry.kind is Kind.PARCEL and bool(entry.moves))
    if entry.notify is not None:
        told = entry.notify
    about = {
        Kind.RETURN: "_return", Kind.LINES: "_correction", Kind.DETAILS: "_correction", Kind.UNDO: "_correction",
    }.get(entry.kind, "")  # fmt: skip
    if entry.kind is Kind.STATUS and entry.edits:
        about = "_correction"
    elif entered and entry.kind is not Kind.UNDO:
        about = ""
    plain = tuple(MessageRule(channel=code) for code in status.notify)
    wanted = Counter[tuple[object, ...]]()
    for rule in plain + status.messages:
        if rule.channel == "pigeon":
            continue
        if rule.delivery and order.delivery not in rule.delivery:
            continue
        if rule.payment and order.payment_method not in rule.payment:
            continue
        if (rule.delay or rule.audience is Audience.STAFF) and (not is_news or entry.notify is False):
            continue
        if rule.audience is Audience.STAFF:
            recipients, template = set(rule.to), rule.template or "staff"
        else:
            if not told or status.customer_label is None or status.stage is Stage.CHECKOUT:
                continue
            known = {"email": order.customer.email, "sms": order.customer.phone}[rule.channel]
            recipients, template = {known} - {""}, (rule.template or status.template or status.code) + about
        only_in = ("*" if rule.even_later else status.code) if rule.delay else ""
        for recipient in recipients:
            wanted[
                entry.seq, rule.channel, rule.audience, template, recipient, entry.at + rule.delay, only_in
            ] += 1
    return wanted


def act(shop: Shop, order: Order, what: str, n: int, notify: bool | None) -> None:
    """Do something to the order, if it can be done."""
    order = shop.order(order)
    if what == "go":
        steps = shop.flows.next_statuses(order)
        if steps:
            target = steps[n % len(steps)].code
            parcel = NewParcel(contents={1: 1}) if target == "partly_shipped" else None
            shop.change_status(order, target, reason="–", notify=notify, parcel=parcel)
    elif what == "parcel":
        contents = {1: 1} if n % 2 else {}
        shop.add_parcel(order, NewParcel(number=f"K {n} {order.version}", contents=contents), notify=notify)
    elif what == "note":
        shop.add_note(order, "ringde")
    elif what == "return":
        shop.change(order, ReturnRequest(restocked={1: 1}, notify=notify))
    elif what == "undo":
        shop.undo(order, notify=bool(notify))
    else:
        customer = replace(order.customer, street=f"Gatan {order.version}")
        shop.amend(order, AmendRequest(customer=customer, notify=bool(notify)))


@pytest.fixture
def random_shop(make_shop: MakeShop) -> Shop:
    return make_shop("local:post", toml=CREDIT, files={"plugins/post.py": POST})


def test_what_is_sent_is_what_the_rules_say_and_nothing_else(random_shop, clock: FixedClock):
    """N1, N8, N9: for random flows, rules and lives, in which the rules and what is hidden change on the way."""
    shop, messages, kinds, quiet = random_shop, Counter[Audience](), Counter[Kind](), 0
    shipped = shop.flows

    @settings(max_examples=120, deadline=None, derandomize=True, database=None)
    @given(
        rule_sets,
        ways,
        st.sampled_from(["post", "pickup"]),
        st.sampled_from(["card", "invoice"]),
        acts,
        st.data(),
    )
    def live(chosen, more_ways, delivery, payment, life, data):
        nonlocal quiet
        shop.flows = replace(shipped, transitions=(*more_ways, *shipped.transitions))
        with_rules(shop, chosen)
        customer = some_customer(phone=data.draw(st.sampled_from(["", "+46701740605"])))
        order = place_order(
            shop,
            some_lines("LAMPA", quantity=3),
            delivery=delivery,
            payment_method=payment,
            customer=customer,
        )
        if payment == "invoice":
            approve(shop, order)
        wanted, seen = _wanted(shop, order, 0)
        for code in data.draw(st.sampled_from(STARTS)):
            with suppress(Refused):
                shop.change_status(
                    order, code, parcel=NewParcel(contents={1: 1}) if "partly" in code else None
                )
            more, seen = _wanted(shop, order, seen)
            wanted += more
        for what, n, notify in life:
            clock.advance(minutes=7)
            if what == "rules":
                with_rules(shop, data.draw(rule_sets))
                continue
            with suppress(Refused):
                act(shop, order, what, n, notify)
            more, seen = _wanted(shop, order, seen)
            wanted += more

        found = shop.messages(order)
        assert _found(shop, order) == wanted
        assert len({m.id for m in found}) == len(found)
        messages.update(m.audience for m in found)
        kinds.update(entry.kind for entry in shop.history(order))
        quiet += sum(e.notify is False and e.from_status != e.to_status for e in shop.history(order))

    live()
    tried = [kinds[kind] for kind in (Kind.STATUS, Kind.PARCEL, Kind.RETURN, Kind.UNDO, Kind.DETAILS)]
    assert min(*messages.values(), quiet, *tried) >= 10


def _wanted(shop: Shop, order: Order, since: int) -> tuple[Counter[tuple[object, ...]], int]:
    """Return what the changes made since had to send by the rules of now, and the last of them."""
    order, wanted = shop.order(order), Counter[tuple[object, ...]]()
    for entry in shop.history(order)[since:]:
        wanted += expected(shop.flows.status(entry.to_status), order, entry)
    return wanted, order.version


def _found(shop: Shop, order: Order) -> Counter[tuple[object, ...]]:
    return Counter(
        (m.seq, m.channel, m.audience, m.template, m.recipient, m.planned_at, m.only_in)
        for m in shop.messages(order)
    )


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(rule_sets, st.sampled_from(CODES), notices)
def test_a_hidden_status_never_tells_a_customer_whatever_its_rules_say(chosen, code, notify):
    """N9, asked of the planning itself: also of rules that no settings would let through."""
    from ashop_core.models import Change
    from ashop_core.planning import plan_messages

    status = next(s for s in STANDARD.statuses if s.code == code)
    _, plain, spelt = chosen[code]
    hidden = replace(status, customer_label=None, notify=plain, messages=spelt)
    at = datetime(2026, 11, 23, tzinfo=UTC)
    change = Change(
        kind=Kind.STATUS, seq=2, from_status="x", to_status=code, at=at, actor="staff", notify=notify
    )

    planned = plan_messages(_some_order(at), change, hidden, _channels(), "sv")

    assert all(message.audience is Audience.STAFF for message in planned)
    if notify is not False:
        staff = [
            r
            for r in spelt
            if r.audience is Audience.STAFF and r.channel != "pigeon" and r.fits("post", "card")
        ]
        assert len(planned) == sum(len(set(rule.to)) for rule in staff)


def _some_order(at: datetime) -> Order:
    return Order(
        id=1, reference="K-1", version=2, status="x", created_at=at, changed_at=at, delivery="post",
        payment_method="card", language="sv", currency="SEK", customer=some_customer(), lines=(),
    )  # fmt: skip


def _channels():
    space: dict[str, Any] = {}
    exec(POST, space)  # noqa: S102 - the plugin of tests/lives.py
    return {channel.code: channel for channel in space["ashop_register_channels"]()}
