"""46elks, after its published API: a form with Basic authentication, an id back, reports without a signature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.models import Arrival
from ashop_sms.gateways import Gateway

if TYPE_CHECKING:
    from ashop_sms.settings import ElksSettings


def elks(settings: ElksSettings) -> Gateway:
    """Return 46elks with this account."""
    return Gateway(
        name="46elks",
        url=settings.url,
        account=(settings.user, settings.password.reveal()),
        timeout=timedelta(seconds=settings.timeout),
        sender="from",
        to="to",
        text="message",
        report="whendelivered",
        id="id",
        failed=frozenset({"failed"}),
        status="status",
        moment="delivered",
        arrivals={
            "created": Arrival.UNDERWAY,
            "sent": Arrival.UNDERWAY,
            "delivered": Arrival.DELIVERED,
            "failed": Arrival.FAILED,
        },
    )
