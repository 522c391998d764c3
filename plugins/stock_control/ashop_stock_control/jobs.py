"""The timed work of stock control, done by `ashop work`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.models import Job
from ashop_core.outbox import JobHandler
from ashop_core.texts import Text
from ashop_stock_control.checkout_holds import lapse_due

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def _lapse(shop: Shop, _: Mapping[str, Any]) -> None:
    lapse_due(shop)


HANDLERS = (
    JobHandler(
        Job(
            code="stock_lapse_holds",
            label=Text(
                "Frigör varor som kassor inte betalat i tid", "Free goods that checkouts did not pay in time"
            ),
            every=timedelta(minutes=1),
        ),
        _lapse,
    ),
)
