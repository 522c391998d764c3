"""What people call things: statuses by code or label, and the words for what the core keeps as codes."""

from __future__ import annotations

from collections.abc import Mapping

from ashop_core.cli.language import say
from ashop_core.cli.terminal import clean
from ashop_core.flows import Flows
from ashop_core.models import (
    Arrival,
    AttemptOutcome,
    Audience,
    Delivery,
    FollowUp,
    Kind,
    PaymentKind,
    PaymentStatus,
    Stage,
)
from ashop_core.naming import find_status, status_choices
from ashop_core.texts import Text, same

__all__ = [
    "ACTORS", "ARRIVALS", "ATTEMPTS", "AUDIENCES", "DELIVERIES", "DONE", "ENTRIES", "FOLLOW_UPS", "KINDS", "PAYMENTS",
    "STAGES", "actor_label", "delivery_label", "field_label", "find_status", "payment_label", "status_choices",
]  # fmt: skip

ACTORS: Mapping[str, Text] = {
    "staff": Text("personal", "staff"),
    "customer": Text("kunden", "customer"),
    "import": Text("import", "import"),
    "ashop work": Text("automatiskt", "automatically"),
}
"""Who did it, where the history names no person."""
STAGES: Mapping[Stage, Text] = {
    Stage.CHECKOUT: Text("kassan", "checkout"),
    Stage.OPEN: Text("öppen", "open"),
    Stage.DONE: Text("klar", "done"),
    Stage.VOID: Text("ogiltig", "void"),
}
PAYMENTS: Mapping[PaymentStatus, Text] = {
    PaymentStatus.UNPAID: Text("obetald", "unpaid"),
    PaymentStatus.AUTHORISED: Text("reserverad", "authorised"),
    PaymentStatus.PART_PAID: Text("delbetald", "part paid"),
    PaymentStatus.PAID: Text("betald", "paid"),
    PaymentStatus.FAILED: Text("misslyckad", "failed"),
    PaymentStatus.PART_REFUNDED: Text("delvis återbetald", "part refunded"),
    PaymentStatus.REFUNDED: Text("återbetald", "refunded"),
}
ENTRIES: Mapping[PaymentKind, Text] = {
    PaymentKind.AUTHORISED: Text("reserverat", "authorised"),
    PaymentKind.PAID: Text("betalt", "paid"),
    PaymentKind.FAILED: Text("misslyckat", "failed"),
    PaymentKind.REFUNDED: Text("återbetalt", "refunded"),
}
DELIVERIES: Mapping[Delivery, Text] = {
    Delivery.WAITING: Text("väntar", "waiting"),
    Delivery.CLAIMED: Text("skickas", "being sent"),
    Delivery.SENT: Text("skickat", "sent"),
    Delivery.DEAD: Text("uppgivet", "given up"),
    Delivery.SUPPRESSED: Text("skickades inte", "not sent"),
}
ARRIVALS: Mapping[Arrival, Text] = {
    Arrival.UNKNOWN: Text("ingen rapport", "no report"),
    Arrival.UNDERWAY: Text("på väg", "on its way"),
    Arrival.DELIVERED: Text("framme", "delivered"),
    Arrival.FAILED: Text("kom inte fram", "not delivered"),
}
"""What the receiving side told of a message since it took it."""
ATTEMPTS: Mapping[AttemptOutcome, Text] = {
    AttemptOutcome.STARTED: Text("avbröts, utfallet okänt", "broken off, outcome unknown"),
    AttemptOutcome.SENT: Text("skickat", "sent"),
    AttemptOutcome.REFUSED: Text("nekades", "refused"),
    AttemptOutcome.LATER: Text("gick inte", "failed"),
    AttemptOutcome.UNSURE: Text("inget svar, kan ha kommit fram", "no answer, may have arrived"),
    AttemptOutcome.UNREACHABLE: Text("gick inte att nå", "could not be reached"),
    AttemptOutcome.SUPPRESSED: Text("skickades inte", "not sent"),
}
AUDIENCES: Mapping[Audience, Text] = {
    Audience.CUSTOMER: Text("kunden", "the customer"),
    Audience.STAFF: Text("personalen", "staff"),
}
DONE = Text("gjort", "done")
"""What a job is that was delivered: nothing was sent."""
KINDS: Mapping[Kind, Text] = {
    Kind.CREATED: Text("Skapad", "Created"),
    Kind.DETAILS: Text("Uppgifter", "Details"),
    Kind.PLACED: Text("Lagd", "Placed"),
    Kind.IMPORTED: Text("Importerad", "Imported"),
    Kind.STATUS: Text("Status", "Status"),
    Kind.LINES: Text("Rader", "Lines"),
    Kind.PARCEL: Text("Kolli", "Parcel"),
    Kind.RETURN: Text("Retur", "Return"),
    Kind.APPROVAL: Text("Godkänd", "Approved"),
    Kind.PAYMENT: Text("Betalning", "Payment"),
    Kind.NOTE: Text("Anteckning", "Note"),
    Kind.UNDO: Text("Ångrad", "Undone"),
    Kind.REMINDER: Text("Påminnelse", "Reminder"),
    Kind.FOLLOW_UP: Text("Uppföljning", "Follow-up"),
    Kind.MIGRATED: Text("Flyttad till ny status", "Moved to a new status"),
    Kind.ANONYMISED: Text("Avidentifierad", "Anonymised"),
}
FOLLOW_UPS: Mapping[FollowUp, Text] = {
    FollowUp.CONTACTED: Text("kontaktad", "contacted"),
    FollowUp.RECOVERED: Text("återvunnen", "recovered"),
    FollowUp.LOST: Text("förlorad", "lost"),
}


def actor_label(actor: str) -> str:
    """Return who did it, as people read it."""
    return say(ACTORS[actor]) if actor in ACTORS else clean(actor)


def payment_label(flows: Flows, code: str) -> Text:
    """Return the label of a payment method; the code itself where the shop no longer has it."""
    method = flows.payment_methods.get(code)
    return method.label if method else same(code)


def delivery_label(flows: Flows, code: str) -> Text:
    """Return the label of a delivery method; the code itself where the shop no longer has it."""
    method = flows.delivery_methods.get(code)
    return method.label if method else same(code)


def field_label(flows: Flows, code: str) -> Text:
    """Return the label of a field that some status asks for; the code itself where none does any more."""
    fields = (f for status in flows.statuses.values() for f in status.fields)
    return next((f.label for f in fields if f.code == code), same(code))
