"""Messages that have not left when the order moves on: which still go, which do not, in which order, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ashop_core import Shop
from ashop_core.changes import AmendRequest, ReturnRequest
from ashop_core.errors import TemporaryDeliveryError
from ashop_core.models import Delivery, Order
from ashop_core.testing import FixedClock, MakeShop, some_customer
from tests.lives import approve, channel, deliver_all, led, part, posting, to

RULES = """
[statuses.delivery_booked]
notify = ["email"]

[statuses.partly_shipped]
notify = ["email"]

[statuses.reviewed]
notify = ["email"]

[statuses.packing]
label = "Packas"
after = ["reviewed", "ready_for_pickup"]
before = ["shipped", "reviewed", "ready_for_pickup"]

[[statuses.packing.messages]]
channels = ["email"]
audience = "staff"
to = ["lager@example.se"]

[[statuses.packing.messages]]
channels = ["email"]
audience = "staff"
to = ["lager@example.se"]
template = "slow"
delay = "2d"

[[statuses.ready_for_pickup.messages]]
channels = ["email"]
template = "still_here"
delay = "3d"

[[statuses.ready_for_pickup.messages]]
channels = ["email"]

[[statuses.ready_for_pickup.messages]]
channels = ["sms"]
template = "how_was_it"
delay = "5d"
even_later = true

[[transitions]]
from = "ready_for_pickup"
to = "reviewed"
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(make_shop, toml=RULES)


READY = (to("reviewed"), approve, to("ready_for_pickup"))


def ready(shop: Shop) -> Order:
    """Return an order that waits in the store, everything sent that was due."""
    order = led(shop, *READY, delivery="pickup")
    deliver_all(shop)
    return order


def fates(shop: Shop, order: Order, *templates: str) -> dict[str, str]:
    """Return what became of messages by template: ``sent``, ``waiting``, or why they did not go."""
    return {
        m.template: m.error if m.delivery is Delivery.SUPPRESSED else m.delivery.value
        for m in shop.messages(order)
        if not templates or m.template in templates
    }


def later(shop: Shop, clock: FixedClock, **by: float) -> None:
    clock.advance(**by)
    deliver_all(shop)


# ── Delayed messages ─────────────────────────────────────────────────────────────────────────────


def test_a_delayed_message_leaves_when_its_time_has_come(shop, clock):
    order = ready(shop)

    later(shop, clock, days=2, hours=23)
    before = fates(shop, order, "still_here", "how_was_it")
    later(shop, clock, hours=1)

    assert before == {"still_here": "waiting", "how_was_it": "waiting"}
    assert fates(shop, order, "still_here", "how_was_it") == {"still_here": "sent", "how_was_it": "waiting"}


@pytest.mark.parametrize(
    ("move", "why"),
    [
        (to("picked_up"), "moved_on"),
        (to("cancelled"), "moved_on"),
        (to("reviewed"), "moved_on"),
        (lambda shop, order: shop.undo(order).order, "undone"),
        (lambda shop, order: shop.add_note(order, "ringde").order, "sent"),
    ],
    ids=["fetched", "cancelled", "taken back", "undone", "a note"],
)
def test_what_waited_goes_only_if_the_order_stayed_in_the_status(shop, clock, move, why):
    order = ready(shop)

    move(shop, order)
    later(shop, clock, days=3)

    assert fates(shop, order, "still_here") == {"still_here": why}


def test_an_order_that_came_back_to_the_status_begins_anew(shop, clock):
    order = ready(shop)
    clock.advance(days=1)
    to("ready_for_pickup")(shop, to("reviewed")(shop, order))
    deliver_all(shop)

    later(shop, clock, days=2)
    first = [m.error or m.delivery.value for m in shop.messages(order) if m.template == "still_here"]
    later(shop, clock, days=1)
    second = [m.error or m.delivery.value for m in shop.messages(order) if m.template == "still_here"]

    assert (first, second) == (["moved_on", "waiting"], ["moved_on", "sent"])


def test_a_step_that_was_undone_was_never_made(shop, clock):
    order = ready(shop)
    shop.undo(to("picked_up")(shop, order))

    later(shop, clock, days=3)

    assert fates(shop, order, "still_here") == {"still_here": "sent"}


@pytest.mark.parametrize(
    ("move", "fate"),
    [(to("picked_up"), "sent"), (to("reviewed"), "sent"), (to("cancelled"), "overtaken")],
    ids=["done", "back", "void"],
)
def test_what_is_wanted_even_later_goes_unless_the_order_came_to_nothing(shop, clock, move, fate):
    order = ready(shop)

    move(shop, order)
    later(shop, clock, days=5)

    assert fates(shop, order, "how_was_it") == {"how_was_it": fate}


def test_what_waited_tells_how_the_status_stands_by_then(shop, clock):
    order = ready(shop)
    shop.change_status(order, "ready_for_pickup", fields={"collect_by": "2027-01-15"})
    shop.change_status(order, "ready_for_pickup", note="hemligt")

    later(shop, clock, days=3)

    (words,) = [r.body for m, r in channel(shop, "email").posted if m.template == "still_here"]
    assert "fields={'collect_by': '2027-01-15'}" in words
    assert "2026-12-07" not in words
    assert "hemligt" not in words


def test_what_is_wanted_even_later_tells_of_its_own_change(shop, clock):
    order = ready(shop)
    to("picked_up")(shop, order)

    later(shop, clock, days=5)

    (words,) = [r.body for m, r in channel(shop, "sms").posted if m.template == "how_was_it"]
    assert "Klar att hämta i butik" in words
    assert "Hämtad" not in words


def test_the_same_said_again_in_between_does_not_stop_what_was_to_come_after(make_shop, clock):
    """The reminder has the template of the first message, and staff send that once more meanwhile."""
    toml = "".join(
        f'[[statuses.ready_for_pickup.messages]]\nchannels = ["email"]\n{more}\n'
        for more in ("", 'delay = "3d"')
    )
    shop = posting(make_shop, toml=toml)
    order = ready(shop)
    shop.change_status(order, "ready_for_pickup", words="Ring först.")

    later(shop, clock, days=3)

    mails = [m for m in shop.messages(order) if (m.channel, m.template) == ("email", "ready_for_pickup")]
    assert [m.delivery.value for m in mails] == ["sent"] * 3


# ── Messages that were late ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("steps", "delivery", "expected"),
    [
        ((to("reviewed"),), "post", {"received": "sent", "reviewed": "sent"}),
        (
            (to("reviewed"), approve, to("shipped")),
            "post",
            {"received": "sent", "reviewed": "overtaken", "shipped": "sent"},
        ),
        ((to("reviewed"), to("cancelled")), "post", {"received": "overtaken", "reviewed": "overtaken"}),
        (
            (to("reviewed"), approve, to("shipped"), to("delivered"), to("returned")),
            "post",
            {"received": "overtaken", "reviewed": "overtaken", "shipped": "overtaken"},
        ),
        (
            (to("reviewed"), approve, part(1), to("shipped")),
            "post",
            {"received": "sent", "reviewed": "overtaken", "partly_shipped": "sent", "shipped": "sent"},
        ),
        (
            (*READY, to("picked_up")),
            "pickup",
            {
                "received": "sent", "reviewed": "overtaken", "ready_for_pickup": "overtaken",
                "still_here": "waiting", "how_was_it": "waiting",
            },
        ),
    ],
    ids=["on its way", "shipped", "cancelled", "returned", "in parts", "fetched"],
)  # fmt: skip
def test_after_a_while_without_a_worker_only_what_still_tells_something_goes(shop, steps, delivery, expected):
    order = led(shop, *steps, delivery=delivery)

    deliver_all(shop)

    assert {k: v for k, v in fates(shop, order).items() if k != "staff"} == expected


def test_an_undone_change_is_told_no_more_and_the_one_made_instead_is(shop):
    order = led(shop, to("reviewed"), approve, to("shipped"))
    shop.undo(order)
    to("shipped")(shop, order)

    deliver_all(shop)

    assert [
        (m.channel, m.error or m.delivery.value) for m in shop.messages(order) if m.template == "shipped"
    ] == [
        ("email", "undone"), ("sms", "undone"), ("email", "sent"), ("sms", "sent"),
    ]  # fmt: skip


def test_what_is_said_anew_is_said_once(shop):
    """A time that was moved before anybody was told of the first one."""
    order = led(shop, to("reviewed"), to("delivery_booked"), delivery="installation")
    moved = {"booked_time": "2026-12-03 10:00"}
    shop.change_status(order, "delivery_booked", fields=moved, notify=True)

    deliver_all(shop)

    assert [m.error or m.delivery.value for m in shop.messages(order) if m.template == "delivery_booked"] == [
        "told_again",
        "sent",
    ]


def test_what_is_said_anew_to_staff_at_the_customers_address_is_not_said_to_the_customer(make_shop):
    """The shop's own address buys something: one message must not stand for the other."""
    toml = (
        '[statuses.reviewed]\nnotify = ["email"]\n'
        '[[statuses.ready_for_pickup.messages]]\nchannels = ["email"]\naudience = "staff"\n'
        'to = ["asa@example.se"]\ntemplate = "reviewed"\n'
    )
    shop = posting(make_shop, toml=toml)
    order = led(shop, *READY, delivery="pickup")

    deliver_all(shop)

    assert [
        (m.audience.value, m.error or m.delivery.value)
        for m in shop.messages(order)
        if m.template == "reviewed"
    ] == [("customer", "sent"), ("staff", "sent")]


def test_every_parcel_is_told_of_however_late(shop):
    order = led(shop, to("reviewed"), approve, part(1, "DEL 1"), part(1, "DEL 2"))

    deliver_all(shop)

    parcels = [m.error or m.delivery.value for m in shop.messages(order) if m.template == "partly_shipped"]
    assert parcels == ["sent", "sent"]


@pytest.mark.parametrize(
    "fact",
    [
        lambda shop, order: shop.change(order, ReturnRequest(restocked={1: 1}, notify=True)),
        lambda shop, order: shop.amend(
            order, AmendRequest(customer=some_customer(email="ny@example.se"), notify=True)
        ),
    ],
    ids=["return", "correction"],
)
def test_what_was_done_stays_true_whatever_comes_after(shop, fact):
    order = led(shop, to("reviewed"), approve, to("shipped"))
    deliver_all(shop)
    fact(shop, order)
    to("returned", reason="–")(shop, order)

    deliver_all(shop)

    assert {v for k, v in fates(shop, order).items() if k.startswith("shipped_")} == {"sent"}


def test_staff_are_told_of_every_step_they_asked_for_however_late(shop, clock):
    order = led(shop, to("reviewed"), to("packing"), to("reviewed"), to("packing"), approve, to("shipped"))

    later(shop, clock, days=2)

    told = [
        (m.template, m.error or m.delivery.value)
        for m in shop.messages(order)
        if m.recipient == "lager@example.se"
    ]
    assert told == [("staff", "sent"), ("slow", "moved_on"), ("staff", "sent"), ("slow", "moved_on")]


def test_a_status_that_is_hidden_from_customers_is_none_to_staff(shop, clock):
    order = led(shop, to("reviewed"), to("packing"))

    later(shop, clock, days=2)

    assert fates(shop, order, "slow") == {"slow": "sent"}


def test_a_worker_that_comes_when_a_message_is_too_old_says_so(shop, clock):
    order = ready(shop)

    later(shop, clock, days=3 + shop.settings.shop.message_days)

    assert fates(shop, order, "still_here") == {"still_here": "too_old"}


# ── The order in which they leave ────────────────────────────────────────────────────────────────


def sent(shop: Shop) -> list[str]:
    """Return the templates in the order in which the mail channel handed them over."""
    return [m.template for m, _ in channel(shop, "email").posted if m.recipient == "asa@example.se"]


def test_messages_of_an_order_leave_in_the_order_in_which_they_were_to(shop, clock):
    """N7: a delayed one waits for its day, and comes between those of before and after it."""
    order = led(shop, *READY, delivery="pickup")
    clock.advance(days=4)  # nobody worked meanwhile
    shop.change_status(order, "ready_for_pickup", words="Vi har stängt på fredag.")

    deliver_all(shop)

    assert sent(shop) == ["received", "reviewed", "still_here", "ready_for_pickup"]


def test_a_delayed_message_keeps_nothing_that_comes_after_it_waiting(shop, clock):
    order = ready(shop)

    clock.advance(days=1)
    shop.change_status(order, "ready_for_pickup", words="Vi har stängt på fredag.")
    deliver_all(shop)

    assert sent(shop)[-1] == "ready_for_pickup"
    assert fates(shop, order, "still_here") == {"still_here": "waiting"}


def test_what_comes_later_waits_for_what_could_not_leave_before_it(shop, clock):
    order = led(shop)
    mail = channel(shop, "email")

    def full() -> None:
        raise TemporaryDeliveryError("full")

    mail.script = full
    deliver_all(shop)
    mail.script = lambda: None
    to("reviewed")(shop, order)
    deliver_all(shop)
    before = sent(shop)
    later(shop, clock, hours=1)

    assert before == []
    assert sent(shop) == ["received", "reviewed"]


# ── What customers must not learn ────────────────────────────────────────────────────────────────

TWIN = """
[statuses.fraud]
label = "zq7hidden"
after = ["reviewed", "ready_for_pickup", "shipped"]
before = ["ready_for_pickup", "shipped", "reviewed"]

[statuses.lost]
label = "zq7hidden lost"
stage = "void"
stock = "free"
final = true
after = ["fraud", "ready_for_pickup", "shipped"]

[statuses.gone]
label = "zq7hidden gone"
stage = "done"
stock = "gone"
final = true
after = ["ready_for_pickup", "received", "reviewed"]
"""


def again(status: str) -> Callable[[Shop, Order], Order]:
    """Return the step to a status and back to the one it came from, by an undo."""

    def step(shop: Shop, order: Order) -> Order:
        return shop.undo(to(status, reason="–")(shop, order)).order

    return step


SECRETS = {
    "a hidden void": (to("lost", reason="–"),),
    "a hidden end": (to("gone"),),
    "a hidden stop": (to("fraud"),),
    "there and undone": (again("fraud"), again("lost")),
    "a note in it": (to("fraud"), lambda shop, order: shop.add_note(order, "zq7hidden").order),
}


@pytest.mark.parametrize("when", ["before anything was sent", "after what was due at once"])
@pytest.mark.parametrize("secret", list(SECRETS.values()), ids=list(SECRETS))
def test_what_a_customer_is_sent_is_the_same_with_and_without_a_hidden_life(make_shop, clock, secret, when):
    letters: list[list[tuple[str, str, str]]] = []
    start = clock.now
    for steps in ((), secret):
        clock.now = start
        folder = f"twin{len(letters)}"
        shop = _twin(make_shop, folder)
        order = led(shop, *READY, delivery="pickup")
        if when.startswith("after"):
            deliver_all(shop)
        for step in steps:
            order = step(shop, shop.order(order))
        deliver_all(shop)
        for _ in range(8):
            later(shop, clock, days=1)
        letters.append(_letters(shop, order))

    assert letters[0] == letters[1]
    assert "still_here" in str(letters[0])
    assert "how_was_it" in str(letters[0])
    assert "zq7hidden" not in str(letters)


def _twin(make_shop: MakeShop, folder: str) -> Shop:
    from tests.lives import PLUGINS, POST, stocked

    shop = make_shop(
        *PLUGINS, "local:post", toml=RULES + TWIN, files={"plugins/post.py": POST}, folder=folder
    )
    return stocked(shop)


def _letters(shop: Shop, order: Order) -> list[tuple[str, str, str]]:
    """Return all that the customer was sent: by which channel, from which template, word for word."""
    return [
        (code, m.template, r.body.replace(order.reference, "K-"))
        for code in shop.channels
        for m, r in channel(shop, code).posted
        if m.recipient != "lager@example.se"
    ]


def test_the_twins_lead_different_lives_to_staff(make_shop, clock):
    """The twins above are told apart by staff, whose messages do follow hidden statuses."""
    shop = _twin(make_shop, "twin")
    order = led(shop, *READY, to("packing"), delivery="pickup")
    to("ready_for_pickup")(shop, order)

    later(shop, clock, days=3)

    assert fates(shop, order, "slow", "still_here") == {"slow": "moved_on", "still_here": "sent"}


def test_the_delay_counts_from_the_change_and_not_from_when_a_worker_looked(shop, clock):
    order = led(shop, *READY, delivery="pickup")
    (message,) = [m for m in shop.messages(order) if m.template == "still_here"]

    later(shop, clock, days=1)

    assert message.planned_at == order.changed_at + timedelta(days=3)
    assert next(m for m in shop.messages(order) if m.id == message.id).due_at == message.planned_at
