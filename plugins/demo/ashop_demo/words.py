"""What the shop's people write on the orders."""

from __future__ import annotations

NOTES = (
    "Kunden ringde: vill helst ha leverans efter kl. 17.",
    "Portkod 4711, hissen är liten.",
    "Önskar presentinslagning.",
    "Frågade om ROT-avdrag, skickade blanketten.",
    "Stamkund, tack vare grannen.",
    "Kunden undrade om garantin: fem år, sagt per telefon.",
    "Ring före leverans, hunden är lös.",
    "Kontrollerade adressen med kunden.",
)
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
