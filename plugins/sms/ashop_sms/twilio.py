"""Twilio, after its published API: a form with Basic authentication, a SID back, reports signed with the auth token."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ashop_core.models import Arrival
from ashop_sms.gateways import Gateway

if TYPE_CHECKING:
    from ashop_core.channels import IncomingReport
    from ashop_sms.settings import TwilioSettings

_ABOUT_THE_ACCOUNT = frozenset({20003, 20429, 21212, 21601, 21603, 21606, 21659, 21660})
"""Error codes of a no with status 400 that is not about the recipient: the login, the pace, the sender."""
_PORTS = {"https": 443, "http": 80}


def twilio(settings: TwilioSettings) -> Gateway:
    """Return Twilio with this account."""
    token = settings.token.reveal()
    return Gateway(
        name="Twilio",
        url=f"{settings.url.rstrip('/')}/2010-04-01/Accounts/{settings.account}/Messages.json",
        account=(settings.account, token),
        timeout=timedelta(seconds=settings.timeout),
        sender="From",
        to="To",
        text="Body",
        report="StatusCallback",
        id="sid",
        failed=frozenset({"failed", "undelivered", "canceled"}),
        account_codes=_ABOUT_THE_ACCOUNT,
        status="MessageStatus",
        error="ErrorCode",
        arrivals={
            **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), Arrival.UNDERWAY),
            **dict.fromkeys(("delivered", "read"), Arrival.DELIVERED),
            **dict.fromkeys(("undelivered", "failed", "canceled"), Arrival.FAILED),
        },
        is_signed=partial(_is_signed, token),
    )


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return what Twilio signs a report with: the address it calls, then each parameter by name, name and value."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(token.encode(), signed.encode(errors="replace"), "sha1")).decode()


def _is_signed(token: str, url: str, form: Mapping[str, str], report: IncomingReport) -> bool:
    given = report.headers.get("x-twilio-signature", "").encode(errors="replace")
    return any(hmac.compare_digest(given, signature(token, u, form).encode()) for u in _spellings(url))


def _spellings(url: str) -> set[str]:
    """Return an address with and without its port: Twilio signs either."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    port = parts.port or _PORTS[parts.scheme]
    return {url, *(urlunsplit(parts._replace(netloc=netloc)) for netloc in (host, f"{host}:{port}"))}
