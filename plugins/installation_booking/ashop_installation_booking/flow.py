"""What delivery with installation adds to the shop's flows: data only."""

from __future__ import annotations

from ashop_core.flows import FlowParts
from ashop_core.models import DeliveryMethod, Field, FieldType, ParcelNumber, Place, Stage, Status
from ashop_core.standard import steps
from ashop_core.texts import Text

FLOW = "installation"

BOOKED_TIME = Field(
    code="booked_time", type=FieldType.DATE_TIME, label=Text("Bokad tid", "Booked time"), required=True
)

PARTS = FlowParts(
    statuses=(
        Status(
            code="delivery_booked",
            label=Text("Leverans bokad", "Delivery booked"),
            customer_label=Text("Leverans bokad", "Delivery booked"),
            stage=Stage.OPEN,
            stock=Place.HELD,
            fields=(BOOKED_TIME,),
            notify=("email", "sms"),
        ),
        Status(
            code="installed",
            label=Text("Installerad", "Installed"),
            customer_label=Text("Installerad", "Installed"),
            stage=Stage.DONE,
            stock=Place.GONE,
            must_be_approved=True,
            must_be_paid=True,
        ),
    ),
    transitions=(
        *steps("reviewed > delivery_booked > installed > returned", FLOW),
        *steps("delivery_booked > reviewed", FLOW),  # nobody at home
        *steps("delivery_booked > shipped > installed", FLOW),  # the goods are sent ahead
        *steps("shipped > returned", FLOW),
        *steps("delivery_booked > cancelled", FLOW),
    ),
    delivery_methods=(
        DeliveryMethod(
            code="installation",
            label=Text("Leverans med installation", "Delivery with installation"),
            flow=FLOW,
            parcel_number=ParcelNumber.ASKED,  # only where the goods are sent ahead: `shipped` asks for it
        ),
    ),
)
