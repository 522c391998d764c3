"""The payment method that the plugin brings; invoice and card are the core's, and stay as they are."""

from __future__ import annotations

from ashop_core.flows import FlowParts
from ashop_core.models import PaymentMethod
from ashop_core.texts import Text

PREPAYMENT = PaymentMethod(
    code="prepayment",
    label=Text("Förskottsbetalning", "Prepayment"),
    paid_before_shipping=True,
    due_days=7,
)

PARTS = FlowParts(payment_methods=(PREPAYMENT,))
