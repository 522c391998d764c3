"""Delivery reports: the address that a provider calls for each message, and whether a call there is genuine.

The address holds the message's own token, so that a report finds its message though it comes before the provider's
answer, or that answer was lost.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from ashop_core.channels import IncomingReport
from ashop_core.errors import Forbidden, InvalidInput
from ashop_core.models import ArrivalReport
from ashop_core.texts import Text
from ashop_sms.gateways import Gateway

MESSAGE, TOKEN = "message", "token"
_PURPOSE = "ashop delivery report "


def report_address(base: str, gateway: Gateway, message_id: str) -> str:
    """Return where the provider is to report on a message; empty where the shop takes no reports."""
    if not base:
        return ""
    return f"{base}?{urlencode({MESSAGE: message_id, TOKEN: token_of(gateway, message_id)})}"


def token_of(gateway: Gateway, message_id: str) -> str:
    """Return what shows that a report on a message comes from whom it was asked of: nobody else can make it up."""
    words = (_PURPOSE + message_id).encode(errors="replace")
    return hmac.digest(gateway.account[1].encode(), words, "sha256").hex()


def read_report(base: str, gateway: Gateway | None, report: IncomingReport) -> list[ArrivalReport]:
    """Return what a report tells, nothing where it has no word for us.

    Raises Forbidden unless the token is that of the message and, where the provider signs, the signature is right.
    """
    message_id = report.form.get(MESSAGE, "")
    if gateway is None or not base or not _has_token(gateway, message_id, report.form):
        raise Forbidden(_NOT_GENUINE)
    form = {name: value for name, value in report.form.items() if name not in (MESSAGE, TOKEN)}
    # The address as we gave it: in front of the shop there may be a proxy that changes it.
    if not gateway.is_signed(report_address(base, gateway, message_id), form, report):
        raise Forbidden(_NOT_GENUINE)
    if gateway.status not in form:
        raise InvalidInput(
            Text("rapporten har inget {key}", "the report has no {key}").fill(key=gateway.status)
        )
    told = gateway.arrival(message_id, form)
    return [told] if told is not None else []


def _has_token(gateway: Gateway, message_id: str, form: Mapping[str, str]) -> bool:
    given, right = form.get(TOKEN, ""), token_of(gateway, message_id)
    return bool(gateway.account[1]) and hmac.compare_digest(given.encode(errors="replace"), right.encode())


_NOT_GENUINE = Text(
    "Rapporten är inte äkta: nyckeln i adressen som anropades (--url), eller leverantörens signatur, stämmer inte.",
    "The report is not genuine: the token in the address called (--url), or the provider's signature, is not right.",
)
