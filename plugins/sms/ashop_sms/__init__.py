"""SMS to customers: a channel that writes text files until the shop has a provider, then sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core import hookimpl
from ashop_sms.settings import SmsSettings as Settings

if TYPE_CHECKING:
    from ashop_core.outbox import Channel
    from ashop_core.settings import Settings as AllSettings

__all__ = ["Settings"]


@hookimpl
def ashop_register_channels(settings: AllSettings) -> list[Channel]:
    """Give the channel `sms`."""
    from ashop_sms.channel import SmsChannel

    return [SmsChannel(settings)]
