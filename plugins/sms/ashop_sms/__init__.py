"""SMS to customers: a channel that writes text files until the shop has a provider, then sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core import hookimpl
from ashop_sms.settings import SmsSettings as Settings

if TYPE_CHECKING:
    from ashop_core.channels import Channel
    from ashop_core.finding import Finding
    from ashop_core.models import Order
    from ashop_core.settings import Settings as AllSettings
    from ashop_core.shop import Shop
    from ashop_core.tables import Migration
    from ashop_core.transaction import ChangeTransaction

__all__ = ["Settings"]


@hookimpl
def ashop_register_channels(settings: AllSettings) -> list[Channel]:
    """Give the channel `sms`."""
    from ashop_sms.channel import SmsChannel

    return [SmsChannel(settings)]


@hookimpl
def ashop_register_tables(settings: AllSettings) -> tuple[Migration, ...]:
    """Give the tables in which SMS are counted."""
    from ashop_sms.tables import MIGRATIONS

    return MIGRATIONS


@hookimpl
def ashop_on_order_anonymised(tx: ChangeTransaction, order: Order) -> None:
    """Forget the numbers that an order's SMS went to."""
    from ashop_sms.tables import forget

    forget(tx, order)


@hookimpl
def ashop_describe_health(shop: Shop) -> list[Finding]:
    """Tell what the limits have stopped, and whether SMS reach anybody."""
    from ashop_sms.health import findings

    return list(findings(shop))
