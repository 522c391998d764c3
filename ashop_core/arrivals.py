"""What the receiving side tells later of messages it took: delivered, on its way, or failed after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.channel_answers import several_of
from ashop_core.channels import IncomingReport, TakesReports
from ashop_core.clock import to_iso
from ashop_core.errors import NotFound
from ashop_core.kept_words import storable
from ashop_core.messages import MessageRow, message_of_token
from ashop_core.models import Arrival, ArrivalReport
from ashop_core.storage import Writer
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

# What is known for good stays; a report may come twice, late, or before the answer that it belongs to. Of a person who
# was erased meanwhile nothing is written anew, and a channel tells of its own messages only.
_ARRIVED = """
UPDATE outbox SET arrival = :arrival, arrival_at = :at,
    arrival_words = CASE recipient WHEN '' THEN '' ELSE :words END
WHERE message_id = :message_id AND kind = 'message' AND code = :channel
    AND arrival NOT IN ('delivered', 'failed') AND arrival <> :arrival
"""
# Whoever reports on it has it: it is not sent again, even if the answer to our own call was lost.
_TAKEN = """
UPDATE outbox SET delivery = 'sent', done_at = :now, error = '', lease = NULL, lease_until = NULL
WHERE message_id = :message_id AND kind = 'message' AND code = :channel
    AND attempts > 0 AND delivery IN ('waiting', 'claimed')
"""


def take_report(shop: Shop, channel: str, report: IncomingReport) -> list[MessageRow]:
    """Write down what a report tells; return the messages that it told something new of.

    The same report again changes nothing, nor does one of a message that nobody knows (any more). Raises NotFound for
    a channel that takes no reports, Forbidden where the report is not genuine, InvalidInput where it cannot be read.
    """
    found = shop.channels.get(channel)
    if found is None or not isinstance(found, TakesReports):
        raise NotFound(
            Text("Kanalen {c} tar inte emot rapporter.", "The channel {c} takes no reports.").fill(c=channel)
        )
    told = several_of(channel, "read_report", ArrivalReport, found.read_report, report)
    with shop.database.write() as tx:
        news = [one.message_id for one in told if _write(shop, tx, channel, one)]
        return [row for token in dict.fromkeys(news) if (row := message_of_token(tx, token)) is not None]


def _write(shop: Shop, tx: Writer, channel: str, one: ArrivalReport) -> int:
    """Write down what is told of one message; tell whether it is new."""
    if one.arrival is Arrival.UNKNOWN:
        return 0
    now = shop.clock()
    new = tx.execute(
        _ARRIVED,
        {
            "arrival": one.arrival.value,
            "at": to_iso(one.at or now),
            "words": storable(one.words),
            "message_id": one.message_id,
            "channel": channel,
        },
    )
    tx.execute(_TAKEN, {"message_id": one.message_id, "channel": channel, "now": to_iso(now)})
    return new
