"""What the shop's people write on the orders."""

from __future__ import annotations

_ANY_NOTES = (
    "Stamkund, tack vare grannen.",
    "Kunden undrade om garantin: fem år, sagt per telefon.",
)
NOTES = {
    "post": (
        *_ANY_NOTES,
        "Portkod 4711, hissen är liten.",
        "Önskar presentinslagning.",
        "Kontrollerade adressen med kunden.",
    ),
    "pickup": (*_ANY_NOTES, "Önskar presentinslagning.", "Hämtar efter jobbet, vi har öppet till 17."),
    "installation": (
        *_ANY_NOTES,
        "Kunden ringde: helst en förmiddag.",
        "Frågade om ROT-avdrag, skickade blanketten.",
        "Ring före besöket, hunden är lös.",
    ),
}
REVIEWS = ("", "", "", "", "", "", "Adress och belopp stämmer", "Ser bra ut")
APPROVALS = ("", "", "Kreditupplysning utan anmärkning", "Godkänd per telefon")
REGRETS = (
    "Kunden ångrade sig",
    "Beställde fel storlek, lägger en ny order",
    "Kunden hittade den närmare hemmet",
    "Dubbelbeställning",
)
NOT_COLLECTED = "Ej uthämtad efter två påminnelser"
NOBODY_HOME = "Ingen hemma. Ringde, bokar en ny tid."
SENT_AHEAD = "Godset skickat i förväg med budbil"
TWO_PARCELS = ("Resten kommer med nästa leverans", "Delas: resten packas i morgon")
RETURNS = ("Ångerrätt, oöppnad", "Passade inte, tillbaka i lager")
