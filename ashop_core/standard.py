"""The statuses, flows and methods that ship: data only; settings and plugins relabel and extend them."""

from __future__ import annotations

from itertools import pairwise

from ashop_core.models import (
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
from ashop_core.texts import Text

PARCEL_NUMBER = Field(
    code="parcel_number", type=FieldType.PARCEL_NUMBER, label=Text("Kollinummer", "Parcel number")
)

COLLECT_BY = Field(
    code="collect_by", type=FieldType.DEADLINE, label=Text("Hämtas senast", "Collect by"), default_days=14
)


def _checkout(code: str, sv: str, en: str, role: Role) -> Status:
    return Status(code=code, label=Text(sv, en), stage=Stage.CHECKOUT, stock=Place.FREE, role=role)


STATUSES: tuple[Status, ...] = (
    _checkout("started", "Påbörjad", "Started", Role.START),
    _checkout("details_given", "Uppgifter ifyllda", "Details given", Role.DETAILS),
    _checkout("awaiting_payment", "Inväntar betalning", "Awaiting payment", Role.PAYING),
    _checkout("abandoned", "Avbruten", "Abandoned", Role.ABANDONED),
    Status(
        code="received",
        label=Text("Mottagen", "Received"),
        customer_label=Text("Mottagen", "Received"),
        stage=Stage.OPEN,
        stock=Place.HELD,
        role=Role.PLACED,
        notify=("email",),
    ),
    Status(
        code="reviewed",
        label=Text("Granskad", "Reviewed"),
        customer_label=Text("Behandlas", "In progress"),
        stage=Stage.OPEN,
        stock=Place.HELD,
    ),
    Status(
        code="ready_for_pickup",
        label=Text("Klar att hämta i butik", "Ready for pick-up in store"),
        customer_label=Text("Klar att hämta i butik", "Ready for pick-up in store"),
        stage=Stage.OPEN,
        stock=Place.HELD,
        must_be_approved=True,
        fields=(COLLECT_BY,),
        notify=("email", "sms"),
    ),
    Status(
        code="partly_shipped",
        label=Text("Delvis skickad", "Partly shipped"),
        customer_label=Text("Delvis skickad", "Partly shipped"),
        stage=Stage.OPEN,
        stock=None,
        role=Role.PARTIAL,
        must_be_approved=True,
        must_be_paid=True,
        fields=(PARCEL_NUMBER,),
    ),
    Status(
        code="shipped",
        label=Text("Skickad", "Shipped"),
        customer_label=Text("Skickad", "Shipped"),
        stage=Stage.DONE,
        stock=Place.GONE,
        must_be_approved=True,
        must_be_paid=True,
        fields=(PARCEL_NUMBER,),
        notify=("email", "sms"),
    ),
    Status(
        code="picked_up",
        label=Text("Hämtad", "Picked up"),
        customer_label=Text("Hämtad", "Picked up"),
        stage=Stage.DONE,
        stock=Place.GONE,
        must_be_approved=True,
        must_be_paid=True,
    ),
    Status(
        code="delivered",
        label=Text("Levererad", "Delivered"),
        customer_label=Text("Levererad", "Delivered"),
        stage=Stage.DONE,
        stock=Place.GONE,
        must_be_approved=True,
        must_be_paid=True,
    ),
    Status(
        code="cancelled",
        label=Text("Makulerad", "Cancelled"),
        customer_label=Text("Makulerad", "Cancelled"),
        stage=Stage.VOID,
        stock=Place.FREE,
        reason_required=True,
        final=True,
    ),
    Status(
        code="returned",
        label=Text("Returnerad", "Returned"),
        customer_label=Text("Returnerad", "Returned"),
        stage=Stage.VOID,
        stock=Place.FREE,
        final=True,
    ),
)


def steps(chain: str, *flows: str) -> tuple[Transition, ...]:
    """Return the transitions of a chain written ``"received > reviewed > shipped"``."""
    codes = [code.strip() for code in chain.split(">")]
    names = frozenset(flows)
    return tuple(Transition(source=a, target=b, flows=names) for a, b in pairwise(codes))


TRANSITIONS: tuple[Transition, ...] = (
    *steps("started > details_given > awaiting_payment > received"),
    *steps("details_given > received"),
    *steps("awaiting_payment > details_given"),
    *steps("started > abandoned > details_given"),
    *steps("details_given > abandoned > received"),
    *steps("awaiting_payment > abandoned"),
    *steps("received > reviewed > cancelled"),
    *steps("received > cancelled"),
    *steps("reviewed > shipped > delivered > returned", "post"),
    *steps("reviewed > partly_shipped > shipped > returned", "post"),
    *steps("reviewed > ready_for_pickup > picked_up > returned", "pickup"),
    *steps("ready_for_pickup > cancelled", "pickup"),
)

DELIVERY_METHODS: tuple[DeliveryMethod, ...] = (
    DeliveryMethod(
        code="post", label=Text("Posten", "Post"), flow="post", price=0, parcel_number=ParcelNumber.ASKED
    ),
    DeliveryMethod(
        code="pickup", label=Text("Hämtas i butik", "Pick up in store"), flow="pickup", needs_address=False
    ),
)

PAYMENT_METHODS: tuple[PaymentMethod, ...] = (
    PaymentMethod(code="card", label=Text("Kort", "Card"), pays_first=True),
    PaymentMethod(code="invoice", label=Text("Faktura", "Invoice"), needs_approval=True),
)


def _list(code: str, sv: str, en: str, where: str) -> SavedFilter:
    return SavedFilter(code=code, label=Text(sv, en), where=where)


FILTERS: tuple[SavedFilter, ...] = (
    _list("to_review", "Att granska", "To review", "role=placed"),
    _list("to_approve", "Väntar godkännande", "Awaiting approval", "stage=open, approval=missing"),
    _list(
        "to_ship",
        "Att skicka eller lämna ut",
        "To ship or hand over",
        "stage=open, next=gone, approval=settled",
    ),
    _list("untouched", "Orörda i tre dagar", "Untouched for three days", "stage=open, idle=3d"),
    _list("flagged", "Flaggade", "Flagged", "stage=open, flagged=yes"),
    _list("unpaid", "Obetalda (förfallna)", "Unpaid (overdue)", "overdue=yes"),
    _list("late_pickup", "Ej hämtade", "Not collected", "late=yes"),
    _list("abandoned", "Avbrutna (sju dagar)", "Abandoned (seven days)", "role=abandoned, since=7d"),
)
