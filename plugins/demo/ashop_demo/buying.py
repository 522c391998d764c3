"""The customer's part of a story: from the basket to a placed order, or away from it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ashop_core.errors import Refused
from ashop_core.models import NewPayment, PaymentKind
from ashop_demo.plan import Twist
from ashop_demo.telling import StoryEnds, Telling

Steps = Generator[datetime, None, None]
CARD = "card"
PROVIDER = "Kortbetalning"


class SoldOut(Exception):
    """Something in the basket cannot be bought any more."""


def buy(story: Telling) -> Steps:
    """Take the order through the checkout; it ends the story where the customer leaves for good."""
    yield story.now + story.plan.pause
    _fill_in(story)
    if story.has(Twist.COMES_BACK):
        yield from _sleep_on_it(story)
    if story.plan.payment == CARD:
        yield story.soon(0.5, 3)
        yield from _pay_by_card(story)
    else:
        yield story.soon(1, 4)
        _leave_if_told_to(story)
    _place(story)


def _fill_in(story: Telling) -> None:
    plan = story.plan
    _leave_if_told_to(story, chance=0.3)
    story.took(
        story.shop.give_details(
            story.order, customer=plan.person.customer, delivery=plan.delivery, payment_method=plan.payment
        )
    )


def _sleep_on_it(story: Telling) -> Steps:
    """Come back after the checkout was marked abandoned, and fill the form in again."""
    yield story.hours.daytime(story.now + timedelta(hours=story.plan.dice.uniform(30, 50)))
    _fill_in(story)


def _pay_by_card(story: Telling) -> Steps:
    _leave_if_told_to(story, chance=0.4)
    _await_payment(story)
    yield story.soon(0.7, 4)
    if story.has(Twist.CARD_REFUSED):
        _pay(story, PaymentKind.FAILED)
        story.took(story.shop.give_details(story.order))
        yield story.soon(1, 4)
        _await_payment(story)
        yield story.soon(1, 4)
    _leave_if_told_to(story)
    if story.has(Twist.DITHERS):
        yield story.soon(25, 35)
    if story.has(Twist.PAYS_LATE):
        yield story.hours.daytime(story.now + timedelta(hours=story.plan.dice.uniform(27, 40)))
    _pay(story, PaymentKind.PAID)
    yield story.now + timedelta(seconds=3)


def _await_payment(story: Telling) -> None:
    """Ask for the payment. Goods that ran out meanwhile are refused here, before money moves."""
    with _unless_sold_out():
        story.took(story.shop.await_payment(story.order))


def _place(story: Telling) -> None:
    with _unless_sold_out():
        story.took(story.shop.place(story.order))


@contextmanager
def _unless_sold_out() -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        ensure_sold_out(refusal)
        raise SoldOut from refusal


def ensure_sold_out(refusal: Refused) -> None:
    """Raise the refusal again unless goods that ran out are its only reason: the play meets no other."""
    if {problem.code for problem in refusal.problems} != {"not_available"}:
        raise refusal


def _pay(story: Telling, kind: PaymentKind) -> None:
    reference = f"K{story.plan.dice.randrange(10**9):09d}"
    payment = NewPayment(kind=kind, amount=story.order.total, reference=reference)
    story.took(story.shop.add_payment(story.order, payment, actor=PROVIDER))


def _leave_if_told_to(story: Telling, chance: float = 1.0) -> None:
    """End the story here if the customer is one who leaves: at one of the places where people do."""
    if story.has(Twist.LEAVES) and story.plan.dice.random() < chance:
        raise StoryEnds
