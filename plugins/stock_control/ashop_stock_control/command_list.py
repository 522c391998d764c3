"""The commands of `ashop stock` with one sentence each; what they need is imported when one is used."""

from __future__ import annotations

from ashop_core.texts import Text


def _row(
    path: str, attribute: str, sv: str, en: str, module: str = "commands"
) -> tuple[str, str | None, Text]:
    return path, f"ashop_stock_control.{module}:{attribute}", Text(sv, en)


COMMANDS: tuple[tuple[str, str | None, Text], ...] = (
    ("stock", None, Text("Lagret: artiklar, saldon och rörelser.", "The stock: items, balances and movements.")),
    _row("stock list", "list_", "Lista artiklar med lagerstatus och saldo.", "List items with status and balance.", "list_command"),
    _row("stock show", "show", "Visa allt om en artikel.", "Show everything about an item."),
    _row("stock explain", "explain", "Berätta vad som avgör om en artikel.", "Tell what decides about an item.", "explain_command"),
    _row("stock alerts", "alerts", "Lista varningar om lågt saldo och översålt.", "List warnings of low and oversold items.", "alerts_command"),
    _row("stock add", "add", "Lägg upp en artikel.", "Add an item."),
    _row("stock edit", "edit", "Ändra en artikels namn, grupp och villkor.", "Change an item's name, group and terms.", "edit_command"),
    _row("stock receive", "receive", "Ta emot varor.", "Receive goods."),
    _row("stock adjust", "adjust", "Rätta saldot, upp eller ned.", "Correct the balance, up or down."),
    _row("stock count", "count", "Ange vad som räknades på hyllan.", "Say what was counted on the shelf."),
    _row("stock set", "set_", "Sätt en lagerstatus för hand.", "Set a stock status by hand."),
    _row("stock history", "history", "Visa en artikels rörelser, nyaste först.", "Show an item's movements, newest first."),
    _row("stock import", "import_", "Läs in artiklar och saldon ur en CSV-fil.", "Import items and balances from a CSV file.",
         "file_commands"),
    _row("stock export", "export", "Skriv artiklar och saldon till en CSV-fil.", "Write items and balances to a CSV file.",
         "file_commands"),
    ("stock rules", None, Text("Lagerreglerna.", "The stock rules.")),
    _row("stock rules list", "list_", "Lista lagerreglerna.", "List the stock rules.", "rules_commands"),
    _row("stock rules add", "add", "Lägg till en lagerregel.", "Add a stock rule.", "rules_commands"),
    _row("stock rules remove", "remove", "Ta bort en lagerregel.", "Remove a stock rule.", "rules_commands"),
    _row("stock rules try", "try_", "Pröva en lagerregel utan att ändra något.", "Try a stock rule, changing nothing.",
         "rules_commands"),
    _row("stock rules apply", "apply", "Låt reglerna gälla alla artiklar nu.", "Let the rules apply to all items now.",
         "rules_commands"),
    _row("stock simulate", "simulate", "Pröva en policy eller regel på butikens egna ordrar.", "Try a policy or rule on the shop's own orders.", "simulate_command"),
    _row("stock race", "race", "Låt många köpa de sista samtidigt.", "Let many buy the last at once.", "race_command"),
)  # fmt: skip
