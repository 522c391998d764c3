"""What `ashop doctor` tells of SMS: what the limits stop, and that none reaches anybody without a provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.finding import Finding, worth_knowing
from ashop_core.models import Audience, Role
from ashop_core.money import money_text
from ashop_core.texts import Text, joined
from ashop_sms.limits import THE_DAY
from ashop_sms.settings import SmsSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_STOPPED = Text(
    "dagens tak har stoppat {n} sms ({most} sms eller {money} om dagen): se efter om ordrarna är äkta, höj i så fall "
    "`per_day` eller `money_per_day` under [plugins.sms.limits] och kör `ashop message retry`",
    "the day's cap has stopped {n} SMS ({most} SMS or {money} a day): see whether the orders are genuine; if they are, "
    "raise `per_day` or `money_per_day` under [plugins.sms.limits] and run `ashop message retry`",
)
_UNPAID = Text(
    "”{status}” sänder sms, men inte för ordrar som ingen har betalat ({methods}): låt regeln gälla andra betalsätt, "
    "eller sätt `unpaid = true` under [plugins.sms.limits]",
    "“{status}” sends SMS, but not for orders that nobody has paid for ({methods}): let the rule hold for other "
    "payment methods, or set `unpaid = true` under [plugins.sms.limits]",
)


def findings(shop: Shop) -> Iterator[Finding]:
    """Yield what the limits have stopped or always will, a cap that counts nothing, and that SMS become files."""
    yield from _stopped(shop)
    yield from _never_sent(shop)
    yield from _uncounted(shop)
    yield from _written(shop)


def _uncounted(shop: Shop) -> Iterator[Finding]:
    own, currency = shop.settings.for_plugin(SmsSettings), shop.settings.shop.currency
    if (own.elks or own.twilio) and own.price_in(currency) is None:
        yield worth_knowing(
            "sms_price",
            "`money_per_day` håller inte, för ingen vet vad en del av ett sms kostar i {currency}: ange `part_price` "
            "under [plugins.sms]",
            "`money_per_day` does not hold, since nobody knows what a part of an SMS costs in {currency}: set "
            "`part_price` under [plugins.sms]",
            currency=currency,
        )  # fmt: skip


def _written(shop: Shop) -> Iterator[Finding]:
    own = shop.settings.for_plugin(SmsSettings)
    if not (own.elks or own.twilio) and any(shop.settings.path(own.outbox).glob("*.txt")):
        yield worth_knowing(
            "sms_written",
            "sms skrivs som filer i {folder} och når ingen: ange [plugins.sms.elks] eller [plugins.sms.twilio] innan "
            "butiken öppnar",
            "SMS are written as files in {folder} and reach nobody: set [plugins.sms.elks] or [plugins.sms.twilio] "
            "before the shop opens",
            folder=own.outbox,
        )  # fmt: skip


def _stopped(shop: Shop) -> Iterator[Finding]:
    with shop.database.read() as reader:
        row = reader.row(
            "SELECT COUNT(*) AS n FROM outbox WHERE delivery = 'dead' AND code = 'sms' AND error LIKE :words",
            {"words": f"%{THE_DAY.en}%"},
        )
    if row is None or not row["n"]:
        return
    limits = shop.settings.for_plugin(SmsSettings).limits
    cost = money_text(limits.money_per_day, shop.settings.shop.currency)
    yield Finding(code="sms_cap", text=_STOPPED.fill(n=row["n"], most=limits.per_day, money=cost))


def _never_sent(shop: Shop) -> Iterator[Finding]:
    """Yield the rule that tells by SMS of a placement, where some orders are placed before anybody pays."""
    own = shop.settings.for_plugin(SmsSettings)
    free = [method for method in shop.flows.payment_methods.values() if not method.pays_first]
    placed = shop.flows.with_role(Role.PLACED)
    rules = [r for r in placed.rules if r.channel == "sms" and r.audience is Audience.CUSTOMER]
    refused = [m for m in free if any(not r.payment or m.code in r.payment for r in rules)]
    if own.limits.unpaid or not refused or not (own.elks or own.twilio):
        return
    names = joined([method.label for method in refused])
    yield Finding(code="sms_unpaid", text=_UNPAID.fill(status=placed.label, methods=names), serious=False)
