"""A message sent once more: the original never changes, the copy is a message of its own, and some are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from ashop_core.errors import AshopError, Conflict, InvalidInput, NotFound, Refused
from ashop_core.models import Audience, Delivery, Message, Order
from ashop_core.resend_copy import LONGEST_BODY, LONGEST_SUBJECT, Resend
from ashop_core.resending import LONGEST_KEY
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, MakeShop
from tests.letters import STAFF, force, letters, row_of, sent, told


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return letters(make_shop)


def test_the_same_words_go_to_the_same_address_and_the_original_stays_as_it_is(shop: Shop) -> None:
    _, original = told(shop)
    was = row_of(shop, original.id)

    copy = shop.resend(original.id, actor="Anna")
    shop.deliver()

    first, again = (line.split("|", 2) for line in sent(shop))
    assert (again[0], again[2]) == (first[0], first[2])
    assert again[1] != first[1]  # a receiver that drops repetitions must not drop this one
    assert row_of(shop, original.id) == was
    assert (copy.resends, copy.actor, copy.seq, copy.template) == (
        original.id,
        "Anna",
        original.seq,
        original.template,
    )
    assert shop.message(copy.id).message.delivery is Delivery.SENT


def test_edited_words_go_as_plain_text_and_the_subject_as_one_line(shop: Shop) -> None:
    _, original = told(shop)

    copy = shop.resend(original.id, Resend(subject="Hej\r\nBcc: x@y.se", body="Ett\r\ntvå\n"))

    assert original.rendered is not None
    words = replace(original.rendered, subject="Hej Bcc: x@y.se", body="Ett\ntvå", html=None)
    assert copy.rendered == words


def test_words_that_are_given_but_not_other_ones_are_no_edit(shop: Shop) -> None:
    _, original = told(shop)
    assert original.rendered is not None

    copy = shop.resend(
        original.id, Resend(subject=original.rendered.subject, body=f"{original.rendered.body}\r\n")
    )

    assert copy.rendered == original.rendered


def test_another_address_is_written_as_the_channel_writes_it(shop: Shop) -> None:
    _, original = told(shop)

    copy = shop.resend(original.id, Resend(to="  Nisse@Example.COM "))

    assert (copy.recipient, row_of(shop, copy.id)["lane"]) == ("nisse@example.com", "email/example.com")


def shipped(shop: Shop, order: Order) -> Message:
    """Let an order be shipped; return the message that told of it."""
    shop.change_status(order, "reviewed")
    shop.approve(order)
    shop.change_status(order, "shipped")
    shop.deliver()
    return shop.messages(order)[-1]


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_makes_one_copy(shop: Shop) -> None:
    order, original = told(shop)
    asked = Resend(to="Nisse@example.com", body="Nya ord", key="k")

    copies = {shop.resend(original.id, asked).id for _ in range(3)}

    assert len(copies) == 1
    assert len(shop.messages(order)) == 2
    assert shop.resend(original.id, Resend(key="annan")).id not in copies


def test_of_many_at_once_with_the_same_key_one_makes_the_copy(shop: Shop) -> None:
    order, original = told(shop)

    with ThreadPoolExecutor(8) as pool:
        copies = list(pool.map(lambda _: shop.resend(original.id, Resend(key="k")).id, range(16)))

    assert len(set(copies)) == 1
    assert len(shop.messages(order)) == 2


@pytest.mark.parametrize("other", [{"to": "a@b.se"}, {"subject": "Annat"}, {"body": "Annat"}])
def test_the_same_key_for_another_copy_is_a_conflict(shop: Shop, other: dict[str, str]) -> None:
    _, original = told(shop)
    shop.resend(original.id, Resend(key="k"))

    with pytest.raises(Conflict, match="Under the same key"):
        shop.resend(original.id, Resend(key="k", **other))


def test_the_same_key_is_answered_even_when_a_new_copy_would_be_refused(shop: Shop) -> None:
    order, _ = told(shop)
    original = shipped(shop, order)
    copy = shop.resend(original.id, Resend(key="k"))
    shop.undo(order)

    assert shop.resend(original.id, Resend(key="k")).id == copy.id
    with pytest.raises(Refused):
        shop.resend(original.id, Resend(key="l"))


# ── What the first attempt never came to ─────────────────────────────────────────────────────────


def test_words_that_were_never_made_are_made_for_the_copy(shop: Shop) -> None:
    _, dead = told(shop, "dear@example.se")
    assert (dead.delivery, dead.rendered) == (Delivery.DEAD, None)

    copy = shop.resend(dead.id, Resend(to="asa@example.se"))
    shop.deliver()

    assert copy.rendered is not None
    assert "Rad fem." in copy.rendered.body
    assert [line.split("|")[0] for line in sent(shop)] == ["asa@example.se"]


def test_what_grew_too_old_can_be_sent_all_the_same(shop: Shop, clock: FixedClock) -> None:
    order, _ = told(shop, deliver=False)
    clock.advance(days=30)
    shop.deliver()
    assert [m.error for m in shop.messages(order)] == ["too_old"]

    shop.resend(shop.messages(order)[0].id)
    shop.deliver()

    assert [m.delivery for m in shop.messages(order)] == [Delivery.SUPPRESSED, Delivery.SENT]


def test_a_channels_limits_hold_for_a_copy_too(shop: Shop) -> None:
    _, original = told(shop)

    copy = shop.resend(original.id, Resend(body="guld och gröna skogar"))
    shop.deliver()

    found = shop.message(copy.id).message
    assert (found.delivery, found.why.sv) == (Delivery.DEAD, "det blir för dyrt")
    assert len(sent(shop)) == 1


def test_a_copy_can_be_repeated_and_each_tells_of_the_others(shop: Shop) -> None:
    _, original = told(shop)
    second = shop.resend(original.id)
    shop.deliver()
    third = shop.resend(second.id)
    fourth = shop.resend(original.id)

    ids = [(m.id, [o.id for o in shop.message(m.id).repeats], [c.id for c in shop.message(m.id).repeated])
           for m in (original, second, third)]  # fmt: skip

    assert ids == [
        (original.id, [], [second.id, third.id, fourth.id]),
        (second.id, [original.id], [third.id]),
        (third.id, [original.id, second.id], []),
    ]


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────


def codes(error: AshopError) -> list[str]:
    return [p.code for p in error.problems] if isinstance(error, Refused) else [type(error).__name__]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"to": "ingen adress"}, "InvalidInput"),
        ({"body": " \n "}, "InvalidInput"),
        ({"body": "a\0b"}, "InvalidInput"),
        ({"body": "a\udc80b"}, "InvalidInput"),
        ({"subject": "a\udc80b"}, "InvalidInput"),
        ({"subject": "   "}, "InvalidInput"),
        ({"body": "x" * (LONGEST_BODY + 1)}, "InvalidInput"),
        ({"subject": "x" * (LONGEST_SUBJECT + 1)}, "InvalidInput"),
        ({"key": "x" * (LONGEST_KEY + 1)}, "InvalidInput"),
    ],
)
def test_what_cannot_be_used_is_refused(shop: Shop, asked: dict[str, str], code: str) -> None:
    order, original = told(shop)

    with pytest.raises(AshopError) as refused:
        shop.resend(original.id, Resend(**asked))

    assert codes(refused.value) == [code]
    assert len(shop.messages(order)) == 1


@pytest.mark.parametrize("delivery", ["waiting", "claimed"])
def test_what_is_still_queued_is_not_sent_beside_itself(shop: Shop, delivery: str) -> None:
    _, original = told(shop)
    force(shop, original.id, delivery=delivery)

    with pytest.raises(Refused) as refused:
        shop.resend(original.id)

    assert codes(refused.value) == ["not_sent_yet"]


def test_a_message_without_a_person_has_nobody_to_go_to(shop: Shop) -> None:
    _, original = told(shop)
    force(shop, original.id, recipient="", subject=None, body=None)

    with pytest.raises(Refused) as refused:
        shop.resend(original.id, Resend(to="a@b.se"))

    assert codes(refused.value) == ["anonymised"]


def test_what_has_become_hidden_since_is_not_told_again(make_shop: MakeShop) -> None:
    shop = letters(make_shop)
    order, _ = told(shop)
    message = shipped(shop, order)
    hidden = letters(make_shop, toml="[statuses.shipped]\nhidden = true\nnotify = []\n")

    for asked in (Resend(), Resend(body="Andra ord", to="a@b.se")):
        with pytest.raises(Refused) as refused:
            hidden.resend(message.id, asked)
        assert codes(refused.value) == ["hidden"]


def test_what_was_undone_is_only_told_again_in_other_words(shop: Shop) -> None:
    order, _ = told(shop)
    message = shipped(shop, order)
    copy = shop.resend(message.id)
    shop.undo(order)

    with pytest.raises(Refused) as refused:
        shop.resend(message.id)
    excuse = shop.resend(message.id, Resend(body="Vi skrev fel: ordern är inte skickad än."))
    shop.deliver()

    assert codes(refused.value) == ["undone"]
    assert shop.message(copy.id).message.error == "undone"  # it was still queued when the change was undone
    assert shop.message(excuse.id).message.delivery is Delivery.SENT


def test_an_order_that_changes_meanwhile_is_looked_at_anew(shop: Shop) -> None:
    order, _ = told(shop)
    message = shipped(shop, order)
    channel: Any = shop.channels["email"]

    def meanwhile() -> None:
        channel.meanwhile = None
        shop.undo(order)

    channel.meanwhile = meanwhile
    with pytest.raises(Refused) as refused:
        shop.resend(message.id)

    assert codes(refused.value) == ["undone"]
    assert [m.id for m in shop.messages(order) if m.resends] == []


def test_words_for_staff_do_not_go_to_the_customer(make_shop: MakeShop) -> None:
    shop = letters(make_shop, toml=STAFF)
    order, _ = told(shop)
    for_staff = next(m for m in shop.messages(order) if m.audience is Audience.STAFF)

    with pytest.raises(Refused) as refused:
        shop.resend(for_staff.id, Resend(to="ASA@example.se"))
    copy = shop.resend(for_staff.id, Resend(to="chefen@butik.example"))

    assert codes(refused.value) == ["for_staff"]
    assert (copy.audience, copy.recipient) == (Audience.STAFF, "chefen@butik.example")


def test_words_for_staff_do_not_go_to_the_customer_in_capitals_either(make_shop: MakeShop) -> None:
    shop = make_shop("email", toml=STAFF)
    order, _ = told(shop)
    for_staff = next(m for m in shop.messages(order) if m.audience is Audience.STAFF)

    with pytest.raises(Refused) as refused:
        shop.resend(for_staff.id, Resend(to="Asa@Example.SE"))

    assert codes(refused.value) == ["for_staff"]


def test_a_channel_that_was_switched_off_sends_nothing(make_shop: MakeShop) -> None:
    _, original = told(letters(make_shop))
    silent = make_shop()

    with pytest.raises(InvalidInput, match="email is not enabled"):
        silent.resend(original.id)


def test_a_message_that_is_not_there(shop: Shop) -> None:
    with pytest.raises(NotFound, match="99"):
        shop.resend(99)


def test_looking_keeps_nothing(shop: Shop) -> None:
    order, original = told(shop)

    copy = shop.preview_resend(original.id, Resend(to="a@b.se", body="Ord"))

    assert (copy.recipient, copy.rendered.body, copy.described.sv) == ("a@b.se", "Ord", "3 tecken")
    assert [m.id for m in shop.messages(order)] == [original.id]
