"""The words for the kinds of movements and warnings, and for those who made them."""

from __future__ import annotations

from ashop_core.texts import Text, same
from ashop_stock_control.alerts import AlertKind
from ashop_stock_control.ledger import Kind

KINDS: dict[Kind, Text] = {
    Kind.RECEIVE: Text("Mottaget", "Received"),
    Kind.ADJUST: Text("Justerat", "Adjusted"),
    Kind.COUNT: Text("Räknat", "Counted"),
    Kind.STATUS: Text("Lagerstatus", "Stock status"),
    Kind.EDIT: Text("Ändrad", "Edited"),
    Kind.RULE: Text("Regel", "Rule"),
    Kind.REPAIR: Text("Rättat av doctor", "Put right by doctor"),
    Kind.TAKE: Text("Taget", "Taken"),
    Kind.SHIP: Text("Skickat", "Shipped"),
    Kind.RELEASE: Text("Släppt", "Released"),
    Kind.LAPSE: Text("Hållning utgången", "Hold ran out"),
    Kind.TAKE_BACK: Text("Återtaget", "Taken back"),
    Kind.UNSHIP: Text("Tillbakahämtat", "Unshipped"),
    Kind.UNDO: Text("Ångrat", "Undone"),
}

ALERTS: dict[AlertKind, Text] = {
    AlertKind.LOW: Text("Lågt saldo", "Low balance"),
    AlertKind.OVERSOLD: Text("Översåld", "Oversold"),
}

_ACTORS = {
    "staff": Text("personalen", "staff"),
    "customer": Text("kunden", "the customer"),
    "import": Text("en import", "an import"),
    "ashop work": Text("ashop work", "ashop work"),
}


def who(actor: str) -> Text:
    """Return who did it, within a sentence."""
    return _ACTORS.get(actor) or same(actor)
