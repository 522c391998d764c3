"""What is settled about an order before the play begins: who buys what, when, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, auto
from random import Random

from ashop_core.models import NewLine
from ashop_demo.people import Person


class Twist(StrEnum):
    """Something out of the ordinary in an order's life."""

    LEAVES = auto()  # the checkout is never finished
    COMES_BACK = auto()  # it is, but only after it was marked abandoned
    PAYS_LATE = auto()  # the payment of an abandoned checkout comes after all
    CARD_REFUSED = auto()  # the first payment fails
    DITHERS = auto()  # takes half an hour to find the card
    REGRETS = auto()  # cancelled before anything was sent
    NOT_COLLECTED = auto()  # ready for pick-up, and nobody comes
    IN_TWO_PARCELS = auto()
    NUMBER_LATER = auto()  # the parcel number is known only after the parcel was sent
    NOBODY_HOME = auto()  # the installation has to be booked anew
    SENT_AHEAD = auto()  # the goods are sent before the fitters come
    RETURNED = auto()
    SLOW_REVIEW = auto()  # nobody has got round to it yet


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The story of one order. It ends when the order comes into the status `ends_as`, if one is given.

    A customer who `insists` buys something else where the goods are sold out; others may leave.
    """

    key: str
    begins: datetime
    person: Person
    lines: tuple[NewLine, ...]
    delivery: str
    payment: str
    dice: Random
    twists: frozenset[Twist] = frozenset()
    ends_as: str = ""
    insists: bool = False
    pause: timedelta = field(default=timedelta(minutes=3))

    def has(self, twist: Twist) -> bool:
        """Tell whether this story takes that turn."""
        return twist in self.twists
