"""The story of one order, from the first click to the last payment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ashop_core.models import NewLine
from ashop_demo.baskets import fill_basket
from ashop_demo.buying import SoldOut, buy
from ashop_demo.handling import handle
from ashop_demo.hours import Hours
from ashop_demo.plan import Plan, Twist
from ashop_demo.stage import Script
from ashop_demo.telling import StoryEnds, Telling

if TYPE_CHECKING:
    from ashop_core.shop import Shop

TRIES = 20
GIVES_UP = 0.5


def story_of(shop: Shop, hours: Hours, plan: Plan) -> Script:
    """Play what the plan says; every step goes through the shop's own use cases.

    Where something in the basket is sold out the customer leaves, or begins again with another basket.
    """
    for attempt in range(TRIES):
        try:
            yield from _play(shop, hours, plan, attempt)
        except StoryEnds:
            return
        except SoldOut:
            if not plan.insists and plan.dice.random() < GIVES_UP:
                return
            yield shop.clock() + plan.pause
            plan = replace(plan, lines=_other_basket(plan))
        else:
            return


def _play(shop: Shop, hours: Hours, plan: Plan, attempt: int) -> Script:
    order = shop.start_order(
        plan.lines,
        checkout_key=f"{plan.key}-{attempt}",
        delivery=plan.delivery,
        payment_method=plan.payment,
        language=plan.person.language,
    )
    story = Telling(shop, hours, plan, order)
    story.stay_or_go()
    yield from buy(story)
    yield from handle(story)


def _other_basket(plan: Plan) -> tuple[NewLine, ...]:
    return fill_basket(plan.dice, plan.delivery, several=plan.has(Twist.IN_TWO_PARCELS))
