"""Who plays: first the stories that every demo shall show, then as many others as there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ashop_core.models import NewLine
from ashop_demo.baskets import fill_basket
from ashop_demo.hours import Hours
from ashop_demo.people import Crowd, Person
from ashop_demo.plan import Plan, Twist
from ashop_demo.products import LAST_ONE, LAST_TWO

DAYS = 26
"""How long the play is: orders of the first days are paid, installed and returned when it ends."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A story that is in every demo. It begins so many opening hours, or minutes, before the end."""

    hours: float = 0
    minutes: float = 0
    delivery: str = "post"
    payment: str = "card"
    ends_as: str = ""
    twists: tuple[Twist, ...] = ()
    lines: tuple[NewLine, ...] = ()
    language: str = "sv"


# The hours leave room for the slowest course that the story can take, weekends included.
PARTS = (
    Part(hours=17, delivery="installation", ends_as="delivery_booked"),
    Part(hours=14, ends_as="shipped"),
    Part(hours=4, payment="invoice", ends_as="reviewed"),
    Part(hours=0.6, ends_as="received"),
    Part(hours=11, delivery="pickup", ends_as="ready_for_pickup"),
    Part(hours=25, delivery="pickup", twists=(Twist.LEAVES,)),
    Part(minutes=90, ends_as="awaiting_payment"),
    Part(minutes=45, ends_as="details_given"),
    Part(minutes=6, ends_as="started"),
    Part(hours=6, ends_as="reviewed"),
    Part(hours=13, twists=(Twist.IN_TWO_PARCELS,), ends_as="partly_shipped"),
    Part(hours=45, ends_as="delivered"),
    Part(hours=40, delivery="pickup", ends_as="picked_up"),
    Part(hours=125, delivery="installation", payment="invoice", ends_as="installed"),
    Part(hours=20, delivery="installation", twists=(Twist.REGRETS,)),
    Part(hours=80, twists=(Twist.RETURNED,)),
    Part(hours=44, payment="invoice", lines=(LAST_TWO.line(3),), ends_as="reviewed"),
    Part(hours=30, lines=(LAST_TWO.line(),)),
    Part(hours=5.0, delivery="pickup", lines=(LAST_ONE.line(),), twists=(Twist.DITHERS,), ends_as="received"),
    Part(hours=4.9, delivery="pickup", payment="invoice", lines=(LAST_ONE.line(),), ends_as="reviewed"),
    Part(hours=140, delivery="installation", twists=(Twist.NOBODY_HOME,)),
    Part(hours=32, twists=(Twist.CARD_REFUSED,), language="en"),
    Part(hours=65, twists=(Twist.COMES_BACK,)),
    Part(hours=22, twists=(Twist.NUMBER_LATER,)),
    Part(hours=60, delivery="pickup", twists=(Twist.PAYS_LATE,)),
    Part(hours=115, delivery="pickup", payment="invoice", twists=(Twist.NOT_COLLECTED,)),
    Part(hours=70, delivery="installation", twists=(Twist.SENT_AHEAD,)),
    Part(hours=27, delivery="installation", payment="invoice", language="en"),
    Part(hours=8, payment="invoice", ends_as="received"),
)

DELIVERIES = {"post": 50, "pickup": 24, "installation": 26}
INVOICED = {"post": 0.22, "pickup": 0.15, "installation": 0.55}
CHANCES = {
    "": ((Twist.LEAVES, 0.12), (Twist.CARD_REFUSED, 0.07), (Twist.REGRETS, 0.04), (Twist.SLOW_REVIEW, 0.08)),
    "post": ((Twist.IN_TWO_PARCELS, 0.08), (Twist.NUMBER_LATER, 0.1), (Twist.RETURNED, 0.05)),
    "pickup": ((Twist.NOT_COLLECTED, 0.05), (Twist.RETURNED, 0.03)),
    "installation": ((Twist.NOBODY_HOME, 0.08), (Twist.SENT_AHEAD, 0.12)),
}
BUSY_HOURS = (1, 2, 3, 4, 4, 5, 4, 3, 3, 3, 4, 6, 8, 9, 7, 3)
"""How many order at 7, 8, … 22 o'clock, one beside the other."""


def plans(count: int, seed: int, hours: Hours, end: datetime) -> Iterator[Plan]:
    """Yield the plans of so many orders, the same for the same seed and end."""
    crowd = Crowd(Random(f"{seed}/crowd"))
    for n in range(count):
        dice = Random(f"{seed}/{n}")
        if n < len(PARTS):
            yield _part(PARTS[n], n, dice, crowd, hours, end)
        else:
            yield _anybody(n, dice, crowd.someone(), hours, end)


def _part(part: Part, n: int, dice: Random, crowd: Crowd, hours: Hours, end: datetime) -> Plan:
    begins = (
        hours.earlier(end, part.hours) if part.hours else hours.evening(end - timedelta(minutes=part.minutes))
    )
    return Plan(
        key=f"demo-{n}",
        begins=begins,
        person=crowd.newcomer(part.language),
        lines=part.lines or fill_basket(dice, part.delivery, several=Twist.IN_TWO_PARCELS in part.twists),
        delivery=part.delivery,
        payment=part.payment,
        dice=dice,
        twists=frozenset(part.twists),
        ends_as=part.ends_as,
        insists=not part.lines,
    )


def _anybody(n: int, dice: Random, person: Person, hours: Hours, end: datetime) -> Plan:
    delivery = dice.choices(tuple(DELIVERIES), tuple(DELIVERIES.values()))[0]
    payment = "invoice" if dice.random() < INVOICED[delivery] else "card"
    twists = _twists(dice, delivery)
    return Plan(
        key=f"demo-{n}",
        begins=_sometime(dice, hours, end),
        person=person,
        lines=fill_basket(dice, delivery, several=Twist.IN_TWO_PARCELS in twists),
        delivery=delivery,
        payment=payment,
        dice=dice,
        twists=twists,
        pause=timedelta(minutes=dice.uniform(1, 9)),
    )


def _twists(dice: Random, delivery: str) -> frozenset[Twist]:
    """Return what is out of the ordinary; nobody is visited in vain whose goods were sent ahead."""
    chances = (*CHANCES[""], *CHANCES[delivery])
    twists = frozenset(twist for twist, chance in chances if dice.random() < chance)
    return twists - {Twist.NOBODY_HOME} if Twist.SENT_AHEAD in twists else twists


def _sometime(dice: Random, hours: Hours, end: datetime) -> datetime:
    """Return an instant within the play at which people buy things."""
    while True:
        day = end - timedelta(days=dice.uniform(0, DAYS))
        hour = dice.choices(range(7, 23), BUSY_HOURS)[0]
        at = hours.at(day, hour, dice.randint(0, 59), dice.randint(0, 59))
        if end - timedelta(days=DAYS) < at < end - timedelta(minutes=20):
            return at
