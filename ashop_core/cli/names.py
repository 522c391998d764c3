"""What people call things: statuses by code or label, and the words for what the core keeps as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ashop_core.errors import InvalidInput, NotFound
from ashop_core.flows import Flows
from ashop_core.models import Delivery, Kind, Order, PaymentKind, PaymentStatus, Stage, Status
from ashop_core.texts import Text, joined, same

ACTORS: Mapping[str, Text] = {
    "staff": Text("personal", "staff"),
    "customer": Text("kunden", "customer"),
    "import": Text("import", "import"),
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
}


def find_status(flows: Flows, words: str, order: Order | None = None) -> Status:
    """Return the status that people mean: its code, or its label in either language, in any case.

    Raises NotFound or InvalidInput with the choices: those that `order` may enter now, if it is given.
    """
    meant = _plain(words)
    found = [s for s in flows.statuses.values() if meant in _names(s)]
    exact = [s for s in found if _plain(s.code) == meant]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        # Two statuses may have the same label; mostly only one of them can be meant here.
        here = [s for s in found if order is not None and s in flows.next_statuses(order)]
        if len(here) == 1:
            return here[0]
        raise InvalidInput(
            Text(
                "”{words}” kan vara {choices}. Ange koden.", "“{words}” may be {choices}. Give the code."
            ).fill(words=words, choices=status_choices(found))
        )
    raise _no_status(flows, words, order)


def _no_status(flows: Flows, words: str, order: Order | None) -> NotFound:
    if order is None:
        return NotFound(
            Text(
                "Det finns ingen status ”{words}”. Välj bland: {choices}.",
                "There is no status “{words}”. Choose from: {choices}.",
            ).fill(words=words, choices=status_choices(flows.statuses.values()))
        )
    return NotFound(
        Text(
            "Det finns ingen status ”{words}”. {name} är {status} och kan bli: {choices}.",
            "There is no status “{words}”. {name} is {status} and may become: {choices}.",
        ).fill(
            words=words,
            name=order.name,
            status=flows.status(order.status).label,
            choices=status_choices(flows.next_statuses(order)),
        )
    )


def status_choices(statuses: Iterable[Status]) -> Text:
    """Return statuses as a person may choose among them: label and code."""
    texts = [Text(f"{s.label.sv} ({s.code})", f"{s.label.en} ({s.code})") for s in statuses]
    return joined(texts) if texts else same("–")


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


def _names(status: Status) -> set[str]:
    return {_plain(status.code), _plain(status.label.sv), _plain(status.label.en)}


def _plain(words: str) -> str:
    return " ".join(words.casefold().replace("_", " ").split())
