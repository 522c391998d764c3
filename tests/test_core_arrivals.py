"""What the receiving side tells later of a message: believed once, never against what is known for good."""

from __future__ import annotations

import pytest

from ashop_core.channels import IncomingReport
from ashop_core.errors import Forbidden, NotFound
from ashop_core.models import Arrival, Delivery, Message
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop
from tests.letters import force, letters, report, row_of, sent, told


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return letters(make_shop)


def told_of(shop: Shop, message: Message) -> tuple[str, str]:
    found = shop.message(message.id).message
    return found.arrival.value, found.arrival_words


@pytest.mark.parametrize(
    ("reports", "new", "end"),
    [
        (["delivered"], [1], "delivered"),
        (["failed"], [1], "failed"),
        (["underway", "delivered"], [1, 1], "delivered"),
        (["underway", "failed"], [1, 1], "failed"),
        (["delivered", "delivered", "delivered"], [1, 0, 0], "delivered"),
        (["failed", "delivered"], [1, 0], "failed"),
        (["delivered", "underway"], [1, 0], "delivered"),
        (["underway", "-"], [1, 0], "underway"),
        (["-"], [0], ""),
    ],
)
def test_what_is_known_for_good_stays(shop: Shop, reports: list[str], new: list[int], end: str) -> None:
    _, message = told(shop)

    counts = [
        len(shop.take_report("email", report(message, arrival, f"ord {n}")))
        for n, arrival in enumerate(reports)
    ]

    assert counts == new
    last = max((n for n, is_new in enumerate(new) if is_new), default=None)
    assert told_of(shop, message) == (end, "" if last is None else f"ord {last}")


def test_a_report_tells_of_many_and_of_some_that_nobody_knows(shop: Shop) -> None:
    messages = [told(shop, f"{n}@example.se")[1] for n in range(3)]
    lines = b"".join(report(m, "delivered").body for m in messages) + b"abc failed ingen\n"

    assert len(shop.take_report("email", IncomingReport(body=lines + lines))) == 3


@pytest.mark.parametrize("arrival", ["delivered", "failed", "underway"])
def test_whoever_reports_on_a_message_has_it_so_it_is_not_sent_again(
    shop: Shop, clock: FixedClock, arrival: str
) -> None:
    _, message = told(shop, "lost@example.se")
    assert message.delivery is Delivery.WAITING

    shop.take_report("email", report(message, arrival))
    clock.advance(days=1)

    assert shop.deliver() == []
    assert shop.message(message.id).message.delivery is Delivery.SENT


def test_a_message_that_was_never_tried_is_not_taken_for_sent(shop: Shop) -> None:
    _, message = told(shop, deliver=False)

    shop.take_report("email", report(message, "delivered"))

    assert shop.message(message.id).message.delivery is Delivery.WAITING


@pytest.mark.parametrize("delivery", ["dead", "suppressed"])
def test_what_is_for_good_is_not_revived(shop: Shop, delivery: str) -> None:
    _, message = told(shop)
    force(shop, message.id, delivery=delivery)

    shop.take_report("email", report(message, "delivered"))

    found = shop.message(message.id).message
    assert (found.delivery.value, found.arrival) == (delivery, Arrival.DELIVERED)


def test_a_channel_tells_of_its_own_messages_only(shop: Shop) -> None:
    _, message = told(shop, "lost@example.se")
    force(shop, message.id, code="sms")

    assert shop.take_report("email", report(message, "failed")) == []

    found = shop.message(message.id).message
    assert (found.delivery, found.arrival) == (Delivery.WAITING, Arrival.UNKNOWN)


def test_what_is_not_genuine_is_not_believed_nor_is_any_of_it(shop: Shop) -> None:
    _, message = told(shop)
    both = report(message, "delivered").body + report(message, "failed", "FORGED").body

    with pytest.raises(Forbidden):
        shop.take_report("email", IncomingReport(body=both))

    assert told_of(shop, message) == ("", "")


def test_of_a_person_who_was_forgotten_nothing_is_written_anew(shop: Shop) -> None:
    _, message = told(shop)
    force(shop, message.id, recipient="")

    shop.take_report("email", report(message, "failed", "550 asa@example.se"))

    assert told_of(shop, message) == ("failed", "")


def test_a_channel_that_takes_no_reports(make_shop: MakeShop) -> None:
    shop = letters(make_shop)

    with pytest.raises(NotFound, match="sms takes no reports"):
        shop.take_report("sms", IncomingReport())


def test_long_and_strange_words_are_kept_as_far_as_they_can_be(shop: Shop) -> None:
    _, message = told(shop)

    shop.take_report("email", report(message, "failed", "a\0b" + "x" * 9000))

    words = row_of(shop, message.id)["arrival_words"]
    assert (words[:3], len(words)) == ("a\N{REPLACEMENT CHARACTER}b", 4000)
    assert len(sent(shop)) == 1
