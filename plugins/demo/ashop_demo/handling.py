"""The shop's part of a story: reviewed, approved, and on to the customer in the way that was chosen."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, time, timedelta

from ashop_core.models import NewParcel, NewPayment, PaymentKind
from ashop_demo.parcels import parcel_number
from ashop_demo.plan import Twist
from ashop_demo.telling import StoryEnds, Telling
from ashop_demo.words import (
    APPROVALS,
    NOBODY_HOME,
    NOT_COLLECTED,
    NOTES,
    REGRETS,
    RETURNS,
    REVIEWS,
    SENT_AHEAD,
    TWO_PARCELS,
)

Steps = Generator[datetime, None, None]
INVOICE = "invoice"
VISITS = (time(8), time(10), time(13), time(15))


def handle(story: Telling) -> Steps:
    """Take a placed order to its customer."""
    yield from _review(story)
    if story.plan.payment == INVOICE:
        yield story.working(0.3, 4)
        approved = story.plan.dice.choice(APPROVALS)
        story.took(story.shop.approve(story.order, note=approved, actor=story.somebody()))
    yield from WAYS[story.plan.delivery](story)
    if story.has(Twist.RETURNED):
        yield story.working(9, 20)
        story.move("returned", note=story.plan.dice.choice(RETURNS))
        yield from _refund(story)
        raise StoryEnds
    if story.plan.payment == INVOICE:
        yield story.working(30, 70)
        _pay_invoice(story)


def _review(story: Telling) -> Steps:
    dice = story.plan.dice
    yield story.working(9, 14) if story.has(Twist.SLOW_REVIEW) else story.working(0.2, 3)
    if dice.random() < 0.12:
        note = dice.choice(NOTES[story.plan.delivery])
        story.took(story.shop.add_note(story.order, note, actor=story.somebody()))
        yield story.soon(5, 30)
    if story.has(Twist.REGRETS):
        story.move("cancelled", reason=dice.choice(REGRETS))
        yield from _refund(story)
        raise StoryEnds
    story.move("reviewed", note=dice.choice(REVIEWS))


def _pay_invoice(story: Telling) -> None:
    number = f"F{story.order.number}"
    payment = NewPayment(kind=PaymentKind.PAID, amount=story.order.total, reference=number)
    story.took(story.shop.add_payment(story.order, payment, actor="Bankgirot"))


def _refund(story: Telling) -> Steps:
    """Give back what was paid of an order that came to nothing."""
    if story.order.paid:
        yield story.soon(3, 20)
        payment = NewPayment(kind=PaymentKind.REFUNDED, amount=story.order.paid)
        story.took(story.shop.add_payment(story.order, payment, actor=story.somebody()))


# ── By post ──────────────────────────────────────────────────────────────────────────────────────


def _by_post(story: Telling) -> Steps:
    yield story.working(1, 6)
    if story.has(Twist.IN_TWO_PARCELS):
        yield from _first_parcel(story)
    if story.has(Twist.NUMBER_LATER):
        story.move("shipped")
        yield story.working(0.5, 2)
        parcel = NewParcel(number=parcel_number(story.plan.dice))
        story.took(story.shop.add_parcel(story.order, parcel, note="Kvittot kom", actor=story.somebody()))
    else:
        story.move("shipped", parcel=NewParcel(number=parcel_number(story.plan.dice)))
    yield story.hours.weekday(story.now, story.plan.dice.randint(1, 3), _afternoon(story))
    story.move("delivered")


def _first_parcel(story: Telling) -> Steps:
    """Send the first line alone and the rest a day or two later."""
    first = story.order.lines[0]
    parcel = NewParcel(
        number=parcel_number(story.plan.dice), contents={first.position: first.quantity}
    )  # fmt: skip
    story.move("partly_shipped", parcel=parcel, note=story.plan.dice.choice(TWO_PARCELS))
    yield story.working(6, 14)


# ── In the shop ──────────────────────────────────────────────────────────────────────────────────


def _in_the_shop(story: Telling) -> Steps:
    yield story.working(0.5, 5)
    story.move("ready_for_pickup")
    if story.has(Twist.NOT_COLLECTED):
        yield story.working(45, 60)
        story.move("cancelled", reason=NOT_COLLECTED)
        yield from _refund(story)
        raise StoryEnds
    yield story.working(0.5, 22)
    story.move("picked_up")


# ── At the customer's home ───────────────────────────────────────────────────────────────────────


def _at_home(story: Telling) -> Steps:
    yield story.working(1, 6)
    yield from _visit(story)
    if story.has(Twist.NOBODY_HOME):
        story.move("reviewed", note=NOBODY_HOME)
        yield story.working(0.5, 5)
        yield from _visit(story)
    story.move("installed")


def _visit(story: Telling) -> Steps:
    """Book a visit and wait until it is over."""
    dice = story.plan.dice
    begins = story.hours.weekday(story.now, dice.randint(3, 8), dice.choice(VISITS))
    story.move("delivery_booked", fields={"booked_time": story.hours.local(begins)})
    if story.has(Twist.SENT_AHEAD):
        yield story.working(2, 8)
        story.move("shipped", note=SENT_AHEAD)
    yield begins + timedelta(minutes=dice.randint(70, 190))


def _afternoon(story: Telling) -> time:
    return time(story.plan.dice.randint(11, 18), story.plan.dice.randint(0, 59))


WAYS = {"post": _by_post, "pickup": _in_the_shop, "installation": _at_home}
