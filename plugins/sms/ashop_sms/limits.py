"""How many SMS may still go out: per number, per row of numbers, per order and per day, counted before each attempt.

Each SMS costs money, and whoever can place orders chooses its number: without limits, others could have the shop send
to numbers that earn them something. What is counted is every SMS that may leave: a message once, and once more for
each attempt of which nobody knows whether it arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ashop_core.channels import Sending
from ashop_core.clock import from_iso, local, to_iso
from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.models import Audience, PaymentStatus, Role
from ashop_core.money import money_text
from ashop_core.storage import Writer
from ashop_core.texts import Text
from ashop_sms.segments import length
from ashop_sms.settings import Limits

WINDOW = timedelta(hours=1)
LAST_DIGITS = 4
"""Numbers that differ in no more than these are a row: nobody but a machine orders for many of them in an hour."""
UNPAID = (PaymentStatus.UNPAID, PaymentStatus.FAILED)

THE_DAY = Text("dagens tak är nått", "the day's cap is reached")
"""How the words begin of what a cap of the day stopped; `health` counts by it."""
_PER_DAY = Text(
    "{cap}: {n} sms; höj `per_day` under [plugins.sms.limits] om de är äkta",
    "{cap}: {n} SMS; raise `per_day` under [plugins.sms.limits] if they are genuine",
)
_MONEY = Text(
    "{cap}: sms för {n}; höj `money_per_day` under [plugins.sms.limits] om de är äkta",
    "{cap}: SMS for {n}; raise `money_per_day` under [plugins.sms.limits] if they are genuine",
)
_PER_ORDER = Text(
    "ordern har redan fått {n} sms: fler tillåter inte `per_order` under [plugins.sms.limits]",
    "the order has had {n} SMS already: `per_order` under [plugins.sms.limits] allows no more",
)
_TOO_LONG = Text(
    "sms:et skulle bli {n} delar: fler än {most} tillåter inte `max_parts` under [plugins.sms]",
    "the SMS would take {n} parts: `max_parts` under [plugins.sms] allows no more than {most}",
)
_PER_NUMBER = Text(
    "numret har fått {n} sms på en timme: fler tillåter inte `per_number` under [plugins.sms.limits] ännu",
    "the number has had {n} SMS within an hour: `per_number` under [plugins.sms.limits] allows no more yet",
)
_PER_PREFIX = Text(
    "{n} sms på en timme till nummer i rad: fler tillåter inte `per_prefix` under [plugins.sms.limits] ännu",
    "{n} SMS within an hour to numbers in a row: `per_prefix` under [plugins.sms.limits] allows no more yet",
)
_UNPAID_WORDS = Text(
    "ingen har betalat eller hanterat ordern än: sådana får sms bara med `unpaid = true` under [plugins.sms.limits]",
    "nobody has paid for the order or handled it yet: such orders get SMS only with `unpaid = true` under "
    "[plugins.sms.limits]",
)

_LATEST = "SELECT at FROM sms_sendings WHERE {column} = :value AND at > :since AND NOT ({same}) ORDER BY at DESC LIMIT :most"
_SAME = "message_id = :message_id AND copy = :copy"
_IN_ROW = {column: _LATEST.format(column=column, same=_SAME) for column in ("number", "prefix")}
_OF_ORDER = f"SELECT COUNT(*) AS n FROM sms_sendings WHERE order_id = :order_id AND NOT ({_SAME})"  # noqa: S608
_COUNT = """
INSERT INTO sms_sendings (message_id, copy, order_id, number, prefix, at, day)
VALUES (:message_id, :copy, :order_id, :number, :prefix, :at, :day)
ON CONFLICT (message_id, copy) DO UPDATE SET number = :number, prefix = :prefix, at = :at, day = :day
"""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Counts SMS against the shop's limits; a day is one in its time zone. `part_price` None counts no money."""

    limits: Limits
    max_parts: int
    part_price: int | None
    currency: str
    timezone: str

    def count(self, tx: Writer, sending: Sending) -> None:
        """Count one SMS, or refuse it: DeliveryError for what is not sent, TemporaryDeliveryError for what waits.

        Staff's own numbers stand in the settings, so that only what is for the order and the day holds for them.
        """
        parts = length(sending.rendered.body).parts
        if parts > self.max_parts:
            raise DeliveryError(_TOO_LONG.fill(n=parts, most=self.max_parts))
        row = _row(sending, local(sending.now, self.timezone).date().isoformat())
        # Everybody counts the day first and so waits here for one another: nobody counts what another is counting.
        tx.execute(
            "INSERT INTO sms_days (day) VALUES (:day) ON CONFLICT (day) DO NOTHING", {"day": row["day"]}
        )
        tx.lock("sms_days", [{"day": row["day"]}])
        if sending.message.audience is Audience.CUSTOMER:
            self._ensure_vouched(sending)
            self._ensure_rare(tx, row, "number", self.limits.per_number, _PER_NUMBER, sending.now)
            self._ensure_rare(tx, row, "prefix", self.limits.per_prefix, _PER_PREFIX, sending.now)
        self._ensure_order(tx, row)
        self._count_day(tx, row, (self.part_price or 0) * parts)
        tx.execute(_COUNT, row)

    def _ensure_vouched(self, sending: Sending) -> None:
        if not self.limits.unpaid and sending.message.resends is None and _is_anybodys(sending):
            raise DeliveryError(_UNPAID_WORDS)

    def _ensure_rare(
        self, tx: Writer, row: Mapping[str, Any], column: str, most: int, words: Text, now: datetime
    ) -> None:
        params = {
            "value": row[column], "since": to_iso(now - WINDOW), "most": most,
            "message_id": row["message_id"], "copy": row["copy"],
        }  # fmt: skip
        latest = tx.rows(_IN_ROW[column], params)
        if len(latest) >= most:
            until = from_iso(latest[-1]["at"]) + WINDOW
            raise TemporaryDeliveryError(words.fill(n=most), retry_after=(until - now).total_seconds())

    def _ensure_order(self, tx: Writer, row: Mapping[str, Any]) -> None:
        which = {name: row[name] for name in ("order_id", "message_id", "copy")}
        found = tx.row(_OF_ORDER, which)
        if found is not None and found["n"] >= self.limits.per_order:
            raise DeliveryError(_PER_ORDER.fill(n=found["n"]))

    def _count_day(self, tx: Writer, row: Mapping[str, Any], cost: int) -> None:
        """Count the SMS and its cost for the day, unless an attempt of the same day has."""
        same = f"SELECT 1 FROM sms_sendings WHERE {_SAME} AND day = :day"  # noqa: S608
        which = {name: row[name] for name in ("message_id", "copy", "day")}
        if tx.row(same, which) is not None:
            return
        limits = {"most": self.limits.per_day, "money": self.limits.money_per_day}
        sql = (
            "UPDATE sms_days SET sendings = sendings + 1, cost = cost + :cost "
            "WHERE day = :day AND sendings < :most AND cost + :cost <= :money"
        )
        if tx.execute(sql, {"day": row["day"], "cost": cost, **limits}):
            return
        day = tx.row("SELECT sendings FROM sms_days WHERE day = :day", {"day": row["day"]})
        full = day is not None and day["sendings"] >= self.limits.per_day
        raise DeliveryError(
            _PER_DAY.fill(cap=THE_DAY, n=self.limits.per_day)
            if full
            else _MONEY.fill(cap=THE_DAY, n=money_text(self.limits.money_per_day, self.currency))
        )


def _row(sending: Sending, day: str) -> dict[str, Any]:
    message = sending.message
    number = message.recipient if message.audience is Audience.CUSTOMER else ""
    return {
        "message_id": message.id,
        "copy": message.unsure,
        "order_id": message.order_id,
        "number": number,
        "prefix": number[:-LAST_DIGITS],
        "at": to_iso(sending.now),
        "day": day,
    }


def _is_anybodys(sending: Sending) -> bool:
    """Tell whether anybody at all can have made this order: it costs something, and nobody has paid or touched it."""
    order, status = sending.order, sending.status
    untouched = order.status == status.code and status.role is Role.PLACED and order.approved_at is None
    return untouched and order.payment in UNPAID and order.total > 0
