"""Delivery reports as 46elks and Twilio send them, made by hand after what they publish and not by the plugin."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from urllib.parse import urlencode

from ashop_core.channels import IncomingReport
from ashop_core.models import Message
from tests.sms_gateways import ACCOUNT, ELKS, REPORTS, SECRET, Kind


def token(message_id: str, secret: str = SECRET) -> str:
    """Return the token of a message."""
    return hmac.new(
        secret.encode(), b"ashop delivery report " + message_id.encode(), hashlib.sha256
    ).hexdigest()


def report_on(
    kind: Kind,
    message: Message | str,
    status: str,
    *,
    secret: str = SECRET,
    error: str = "",
    key: str | None = None,
) -> IncomingReport:
    """Return a report on a message; `key` is another message's token, `secret` the account's password."""
    id_ = message if isinstance(message, str) else message.message_id
    query = {"message": id_, "token": token(id_, secret) if key is None else key}
    url = f"{REPORTS}?{urlencode(query)}"
    if kind is ELKS:
        form = {"id": "s1", "status": status}
        if status == "delivered":
            form["delivered"] = "2026-11-23T12:03:04.567000"
        return IncomingReport(url=url, form={**query, **form})
    form = {
        "SmsSid": "SM1", "SmsStatus": status, "MessageStatus": status, "To": "+46701740605", "MessageSid": "SM1",
        "AccountSid": ACCOUNT, "From": "VillaVarme", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    if error:
        form["ErrorCode"] = error
    return IncomingReport(
        url=url, form={**query, **form}, headers={"x-twilio-signature": signed(url, form, secret)}
    )


def signed(url: str, form: dict[str, str], secret: str = SECRET) -> str:
    """Return Twilio's signature of a report."""
    words = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return b64encode(hmac.new(secret.encode(), words.encode(), hashlib.sha1).digest()).decode()
