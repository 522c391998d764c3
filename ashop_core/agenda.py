"""What waits for somebody today: the saved filters that have orders, and the messages that are not sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ashop_core.counts import MOST, count_orders
from ashop_core.messages import UNSENT, count_messages
from ashop_core.models import Delivery, SavedFilter
from ashop_core.queries import oldest_orders
from ashop_core.storage import Reader
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One thing that waits: how many, since when the oldest, and the first few orders by name.

    With `more` there are more than `count`: so many are counted and no more.
    """

    code: str
    label: Text
    count: int = 0
    more: bool = False
    oldest: datetime | None = None
    orders: tuple[str, ...] = ()


def agenda(shop: Shop) -> list[Subject]:
    """Return everything that may wait: saved filters, then messages; a subject with nothing has count 0."""
    with shop.database.read() as reader:
        return [
            *(_orders(shop, reader, saved) for saved in shop.filters.values()),
            _outbox(reader, "dead", "Meddelanden som gavs upp", "Messages given up", (Delivery.DEAD,)),
            _outbox(reader, "unsent", "Meddelanden i kö", "Messages queued", UNSENT),
        ]


def _orders(shop: Shop, reader: Reader, saved: SavedFilter) -> Subject:
    wanted, moment = shop.where(saved.where), shop.moment()
    first = oldest_orders(reader, shop.flows, wanted, moment, SHOWN)
    if not first:
        return Subject(code=saved.code, label=saved.label)
    count, more = count_orders(reader, shop.flows, wanted, moment, MOST)
    return Subject(
        code=saved.code,
        label=saved.label,
        count=count,
        more=more,
        oldest=first[0].listed_at,
        orders=tuple(row.name for row in first),
    )


def _outbox(reader: Reader, code: str, sv: str, en: str, deliveries: Collection[Delivery]) -> Subject:
    count, oldest = count_messages(reader, deliveries)
    return Subject(code=code, label=Text(sv, en), count=count, oldest=oldest)
