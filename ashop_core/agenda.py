"""What waits for somebody today: the saved filters that have orders, and the messages that did not reach anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ashop_core.counts import MOST, count_orders
from ashop_core.messages import Backlog, Standing, overdue, unanswered
from ashop_core.models import SavedFilter
from ashop_core.queries import oldest_orders
from ashop_core.queue_health import LATE
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
            _outbox("dead", _DEAD, unanswered(reader, Standing.DEAD)),
            _outbox("failed", _FAILED, unanswered(reader, Standing.FAILED)),
            _outbox("unsent", _UNSENT, overdue(reader, shop.clock() - LATE)),
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


_DEAD = Text("Meddelanden som gavs upp", "Messages given up")
_FAILED = Text("Meddelanden som inte kom fram", "Messages not delivered")
_UNSENT = Text("I kö i mer än en timme", "Queued for over an hour")


def _outbox(code: str, label: Text, backlog: Backlog) -> Subject:
    return Subject(code=code, label=label, count=backlog.count, oldest=backlog.oldest)
