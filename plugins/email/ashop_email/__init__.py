"""E-mail to customers: a channel that writes `.eml` files until the shop has a mail server, then sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core import hookimpl
from ashop_email.settings import EmailSettings as Settings

if TYPE_CHECKING:
    from ashop_core.channels import Channel
    from ashop_core.finding import Finding
    from ashop_core.settings import Settings as AllSettings
    from ashop_core.shop import Shop

__all__ = ["Settings"]


@hookimpl
def ashop_register_channels(settings: AllSettings) -> list[Channel]:
    """Give the channel `email`."""
    from ashop_email.channel import EmailChannel

    return [EmailChannel(settings)]


@hookimpl
def ashop_describe_health(shop: Shop) -> list[Finding]:
    """Tell whether mail reaches anybody."""
    from ashop_email.health import findings

    return list(findings(shop))
