"""What keeps others from having the shop send SMS at its cost: limits per number, row of numbers, order and day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from ashop_core import Shop
from ashop_core.channels import CountsSendings, Sending
from ashop_core.doctor import examine_shop
from ashop_core.errors import DeliveryError, SettingsError, TemporaryDeliveryError
from ashop_core.models import Audience, Delivery, Message, NewPayment, Order, PaymentKind, Rendered
from ashop_core.outbox_rows import release_dead
from ashop_core.testing import FixedClock, MakeShop, RunRace, place_order, some_customer, some_lines
from ashop_core.worker import work_once
from tests.sms_gateways import ELKS, SECRET, Provider, open_shop, the_sms

TOLD = '[statuses.received]\nnotify = ["sms"]\n'
PART = 45


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SECRET", SECRET)


@pytest.fixture
def provider(httpserver: HTTPServer) -> Provider:
    return Provider(ELKS, httpserver)


def limited(make_shop: MakeShop, host: str = "http://127.0.0.1:9", **limits: object) -> Shop:
    """Return a shop with these limits, all others out of the way."""
    high = dict.fromkeys(("per_number", "per_prefix", "per_order", "per_day", "money_per_day"), 10**9)
    lines = "".join(f"{name} = {str(value).lower()}\n" for name, value in {**high, **limits}.items())
    return open_shop(make_shop, ELKS, host, toml=f"{TOLD}[plugins.sms.limits]\n{lines}")


class Heart:
    """The counting by itself: one order in a shop, and messages of it that are about to be sent."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.order = shop.approve(place_order(shop)).order
        (self.message,) = shop.messages(self.order)

    def sending(
        self, id_: int, number: str = "+46701740605", words: str = "Hej", **changed: object
    ) -> Sending:
        """Return a message that is about to be sent."""
        message: Message = replace(self.message, id=id_, recipient=number, **changed)  # type: ignore[arg-type]
        return Sending(
            message=message, rendered=Rendered(subject="", body=words), order=self.order,
            status=self.shop.flows.status(self.order.status), now=self.shop.clock(),
        )  # fmt: skip

    def count(self, sending: Sending) -> str:
        """Count it; say what came of it: sent, later or never."""
        channel = self.shop.channels["sms"]
        assert isinstance(channel, CountsSendings)
        try:
            with self.shop.database.write() as tx:
                channel.count(tx, sending)
        except TemporaryDeliveryError:
            return "later"
        except DeliveryError:
            return "never"
        return "sent"

    def refusal(self, sending: Sending) -> DeliveryError | TemporaryDeliveryError:
        """Return why it is not sent."""
        channel = self.shop.channels["sms"]
        assert isinstance(channel, CountsSendings)
        with (
            pytest.raises((DeliveryError, TemporaryDeliveryError)) as refused,
            self.shop.database.write() as tx,
        ):
            channel.count(tx, sending)
        assert isinstance(refused.value, DeliveryError | TemporaryDeliveryError)
        return refused.value

    def day(self) -> tuple[int, int]:
        """Return how many SMS were counted today, and what they cost."""
        with self.shop.database.read() as reader:
            (row,) = reader.rows("SELECT sendings, cost FROM sms_days ORDER BY day DESC LIMIT 1")
        return row["sendings"], row["cost"]


def numbers(first: int, count: int) -> Iterator[str]:
    """Yield Swedish mobile numbers one after another."""
    yield from (f"+4670{first + n:07}" for n in range(count))


# ── Each limit ───────────────────────────────────────────────────────────────────────────────────


def test_a_number_gets_so_many_within_an_hour_and_more_later(make_shop: MakeShop, clock: FixedClock) -> None:
    heart = Heart(limited(make_shop, per_number=3))
    for n in range(3):
        assert heart.count(heart.sending(n)) == "sent"
        clock.advance(minutes=10)

    late = heart.refusal(heart.sending(3))

    assert isinstance(late, TemporaryDeliveryError)
    assert late.retry_after == timedelta(minutes=30).total_seconds(), "then the first of them is an hour ago"
    assert heart.count(heart.sending(4, "+46701740606")) == "sent"
    clock.advance(minutes=30)
    assert heart.count(heart.sending(3)) == "sent"
    assert heart.count(heart.sending(5)) == "later"


def test_numbers_in_a_row_get_so_many_within_an_hour(make_shop: MakeShop, clock: FixedClock) -> None:
    heart = Heart(limited(make_shop, per_prefix=20))

    row = [heart.count(heart.sending(n, number)) for n, number in enumerate(numbers(1234000, 100))]
    others = [heart.count(heart.sending(100 + n, f"+4670{n:03}0000")) for n in range(100)]

    assert Counter(row) == {"sent": 20, "later": 80}
    assert set(others) == {"sent"}
    clock.advance(hours=1)
    assert heart.count(heart.sending(99, "+46701234099")) == "sent"


def test_an_order_gets_so_many_and_then_no_more(make_shop: MakeShop, clock: FixedClock) -> None:
    heart = Heart(limited(make_shop, per_order=10))
    for n in range(10):
        assert heart.count(heart.sending(n)) == "sent"
        clock.advance(days=1)

    refused = heart.refusal(heart.sending(10))

    assert isinstance(refused, DeliveryError)
    assert "`per_order`" in refused.text.sv
    assert heart.count(heart.sending(9)) == "sent", "the same message again is no other"


@pytest.mark.parametrize(
    ("limits", "sent", "day"),
    [
        ({"per_day": 7}, 7, (7, 7 * PART)),
        ({"money_per_day": 7 * PART}, 7, (7, 7 * PART)),
        ({"money_per_day": 8 * PART - 1}, 7, (7, 7 * PART)),
        ({"money_per_day": PART - 1}, 0, None),
    ],
)
def test_a_day_has_so_many_and_costs_so_much(
    make_shop: MakeShop, clock: FixedClock, limits: dict[str, int], sent: int, day: tuple[int, int] | None
) -> None:
    heart = Heart(limited(make_shop, **limits))  # type: ignore[arg-type]

    found = [heart.count(heart.sending(n)) for n in range(20)]

    assert Counter(found) == Counter({"sent": sent, "never": 20 - sent}) - Counter()
    if day is not None:
        assert heart.day() == day
    clock.advance(hours=10)
    assert heart.count(heart.sending(50)) == "never", "it is still the same day"
    clock.advance(hours=1, seconds=1)
    assert heart.count(heart.sending(51)) == ("sent" if sent else "never"), "midnight in the shop's time zone"


def test_each_part_costs(make_shop: MakeShop) -> None:
    heart = Heart(limited(make_shop, money_per_day=5 * PART))

    found = [
        heart.count(heart.sending(n, words=words))
        for n, words in enumerate(["a" * 161, "ж" * 71, "a" * 161, "a"])
    ]

    assert found == ["sent", "sent", "never", "sent"]
    assert heart.day() == (3, 5 * PART)


@pytest.mark.parametrize(
    ("currency", "more", "cost"),
    [("SEK", "", 45), ("SEK", "part_price = 30", 30), ("EUR", "", 0), ("EUR", "part_price = 8", 8)],
)
def test_a_part_costs_what_the_settings_say(make_shop: MakeShop, currency: str, more: str, cost: int) -> None:
    shop = open_shop(make_shop, ELKS, "http://127.0.0.1:9", more=more)
    folder = shop.settings.folder
    shop.close()
    toml = (
        (folder / "ashop.toml")
        .read_text(encoding="utf-8")
        .replace("[shop]\n", f'[shop]\ncurrency = "{currency}"\n')
    )
    (folder / "ashop.toml").write_text(toml, encoding="utf-8")

    with Shop.open(folder, clock=shop.clock) as again:
        heart = Heart.__new__(Heart)
        heart.shop = again
        heart.order = again.approve(place_order(again)).order
        heart.shop.change_status(heart.order, "reviewed")
        order = heart.shop.change_status(heart.order, "shipped").order
        (heart.message,) = again.messages(order)
        assert heart.count(heart.sending(1)) == "sent"
        assert heart.day() == (1, cost)


def test_an_edited_sms_may_be_no_longer_than_any_other(make_shop: MakeShop) -> None:
    heart = Heart(limited(make_shop))

    refused = heart.refusal(heart.sending(1, words="a" * 460))

    assert "4 parts" in refused.text.en
    assert "`max_parts`" in refused.text.en


# ── What counts ──────────────────────────────────────────────────────────────────────────────────


def test_an_attempt_that_certainly_failed_is_not_counted_twice_and_one_that_may_have_arrived_is(
    make_shop: MakeShop, clock: FixedClock
) -> None:
    heart = Heart(limited(make_shop, per_day=2))

    assert [heart.count(heart.sending(1)) for _ in range(5)] == ["sent"] * 5
    assert heart.day() == (1, PART)
    assert heart.count(heart.sending(1, unsure=1)) == "sent"
    assert heart.day() == (2, 2 * PART)
    assert heart.count(heart.sending(1, unsure=2)) == "never"


def test_a_message_to_another_number_than_it_was_tried_at_first_counts_there(make_shop: MakeShop) -> None:
    heart = Heart(limited(make_shop, per_number=1))
    heart.count(heart.sending(1, "+46701740605"))

    assert (
        heart.count(heart.sending(1, "+46702000000")) == "sent"
    )  # corrected while it waited to be tried again

    assert heart.count(heart.sending(2, "+46702000000")) == "later"
    assert heart.count(heart.sending(3, "+46701740605")) == "sent"


def test_staff_are_counted_for_the_day_alone(make_shop: MakeShop) -> None:
    heart = Heart(limited(make_shop, per_number=1, per_prefix=1, per_day=30))

    found = [heart.count(heart.sending(n, audience=Audience.STAFF)) for n in range(40)]

    assert Counter(found) == {"sent": 30, "never": 10}


def test_nothing_is_kept_of_what_was_refused(make_shop: MakeShop) -> None:
    heart = Heart(limited(make_shop, per_number=1, per_day=5))
    heart.count(heart.sending(1))

    for n in range(2, 30):
        assert heart.count(heart.sending(n)) == "later"

    assert heart.day() == (1, PART)
    others = [heart.count(heart.sending(n, number)) for n, number in enumerate(numbers(5000000, 6), 100)]
    assert others == ["sent"] * 4 + ["never"] * 2


def test_files_cost_nothing_and_are_not_counted(make_shop: MakeShop) -> None:
    shop = make_shop("sms", toml=f"{TOLD}[plugins.sms.limits]\nper_day = 1\n")
    for _ in range(3):
        place_order(shop)

    work_once(shop)

    assert len(list((shop.settings.folder / "outbox").iterdir())) == 3


def test_the_numbers_go_with_the_person(make_shop: MakeShop) -> None:
    heart = Heart(limited(make_shop))
    shop = heart.shop
    started = shop.start_order(some_lines("A"), checkout_key="en", payment_method="card")
    shop.give_details(started, customer=some_customer())
    shop.abandon(started)
    # A checkout sends no SMS; whatever else is of it goes with the person.
    heart.count(heart.sending(1, order_id=started.id))
    heart.count(heart.sending(2, "+46701740606"))

    shop.anonymise(started)

    with shop.database.read() as reader:
        assert [row["number"] for row in reader.rows("SELECT number FROM sms_sendings")] == ["+46701740606"]
    assert heart.day() == (2, 2 * PART)


# ── Whose order it is ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", ["started", "details_given", "awaiting_payment", "abandoned"])
def test_no_setting_can_ask_for_an_sms_before_an_order_is_placed(make_shop: MakeShop, code: str) -> None:
    with pytest.raises(SettingsError, match="hidden from the customer"):
        make_shop("sms", toml=f'[statuses.{code}]\nnotify = ["sms"]\n')


def test_nothing_is_sent_before_an_order_is_placed_whoever_asks(
    make_shop: MakeShop, provider: Provider
) -> None:
    every = "".join(
        f'[statuses.{code}]\nnotify = ["sms"]\n' for code in ("received", "reviewed", "cancelled")
    )
    shop = open_shop(make_shop, ELKS, provider.host, toml=f"{every}[plugins.sms.limits]\nunpaid = true\n")
    for n, number in enumerate(numbers(1234000, 50)):
        order = shop.start_order(some_lines("A"), checkout_key=str(n), payment_method="card")
        shop.give_details(order, customer=some_customer(phone=number))
        for to in ("awaiting_payment", "abandoned"):
            shop.change_status(order, to, notify=True)
        work_once(shop)

    with shop.database.read() as reader:
        assert reader.rows("SELECT * FROM outbox WHERE kind = 'message'") == []
        assert reader.rows("SELECT * FROM sms_days") == []
    assert provider.asked == []


def paid(shop: Shop, order: Order, kind: PaymentKind = PaymentKind.PAID) -> None:
    shop.add_payment(order, NewPayment(kind=kind, amount=order.total))


VOUCHED = {
    "nobody": (lambda shop, order: None, "", Delivery.DEAD),
    "paid": (paid, "", Delivery.SENT),
    "reserved": (lambda shop, order: paid(shop, order, PaymentKind.AUTHORISED), "", Delivery.SENT),
    "part paid": (
        lambda shop, order: shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=1)), "", Delivery.SENT,
    ),
    "failed": (lambda shop, order: paid(shop, order, PaymentKind.FAILED), "", Delivery.DEAD),
    "approved": (lambda shop, order: shop.approve(order), "", Delivery.SENT),
    "reviewed": (lambda shop, order: shop.change_status(order, "reviewed"), "", Delivery.SENT),
    "noted": (lambda shop, order: shop.add_note(order, "ringde"), "", Delivery.DEAD),
    "allowed": (lambda shop, order: None, "unpaid = true\n", Delivery.SENT),
}  # fmt: skip


@pytest.mark.parametrize("who", VOUCHED)
def test_an_order_that_nobody_vouches_for_gets_none(
    make_shop: MakeShop, provider: Provider, who: str
) -> None:
    act, more, delivery = VOUCHED[who]
    shop = open_shop(make_shop, ELKS, provider.host, toml=f"{TOLD}[plugins.sms.limits]\n{more}")
    order = place_order(shop)

    act(shop, order)
    work_once(shop)

    message = the_sms(shop, order)
    assert message.delivery is delivery
    assert len(provider.asked) == (delivery is Delivery.SENT)
    assert ("`unpaid = true`" in message.error) == (delivery is Delivery.DEAD)


def test_an_order_that_costs_nothing_needs_no_payment(make_shop: MakeShop, provider: Provider) -> None:
    shop = open_shop(make_shop, ELKS, provider.host, toml=TOLD)

    order = place_order(shop, some_lines("A", price=0))
    work_once(shop)

    assert the_sms(shop, order).delivery is Delivery.SENT


def test_what_staff_send_again_is_vouched_for(make_shop: MakeShop, provider: Provider) -> None:
    shop = open_shop(make_shop, ELKS, provider.host, toml=TOLD)
    order = place_order(shop)
    work_once(shop)
    assert provider.asked == []

    shop.resend(the_sms(shop, order).id)
    work_once(shop)

    assert len(provider.asked) == 1


def test_staff_hear_of_an_order_that_nobody_has_paid(make_shop: MakeShop, provider: Provider) -> None:
    toml = '[[statuses.received.messages]]\nchannels = ["sms"]\naudience = "staff"\nto = ["+46701740699"]\n'
    shop = open_shop(make_shop, ELKS, provider.host, toml=toml)

    place_order(shop)
    work_once(shop)

    assert provider.numbers == ["+46701740699"]


# ── What doctor tells ────────────────────────────────────────────────────────────────────────────


def test_doctor_tells_what_the_cap_of_the_day_stopped_and_the_remedy_works(
    make_shop: MakeShop, provider: Provider, clock: FixedClock
) -> None:
    shop = limited(make_shop, provider.host, per_day=2, unpaid=True)
    for n, number in enumerate(numbers(1000000, 5)):
        place_order(shop, customer=some_customer(phone=f"{number[:5]}{n}{number[6:]}"))
    work_once(shop)

    (found,) = [f for f in examine_shop(shop) if f.code == "sms_cap"]

    assert found.serious
    assert found.text.sv.startswith("dagens tak har stoppat 3 sms (2 sms eller ")
    assert found.text.en.startswith("the day's cap has stopped 3 SMS (2 SMS or ")
    assert "`ashop message retry`" in found.text.sv
    clock.advance(days=1)
    with shop.database.read() as reader:
        dead = [row["id"] for row in reader.rows("SELECT id FROM outbox WHERE delivery = 'dead'")]
    release_dead(shop.database, shop.clock, dead, timedelta(days=1))
    work_once(shop)
    (left,) = [f for f in examine_shop(shop) if f.code == "sms_cap"]
    assert left.text.en.startswith("the day's cap has stopped 1 SMS")
    assert len(provider.asked) == 4


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        (TOLD, True),
        (f"{TOLD}[plugins.sms.limits]\nunpaid = true\n", False),
        ('[[statuses.received.messages]]\nchannels = ["sms"]\npayment = ["card"]\n', False),
        (
            '[[statuses.received.messages]]\nchannels = ["sms"]\naudience = "staff"\nto = ["+46701740699"]\n',
            False,
        ),
        ("", False),
    ],
)
def test_doctor_tells_of_a_rule_that_unpaid_orders_never_meet(
    make_shop: MakeShop, toml: str, told: bool
) -> None:
    shop = open_shop(make_shop, ELKS, "http://127.0.0.1:9", toml=toml)

    found = [f for f in examine_shop(shop) if f.code == "sms_unpaid"]

    assert bool(found) == told
    assert all(not f.serious and "Faktura" in f.text.sv for f in found)


# ── All of it together ───────────────────────────────────────────────────────────────────────────


def test_ten_thousand_fake_orders_send_no_more_than_the_caps_and_the_shops_own_customers_notice_nothing(
    make_shop: MakeShop, clock: FixedClock
) -> None:
    # Half of the fakes go through rows of numbers, half call the same few over and over; 50 customers of the shop's
    # own come in between. The numbers abroad never get as far as being counted: see the next test.
    shop = open_shop(
        make_shop, ELKS, "http://127.0.0.1:9", toml=f"{TOLD}[plugins.sms.limits]\nper_order = 1000000\n"
    )
    heart = Heart(shop)
    fakes, own = Counter[str](), Counter[str]()
    row = numbers(2000000, 5000)
    for n in range(10_000):
        number = next(row) if n % 2 else f"+467300000{n // 2 % 50:02}"
        fakes[heart.count(heart.sending(n, number))] += 1
        if n % 200 == 0:
            own[heart.count(heart.sending(20_000 + n, f"+4676{n // 200:03}1234"))] += 1
        if n % 500 == 499:
            clock.advance(minutes=1)

    # Within the hour: 20 of the row, and 20 of the numbers that are called over and over, which are a row too.
    assert fakes["sent"] == 40
    assert own == {"sent": 50}
    assert heart.day() == (90, 90 * PART)


@pytest.mark.parametrize(("per_day", "money"), [(100, 10**9), (10**9, 100 * PART)])
def test_ten_thousand_fake_orders_to_numbers_all_over_the_country_stop_at_the_days_cap(
    make_shop: MakeShop, per_day: int, money: int
) -> None:
    heart = Heart(limited(make_shop, per_day=per_day, money_per_day=money, per_number=3, per_prefix=20))

    found = Counter(heart.count(heart.sending(n, f"+467{n:04}{n:04}")) for n in range(10_000))

    assert found == {"sent": 100, "never": 9_900}
    assert heart.day() == (100, 100 * PART)


FOREIGN = (
    "+44 7781 {n:06}",
    "+371 2{n:07}",
    "+994 50 {n:07}",
    "+7 912 {n:07}",
    "+1 242 357 {n:04}",
    "+46 939 {n:06}",
)


def test_fake_orders_through_the_whole_shop(
    make_shop: MakeShop, provider: Provider, clock: FixedClock
) -> None:
    # Nobody has paid: with `unpaid` the caps alone stand against it.
    limits = "[plugins.sms.limits]\nunpaid = true\nper_day = 60\n"
    shop = open_shop(make_shop, ELKS, provider.host, toml=TOLD + limits)
    customers = []
    for n, number in enumerate(numbers(3000000, 300)):
        phone = FOREIGN[n % 12 // 2].format(n=n) if n % 2 else number
        place_order(shop, customer=some_customer(phone=phone))
        if n % 30 == 0:
            order = place_order(shop, customer=some_customer(phone=f"+4676{n:03}9876"))
            paid(shop, order)
            customers.append(order)
    while shop.deliver():
        pass

    fakes = [number for number in provider.numbers if number.startswith("+4670")]
    assert len(fakes) == 20
    assert len(provider.asked) == 20 + len(customers) <= 60
    assert [the_sms(shop, order).delivery for order in customers] == [Delivery.SENT] * 10
    assert all(number.startswith("+467") for number in provider.numbers)
    for _ in range(30):
        clock.advance(hours=2)
        while shop.deliver():
            pass
    days = Counter(day for day in counted_days(shop))
    assert max(days.values()) <= 60


def counted_days(shop: Shop) -> Iterator[str]:
    with shop.database.read() as reader:
        for row in reader.rows("SELECT day, sendings FROM sms_days"):
            yield from [row["day"]] * row["sendings"]


def count_one(shop: Shop, worker: int, n: int) -> str:
    """Count an SMS of its own, to a number of its own."""
    heart = Heart.__new__(Heart)
    heart.shop, heart.order = shop, shop.order(100001)
    (heart.message,) = shop.messages(heart.order)
    return heart.count(heart.sending(1000 * worker + n, f"+467{worker}{n:03}0000"))


def test_of_many_workers_at_once_no_more_than_the_cap_get_one(
    make_shop: MakeShop, race: RunRace, tmp_path: Path
) -> None:
    shop = limited(make_shop, per_day=37, per_prefix=20)
    Heart(shop)

    done = race(shop, count_one, processes=4, tries=50)

    assert Counter(told.value for told in done.told) == {"sent": 37, "never": 163}
