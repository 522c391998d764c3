"""What `ashop doctor` tells of SMS: what the limits have stopped, and messages that they will always stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.doctor import Finding
from ashop_core.models import Audience, Role
from ashop_core.texts import Text
from ashop_sms.describe import money
from ashop_sms.limits import THE_DAY
from ashop_sms.settings import SmsSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_ONE_STOPPED = Text(
    "{n} sms har stoppats för att dagens tak var nått ({most} sms eller {money})",
    "{n} SMS has been stopped since the day's cap was reached ({most} SMS or {money})",
)
_STOPPED = Text(
    "{n} sms har stoppats för att dagens tak var nått ({most} sms eller {money})",
    "{n} SMS have been stopped since the day's cap was reached ({most} SMS or {money})",
)


def findings(shop: Shop) -> Iterator[Finding]:
    """Yield what the limits have stopped, and messages that they will always stop."""
    yield from _stopped(shop)
    yield from _never_sent(shop)


def _stopped(shop: Shop) -> Iterator[Finding]:
    with shop.database.read() as reader:
        row = reader.row(
            "SELECT COUNT(*) AS n FROM outbox WHERE delivery = 'dead' AND code = 'sms' AND error LIKE :words",
            {"words": f"{THE_DAY.en}%"},
        )
    if row is None or not row["n"]:
        return
    own = shop.settings.for_plugin(SmsSettings)
    yield Finding(
        code="sms_cap",
        text=(_ONE_STOPPED if row["n"] == 1 else _STOPPED).fill(
            n=row["n"],
            most=own.limits.per_day,
            money=money(own.limits.money_per_day, shop.settings.shop.currency),
        ),
        remedy=Text(
            "Se efter om ordrarna är äkta: `ashop message list --dead`. Är de det, höj `per_day` eller `money_per_day` "
            "under [plugins.sms.limits] och skicka med `ashop message retry`.",
            "See whether the orders are genuine: `ashop message list --dead`. If they are, raise `per_day` or "
            "`money_per_day` under [plugins.sms.limits] and send with `ashop message retry`.",
        ),
    )


def _never_sent(shop: Shop) -> Iterator[Finding]:
    """Yield the rule that tells by SMS of a placement, where some orders are placed before anybody pays."""
    own = shop.settings.for_plugin(SmsSettings)
    free = [method for method in shop.flows.payment_methods.values() if not method.pays_first]
    placed = shop.flows.with_role(Role.PLACED)
    rules = [r for r in placed.rules if r.channel == "sms" and r.audience is Audience.CUSTOMER]
    refused = [m for m in free if any(not r.payment or m.code in r.payment for r in rules)]
    if own.limits.unpaid or not refused or not (own.elks or own.twilio):
        return
    yield Finding(
        code="sms_unpaid",
        text=Text(
            "”{status}” sänder sms, men inte för ordrar som ingen har betalat: {methods}",
            "“{status}” sends SMS, but not for orders that nobody has paid for: {methods}",
        ).fill(
            status=placed.label,
            methods=Text(*(", ".join(m.label.to(language) for m in refused) for language in ("sv", "en"))),
        ),
        serious=False,
        remedy=Text(
            "Låt regeln gälla de betalsätt som betalas först, eller sätt `unpaid = true` under [plugins.sms.limits].",
            "Let the rule hold for the methods that are paid first, or set `unpaid = true` under [plugins.sms.limits].",
        ),
    )
