"""How an order begins: started once per checkout key, and given up when nobody comes back."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core.batches import each_order
from ashop_core.changes import StatusRequest
from ashop_core.clock import to_iso
from ashop_core.errors import Conflict, InvalidInput, PluginError, Refused
from ashop_core.lifecycle import create_order, make_change
from ashop_core.models import Change, Kind, Order, Role, Stage
from ashop_core.moves import change_moves, moved
from ashop_core.orders import load_order
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

log = logging.getLogger("ashop")


def start(shop: Shop, order: Order, actor: str) -> Order:
    """Write a checkout that begins, or return the one that its checkout key already began.

    Raises Conflict where that one was begun with other contents, InvalidInput for an empty key.
    """
    key = (order.checkout_key or "").strip()
    if not key:
        raise InvalidInput(
            Text(
                "kassanyckeln är tom; ta en egen för varje kassa",
                "the checkout key is empty; use one of its own for each checkout",
            )
        )
    body = _digest(order)
    moves, _ = change_moves(order, shop.flows.status(order.status), None, [])
    order = replace(order, lines=moved(order.lines, moves))
    change = Change(
        kind=Kind.CREATED, seq=1, from_status=None, to_status=order.status, at=order.created_at, actor=actor,
        moves=moves,
    )  # fmt: skip
    try:
        outcome = create_order(shop, replace(order, checkout_key=key), change, body)
    except Refused:
        # A repetition gets its order though a rule that came in between would not let it begin now.
        if not _is_begun(shop, key):
            raise
        outcome = None
    return outcome.order if outcome else _repeated(shop, key, body)


def _digest(order: Order) -> str:
    """Return what tells two checkouts apart: lines and choices, not times or references."""
    goods = [
        [line.sku, line.name, line.quantity, line.unit_price, line.discount, str(line.vat_rate)]
        for line in order.lines
    ]
    words = json.dumps([goods, order.discount, order.delivery, order.payment_method, order.language])
    return hashlib.sha256(words.encode()).hexdigest()


def _is_begun(shop: Shop, checkout_key: str) -> bool:
    with shop.database.read() as reader:
        return reader.row("SELECT 1 FROM orders WHERE checkout_key = :key", {"key": checkout_key}) is not None


def _repeated(shop: Shop, checkout_key: str, body: str) -> Order:
    with shop.database.read() as reader:
        row = reader.row(
            "SELECT reference, checkout_body FROM orders WHERE checkout_key = :key", {"key": checkout_key}
        )
        if row is not None and row["checkout_body"] == body:
            return load_order(reader, row["reference"])
    raise Conflict(
        Text(
            "Kassanyckeln {key} hör till en order med annat innehåll. Börja en ny med en ny nyckel.",
            "The checkout key {key} belongs to an order with other contents. Begin a new one with a new key.",
        ).fill(key=checkout_key)
    )


def abandon_stale(shop: Shop, actor: str) -> int:
    """Mark every checkout that nobody touched for the configured hours as abandoned; return how many."""
    limit = shop.clock() - timedelta(hours=shop.settings.shop.abandon_after_hours)
    target = shop.flows.with_role(Role.ABANDONED).code
    return sum(_abandoned(shop, order, target, actor) for order in _stale(shop, limit, target))


def _abandoned(shop: Shop, order: Order, target: str, actor: str) -> bool:
    """Abandon one at the version it was seen at: an order placed or touched meanwhile is left alone."""
    try:
        make_change(shop, order, StatusRequest(to=target), actor, order.version)
    except (Conflict, Refused):
        return False
    except PluginError as fault:  # one order that a plugin trips over must not keep the others
        log.warning("%s was not abandoned: %s", order.name, fault)
        return False
    return True


def _stale(shop: Shop, limit: datetime, abandoned: str) -> Iterator[Order]:
    """Yield the checkouts that nobody touched since."""
    statuses = shop.flows.statuses.values()
    for code in [s.code for s in statuses if s.stage is Stage.CHECKOUT and s.code != abandoned]:
        where = "o.status = :status AND o.listed_at <= :limit AND o.changed_at <= :limit"
        yield from each_order(shop.database, "listed_at", where, {"status": code, "limit": to_iso(limit)})
