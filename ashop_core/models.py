"""The words of the order desk as data: flows, orders, changes, messages; everything here is frozen.

This is where all others take them from. Amounts are minor units of the order's currency, times are UTC.
"""

from __future__ import annotations

from ashop_core.change_models import (
    Change,
    Edit,
    Effect,
    Entry,
    Kind,
    Move,
    NewParcel,
    NewPayment,
    NewReturn,
    Refusal,
)
from ashop_core.flow_models import (
    DeliveryMethod,
    Field,
    FieldType,
    ParcelNumber,
    PaymentMethod,
    Place,
    Role,
    SavedFilter,
    Stage,
    Status,
    Transition,
)
from ashop_core.message_models import Delivery, Job, Message, PlannedMessage, Rendered, Section
from ashop_core.order_models import (
    Customer,
    FollowUp,
    ImportedOrder,
    NewLine,
    Order,
    OrderLine,
    Parcel,
    ParcelInfo,
    Payment,
    PaymentKind,
    PaymentStatus,
    left_of,
)

__all__ = [
    "Change",
    "Customer",
    "Delivery",
    "DeliveryMethod",
    "Edit",
    "Effect",
    "Entry",
    "Field",
    "FieldType",
    "FollowUp",
    "ImportedOrder",
    "Job",
    "Kind",
    "Message",
    "Move",
    "NewLine",
    "NewParcel",
    "NewPayment",
    "NewReturn",
    "Order",
    "OrderLine",
    "Parcel",
    "ParcelInfo",
    "ParcelNumber",
    "Payment",
    "PaymentKind",
    "PaymentMethod",
    "PaymentStatus",
    "Place",
    "PlannedMessage",
    "Refusal",
    "Rendered",
    "Role",
    "SavedFilter",
    "Section",
    "Stage",
    "Status",
    "Transition",
    "left_of",
]
