"""Reminders: one for each order whose customer has a last day to act, some days before it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ashop_core.asked import has_deadline
from ashop_core.batches import each_order
from ashop_core.clock import local
from ashop_core.errors import AshopError, Conflict
from ashop_core.lifecycle import make_change
from ashop_core.models import Audience, MessageRule, Order, Status
from ashop_core.records import ReminderRequest

if TYPE_CHECKING:
    from ashop_core.shop import Shop

log = logging.getLogger("ashop")

FIRST_HOUR, LAST_HOUR = 9, 19
"""Nobody is reminded at night: only from nine until seven in the evening, by the shop's clock."""

# One reminder for each order and status, however often the deadline is moved.
_DUE = """
o.deadline IS NOT NULL AND o.deadline >= :today AND o.deadline <= :last AND o.status = :status AND NOT EXISTS (
    SELECT 1 FROM history AS h WHERE h.order_id = o.id AND h.kind = 'reminder' AND h.to_status = o.status)
"""


def remind_due(shop: Shop, actor: str) -> int:
    """Remind every customer whose deadline is near and who was not reminded of it; return how many."""
    now = local(shop.clock(), shop.settings.shop.timezone)
    days = shop.settings.shop.reminder_days
    if not days or not FIRST_HOUR <= now.hour < LAST_HOUR:
        return 0
    return sum(_remind(shop, order, actor) for order in _due(shop, now.date(), days))


def _remind(shop: Shop, order: Order, actor: str) -> bool:
    """Remind of one, at the version it was seen at, so that two workers do not both do it."""
    try:
        make_change(shop, order, ReminderRequest(), actor, order.version)
    except Conflict:
        return False
    except AshopError as fault:  # one order that a plugin trips over must not keep the others
        log.warning("%s was not reminded: %s", order.name, fault)
        return False
    return True


def _due(shop: Shop, today: date, days: int) -> Iterator[Order]:
    last = (today + timedelta(days=days)).isoformat()
    for status in shop.flows.statuses.values():
        if has_deadline(status) and _rules(status):
            params = {"today": today.isoformat(), "last": last, "status": status.code}
            for order in each_order(shop.database, "deadline", _DUE, params):
                if any(rule.fits(order.delivery, order.payment_method) for rule in _rules(status)):
                    yield order


def _rules(status: Status) -> list[MessageRule]:
    """Return the rules that a customer is reminded by: those that told them when the order came into the status."""
    if not status.visible:
        return []
    return [rule for rule in status.rules if rule.audience is Audience.CUSTOMER and not rule.delay]
