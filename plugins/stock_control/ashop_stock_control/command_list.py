"""The commands of `ashop stock` with one sentence each; what they need is imported when one is used."""

from __future__ import annotations

from ashop_core.texts import Text


def _row(path: str, target: str, sv: str, en: str) -> tuple[str, str | None, Text]:
    return f"stock {path}", f"ashop_stock_control.cli.{target}", Text(sv, en)


COMMANDS: tuple[tuple[str, str | None, Text], ...] = (
    ("stock", None, Text("Lagret: artiklar, saldon och rörelser.", "The stock: items, balances and movements.")),
    _row("list", "list_items:list_", "Lista artiklar med lagerstatus och saldo.", "List items with status and balance."),
    _row("show", "items:show", "Visa allt om en artikel.", "Show everything about an item."),
    _row("explain", "explain:explain", "Berätta vad som avgör om en artikel.", "Tell what decides about an item."),
    _row("alerts", "alerts:alerts", "Lista varningar om lågt saldo och översålt.", "List warnings of low and oversold."),
    _row("add", "items:add", "Lägg upp en artikel.", "Add an item."),
    _row("edit", "edit:edit", "Ändra en artikels namn, grupp och villkor.", "Change an item's name, group and terms."),
    _row("receive", "items:receive", "Ta emot varor.", "Receive goods."),
    _row("adjust", "items:adjust", "Rätta saldot, upp eller ned.", "Correct the balance, up or down."),
    _row("count", "items:count", "Ange vad som räknades på hyllan.", "Say what was counted on the shelf."),
    _row("set", "items:set_", "Sätt en lagerstatus för hand.", "Set a stock status by hand."),
    _row("history", "items:history", "Visa en artikels rörelser, nyaste först.", "Show an item's movements, newest first."),
    _row("import", "files:import_", "Läs in artiklar och saldon ur en CSV-fil.", "Import items and balances from CSV."),
    _row("export", "files:export", "Skriv artiklar och saldon till en CSV-fil.", "Export items and balances to CSV."),
    ("stock rules", None, Text("Lagerreglerna.", "The stock rules.")),
    _row("rules list", "rules:list_", "Lista lagerreglerna.", "List the stock rules."),
    _row("rules add", "rules:add", "Lägg till en lagerregel.", "Add a stock rule."),
    _row("rules remove", "rules:remove", "Ta bort en lagerregel.", "Remove a stock rule."),
    _row("rules try", "rules:try_", "Pröva en lagerregel utan att ändra något.", "Try a stock rule, changing nothing."),
    _row("rules apply", "rules:apply", "Låt reglerna gälla alla artiklar nu.", "Let the rules apply to all items now."),
    _row("simulate", "simulate:simulate", "Pröva policy och regler på gamla ordrar.", "Try policy and rules on old orders."),
    _row("race", "race:race", "Låt många köpa de sista samtidigt.", "Let many buy the last at once."),
)  # fmt: skip
