"""How a story changes its order, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core import Outcome
from ashop_core.models import NewParcel, Order
from ashop_demo.hours import Hours
from ashop_demo.plan import Plan, Twist

if TYPE_CHECKING:
    from ashop_core.shop import Shop

STAFF = ("Maria", "Johan", "Samira")


class StoryEnds(Exception):
    """The order has come where its plan wants it to stay."""


@dataclass
class Telling:
    """One story while it is being told: its plan, the shop it happens in, and its order as it stands."""

    shop: Shop
    hours: Hours
    plan: Plan
    order: Order

    @property
    def now(self) -> datetime:
        """The instant on the stage."""
        return self.shop.clock()

    def has(self, twist: Twist) -> bool:
        """Tell whether the story takes that turn."""
        return self.plan.has(twist)

    def soon(self, least: float, most: float) -> datetime:
        """Return an instant so many minutes from now."""
        return self.now + timedelta(minutes=self.plan.dice.uniform(least, most))

    def working(self, least: float, most: float) -> datetime:
        """Return an instant so many opening hours from now."""
        return self.hours.later(self.now, self.plan.dice.uniform(least, most))

    def somebody(self) -> str:
        """Return who in the shop does it."""
        return self.plan.dice.choice(STAFF)

    def took(self, outcome: Outcome) -> None:
        """Take note of how the order stands after a change."""
        self.order = outcome.order
        self.stay_or_go()

    def stay_or_go(self) -> None:
        """Raise StoryEnds if the order has come where it is to stay."""
        if self.order.status == self.plan.ends_as:
            raise StoryEnds

    def move(
        self,
        to: str,
        *,
        fields: dict[str, str] | None = None,
        parcel: NewParcel | None = None,
        note: str = "",
        reason: str = "",
    ) -> None:
        """Let somebody in the shop change the status."""
        self.took(
            self.shop.change_status(
                self.order, to, fields=fields, parcel=parcel, note=note, reason=reason, actor=self.somebody()
            )
        )
